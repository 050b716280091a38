"""Doors of their own in a real browser: a passkey, a link that is used twice, the keyboard alone, no scripts at all."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from beholden.demo.stage import ADA
from tests.browser.served import Served, make, serve
from tests.browser.window import Notes, Window, signed_in, window

pytestmark = [
    pytest.mark.allow_hosts(["127.0.0.1", "::1"]),
    pytest.mark.timeout(300),
]


@pytest.fixture(scope="module")
def served(_own_state: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serve(make(tmp_path_factory.mktemp("signing in"), "--model", "drawn:")) as served:
        yield served


@pytest.fixture
def notes() -> Iterator[Notes]:
    """Nothing may be complained of, whatever a test does."""
    notes = Notes()
    yield notes
    assert notes.complaints == []


def with_a_device(here: Window) -> None:
    """Put a device into the browser that makes passkeys, and whose owner always agrees."""
    devices = here.context.new_cdp_session(here.page)
    devices.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    devices.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def test_a_passkey_is_made_on_the_account_and_signs_in_without_a_name_or_a_passphrase(
    chromium: Browser, served: Served, notes: Notes
) -> None:
    ada = signed_in(chromium, served.address, served.link(ADA.name), notes)
    with_a_device(ada)
    ada.follow("Account", inside="header")
    ada.sees("You have no passkey.")
    ada.page.locator("#f-passkey-name").fill("blue key")
    ada.press("Add a passkey")
    ada.sees("blue key")
    ada.press("Sign out", inside="header")
    ada.sees("You are signed out.")
    ada.open("/people")
    ada.press("Sign in with a passkey")
    expect(ada.page).to_have_url(f"{served.address}/people")  # where they wanted to go
    ada.sees(f"{ADA.name} (administrator)")
    ada.open("/confirm?next=/account")
    ada.press("Confirm with a passkey")
    ada.sees("You confirmed who you are.")
    ada.page.locator("main").get_by_role("button", name="Remove blue key").click()
    ada.sees("You have no passkey.")
    ada.press("Sign out", inside="header")
    ada.press("Sign in with a passkey")
    ada.sees("this passkey opens nothing here now")
    ada.close()


def test_a_link_opens_one_browser_once_and_its_token_is_taken_out_of_the_address(
    chromium: Browser, served: Served, notes: Notes
) -> None:
    link = served.link(ADA.name)
    first, second = (window(chromium, served.address, notes) for _ in range(2))
    for here in (first, second):
        here.open(link)
        expect(here.page).to_have_url(f"{served.address}/sign-in/link")
        here.press("Sign in")
    first.sees("What waits for you")
    second.told("session.known-link")
    second.open("/people")
    expect(second.page).to_have_url(f"{served.address}/sign-in?next=%2Fpeople")
    first.close()
    second.close()


def test_one_signs_in_and_goes_about_with_the_keyboard_alone(chromium: Browser, served: Served, notes: Notes) -> None:
    here = window(chromium, served.address, notes)
    keys = here.page.keyboard
    focus = here.page.locator(":focus")
    here.open(served.link(ADA.name))
    here.enter("Sign in")
    expect(here.page).to_have_url(f"{served.address}/")
    keys.press("Tab")
    expect(focus).to_have_text("Skip to the content")
    expect(focus).to_be_in_viewport()
    keys.press("Enter")
    expect(here.page.locator("#main")).to_be_focused()
    here.open("/")
    here.enter("People")
    expect(here.page).to_have_url(f"{served.address}/people")
    here.tab_to("Invite a person")
    keys.press("Enter")
    keys.press("Tab")
    keys.type("ida")
    keys.press("Tab")
    keys.press("Space")
    keys.press("Enter")
    here.sees("A one-time token for ida")
    here.close()


def test_a_list_is_narrowed_while_one_types_and_by_the_button_where_scripts_are_off(
    chromium: Browser, served: Served, notes: Notes
) -> None:
    ada = signed_in(chromium, served.address, served.link(ADA.name), notes)
    ada.open("/people")
    ada.sees(ADA.name)
    ada.page.locator("main [name=filter]").press_sequentially("nobody is called so")
    ada.sees("Nobody has this in their name.")
    ada.close()

    plain = chromium.new_context(java_script_enabled=False)
    page = plain.new_page()
    page.goto(f"{served.address}/sign-in/link")
    page.get_by_label("Token").fill(served.link(ADA.name).partition("#")[2])
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("link", name="People").click()
    page.get_by_label("Find a person").fill("nobody is called so")
    page.get_by_role("button", name="Find").click()
    expect(page.locator("main")).to_contain_text("Nobody has this in their name.")
    plain.close()


def test_the_language_can_be_changed_where_a_form_was_refused(chromium: Browser, served: Served, notes: Notes) -> None:
    ada = signed_in(chromium, served.address, served.link(ADA.name), notes)
    ada.open("/people")
    ada.follow(ADA.name)
    ada.tick("auditor")  # beside administrator: nobody has both
    ada.press("Change the roles")
    assert ada.page.locator(".reasons").count() == 1
    ada.page.locator("footer").get_by_role("link", name="Français").click()
    expect(ada.page.locator("html")).to_have_attribute("lang", "fr")
    assert ada.page.locator(".reasons").count() == 0
    expect(ada.page.locator("h1")).to_contain_text(ADA.name)
    ada.close()
