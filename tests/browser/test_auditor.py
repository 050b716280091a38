"""An auditor's day in the pages: what waits, a log that is verified and proven outside, a sample, and a list made again."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

import beholden
from beholden.actions import sample
from beholden.demo.chapters import authority, opinions, searching
from beholden.demo.stage import ADA, AUDE, Stage
from beholden.records.cases import Case
from beholden.records.galleries import Gallery
from beholden.records.sought import Sought
from tests.browser.checks import examine, heavy
from tests.browser.prepared import prepare
from tests.browser.served import serve
from tests.browser.window import Notes, signed_in

pytestmark = [pytest.mark.allow_hosts(["127.0.0.1", "::1"]), pytest.mark.timeout(300)]

VERIFIER = Path(beholden.__file__).parents[1] / "beholden_verify.py"
WHY = "Counsel of the defence asks how this list came about, and whether it would come about again."


def search_and_unseal(stage: Stage, case: Case, sought: Sought, gallery: Gallery) -> None:
    approved = authority.obtain_authority(stage, case, sought, gallery)
    found = searching.run_search(stage, approved)
    potential = opinions.review_blind(stage, found)
    opinions.examine_blind(stage, found, potential)
    now = stage.system.clock.now()  # a form takes whole minutes, and this one is not over
    sample.draw_sample(stage.system, stage[AUDE], begins_at=now - timedelta(hours=1), ends_at=now, share=100)


def test_an_auditor_verifies_the_log_and_has_a_list_made_again(chromium: Browser, tmp_path: Path) -> None:
    walk(chromium, tmp_path)


def walk(chromium: Browser, folder: Path, pictures: Path | None = None) -> None:
    prepared = prepare(folder, search_and_unseal)
    notes = Notes(pictures)
    with serve(prepared.data) as served:
        aude = signed_in(chromium, served.address, served.link(AUDE.name), notes)
        aude.follow("Oversight", inside="nav")
        aude.sees(
            "What you would look at first", "Notices to oversight", "No order is in force.", "Refused by the rules"
        )
        aude.look("oversight", picture=True)

        aude.follow("Verify the log")
        aude.sees("Not verified since the server was started")
        aude.look("log-to-verify")
        aude.page.get_by_role("button", name="Switch single keys on").click()
        with aude.page.expect_navigation():
            aude.page.keyboard.press("v")
        expect(aude.page.get_by_role("heading", name="The log holds")).to_be_visible(timeout=20_000)
        aude.sees("Signed checkpoints that hold", "Check it without this server")
        aude.look("log-verified", picture=True)

        keys = aude.save("The public keys", folder)
        checkpoint = aude.save("The signed checkpoint", folder)
        assert checkpoint.read_text(encoding="utf-8").startswith("beholden/")
        aude.fill(n="3")
        with aude.page.expect_download() as begun:
            aude.named("button", "Write the proof").click()
        proof = folder / begun.value.suggested_filename
        begun.value.save_as(proof)
        checked = subprocess.run(
            [sys.executable, str(VERIFIER), "proof", str(proof), "--keys", str(keys)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert checked.returncode == 0, checked.stdout + checked.stderr

        aude.open("/samples")
        aude.sees("Uses that were taken")
        aude.choose("verdict", "justified")
        aude.press("Record it")
        aude.sees("justified")
        aude.look("sample-judged")

        aude.follow("Searches", inside="nav")
        aude.page.locator("main tbody th a").first.click()
        aude.follow("Have the list made again")
        aude.fill(reason="too short")
        aude.press("Make it again")
        aude.sees("This was not done")
        aude.look("replay-refused")
        aude.fill(reason=WHY)
        aude.press("Make it again")
        aude.sees("The list comes out the same", "Whoever is still held stands where they stood")
        aude.look("replay", picture=True)
        aude.follow("Read it in the log")
        aude.sees("Earlier times that this list was made again", WHY)
        aude.look("replay-earlier")
        aude.follow("Oversight", inside="nav")
        aude.sees("Lists made again", "It was verified last on", "One sample was drawn")
        assert aude.page.locator("#main img").count() == 0, "no picture on any page of oversight"

        ada = signed_in(chromium, served.address, served.link(ADA.name), notes)
        ada.open("/oversight")
        ada.sees("There is no such record")
        ada.close()
        assert notes.complaints == []
        found = examine(chromium, served.address, notes.visits)
        assert (found.in_light, found.in_the_dark, found.too_wide, found.blurred) == ({}, {}, {}, {})
        assert heavy(notes.visits) == {}
        aude.close()
