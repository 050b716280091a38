"""One examiner who also searched may warn named recipients at once; the second opinion confirms it or recalls it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from beholden.actions import (
    compare,
    desk,
    disclose,
    disclosed,
    examine,
    exigent_review,
    leads,
    people,
    probe,
    recall,
    reveal,
    review,
)
from beholden.actions.recover import tend
from beholden.errors import BadInput, Sequestered
from beholden.opening import open_address
from beholden.records.disclosures import PACKET_FIELDS, Disclosure, DisclosureState, Notice, statement_of
from beholden.records.examination import Examination
from beholden.records.exigent import Exigent
from beholden.records.faces import Face
from beholden.records.people import Officer
from beholden.records.review import Review
from beholden.records.searches import Search, SearchState
from tests.agency import ALIKE, Agency, last, rules_of, small_agency
from tests.documents.reading import Read
from tests.exigent_story import begun

WHY = "the chat was read by two people and the cellar was found"
RECIPIENTS = ("Rescue unit 4", "Duty officer, child protection")


@dataclass
class Night:
    agency: Agency
    exigent: Exigent
    found: Search
    handle: str = ""


@pytest.fixture
def night() -> Night:
    """Ines is an examiner too, and alone: she searched before approval."""
    agency = small_agency()
    agency.change_roles("ines", "investigator", "examiner")
    agency.officers["ines"] = people.sign_in_as(agency.system, name="ines")
    return Night(agency, *begun(agency, 1, 2, 3))


def reviewed(night: Night) -> Night:
    """She reviews her own list and examines the nearest, blind like everybody."""
    agency, found = night.agency, night.found
    taken, shown = review.open_review(agency.system, agency["ines"], search_id=found.id)
    ranks = agency.ranks(found)
    for one in shown:
        outcome = "potential" if ranks[one.handle] == 1 else "no"
        review.decide_pair(agency.system, agency["ines"], handle=one.handle, outcome=outcome)
    review.finish_review(agency.system, agency["ines"], review_id=taken.id)
    shown_one = examine.open_examination(agency.system, agency["ines"], search_id=found.id)
    lock(agency, "ines", shown_one.handle, 3)
    night.handle = shown_one.handle
    return night


def lock(agency: Agency, name: str, handle: str, opinion: int) -> None:
    agency.describe(handle, name)
    examine.lock_examination(
        agency.system, agency[name], handle=handle, components=ALIKE, limitations="", opinion=opinion
    )


def second(night: Night, opinion: int, name: str = "erik") -> None:
    shown = examine.open_examination(night.agency.system, night.agency[name], search_id=night.found.id)
    lock(night.agency, name, shown.handle, opinion)


def warn(night: Night, officer: str = "ines", **changes: Any) -> disclose.Packet:
    given = {
        "search_id": night.found.id,
        "handles": [night.handle],
        "recipients": RECIPIENTS,
        "basis": "Privacy Act, s. 8(2)(m)(i)",
    }
    return disclose.make_provisional(night.agency.system, night.agency[officer], **(given | changes))


def uphold(night: Night) -> None:
    authority_id = night.exigent.authority_id
    probe.show_probe(night.agency.system, night.agency["sven"], authority_id=authority_id)
    exigent_review.uphold_exigent(night.agency.system, night.agency["sven"], exigent_id=night.exigent.id, reason=WHY)


def state(night: Night) -> DisclosureState:
    [one] = night.agency.find(Disclosure)
    return one.state


def told(night: Night, beginning: str) -> list[str]:
    """Who was told something that begins so."""
    notices = night.agency.find(Notice)
    return sorted(one.recipient for one in notices if one.words.startswith(beginning))


def test_req_38_who_searched_before_approval_reviews_and_examines_alone_and_that_is_recorded(night: Night) -> None:
    reviewed(night)
    [own] = night.agency.find(Review)
    [examination] = night.agency.find(Examination)
    assert (own.own, examination.own, examination.score_revealed) == (True, True, False)
    assert night.agency.get(Search, night.found.id).state is SearchState.REVIEWED, "the second opinion is still to come"
    assert "search-is-unsealed" in rules_of(
        night.agency, examine.read_leads, night.agency.system, night.agency["ines"], search_id=night.found.id
    )


def test_req_38_the_searcher_is_never_the_second_examiner(night: Night) -> None:
    agency, found = night.agency, night.found
    agency.review(found, 1)
    shown = examine.open_examination(agency.system, agency["erik"], search_id=found.id)
    lock(agency, "erik", shown.handle, 3)
    assert rules_of(agency, examine.open_examination, agency.system, agency["ines"], search_id=found.id) == [
        "own-opinion-is-the-first"
    ]


def test_req_38_after_the_review_of_the_search_the_searcher_gives_no_opinion_like_everybody_else(night: Night) -> None:
    uphold(night)
    rules = rules_of(
        night.agency, review.open_review, night.agency.system, night.agency["ines"], search_id=night.found.id
    )
    assert set(rules) == {"examiner-is-not-requester", "examiner-is-not-searcher", "examiner-is-not-assigned"}


def test_req_38_a_provisional_packet_says_on_how_little_it_stands(night: Night) -> None:
    packet = warn(reviewed(night))
    assert (packet.disclosure.state, packet.disclosure.recipients) == (DisclosureState.PROVISIONAL, RECIPIENTS)
    body = json.loads(packet.files[disclose.JSON])
    assert set(body) == {*PACKET_FIELDS, "provisional"}
    assert body["statement"].startswith("PROVISIONAL. UNREVIEWED EXIGENT")
    assert "investigative lead" in body["statement"]
    assert body["provisional"] == {
        "examined_by": "one examiner, who is the one who searched",
        "missing": [
            "a second opinion, given without knowledge of the first",
            "the review by somebody else that the search had to be",
        ],
        "until": "2026-11-23T09:00:00.000Z",
    }
    [lead] = body["leads"]
    assert (lead["rank"], len(lead["opinions"])) == (1, 1)
    assert night.agency.told(night.agency.leaves()[-1]["n"])["provisional"] == [True]
    again = disclosed.read_disclosure(night.agency.system, night.agency["ines"], disclosure_id=packet.disclosure.id)
    assert again.files[disclose.JSON] == packet.files[disclose.JSON]


def test_req_38_every_page_of_it_says_provisional_and_unreviewed(night: Night) -> None:
    pytest.importorskip("typst")
    reviewed(night)
    night.agency = night.agency.with_parts(documents=open_address("typst:"))
    pages = Read(warn(night).files[disclose.PAGES]).pages
    assert len(pages) >= 3
    assert all("PROVISIONAL" in page and "UNREVIEWED EXIGENT" in page for page in pages)


def test_req_38_nothing_provisional_leaves_without_the_searchers_own_locked_opinion(night: Night) -> None:
    agency = night.agency
    night.handle = "0" * 32
    assert rules_of(agency, warn, night) == ["provisional-leads-are-your-own"]
    reviewed(night)
    assert rules_of(agency, warn, night, recipients=[" "]) == ["recipient-is-named"]
    assert "leads-are-few" in rules_of(agency, warn, night, handles=[night.handle, "1" * 32, "2" * 32])
    assert {"role-investigator-works-on-the-case", "provisional-leads-are-your-own"} <= set(
        rules_of(agency, warn, night, "erik")
    )
    with pytest.raises(BadInput, match="legal basis"):
        warn(night, basis=" ")
    assert agency.find(Disclosure) == []


def test_req_38_of_a_search_that_was_approved_before_nothing_leaves_provisionally() -> None:
    agency = small_agency()
    ready = agency.ready(1, 2, 3)
    found = agency.search(ready.authority)
    agency.review(found, 1)
    given = {"search_id": found.id, "handles": ["0" * 32], "recipients": RECIPIENTS, "basis": "none"}
    assert set(rules_of(agency, disclose.make_provisional, agency.system, agency["ines"], **given)) == {
        "provisional-is-exigent",
        "provisional-leads-are-your-own",
    }


def test_req_38_an_agreeing_second_opinion_and_the_review_confirm_it_and_tell_every_recipient(night: Night) -> None:
    warn(reviewed(night))
    second(night, 3)
    assert (state(night), told(night, "Confirmed")) == (DisclosureState.PROVISIONAL, [])
    uphold(night)
    assert (state(night), told(night, "Confirmed")) == (DisclosureState.MADE, sorted(RECIPIENTS))
    assert [leaf["event"] for leaf in night.agency.leaves()].count("disclosure.confirmed") == 1
    assert told(night, "RECALLED") == []


def test_req_38_the_review_may_come_first(night: Night) -> None:
    warn(reviewed(night))
    uphold(night)
    assert state(night) is DisclosureState.PROVISIONAL
    second(night, 2)
    assert (state(night), told(night, "Confirmed")) == (DisclosureState.MADE, sorted(RECIPIENTS))


def test_req_38_a_different_second_opinion_recalls_it_and_tells_every_recipient(night: Night) -> None:
    packet = warn(reviewed(night))
    second(night, -3)
    assert (state(night), told(night, "RECALLED")) == (DisclosureState.RECALLED, sorted(RECIPIENTS))
    [one] = [notice for notice in night.agency.find(Notice) if notice.recipient == RECIPIENTS[0]]
    assert "destroy every copy" in one.words
    assert "another opinion" in one.words
    assert "disclosure-stands" in rules_of(
        night.agency,
        disclosed.read_disclosure,
        night.agency.system,
        night.agency["ines"],
        disclosure_id=packet.disclosure.id,
    )
    [recalled] = [leaf for leaf in night.agency.leaves() if leaf["event"] == "disclosure.recalled"]
    assert recalled["role"] == "system"
    uphold(night)
    second(night, 3, "edda")
    assert state(night) is DisclosureState.RECALLED, "what was recalled stays so; a two-to-one result leaves anew"


@pytest.mark.parametrize("how", ["refused", "lapsed"])
def test_req_38_a_refusal_or_a_lapse_recalls_it_before_what_it_made_is_taken(night: Night, how: str) -> None:
    warn(reviewed(night))
    if how == "refused":
        exigent_review.refuse_exigent(
            night.agency.system, night.agency["sven"], exigent_id=night.exigent.id, reason=WHY
        )
    else:
        night.agency.clock.pass_by(hours=24)
        tend(night.agency.system)
    assert night.agency.find(Disclosure) == []
    assert told(night, "RECALLED") == sorted(RECIPIENTS)


def test_req_38_without_a_second_opinion_in_time_it_is_recalled_although_the_search_was_upheld(night: Night) -> None:
    warn(reviewed(night))
    uphold(night)
    night.agency.clock.at = night.exigent.second_due - timedelta(seconds=1)
    tend(night.agency.system)
    assert state(night) is DisclosureState.PROVISIONAL
    night.agency.clock.pass_by(seconds=1)
    tend(night.agency.system)
    assert (state(night), told(night, "RECALLED")) == (DisclosureState.RECALLED, sorted(RECIPIENTS))
    assert recall.recall_overdue(night.agency.system) == 0


def test_req_21_nothing_but_a_provisional_disclosure_leaves_before_the_search_is_upheld(night: Night) -> None:
    reviewed(night)
    second(night, 3)
    agency = night.agency
    assert agency.get(Search, night.found.id).state is SearchState.UNSEALED
    [lead, *_] = examine.read_leads(agency.system, agency["ines"], search_id=night.found.id)
    assert rules_of(agency, agency.disclose, night.found, lead) == ["disclosed-exigent-is-upheld"]
    uphold(night)
    assert agency.disclose(night.found, lead).disclosure.state is DisclosureState.MADE


def test_req_38_nothing_leaves_provisionally_once_the_second_examiner_disagreed(night: Night) -> None:
    reviewed(night)
    second(night, -2)
    assert rules_of(night.agency, warn, night) == ["provisional-leads-are-undisputed"]
    assert night.agency.find(Disclosure) == []


def test_req_38_what_was_recalled_leaves_provisionally_no_second_time(night: Night) -> None:
    packet = warn(reviewed(night))
    recall.recall_disclosure(
        night.agency.system, night.agency["sven"], disclosure_id=packet.disclosure.id, reason="it was not proportionate"
    )
    assert rules_of(night.agency, warn, night, recipients=["Somebody else"]) == ["provisional-leads-are-not-recalled"]
    assert state(night) is DisclosureState.RECALLED


def test_req_38_nothing_leaves_provisionally_after_the_time_for_the_second_opinion(night: Night) -> None:
    reviewed(night)
    uphold(night)
    night.agency.clock.at = night.exigent.second_due - timedelta(milliseconds=1)
    night.agency.officers["ines"] = people.sign_in_as(night.agency.system, name="ines")
    warn(night)
    night.agency.clock.at = night.exigent.second_due
    assert rules_of(night.agency, warn, night, recipients=["Somebody else"]) == ["provisional-is-in-time"]
    assert len(night.agency.find(Disclosure)) == 1


def test_req_38_a_warning_goes_to_few_recipients(night: Night) -> None:
    reviewed(night)
    most = night.agency.system.rules.max_provisional_recipients
    assert most == 5
    assert rules_of(night.agency, warn, night, recipients=[f"unit {n}" for n in range(most + 1)]) == [
        "provisional-recipients-are-few"
    ]
    assert len(warn(night, recipients=[f"unit {n}" for n in range(most)]).disclosure.recipients) == most


def test_req_38_a_warning_that_lacks_nothing_by_then_is_confirmed_at_once(night: Night) -> None:
    reviewed(night)
    second(night, 3)
    uphold(night)
    assert warn(night).disclosure.state is DisclosureState.MADE
    assert (state(night), told(night, "Confirmed")) == (DisclosureState.MADE, sorted(RECIPIENTS))


def revise(agency: Agency, name: str, handle: str, opinion: int) -> None:
    examine.revise_examination(
        agency.system, agency[name], handle=handle, components=ALIKE, limitations="looked again", opinion=opinion
    )


def second_handle(night: Night) -> str:
    shown = examine.open_examination(night.agency.system, night.agency["erik"], search_id=night.found.id)
    lock(night.agency, "erik", shown.handle, 3)
    return shown.handle


@pytest.mark.parametrize("confirmed", [False, True])
def test_req_38_a_second_examiner_who_comes_to_another_opinion_later_recalls_it_too(
    night: Night, confirmed: bool
) -> None:
    warn(reviewed(night))
    handle = second_handle(night)
    if confirmed:
        uphold(night)
    assert state(night) is (DisclosureState.MADE if confirmed else DisclosureState.PROVISIONAL)
    revise(night.agency, "erik", handle, -3)
    assert (state(night), told(night, "RECALLED")) == (DisclosureState.RECALLED, sorted(RECIPIENTS))
    assert told(night, "OPINION CHANGED") == []


def test_req_38_a_revision_on_the_same_side_recalls_nothing_and_is_told(night: Night) -> None:
    warn(reviewed(night))
    handle = second_handle(night)
    uphold(night)
    revise(night.agency, "erik", handle, 1)
    assert (state(night), told(night, "OPINION CHANGED")) == (DisclosureState.MADE, sorted(RECIPIENTS))


@pytest.mark.parametrize("opinion", [3, -2])
def test_req_38_recipients_of_any_disclosure_are_told_of_an_opinion_that_changed(opinion: int) -> None:
    agency = small_agency()
    ready = agency.ready(1, 2, 3)
    found = agency.search(ready.authority)
    [lead, other] = [one for one in agency.unsealed(found, 1, 2) if one.examinations]
    one = agency.disclose(found, lead).disclosure
    [first] = [each for each in lead.examinations if each.part == "first"]
    [beside] = [each for each in other.examinations if each.part == "first"]
    names = {id: name for name, id in agency.ids.items()}
    revise(agency, names[beside.examiner], beside.id, -3)
    assert agency.find(Notice, about=one.id) == [], "it is not of what left"
    revise(agency, names[first.examiner], first.id, opinion)
    words = [notice.words for notice in agency.find(Notice, about=one.id)]
    if opinion == first.opinion:
        assert words == []
    else:
        assert len(words) == len(one.recipients)
        assert "moderate support for different persons" in words[0]
    assert agency.get(Disclosure, one.id).state is DisclosureState.MADE


def test_req_23_what_lapsed_is_read_by_nobody_before_anybody_tends_the_system(night: Night) -> None:
    agency, found = night.agency, night.found
    packet = warn(reviewed(night))
    second(night, 3)
    [lead, *_] = examine.read_leads(agency.system, agency["ines"], search_id=found.id)
    [face] = [one for one in agency.find(Face) if one.id == lead.candidate.face_id]
    compared = compare.compare(
        agency.system,
        agency["ines"],
        authority_id=night.exigent.authority_id,
        sought_id=found.sought_id,
        face_id=face.id,
    ).comparison
    agency.clock.at = night.exigent.review_due
    for name in ("ines", "rosa", "sven", "aude"):
        agency.officers[name] = people.sign_in_as(agency.system, name=name)
    held = {"disclosure_id": packet.disclosure.id}
    reads = (
        lambda: examine.read_leads(agency.system, agency["ines"], search_id=found.id),
        lambda: leads.show_lead(agency.system, agency["ines"], search_id=found.id, candidate_id=lead.candidate.id),
        lambda: disclosed.read_disclosure(agency.system, agency["ines"], **held),
        lambda: disclosed.disclosure(agency.system, agency["ines"], **held),
        lambda: review.open_review(agency.system, agency["rosa"], search_id=found.id),
        lambda: desk.search(agency.system, agency["sven"], search_id=found.id),
        lambda: compare.read_comparison(agency.system, agency["ines"], comparison_id=compared.id),
        lambda: compare.comparison(agency.system, agency["ines"], comparison_id=compared.id),
        lambda: reveal.reveal_picture(
            agency.system, agency["aude"], of="lead", id=lead.candidate.id, reason="a sample of the lists of this month"
        ),
    )
    for read in reads:
        with pytest.raises(Sequestered, match="sequestered"):
            read()
    assert agency.get(Exigent, night.exigent.id).state == "open", "nobody has tended it"
    assert agency.get(Search, found.id).id == found.id


@pytest.fixture
def made() -> tuple[Agency, Disclosure]:
    agency = small_agency()
    ready = agency.ready(1, 2, 3)
    found = agency.search(ready.authority)
    return agency, agency.disclose(found, agency.unsealed(found, 1)[0]).disclosure


def test_req_38_a_supervisor_recalls_what_left_and_every_recipient_is_told(made: tuple[Agency, Disclosure]) -> None:
    agency, one = made
    given = {"disclosure_id": one.id, "reason": "the source withdrew its pictures"}
    assert rules_of(agency, recall.recall_disclosure, agency.system, agency["ines"], **given) == [
        "role-supervisor-recalls"
    ]
    assert rules_of(agency, recall.recall_disclosure, agency.system, agency["sven"], **(given | {"reason": " "})) == [
        "recall-has-reason"
    ]
    recalled = recall.recall_disclosure(agency.system, agency["sven"], **given)
    assert recalled.state is DisclosureState.RECALLED
    assert statement_of(recalled).startswith("RECALLED")
    notices = [notice for notice in agency.find(Notice, about=one.id) if notice.words.startswith("RECALLED")]
    assert sorted(notice.recipient for notice in notices) == sorted(one.recipients)
    assert last(agency) == ("disclosure.recalled", "done", [])
    assert rules_of(agency, recall.recall_disclosure, agency.system, agency["sven"], **given) == [
        "recalled-disclosure-stands"
    ]


def test_req_132_a_wrong_lead_is_told_to_every_recipient_with_what_remedy_is_asked(
    made: tuple[Agency, Disclosure],
) -> None:
    agency, one = made
    given: dict[str, Any] = {
        "disclosure_id": one.id,
        "lead": 1,
        "reason": "the person was abroad that year",
        "source": "border records, file 12",
    }

    def refute(officer: Officer = agency["ines"], **changes: object) -> Disclosure:
        return recall.refute_lead(agency.system, officer, **(given | changes))

    assert set(rules_of(agency, refute, agency["erik"])) == {"role-refutes-leads", "refuter-works-on-the-case"}
    assert rules_of(agency, refute, agency["ivo"]) == ["refuter-works-on-the-case"]
    assert rules_of(agency, refute, source=" ") == ["refutation-names-its-source"]
    assert rules_of(agency, refute, reason="no") == ["refutation-has-reason"]
    for lead in (0, 2):
        with pytest.raises(BadInput, match="not one of this disclosure"):
            refute(lead=lead)
    assert refute().refuted == (1,)
    notices = [notice for notice in agency.find(Notice, about=one.id) if notice.words.startswith("WRONG LEAD")]
    assert sorted(notice.recipient for notice in notices) == sorted(one.recipients)
    assert "acknowledge in writing" in notices[0].words
    assert "border records, file 12" in notices[0].words
    with pytest.raises(BadInput, match="refuted before"):
        refute()
