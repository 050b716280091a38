"""Trying too often is stopped before anything is looked at; and what weighs much is done by who confirms who they are."""

from __future__ import annotations

import pyotp
import pytest

from beholden.actions import totp
from beholden.serving.rates import Limits
from tests.actions.test_sessions import stale
from tests.actions.test_signing_in import LONG, nora
from tests.agency import Agency
from tests.device import Device, add_device
from tests.web.test_sign_in import SITE, Window, says, window

__all__ = ["window"]


class TestTooOften:
    def test_req_113_a_name_is_tried_a_few_times_and_then_waits_whoever_is_right(self, agency: Agency) -> None:
        nora(agency)
        window = Window(agency, limits=Limits())
        before = len(agency.leaves())
        answers = [window.sign_in(passphrase=f"guess {number}") for number in range(8)]
        assert [one.status_code for one in answers] == [401] * 5 + [429] * 3
        assert int(answers[-1].headers["retry-after"]) > 0
        assert window.sign_in().status_code == 429
        assert len(agency.leaves()) == before + 5, (
            "what was not looked at is not on record: a flood must not fill the log"
        )

    @pytest.mark.parametrize("path", ["/sign-in/link", "/sign-in/passkey", "/sign-in/first"])
    def test_req_113_so_is_every_other_way_in(self, agency: Agency, path: str) -> None:
        window = Window(agency, limits=Limits())
        given = {"token": "x", "answer": "x", "passphrase": LONG, "again": LONG}
        answers = [window.send(path, name=f"n{n}", **given).status_code for n in range(25)]
        assert (set(answers[:20]), set(answers[20:])) == ({401}, {429})

    def test_req_113_so_is_confirming(self, agency: Agency) -> None:
        nora(agency)
        window = Window(agency, limits=Limits(), secret=agency["nora"].session)
        answers = [window.send("/confirm", passphrase="guess").status_code for _ in range(8)]
        assert answers == [403] * 5 + [429] * 3


class TestConfirming:
    def test_req_114_what_asks_for_it_says_so_and_leads_back_to_its_page(self, window: Window, agency: Agency) -> None:
        window.sign_in()
        agency.clock.pass_by(minutes=10)
        refused = window.send("/account/codes")
        assert (refused.status_code, 'href="/confirm?next=/account"' in refused.text) == (403, True)
        assert says(refused, "Confirm who you are")
        page = window.open("/confirm?next=/account")
        assert 'name="next" value="/account"' in page.text
        wrong = window.send("/confirm", passphrase="wrong", next="/account")
        assert (wrong.status_code, 'name="next" value="/account"' in wrong.text) == (403, True)
        done = window.send("/confirm", passphrase=LONG, next="/account")
        assert (done.status_code, done.headers["location"]) == (303, "/account?done=confirmed")
        assert says(window.open("/account?done=confirmed"), "You confirmed who you are")
        assert agency.leaves()[-1]["event"] == "session.refreshed", "confirming did nothing else"
        assert window.send("/account/codes").status_code == 200

    def test_by_passkey_as_well(self, window: Window, agency: Agency) -> None:
        device = Device(SITE)
        add_device(agency, "ines", device)
        stale(agency, "ines")
        own = Window(agency, secret=agency["ines"].session)
        assert own.send("/account/codes").status_code == 403
        answer = device.use(own.open("/confirm/options").json())
        done = own.send("/confirm/passkey", answer=answer, next="/account")
        assert done.headers["location"] == "/account?done=confirmed"
        assert own.send("/confirm/passkey", answer=answer).status_code == 403
        assert own.send("/account/codes").status_code == 200

    def test_the_page_asks_for_what_the_person_has(self, window: Window, agency: Agency) -> None:
        window.sign_in()
        assert 'name="code"' not in window.open("/confirm").text
        begun = totp.begin_totp(agency.system, agency["nora"])
        totp.confirm_totp(agency.system, agency["nora"], code=pyotp.TOTP(begun.secret).at(agency.clock.at))
        page = window.open("/confirm").text
        assert ('name="code"' in page, 'name="passphrase"' in page) == (True, True)
        nothing = Window(agency, secret=agency["ines"].session).open("/confirm")
        assert says(nothing, "You have nothing to confirm with")
