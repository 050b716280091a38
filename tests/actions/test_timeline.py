"""The timeline of a case: who did what and when, without what was said, and without what the blind must not learn."""

from __future__ import annotations

import pytest

from beholden.actions import exhibits, reveal, review, timeline
from beholden.errors import Missing, Refused
from beholden.records.audit import OPERATIONS
from beholden.records.exhibits import Exhibit, ExhibitFace
from beholden.testing.drawn import draw
from beholden.web.timeline import WORDS
from tests.agency import Agency


def events(agency: Agency, name: str, case_id: str) -> list[tuple[str, str]]:
    people = {id: name for name, id in agency.ids.items()}
    shown = timeline.of_case(agency.system, agency[name], case_id=case_id, limit=200).shown
    return [(people.get(one.by, one.by), one.event) for one in reversed(shown)]


def test_every_act_on_the_case_is_told_in_the_order_in_which_it_was_done(agency: Agency) -> None:
    ready = agency.ready(1, 2)
    assert events(agency, "ines", ready.case.id) == [
        ("ines", "case.opened"),
        ("ines", "exhibit.added"),
        ("ines", "sought.declared"),
        ("ines", "authority.requested"),
        ("sven", "probe.shown"),
        ("sven", "authority.approved"),
    ]
    assert events(agency, "sven", ready.case.id) == events(agency, "aude", ready.case.id)


def test_what_was_refused_and_what_an_auditor_looked_at_are_not_told(agency: Agency) -> None:
    case = agency.case()
    agency.sought(case, draw(3, seed=7))
    before = events(agency, "ines", case.id)
    with pytest.raises(Refused):
        exhibits.show_faces(agency.system, agency["ivo"], exhibit_id=agency.find(Exhibit)[0].id)
    face = agency.find(ExhibitFace)[0]
    reveal.reveal_picture(
        agency.system, agency["aude"], of="exhibit-face", id=face.id, reason="drawn by lot in the sample of May"
    )
    assert events(agency, "ines", case.id) == before


def test_another_case_is_missing_and_has_nothing_of_this_one(agency: Agency) -> None:
    mine, other = agency.case(), agency.case("ivo")
    with pytest.raises(Missing):
        timeline.of_case(agency.system, agency["ivo"], case_id=mine.id)
    assert events(agency, "ivo", other.id) == [("ivo", "case.opened")]


def test_req_35_opinions_are_told_when_none_is_owed_any_more(agency: Agency) -> None:
    ready = agency.ready(1, 2)
    found = agency.search(ready.authority)
    agency.review(found, 1)
    agency.examine(found, "erik", 3)
    opinions = ("review.", "examination.")
    assert not [event for _, event in events(agency, "ines", ready.case.id) if event.startswith(opinions)]
    agency.examine(found, "edda", 3)
    told = [one for one in events(agency, "ines", ready.case.id) if one[1].startswith(opinions)]
    assert set(told) <= {("rosa", "review.opened"), ("rosa", "review.finished"), *(
        (name, event) for name in ("erik", "edda") for event in ("examination.opened", "examination.locked")
    )}  # fmt: skip


def test_req_35_who_owes_an_opinion_has_no_timeline(agency: Agency) -> None:
    ready = agency.ready(1, 2)
    found = agency.search(ready.authority)
    agency.change_roles("rosa", "examiner", "supervisor")
    review.open_review(agency.system, agency["rosa"], search_id=found.id)
    with pytest.raises(Missing, match="lock the opinion"):
        timeline.of_case(agency.system, agency["rosa"], case_id=ready.case.id)


def test_a_page_of_it_goes_on_where_the_one_before_ended(agency: Agency) -> None:
    ready = agency.ready(1, 2)
    whole = timeline.of_case(agency.system, agency["ines"], case_id=ready.case.id)
    first = timeline.of_case(agency.system, agency["ines"], case_id=ready.case.id, limit=4)
    rest = timeline.of_case(agency.system, agency["ines"], case_id=ready.case.id, limit=4, after=first.next)
    assert (first.shown + rest.shown, rest.next, len(first.shown)) == (whole.shown, "", 4)


def test_every_act_that_is_told_is_one_of_the_log_and_has_its_words() -> None:
    told = timeline.TOLD | timeline.OPINIONS
    assert told <= set(OPERATIONS)
    assert set(WORDS) == told
