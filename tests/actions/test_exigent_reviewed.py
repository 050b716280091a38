"""A search before approval that was reviewed: who upholds has looked at its probe, and what was refused is not begun again."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from PIL import Image

from beholden.actions import evidence, exigent_review
from beholden.records.exigent import Exigent, ExigentState
from beholden.testing.drawn import draw
from tests.actions.test_exigent import again, begin, close, refuse, uphold
from tests.actions.test_life_of_authority import register
from tests.agency import Agency, Ready, rules_of, small_agency


@pytest.fixture
def agency() -> Agency:
    return small_agency()


def saved_anew(picture: bytes) -> bytes:
    """The same pixels in another file."""
    saved = io.BytesIO()
    Image.open(io.BytesIO(picture)).save(saved, "PNG", compress_level=1)
    assert saved.getvalue() != picture
    return saved.getvalue()


@pytest.fixture
def ready(agency: Agency) -> Ready:
    return agency.ready(1, 2, 3)


def test_req_11_who_upholds_has_looked_at_a_probe_outside_the_evidence_as_an_approver_has(
    agency: Agency, ready: Ready
) -> None:
    begun = begin(agency, ready)
    assert rules_of(agency, uphold, agency, begun, looks=False) == ["unmanifested-probe-is-looked-at"]
    assert agency.get(Exigent, begun.id).state is ExigentState.OPEN
    assert uphold(agency, begun).state is ExigentState.UPHELD
    unseen = begin(agency, ready)
    assert rules_of(agency, uphold, agency, unseen, looks=False) == ["unmanifested-probe-is-looked-at"], "of each one"
    evidence.import_manifest(
        agency.system, agency["stella"], register(draw(3, seed=7)), case=ready.case.id, file="register.csv"
    )
    assert uphold(agency, unseen, looks=False).state is ExigentState.UPHELD, "a register that came since has it"
    assert refuse(agency, begin(agency, ready)).state is ExigentState.REFUSED, "a refusal asks for no look"


@pytest.mark.parametrize("how", ["lapsed", "refused"])
def test_req_23_what_was_refused_or_lapsed_is_not_begun_again_and_approval_stays_open(
    agency: Agency, ready: Ready, how: str
) -> None:
    """The same sought, the same photograph declared or added anew, and another case of the same person: all one."""
    copy = agency.sought(ready.case, saved_anew(draw(3, seed=7)))
    unlike = agency.sought(ready.case, draw(5, seed=1))
    begun = begin(agency, ready)
    if how == "refused":
        refuse(agency, begun)
    else:
        agency.clock.pass_by(hours=24)
        again(agency, "ines", "sven", "ivo")
        assert "exigent-was-not-refused" in rules_of(agency, begin, agency, ready), "before any upkeep came"
        exigent_review.lapse_overdue(agency.system)
        close(agency, begun)
    for told in ({}, {"incident_id": begun.incident_id} if how == "refused" else {}, {"sought_id": copy.id}):
        assert rules_of(agency, begin, agency, ready, **told) == ["exigent-was-not-refused"]
    elsewhere = agency.case()
    same = agency.sought(elsewhere, draw(3, seed=7))
    moved = replace(ready, case=elsewhere, sought=same)
    assert rules_of(agency, begin, agency, moved) == ["exigent-was-not-refused"]
    assert len(agency.find(Exigent)) == 1
    assert begin(agency, ready, sought_id=unlike.id).state is ExigentState.OPEN, "another person is none of it"
    approved = agency.approve(agency.request(ready.case, ready.sought, ready.gallery))
    assert agency.search(approved).people == 3
