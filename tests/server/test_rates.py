"""How often somebody may ask, and try to sign in."""

from __future__ import annotations

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from beholden.actions import browsers, people
from beholden.errors import TooOften
from beholden.serving import rates as rating
from beholden.serving.rates import Limits, Rate, Rates, address_of
from tests.agency import Agency
from tests.server.door import HERE, app_of, client_of, signed_in


class Seconds:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_bucket_gives_what_it_has_and_fills_with_time() -> None:
    time = Seconds()
    rates, rate = Rates(Limits(), now=time), Rate(3, 6)
    assert [rates.wait("kind", "key", rate) for _ in range(5)] == [0, 0, 0, 10, 10]
    assert rates.wait("kind", "another key", rate) == 0
    assert rates.wait("another kind", "key", rate) == 0
    time.now = 10
    assert [rates.wait("kind", "key", rate) for _ in range(2)] == [0, 10]
    time.now = 10_000
    assert [rates.wait("kind", "key", rate) for _ in range(4)] == [0, 0, 0, 10]


def test_a_flood_of_addresses_does_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rating, "MOST_KEYS", 10)
    rates = Rates(Limits())
    for number in range(100):
        rates.wait("address", str(number), Rate(1, 1))
    assert len(rates._left) == 10


def test_an_office_of_ipv6_is_one_address() -> None:
    assert address_of({"client": ("2001:db8::1", 1)}) == address_of({"client": ("2001:db8::ffff:2", 2)})
    assert address_of({"client": ("2001:db8::1", 1)}) != address_of({"client": ("2001:db8:0:1::1", 1)})
    assert address_of({"client": ("192.0.2.1", 1)}) != address_of({"client": ("192.0.2.2", 1)})
    assert address_of({"client": None}) == ""


def test_who_asks_too_often_is_told_when_to_come_back(agency: Agency) -> None:
    time = Seconds()
    client = client_of(agency, limits=Limits(address=Rate(2, 60)), now=time)
    assert [client.get("/probe").status_code for _ in range(3)] == [200, 200, 429]
    told = client.get("/v1/cases")
    assert (told.status_code, told.headers["retry-after"]) == (429, "1")
    assert told.json()["type"] == "urn:beholden:TooOften"
    assert client.get("/health").status_code == 200  # whoever watches is not kept out by others
    time.now = 1
    assert client.get("/probe").status_code == 200


def test_a_person_is_limited_by_what_they_show_and_others_are_not(agency: Agency) -> None:
    client = client_of(agency, limits=Limits(person=Rate(2, 1)))
    signed_in(client, agency, "ines")
    assert [client.get("/probe").status_code for _ in range(3)] == [200, 200, 429]
    signed_in(client, agency, "sven")
    assert client.get("/probe").status_code == 200
    key = {"Authorization": f"Bearer {agency['aude'].session}"}
    assert [client.get("/v1/cases", headers=key).status_code for _ in range(3)] == [200, 200, 429]


@pytest.mark.parametrize("door", ["pages", "rest"])
def test_guessing_a_passphrase_is_stopped_before_it_is_looked_at(agency: Agency, door: str) -> None:
    client = client_of(agency, now=Seconds())

    def guess(name: str) -> int:
        given = {"name": name, "passphrase": "wrong"}
        if door == "rest":
            return client.post("/v1/sessions", json=given).status_code
        return client.post("/sign-in", data=given | {"next": "/"}, headers=HERE).status_code

    outcomes = [guess("ada") for _ in range(7)]
    assert 429 not in outcomes[:5]
    assert outcomes[5:] == [429, 429]
    entries = len(agency.leaves())
    assert guess(" ADA ") == 429  # the same name, written otherwise
    assert len(agency.leaves()) == entries
    assert guess("sven") != 429
    others = [guess(f"name {number}") for number in range(20)]
    assert others[-1] == 429  # one address does not try them all


def test_a_name_is_tried_slowly_from_everywhere_together() -> None:
    rates = Rates(Limits(), now=Seconds())
    for number in range(20):
        rates.attempt(f"192.0.2.{number}", "ada")
    with pytest.raises(TooOften, match="too many attempts to sign in; wait 6 seconds") as caught:
        rates.attempt("192.0.2.99", "ada")
    assert caught.value.wait_s == 6
    rates.attempt("192.0.2.99", "sven")


def tried_out(app: FastAPI, name: str) -> None:
    """Somebody guesses at this name from twenty addresses, until nobody unknown may any more."""
    for number in range(20):
        app.state.rates.attempt(f"192.0.2.{number}", name)


def browser(app: FastAPI, address: str = "198.51.100.1") -> TestClient:
    return TestClient(app, base_url="http://localhost", client=(address, 1), follow_redirects=False)


def comes(client: TestClient, name: str, passphrase: str) -> int:
    return client.post("/sign-in", data={"name": name, "passphrase": passphrase, "next": "/"}, headers=HERE).status_code


def test_req_113_who_tries_out_a_name_does_not_keep_its_owner_from_signing_in_where_they_did_before(
    agency: Agency,
) -> None:
    right = "a passphrase of ines"
    _, token = people.renew_token(agency.system, agency["ada"], person_id=agency.ids["ines"])
    app = app_of(agency, now=Seconds())
    own = browser(app)
    fields = {"name": "ines", "token": token, "passphrase": right, "again": right}
    assert own.post("/sign-in/first", data=fields, headers=HERE).status_code == 303
    tried_out(app, "ines")
    assert comes(browser(app, "198.51.100.2"), "ines", right) == 429  # a stranger, as far as anybody can see
    assert comes(own, "ines", right) == 303
    # The browser opens nothing by itself, and guessing in it is as slow as elsewhere; for others it is a stranger's.
    assert [comes(own, "ines", "wrong") for _ in range(5)] == [401] * 4 + [429]
    tried_out(app, "sven")
    assert comes(own, "sven", "wrong") == 429


def test_req_113_wrong_passphrases_do_not_stop_a_passkey_a_token_or_a_link(agency: Agency) -> None:
    app = app_of(agency, now=Seconds())
    tried_out(app, "ines")
    here = browser(app)
    for number in range(30):
        comes(here, f"name {number}", "wrong")  # and somebody of the same office tries out names
    for way in ("/sign-in/passkey", "/sign-in/link", "/sign-in/first"):
        fields = {
            "name": "ines",
            "answer": "{}",
            "token": "x",
            "passphrase": "wrong wrong wrong",
            "again": "wrong wrong wrong",
        }
        assert here.post(way, data=fields, headers=HERE).status_code in (400, 401, 403), way
    assert (
        here.post(
            "/v1/sessions/first", json={"name": "ines", "token": "x", "passphrase": "wrong wrong wrong"}
        ).status_code
        == 401
    )


def test_a_browser_is_remembered_for_eight_people_and_by_nothing_that_it_makes_up(agency: Agency) -> None:
    system = agency.system
    device = ""
    for number in range(9):
        device = browsers.remember(system, device, f"person {number}")
    assert len(device) < 300
    id = browsers.id_of(system, device)
    assert id == device.partition(".")[0]
    assert browsers.id_of(system, device, " person 8 ") == id
    assert [bool(browsers.id_of(system, device, f"person {number}")) for number in range(9)] == [False] + [True] * 8
    assert browsers.remember(system, device, "person 1").count(".") == device.count(".")
    assert browsers.id_of(system, browsers.remember(system, device, "person 1"), "person 2") == id
    other = browsers.remember(system, "", "person 1")
    mixed = ".".join([other.split(".")[0], *device.split(".")[1:]])
    for wrong in ("", "x", mixed, device[:-1], device + ".", "é" * 22, device.upper(), other + device):
        assert browsers.id_of(system, wrong, "person 8") == ""
    assert "person" not in device


@pytest.mark.parametrize("door", ["pages", "rest"])
def test_req_113_who_tries_out_a_name_does_not_keep_its_owner_from_confirming(agency: Agency, door: str) -> None:
    """Confirming opens searches and approvals: anybody on the network could stop the work of a named person."""
    client = client_of(agency, now=Seconds())
    for _ in range(25):
        client.post("/v1/sessions", json={"name": "ines", "passphrase": "wrong"})
    token = signed_in(client, agency, "ines")
    key = {"Authorization": f"Bearer {agency['ines'].session}"}

    def confirm() -> int:
        if door == "rest":
            return client.post("/v1/sessions/current/confirm", json={"passphrase": "guess"}, headers=key).status_code
        return client.post("/confirm", data={"csrf": token, "passphrase": "guess"}, headers=HERE).status_code

    assert [confirm() for _ in range(7)] == [403] * 5 + [429] * 2


def test_the_two_doors_count_attempts_together(agency: Agency) -> None:
    client = client_of(agency, now=Seconds())
    given = {"name": "ada", "passphrase": "wrong"}
    for _ in range(5):
        client.post("/v1/sessions", json=given)
    assert client.post("/sign-in", data=given | {"next": "/"}, headers=HERE).status_code == 429


def test_every_way_to_sign_in_is_limited(agency: Agency) -> None:
    """By address at least: 20 tries at anything that opens a session."""
    ways = {"/sign-in", "/sign-in/passkey", "/sign-in/link", "/sign-in/first"}
    for way in ways:
        client = TestClient(app_of(agency, now=Seconds()), base_url="http://localhost", follow_redirects=False)
        fields = {"answer": "{}", "token": "x", "passphrase": "wrong wrong wrong", "again": "wrong wrong wrong"}
        got = [
            client.post(way, data=fields | {"name": f"somebody {number}"}, headers=HERE).status_code
            for number in range(21)
        ]
        assert got[-1] == 429, way
        assert 429 not in got[:20], way
