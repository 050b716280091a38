"""What a blind reviewer or examiner is sent, to the last byte: handles, chips and capture dates, and nothing else of anybody."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable

from beholden.actions import enrol, examine
from beholden.actions.exhibits import DETAILS
from beholden.records.candidates import Candidate
from beholden.records.exhibits import Exhibit, ExhibitFace
from beholden.records.faces import Face
from beholden.records.galleries import Gallery
from beholden.records.images import Image
from beholden.records.review import Review
from beholden.records.searches import Search
from beholden.records.sources import Source
from tests.agency import Agency
from tests.web import casework
from tests.web.browser import Browser
from tests.web.casework import chips, strips

PERSONS = (1, 2, 3, 4, 5)
JPEG_PARTS = {
    0xDB,
    0xC0,
    0xC2,
    0xC4,
    0xDA,
    0xE0,
    0xDD,
}  # tables, frame, scan, JFIF's header, restart: no EXIF, no comment


def searched(agency: Agency) -> Search:
    return agency.search(agency.ready(*PERSONS).authority)


def secrets(agency: Agency, found: Search) -> set[str]:
    """Everything that would tell a blind reader who is who, where from, or how near."""
    with agency.system.database.look() as look:
        leads = examine.leads_of(agency.system, look, found)
    told: set[str] = {f"{lead.score:.{digits}f}" for lead in leads for digits in (3, 4, 6)}
    opened = agency.system.keys.open
    for image in agency.find(Image):
        provenance = json.loads(opened(image.id, image.provenance, enrol.PROVENANCE))
        told |= {value for name, value in provenance.items() if isinstance(value, str) and name != "captured_at"}
    for exhibit in agency.find(Exhibit):
        told |= {str(value) for value in json.loads(opened(exhibit.id, exhibit.details, DETAILS)).values()}
    for kind in (Image, Face, Candidate, Exhibit, ExhibitFace, Gallery, Source, Review):
        told |= {one.id for one in agency.find(kind)}  # type: ignore[attr-defined]  # of each of these kinds
    told |= {one.name for kind in (Gallery, Source) for one in agency.find(kind)}  # type: ignore[attr-defined]
    told |= {one.blob for one in agency.find(Image)} | {one.person_mark for one in agency.find(Face)}
    told |= {found.case_id, found.authority_id, found.sought_id, found.model, found.space_id, "2026-117", "Attic"}
    told |= {*found.statements, ">ines<", "sven", agency.ids["ines"], agency.ids["sven"], "example.org", "caption of"}
    return {one for one in told if one}


def payload(browser: Browser) -> str:
    page = browser.page
    return page.text + "\n".join(f"{name}: {value}" for name, value in page.headers.items())


def jpeg_parts(content: bytes) -> set[int]:
    """The kinds of segment before the picture's data."""
    found, at = set(), 2
    while content[at + 1] != 0xDA:
        found.add(content[at + 1])
        at += 2 + int.from_bytes(content[at + 2 : at + 4], "big")
    return found | {0xDA}


def check_blind(agency: Agency, browser: Browser, hidden: Iterable[str]) -> None:
    assert browser.page.status_code == 200
    told = payload(browser)
    assert [one for one in hidden if one in told] == []
    main = re.search(r"<main.*</main>", browser.page.text, re.S)
    assert main
    assert re.findall(r"\b(?:score|rank|similarity|distance|match|identity)", main.group(), re.I) == []
    for name in ("etag", "last-modified", "link", "content-disposition"):
        assert name not in browser.page.headers
    assert chips(browser) == [], "no clear photograph has an address"
    [strip] = strips(browser)
    veiled = browser.client.get(strip)
    assert (veiled.status_code, veiled.headers["content-type"]) == (200, "image/jpeg")
    assert set(veiled.headers) - set(browser.page.headers) == set()  # what every answer has, and nothing of a file
    clear = [one for address in casework.pair_reveals(browser) for one in opened(browser, address, hidden)]
    assert clear
    for photograph in (veiled.content, *clear):
        assert jpeg_parts(photograph) <= JPEG_PARTS
        assert [one for one in hidden if one.encode() in photograph] == []
    sizes = {re.findall(rb"\xff\xc0..\x08(....)", one, re.S)[0] for one in clear}
    assert len(sizes) == 1  # a chip of another size would tell where it comes from


def opened(browser: Browser, address: str, hidden: Iterable[str]) -> list[bytes]:
    """Both sides of a pair, clear. The answer has photographs and nothing else, not even as the name of a field."""
    answer = browser.client.post(
        address,
        data={"csrf": casework.hidden(browser, "csrf")},
        headers={"Sec-Fetch-Site": "same-origin", "Accept": "application/json"},
    )
    assert answer.status_code == 200
    assert [one for one in hidden if one in answer.text] == []
    told = answer.json()
    assert set(told) <= {"probes", "reference"}
    return [base64.b64decode(one) for one in (*told["probes"], *([told["reference"]] if "reference" in told else []))]


def test_req_35_a_reviewers_pages_and_images_tell_nothing_but_chips_and_dates(agency: Agency) -> None:
    found = searched(agency)
    hidden = secrets(agency, found)
    rosa = Browser(agency, "rosa")
    rosa.open("/searches")
    assert [one for one in hidden if one in payload(rosa)] == []
    rosa.open(f"/reviews/{found.id}")
    assert [one for one in hidden if one in payload(rosa)] == []
    rosa.send(f"/reviews/{found.id}")
    check_blind(agency, rosa, secrets(agency, found))
    handle = casework.handles(rosa)[0]
    rosa.send(f"/reviews/{found.id}/pairs/{handle}", {"outcome": "no"})
    check_blind(agency, rosa, secrets(agency, found))


def test_req_35_an_examiners_pages_and_images_tell_nothing_but_chips_and_the_date(agency: Agency) -> None:
    found = searched(agency)
    casework.review(agency, found, 1, 2)
    erik = Browser(agency, "erik")
    erik.open("/searches")
    assert [one for one in secrets(agency, found) if one in payload(erik)] == []
    erik.send(f"/examinations/{found.id}")
    check_blind(agency, erik, secrets(agency, found))
    for _ in range(2):
        casework.describe(erik, found, words="seen against the light")
        check_blind(agency, erik, secrets(agency, found))
    erik.send(f"/examinations/{found.id}/lock", casework.opinion(erik))
    hidden = secrets(agency, found) | {"low light", "seen against the light"}
    hidden |= {"rosa", "erik", agency.ids["erik"], agency.ids["rosa"]}
    edda = Browser(agency, "edda")
    edda.send(f"/examinations/{found.id}")
    for stage in range(3):
        check_blind(agency, edda, hidden)
        shown = re.search(r"<main.*</main>", edda.page.text, re.S)
        assert shown
        # Which part it is would tell of the other.
        said = re.sub(r'class="[^"]*"', "", shown.group())
        assert re.findall(r"\b(?:first|second|consultation)\b", said) == []
        if stage < 2:
            casework.describe(edda, found)


def test_req_35_the_order_of_the_page_is_the_reviewers_own_and_not_that_of_the_scores(agency: Agency) -> None:
    ready = agency.ready(*range(1, 10))
    orders = set()
    for _ in range(3):
        found = agency.search(ready.authority)
        rosa = Browser(agency, "rosa")
        rosa.send(f"/reviews/{found.id}")
        ranks = agency.ranks(found)
        orders.add(tuple(ranks[handle] for handle in casework.handles(rosa)))
        for handle in casework.handles(rosa):
            rosa.send(f"/reviews/{found.id}/pairs/{handle}", {"outcome": "no"})
        rosa.send(f"/reviews/{found.id}/finish")
    assert len(orders) == 3  # of 9! orders, twice the same one would be no accident
    assert tuple(range(1, 10)) not in orders


def test_req_35_whoever_owes_an_opinion_is_shown_no_search_source_or_lead(agency: Agency) -> None:
    found = searched(agency)
    agency.change_roles("rosa", "examiner", "supervisor")
    rosa = Browser(agency, "rosa")
    rosa.send(f"/reviews/{found.id}")
    assert rosa.open(f"/searches/{found.id}").status_code == 404
    assert rosa.open(f"/searches/{found.id}/leads").status_code == 404
    assert found.id not in rosa.open(f"/cases/{found.case_id}").text


def test_req_35_a_page_that_is_gone_back_to_is_a_consultation_of_its_own(agency: Agency) -> None:
    found = searched(agency)
    rosa = Browser(agency, "rosa")
    begun = len(agency.leaves())
    rosa.send(f"/reviews/{found.id}")
    first, before = strips(rosa), len(agency.leaves())
    assert [leaf["event"] for leaf in agency.leaves()[begun:]] == ["review.opened"]
    rosa.open(f"/reviews/{found.id}")
    assert first
    assert set(first).isdisjoint(strips(rosa))
    assert [leaf["event"] for leaf in agency.leaves()[before:]] == ["review.shown"]


def test_req_35_a_pair_is_one_entry_when_it_is_taken_and_another_each_time_that_it_is_shown_again(
    agency: Agency,
) -> None:
    found = searched(agency)
    agency.review(found, 1)
    erik = Browser(agency, "erik")
    begun = len(agency.leaves())
    taken = erik.send(f"/examinations/{found.id}", follow=False).headers["location"]
    assert strips(erik) == []
    for _ in range(2):  # the address has a token that shows once: loading it again is a look of its own
        erik.open(taken)
        assert len(strips(erik)) == 1
    events = [leaf["event"] for leaf in agency.leaves()[begun:]]
    assert events == ["examination.opened", "examination.shown"]


def test_req_35_what_was_shown_to_one_session_is_shown_to_no_other_by_its_address(agency: Agency) -> None:
    found = searched(agency)
    taken = Browser(agency, "rosa").send(f"/reviews/{found.id}", follow=False).headers["location"]
    emil = Browser(agency, "emil")
    emil.open(taken)
    assert (chips(emil), strips(emil)) == ([], [])
