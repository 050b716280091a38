"""Examination in pages: a pair is taken by a press, compared component by component, and the opinion is locked for good."""

from __future__ import annotations

import hashlib
import re

from beholden.records.examination import COMPONENTS, Examination, ExaminationState
from beholden.records.people import Session
from beholden.records.searches import Search, SearchState
from tests.agency import Agency
from tests.web.browser import Browser
from tests.web.casework import but_for_the_entry, chips, examine, hidden, opinion, review


def test_two_examiners_lock_their_opinions_and_the_last_one_opens_the_list(agency: Agency) -> None:
    found = agency.search(agency.ready(1, 2, 3).authority)
    review(agency, found, 1)
    examine(agency, found, "erik")
    assert agency.get(Search, found.id).state is SearchState.REVIEWED
    examine(agency, found, "edda")
    assert agency.get(Search, found.id).state is SearchState.UNSEALED
    locked = agency.find(Examination)
    assert {(one.opinion, one.limitations, one.score_revealed, one.state) for one in locked} == {
        (3, "low light", False, ExaminationState.LOCKED)
    }


def test_a_pair_is_taken_by_a_press_and_is_the_same_when_the_page_is_loaded_again(agency: Agency) -> None:
    found = agency.search(agency.ready(1, 2, 3).authority)
    review(agency, found, 1)
    erik = Browser(agency, "erik")
    erik.open(f"/examinations/{found.id}")
    assert (agency.find(Examination), chips(erik)) == ([], [])
    erik.send(f"/examinations/{found.id}")
    handle = hidden(erik, "handle")
    erik.open(f"/examinations/{found.id}")
    assert (hidden(erik, "handle"), len(chips(erik))) == (handle, 2)
    assert [one.id for one in agency.find(Examination)] == [handle]


def test_after_the_last_pair_there_is_none_to_take_and_the_page_says_so(agency: Agency) -> None:
    found = agency.search(agency.ready(1, 2, 3).authority)
    review(agency, found, 1)
    erik = Browser(agency, "erik")
    erik.open(f"/examinations/{found.id}")
    assert f"/examinations/{found.id}" in erik.forms()
    examine(agency, found, "erik")
    erik.open(f"/examinations/{found.id}")
    assert f"/examinations/{found.id}" not in erik.forms()
    assert "No pair of this search waits for you. Look at what waits for you" in erik.text
    edda = Browser(agency, "edda")
    edda.open(f"/examinations/{found.id}")
    assert f"/examinations/{found.id}" in edda.forms()


def test_what_an_opinion_lacks_is_named_and_what_was_filled_in_stays(agency: Agency) -> None:
    found = agency.search(agency.ready(1, 2, 3).authority)
    review(agency, found, 1)
    erik = Browser(agency, "erik")
    erik.send(f"/examinations/{found.id}")
    told = opinion(erik)
    del told["opinion"], told["component-nose"]
    erik.send(f"/examinations/{found.id}/lock", told)
    assert erik.page.status_code == 403
    assert len(re.findall(r'value="similar" checked', erik.page.text)) == 9
    assert "low light" in erik.text
    assert len(chips(erik)) == 2
    for bad in ("4", "x", "-9"):
        erik.send(f"/examinations/{found.id}/lock", opinion(erik) | {"opinion": bad})
        assert erik.page.status_code == 403, bad
    erik.send(f"/examinations/{found.id}/lock", opinion(erik, -3))
    assert [(one.opinion, one.state) for one in agency.find(Examination)] == [(-3, ExaminationState.LOCKED)]
    assert erik.send(f"/examinations/{found.id}/lock", told).status_code == 403


def test_who_took_long_keeps_what_was_filled_in_and_is_asked_who_they_are_before_the_photographs(
    agency: Agency,
) -> None:
    found = agency.search(agency.ready(1, 2, 3).authority)
    review(agency, found, 1)
    erik = Browser(agency, "erik")
    erik.send(f"/examinations/{found.id}")
    told = opinion(erik)
    del told["component-nose"]
    digest = hashlib.sha256(agency["erik"].session.encode()).hexdigest()
    agency.change(agency.get(Session, digest), fresh_until=agency.clock.at)
    assert erik.open(f"/examinations/{found.id}").status_code == 403
    erik.send(f"/examinations/{found.id}/lock", told)
    assert (erik.page.status_code, chips(erik)) == (403, [])
    assert "session-is-fresh" in erik.text
    assert len(re.findall(r'value="similar" checked', erik.page.text)) == 9
    erik.send(f"/examinations/{found.id}/lock", told | {"component-nose": "similar"})
    assert [one.state for one in agency.find(Examination)] == [ExaminationState.LOCKED]


def test_anothers_examination_and_a_forged_one_are_missing_in_the_same_words(agency: Agency) -> None:
    found = agency.search(agency.ready(1, 2, 3).authority)
    review(agency, found, 1)
    erik, edda = Browser(agency, "erik"), Browser(agency, "edda")
    erik.send(f"/examinations/{found.id}")
    told = opinion(erik)
    answers = [
        edda.send(f"/examinations/{search}/lock", told | {"handle": handle})
        for search in (found.id, "0" * 32)
        for handle in (told["handle"], "0" * 32, "")
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert len({but_for_the_entry(answer.text) for answer in answers}) == 1
    assert [one.state for one in agency.find(Examination)] == [ExaminationState.OPEN]
    assert Browser(agency, "rosa").open("/examinations/" + "0" * 32).status_code == 404


def test_a_locked_opinion_is_revised_by_its_examiner_once_the_scores_are_open(agency: Agency) -> None:
    found = agency.search(agency.ready(1, 2, 3).authority)
    review(agency, found, 1)
    erik = examine(agency, found, "erik")
    at = f"/examinations/{found.id}/opinions"
    assert erik.open(at).status_code == 403  # the other examiner is still to come
    examine(agency, found, "edda")
    erik.open(f"/searches/{found.id}/leads")
    assert f'href="{at}"' in erik.page.text
    erik.open(at)
    [own] = [form for form in erik.forms() if form.startswith(at)]
    assert "strong support for the same person" in erik.text
    assert len(re.findall(r'value="similar" checked', erik.page.text)) == 10, "what was locked is filled in"
    told = {f"component-{name}": "not-comparable" for name in COMPONENTS} | {"limitations": "the ears are hidden"}
    erik.send(own, told)
    assert erik.page.status_code == 403
    assert "opinion-is-complete" in erik.page.text
    assert "the ears are hidden" in erik.text, "what was typed stays"
    assert 'name="opinion" value="3" checked' not in erik.page.text
    erik.send(own, told | {"opinion": "0"})
    assert str(erik.page.url).endswith(f"{at}?done=revised")
    revised = [one for one in agency.find(Examination) if one.supersedes]
    assert [(one.opinion, one.score_revealed, f"{at}/{one.supersedes}") for one in revised] == [(0, True, own)]
    assert [form for form in erik.forms() if form.startswith(at)] == [f"{at}/{revised[0].id}"]


def test_nobody_revises_the_opinion_of_another_or_learns_that_it_is_there(agency: Agency) -> None:
    found = agency.search(agency.ready(1, 2, 3).authority)
    review(agency, found, 1)
    erik, edda = examine(agency, found, "erik"), examine(agency, found, "edda")
    erik.open(f"/examinations/{found.id}/opinions")
    [own] = [form for form in erik.forms() if "/opinions/" in form]
    edda.open(f"/examinations/{found.id}/opinions")
    assert own not in edda.page.text
    foreign = edda.send(own, {"opinion": "0"})
    never = edda.send(f"/examinations/{found.id}/opinions/{'0' * 32}", {"opinion": "0"})
    assert (foreign.status_code, but_for_the_entry(foreign.text)) == (404, but_for_the_entry(never.text))
