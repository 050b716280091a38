"""How a case ended: what is kept is decided before it closes, and everybody who worked on it is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from beholden.actions import cases, endings, people, review
from beholden.errors import BadInput
from beholden.records.cases import Case, CaseState, Ending, KeptDecision
from beholden.records.exhibits import Exhibit, ExhibitFace
from beholden.records.outcomes import OutcomeNotice
from beholden.records.people import Person
from beholden.records.sought import Sought
from tests.agency import Agency, Ready, last, rules_of
from tests.web.test_held import review_of_another_case

FOUND = {"outcome": "the child is safe", "ended_as": "found"}


def close(agency: Agency, ready: Ready, name: str = "ines", **how: Any) -> Case:
    return cases.close_case(agency.system, agency[name], case_id=ready.case.id, **(FOUND | how))


def told(agency: Agency, ready: Ready) -> set[str]:
    names = {id: name for name, id in agency.ids.items()}
    return {names[one.person_id] for one in agency.find(OutcomeNotice, case_id=ready.case.id)}


@pytest.mark.parametrize(
    "how",
    [
        {},
        {"kept_decision": "keep-to-term"},
        {"kept_decision": "keep-to-term", "why_kept": "  "},
        {"why_kept": "the trial"},
        {"kept_decision": "for ever", "why_kept": "the trial"},
    ],
)
def test_req_146_a_case_whose_person_was_found_does_not_close_without_a_decision_and_its_reason(
    agency: Agency, how: dict[str, str]
) -> None:
    ready = agency.ready(1)
    assert rules_of(agency, partial(close, agency, ready, **how)) == ["case-found-decides-retention"]
    assert agency.get(Case, ready.case.id).state is CaseState.OPEN
    assert agency.find(OutcomeNotice) == []


def test_req_146_the_decision_stands_in_the_case_and_in_the_log_with_its_reason(agency: Agency) -> None:
    ready = agency.ready(1)
    closed = close(agency, ready, kept_decision="keep-to-term", why_kept=" the trial is next year ")
    assert (closed.ended_as, closed.kept_decision) == (Ending.FOUND, KeptDecision.KEEP)
    assert closed.why_kept == "the trial is next year"
    entry = agency.leaves()[-1]
    assert entry["event"] == "case.closed"
    assert agency.told(entry["n"])["why_kept"] == ["the trial is next year"]
    assert agency.told(entry["n"])["kept_decision"] == ["keep-to-term"]


def of_case(agency: Agency, ready: Ready) -> list[Any]:
    kinds: tuple[type[Any], ...] = (Exhibit, ExhibitFace, Sought)
    return [agency.get(Case, ready.case.id), *(one for kind in kinds for one in agency.find(kind))]


def test_req_146_what_may_go_is_due_as_early_as_the_law_allows_and_has_its_term_again_when_reopened(
    agency: Agency,
) -> None:
    ready = agency.ready(1)
    before = {one.id: one.kept for one in of_case(agency, ready)}
    assert len(before) >= 4
    close(agency, ready, kept_decision="erase-what-may-go", why_kept="the family asked for it")
    for one in of_case(agency, ready):
        assert one.kept.dispose_after == one.kept.keep_until == before[one.id].keep_until
    cases.reopen_case(agency.system, agency["sven"], case_id=ready.case.id)
    assert {one.id: one.kept for one in of_case(agency, ready)} == before
    opened = agency.get(Case, ready.case.id)
    assert (opened.ended_as, opened.kept_decision, opened.why_kept) == (Ending.NOT_SAID, KeptDecision.NONE, "")


def test_req_146_what_was_put_off_is_found_again_on_its_day(agency: Agency) -> None:
    ready = agency.ready(1)
    later = partial(close, agency, ready, kept_decision="review-by-date", why_kept="the trial")
    for day in ("", "soon", "2026-11-22", "2026-02-30"):
        with pytest.raises(BadInput, match="after today"):
            later(look_again_on=day)
    assert later(look_again_on="2026-11-23").look_again_on == "2026-11-23"
    again = partial(endings.to_look_again, agency.system)
    assert again(agency["ines"]) == ()
    agency.clock.pass_by(hours=15)  # midnight UTC; the session of the morning has ended
    agency = _signed_in(agency)
    again = partial(endings.to_look_again, agency.system)
    assert [case.id for case in again(agency["ines"])] == [ready.case.id]
    assert [case.id for case in again(agency["sven"])] == [ready.case.id]
    assert again(agency["ivo"]) == again(agency["pia"]) == ()


def _signed_in(agency: Agency) -> Agency:
    return replace(agency, officers={name: people.sign_in_as(agency.system, name=name) for name in agency.ids})


def test_an_ending_is_one_of_three_and_of_another_nothing_need_be_decided(agency: Agency) -> None:
    ready = agency.ready(1)
    for ending in ("", "solved"):
        with pytest.raises(BadInput, match="found, not-found, other"):
            close(agency, ready, ended_as=ending)
    closed = close(agency, ready, ended_as="not-found")
    assert (closed.ended_as, closed.kept_decision) == (Ending.NOT_FOUND, KeptDecision.NONE)


def test_req_145_everybody_who_worked_on_it_is_told_and_nobody_else(agency: Agency) -> None:
    ready = agency.ready(1, 2)
    found = agency.search(ready.authority)
    agency.review(found, 1)
    agency.examine(found, "erik", 3)
    agency.examine(found, "edda", 3)
    assert rules_of(agency, partial(close, agency, ready, "ivo", kept_decision="keep-to-term", why_kept="trial"))
    close(agency, ready, kept_decision="keep-to-term", why_kept="the trial")
    assert told(agency, ready) == {"sven", "rosa", "erik", "edda"}  # not who was refused, and not who closed it
    [outcome] = endings.outcomes(agency.system, agency["rosa"])
    assert (outcome.case.outcome, outcome.case.ended_as, outcome.notice.read) == ("the child is safe", "found", False)
    for name in ("ines", "ivo", "emil", "aude", "ada", "stella", "pia"):
        assert endings.outcomes(agency.system, agency[name]) == ()


def test_req_145_who_is_assigned_is_told_without_having_done_anything(agency: Agency) -> None:
    ready = agency.ready(1)
    cases.assign_case(agency.system, agency["sven"], case_id=ready.case.id, person_id=agency.ids["ivo"])
    close(agency, ready, "sven", kept_decision="keep-to-term", why_kept="the trial")
    assert told(agency, ready) == {"ines", "ivo"}


def test_req_145_each_says_for_themselves_that_they_read_it(agency: Agency) -> None:
    ready = agency.ready(1)
    close(agency, ready, "sven", ended_as="other")
    [notice] = agency.find(OutcomeNotice)
    read = partial(endings.read_outcome, agency.system, notice_id=notice.id)
    assert rules_of(agency, read, agency["ivo"]) == ["outcome-is-for-its-reader"]
    assert rules_of(agency, read, agency["aude"]) == ["outcome-is-for-its-reader", "role-reads-outcomes"]
    assert read(agency["ines"]).read
    assert last(agency) == ("outcome.read", "done", [])
    assert read(agency["ines"]).version == agency.get(OutcomeNotice, notice.id).version == 1
    assert [one.notice.read for one in endings.outcomes(agency.system, agency["ines"])] == [True]


def test_req_35_who_owes_a_blind_opinion_is_told_of_no_outcome_until_it_is_locked(agency: Agency) -> None:
    ready = agency.ready(1, 2)
    found = agency.search(ready.authority)
    agency.review(found, 1)
    agency.examine(found, "erik", 3)
    agency.examine(found, "edda", 3)
    close(agency, ready, "sven", ended_as="other")
    owed = review_of_another_case(agency, "rosa")
    assert endings.outcomes(agency.system, agency["rosa"]) == ()
    with agency.system.database.look() as look:
        assert endings.unread(look, look.get(Person, agency.ids["rosa"])) == 0
    [mine] = agency.find(OutcomeNotice, person_id=agency.ids["rosa"])
    read = partial(endings.read_outcome, agency.system, agency["rosa"], notice_id=mine.id)
    assert rules_of(agency, read) == ["outcome-reader-owes-no-opinion"]
    for pair in review.open_review(agency.system, agency["rosa"], search_id=owed)[1]:
        review.decide_pair(agency.system, agency["rosa"], handle=pair.handle, outcome="no")
    taken = review.open_review(agency.system, agency["rosa"], search_id=owed)[0]
    review.finish_review(agency.system, agency["rosa"], review_id=taken.id)
    assert len(endings.outcomes(agency.system, agency["rosa"])) == 1


def test_a_case_that_is_opened_again_and_closed_is_told_of_again(agency: Agency) -> None:
    ready = agency.ready(1)
    close(agency, ready, "sven", ended_as="other")
    cases.reopen_case(agency.system, agency["sven"], case_id=ready.case.id)
    [first] = endings.outcomes(agency.system, agency["ines"])
    assert first.case.state is CaseState.OPEN
    agency.clock.pass_by(minutes=1)
    close(agency, ready, "sven", ended_as="other", outcome="it was another child")
    both = endings.outcomes(agency.system, agency["ines"])
    assert [one.case.outcome for one in both] == ["it was another child"] * 2
    assert both[0].notice.kept.created_at - both[1].notice.kept.created_at == timedelta(minutes=1)
