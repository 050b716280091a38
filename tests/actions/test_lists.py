"""A list read page by page has on its pages what the desk's own list has, once, and nothing that is not there for its reader."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from beholden.actions import cases, desk, examine, lists, paging, register, review
from beholden.actions.paging import Page
from beholden.errors import BadInput, Missing, SignInRefused
from beholden.records.cases import Case
from beholden.records.exhibits import Exhibit
from beholden.records.people import Officer, Person, PersonState
from beholden.records.requests import Request
from beholden.records.searches import Search, SearchState
from beholden.testing.drawn import draw
from tests.agency import PURPOSE, Agency, small_agency

EVERYBODY = ("stella", "pia", "ines", "ivo", "sven", "rosa", "aude", "ada")
LISTS: list[tuple[str, Callable[..., Page[Any]], Callable[..., list[Any]]]] = [
    ("cases", lists.cases, desk.cases),
    ("sources", lists.sources, desk.sources),
    ("galleries", lists.galleries, desk.galleries),
    ("people", lists.people, desk.people),
    ("authorities", lists.authorities, desk.authorities),
    ("searches", lists.searches, desk.searches),
    ("requests", lists.requests, desk.requests),
]


@pytest.fixture(scope="module")
def busy() -> Agency:
    agency = small_agency()
    ready = agency.ready(1, 2)
    agency.sought(ready.case, draw(3, seed=70), draw(3, seed=80))  # two exhibits more
    for _ in range(3):
        agency.search(ready.authority)
        agency.clock.pass_by(minutes=1)
    for number in range(5):
        who = "ines" if number % 2 else "ivo"
        cases.open_case(agency.system, agency[who], reference=f"R-{number}", title=f"Été {number}", purpose=PURPOSE)
        register.open_gallery(agency.system, agency["pia"], name=f"gallery {number}", purposes=(PURPOSE,))
        agency.source(name=f"source {number}", controller=f"Police of {number}")
    return agency


def walked(agency: Agency, there: Callable[..., Page[Any]], name: str, **given: Any) -> list[Any]:
    """All pages, two records each."""
    read: list[Any] = []
    after = ""
    for _ in range(50):
        page = there(agency.system, agency[name], after=after, limit=2, **given)
        assert len(page.shown) <= 2
        read += page.shown
        if not page.next:
            return read
        assert len(page.shown) == 2
        after = page.next
    raise AssertionError("the pages have no end")


@pytest.mark.parametrize("name", EVERYBODY)
@pytest.mark.parametrize(("title", "there", "whole"), LISTS, ids=lambda one: one if isinstance(one, str) else "")
def test_the_pages_together_are_the_list_of_the_desk_for_everybody(
    busy: Agency, title: str, there: Callable[..., Page[Any]], whole: Callable[..., list[Any]], name: str
) -> None:
    if title == "requests" and name not in ("stella", "pia", "sven", "aude"):
        for not_there in (there, whole):
            with pytest.raises(Missing, match=desk.NO_REQUEST):
                not_there(busy.system, busy[name])
        return
    expected = whole(busy.system, busy[name])
    read = walked(busy, there, name)
    assert {one.id: one for one in read} == {one.id: one for one in expected}
    assert len(read) == len(expected)
    if title != "searches":  # which are read the latest first
        assert read == expected
    else:
        assert [one.started_at for one in read] == sorted((one.started_at for one in expected), reverse=True)


def test_the_exhibits_of_a_case_come_with_their_faces_and_only_to_those_who_see_the_case(busy: Agency) -> None:
    case_id = busy.find(Exhibit)[0].case_id
    expected = desk.exhibits(busy.system, busy["ines"], case_id=case_id)
    read = walked(busy, lists.exhibits, "ines", case_id=case_id)
    assert {exhibit.id: faces for exhibit, faces in read} == {exhibit.id: faces for exhibit, faces in expected}
    assert len(read) == len(expected) == 3
    assert walked(busy, lists.exhibits, "ines", case_id=case_id, filter="removed") == []
    assert len(walked(busy, lists.exhibits, "sven", case_id=case_id, filter="SYNTH")) == 3
    for name in ("ivo", "rosa", "stella", "ada"):
        with pytest.raises(Missing, match=f"no case {case_id}"):
            lists.exhibits(busy.system, busy[name], case_id=case_id)


@pytest.mark.parametrize(
    ("filter", "found"),
    [("r-1", ["R-1"]), ("ÉTÉ", ["R-1", "R-3"]), (" été 3 ", ["R-3"]), ("attic", ["2026-117"]), ("%", []), ("R-0", [])],
)
def test_cases_are_narrowed_by_reference_and_title_within_those_that_one_sees(
    busy: Agency, filter: str, found: list[str]
) -> None:
    assert [case.reference for case in walked(busy, lists.cases, "ines", filter=filter)] == found


def test_other_lists_are_narrowed_by_what_a_person_would_type(busy: Agency) -> None:
    assert [one.name for one in walked(busy, lists.sources, "aude", filter="police of 3")] == ["source 3"]
    assert [one.name for one in walked(busy, lists.galleries, "aude", filter="LERY 2")] == ["gallery 2"]
    assert [one.name for one in walked(busy, lists.people, "ada", filter="iv")] == ["ivo"]
    assert len(walked(busy, lists.searches, "ines", filter="attic")) == 3
    assert walked(busy, lists.searches, "ines", filter="été") == []
    assert len(walked(busy, lists.authorities, "sven", filter="2026-117")) == 1
    assert walked(busy, lists.authorities, "ivo", filter="2026-117") == []


def test_a_filter_tells_an_examiner_nothing_of_the_case_whose_search_waits(busy: Agency) -> None:
    waiting = walked(busy, lists.searches, "rosa")
    assert {search.state for search in waiting} == {SearchState.LISTED}
    for filter in ("attic", "2026-117", "R-1"):
        assert walked(busy, lists.searches, "rosa", filter=filter) == []
    assert walked(busy, lists.searches, "rosa", filter=waiting[0].id[:12].upper()) == waiting[:1]


def test_who_owes_an_opinion_sees_neither_that_search_nor_any_source() -> None:
    agency = small_agency()
    ready = agency.ready(1, 2)
    agency.change_roles("pia", "examiner", "steward")
    found, other = agency.search(ready.authority), agency.search(ready.authority)
    seen = {search.id for search in walked(agency, lists.searches, "pia")}
    assert seen == {found.id, other.id}
    assert walked(agency, lists.sources, "pia")
    review.open_review(agency.system, agency["pia"], search_id=found.id)
    assert [search.id for search in walked(agency, lists.searches, "pia")] == [other.id]
    assert walked(agency, lists.sources, "pia") == []


def test_who_owes_an_examination_sees_neither_that_search_nor_any_source() -> None:
    agency = small_agency()
    found = agency.search(agency.ready(1, 2).authority)
    agency.review(found, 1)
    assert [search.id for search in walked(agency, lists.searches, "erik")] == [found.id]
    examine.open_examination(agency.system, agency["erik"], search_id=found.id)
    assert walked(agency, lists.searches, "erik") == []


def test_a_case_that_comes_between_two_pages_moves_nothing(busy: Agency) -> None:
    agency = busy
    first = lists.cases(agency.system, agency["sven"], limit=3)
    rest = lists.cases(agency.system, agency["sven"], after=first.next)
    before = Case(**{name: getattr(first.shown[0], name) for name in Case.__slots__})
    with agency.system.database.begin() as tx:
        tx.add(replace(before, id="0" * 32, reference="0000"), replace(before, id="f" * 32, reference="R-9"))
    again = lists.cases(agency.system, agency["sven"], after=first.next)
    assert [one.reference for one in again.shown] == [*(one.reference for one in rest.shown), "R-9"]
    with agency.system.database.begin() as tx:
        tx.remove(*(one for one in tx.find(Case) if one.id in ("0" * 32, "f" * 32)))


def test_nobody_sees_how_another_signs_in(busy: Agency) -> None:
    assert {person.credential for person in walked(busy, lists.people, "ines")} == {""}


def cursor(*parts: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "forged",
    [
        *("x", "%", "é", "AAAA", "bnVsbA", "/" * 9, "[" * 100_000),
        *(cursor(*parts) for parts in ((), ("a",), (1, "a"), ("a", 1), (None, "a"), ("a", "b", "c"), ([], {}))),
        cursor("\ud800", "x"),
        cursor(2**70, "x"),
    ],
)
def test_a_forged_cursor_is_no_page_and_no_fault(busy: Agency, forged: str) -> None:
    for there in (lists.cases, lists.searches, lists.requests):
        with pytest.raises(BadInput, match="no such page"):
            there(busy.system, busy["sven"], after=forged)


@pytest.mark.parametrize(
    "time", ["2026-11-22", "2026-11-22T09:00:00", "2026-11-22T09:00:00+01:00", "no", "2026-11-22T09:00:00.000001Z"]
)
def test_a_time_that_no_record_has_is_no_page(busy: Agency, time: str) -> None:
    with pytest.raises(BadInput, match="no such page"):
        lists.searches(busy.system, busy["sven"], after=cursor(time, "x"))


def test_a_cursor_of_another_list_shows_nothing_that_one_may_not_see(busy: Agency) -> None:
    given = lists.cases(busy.system, busy["sven"], limit=1).next
    own = {case.id for case in desk.cases(busy.system, busy["ivo"])}
    assert {case.id for case in lists.cases(busy.system, busy["ivo"], after=given).shown} <= own


def test_a_page_and_a_filter_have_a_size(busy: Agency) -> None:
    for limit in (0, -1, paging.MOST + 1):
        with pytest.raises(BadInput, match="a page has 1 to 200 records"):
            lists.cases(busy.system, busy["ines"], limit=limit)
    with pytest.raises(BadInput, match="the filter has 201 characters"):
        lists.cases(busy.system, busy["ines"], filter="x" * 201)
    with pytest.raises(BadInput, match="no Unicode text"):
        lists.cases(busy.system, busy["ines"], filter="\ud800")
    assert lists.cases(busy.system, busy["ines"], filter="  ").shown


def test_who_is_not_active_or_not_signed_in_has_no_pages() -> None:
    agency = small_agency()
    agency.change(agency.get(Person, agency.ids["ines"]), state=PersonState.SUSPENDED)
    for _, there, _ in LISTS:
        with pytest.raises(Missing, match="not active"):
            there(agency.system, agency["ines"])
        with pytest.raises(SignInRefused):
            there(agency.system, Officer("ivo", "nothing"))


def test_requests_come_by_when_they_are_due(busy: Agency) -> None:
    assert busy.find(Request) == []
    assert busy.find(Search) != []
