"""An examination that travels: what leaves is one pair and nothing else, and what comes back counts once, signed and in time."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pyrage
import pytest

from beholden.actions import examine, names, notices, people, sequester, travel
from beholden.actions.recover import KEYED, recover, tend
from beholden.errors import BadInput, BeholdenError, Missing, Untrusted
from beholden.formats import travel as packets
from beholden.keys.entrusting import Entrusted
from beholden.records.candidates import Candidate
from beholden.records.disclosures import OVERSIGHT, Notice
from beholden.records.examination import (
    COMPONENTS,
    SCALE,
    Description,
    Examination,
    ExaminationState,
    Opinion,
    Part,
    Side,
)
from beholden.records.faces import Face
from beholden.records.review import Review
from beholden.records.searches import Search, SearchState
from beholden.records.travel import OutsideExaminer, OutsideOpinion, SentExamination, SentState
from beholden.testing.sealed_log import Signer
from tests.agency import ALIKE, Agency, last, rules_of, small_agency
from tests.exigent_story import begun

OLGA = Signer("olga.example")
SEEN = tuple(Description(side, True, COMPONENTS, "sharp") for side in Side)
IDENTITY = pyrage.x25519.Identity.generate()


@pytest.fixture
def found(agency: Agency) -> Search:
    """Reviewed, with one potential candidate, and one opinion locked."""
    found = agency.review(agency.search(agency.ready(1, 2, 3).authority), 1)
    agency.examine(found, "erik", 3)
    return found


def registered(agency: Agency, changes: dict[str, str] | None = None) -> OutsideExaminer:
    given = {
        "name": "Olga Outside",
        "agency": "Police of Elsewhere",
        "vkey": OLGA.vkey,
        "recipient": str(IDENTITY.to_public()),
    } | (changes or {})
    return travel.register_examiner(agency.system, agency["pia"], **given)


def _sign_in(agency: Agency, *names: str) -> None:
    """Anew: the days that a packet is out end every session."""
    for name in names:
        agency.officers[name] = people.sign_in_as(agency.system, name=name)


def send(agency: Agency, found: Search, *, days: int = 7, examiner: str = "") -> tuple[SentExamination, bytes]:
    examiner_id = examiner or registered(agency).id
    return travel.send_examination(
        agency.system, agency["sven"], search_id=found.id, examiner_id=examiner_id, days=days
    )


def content_of(packet: bytes) -> bytes:
    opened = Entrusted(packet, str(IDENTITY).encode())
    assert opened.names == frozenset()  # no key of a record travels
    return opened.content


def answer(agency: Agency, packet: bytes, *, by: Signer = OLGA, **changes: Any) -> bytes:
    content = content_of(packet)
    read = packets.read_packet(content)
    given = OutsideOpinion(
        read.origin, read.nonce, packets.digest_of(content), tuple(ALIKE), "one is blurred", 2, agency.clock.at, SEEN
    )
    return packets.write_opinion(replace(given, **changes), by.name, by.public, by.sign)


def take_back(agency: Agency, note: bytes) -> SentExamination:
    return travel.take_back(agency.system, agency["sven"], note=note)


def test_req_38_what_leaves_is_the_pair_the_task_and_nothing_that_tells_whose_it_is(
    agency: Agency, found: Search
) -> None:
    sent, packet = send(agency, found)
    content = content_of(packet)
    told = json.loads(content)
    assert set(told) == set(packets.PACKET_FIELDS)
    read = packets.read_packet(content)
    [local] = [one for one in agency.find(Examination) if one.state is ExaminationState.LOCKED]
    assert (read.nonce, read.origin, read.due_at) == (sent.nonce, agency.system.origin, sent.due_at)
    assert len(read.probes) == 1 and all(chip.startswith(b"\xff\xd8\xff") for chip in (*read.probes, read.reference))
    [candidate] = [one for one in agency.find(Candidate) if one.id == sent.candidate_id]
    words = content.decode()
    secret = [candidate.id, candidate.face_id, candidate.image_id, found.id, found.case_id, found.authority_id]
    secret += [
        found.sought_id,
        sent.id,
        sent.examination_id,
        local.id,
        "2026-117",
        "Attic",
        "Olga",
        "erik",
        "example.org",
    ]
    assert [one for one in secret if one in words] == []
    for name in ("score", "rank", "source", "case", "part", "name"):
        assert f'"{name}"' not in words
    assert last(agency)[:2] == ("examination.sent", "done")
    told_entry = agency.told(agency.leaves()[-1]["n"])
    assert told_entry["recipients"] == [["Olga Outside, Police of Elsewhere"]]
    assert told_entry["disclosed"] == [candidate.face_id]
    assert agency.leaves()[-1]["operation"] == "disclosure"


def test_req_38_the_outside_examiner_sees_the_same_whether_or_not_somebody_examined_before(agency: Agency) -> None:
    found = agency.review(agency.search(agency.ready(1, 2, 3).authority), 1)
    sent, packet = send(agency, found)
    nobody_did = packets.read_packet(content_of(packet))
    agency.clock.at = sent.due_at + timedelta(seconds=1)
    tend(agency.system)
    _sign_in(agency, "sven", "erik")
    agency.examine(found, "erik", 3)
    again, packet = send(agency, found, examiner=sent.examiner_id)
    somebody_did = packets.read_packet(content_of(packet))
    assert replace(somebody_did, nonce=nobody_did.nonce, due_at=nobody_did.due_at) == nobody_did
    assert (sent.part, again.part) == (Part.SECOND, Part.SECOND)


def test_req_38_an_opinion_from_elsewhere_is_the_second_also_before_there_is_a_first(agency: Agency) -> None:
    found = agency.review(agency.search(agency.ready(1, 2, 3).authority), 1)
    sent, packet = send(agency, found)
    take_back(agency, answer(agency, packet))
    assert agency.get(Search, found.id).state is SearchState.REVIEWED
    agency.examine(found, "rosa", 3)  # the reviewer may give the first
    assert {one.part: one.examiner for one in agency.find(Examination)} == {
        Part.FIRST: agency.ids["rosa"],
        Part.SECOND: sent.examiner_id,
    }
    assert agency.get(Search, found.id).state is SearchState.UNSEALED


def test_req_38_a_signed_opinion_counts_as_the_second_and_opens_the_scores(agency: Agency, found: Search) -> None:
    sent, packet = send(agency, found)
    taken = take_back(agency, answer(agency, packet))
    second = agency.get(Examination, sent.examination_id)
    assert (second.part, second.state, second.opinion) == (Part.SECOND, ExaminationState.LOCKED, 2)
    assert (second.components, second.limitations, second.score_revealed) == (tuple(ALIKE), "one is blurred", False)
    assert second.examiner == sent.examiner_id
    assert (second.described, second.scale) == (SEEN, SCALE)
    both = names.people(agency.system, agency["ines"], ids=[second.examiner, agency.ids["erik"]])
    assert both == {second.examiner: "Olga Outside, Police of Elsewhere", agency.ids["erik"]: "erik"}
    assert (taken.state, packets.read_opinion(taken.note.encode(), OLGA.vkey).opinion) == (SentState.TAKEN_BACK, 2)
    assert agency.get(Search, found.id).state is SearchState.UNSEALED
    events = [leaf["event"] for leaf in agency.leaves() if leaf["operation"] == "alteration"]
    assert sorted(events[-2:]) == ["examination.taken_back", "search.unsealed"]
    [lead, *_] = examine.read_leads(agency.system, agency["ines"], search_id=found.id)
    assert sorted(one.opinion or 0 for one in lead.examinations) == [2, 3]
    packet_of = agency.disclose(found, lead).files["disclosure.json"]
    assert sorted(one["step"] for one in json.loads(packet_of)["leads"][0]["opinions"]) == [2, 3]


def test_req_38_another_side_from_elsewhere_asks_for_a_consultation_here(agency: Agency, found: Search) -> None:
    _, packet = send(agency, found)
    take_back(agency, answer(agency, packet, opinion=-2))
    assert agency.get(Search, found.id).state is SearchState.REVIEWED
    agency.examine(found, "edda", 1)
    assert agency.get(Search, found.id).state is SearchState.UNSEALED
    assert {one.part: one.opinion for one in agency.find(Examination)} == {
        Part.FIRST: 3,
        Part.SECOND: -2,
        Part.CONSULTATION: 1,
    }


def test_req_38_while_a_packet_is_out_nobody_here_takes_the_second_part(agency: Agency, found: Search) -> None:
    send(agency, found)
    with pytest.raises(Missing):
        examine.open_examination(agency.system, agency["edda"], search_id=found.id)
    [olga] = agency.find(OutsideExaminer)
    with pytest.raises(Missing):
        send(agency, found, examiner=olga.id)


def test_req_38_a_consultation_does_not_travel(agency: Agency, found: Search) -> None:
    olga = registered(agency).id
    _, packet = send(agency, found, examiner=olga)
    take_back(agency, answer(agency, packet, opinion=-2))
    assert rules_of(agency, send, agency, found, examiner=olga) == ["sent-opinion-is-the-second"]
    assert len(agency.find(SentExamination)) == 1


def test_req_36_nothing_travels_of_a_list_that_is_not_reviewed(agency: Agency) -> None:
    found = agency.search(agency.ready(1, 2, 3).authority)
    olga = registered(agency).id
    assert rules_of(agency, send, agency, found, examiner=olga) == ["sent-list-is-reviewed"]


def test_req_38_who_sends_a_pair_does_not_choose_the_key_that_signs(agency: Agency, found: Search) -> None:
    olga = registered(agency)
    [notice] = [one for one in agency.find(Notice, recipient=OVERSIGHT) if one.about == olga.id]
    assert "registered an examiner of another agency" in notice.words
    _, packet = send(agency, found, examiner=olga.id)
    for name in ("sven", "edda"):
        agency.officers["pia"] = agency[name]
        assert rules_of(agency, registered, agency) == ["role-privacy-officer-registers-examiners"]
    agency.officers["sven"] = agency["edda"]
    rule = ["role-supervisor-sends-examinations"]
    assert rules_of(agency, take_back, agency, answer(agency, packet)) == rule
    assert rule[0] in rules_of(agency, send, agency, found, examiner=olga.id)


@pytest.mark.parametrize("days", [0, 31])
def test_req_38_a_packet_has_a_term_of_at_most_thirty_days(agency: Agency, found: Search, days: int) -> None:
    olga = registered(agency).id
    assert rules_of(agency, send, agency, found, examiner=olga, days=days) == ["sent-opinion-has-a-term"]


def test_req_38_what_another_key_signed_is_not_taken(agency: Agency, found: Search) -> None:
    sent, packet = send(agency, found)
    for stranger in (Signer("mallory.example"), Signer(OLGA.name, seed="another")):
        with pytest.raises(Untrusted):
            take_back(agency, answer(agency, packet, by=stranger))
    assert last(agency)[:2] == ("examination.taken_back", "failed")
    assert agency.get(SentExamination, sent.id).state is SentState.SENT
    assert agency.get(Examination, sent.examination_id).state is ExaminationState.OPEN


def test_req_38_an_altered_opinion_is_not_taken(agency: Agency, found: Search) -> None:
    _, packet = send(agency, found)
    note = answer(agency, packet)
    with pytest.raises(Untrusted):
        take_back(agency, note.replace(b'"opinion":2', b'"opinion":3'))


def test_req_38_an_opinion_on_other_photographs_or_for_another_system_is_not_taken(
    agency: Agency, found: Search
) -> None:
    _, packet = send(agency, found)
    for wrong in ({"packet_sha256": "0" * 64}, {"origin": "beholden/elsewhere"}):
        with pytest.raises(Untrusted, match="another packet"):
            take_back(agency, answer(agency, packet, **wrong))
    with pytest.raises(Missing, match="no packet that this system sent"):
        take_back(agency, answer(agency, packet, nonce="0" * 64))


def test_req_39_an_opinion_is_taken_once(agency: Agency, found: Search) -> None:
    sent, packet = send(agency, found)
    take_back(agency, answer(agency, packet))
    second = answer(agency, packet, opinion=-3)
    assert rules_of(agency, take_back, agency, second) == ["sent-opinion-is-awaited"]
    assert agency.get(Examination, sent.examination_id).opinion == 2


def test_req_38_a_late_opinion_is_not_taken_and_the_pair_waits_here_again(agency: Agency, found: Search) -> None:
    sent, packet = send(agency, found)
    note = answer(agency, packet)
    agency.clock.at = sent.due_at
    _sign_in(agency, "sven")
    assert rules_of(agency, take_back, agency, note) == ["sent-opinion-is-in-time"]
    agency.clock.at += timedelta(seconds=1)
    tend(agency.system)
    assert "examination.lapsed" in [leaf["event"] for leaf in agency.leaves()[-4:]]
    assert agency.get(SentExamination, sent.id).state is SentState.LAPSED
    assert rules_of(agency, take_back, agency, note) == ["sent-opinion-is-awaited", "sent-opinion-is-in-time"]
    assert _destroys(agency) == [sent.nonce]
    _sign_in(agency, "edda")
    agency.examine(found, "edda", 3)
    _sign_in(agency, "ines")
    [lead, *_] = examine.read_leads(agency.system, agency["ines"], search_id=found.id)
    assert [one.opinion for one in lead.examinations] == [3, 3]  # what lapsed is no opinion


def _destroys(agency: Agency) -> list[str]:
    """The nonces of the packets that somebody is told to destroy."""
    there = notices.notices(agency.system, agency["sven"])
    return [one.words.split()[3] for one in there if one.recipient == "Olga Outside, Police of Elsewhere"]


def test_req_74_an_erasure_ends_the_packet_and_tells_who_has_it(agency: Agency, found: Search) -> None:
    sent, packet = send(agency, found)
    note = answer(agency, packet)
    agency.erase(agency.get(Candidate, sent.candidate_id).face_id)
    assert agency.get(SentExamination, sent.id).state is SentState.LAPSED
    assert agency.get(Examination, sent.examination_id).state is ExaminationState.VOID
    assert _destroys(agency) == [sent.nonce]
    assert rules_of(agency, take_back, agency, note) == ["sent-opinion-is-awaited"]


def test_req_74_an_erasure_empties_what_came_back_and_tells_who_was_sent_it(agency: Agency, found: Search) -> None:
    sent, packet = send(agency, found)
    take_back(agency, answer(agency, packet))
    agency.erase(agency.get(Candidate, sent.candidate_id).face_id)
    kept = agency.get(Examination, sent.examination_id)
    assert (agency.get(SentExamination, sent.id).note, kept.components, kept.limitations) == ("", (), "")
    assert _destroys(agency) == [sent.nonce]


def test_req_23_what_was_not_upheld_takes_the_packet_along() -> None:
    agency = small_agency()
    exigent, found = begun(agency, 1, 2, 3)
    agency.review(found, 1)
    agency.examine(found, "erik", 3)
    sent, packet = send(agency, found)
    with agency.system.database.begin() as tx:
        assert sequester.take(agency.system, tx, exigent, agency.clock.at) is not None
    assert agency.find(SentExamination) == agency.find(Review) == []
    assert _destroys(agency) == [sent.nonce]
    with pytest.raises(BeholdenError):
        take_back(agency, answer(agency, packet))


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": " "},
        {"agency": ""},
        {"name": "x" * 101},
        {"vkey": "olga"},
        {"recipient": "age1nobody"},
        {"recipient": OLGA.vkey},
    ],
)
def test_req_38_an_examiner_without_a_name_or_keys_is_not_registered(agency: Agency, wrong: dict[str, str]) -> None:
    with pytest.raises(BadInput):
        registered(agency, wrong)
    assert agency.find(OutsideExaminer) == []


def test_req_38_an_examiner_is_registered_once_and_listed_to_who_may_see_it(agency: Agency) -> None:
    olga = registered(agency)
    assert last(agency)[:2] == ("examiner.registered", "done")
    with pytest.raises(BadInput, match="already"):
        registered(agency, {"name": "olga  outside"})
    assert travel.examiners(agency.system, agency["aude"]) == [olga]
    for read in (travel.examiners, travel.sent_examinations):
        with pytest.raises(Missing):
            read(agency.system, agency["edda"])


def test_req_35_the_list_of_what_left_tells_no_candidate_and_no_opinion(agency: Agency, found: Search) -> None:
    sent, packet = send(agency, found)
    take_back(agency, answer(agency, packet))
    [listed] = travel.sent_examinations(agency.system, agency["sven"])
    assert (listed.id, listed.candidate_id, listed.note, listed.state) == (sent.id, "", "", SentState.TAKEN_BACK)


def test_the_keys_of_what_travels_outlive_a_sweep(agency: Agency, found: Search) -> None:
    sent, packet = send(agency, found)
    assert {OutsideExaminer, SentExamination} <= set(KEYED)
    recover(agency.system)
    assert take_back(agency, answer(agency, packet)).note
    assert agency.get(SentExamination, sent.id).note
    assert agency.get(Face, agency.get(Candidate, sent.candidate_id).face_id)


def test_req_37_an_opinion_from_elsewhere_describes_each_side_and_only_one_on_an_old_packet_need_not(
    agency: Agency, found: Search
) -> None:
    sent, packet = send(agency, found)
    old = answer(agency, packet, described=(), edition=1)
    assert rules_of(agency, take_back, agency, old) == ["sent-opinion-is-complete"]
    agency.change(agency.get(SentExamination, sent.id), edition=1)  # as one that left before there were any
    take_back(agency, old)
    taken = agency.get(Examination, sent.examination_id)
    assert (taken.opinion, taken.described, taken.scale) == (2, (), SCALE)


def test_req_37_a_side_that_is_not_suitable_elsewhere_leaves_one_conclusion(agency: Agency, found: Search) -> None:
    sent, packet = send(agency, found)
    dark = (Description(Side.PROBE, False, (), "too dark to see the face"), SEEN[1])
    with pytest.raises(ValueError, match="cannot be compared"):
        answer(agency, packet, described=dark, components=())
    take_back(agency, answer(agency, packet, described=dark, components=(), opinion=int(Opinion.CANNOT_COMPARE)))
    assert agency.get(Examination, sent.examination_id).described == dark
