"""Near-duplicates in pages: the answers of an intake and the exhibits of a case say what looks the same."""

from __future__ import annotations

from beholden.records.exhibits import Exhibit
from tests.actions.test_alike import ANNA, copy_of, picture
from tests.agency import Agency
from tests.web.browser import Browser


def test_a_case_says_which_exhibit_looks_the_same_as_another(agency: Agency) -> None:
    case, ines = agency.case(), Browser(agency, "ines")
    for content in (picture(ANNA), copy_of(picture(ANNA))):
        told = {"origin": "synthetic", "why": "found on the seized disk"}
        ines.send(f"/cases/{case.id}/exhibits", told, files={"file": ("a.png", content)})
        assert ines.page.status_code == 200
    [first] = [one for one in agency.find(Exhibit) if not one.stack]
    ines.open(f"/cases/{case.id}")
    assert ines.text.count(f"looks the same as {first.id[:8]}") == 1
