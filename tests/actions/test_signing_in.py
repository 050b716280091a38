"""Signing in: passkeys, one-time codes and links are each good once, for their person alone, and what weighs much asks anew."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pyotp
import pytest

from beholden.actions import cases, links, passkeys, people, sessions, totp
from beholden.errors import BadInput, KeyDestroyed, Missing, Refused, SignInRefused
from beholden.ports.authenticators import Site
from beholden.records.authenticators import Link, Passkey, PasskeyState, Spent, Totp
from beholden.records.people import Officer, Person, PersonState
from tests.agency import PURPOSE, START, Agency, last, rules_of
from tests.device import ATTESTED, PRESENT, SITE, VERIFIED, Device, add_device, bytes_of, text_of
from tests.parts import PlainCredentials

LONG = "a long passphrase"
ELSEWHERE = Site("beholden.example", "https://beholden.example")


def nora(agency: Agency) -> Officer:
    """Somebody with a passphrase, who has just signed in with it."""
    person, token = people.add_person(agency.system, agency["ada"], name="nora", roles=["investigator"])
    agency.ids["nora"] = person.id
    agency.certify(person.id, "investigator")
    agency.officers["nora"] = people.accept(agency.system, name="nora", token=token, passphrase=LONG)
    return agency["nora"]


def with_codes(agency: Agency, name: str = "nora") -> pyotp.TOTP:
    begun = totp.begin_totp(agency.system, agency[name])
    shown = pyotp.TOTP(begun.secret)
    totp.confirm_totp(agency.system, agency[name], code=shown.at(agency.clock.at))
    agency.clock.pass_by(seconds=30)
    return shown


def with_passkey(agency: Agency, name: str = "ines") -> Device:
    device = Device(SITE)
    add_device(agency, name, device)
    return device


def by_passkey(agency: Agency, device: Device) -> Officer:
    answer = device.use(passkeys.options_to_sign_in(agency.system, site=SITE))
    return passkeys.sign_in_with_passkey(agency.system, site=SITE, answer=answer)


def works(agency: Agency, officer: Officer) -> bool:
    return bool(cases.open_case(agency.system, officer, reference="1", title="", purpose=PURPOSE).assigned)


class TestPasskeys:
    def test_req_103_one_signs_in_without_name_and_passphrase(self, agency: Agency) -> None:
        device = with_passkey(agency)
        officer = by_passkey(agency, device)
        assert (officer.name, works(agency, officer)) == ("ines", True)
        [kept] = agency.find(Passkey)
        assert (kept.person_id, kept.name, kept.state) == (agency.ids["ines"], "blue key", PasskeyState.ACTIVE)
        assert bytes_of(kept.id) == device.id
        opened = next(leaf for leaf in reversed(agency.leaves()) if leaf["event"] == "session.opened")
        assert agency.told(opened["n"])["with"] == ["passkey"]
        assert agency.told(opened["n"])["person"] == [agency.ids["ines"]]

    def test_what_the_browser_is_told_asks_for_the_person_to_be_verified_and_names_nobody(self, agency: Agency) -> None:
        device = with_passkey(agency)
        making = passkeys.options_to_add(agency.system, agency["ines"], site=SITE)
        assert making["user"] == {
            "id": text_of(agency.ids["ines"].encode()),
            "name": "ines",
            "displayName": "ines",
        }
        assert [one["id"] for one in making["excludeCredentials"]] == [text_of(device.id)]  # type: ignore[attr-defined]
        before = agency.find(Spent)
        using = passkeys.options_to_sign_in(agency.system, site=SITE)
        assert (using["userVerification"], using["rpId"], using["allowCredentials"]) == ("required", "localhost", [])
        assert agency.find(Spent) == before, "asking leaves nothing behind"

    def test_an_answer_is_good_once(self, agency: Agency) -> None:
        device = with_passkey(agency)
        answer = device.use(passkeys.options_to_sign_in(agency.system, site=SITE))
        passkeys.sign_in_with_passkey(agency.system, site=SITE, answer=answer)
        for wait in (0, 10):
            agency.clock.pass_by(minutes=wait)
            with pytest.raises(SignInRefused):
                passkeys.sign_in_with_passkey(agency.system, site=SITE, answer=answer)
            assert last(agency) == ("session.opened", "refused", ["session.known-passkey"])

    def test_answered_challenges_are_forgotten_when_they_would_have_ended(self, agency: Agency) -> None:
        device = with_passkey(agency)
        assert len(agency.find(Spent)) == 1
        agency.clock.pass_by(minutes=6)
        by_passkey(agency, device)
        assert len(agency.find(Spent)) == 1

    def test_a_challenge_ends_after_five_minutes(self, agency: Agency) -> None:
        device = with_passkey(agency)
        early, late = (device.use(passkeys.options_to_sign_in(agency.system, site=SITE)) for _ in range(2))
        agency.clock.pass_by(minutes=4, seconds=59)
        passkeys.sign_in_with_passkey(agency.system, site=SITE, answer=early)
        agency.clock.pass_by(seconds=1)
        with pytest.raises(SignInRefused):
            passkeys.sign_in_with_passkey(agency.system, site=SITE, answer=late)

    @pytest.mark.parametrize(
        "bend",
        [
            lambda device: replace(device, key=Device(SITE).key),
            lambda device: replace(device, flags=PRESENT),
            lambda device: replace(device, flags=VERIFIED),
            lambda device: replace(device, tells={"origin": "http://localhost:9000"}),
            lambda device: replace(device, tells={"origin": "https://localhost.example"}),
            lambda device: replace(device, tells={"crossOrigin": True}),
            lambda device: replace(device, tells={"type": "webauthn.create"}),
            lambda device: replace(device, tells={"challenge": text_of(bytes(56))}),
            lambda device: replace(device, tells={"challenge": text_of(b"")}),
            lambda device: replace(device, id=b"another"),
        ],
        ids=["key", "unverified", "absent", "port", "site", "framed", "type", "challenge", "no challenge", "unknown"],
    )
    def test_what_no_honest_device_would_answer_opens_nothing(
        self, agency: Agency, bend: Callable[[Device], Device]
    ) -> None:
        device = with_passkey(agency)
        with pytest.raises(SignInRefused) as caught:
            by_passkey(agency, bend(device))
        assert [one.rule_id for one in caught.value.reasons] == ["session.known-passkey"]
        assert by_passkey(agency, device).name == "ines"

    def test_a_device_of_another_site_opens_nothing(self, agency: Agency) -> None:
        device = with_passkey(agency)
        options = passkeys.options_to_sign_in(agency.system, site=ELSEWHERE)
        answer = replace(device, site=ELSEWHERE).use(options)
        with pytest.raises(SignInRefused):
            passkeys.sign_in_with_passkey(agency.system, site=SITE, answer=answer)
        with pytest.raises(SignInRefused):
            passkeys.sign_in_with_passkey(agency.system, site=Site("localhost", ELSEWHERE.origin), answer=answer)

    def test_a_copied_device_whose_count_stands_still_opens_nothing(self, agency: Agency) -> None:
        device = Device(SITE, count=4)
        add_device(agency, "ines", device)
        device.count = 5
        assert by_passkey(agency, device).name == "ines"
        assert agency.find(Passkey)[0].sign_count == 5
        with pytest.raises(SignInRefused):
            by_passkey(agency, device)

    @pytest.mark.parametrize(
        "answer",
        [
            "",
            "{",
            "[]",
            "7",
            "null",
            '{"response": []}',
            '{"response": {"clientDataJSON": 7}}',
            '{"response": {"clientDataJSON": "\u00e9"}}',
            '{"response": {"clientDataJSON": "bnVsbA"}}',
            "[" * 30_000,
            "x" * 100_000,
        ],
    )
    def test_nonsense_is_refused_as_any_wrong_answer_is(self, agency: Agency, answer: str) -> None:
        with pytest.raises(SignInRefused):
            passkeys.sign_in_with_passkey(agency.system, site=SITE, answer=answer)
        with pytest.raises(BadInput, match="begin again"):
            passkeys.add_passkey(agency.system, agency["ines"], site=SITE, answer=answer, name="key")

    def test_broken_data_under_a_good_challenge_is_refused_too(self, agency: Agency) -> None:
        device = with_passkey(agency)
        for broken in (b"", b"\xff" * 40, bytes(37)):
            answer = json.loads(device.use(passkeys.options_to_sign_in(agency.system, site=SITE)))
            answer["response"]["authenticatorData"] = text_of(broken)
            with pytest.raises(SignInRefused):
                passkeys.sign_in_with_passkey(agency.system, site=SITE, answer=json.dumps(answer))
            new = Device(SITE)
            made = json.loads(new.make(passkeys.options_to_add(agency.system, agency["ines"], site=SITE)))
            made["response"]["attestationObject"] = text_of(broken)
            with pytest.raises(BadInput, match="begin again"):
                passkeys.add_passkey(agency.system, agency["ines"], site=SITE, answer=json.dumps(made), name="key")

    def test_a_challenge_is_good_for_what_and_for_whom_it_was_made(self, agency: Agency) -> None:
        device = with_passkey(agency)
        to_confirm = device.use(passkeys.options_to_confirm(agency.system, agency["ines"], site=SITE))
        to_sign_in = device.use(passkeys.options_to_sign_in(agency.system, site=SITE))
        with pytest.raises(SignInRefused):
            passkeys.sign_in_with_passkey(agency.system, site=SITE, answer=to_confirm)
        with pytest.raises(Refused):
            passkeys.confirm_with_passkey(agency.system, agency["ines"], site=SITE, answer=to_sign_in)
        made = Device(SITE).make(passkeys.options_to_add(agency.system, agency["ivo"], site=SITE))
        with pytest.raises(BadInput, match="begin again"):
            passkeys.add_passkey(agency.system, agency["ines"], site=SITE, answer=made, name="key")

    def test_a_passkey_is_taken_up_once_and_never_again_after_it_was_removed(self, agency: Agency) -> None:
        device = with_passkey(agency)
        with pytest.raises(BadInput, match="known already"):
            add_device(agency, "ivo", device)
        [kept] = agency.find(Passkey)
        with pytest.raises(Missing):
            passkeys.remove_passkey(agency.system, agency["ivo"], passkey_id=kept.id)
        passkeys.remove_passkey(agency.system, agency["ines"], passkey_id=kept.id)
        with pytest.raises(SignInRefused):
            by_passkey(agency, device)
        with pytest.raises(Missing):
            passkeys.remove_passkey(agency.system, agency["ines"], passkey_id=kept.id)
        with pytest.raises(BadInput, match="known already"):
            add_device(agency, "ines", device)

    def test_one_that_was_made_without_verifying_the_person_is_not_taken_up(self, agency: Agency) -> None:
        with pytest.raises(BadInput, match="begin again"):
            add_device(agency, "ines", Device(SITE, flags=PRESENT | ATTESTED))
        with pytest.raises(BadInput, match="needs a name"):
            passkeys.add_passkey(agency.system, agency["ines"], site=SITE, answer="", name="  ")

    def test_nobody_has_more_than_twenty(self, agency: Agency) -> None:
        for _ in range(passkeys.MOST):
            add_device(agency, "ines", Device(SITE))
        with pytest.raises(BadInput, match="the most"):
            add_device(agency, "ines", Device(SITE))

    def test_a_suspended_person_signs_in_with_nothing(self, agency: Agency) -> None:
        device = with_passkey(agency)
        people.suspend_person(agency.system, agency["ada"], person_id=agency.ids["ines"])
        with pytest.raises(SignInRefused):
            by_passkey(agency, device)
        people.resume_person(agency.system, agency["ada"], person_id=agency.ids["ines"])
        assert by_passkey(agency, device).name == "ines"


class TestCodes:
    def test_req_103_who_has_codes_signs_in_with_passphrase_and_code_and_is_not_told_which_was_wrong(
        self, agency: Agency
    ) -> None:
        nora(agency)
        shown = with_codes(agency)
        good = shown.at(agency.clock.at)
        for passphrase, code in (
            (LONG, ""),
            (LONG, "000000"),
            (LONG + "x", good),
            (LONG, "١٢٣٤٥٦"),
            (LONG, good + "1"),
        ):
            with pytest.raises(SignInRefused) as caught:
                people.sign_in(agency.system, name="nora", passphrase=passphrase, code=code)
            assert [one.rule_id for one in caught.value.reasons] == ["session.known-person"]
        assert people.sign_in(agency.system, name="nora", passphrase=LONG, code=f"{good[:3]} {good[3:]}").name == "nora"

    def test_a_code_is_taken_once_and_none_from_before_it(self, agency: Agency) -> None:
        nora(agency)
        shown = with_codes(agency)
        now, before = shown.at(agency.clock.at), shown.at(agency.clock.at - timedelta(seconds=30))
        people.sign_in(agency.system, name="nora", passphrase=LONG, code=now)
        for code in (now, before):
            with pytest.raises(SignInRefused):
                people.sign_in(agency.system, name="nora", passphrase=LONG, code=code)
        with pytest.raises(Refused):
            sessions.refresh(agency.system, agency["nora"], passphrase=LONG, code=now)

    def test_the_code_that_confirmed_them_opens_nothing(self, agency: Agency) -> None:
        nora(agency)
        begun = totp.begin_totp(agency.system, agency["nora"])
        code = pyotp.TOTP(begun.secret).at(agency.clock.at)
        totp.confirm_totp(agency.system, agency["nora"], code=code)
        with pytest.raises(SignInRefused):
            people.sign_in(agency.system, name="nora", passphrase=LONG, code=code)

    @pytest.mark.parametrize(("seconds", "good"), [(-60, False), (-30, True), (0, True), (30, True), (60, False)])
    def test_a_telephone_may_be_half_a_minute_off(self, agency: Agency, seconds: int, good: bool) -> None:
        secret = agency.system.codes.secret()
        code = pyotp.TOTP(secret).at(START + timedelta(seconds=seconds))
        step = agency.system.codes.step(secret, code, START)
        assert (step is not None) is good
        if good:
            assert step == int(START.timestamp() + seconds) // 30

    def test_it_is_the_code_of_the_standard(self, agency: Agency) -> None:
        secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"  # RFC 6238, appendix B: at 59 s the last six of 94287082
        at = START.fromtimestamp(59, START.tzinfo)
        assert agency.system.codes.step(secret, "287082", at) == 1
        assert agency.system.codes.step(secret, "287083", at) is None

    def test_the_secret_is_shown_once_and_stored_sealed_under_the_persons_key(self, agency: Agency) -> None:
        nora(agency)
        begun = totp.begin_totp(agency.system, agency["nora"])
        assert begun.address == f"otpauth://totp/Beholden:nora?secret={begun.secret}&issuer=Beholden"
        [kept] = agency.find(Totp)
        assert begun.secret.encode() not in kept.secret
        assert begun.secret not in json.dumps([agency.told(n) for n in range(len(agency.leaves()))])
        agency.system.keys.destroy([agency.ids["nora"]])
        with pytest.raises(KeyDestroyed):
            agency.system.keys.open(agency.ids["nora"], kept.secret, f"totp/{kept.id}")

    def test_nothing_is_asked_for_until_a_code_was_shown_to_work(self, agency: Agency) -> None:
        nora(agency)
        first = totp.begin_totp(agency.system, agency["nora"])
        people.sign_in(agency.system, name="nora", passphrase=LONG)
        second = totp.begin_totp(agency.system, agency["nora"])
        assert len(agency.find(Totp)) == 1
        for code in ("", pyotp.TOTP(first.secret).at(agency.clock.at)):
            with pytest.raises(BadInput, match="not the code"):
                totp.confirm_totp(agency.system, agency["nora"], code=code)
        totp.confirm_totp(agency.system, agency["nora"], code=pyotp.TOTP(second.secret).at(agency.clock.at))
        with pytest.raises(BadInput, match="remove them first"):
            totp.begin_totp(agency.system, agency["nora"])
        with pytest.raises(BadInput, match="nothing to confirm"):
            totp.confirm_totp(agency.system, agency["nora"], code="000000")
        totp.remove_totp(agency.system, agency["nora"])
        people.sign_in(agency.system, name="nora", passphrase=LONG)
        with pytest.raises(BadInput, match="no one-time codes"):
            totp.remove_totp(agency.system, agency["nora"])

    def test_a_lost_telephone_ends_with_a_new_token_and_so_do_the_passkeys(self, agency: Agency) -> None:
        nora(agency)
        with_codes(agency)
        device = with_passkey(agency, "nora")
        _, token = people.renew_token(agency.system, agency["ada"], person_id=agency.ids["nora"])
        assert agency.find(Totp) == []
        people.accept(agency.system, name="nora", token=token, passphrase=LONG)
        people.sign_in(agency.system, name="nora", passphrase=LONG)
        with pytest.raises(SignInRefused):
            by_passkey(agency, device)

    def test_an_unknown_name_is_as_much_work_as_a_known_one(self, agency: Agency) -> None:
        nora(agency)
        with_codes(agency)
        checked: list[bool] = []

        class Counting(PlainCredentials):
            def check(self, passphrase: str, stored: str) -> bool:
                checked.append(bool(stored))
                return super().check(passphrase, stored)

        system = agency.with_parts(credentials=Counting()).system
        for name in ("nora", "nobody", "stella"):
            with pytest.raises(SignInRefused):
                people.sign_in(system, name=name, passphrase="wrong", code="123456")
        assert checked == [True, False, True]


class TestLinks:
    def test_one_is_good_once_for_its_person_and_its_minutes(self, agency: Agency) -> None:
        person, token = links.make_link(agency.system, agency["ada"], person_id=agency.ids["ines"])
        assert person.name == "ines"
        assert token not in str(agency.find(Link))
        officer = links.use_link(agency.system, token=token)
        assert (officer.name, works(agency, officer)) == ("ines", True)
        assert agency.find(Link)[0].used
        _, late = links.make_link(agency.system, agency["ada"], person_id=agency.ids["ines"])
        agency.clock.pass_by(minutes=60)
        for wrong in (token, late, "", token + "x"):
            with pytest.raises(SignInRefused) as caught:
                links.use_link(agency.system, token=wrong)
            assert [one.rule_id for one in caught.value.reasons] == ["session.known-link"]

    def test_there_is_none_outside_a_synthetic_system_and_only_an_administrator_makes_one(self, agency: Agency) -> None:
        _, token = links.make_link(agency.system, agency["ada"], person_id=agency.ids["ines"])
        operational = agency.with_parts(profile="operational").system
        assert rules_of(agency, links.use_link, operational, token=token) == ["session.as-only-synthetic"]
        make = links.make_link
        ines = agency.ids["ines"]
        assert rules_of(agency, make, operational, agency["ada"], person_id=ines) == ["link-in-synthetic-system"]
        assert rules_of(agency, make, agency.system, agency["sven"], person_id=ines) == [
            "role-administrator-makes-links"
        ]

    def test_a_suspended_person_has_none_and_uses_none(self, agency: Agency) -> None:
        ines = agency.ids["ines"]
        _, token = links.make_link(agency.system, agency["ada"], person_id=ines)
        people.suspend_person(agency.system, agency["ada"], person_id=ines)
        with pytest.raises(SignInRefused):
            links.use_link(agency.system, token=token)
        refused = rules_of(agency, links.make_link, agency.system, agency["ada"], person_id=ines)
        assert refused == ["link-is-for-somebody-here"]

    def test_it_ends_with_the_sessions_of_who_is_given_a_new_token_or_comes_back(self, agency: Agency) -> None:
        ines = agency.ids["ines"]
        for ending in (people.renew_token, people.suspend_person):
            _, token = links.make_link(agency.system, agency["ada"], person_id=ines)
            ending(agency.system, agency["ada"], person_id=ines)
            if ending is people.suspend_person:
                people.resume_person(agency.system, agency["ada"], person_id=ines)
            with pytest.raises(SignInRefused):
                links.use_link(agency.system, token=token)
            people.sign_in_as(agency.system, name="ines")

    def test_an_invited_person_becomes_active_with_it_and_the_token_stays_good(self, agency: Agency) -> None:
        person, token = people.add_person(agency.system, agency["ada"], name="nora", roles=["investigator"])
        _, link = links.make_link(agency.system, agency["ada"], person_id=person.id)
        links.use_link(agency.system, token=link)
        assert agency.get(Person, person.id).state is PersonState.ACTIVE
        assert people.accept(agency.system, name="nora", token=token, passphrase=LONG).name == "nora"


class TestAClockThatIsWrong:
    """A right code of another moment is refused, and who gave everything else rightly is told how wrong the clock is."""

    @pytest.mark.parametrize(
        ("seconds", "words"),
        [
            (60, "60 seconds ahead of"),
            (-90, "90 seconds behind"),
            (600, "600 seconds ahead of"),
            (-600, "600 seconds behind"),
        ],
    )
    def test_it_is_told_by_how_much_it_is_wrong(self, agency: Agency, seconds: int, words: str) -> None:
        nora(agency)
        shown = with_codes(agency)
        agency.clock.pass_by(minutes=30)
        code = shown.at(agency.clock.at + timedelta(seconds=seconds))
        for stop in (
            partial(people.sign_in, agency.system, name="nora"),
            partial(sessions.refresh, agency.system, agency["nora"]),
        ):
            with pytest.raises((SignInRefused, Refused)) as caught:
                stop(passphrase=LONG, code=code)
            [reason] = caught.value.reasons
            assert reason.rule_id == "session.clock-together"
            assert words in reason.why

    def test_nobody_else_is_told_anything(self, agency: Agency) -> None:
        nora(agency)
        shown = with_codes(agency)
        agency.clock.pass_by(minutes=30)
        late = shown.at(agency.clock.at - timedelta(seconds=90))
        far = shown.at(agency.clock.at + timedelta(seconds=840))
        taken = shown.at(agency.clock.at)
        people.sign_in(agency.system, name="nora", passphrase=LONG, code=taken)
        agency.clock.pass_by(minutes=2)
        for passphrase, code in ((LONG + "x", late), (LONG, far), (LONG, taken)):
            with pytest.raises(SignInRefused) as caught:
                people.sign_in(agency.system, name="nora", passphrase=passphrase, code=code)
            assert [one.rule_id for one in caught.value.reasons] == ["session.known-person"]

    def test_it_is_told_before_codes_count(self, agency: Agency) -> None:
        nora(agency)
        begun = totp.begin_totp(agency.system, agency["nora"])
        for seconds, words in ((120, "120 seconds ahead of"), (-120, "120 seconds behind")):
            code = pyotp.TOTP(begun.secret).at(agency.clock.at + timedelta(seconds=seconds))
            with pytest.raises(BadInput, match=words):
                totp.confirm_totp(agency.system, agency["nora"], code=code)
        with pytest.raises(BadInput, match="not the code"):
            totp.confirm_totp(agency.system, agency["nora"], code="000000")
