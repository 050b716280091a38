"""Notices in pages: what waits, and that it was sent."""

from __future__ import annotations

from beholden.actions import notices
from tests.agency import Agency, last
from tests.web.browser import Browser


def test_req_18_notices_are_listed_and_marked_on_their_page(agency: Agency) -> None:
    agency.ready(1)
    (central,) = notices.notices(agency.system, agency["sven"])
    sven, ines = Browser(agency, "sven"), Browser(agency, "ines")
    sven.open("/notices")
    assert central.words in sven.text
    sven.send(f"/notices/{central.id}/sent", {"how": "x"})
    assert (sven.page.status_code, last(agency)[2]) == (403, ["notice-says-how"])
    sven.send(f"/notices/{central.id}/sent", {"how": "letter no. 14"})
    assert "No notice waits." in sven.text
    sven.open("/notices?every=yes")
    assert "It is sent" in sven.text
    ines.open("/notices")
    assert central.words not in ines.text
