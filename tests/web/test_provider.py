"""Signing in by the agency's own sign-in: the whole way through the pages, against a provider that runs beside the tests."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest

from beholden.actions import people, provider, sessions
from beholden.actions.provider import to_sign_in
from beholden.clock import WallClock
from beholden.errors import BadInput, Fault, Missing, SignInRefused
from beholden.keys.oidc import OpenIdProvider
from beholden.ports.providers import Vouched
from beholden.records.authenticators import Linked, LinkState
from beholden.records.disclosures import OVERSIGHT, Notice
from beholden.records.people import Session
from beholden.web.csrf import COOKIE
from tests.actions.test_sessions import stale
from tests.agency import Agency, last, rules_of, small_agency
from tests.web.browser import Browser

with warnings.catch_warnings():  # its own library is deprecated, which is not ours to mend
    warnings.simplefilter("ignore")
    import oidc_provider_mock

pytestmark = [
    pytest.mark.enable_socket,
    pytest.mark.filterwarnings("ignore::DeprecationWarning:authlib"),
    pytest.mark.filterwarnings("ignore:.*authlib.*"),
]
BACK = "http://localhost/sign-in/provider/back"
SUBJECT = "8d1f2c"


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    with oidc_provider_mock.run_server_in_thread() as server:
        yield f"http://localhost:{server.server_port}"


@pytest.fixture
def linked(issuer: str, tmp_path: Path) -> Agency:
    """An agency whose clock is that of the provider, and ines, whom it knows."""
    agency = small_agency()
    agency.clock.at = WallClock().now()
    secret = tmp_path / "secret"
    secret.write_text("a secret of the client\n", encoding="utf-8")
    agency = agency.with_parts(provider=OpenIdProvider(issuer, "beholden", secret_file=secret))
    for name in ("ada", "ines"):
        agency.officers[name] = people.sign_in_as(agency.system, name=name)
    link(agency, "ines", SUBJECT)
    return agency


def link(agency: Agency, name: str, subject: str) -> None:
    """An administrator says so, and then the person themselves."""
    provider.link_person(agency.system, agency["ada"], person_id=agency.ids[name], subject=subject)
    agency.officers[name] = people.sign_in_as(agency.system, name=name)
    provider.confirm_link(agency.system, agency[name], subject=subject)


def proven_there(issuer: str, address: str, subject: str = SUBJECT, **claims: object) -> dict[str, str]:
    """What a person does at the provider; what their browser brings back."""
    with httpx2.Client(trust_env=False) as http:
        http.put(f"{issuer}/users/{subject}", json=claims).raise_for_status()
        answer = http.post(address, data={"sub": subject})
    assert answer.status_code in (302, 303), answer.text
    place = urlsplit(answer.headers["location"])
    assert f"{place.scheme}://{place.netloc}{place.path}" == BACK
    return {name: values[0] for name, values in parse_qs(place.query).items()}


def signed_in(agency: Agency, issuer: str, **claims: object) -> Browser:
    browser = Browser(agency)
    there = browser.open("/sign-in/provider?next=/cases").headers["location"]
    brought = proven_there(issuer, there, **claims)
    assert browser.open(f"/sign-in/provider/back?code={brought['code']}&state={brought['state']}").status_code == 200
    browser.send("/sign-in/provider", brought, follow=False)
    return browser


def test_who_was_linked_signs_in_and_is_where_they_were_going(linked: Agency, issuer: str) -> None:
    browser = signed_in(linked, issuer, acr="urn:strong", amr=["hwk", "pin"], auth_time=_now(linked))
    assert (browser.page.status_code, browser.page.headers["location"]) == (303, "/cases")
    assert "ines" in browser.open("/account").text
    opened = [leaf for leaf in linked.leaves() if leaf["event"] == "session.opened"][-1]
    told = linked.told(opened["n"])
    assert told["person"] == [linked.ids["ines"]]
    assert (told["with"], told["acr"], told["amr"]) == (["provider"], ["urn:strong"], [["hwk", "pin"]])
    assert SUBJECT not in str(linked.find(Linked))


def test_the_browser_is_sent_with_pkce_a_state_and_a_nonce_and_no_secret(linked: Agency) -> None:
    sent = to_sign_in(linked.system, redirect=BACK)
    asked = {name: values[0] for name, values in parse_qs(urlsplit(sent.address).query).items()}
    assert (asked["code_challenge_method"], len(asked["code_challenge"]), len(asked["nonce"])) == ("S256", 43, 64)
    assert asked["state"] == sent.state
    assert "prompt" not in asked
    assert "client_secret" not in asked
    other = to_sign_in(linked.system, redirect=BACK)
    assert other.state != sent.state


def test_whom_nobody_linked_and_who_was_unlinked_or_suspended_signs_in_with_nothing(
    linked: Agency, issuer: str
) -> None:
    browser = Browser(linked)
    there = browser.open("/sign-in/provider").headers["location"]
    browser.send("/sign-in/provider", proven_there(issuer, there, subject="somebody"))
    assert browser.page.status_code == 401
    assert last(linked) == ("session.opened", "refused", ["session.known-by-provider"])
    people.suspend_person(linked.system, linked["ada"], person_id=linked.ids["ines"])
    assert signed_in(linked, issuer).page.status_code == 401
    people.resume_person(linked.system, linked["ada"], person_id=linked.ids["ines"])
    provider.unlink_person(linked.system, linked["ada"], person_id=linked.ids["ines"])
    assert signed_in(linked, issuer).page.status_code == 401
    with pytest.raises(Missing):
        provider.unlink_person(linked.system, linked["ada"], person_id=linked.ids["ines"])


def test_what_came_back_is_good_once_in_the_browser_that_was_sent_and_for_ten_minutes(
    linked: Agency, issuer: str
) -> None:
    sent = to_sign_in(linked.system, redirect=BACK)
    brought = proven_there(issuer, sent.address)

    def come(**other: str) -> object:
        return provider.sign_in_by_provider(linked.system, **{"redirect": BACK, "kept": sent.state, **brought, **other})

    for other in (
        {"kept": to_sign_in(linked.system, redirect=BACK).state},
        {"kept": ""},
        {"state": "x"},
        {"state": "é"},
    ):
        with pytest.raises(SignInRefused):
            come(**other)
    assert come()
    with pytest.raises(SignInRefused):
        come()
    late = to_sign_in(linked.system, redirect=BACK)
    brought = proven_there(issuer, late.address)
    linked.clock.pass_by(minutes=10)
    with pytest.raises(SignInRefused):
        come(kept=late.state)


def test_a_code_of_another_way_there_opens_nothing(linked: Agency, issuer: str) -> None:
    """Its token has the nonce of that way: whoever slips a code of their own into somebody's browser gets no session."""
    mine, theirs = (to_sign_in(linked.system, redirect=BACK) for _ in range(2))
    code = proven_there(issuer, theirs.address)["code"]
    with pytest.raises(SignInRefused):
        provider.sign_in_by_provider(linked.system, redirect=BACK, code=code, state=mine.state, kept=mine.state)


def test_req_103_a_link_opens_nothing_until_the_person_confirms_it_and_oversight_is_told(agency: Agency) -> None:
    agency = agency.with_parts(provider=Silent())
    ready, system = agency.ready(1, 2, 3), agency.system
    there = sessions.account(system, agency["ines"])
    assert (there.linked, there.link_waits) == (False, False)
    provider.link_person(system, agency["ada"], person_id=agency.ids["ines"], subject=SUBJECT)
    with pytest.raises(SignInRefused):
        agency.search(ready.authority)
    told = [one.words for one in agency.find(Notice, about=agency.ids["ines"], recipient=OVERSIGHT)]
    assert any("linked to the agency's own sign-in" in words for words in told)
    sent = to_sign_in(system, redirect=BACK)
    with pytest.raises(SignInRefused):
        provider.sign_in_by_provider(system, redirect=BACK, code="a code", state=sent.state, kept=sent.state)
    agency.officers["ines"] = people.sign_in_as(system, name="ines")
    waits = sessions.account(system, agency["ines"])
    assert (waits.linked, waits.link_waits) == (False, True)
    with pytest.raises(BadInput, match="another name than this one"):
        provider.confirm_link(system, agency["ines"], subject="somebody")
    with pytest.raises(Missing):
        provider.confirm_link(system, agency["ivo"], subject=SUBJECT)
    stale(agency, "ines")
    assert rules_of(agency, provider.confirm_link, system, agency["ines"], subject=SUBJECT) == [
        "session-is-fresh-for-account"
    ]


def test_req_103_the_account_page_asks_for_the_name_there_and_confirms_it(linked: Agency) -> None:
    provider.link_person(linked.system, linked["ada"], person_id=linked.ids["ines"], subject="another")
    linked.officers["ines"] = people.sign_in_as(linked.system, name="ines")
    browser = Browser(linked, "ines")
    assert "Your name there" in browser.open("/account").text
    browser.send("/account/link/confirm", {"subject": "somebody"})
    assert "another name than this one" in browser.page.text
    browser.send("/account/link/confirm", {"subject": " another "})
    assert "Your name there" not in browser.open("/account").text
    assert linked.find(Linked)[0].state is LinkState.CONFIRMED


def test_the_log_says_whose_word_opens_sessions_and_that_it_became_another_s(agency: Agency) -> None:
    def told() -> list[tuple[str, str]]:
        there = [agency.told(leaf["n"]) for leaf in agency.leaves() if leaf["event"] == "provider.configured"]
        return [(one["before"][0], one["after"][0]) for one in there]

    first, other = (replace(agency.system, provider=OpenIdProvider("https://a.example", to)) for to in ("one", "two"))
    for system in (agency.system, first, first, other, agency.system):
        provider.record_provider(system)
    one, two = "https://a.example one sub", "https://a.example two sub"
    assert told() == [("", one), (one, two), (two, "")]
    assert len([one for one in agency.find(Notice) if "sign-in of the agency" in one.words]) == 3


def _now(agency: Agency, **less: float) -> int:
    return int((agency.clock.at - timedelta(**less)).timestamp())


def session_of(browser: Browser) -> Session:
    return browser.agency.get(Session, sessions.digest_of(browser.client.cookies[COOKIE]))


class Silent:
    """Vouches, and does not say when the person proved who they are."""

    issuer = "https://sign-in.example"
    known_as = "https://sign-in.example beholden sub"

    def address(self, **_: object) -> str:
        return self.issuer

    def vouched(self, **_: object) -> Vouched:
        return Vouched(SUBJECT, None, "", ())


def test_req_114_a_session_is_not_fresh_where_the_provider_does_not_say_since_when(agency: Agency) -> None:
    there = agency.with_parts(provider=Silent())
    link(there, "ines", SUBJECT)
    sent = to_sign_in(there.system, redirect=BACK)
    officer = provider.sign_in_by_provider(
        there.system, redirect=BACK, code="a code", state=sent.state, kept=sent.state
    )
    assert there.get(Session, sessions.digest_of(officer.session)).fresh_until < there.clock.at
    assert sessions.account(there.system, officer).person.name == "ines"


@pytest.mark.parametrize(("minutes", "fresh"), [(0, True), (9, True), (11, False)])
def test_req_114_a_session_is_as_fresh_as_the_proof_at_the_provider(
    linked: Agency, issuer: str, minutes: int, fresh: bool
) -> None:
    browser = signed_in(linked, issuer, auth_time=_now(linked, minutes=minutes))
    assert (session_of(browser).fresh_until > linked.clock.at) is fresh


def test_req_114_confirming_sends_there_anew_and_an_old_proof_confirms_nothing(linked: Agency, issuer: str) -> None:
    browser = signed_in(linked, issuer, auth_time=_now(linked, minutes=60))
    session = session_of(browser)
    for minutes, fresh in ((20, False), (0, True)):
        there = browser.open("/confirm/provider?next=/cases").headers["location"]
        asked = parse_qs(urlsplit(there).query)
        assert (asked["prompt"], asked["max_age"]) == (["login"], ["0"])
        browser.send(
            "/sign-in/provider", proven_there(issuer, there, auth_time=_now(linked, minutes=minutes)), follow=False
        )
        assert browser.page.status_code == (303 if fresh else 403)
        assert (linked.get(Session, session.id).fresh_until > linked.clock.at) is fresh
    assert browser.page.headers["location"] == "/cases?done=confirmed"


def test_req_114_nobody_confirms_for_somebody_else_nor_for_another_session(linked: Agency, issuer: str) -> None:
    system = linked.system
    sent = provider.to_confirm(system, linked["ines"], redirect=BACK)
    told = {"redirect": BACK, "kept": sent.state, **proven_there(issuer, sent.address, auth_time=_now(linked))}
    ivo = linked.officers["ivo"] = people.sign_in_as(system, name="ivo")
    assert rules_of(linked, provider.confirm_by_provider, system, ivo, **told) == ["session.confirmed-person"]
    again = people.sign_in_as(system, name="ines")
    assert rules_of(linked, provider.confirm_by_provider, system, again, **told) == ["session.confirmed-person"]
    sent = provider.to_confirm(system, ivo, redirect=BACK)
    told = {"redirect": BACK, "kept": sent.state, **proven_there(issuer, sent.address, auth_time=_now(linked))}
    assert rules_of(linked, provider.confirm_by_provider, system, ivo, **told) == ["session.confirmed-person"]


def test_a_subject_is_one_persons_and_a_link_follows_whom_it_was_made_for(linked: Agency) -> None:
    link_person = provider.link_person
    ada, ids = linked["ada"], linked.ids
    with pytest.raises(BadInput, match="somebody else"):
        link_person(linked.system, ada, person_id=ids["ivo"], subject=SUBJECT)
    for wrong in ("", "x" * 256, "a\nb"):
        with pytest.raises(BadInput, match="line break"):
            link_person(linked.system, ada, person_id=ids["ivo"], subject=wrong)
    assert rules_of(linked, link_person, linked.system, linked["ines"], person_id=ids["ivo"], subject="b")[
        0
    ].startswith("role-")
    link(linked, "ines", "another")
    assert linked.find(Linked, person_id=ids["ines"])[0].issuer
    assert len(linked.find(Linked)) == 1
    assert sessions.account(linked.system, linked["ines"]).linked
    people.renew_token(linked.system, ada, person_id=ids["ines"])
    assert linked.find(Linked) == []


def test_req_123_without_the_setting_there_is_no_such_way_and_nothing_is_asked(agency: Agency) -> None:
    browser = Browser(agency)
    assert "/sign-in/provider" not in browser.open("/sign-in").text
    assert browser.open("/sign-in/provider").status_code == 422
    with pytest.raises(BadInput, match=r"\[oidc\]"):
        provider.link_person(agency.system, agency["ada"], person_id=agency.ids["ines"], subject="a")


@pytest.mark.parametrize(
    "issuer",
    ["http://sign-in.example", "ftp://localhost", "https://", "https://a.example/?x=1", "https://a.example/#b"],
)
def test_an_issuer_is_https_or_on_this_machine(issuer: str) -> None:
    with pytest.raises(BadInput, match="no https address"):
        OpenIdProvider(issuer, "beholden")


def test_a_provider_that_says_it_is_another_or_does_not_answer_is_not_believed(linked: Agency, issuer: str) -> None:
    for place, words in ((f"{issuer}/sub", "does not say of itself"), ("http://localhost:1", "cannot be reached")):
        broken = replace(linked.system, provider=OpenIdProvider(place, "beholden"))
        with pytest.raises(Fault, match=words):
            to_sign_in(broken, redirect=BACK)
