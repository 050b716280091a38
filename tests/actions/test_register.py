"""The register: two people for a source, a closed list of authorities, the purposes of the pack and no other."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from beholden.actions import register
from beholden.actions.register import GALLERY_SECRET
from beholden.errors import BadInput, Missing
from beholden.records.galleries import Gallery, GalleryState
from beholden.records.sources import AuthorityKind, Source, SourceState
from tests.agency import PURPOSE, Agency, last, rules_of


def propose(agency: Agency, officer: str = "stella", **changes: Any) -> Source:
    told: dict[str, Any] = {
        "name": "rendered people",
        "controller": "the project",
        "authority_kind": "synthetic",
        "citation": "generator manifest 1",
        "document_sha256": "AB" * 32,
        "jurisdiction": "CA",
        "purposes": (PURPOSE,),
        "valid_from": agency.clock.at,
        "valid_until": agency.clock.at + timedelta(days=1),
    }
    return register.propose_source(agency.system, agency[officer], **(told | changes))


def test_req_02_a_steward_proposes_and_a_privacy_officer_approves(agency: Agency) -> None:
    proposed = propose(agency)
    assert (proposed.state, proposed.proposed_by, proposed.decided_by) == (
        SourceState.PROPOSED,
        agency.ids["stella"],
        "",
    )
    assert proposed.document_sha256 == "ab" * 32
    approved = register.approve_source(agency.system, agency["pia"], source_id=proposed.id)
    assert approved == replace(proposed, version=1, state=SourceState.ACTIVE, decided_by=agency.ids["pia"])
    assert agency.get(Source, proposed.id) == approved
    assert last(agency) == ("source.approved", "done", [])


def test_req_02_whoever_proposed_a_source_does_not_decide_about_it(agency: Agency) -> None:
    agency.change_roles("stella", "steward", "privacy_officer")
    source = propose(agency)
    for decide in (
        partial(register.approve_source, agency.system),
        partial(register.refuse_source, agency.system, reason="no"),
    ):
        assert rules_of(agency, decide, agency["stella"], source_id=source.id) == ["source-decider-is-not-proposer"]
    assert agency.get(Source, source.id).state is SourceState.PROPOSED


@pytest.mark.parametrize("name", ["stella", "ines", "sven", "aude", "ada", "rosa"])
def test_req_02_only_a_privacy_officer_decides(agency: Agency, name: str) -> None:
    source = propose(agency)
    rules = rules_of(agency, register.approve_source, agency.system, agency[name], source_id=source.id)
    assert "role-privacy-officer-decides-sources" in rules


@pytest.mark.parametrize("name", ["pia", "ines", "sven", "aude", "ada", "rosa"])
def test_req_02_only_a_steward_proposes(agency: Agency, name: str) -> None:
    assert "role-steward-proposes-sources" in rules_of(agency, propose, agency, name)


def test_a_source_is_decided_once(agency: Agency) -> None:
    source = propose(agency)
    refused = register.refuse_source(agency.system, agency["pia"], source_id=source.id, reason="no instrument")
    assert (refused.state, refused.reason) == (SourceState.REFUSED, "no instrument")
    assert rules_of(agency, register.approve_source, agency.system, agency["pia"], source_id=source.id) == [
        "source-waits-for-decision"
    ]
    with pytest.raises(Missing):
        register.approve_source(agency.system, agency["pia"], source_id="0" * 32)


@pytest.mark.parametrize(
    "kind", ["consent-of-platform", "publicly-available", "scraped", "the web", "", "STATUTE", "synthetic "]
)
def test_req_06_an_authority_that_is_not_on_the_closed_list_is_refused_by_name(agency: Agency, kind: str) -> None:
    with pytest.raises(BadInput, match="is no authority to hold images; it must be one of: statute, warrant"):
        propose(agency, authority_kind=kind)
    assert agency.find(Source) == []
    assert agency.told(len(agency.leaves()) - 1)["authority_kind"] == [kind]


@pytest.mark.parametrize("kind", [one for one in AuthorityKind if one is not AuthorityKind.SYNTHETIC])
def test_req_06_a_synthetic_system_takes_no_other_source(agency: Agency, kind: AuthorityKind) -> None:
    assert rules_of(agency, propose, agency, authority_kind=kind) == ["only-synthetic-sources-here"]


def test_req_06_an_operational_system_takes_no_synthetic_source(agency: Agency) -> None:
    agency = agency.with_parts(profile="operational")
    assert rules_of(agency, propose, agency) == ["synthetic-source-in-synthetic-system"]
    assert propose(agency, authority_kind="warrant").authority_kind is AuthorityKind.WARRANT


@pytest.mark.parametrize("digest", ["", "ab", "g" * 64, "a" * 63, "a" * 65])
def test_the_instrument_is_named_by_its_digest(agency: Agency, digest: str) -> None:
    with pytest.raises(BadInput, match="take it with `sha256sum FILE`"):
        propose(agency, document_sha256=digest)


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"citation": " s1 "}, "source-has-citation"),
        ({"purposes": ()}, "source-has-purpose"),
        ({"purposes": ("mugshots",)}, "source-purposes-of-pack"),
        ({"purposes": (PURPOSE, "mugshots")}, "source-purposes-of-pack"),
        ({"valid_from": timedelta(days=2)}, "source-validity-runs-forward"),
    ],
)
def test_req_10_a_source_names_what_it_rests_on_and_purposes_of_the_pack(
    agency: Agency, changes: dict[str, Any], rule: str
) -> None:
    told = {k: agency.clock.at + v if isinstance(v, timedelta) else v for k, v in changes.items()}
    assert rules_of(agency, propose, agency, **told) == [rule]


def test_a_source_whose_validity_ended_before_it_was_decided_is_not_approved(agency: Agency) -> None:
    source = propose(agency)
    agency.change(source, valid_until=agency.clock.at)
    assert rules_of(agency, register.approve_source, agency.system, agency["pia"], source_id=source.id) == [
        "source-validity-is-not-over"
    ]


def test_a_source_is_suspended_and_resumed_with_a_change_each(agency: Agency) -> None:
    source = agency.source()
    suspend = partial(register.suspend_source, agency.system, agency["pia"], source_id=source.id, reason="court order")
    resume = partial(register.resume_source, agency.system, agency["pia"], source_id=source.id)
    assert rules_of(agency, resume) == ["source-can-be-resumed"]
    suspended = suspend()
    assert (suspended.state, suspended.reason) == (SourceState.SUSPENDED, "court order")
    assert rules_of(agency, suspend) == ["source-can-be-suspended"]
    assert resume().state is SourceState.ACTIVE
    with agency.system.database.begin() as tx:
        assert tx.next("changes") == 2


def test_req_10_a_gallery_has_purposes_of_the_pack_and_a_sealed_secret_of_its_own(agency: Agency) -> None:
    one, other = agency.gallery(), agency.gallery()
    assert replace(one, id="", secret=b"") == Gallery("", 0, one.kept, "references", (PURPOSE,), b"", GalleryState.OPEN)
    secrets = {agency.system.keys.open(g.id, g.secret, GALLERY_SECRET) for g in (one, other)}
    assert [len(secret) for secret in secrets] == [32, 32]
    open_gallery = partial(register.open_gallery, agency.system, agency["pia"], name="g")
    assert rules_of(agency, open_gallery, purposes=("mugshots",)) == ["gallery-purposes-of-pack"]
    assert rules_of(agency, open_gallery, purposes=()) == ["gallery-has-purpose"]


def test_a_gallery_is_closed_once_and_by_the_privacy_officer(agency: Agency) -> None:
    gallery = agency.gallery()
    close = partial(register.close_gallery, agency.system, gallery_id=gallery.id)
    assert rules_of(agency, close, agency["stella"]) == ["role-privacy-officer-keeps-galleries"]
    assert close(agency["pia"]).state is GalleryState.CLOSED
    assert rules_of(agency, close, agency["pia"]) == ["gallery-can-be-closed"]
