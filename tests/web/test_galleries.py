"""Galleries in pages: opened and closed by a privacy officer, seen by those who see the register."""

from __future__ import annotations

from beholden.records.galleries import Gallery, GalleryState
from tests.agency import PURPOSE, Agency
from tests.web.browser import Browser


def test_a_privacy_officer_opens_and_closes_a_gallery(agency: Agency) -> None:
    pia = Browser(agency, "pia")
    pia.send("/galleries", {"name": "references", "purpose": [PURPOSE]})
    [gallery] = agency.find(Gallery)
    assert (gallery.name, gallery.purposes) == ("references", (PURPOSE,))
    assert f"/galleries/{gallery.id}/close" in pia.forms()
    pia.send(f"/galleries/{gallery.id}/close")
    assert agency.get(Gallery, gallery.id).state is GalleryState.CLOSED
    assert f"/galleries/{gallery.id}/close" not in pia.forms()


def test_a_gallery_s_secret_is_on_no_page(agency: Agency) -> None:
    gallery = agency.gallery()
    for name in ("pia", "stella", "aude"):
        shown = Browser(agency, name).open("/galleries")
        assert gallery.name in shown.text
        assert gallery.secret.hex() not in shown.text


def test_nobody_else_opens_or_closes_one(agency: Agency) -> None:
    gallery = agency.gallery()
    for name in ("stella", "ines", "ada", "rosa"):
        somebody = Browser(agency, name)
        somebody.send("/galleries", {"name": "another one", "purpose": [PURPOSE]})
        assert somebody.page.status_code == 403, name
        somebody.send(f"/galleries/{gallery.id}/close")
        assert somebody.page.status_code == 403, name
    assert [(one.name, one.state) for one in agency.find(Gallery)] == [(gallery.name, GalleryState.OPEN)]


def test_an_error_keeps_the_name_and_the_purposes_that_were_chosen(agency: Agency) -> None:
    pia = Browser(agency, "pia")
    pia.send("/galleries", {"name": "   ", "purpose": [PURPOSE]})
    assert pia.page.status_code == 422
    assert "needs a name" in pia.text
    assert f'value="{PURPOSE}" checked' in pia.page.text
