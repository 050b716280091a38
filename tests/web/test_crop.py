"""What of an exhibit is kept, in pages: the page says it before and after, and takes further regions."""

from __future__ import annotations

from beholden.actions import cases
from beholden.records.exhibits import Exhibit
from beholden.testing.drawn import draw
from tests.agency import Agency
from tests.web.browser import Browser

WHY = {"origin": "synthetic", "why": "found on the seized disk"}


def test_in_a_case_of_abuse_the_page_says_that_only_faces_are_kept(agency: Agency) -> None:
    case, ines = agency.case(), Browser(agency, "ines")
    ines.open(f"/cases/{case.id}")
    assert "the rest of it is never on a disk here" in ines.text
    assert 'name="crop"' not in ines.page.text
    also = "0.5,0.5,0.1,0.1\n\n 0.7,0.5,0.1,0.1 "
    ines.send(f"/cases/{case.id}/exhibits", WHY | {"also": also}, files={"file": ("a.png", draw(3))})
    [exhibit] = agency.find(Exhibit)
    assert [box.left for box in exhibit.kept_boxes[1:]] == [0.5, 0.7]
    assert "faces only" in ines.text
    ines.send(f"/cases/{case.id}/exhibits", WHY | {"also": "here"}, files={"file": ("b.png", draw(4))})
    assert (ines.page.status_code, "is no region" in ines.text) == (422, True)
    assert "\nhere</textarea>" in ines.page.text


def test_in_another_case_the_crop_is_a_choice(agency: Agency) -> None:
    case = cases.open_case(agency.system, agency["ines"], reference="9", title="", purpose="imminent-threat")
    ines = Browser(agency, "ines")
    ines.open(f"/cases/{case.id}")
    assert "The photograph is sealed as it is" in ines.text
    ines.send(f"/cases/{case.id}/exhibits", WHY, files={"file": ("a.png", draw(3))})
    ines.send(f"/cases/{case.id}/exhibits", WHY | {"crop": "yes"}, files={"file": ("b.png", draw(4))})
    assert sorted(one.cropped for one in agency.find(Exhibit)) == [False, True]
