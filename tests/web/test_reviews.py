"""Review in pages: the list is taken by a press, decided pair by pair, finished once; nobody else's handle does anything."""

from __future__ import annotations

import re

from beholden.records.review import Outcome, Pair, Review, ReviewState
from beholden.records.searches import Search, SearchState
from tests.agency import Agency, last
from tests.web.browser import Browser
from tests.web.casework import but_for_the_entry, chips, handles


def test_a_list_is_taken_by_a_press_and_not_by_a_look(agency: Agency) -> None:
    found = agency.search(agency.ready(1, 2, 3).authority)
    rosa = Browser(agency, "rosa")
    before = len(agency.leaves())
    rosa.open(f"/reviews/{found.id}")
    assert (agency.find(Review), len(agency.leaves()), chips(rosa)) == ([], before, [])
    rosa.send(f"/reviews/{found.id}")
    [review] = agency.find(Review)
    assert review.reviewer == agency.ids["rosa"]
    in_order = [pair.handle for pair in agency.find(Pair, order="position")]
    assert handles(rosa) == in_order
    assert handles(rosa) == in_order
    rosa.open(f"/reviews/{found.id}")
    assert handles(rosa) == in_order
    assert Browser(agency, "edda").send(f"/reviews/{found.id}").status_code == 403


def test_every_pair_is_decided_by_one_of_three_and_finished_once(agency: Agency) -> None:
    found = agency.search(agency.ready(1, 2, 3).authority)
    rosa = Browser(agency, "rosa")
    rosa.send(f"/reviews/{found.id}")
    first, second, third = handles(rosa)
    rosa.send(f"/reviews/{found.id}/finish")
    assert (rosa.page.status_code, len(handles(rosa))) == (403, 3)
    for handle, outcome in ((first, "potential"), (second, "no"), (third, "inconclusive"), (third, "no")):
        answer = rosa.send(f"/reviews/{found.id}/pairs/{handle}", {"outcome": outcome}, follow=False)
        assert answer.headers["location"].startswith(f"/reviews/{found.id}#pair-")
    rosa.open(f"/reviews/{found.id}")
    pressed = re.findall(r'value="(\w+)"[^>]* aria-pressed="true"', rosa.page.text)
    assert pressed == ["potential", "no", "no"]
    assert rosa.send(f"/reviews/{found.id}/pairs/{first}", {"outcome": "match"}).status_code == 422
    rosa.send(f"/reviews/{found.id}/finish")
    assert "The review is finished" in rosa.text
    assert agency.get(Search, found.id).state is SearchState.REVIEWED
    assert rosa.send(f"/reviews/{found.id}/pairs/{first}", {"outcome": "no"}).status_code == 403
    assert agency.get(Pair, first).outcome is Outcome.POTENTIAL


def test_more_potential_pairs_than_go_on_are_told_while_reviewing_with_links_to_them(agency: Agency) -> None:
    found = agency.search(agency.ready(1, 2, 3).authority)
    rosa = Browser(agency, "rosa")
    rosa.send(f"/reviews/{found.id}")
    assert re.search(r'id="potential"[^>]* hidden>', rosa.page.text)
    for number, handle in enumerate(handles(rosa), 1):
        rosa.send(f"/reviews/{found.id}/pairs/{handle}", {"outcome": "potential"})
        told = f"{number} potential, at most 2 go on: " + " ".join(f"Pair {one}" for one in range(1, number + 1))
        assert told in rosa.text
        assert f'<a href="#pair-{number}">' in rosa.page.text
        assert ("too-many" in rosa.page.text) is (number > 2)


def test_a_list_that_somebody_took_or_that_is_reviewed_is_not_offered(agency: Agency) -> None:
    found = agency.search(agency.ready(1, 2, 3).authority)
    rosa, edda = Browser(agency, "rosa"), Browser(agency, "edda")
    edda.open(f"/reviews/{found.id}")
    assert f"/reviews/{found.id}" in edda.forms()
    rosa.send(f"/reviews/{found.id}")
    edda.open(f"/reviews/{found.id}")
    assert f"/reviews/{found.id}" not in edda.forms()
    assert "The list of this search does not wait for you." in edda.text


def test_an_outcome_has_one_word_on_the_button_in_the_rule_and_among_the_leads(agency: Agency) -> None:
    found = agency.search(agency.ready(1, 2, 3).authority)
    rosa = Browser(agency, "rosa")
    rosa.send(f"/reviews/{found.id}")
    buttons = re.findall(r'data-outcome-key="\d" data-key-words="([^"]+)"', rosa.page.text)[:3]
    assert buttons == ["potential", "not this person", "inconclusive"]
    rosa.send(f"/reviews/{found.id}/finish")
    assert "Decide every pair: potential, not this person or inconclusive." in rosa.text
    agency.unsealed(found, 1)
    ines = Browser(agency, "ines")
    ines.open(f"/searches/{found.id}/leads")
    assert ines.page.text.count("<td>not this person</td>") == 2
    assert ines.page.text.count("<td>potential</td>") == 1


def test_the_pages_own_script_gets_no_page_and_cuts_no_chip_anew(agency: Agency) -> None:
    found = agency.search(agency.ready(1, 2, 3).authority)
    rosa = Browser(agency, "rosa")
    rosa.send(f"/reviews/{found.id}")
    rosa.client.headers["Accept"] = "application/json"
    answer = rosa.send(f"/reviews/{found.id}/pairs/{handles(rosa)[0]}", {"outcome": "no"})
    assert (answer.status_code, answer.content, last(agency)[0]) == (204, b"", "review.decided")


def test_anothers_handle_and_a_forged_one_are_missing_in_the_same_words(agency: Agency) -> None:
    ready = agency.ready(1, 2, 3)
    found, other = agency.search(ready.authority), agency.search(ready.authority)
    rosa, edda = Browser(agency, "rosa"), Browser(agency, "edda")
    rosa.send(f"/reviews/{found.id}")
    edda.send(f"/reviews/{other.id}")
    told = {"outcome": "no"}
    answers = [
        edda.send(f"/reviews/{search}/pairs/{handle}", told)
        for search in (found.id, other.id, "0" * 32)
        for handle in (handles(rosa)[0], "0" * 32)
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert len({but_for_the_entry(answer.text) for answer in answers}) == 1
    assert {pair.outcome for pair in agency.find(Pair)} == {Outcome.PENDING}
    assert edda.send(f"/reviews/{found.id}/finish").status_code in (403, 404)
    assert {review.state for review in agency.find(Review)} == {ReviewState.OPEN}


def test_whoever_had_a_part_in_the_search_does_not_review_it(agency: Agency) -> None:
    found = agency.search(agency.ready(1, 2, 3).authority)
    for name in ("ines", "sven"):
        assert Browser(agency, name).send(f"/reviews/{found.id}").status_code == 403
    assert agency.find(Review) == []
