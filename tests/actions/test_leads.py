"""Who works with a lead sees it first: both sides of the photographs, where the reference comes from, every opinion."""

from __future__ import annotations

from io import BytesIO

import pytest
from PIL import Image

from beholden.actions.leads import ShownLead, show_lead
from beholden.errors import Missing, Refused
from beholden.records.exhibits import Exhibit, ExhibitState
from tests.actions.test_sessions import fresh, stale
from tests.agency import Agency, last, rules_of
from tests.api.client import rest_of
from tests.web.browser import Browser
from tests.web.casework import chips, reveals, strips


def look_at(agency: Agency, search_id: str, candidate_id: str, name: str = "ines") -> ShownLead:
    return show_lead(agency.system, agency[name], search_id=search_id, candidate_id=candidate_id)


def test_req_40_an_examined_lead_is_shown_with_its_source_and_every_opinion_and_that_is_on_record(
    agency: Agency,
) -> None:
    ready = agency.ready(1, 2, 3)
    found = agency.search(ready.authority)
    lead = agency.unsealed(found, 1)[0]
    for name in ("ines", "sven", "rosa", "erik"):
        seen = look_at(agency, found.id, lead.candidate.id, name)
        leaf = agency.leaves()[-1]
        assert (leaf["event"], leaf["operation"], leaf["outcome"]) == ("lead.shown", "consultation", "done")
        told = agency.told(leaf["n"])
        assert (told["search"], told["shown"]) == ([found.id], [lead.candidate.face_id])
    assert (seen.lead, seen.source) == (lead, ready.source)
    assert seen.provenance.page_url == "https://example.org/3"
    assert len(seen.probes) == 1
    for chip in (*seen.probes, seen.reference):
        with Image.open(BytesIO(chip)) as picture:
            assert (picture.format, dict(picture.getexif())) == ("JPEG", {})
    agency.change(agency.find(Exhibit)[0], state=ExhibitState.REMOVED)
    assert look_at(agency, found.id, lead.candidate.id).probes == ()


def test_req_38_a_lead_that_nobody_examined_and_one_of_a_sealed_list_are_shown_to_nobody(agency: Agency) -> None:
    found = agency.search(agency.ready(1, 2, 3).authority)
    with pytest.raises(Refused):
        look_at(agency, found.id, "0" * 32)
    assert last(agency) == ("lead.shown", "refused", ["search-is-unsealed"])
    other = agency.unsealed(found, 1)[1]
    for name, rule in (
        ("ines", "lead-shown-is-examined"),
        ("aude", "role-sees-leads"),
        ("ivo", "reader-is-assigned"),
        ("emil", "examiner-reads-own-searches"),
    ):
        given = {"search_id": found.id, "candidate_id": other.candidate.id}
        assert rule in rules_of(agency, show_lead, agency.system, agency[name], **given)
    with pytest.raises(Missing):
        look_at(agency, found.id, "0" * 32)


def test_an_erased_lead_is_shown_to_nobody(agency: Agency) -> None:
    found = agency.search(agency.ready(1, 2, 3).authority)
    lead = agency.unsealed(found, 1)[0]
    agency.erase(lead.candidate.face_id)
    with pytest.raises(Missing):
        look_at(agency, found.id, lead.candidate.id)


def test_req_114_the_first_look_at_a_lead_asks_who_one_is_and_the_day_is_counted(agency: Agency) -> None:
    found = agency.search(agency.ready(1, 2, 3).authority)
    lead = agency.unsealed(found, 1)[0].candidate.id
    stale(agency, "ines")
    ines = Browser(agency, "ines")
    path = f"/searches/{found.id}/leads/{lead}"
    assert ines.open(path).status_code == 403
    assert f'href="/confirm?next={path}"' in ines.page.text
    assert last(agency)[2] == ["session-is-fresh-for-leads"]
    fresh(agency, "ines")
    assert ines.open(path).status_code == 200
    stale(agency, "ines")
    assert ines.open(path).status_code == 200, "after the first look it opens without it"


def test_the_page_of_a_lead_shows_both_sides_and_is_linked_where_one_discloses(agency: Agency) -> None:
    found = agency.search(agency.ready(1, 2, 3).authority)
    there = agency.unsealed(found, 1)
    path = f"/searches/{found.id}/leads/{there[0].candidate.id}"
    ines = Browser(agency, "ines")
    page = ines.open(f"/searches/{found.id}/leads").text
    assert page.count(f'href="{path}"') == 2, "in the list and beside the box that chooses it"
    assert f"/leads/{there[1].candidate.id}" not in page, "nobody examined it"
    ines.open(path)
    for words in (
        "https://example.org/3",
        "strong support for the same person",
        "hairline and forehead",
        "erik",
        "edda",
    ):
        assert words in ines.text
    assert "https://example.org/3" not in "".join(part for part in ines.page.text.split('"') if part.startswith("http"))
    assert chips(ines) == [], "both sides are veiled"
    [strip] = strips(ines)
    assert len(reveals(ines)) == 2
    assert ines.open(strip).headers["content-type"] == "image/jpeg"
    assert Browser(agency, "sven").open(strip).status_code == 404
    for name in ("ivo", "stella", "pia", "ada"):
        assert Browser(agency, name).open(path).status_code == 404


def test_req_90_an_auditor_reads_a_lead_with_grey_boxes_and_without_what_its_source_tells(agency: Agency) -> None:
    found = agency.search(agency.ready(1, 2, 3).authority)
    lead = agency.unsealed(found, 1)[0].candidate.id
    aude = Browser(agency, "aude")
    page = aude.open(f"/searches/{found.id}/leads/{lead}").text
    assert "<img" not in page
    assert "example.org" not in page
    assert f'href="/pictures/lead/{lead}?search={found.id}"' in page
    assert "strong support for the same person" in aude.text
    assert last(agency)[0] == "search.read"
    assert aude.open(f"/searches/{found.id}/leads/{'0' * 32}").status_code == 404


def test_rest_gives_a_lead_behind_the_same_act(agency: Agency) -> None:
    found = agency.search(agency.ready(1, 2, 3).authority)
    lead = agency.unsealed(found, 1)[0].candidate.id
    rest = rest_of(agency)
    told = rest.get("ines", f"/searches/{found.id}/leads/{lead}")
    assert last(agency)[:2] == ("lead.shown", "done")
    assert told["lead"]["candidate_id"] == lead
    assert (told["provenance"]["page_url"], len(told["sought"])) == ("https://example.org/3", 1)
    assert told["source"]["authority_kind"] == "synthetic"
    rest.refused(403, "GET", f"/searches/{found.id}/leads/{lead}", "aude")
    rest.refused(404, "GET", f"/searches/{found.id}/leads/{lead}", "ivo")
