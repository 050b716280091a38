"""On a network without names or internet: under an address of numbers, behind a proxy that encrypts, with passphrase and code."""

from __future__ import annotations

from datetime import timedelta

from starlette.testclient import TestClient

from beholden.server import make_app
from beholden.web.csrf import COOKIE
from tests.actions.test_signing_in import LONG, nora, with_codes
from tests.agency import Agency

ADDRESS = "192.168.7.20"
HERE = {"Sec-Fetch-Site": "same-origin"}


def at_address(agency: Agency) -> TestClient:
    app = make_app(agency.system, names=[ADDRESS], behind_proxy=True)
    return TestClient(app, base_url=f"https://{ADDRESS}", follow_redirects=False)


def test_one_signs_in_and_confirms_with_passphrase_and_code_and_nothing_is_looked_up(agency: Agency) -> None:
    nora(agency)
    shown = with_codes(agency)
    client = at_address(agency)
    page = client.get("/sign-in")
    assert page.status_code == 200
    assert "Passkeys work under a name such as localhost" in page.text
    assert "/sign-in/passkey" not in page.text
    assert f"//{ADDRESS}" not in page.text.replace("https://www.w3.org", "")
    told = {"name": "nora", "passphrase": LONG, "code": shown.at(agency.clock.at), "next": "/account"}
    there = client.post("/sign-in", data=told, headers=HERE)
    assert (there.status_code, there.headers["location"]) == (303, "/account")
    assert "secure" in there.headers["set-cookie"].lower()
    assert client.cookies.get(COOKIE)
    account = client.get("/account")
    assert "nora" in account.text
    assert "Passkeys work under a name such as localhost" in account.text
    assert client.get("/confirm").status_code == 200


def test_who_has_a_wrong_clock_there_is_told_so_on_the_page(agency: Agency) -> None:
    nora(agency)
    shown = with_codes(agency)
    code = shown.at(agency.clock.at + timedelta(seconds=120))
    page = at_address(agency).post(
        "/sign-in", data={"name": "nora", "passphrase": LONG, "code": code, "next": "/"}, headers=HERE
    )
    assert page.status_code == 401
    assert "about 120 seconds ahead of the clock of this system" in page.text


def test_in_clear_nobody_is_let_in_through_the_proxy(agency: Agency) -> None:
    app = make_app(agency.system, names=[ADDRESS], behind_proxy=True)
    plain = TestClient(app, base_url=f"http://{ADDRESS}", follow_redirects=False)
    assert plain.get("/sign-in").status_code == 403
