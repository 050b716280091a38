"""Signing in by the pages: what is replayed, forged, foreign or too often opens nothing, and nobody is led elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pyotp
import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from beholden.actions import links, people, sessions
from beholden.ports.authenticators import Site
from beholden.records.authenticators import Passkey
from beholden.records.people import Session
from beholden.server import make_app
from beholden.serving.rates import Limits, Rate
from beholden.web import router
from beholden.web.csrf import COOKIE, token_of
from beholden.web.onward import onward
from tests.actions.test_signing_in import LONG, nora
from tests.agency import Agency, last
from tests.device import Device, add_device

HERE = {"Sec-Fetch-Site": "same-origin"}
SITE = Site("localhost", "http://localhost")
AMPLE = Rate(10_000, 10_000)
EASY = Limits(AMPLE, AMPLE, AMPLE, AMPLE, AMPLE)


class Window:
    """A browser at the whole application, guards included."""

    def __init__(self, agency: Agency, *, limits: Limits = EASY, secret: str = "") -> None:
        app = make_app(agency.system, limits=limits, now=lambda: 0.0)
        self.client = TestClient(app, base_url="http://localhost", follow_redirects=False)
        if secret:
            self.client.cookies.set(COOKIE, secret)

    @property
    def secret(self) -> str:
        return self.client.cookies.get(COOKIE) or ""

    def open(self, path: str) -> Response:
        return self.client.get(path)

    def send(self, path: str, **fields: str) -> Response:
        return self.client.post(path, data={"csrf": token_of(self.secret), **fields}, headers=HERE)

    def sign_in(self, name: str = "nora", passphrase: str = LONG, **more: str) -> Response:
        return self.send("/sign-in", name=name, passphrase=passphrase, **more)

    def works(self) -> bool:
        return self.open("/account").status_code == 200


@pytest.fixture
def window(agency: Agency) -> Iterator[Window]:
    nora(agency)
    made = Window(agency)
    with made.client:
        yield made


def says(response: Response, words: str) -> bool:
    return words in " ".join(re.sub(r"<[^>]+>", " ", response.text).split())


class TestByPassphrase:
    def test_req_103_one_signs_in_and_is_where_one_was_going(self, window: Window, agency: Agency) -> None:
        asked = window.open("/account")
        assert (asked.status_code, asked.headers["location"]) == (303, "/sign-in?next=%2Faccount")
        shown = window.open(asked.headers["location"])
        assert (shown.status_code, 'name="next" value="/account"' in shown.text) == (200, True)
        answer = window.sign_in(next="/account")
        assert (answer.status_code, answer.headers["location"]) == (303, "/account")
        cookie = answer.headers["set-cookie"]
        assert {"HttpOnly", "SameSite=strict", "Path=/"} <= set(cookie.split("; "))
        assert "Secure" not in cookie, "in the clear there is only this machine"
        assert agency.get(Session, sessions.digest_of(window.secret)).client == "web"
        assert says(window.open("/account"), "Your account")
        assert answer.headers["cache-control"] == "no-store"

    def test_behind_a_proxy_the_cookie_goes_encrypted_only(self, agency: Agency) -> None:
        nora(agency)
        app = make_app(agency.system, names=["beholden.example"], behind_proxy=True)
        with TestClient(app, base_url="https://beholden.example", follow_redirects=False) as client:
            answer = client.post("/sign-in", data={"name": "nora", "passphrase": LONG}, headers=HERE)
        assert "Secure" in answer.headers["set-cookie"].split("; ")

    def test_who_gets_it_wrong_keeps_the_name_they_typed_and_nothing_else(self, window: Window, agency: Agency) -> None:
        answer = window.sign_in(passphrase="guess of mine", code="123456", next="/account")
        assert (answer.status_code, "set-cookie" in answer.headers) == (401, False)
        assert 'value="nora"' in answer.text
        assert 'value="/account"' in answer.text
        assert "guess of mine" not in answer.text
        assert "123456" not in answer.text
        assert last(agency) == ("session.opened", "refused", ["session.known-person"])

    def test_a_wrong_passphrase_and_an_unknown_name_get_the_same_page(self, window: Window) -> None:
        known, unknown = (window.sign_in(name, "wrong") for name in ("nora", "nils"))

        def told(answer: Response, name: str) -> str:
            entry = r"Log entry</?[^>]*> *\d+|Log entry \d+"
            return re.sub(entry, "", re.sub(r'nonce="[^"]*"', "", answer.text)).replace(name, "…")

        assert (known.status_code, unknown.status_code) == (401, 401)
        assert told(known, "nora") == told(unknown, "nils")

    def test_a_name_that_is_markup_is_shown_as_text(self, window: Window) -> None:
        answer = window.sign_in(name='"><script>alert(1)</script>', passphrase="x")
        assert "<script>alert" not in answer.text

    def test_signing_in_again_ends_the_session_before(self, window: Window, agency: Agency) -> None:
        window.sign_in()
        before = window.secret
        window.sign_in()
        assert window.secret != before
        assert agency.get(Session, sessions.digest_of(before)).ended
        assert window.works()

    def test_a_first_sign_in_takes_the_token_once_and_two_equal_passphrases(
        self, window: Window, agency: Agency
    ) -> None:
        _, token = people.add_person(agency.system, agency["ada"], name="nils", roles=["steward"])
        fields = {"name": "nils", "token": token, "passphrase": LONG, "again": LONG}
        differ = window.send("/sign-in/first", **{**fields, "again": LONG + "x"})
        assert (differ.status_code, says(differ, "differ")) == (422, True)
        assert token not in differ.text
        assert window.send("/sign-in/first", **fields).headers["location"] == "/"
        assert window.works()
        assert window.send("/sign-in/first", **fields).status_code == 401

    def test_codes_are_asked_for_and_taken_once(self, window: Window, agency: Agency) -> None:
        window.sign_in()
        page = window.send("/account/codes")
        secret = re.search(r'class="secret">([A-Z2-7]{32})<', page.text)
        assert secret is not None
        shown = pyotp.TOTP(secret[1])
        assert window.send("/account/codes/confirm", code="000000").status_code == 422
        done = window.send("/account/codes/confirm", code=shown.at(agency.clock.at))
        assert done.headers["location"] == "/account?done=codes"
        agency.clock.pass_by(seconds=30)
        other = Window(agency)
        code = shown.at(agency.clock.at)
        assert other.sign_in().status_code == 401
        assert other.sign_in(code=code).status_code == 303
        assert other.sign_in(code=code).status_code == 401
        assert secret[1] not in window.open("/account").text


class TestByPasskey:
    def device(self, window: Window) -> Device:
        window.sign_in()
        device = Device(SITE)
        options = window.open("/account/passkeys/options").json()
        done = window.send("/account/passkeys", answer=device.make(options), name="blue key")
        assert done.headers["location"] == "/account?done=added"
        return device

    def test_it_is_added_used_and_removed(self, window: Window, agency: Agency) -> None:
        device = self.device(window)
        other = Window(agency)
        answer = device.use(other.open("/sign-in/passkey/options").json())
        assert other.send("/sign-in/passkey", answer=answer, next="/account").headers["location"] == "/account"
        assert says(other.open("/account"), "blue key")
        replayed = Window(agency).send("/sign-in/passkey", answer=answer)
        assert (replayed.status_code, "set-cookie" in replayed.headers) == (401, False)
        [kept] = agency.find(Passkey)
        assert window.send("/account/passkeys/remove", passkey=kept.id).headers["location"] == "/account?done=removed"
        answer = device.use(other.open("/sign-in/passkey/options").json())
        assert Window(agency).send("/sign-in/passkey", answer=answer).status_code == 401

    def test_nobody_removes_that_of_another(self, window: Window, agency: Agency) -> None:
        self.device(window)
        [kept] = agency.find(Passkey)
        foreign = Window(agency, secret=agency["ines"].session)
        answers = [foreign.send("/account/passkeys/remove", passkey=id) for id in (kept.id, "nothing")]
        assert [one.status_code for one in answers] == [404, 404]
        assert agency.find(Passkey) == [kept]

    def test_that_of_another_confirms_nothing(self, window: Window, agency: Agency) -> None:
        device = self.device(window)
        add_device(agency, "ines", Device(SITE))
        foreign = Window(agency, secret=agency["ines"].session)
        answer = device.use(foreign.open("/confirm/options").json())
        assert foreign.send("/confirm/passkey", answer=answer).status_code == 403

    def test_a_challenge_of_another_session_makes_nothing(self, window: Window, agency: Agency) -> None:
        window.sign_in()
        options = Window(agency, secret=agency["ines"].session).open("/account/passkeys/options").json()
        assert window.send("/account/passkeys", answer=Device(SITE).make(options), name="key").status_code == 422
        assert agency.find(Passkey) == []

    def test_options_for_an_account_are_for_who_is_signed_in(self, window: Window) -> None:
        for path in ("/account/passkeys/options", "/confirm/options"):
            assert window.open(path).status_code == 303

    def test_under_an_address_of_numbers_the_page_says_why_there_are_none(self, agency: Agency) -> None:
        with TestClient(make_app(agency.system), base_url="http://127.0.0.1:8000") as client:
            page = client.get("/sign-in")
        assert says(page, "Passkeys work under a name such as localhost")
        assert "data-passkey=" not in page.text


class TestByLink:
    def test_it_is_good_once_and_its_token_is_in_no_address(self, window: Window, agency: Agency) -> None:
        _, token = links.make_link(agency.system, agency["ada"], person_id=agency.ids["ines"])
        page = window.open("/sign-in/link")
        assert re.search(r'<script nonce="[^"]+" src="[^"]+/link\.js" type="module">', page.text)
        answer = window.send("/sign-in/link", token=token)
        assert (answer.headers["location"], window.works()) == ("/", True)
        again = Window(agency).send("/sign-in/link", token=token)
        assert (again.status_code, "set-cookie" in again.headers, token in again.text) == (401, False, False)

    def test_loading_the_page_uses_nothing_up(self, window: Window, agency: Agency) -> None:
        _, token = links.make_link(agency.system, agency["ada"], person_id=agency.ids["ines"])
        window.open("/sign-in/link")
        assert window.open(f"/sign-in/link?token={token}").status_code == 200
        assert window.send("/sign-in/link", token=token).status_code == 303


class TestTheCookie:
    @pytest.mark.parametrize("secret", ["x", "x" * 43, "0" * 64, "é", ";", "' OR 1=1 --"])
    def test_one_that_was_made_up_opens_nothing(self, agency: Agency, secret: str) -> None:
        with TestClient(
            make_app(agency.system, limits=EASY), base_url="http://localhost", follow_redirects=False
        ) as client:
            answer = client.get("/account", headers={b"cookie": f"{COOKIE}={secret}".encode()})
        assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?next=%2Faccount")

    def test_the_digest_that_the_store_holds_is_no_cookie(self, agency: Agency) -> None:
        assert not Window(agency, secret=sessions.digest_of(agency["ines"].session)).works()

    def test_it_ends_with_suspension_at_once_and_with_signing_out(self, window: Window, agency: Agency) -> None:
        window.sign_in()
        gone = window.secret
        assert window.send("/sign-out").headers["location"] == "/sign-in?done=signed-out"
        assert (window.secret, Window(agency, secret=gone).works()) == ("", False)
        window.sign_in()
        people.suspend_person(agency.system, agency["ada"], person_id=agency.ids["nora"])
        assert not window.works()
        assert window.sign_in().status_code == 401

    def test_one_ends_ones_other_sessions_and_nobody_elses(self, window: Window, agency: Agency) -> None:
        window.sign_in()
        other = Window(agency)
        other.sign_in()
        foreign = sessions.digest_of(agency["ines"].session)
        assert window.send("/account/sessions/end", session=foreign).status_code == 404
        there = window.send("/account/sessions/end", session=sessions.digest_of(other.secret))
        assert there.headers["location"] == "/account?done=ended"
        assert (other.works(), window.works()) == (False, True)

    def test_the_secret_stands_in_no_page(self, window: Window) -> None:
        window.sign_in()
        for path in ("/", "/account", "/confirm"):
            assert window.secret not in window.open(path).text

    def test_rest_knows_no_cookie(self, window: Window) -> None:
        window.sign_in()
        assert window.open("/v1/sources").status_code == 401


class TestForms:
    def test_without_the_token_of_the_session_nothing_is_done(self, window: Window, agency: Agency) -> None:
        window.sign_in()
        before = agency.get(Session, sessions.digest_of(window.secret))
        for token in ("", "0" * 64, token_of("another session"), token_of(agency["ines"].session)):
            answer = window.send("/sign-out", csrf=token)
            assert answer.status_code == 403
        assert agency.get(Session, before.id) == before

    def test_from_another_site_nothing_is_done_even_with_the_token(self, window: Window) -> None:
        window.sign_in()
        fields = {"csrf": token_of(window.secret)}
        for headers in (
            {"Sec-Fetch-Site": "cross-site"},
            {"Sec-Fetch-Site": "same-site"},
            {"Origin": "http://localhost:9000"},
            {"Origin": "null"},
            {},
        ):
            assert window.client.post("/sign-out", data=fields, headers=headers).status_code == 403
            assert window.client.post("/sign-in", data={"name": "nora"}, headers=headers).status_code == 403
        assert window.works()

    def test_every_form_asks_for_the_token_but_those_of_somebody_not_signed_in(self) -> None:
        open_to_all = {"/sign-in", "/sign-in/passkey", "/sign-in/link", "/sign-in/first"}
        open_to_all.add("/sign-in/provider")  # the state of the way there stands for the token: it is of one session
        seen = set()
        for path, dependant in unsafe_routes():
            seen.add(path)
            assert (not {"own_form", "own_upload"}.isdisjoint(dependant)) is (path not in open_to_all), path
        assert open_to_all < seen
        assert len(seen) > 15

    def test_what_is_no_form_is_refused_in_words(self, window: Window) -> None:
        answer = window.client.post(
            "/sign-in", content=b"--x\r\nbroken", headers={**HERE, "content-type": "multipart/form-data; boundary=y"}
        )
        assert answer.status_code in (400, 401, 422)
        assert window.client.post("/sign-in", content=b"x" * 300_000, headers=HERE).status_code == 413


class TestOnward:
    @pytest.mark.parametrize(
        "elsewhere",
        [
            "https://evil.example",
            "//evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "/x\\..\\evil",
            "///evil.example",
            "http:evil.example",
            "javascript:alert(1)",
            "/\tevil",
            "/x\r\nSet-Cookie:x=1",
            "\n//evil.example",
            "/é",
            "",
            "account",
            "/sign-out",
            "/sign-in",
            "/sign-in/link",
            "/confirm?next=/confirm",
            "/v1/sources",
            "/" + "x" * 2_000,
        ],
    )
    def test_nobody_is_led_elsewhere_or_round_and_round(self, window: Window, elsewhere: str) -> None:
        assert onward(elsewhere) == "/"
        assert window.sign_in(next=elsewhere).headers["location"] == "/"
        assert 'name="next" value="/"' in window.client.get("/sign-in", params={"next": elsewhere}).text

    @pytest.mark.parametrize("ours", ["/", "/account", "/cases/1?page=2", "/sources/%2e%2e", "/cases/a//b"])
    def test_a_page_of_ours_is(self, window: Window, ours: str) -> None:
        assert window.sign_in(next=ours).headers["location"] == ours


def unsafe_routes() -> Iterator[tuple[str, set[str]]]:
    """The path of every page that takes POST, and the names of all that it depends on."""
    for noun in router.routes:
        for route in getattr(getattr(noun, "original_router", None), "routes", [noun]):
            if "GET" in route.methods:
                continue
            waiting, names = [route.dependant], set()
            while waiting:
                one = waiting.pop()
                names.add(getattr(one.call, "__name__", ""))
                waiting.extend(one.dependencies)
            yield route.path, names


def test_req_114_what_was_signed_for_another_port_of_this_machine_opens_nothing(agency: Agency) -> None:
    """A program of somebody else may show a page at localhost:9999, and hand on here what a person signs there."""
    device = Device(Site("localhost", "http://localhost:9999"))
    add_device(agency, "ines", device)
    window = Window(agency)
    there = {"Host": "localhost:9999"}
    answer = device.use(window.client.get("/sign-in/passkey/options", headers=there).json())
    told = window.client.post("/sign-in/passkey", data={"answer": answer}, headers=HERE | there)
    assert (told.status_code, window.secret) == (401, "")
