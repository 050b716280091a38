"""Where there is more to choose from than a page holds, the first are offered, and a field finds the others without scripts."""

from __future__ import annotations

import pytest

from beholden.actions import lists, people
from beholden.records.cases import Case
from tests.agency import Agency
from tests.web.browser import Browser


@pytest.fixture(autouse=True)
def few_on_a_page(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two, as `limit` of the lists is when nobody says: fifty records of a kind take a test too long to make."""
    for there in (lists.sources, lists.galleries_for, lists.investigators):
        assert there.__kwdefaults__ is not None
        monkeypatch.setitem(there.__kwdefaults__, "limit", 2)


def options(browser: Browser) -> list[str]:
    """The names that the page offers to choose from."""
    after = [part.partition(">")[2] for part in browser.page.text.split("<option value=")[1:]]
    return [part.partition("<")[0].strip() for part in after]


def test_a_source_is_found_for_a_request(agency: Agency) -> None:
    for name in ("Aa", "Bb", "Cc"):
        agency.source(name=name)
    pia = Browser(agency, "pia")
    pia.open("/requests/new")
    assert {"Aa", "Bb"} <= set(options(pia))
    assert "Cc" not in options(pia)
    assert "There are more than are offered here." in pia.text
    pia.open("/requests/new?source=cc")
    assert "Cc" in options(pia)
    assert "Aa" not in options(pia)
    assert 'value="cc"' in pia.page.text
    assert "There are more" not in pia.text


def test_a_gallery_is_found_for_an_authority_and_one_that_was_ticked_stays(agency: Agency) -> None:
    ready = agency.ready(1, 2)
    made = [agency.gallery(name) for name in ("Aa", "Bb", "Cc")]
    case, sought = ready.case, ready.sought
    ines = Browser(agency, "ines")
    path = f"/cases/{case.id}/authorities/new?sought={sought.id}"
    ines.open(path)
    assert "Aa" in ines.text
    assert "Cc" not in ines.text
    ines.open(f"{path}&gallery=cc")
    assert "Cc" in ines.text
    assert f'name="sought" value="{sought.id}"' in ines.page.text
    ines.send(
        f"/cases/{case.id}/authorities", {"sought_id": sought.id, "gallery": [made[2].id], "less_intrusive": "no"}
    )
    assert f'value="{made[2].id}" checked' in ines.page.text


def test_an_investigator_is_found_for_a_case(agency: Agency) -> None:
    case = agency.case()
    for name in ("iris", "ivan", "zoe"):
        people.add_person(agency.system, agency["ada"], name=name, roles=("investigator",))
        people.sign_in_as(agency.system, name=name)
    sven = Browser(agency, "sven")
    sven.open(f"/cases/{case.id}")
    assert "zoe" not in options(sven)
    sven.open(f"/cases/{case.id}?investigator=zo")
    assert options(sven).count("zoe") == 1
    sven.send(f"/cases/{case.id}/assign", {"person_id": _id(agency, "zoe")})
    assert _id(agency, "zoe") in agency.get(Case, case.id).assigned


def test_the_exhibits_of_a_case_are_narrowed_and_their_pages_keep_it(agency: Agency) -> None:
    ready = agency.ready(1, 2)
    ines = Browser(agency, "ines")
    ines.open(f"/cases/{ready.case.id}?filter=removed")
    assert "There is no such exhibit." in ines.text
    ines.open(f"/cases/{ready.case.id}?filter=SYNTH")
    assert "synthetic" in ines.text.partition("Who is sought")[0]
    assert f"/cases/{ready.case.id}/faces?after=&amp;filter=SYNTH" in ines.page.text


def _id(agency: Agency, name: str) -> str:
    [person] = [one for one in lists.people(agency.system, agency["ada"], limit=200).shown if one.name == name]
    return person.id
