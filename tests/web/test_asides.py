"""Files put aside, in a page: for the privacy officer alone, and closed by them."""

from __future__ import annotations

import pytest

from beholden.records.images import Aside, AsideState
from tests.agency import Agency
from tests.web.browser import Browser


@pytest.fixture
def aside(agency: Agency) -> Aside:
    source, gallery = agency.source(), agency.gallery()
    face = agency.enrol(source, gallery, 4).faces[0]
    agency.erase(face.id)
    agency.enrol(source, gallery, 4)
    [put_aside] = agency.find(Aside)
    return put_aside


def test_a_privacy_officer_sees_them_and_closes_them(agency: Agency, aside: Aside) -> None:
    pia = Browser(agency, "pia")
    pia.open("/asides")
    assert aside.id[:10] in pia.text
    assert "rendered people" in pia.text
    assert aside.mark not in pia.page.text
    pia.send(f"/asides/{aside.id}/judge")
    assert agency.get(Aside, aside.id).state is AsideState.REFUSED
    assert "Nothing was put aside." in pia.text
    pia.send(f"/asides/{aside.id}/judge")
    assert pia.page.status_code in (403, 409, 422), "it is closed already"


@pytest.mark.parametrize("name", ["stella", "ines", "sven", "aude", "ada", "rosa"])
def test_nobody_else_sees_or_closes_one(agency: Agency, aside: Aside, name: str) -> None:
    somebody = Browser(agency, name)
    assert somebody.open("/asides").status_code == 403
    assert aside.id[:10] not in somebody.page.text
    assert somebody.send(f"/asides/{aside.id}/judge").status_code == 403
    assert agency.get(Aside, aside.id).state is AsideState.WAITING


def test_one_that_is_none_is_missing(agency: Agency) -> None:
    pia = Browser(agency, "pia")
    assert pia.send(f"/asides/{'0' * 32}/judge").status_code == 404
