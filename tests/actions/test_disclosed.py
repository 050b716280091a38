"""What was disclosed: read again byte for byte or not at all, by who may disclose; a wrong role is told nothing of a lead."""

from __future__ import annotations

from dataclasses import replace

import pytest

from beholden.actions import cases, disclose, disclosed, lists, restrict, review
from beholden.errors import Changed, Missing, Refused
from beholden.records.disclosures import Disclosure, DisclosureState
from beholden.records.searches import Search
from tests.agency import Agency, last, rules_of


@pytest.fixture
def found(agency: Agency) -> Search:
    return agency.search(agency.ready(1, 2, 3, 4).authority)


def read(agency: Agency, packet: disclose.Packet, name: str = "ines") -> disclose.Packet:
    return disclosed.read_disclosure(agency.system, agency[name], disclosure_id=packet.disclosure.id)


def test_a_packet_of_two_leads_is_read_again_byte_for_byte_also_when_its_case_is_closed(
    agency: Agency, found: Search
) -> None:
    leads = agency.unsealed(found, 1, 2)
    for pair in ((leads[0], leads[1]), (leads[1], leads[0])):
        packet = agency.disclose(found, *pair)
        again = read(agency, packet)
        assert (dict(again.files), again.left_out) == (dict(packet.files), ())
        agency.clock.pass_by(minutes=10)
    cases.close_case(agency.system, agency["ines"], case_id=found.case_id, outcome="safe")
    assert dict(read(agency, packet).files) == dict(packet.files)
    assert last(agency) == ("disclosure.read", "done", [])
    assert sorted(agency.told(len(agency.leaves()) - 1)["shown"]) == sorted(one.candidate.face_id for one in leads[:2])


def test_what_cannot_be_made_again_as_it_left_is_left_out_and_said(agency: Agency, found: Search) -> None:
    packet = agency.disclose(found, agency.unsealed(found, 1)[0])
    agency.system = replace(agency.system, documents=None)
    again = read(agency, packet)
    assert set(packet.files) - set(again.files) == {"disclosure.pdf"}
    assert len(again.left_out) == 1
    assert again.left_out[0].startswith("disclosure.pdf cannot be made again")


def test_after_an_erasure_only_the_manifest_is_left(agency: Agency, found: Search) -> None:
    leads = agency.unsealed(found, 1, 2)
    packet = agency.disclose(found, leads[0], leads[1])
    agency.erase(leads[0].candidate.face_id)
    again = read(agency, packet)
    assert dict(again.files) == {"manifest.note": packet.files["manifest.note"]}
    assert again.left_out == (disclosed.ERASED,)
    told = disclosed.disclosure(agency.system, agency["sven"], disclosure_id=packet.disclosure.id)
    assert (told.leads, told.erased, told.disclosure.packet) == (2, 1, b"")


def test_after_a_restriction_only_the_manifest_is_given(agency: Agency, found: Search) -> None:
    leads = agency.unsealed(found, 1, 2)
    packet = agency.disclose(found, leads[0], leads[1])
    restrict.restrict_records(
        agency.system,
        agency["stella"],
        request_id=agency.granted(leads[1].candidate.face_id),
        reason="evidence in the proceedings 2026-88 until the judgment",
    )
    again = read(agency, packet)
    assert dict(again.files) == {"manifest.note": packet.files["manifest.note"]}
    assert again.left_out == (disclosed.ERASED,)
    assert "shown" not in agency.told(len(agency.leaves()) - 1)


def test_a_recalled_disclosure_and_one_whose_term_is_over_are_not_read_again(agency: Agency, found: Search) -> None:
    packet = agency.disclose(found, agency.unsealed(found, 1)[0])
    one = agency.get(Disclosure, packet.disclosure.id)
    recalled = agency.change(one, state=DisclosureState.RECALLED)
    assert rules_of(agency, read, agency, packet) == ["disclosure-stands"]
    over = agency.change(recalled, state=DisclosureState.MADE, kept=replace(one.kept, dispose_after=agency.clock.at))
    assert over.state is DisclosureState.MADE
    assert rules_of(agency, read, agency, packet) == ["disclosure-stands"]


def test_who_owes_a_blind_opinion_is_told_of_no_disclosure(agency: Agency) -> None:
    ready = agency.ready(1, 2, 3)
    packet = agency.disclose(found := agency.search(ready.authority), agency.unsealed(found, 1)[0])
    agency.change_roles("sven", "supervisor", "examiner")
    other = agency.case("ivo")
    assert disclosed.disclosure(agency.system, agency["sven"], disclosure_id=packet.disclosure.id).leads == 1
    assert len(lists.disclosures(agency.system, agency["sven"]).shown) == 1
    assert lists.disclosures(agency.system, agency["ivo"], case_id=other.id).shown == ()
    with pytest.raises(Missing):
        lists.disclosures(agency.system, agency["ivo"], case_id=found.case_id)


def test_the_same_does_not_leave_twice_within_minutes_whoever_sends_it_and_by_whatever_door(
    agency: Agency, found: Search
) -> None:
    leads = agency.unsealed(found, 1, 2)
    packet = agency.disclose(found, leads[0])
    with pytest.raises(Changed, match=packet.disclosure.id):
        agency.disclose(found, leads[0])
    agency.disclose(found, leads[1])
    agency.clock.pass_by(minutes=10)
    agency.disclose(found, leads[0])
    assert len(agency.find(Disclosure)) == 3


def test_a_wrong_role_learns_nothing_of_a_lead_from_what_it_is_refused_for(agency: Agency, found: Search) -> None:
    leads = agency.unsealed(found, 1)
    examined, not_examined, none = leads[0].candidate.id, leads[1].candidate.id, "0" * 32

    def told(name: str, id: str, basis: str = "s. 8") -> list[tuple[str, str]]:
        with pytest.raises(Refused) as refused:
            disclose.make_disclosure(
                agency.system,
                agency[name],
                search_id=found.id,
                candidate_ids=[id],
                recipients=["Unit 4"],
                basis=basis,
            )
        return [(reason.rule_id, reason.why) for reason in refused.value.reasons]

    for name in ("sven", "ivo", "stella", "ada", "aude"):
        assert told(name, examined) == told(name, not_examined) == told(name, none) == told(name, none, ""), name


def test_who_reviews_blind_meanwhile_sees_none_of_their_case(agency: Agency) -> None:
    ready = agency.ready(1, 2, 3)
    first = agency.search(ready.authority)
    packet = agency.disclose(first, agency.unsealed(first, 1)[0])
    second = agency.search(ready.authority)
    agency.change_roles("sven", "supervisor", "examiner")
    with pytest.raises(Refused):  # they approved it
        review.open_review(agency.system, agency["sven"], search_id=second.id)
    review.open_review(agency.system, agency["rosa"], search_id=second.id)
    agency.change_roles("rosa", "supervisor", "examiner")
    with pytest.raises(Missing):
        disclosed.disclosure(agency.system, agency["rosa"], disclosure_id=packet.disclosure.id)
    assert lists.disclosures(agency.system, agency["rosa"]).shown == ()
