"""The first page: what waits for whoever signed in, by role and part, and nothing of anybody else."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from beholden.actions import exhibits, register, review
from beholden.records.people import Role
from beholden.records.requests import Request
from beholden.testing.drawn import draw
from tests.agency import Agency
from tests.api import everywhere as at
from tests.api import office
from tests.web.browser import Browser


def main_of(agency: Agency, name: str) -> str:
    return Browser(agency, name).open("/").text.partition("<main")[2].partition("</main>")[0]


def test_what_waits_moves_on_from_desk_to_desk(agency: Agency) -> None:
    ready = agency.ready(1, 2, 3)
    shown = main_of(agency, "ines")
    assert "can be used:" in shown
    assert f'href="/authorities/{ready.authority.id}#run">Search now</a>' in shown
    found = agency.search(ready.authority)
    assert f"/reviews/{found.id}" in main_of(agency, "rosa")
    assert found.id not in main_of(agency, "ines")
    agency.review(found, 1)
    assert f"/examinations/{found.id}" in main_of(agency, "erik")
    assert f"/reviews/{found.id}" not in main_of(agency, "rosa")
    agency.examine(found, "erik", 3)
    assert found.id not in main_of(agency, "erik"), "one opinion each"
    assert f"/examinations/{found.id}" in main_of(agency, "edda")
    agency.examine(found, "edda", 3)
    assert found.id not in main_of(agency, "edda")
    assert f'is open: <a href="/searches/{found.id}/leads">Read the leads</a>' in main_of(agency, "ines")


def test_who_owes_an_opinion_is_told_so_and_shown_no_source(agency: Agency) -> None:
    ready = agency.ready(1, 2, 3)
    found = agency.search(ready.authority)
    review.open_review(agency.system, agency["rosa"], search_id=found.id)
    shown = main_of(agency, "rosa")
    assert "Opinions that you owe" in shown
    assert found.id in shown
    assert ready.case.reference not in shown
    assert ready.source.name not in shown


def test_what_one_owes_is_linked_where_it_is_given_and_the_link_opens(agency: Agency) -> None:
    ready = agency.ready(1, 2, 3)
    found = agency.search(ready.authority)
    Browser(agency, "rosa").send(f"/reviews/{found.id}")
    _follow_what_is_owed(agency, "rosa", f"/reviews/{found.id}", "Go on with the review")
    agency.review(found, 1)
    Browser(agency, "erik").send(f"/examinations/{found.id}")
    _follow_what_is_owed(agency, "erik", f"/examinations/{found.id}", "Go on with the examination")


def _follow_what_is_owed(agency: Agency, name: str, page: str, words: str) -> None:
    somebody = Browser(agency, name)
    for path in ("/", "/searches"):
        main = somebody.open(path).text.partition("<main")[2].partition("</main>")[0]
        assert re.findall(r'<a href="([^"]*)">([^<]*)</a>', main) == [(page, words)], path
        assert somebody.open(page).status_code == 200, path


def test_every_step_of_a_case_leads_to_the_page_where_it_is_done(agency: Agency) -> None:
    source, gallery = agency.source(), agency.gallery()
    agency.enrol(source, gallery, 1)
    case = agency.case()
    ines = Browser(agency, "ines")
    assert _steps(ines) == [(f"/cases/{case.id}", "Add an exhibit")]
    exhibits.add_exhibit(
        agency.system,
        agency["ines"],
        draw(3, seed=7),
        case_id=case.id,
        file="one.png",
        origin="synthetic",
        why="found on the seized disk",
    )
    assert _steps(ines) == [(f"/cases/{case.id}/faces", "Show the faces and say who is sought")]
    sought = agency.sought(case, draw(3, seed=8))
    ask = f"/cases/{case.id}/authorities/new?sought={sought.id}"
    assert _steps(ines) == [(ask, "Ask for authority")]
    authority = agency.approve(agency.request(case, sought, gallery, searches=1))
    assert _steps(ines) == [(f"/authorities/{authority.id}#run", "Search now")]
    found = agency.search(authority)
    assert _steps(ines) == [(ask, "Ask for a new one")]
    agency.unsealed(found, 1)
    assert _steps(ines) == [(ask, "Ask for a new one"), (f"/searches/{found.id}/leads", "Read the leads")]


def _steps(ines: Browser) -> list[tuple[str, str]]:
    """Where the steps of the one case lead, each of which opens."""
    main = ines.open("/").text.partition("<main")[2].partition("</main>")[0]
    _, *steps = re.findall(r'<a href="([^"]*)">([^<]*)</a>', main)
    for path, _words in steps:
        assert ines.open(path.partition("#")[0]).status_code == 200, path
    return steps


def test_a_file_put_aside_waits_for_the_privacy_officer(agency: Agency) -> None:
    source, gallery = agency.source(), agency.gallery()
    [face] = agency.enrol(source, gallery, 1).faces
    assert "Nothing waits for you now." in main_of(agency, "pia")
    assert "/asides" not in main_of(agency, "pia")
    agency.erase(face.id)
    agency.enrol(source, gallery, 1)
    shown = main_of(agency, "pia")
    assert '<a href="/asides">1 file waits for you to close it</a>' in shown
    assert "Nothing waits for you now." not in shown
    pia = Browser(agency, "pia")
    pia.open("/asides")
    pia.send(next(form for form in pia.forms() if form.startswith("/asides/")))
    assert "Nothing waits for you now." in main_of(agency, "pia")
    assert "/asides" not in main_of(agency, "stella")


def test_an_authority_waits_for_a_supervisor_who_has_no_part_in_the_case(agency: Agency) -> None:
    source, gallery = agency.source(), agency.gallery()
    agency.enrol(source, gallery, 1)
    case = agency.case()
    asked = agency.request(case, agency.sought(case, draw(3, seed=7)), gallery)
    assert f"/authorities/{asked.id}" in main_of(agency, "sven")
    assert asked.id not in main_of(agency, "ines")
    agency.approve(asked)
    assert asked.id not in main_of(agency, "sven")


def test_a_proposal_waits_for_somebody_else(agency: Agency) -> None:
    agency.change_roles("pia", "privacy_officer", "steward")
    told = agency.source()
    made = register.propose_source(
        agency.system,
        agency["pia"],
        **{name: getattr(told, name) for name in ("controller", "authority_kind", "citation", "jurisdiction")},
        name="second",
        document_sha256=told.document_sha256,
        purposes=told.purposes,
        valid_from=told.valid_from,
        valid_until=told.valid_until,
    )
    assert made.id not in main_of(agency, "pia")
    agency.change_roles("stella", "privacy_officer")
    assert made.id in main_of(agency, "stella")


def test_nothing_waits_for_who_has_nothing_to_do(agency: Agency) -> None:
    agency.ready(1, 2, 3)
    for name in ("ivo", "emil", "ada"):
        assert "Nothing waits for you now." in main_of(agency, name), name
    assert '<a href="/notices">' in main_of(agency, "aude"), "what oversight must be told waits for who sends it"


def test_who_has_nothing_to_do_is_told_where_they_may_begin(agency: Agency) -> None:
    for name, path in (("ivo", "/cases"), ("emil", "/searches"), ("ada", "/people")):
        shown = main_of(agency, name)
        assert f'<li><a href="{path}">' in shown, name
        assert Browser(agency, name).open(path).status_code == 200
    agency.ready(1, 2, 3)
    assert '<li><a href="/cases">' not in main_of(agency, "ines"), "something waits for her"


def test_what_is_overdue_stands_first_and_says_so(agency: Agency) -> None:
    [face] = agency.enrol(agency.source(), agency.gallery(), 1).faces
    agency.granted(face.id)
    shown = main_of(agency, "stella")
    assert "Erasures to carry out" in shown
    assert "urgency" not in shown
    now = agency.system.clock.now()
    agency.change(agency.find(Request)[0], due_at=now + timedelta(hours=3))
    assert '<span class="urgency" data-urgency="soon">due within a day</span>' in main_of(agency, "stella")
    agency.change(agency.find(Request)[0], due_at=now - timedelta(hours=3))
    shown = main_of(agency, "stella")
    assert '<span class="urgency" data-urgency="overdue">overdue</span>' in shown
    assert re.findall(r'<h2 id="(\w+)">', shown)[0] == "erasures"


# Of each role a stage of the office at which something waits for it, and the heading under which that stands.
WAITS: dict[Role, tuple[at.Stage, str]] = {
    Role.STEWARD: (office.granted, "erasures"),
    Role.PRIVACY_OFFICER: (office.asked, "requests"),
    Role.INVESTIGATOR: (at.approved, "cases"),
    Role.SUPERVISOR: (at.founded, "authorities"),
    Role.EXAMINER: (at.listed, "reviews"),
    Role.AUDITOR: (at.founded, "notices"),
    Role.ADMINISTRATOR: (office.invited, "invited"),
    Role.KEY_CUSTODIAN: (at.founded, ""),
}


@pytest.mark.parametrize("role", list(Role))
def test_the_page_of_every_role_says_what_waits_or_where_to_begin_and_every_link_of_it_opens(role: Role) -> None:
    stage, heading = WAITS[role]
    there = stage().copy().agency
    somebody = Browser(there, at.ASKERS[role])
    shown = somebody.open("/").text.partition("<main")[2].partition("</main>")[0]
    headings = re.findall(r'<h2 id="([\w-]+)">', shown)
    assert (heading or "begin") in headings, headings
    assert ("begin" in headings) is not bool(heading)
    links = re.findall(r'<a href="([^"]+)"', shown)
    assert links
    for path in links:
        assert somebody.open(path.partition("#")[0]).status_code == 200, path
