"""What every page has, in a real browser: single keys that are off until somebody wants them, few requests, narrow, paper."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from beholden.demo.stage import ADA
from tests.browser.checks import MOST_BYTES, MOST_REQUESTS
from tests.browser.served import Served, make, serve
from tests.browser.window import LOADED, Notes, Window, signed_in

pytestmark = [
    pytest.mark.allow_hosts(["127.0.0.1", "::1"]),
    pytest.mark.timeout(300),
]

PAGES = ("/", "/account", "/people", "/calibrations", "/evaluations", "/model", "/incidents")


@pytest.fixture(scope="module")
def served(_own_state: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serve(make(tmp_path_factory.mktemp("shell"), "--model", "drawn:")) as served:
        yield served


@pytest.fixture
def notes() -> Iterator[Notes]:
    """Nothing may be complained of, whatever a test does."""
    notes = Notes()
    yield notes
    assert notes.complaints == []


@pytest.fixture
def ada(chromium: Browser, served: Served, notes: Notes) -> Iterator[Window]:
    here = signed_in(chromium, served.address, served.link(ADA.name), notes)
    yield here
    here.close()


def test_single_keys_do_nothing_until_they_are_switched_on_but_the_one_that_lists_them(ada: Window) -> None:
    keys, page = ada.page.keyboard, ada.page
    ada.open("/people")
    keys.press("/")
    expect(page.locator("main input[type=search]")).not_to_be_focused()
    keys.press("?")
    listed = page.locator("#keys")
    expect(listed).to_be_visible()
    expect(listed).to_contain_text("List the keys")
    expect(page.locator("#keys-on")).not_to_be_checked()
    page.locator("#keys-on").check()
    keys.press("Escape")
    keys.press("/")
    expect(page.locator("main input[type=search]")).to_be_focused()
    keys.type("?g h")
    expect(page.locator("main input[type=search]")).to_have_value("?g h")
    expect(listed).not_to_be_visible()
    keys.press("Escape")
    page.locator("h1").click()
    keys.press("g")
    with page.expect_navigation():
        keys.press("h")
    expect(page).to_have_url(f"{ada.address}/")


def test_who_switches_single_keys_off_is_left_alone_by_all_of_them(ada: Window) -> None:
    ada.open("/account")
    ada.named("button", "Leave them off").click()
    ada.page.keyboard.press("?")
    expect(ada.page.locator("#keys")).not_to_be_visible()
    expect(ada.named("button", "Leave them off")).to_have_attribute("aria-pressed", "true")
    ada.named("button", "Switch single keys on").click()
    ada.page.keyboard.press("?")
    expect(ada.page.locator("#keys")).to_be_visible()


def test_a_command_is_given_another_key_that_no_other_has_and_keeps_it(ada: Window) -> None:
    keys, page = ada.page.keyboard, ada.page
    ada.open("/people")
    page.evaluate("() => localStorage.setItem('keys', 'on')")
    keys.press("?")
    change = page.locator("#keys-list button[aria-label^='Another key: Find']")
    change.press("Enter")
    expect(page.locator("#keys-said")).to_have_text("Press the key that is to do it.")
    keys.press("?")
    expect(page.locator("#keys-said")).to_contain_text("Another command has this key: List the keys")
    change.press("Enter")
    keys.press("g")  # the first of two keys
    expect(page.locator("#keys-said")).to_contain_text("Another command has this key: What waits")
    change.press("Enter")
    keys.press("Shift+F")
    expect(page.locator("#keys-said")).to_have_text("It has this key now, in this browser.")
    change.press("Enter")
    keys.press("f")
    expect(page.locator("#keys-said")).to_have_text("It has this key now, in this browser.")
    keys.press("Escape")
    ada.open("/people")
    keys.press("/")
    expect(page.locator("main input[type=search]")).not_to_be_focused()
    keys.press("f")
    expect(page.locator("main input[type=search]")).to_be_focused()
    page.locator("h1").click()
    keys.press("?")
    page.locator("#keys-usual").click()
    keys.press("Escape")
    keys.press("/")
    expect(page.locator("main input[type=search]")).to_be_focused()


def test_the_first_load_of_a_page_is_small_and_takes_few_requests(ada: Window) -> None:
    for path in PAGES:
        ada.open(path)
        loaded: list[Any] = ada.page.evaluate(LOADED)
        assert 4 <= len(loaded) <= MOST_REQUESTS, (path, loaded)
        assert sum(size for _, size in loaded) <= MOST_BYTES, (path, loaded)


def test_no_page_is_wider_than_320_px_and_on_paper_there_are_no_tools(ada: Window) -> None:
    ada.page.set_viewport_size({"width": 320, "height": 640})
    beside = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
    for path in PAGES:
        ada.open(path)
        assert ada.page.evaluate(beside) == 0, path
    ada.page.emulate_media(media="print")
    ada.open("/people")
    expect(ada.page.locator("h1")).to_be_visible()
    expect(ada.page.locator("main")).to_contain_text(ADA.name)
    expect(ada.page.locator("main th", has_text="Roles").first).to_be_visible()
    assert "Roles" in ada.page.locator("main").inner_text(), "a heading of a column is no tool, though it sorts"
    for tool in ("nav.places", "main button:not(th button)", "main input", "#keys-button", ".skip"):
        for one in ada.page.locator(tool).all():
            expect(one).not_to_be_visible()


def test_where_less_motion_is_asked_for_nothing_scrolls_smoothly(ada: Window) -> None:
    ada.open("/people")
    expect(ada.page.locator("html")).to_have_css("scroll-behavior", "auto")
    ada.page.emulate_media(reduced_motion="no-preference")
    expect(ada.page.locator("html")).to_have_css("scroll-behavior", "smooth")


def test_a_refusal_of_what_a_script_asked_for_is_said_on_the_page(ada: Window, notes: Notes) -> None:
    """The browser writes one line of its own for the status, which nobody can silence."""
    ada.open("/people")
    own = ada.page.evaluate("() => document.querySelector('script[type=module]').src")
    ada.page.evaluate("async (own) => { const { post } = await import(own); await post('/sources', {}); }", own)
    expect(ada.page.locator("#said .reasons")).to_be_visible()
    said = [one for one in notes.complaints if "status of 4" in one]
    assert len(said) == len(notes.complaints) == 1
    notes.complaints.clear()
