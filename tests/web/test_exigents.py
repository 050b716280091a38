"""Search before approval in pages: begun in few fields, reviewed by somebody else, forgotten by nobody unseen."""

from __future__ import annotations

import re

from beholden.actions import exigent_review, probe
from beholden.records.exigent import UNREVIEWED, Exigent, ExigentState
from beholden.records.galleries import Gallery
from beholden.records.searches import Search
from tests.actions.test_exigent import again, begin
from tests.agency import Agency
from tests.web.browser import Browser

REASON = "a child of four is with the man of the photograph"


def test_req_20_one_form_searches_at_once_and_a_supervisor_upholds_it_in_pages(agency: Agency) -> None:
    ready = agency.ready(1, 2, 3)
    ines = Browser(agency, "ines")
    ines.open(f"/cases/{ready.case.id}")
    assert f"/cases/{ready.case.id}/exigents/new" in ines.page.text
    ines.open(f"/cases/{ready.case.id}/exigents/new")
    assert "within 24 hours" in ines.text
    assert len(re.findall(r'<(?:input|textarea|select) id="', ines.page.text)) <= 10
    ines.send(
        f"/cases/{ready.case.id}/exigents",
        {"sought_id": ready.sought.id, "ground": "child-in-danger", "reason": REASON, "place": "", "time": "tonight"},
    )
    [begun] = agency.find(Exigent)
    [found] = agency.find(Search)
    assert ines.page.status_code == 200
    assert UNREVIEWED in ines.text
    assert (begun.place, begun.time, found.authority_id) == ("unknown", "tonight", begun.authority_id)
    sven = Browser(agency, "sven")
    sven.open("/exigents")
    assert f'href="/exigents/{begun.id}"' in sven.page.text
    sven.open(f"/exigents/{begun.id}")
    assert all(words in sven.text for words in (REASON, "A child is being abused", "tonight", "Searches made"))
    sven.send(f"/exigents/{begun.id}", {"do": "uphold", "reason": "short"})
    assert sven.page.status_code == 403
    assert "short" in sven.page.text, "what was typed is shown again"
    probe_page = f"/authorities/{begun.authority_id}/probe"
    assert f'href="{probe_page}"' in sven.page.text
    sven.send(f"/exigents/{begun.id}", {"do": "uphold", "reason": "the message of the mother was looked at"})
    assert (sven.page.status_code, agency.get(Exigent, begun.id).state) == (403, ExigentState.OPEN), "nobody looked"
    sven.send(probe_page, {})
    sven.send(f"/exigents/{begun.id}", {"do": "uphold", "reason": "the message of the mother was looked at"})
    assert agency.get(Exigent, begun.id).state is ExigentState.UPHELD
    assert sven.forms().count(f"/exigents/{begun.id}") == 0
    ines.open(f"/searches/{found.id}")
    assert UNREVIEWED not in ines.text


def test_req_20_what_is_refused_keeps_what_was_typed_and_nothing_is_begun(agency: Agency) -> None:
    ready = agency.ready(1, 2, 3)
    ines = Browser(agency, "ines")
    told = {"sought_id": ready.sought.id, "ground": "", "reason": "too short"}
    ines.send(f"/cases/{ready.case.id}/exigents", told)
    assert ines.page.status_code == 403
    assert "too short" in ines.page.text
    assert agency.find(Exigent) == []
    ivo = Browser(agency, "ivo")
    ivo.send(f"/cases/{ready.case.id}/exigents", told | {"ground": "child-in-danger", "reason": REASON})
    assert ivo.page.status_code == 404
    assert ivo.open(f"/cases/{ready.case.id}/exigents/new").status_code == 404


def test_req_22_a_lapse_is_closed_and_a_refusal_given_in_pages_and_a_foreign_one_is_not_there(agency: Agency) -> None:
    ready = agency.ready(1, 2, 3)
    begun, other = begin(agency, ready), begin(agency, ready)
    assert Browser(agency, "ivo").open(f"/exigents/{begun.id}").status_code == 404
    ines = Browser(agency, "ines")
    ines.open(f"/exigents/{begun.id}")
    assert f"/exigents/{begun.id}" not in ines.forms()
    sven = Browser(agency, "sven")
    sven.send(f"/exigents/{other.id}", {"do": "refuse", "reason": "nobody was in danger at all then"})
    assert agency.get(Exigent, other.id).state is ExigentState.REFUSED
    sven.send(f"/exigents/{begun.id}", {"do": "something", "reason": "nobody was in danger at all then"})
    assert sven.page.status_code == 422
    agency.clock.pass_by(hours=24)
    again(agency, "sven")
    exigent_review.lapse_overdue(agency.system)
    sven = Browser(agency, "sven")
    sven.send(f"/exigents/{begun.id}", {"do": "close", "reason": "the supervisor on duty was ill that night"})
    assert agency.get(Exigent, begun.id).reviewed_by == agency.ids["sven"]


def test_req_08_a_privacy_officer_certifies_a_gallery_and_an_overdue_one_is_said_to_be(agency: Agency) -> None:
    gallery = agency.gallery()
    agency.clock.pass_by(days=91)
    again(agency, "pia")
    pia = Browser(agency, "pia")
    pia.open("/galleries")
    assert "overdue: it is not searched" in pia.text
    pia.send(f"/galleries/{gallery.id}/certify", {"words": "no"})
    assert pia.page.status_code == 403
    pia.send(f"/galleries/{gallery.id}/certify", {"words": "orders and withdrawals of the quarter"})
    assert agency.get(Gallery, gallery.id).certified_at == agency.clock.at
    assert "overdue" not in pia.text


def test_req_22_what_is_to_review_waits_on_the_first_page_of_the_supervisors_who_may(agency: Agency) -> None:
    ready = agency.ready(1, 2, 3)
    begun = begin(agency, ready)
    sven = Browser(agency, "sven")
    assert f'href="/exigents/{begun.id}"' in sven.open("/").text
    for name in ("ines", "pia", "rosa"):
        assert "/exigents/" not in Browser(agency, name).open("/").text
    probe.show_probe(agency.system, agency["sven"], authority_id=begun.authority_id)
    exigent_review.uphold_exigent(
        agency.system, agency["sven"], exigent_id=begun.id, reason="the message of the mother was looked at"
    )
    assert "/exigents/" not in sven.open("/").text
