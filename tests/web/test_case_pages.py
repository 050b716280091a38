"""The pages of a case beside its faces: the bar of authority, the timeline, what looks the same, and the frame."""

from __future__ import annotations

import re

from beholden.actions import edit
from beholden.records.exhibits import Exhibit
from beholden.testing.drawn import draw
from tests.actions.test_alike import ANNA, copy_of, picture
from tests.agency import Agency, last
from tests.web.browser import Browser

WHY = {"origin": "synthetic", "why": "found on the seized disk"}
REASON = {"reason": "who stands beside her on the stairs"}


def bar(browser: Browser) -> str:
    found = re.search(r'<aside class="case-bar".*?</aside>', browser.page.text, re.DOTALL)
    assert found, "no bar of authority on this page"
    return " ".join(re.sub(r"<[^>]+>", " ", found.group()).split())


def test_what_may_be_searched_is_on_every_page_of_a_case(agency: Agency) -> None:
    ready = agency.ready(1, 2)
    [exhibit] = agency.find(Exhibit)
    path = f"/cases/{ready.case.id}"
    ines = Browser(agency, "ines")
    for page in (path, f"{path}/faces", f"{path}/timeline", f"{path}/exhibits/{exhibit.id}/frame"):
        ines.open(page)
        assert "3 searches left until" in bar(ines)
        assert f"/authorities/{ready.authority.id}" in ines.page.text
    agency.search(ready.authority)
    ines.open(path)
    assert "2 searches left" in bar(ines)


def test_a_case_without_authority_says_so(agency: Agency) -> None:
    case, ines = agency.case(), Browser(agency, "ines")
    ines.open(f"/cases/{case.id}")
    assert "nothing can be searched in it" in bar(ines)
    sought = agency.sought(case, draw(3, seed=7))
    agency.request(case, sought, agency.gallery())
    ines.open(f"/cases/{case.id}")
    assert "It waits for a supervisor who has no part in the case." in bar(ines)


def test_the_timeline_says_in_words_who_did_what(agency: Agency) -> None:
    ready = agency.ready(1, 2)
    ines = Browser(agency, "ines")
    ines.open(f"/cases/{ready.case.id}/timeline")
    for words in ("ines opened the case", "ines added an exhibit", "sven approved an authority"):
        assert words in ines.text
    assert ines.text.index("approved an authority") < ines.text.index("opened the case"), "the latest first"
    assert "same mole" not in ines.text, "what was said stays in the log"
    assert Browser(agency, "ivo").open(f"/cases/{ready.case.id}/timeline").status_code == 404


def test_of_exhibits_that_look_the_same_the_first_alone_is_shown_until_all_are_asked_for(agency: Agency) -> None:
    case, ines = agency.case(), Browser(agency, "ines")
    for content in (picture(ANNA), copy_of(picture(ANNA))):
        ines.send(f"/cases/{case.id}/exhibits", WHY, files={"file": ("a.png", content)})
    [first] = [one for one in agency.find(Exhibit) if not one.stack]
    before = len(agency.leaves())
    ines.open(f"/cases/{case.id}/faces")
    assert agency.told(before)["exhibit"] == [first.id]
    assert len(agency.leaves()) == before + 1
    assert "1 more exhibit looks the same and is folded away." in ines.text
    ines.open(f"/cases/{case.id}/faces?stacked=yes")
    assert len(agency.leaves()) == before + 3
    assert "folded away" not in ines.text


def test_the_map_of_an_exhibit_has_its_boxes_and_no_pixel_and_makes_no_entry(agency: Agency) -> None:
    case = agency.case()
    agency.sought(case, draw(3, seed=7))
    [exhibit] = agency.find(Exhibit)
    before = len(agency.leaves())
    ines = Browser(agency, "ines")
    ines.open(f"/cases/{case.id}/exhibits/{exhibit.id}/frame")
    assert (ines.page.status_code, len(agency.leaves())) == (200, before)
    assert ines.page.text.count('class="case-box"') == 1
    assert "<image" not in ines.page.text
    assert "/held/" not in ines.page.text


def test_the_photograph_is_shown_for_a_reason_with_its_boxes_over_it_and_a_face_drawn_there(agency: Agency) -> None:
    case, ines = agency.case(), Browser(agency, "ines")
    told = WHY | {"also": "0.73,0.49,0.04,0.12"}
    ines.send(f"/cases/{case.id}/exhibits", told, files={"file": ("a.png", draw(3))})
    [exhibit] = agency.find(Exhibit)
    address = f"/cases/{case.id}/exhibits/{exhibit.id}/frame"
    ines.send(address, {"reason": "curious"})
    assert (ines.page.status_code, "frame-has-reason" in ines.text) == (403, True)
    assert "\ncurious</textarea>" in ines.page.text
    ines.send(address, REASON)
    assert (ines.page.status_code, last(agency)) == (200, ("exhibit.frame_shown", "done", []))
    [picture_at] = re.findall(r'<image href="(/held/[^"]+)"', ines.page.text)
    assert ines.client.get(picture_at).content[:3] == b"\xff\xd8\xff"
    assert 'id="f-box"' in ines.page.text
    agency.clock.pass_by(minutes=3)
    assert ines.client.get(picture_at).status_code == 404
    for name, status in (("sven", 403), ("ivo", 404)):
        somebody = Browser(agency, name)
        assert somebody.send(address, REASON).status_code == status
        assert "<image" not in somebody.page.text


def test_a_map_has_no_box_of_an_edited_face_and_none_of_a_video(agency: Agency) -> None:
    case = agency.case()
    agency.sought(case, draw(3, seed=7))
    [exhibit] = agency.find(Exhibit)
    edit.edit_face(agency.system, agency["ines"], exhibit_id=exhibit.id, position=1, edits=["contrast=1"], why="haze")
    ines = Browser(agency, "ines")
    address = f"/cases/{case.id}/exhibits/{exhibit.id}/frame"
    assert ines.open(address).text.count('class="case-box"') == 1
    agency.change(exhibit, kind="MP4")
    assert "<svg" not in ines.open(address).text
    assert "there is no place to show" in ines.text
    assert "See the photograph itself" not in ines.text
