"""A search under each policy pack that ships: what each asks for, and what it lets nobody search for."""

from __future__ import annotations

from datetime import timedelta
from functools import cache

import pytest

from beholden.actions import authorise, cases, exhibits, exigent, register, sought
from beholden.errors import Refused
from beholden.policy.cedar import CedarPolicy
from beholden.policy.packs import SHIPPED, shipped
from beholden.records.audit import Entry
from beholden.records.authority import NO_GROUNDS, Authority, Grounds
from beholden.records.cases import Case
from beholden.records.galleries import Gallery
from beholden.records.sought import Sought
from beholden.testing.drawn import draw
from tests.agency import Agency, necessity, rules_of, small_agency

OFFENCE, CORROBORATION, WARRANT = "a listed offence", "by what the provider holds", "court file 7/2026"


@cache
def policy(name: str) -> CedarPolicy:
    return CedarPolicy(shipped(name))


class Desk:
    """An agency under a pack, with one reference of person 3 that is held for a purpose, and a case for it."""

    def __init__(self, pack: str, purpose: str) -> None:
        self.agency: Agency = small_agency(policy=policy(pack))
        source = self.agency.source(purposes=(purpose,))
        self.gallery: Gallery = register.open_gallery(
            self.agency.system, self.agency["pia"], name="references", purposes=(purpose,)
        )
        for person in (3, 4, 5):
            self.agency.enrol(source, self.gallery, person)
        self.case: Case = cases.open_case(
            self.agency.system, self.agency["ines"], reference="2026-117", title="Attic", purpose=purpose
        )

    def sought(self, role: str) -> Sought:
        _, faces = exhibits.add_exhibit(
            self.agency.system,
            self.agency["ines"],
            draw(3, seed=7),
            case_id=self.case.id,
            file="exhibit.png",
            origin="synthetic",
            why="found on the seized disk",
        )
        return sought.declare_sought(
            self.agency.system,
            self.agency["ines"],
            case_id=self.case.id,
            face_ids=[faces[0].id],
            subject_role=role,
            why="the only face",
        )

    def request(self, who: Sought, grounds: Grounds = NO_GROUNDS) -> Authority:
        return authorise.request_authority(
            self.agency.system,
            self.agency["ines"],
            case_id=self.case.id,
            sought_id=who.id,
            gallery_ids=[self.gallery.id],
            necessity=necessity(1),
            starts_at=self.agency.clock.at,
            ends_at=self.agency.clock.at + timedelta(hours=24),
            searches=1,
            grounds=grounds,
        )

    def missing(self, who: Sought, grounds: Grounds = NO_GROUNDS) -> set[str]:
        with pytest.raises(Refused) as caught:
            self.request(who, grounds)
        return {reason.rule_id for reason in caught.value.reasons}

    def finds(self, authority: Authority) -> list[int]:
        """The drawn persons on the list of an approved search, the best first."""
        approved = self.agency.approve(authority)
        return self.agency.ranks_by_person(self.agency.search(approved))


@pytest.mark.parametrize(
    ("pack", "purpose", "role", "grounds"),
    [
        ("ca-2020", "victim-id-cse", "victim", NO_GROUNDS),
        ("ca-2020", "imminent-threat", "other", NO_GROUNDS),
        ("eu-aia", "victim-id-cse", "victim", NO_GROUNDS),
        ("eu-aia", "missing-person", "other", NO_GROUNDS),
        ("eu-aia", "imminent-threat", "suspect", Grounds(external_ref=WARRANT)),
        ("eu-aia", "specific-offence", "victim", Grounds(offence=OFFENCE, corroboration=CORROBORATION)),
        ("eu-aia", "specific-offence", "suspect", Grounds(WARRANT, OFFENCE, CORROBORATION)),
        ("us-md-2024", "victim-id-cse", "victim", Grounds(offence=OFFENCE)),
        ("us-md-2024", "listed-crime", "suspect", Grounds(offence=OFFENCE, corroboration=CORROBORATION)),
    ],
)
def test_a_search_is_asked_for_approved_and_run_under_each_purpose_of_each_pack(
    pack: str, purpose: str, role: str, grounds: Grounds
) -> None:
    desk = Desk(pack, purpose)
    assert desk.finds(desk.request(desk.sought(role), grounds))[0] == 3


def test_the_search_story_has_every_purpose_of_every_pack() -> None:
    [told] = [
        mark.args[1]
        for mark in test_a_search_is_asked_for_approved_and_run_under_each_purpose_of_each_pack.pytestmark  # type: ignore[attr-defined]
    ]
    assert {one[:2] for one in told} == {(name, purpose) for name in SHIPPED for purpose in policy(name).pack.purposes}


def test_req_10_a_search_for_a_suspect_under_eu_aia_names_who_outside_the_agency_authorised_it() -> None:
    desk = Desk("eu-aia", "specific-offence")
    who = desk.sought("suspect")
    assert desk.missing(who) == {"external-reference-is-named", "offence-is-named", "corroboration-is-planned"}
    assert desk.missing(who, Grounds(" ", OFFENCE, CORROBORATION)) == {"external-reference-is-named"}
    assert desk.missing(who, Grounds(WARRANT, OFFENCE)) == {"corroboration-is-planned"}


def test_req_10_under_eu_aia_nobody_is_called_other_to_avoid_what_is_asked_for_a_suspect() -> None:
    for purpose in ("specific-offence", "imminent-threat"):
        desk = Desk("eu-aia", purpose)
        with pytest.raises(Refused) as caught:
            desk.sought("other")
        assert [reason.rule_id for reason in caught.value.reasons] == ["subject-role-is-permitted"]


def test_req_12_a_suspect_is_sought_under_no_purpose_of_ca_2020() -> None:
    for purpose in policy("ca-2020").pack.purposes:
        with pytest.raises(Refused) as caught:
            Desk("ca-2020", purpose).sought("suspect")
        assert [reason.rule_id for reason in caught.value.reasons] == ["subject-role-is-permitted"]


def test_under_us_md_2024_every_request_names_its_offence_and_there_is_no_search_before_approval() -> None:
    desk = Desk("us-md-2024", "listed-crime")
    who = desk.sought("other")
    assert desk.missing(who) == {"offence-is-named", "corroboration-is-planned"}
    rules = rules_of(
        desk.agency,
        exigent.begin_exigent,
        desk.agency.system,
        desk.agency["ines"],
        case_id=desk.case.id,
        sought_id=who.id,
        ground="child-in-danger",
        reason="a child may be in danger within hours",
        place="unknown",
        time="unknown",
    )
    assert "exigent-path-is-open" in rules


def test_a_purpose_of_another_pack_opens_no_case() -> None:
    agency = small_agency(policy=policy("us-md-2024"))
    assert rules_of(
        agency,
        cases.open_case,
        agency.system,
        agency["ines"],
        reference="2026-118",
        title="Attic",
        purpose="imminent-threat",
    ) == ["case-purpose-of-pack"]


def test_the_numbers_of_each_pack_hold_in_its_system() -> None:
    asked = {name: policy(name).content.rules for name in SHIPPED}
    assert {name: rules.exigent_review_hours for name, rules in asked.items()} == {
        "ca-2020": 24,
        "eu-aia": 48,
        "us-md-2024": 24,
    }
    assert {name: rules.training_days for name, rules in asked.items()} == dict.fromkeys(SHIPPED, 365)
    assert {name: policy(name).pack.after_refusal for name in SHIPPED} == {
        "ca-2020": "sequester",
        "eu-aia": "destroy",
        "us-md-2024": "sequester",
    }
    desk = Desk("us-md-2024", "victim-id-cse")
    assert desk.agency.system.rules.max_searches == 10
    kept = desk.case.kept
    assert kept.keep_until - kept.created_at == timedelta(days=730)
    first = desk.agency.find(Entry, order="n", limit=1)[0]
    assert first.kept.keep_until - first.kept.created_at == timedelta(days=1095), "what an audit reads, for three years"
