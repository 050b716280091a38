"""The first page: what waits for whoever signed in, by role and part, and nothing of anybody else."""

from __future__ import annotations

from beholden.actions import register, review
from beholden.testing.drawn import draw
from tests.agency import Agency
from tests.web.browser import Browser


def main_of(agency: Agency, name: str) -> str:
    return Browser(agency, name).open("/").text.partition("<main")[2].partition("</main>")[0]


def test_what_waits_moves_on_from_desk_to_desk(agency: Agency) -> None:
    ready = agency.ready(1, 2, 3)
    assert "It can be used." in main_of(agency, "ines")
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
    assert "Its list is open." in main_of(agency, "ines")


def test_who_owes_an_opinion_is_told_so_and_shown_no_source(agency: Agency) -> None:
    ready = agency.ready(1, 2, 3)
    found = agency.search(ready.authority)
    review.open_review(agency.system, agency["rosa"], search_id=found.id)
    shown = main_of(agency, "rosa")
    assert "Opinions that you owe" in shown
    assert found.id in shown
    assert ready.case.reference not in shown
    assert ready.source.name not in shown


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
    for name in ("ivo", "emil", "aude", "ada"):
        assert "Nothing waits for you now." in main_of(agency, name), name
