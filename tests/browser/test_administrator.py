"""An administrator's day in the pages: how the system is, what to do about it, and that no face and no log is theirs to read."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, expect

from beholden.demo.stage import ADA
from tests.browser.checks import examine, heavy
from tests.browser.prepared import prepare
from tests.browser.served import serve
from tests.browser.window import Notes, Window, signed_in

pytestmark = [pytest.mark.allow_hosts(["127.0.0.1", "::1"]), pytest.mark.timeout(300)]


def test_an_administrator_sees_how_the_system_is_and_does_what_it_asks_for(chromium: Browser, tmp_path: Path) -> None:
    walk(chromium, tmp_path)


def walk(chromium: Browser, folder: Path, pictures: Path | None = None) -> None:
    prepared = prepare(folder)
    notes = Notes(pictures)
    with serve(prepared.data) as served:
        ada = signed_in(chromium, served.address, served.link(ADA.name), notes)
        ada.follow("Condition", inside="nav")
        ada.sees("Nothing is urgent", "The log knows of no backup that Beholden made.", "A search could begin now")
        expect(part(ada, "Backups")).to_contain_text("beholden backup make")
        ada.look("condition", picture=True)

        served.does("backup", "make", "--to", str(folder / "there"), "--keys-to", str(folder / "apart"))
        served.does("check")
        ada.page.reload()
        expect(part(ada, "Backups")).to_contain_text("The last one was made on")
        expect(part(ada, "Check of every part")).to_contain_text("The last one was on")
        expect(part(ada, "Witnesses")).to_contain_text("The log has no witness")
        ada.look("condition-after-a-backup")

        person = served.does("people", "add", "Nils Aalto", "--role", "investigator")
        ada.open("/condition")
        ada.sees("The last one was made on")
        ada.follow("People", inside="nav")
        ada.follow("Nils Aalto")
        ada.sees("Nils Aalto")
        assert person["token"], "whoever is invited signs in with it once"

        for path in ("/log", "/log/verify", "/cases", "/oversight"):
            ada.open(path)
            assert ada.page.locator("#main img, #main svg.chip").count() == 0, path
            expect(ada.page.locator(".reasons, .none").first).to_be_visible()
            ada.look(f"administrator-at{path.replace('/', '-')}")
        assert notes.complaints == []
        found = examine(chromium, served.address, notes.visits)
        assert (found.in_light, found.in_the_dark, found.too_wide, found.blurred) == ({}, {}, {}, {})
        assert heavy(notes.visits) == {}
        ada.close()


def part(window: Window, name: str) -> Locator:
    return window.page.locator("section.part", has=window.page.get_by_role("heading", name=name))
