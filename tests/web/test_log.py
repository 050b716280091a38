"""The log in pages: to those who may read it, newest first, and reading it is on record too."""

from __future__ import annotations

import pytest

from beholden.records.audit import OPERATIONS
from tests.agency import Agency
from tests.web.browser import Browser


def test_an_auditor_reads_the_newest_first_and_that_is_on_record(agency: Agency) -> None:
    agency.gallery("a gallery of the log")
    number = agency.leaves()[-1]["n"]
    aude = Browser(agency, "aude")
    aude.open("/log")
    assert aude.page.status_code == 200
    assert aude.page.text.index(f">{number}<") < aude.page.text.index(f">{number - 1}<")
    assert "gallery.opened" in aude.text
    assert agency.leaves()[-1]["event"] == "log.read"


@pytest.mark.parametrize("name", ["ines", "stella", "sven", "rosa", "ada"])
def test_others_are_refused_with_the_rule_and_see_no_entry(agency: Agency, name: str) -> None:
    somebody = Browser(agency, name)
    assert somebody.open("/log").status_code == 403
    assert "person.added" not in somebody.text


def test_one_event_is_shown_alone_and_page_follows_page(agency: Agency) -> None:
    for number in range(55):
        agency.gallery(f"gallery {number}")
    pia = Browser(agency, "pia")
    pia.open("/log?event=gallery.opened")
    assert "person.added" not in pia.text.partition("Entries of the log")[2]
    assert pia.page.text.count("<code>gallery.opened</code>") == 50
    further = pia.page.text.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    pia.open(further)
    assert pia.page.text.count("<code>gallery.opened</code>") == 5
    assert "To the beginning" in pia.text


@pytest.mark.parametrize("query", ["event=nothing.known", "after=nonsense", "event=%3Cscript%3E"])
def test_what_the_log_does_not_know_is_said_so(agency: Agency, query: str) -> None:
    aude = Browser(agency, "aude")
    assert aude.open(f"/log?{query}").status_code == 422
    assert "<script>" not in aude.page.text
    assert "This cannot be used" in aude.text


def test_every_event_can_be_chosen(agency: Agency) -> None:
    shown = Browser(agency, "aude").open("/log").text
    for event in OPERATIONS:
        assert f"<option>{event}</option>" in shown


def test_values_of_the_log_cannot_break_the_page(agency: Agency) -> None:
    agency.source(authority_kind="synthetic", name="<i>register</i>")
    with pytest.raises(Exception, match="no authority"):
        agency.source(authority_kind="<script>alert(1)</script>")
    shown = Browser(agency, "aude").open("/log").text
    assert "<script>alert" not in shown
    assert "&lt;script&gt;alert(1)" in shown


def test_the_log_says_who_did_it_and_leads_to_the_records_that_its_reader_sees(agency: Agency) -> None:
    case = agency.case()
    aude, pia = Browser(agency, "aude"), Browser(agency, "pia")
    link = f'href="/cases/{case.id}"'
    assert link in aude.open("/log?event=case.opened").text
    row = aude.text.partition("Entries of the log")[2]
    assert "Done by" in row
    assert row.index("ines") < row.index("case.opened")
    assert link not in pia.open("/log?event=case.opened").text, "who sees no case is led to none"
    assert "by which door a program in Python" in aude.text


def test_an_error_and_a_door_are_told_in_words(agency: Agency) -> None:
    Browser(agency, "ines").open(f"/cases/{'0' * 32}")
    aude = Browser(agency, "aude")
    aude.open("/log?event=command.stopped")
    assert "stopped by There is no such record" in aude.text
    assert "by which door the pages" in aude.text


def test_a_name_that_nobody_has_is_said_so_with_those_like_it(agency: Agency) -> None:
    aude = Browser(agency, "aude")
    aude.open("/log?person=INE")
    assert "Nobody is called that." in aude.text
    assert "There is no such entry" not in aude.text
    assert '<a href="/log?event=&amp;record=&amp;person=ines&amp;day=">ines</a>' in aude.page.text
    aude.open("/log?person=Nobody+Here")
    assert "Nobody is called that." in aude.text
    aude.open("/log?person=ines&event=gallery.closed")
    assert "There is no such entry" in aude.text, "somebody is called that, and did nothing such"
