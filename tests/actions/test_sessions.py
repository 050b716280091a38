"""Sessions: fresh for what weighs much, ended when nobody sits there, seen and ended by their own person alone."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from beholden.actions import cases, examine, links, passkeys, people, review, sessions, totp
from beholden.errors import BadInput, Missing, Refused, SignInRefused
from beholden.policy.files import FLOOR
from beholden.records.audit import STEPPED_UP
from beholden.records.authenticators import Passkey
from beholden.records.people import Officer, Person, PersonState, Session
from beholden.testing.drawn import draw
from tests.actions.test_signing_in import LONG, nora, with_codes, with_passkey, works
from tests.agency import Agency, last, rules_of
from tests.device import SITE, Device


class TestFreshness:
    def test_req_114_what_weighs_much_is_refused_when_the_sign_in_is_ten_minutes_old(self, agency: Agency) -> None:
        ready = agency.ready(3)
        nora(agency)
        cases.assign_case(agency.system, agency["sven"], case_id=ready.case.id, person_id=agency.ids["nora"])
        agency.officers["ines"] = agency["nora"]
        agency.clock.pass_by(minutes=10)
        assert rules_of(agency, agency.search, ready.authority) == ["session-is-fresh"]
        assert last(agency) == ("search.started", "refused", ["session-is-fresh"])
        sessions.refresh(agency.system, agency["nora"], passphrase=LONG)
        assert last(agency) == ("session.refreshed", "done", [])
        found = agency.search(ready.authority)
        agency.clock.pass_by(minutes=10)
        for name in ("rosa", "erik", "edda", "sven"):
            stale(agency, name)
        system, rosa, erik = agency.system, agency["rosa"], agency["erik"]
        assert rules_of(agency, review.open_review, system, rosa, search_id=found.id) == ["session-is-fresh"]
        fresh(agency, "rosa")
        agency.review(found, 1)
        assert rules_of(agency, examine.open_examination, system, erik, search_id=found.id) == ["session-is-fresh"]
        for name in ("erik", "edda"):
            fresh(agency, name)
            agency.examine(found, name, 3)
        read = {"search_id": found.id}
        assert rules_of(agency, examine.read_leads, system, agency["nora"], **read) == ["session-is-fresh-for-leads"]
        sessions.refresh(system, agency["nora"], passphrase=LONG)
        leads = examine.read_leads(system, agency["nora"], **read)
        agency.clock.pass_by(minutes=10)
        assert examine.read_leads(system, agency["nora"], **read) == leads
        assert rules_of(agency, agency.disclose, found, *leads) == ["session-is-fresh"]
        sessions.refresh(system, agency["nora"], passphrase=LONG)
        assert agency.disclose(found, *leads)
        other = agency.request(ready.case, agency.sought(ready.case, draw(3, seed=9)), ready.gallery)
        assert rules_of(agency, agency.approve, other) == ["session-is-fresh"]

    def test_req_114_so_is_changing_what_one_signs_in_with(self, agency: Agency) -> None:
        device = with_passkey(agency)
        [kept] = agency.find(Passkey)
        stale(agency, "ines")
        system, ines = agency.system, agency["ines"]
        answer = Device(SITE).make(passkeys.options_to_add(system, ines, site=SITE))
        for act, given in (
            (passkeys.add_passkey, {"site": SITE, "answer": answer, "name": "key"}),
            (passkeys.remove_passkey, {"passkey_id": kept.id}),
            (totp.begin_totp, {}),
            (totp.remove_totp, {}),
        ):
            assert rules_of(agency, act, system, ines, **given) == ["session-is-fresh-for-account"]
        confirm = device.use(passkeys.options_to_confirm(system, ines, site=SITE))
        passkeys.confirm_with_passkey(system, ines, site=SITE, answer=confirm)
        passkeys.remove_passkey(system, ines, passkey_id=kept.id)

    def test_req_114_the_policy_knows_of_freshness_for_exactly_the_acts_that_pass_it(self) -> None:
        text = (FLOOR / "schema.cedarschema").read_text()
        blocks = re.findall(r"^action (.+?) appliesTo \{.*?context: \{(.*?)\} \};", text, re.M | re.S)
        asking = {act for acts, facts in blocks if '"fresh"' in facts for act in re.findall(r'"([^"]+)"', acts)}
        assert asking == STEPPED_UP

    @pytest.mark.parametrize("passphrase", ["", "wrong", LONG + " "])
    def test_a_wrong_passphrase_confirms_nothing_and_ends_nothing(self, agency: Agency, passphrase: str) -> None:
        officer = nora(agency)
        agency.clock.pass_by(minutes=10)
        with pytest.raises(Refused) as caught:
            sessions.refresh(agency.system, officer, passphrase=passphrase)
        assert (caught.value.status, last(agency)) == (
            403,
            ("session.refreshed", "refused", ["session.confirmed-person"]),
        )
        assert works(agency, officer)

    def test_who_has_both_gives_both(self, agency: Agency) -> None:
        officer = nora(agency)
        shown = with_codes(agency)
        code = shown.at(agency.clock.at)
        for given in ({"passphrase": LONG}, {"code": code}, {"passphrase": "wrong", "code": code}):
            with pytest.raises(Refused):
                sessions.refresh(agency.system, officer, **given)
        sessions.refresh(agency.system, officer, passphrase=LONG, code=code)

    def test_who_has_codes_alone_confirms_with_a_code(self, agency: Agency) -> None:
        shown = with_codes(agency, "ines")
        stale(agency, "ines")
        with pytest.raises(Refused):
            sessions.refresh(agency.system, agency["ines"], passphrase="", code="")
        sessions.refresh(agency.system, agency["ines"], code=shown.at(agency.clock.at))
        totp.remove_totp(agency.system, agency["ines"])

    def test_nothing_confirms_who_has_nothing(self, agency: Agency) -> None:
        with pytest.raises(Refused):
            sessions.refresh(agency.system, agency["ines"], passphrase="", code="")
        with pytest.raises(BadInput, match="no passkey"):
            passkeys.options_to_confirm(agency.system, agency["ines"], site=SITE)

    def test_another_persons_passkey_confirms_nothing(self, agency: Agency) -> None:
        own, others = with_passkey(agency, "ines"), with_passkey(agency, "ivo")
        stale(agency, "ines")
        answer = others.use(passkeys.options_to_confirm(agency.system, agency["ines"], site=SITE))
        with pytest.raises(Refused):
            passkeys.confirm_with_passkey(agency.system, agency["ines"], site=SITE, answer=answer)
        assert last(agency) == ("session.refreshed", "refused", ["session.confirmed-person"])
        answer = own.use(passkeys.options_to_confirm(agency.system, agency["ines"], site=SITE))
        with pytest.raises(Refused):  # asked for in ines's session, not in ivo's
            passkeys.confirm_with_passkey(agency.system, agency["ivo"], site=SITE, answer=answer)

    def test_a_session_of_the_name_alone_stays_fresh_as_there_is_nothing_to_confirm_with(self, agency: Agency) -> None:
        ready = agency.ready(3)
        agency.clock.pass_by(hours=7)
        assert agency.search(ready.authority)

    def test_a_link_stays_fresh_only_for_who_has_nothing_to_confirm_with(self, agency: Agency) -> None:
        nora(agency)
        for name, minutes in (("ines", 480), ("nora", 10)):
            _, token = links.make_link(agency.system, agency["ada"], person_id=agency.ids[name])
            officer = links.use_link(agency.system, token=token)
            session = agency.get(Session, sessions.digest_of(officer.session))
            assert session.fresh_until == agency.clock.at + timedelta(minutes=minutes)


class TestSessions:
    def on_pages(self, agency: Agency) -> Officer:
        nora(agency)
        return people.sign_in(replace(agency.system, client="web"), name="nora", passphrase=LONG)

    def test_one_of_the_pages_ends_after_half_an_hour_of_nothing(self, agency: Agency) -> None:
        officer = self.on_pages(agency)
        for _ in range(4):
            agency.clock.pass_by(minutes=29)
            assert sessions.awake(agency.system, officer.session) == officer
        agency.clock.pass_by(minutes=30)
        with pytest.raises(SignInRefused):
            sessions.awake(agency.system, officer.session)
        with pytest.raises(SignInRefused):
            works(agency, officer)

    def test_it_never_lasts_longer_than_a_sign_in(self, agency: Agency) -> None:
        officer = self.on_pages(agency)
        for _ in range(24):
            agency.clock.pass_by(minutes=19)
            sessions.awake(agency.system, officer.session)
        agency.clock.pass_by(minutes=24)
        with pytest.raises(SignInRefused):
            sessions.awake(agency.system, officer.session)

    def test_a_page_does_not_write_each_time_it_is_loaded(self, agency: Agency) -> None:
        officer = self.on_pages(agency)
        before = agency.get(Session, sessions.digest_of(officer.session))
        agency.clock.pass_by(minutes=4)
        sessions.awake(agency.system, officer.session)
        assert agency.get(Session, before.id) == before

    def test_nobody_is_awake_in_a_session_that_is_none_or_whose_person_is_not_active(self, agency: Agency) -> None:
        for secret in ("", "x" * 43, sessions.digest_of(agency["ines"].session)):
            with pytest.raises(SignInRefused):
                sessions.awake(agency.system, secret)
        agency.change(agency.get(Person, agency.ids["ines"]), state=PersonState.SUSPENDED)
        with pytest.raises(SignInRefused):
            sessions.awake(agency.system, agency["ines"].session)

    def test_one_sees_ones_own_and_ends_them_and_nobody_elses(self, agency: Agency) -> None:
        officer = nora(agency)
        agency.clock.pass_by(seconds=1)
        other = people.sign_in(agency.system, name="nora", passphrase=LONG)
        own = sessions.account(agency.system, officer)
        assert (own.person.credential, own.passphrase, own.codes, own.passkeys) == ("", True, False, ())
        assert own.here == sessions.digest_of(officer.session)
        assert [one.id for one in own.sessions] == [sessions.digest_of(one.session) for one in (other, officer)]
        with pytest.raises(Missing):
            sessions.end_session(agency.system, agency["ines"], session_id=own.here)
        sessions.end_session(agency.system, officer, session_id=sessions.digest_of(other.session))
        with pytest.raises(SignInRefused):
            works(agency, other)
        assert works(agency, officer)
        with pytest.raises(Missing):
            sessions.end_session(agency.system, officer, session_id=sessions.digest_of(other.session))


def stale(agency: Agency, name: str) -> None:
    """As if the sign-in were some minutes old."""
    session = agency.get(Session, sessions.digest_of(agency[name].session))
    agency.change(session, fresh_until=agency.clock.at)


def fresh(agency: Agency, name: str) -> None:
    session = agency.get(Session, sessions.digest_of(agency[name].session))
    agency.change(session, fresh_until=agency.clock.at + timedelta(minutes=1))
