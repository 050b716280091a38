"""Alone at night: from the sign-in to a warning in the pages, in few fields, and within two minutes at the speed of a hand."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from beholden.actions import cases
from beholden.demo.stage import SVEN, Stage
from beholden.records.cases import Case
from beholden.records.disclosures import Disclosure, DisclosureState
from beholden.records.galleries import Gallery
from beholden.records.people import Role
from beholden.records.sought import Sought
from tests.browser.behind import behind
from tests.browser.checks import examine
from tests.browser.prepared import join, prepare
from tests.browser.served import serve
from tests.browser.window import Notes, Window, window

pytestmark = [pytest.mark.allow_hosts(["127.0.0.1", "::1"]), pytest.mark.timeout(300)]

NORA, PASSPHRASE = "Nora Lund", "seven quiet herons wade"
MOST_SECONDS, MOST_FIELDS = 120, 10
# The keystroke-level model (Card, Moran and Newell, 1980): 40 words of five letters a minute, pointing, and thinking before
# each step; and what somebody takes to look at a pair of faces. A step of the machine counts 0.4 s here, whatever else the
# machine does; `benches/exigent.py` tells what it takes.
A_KEY, A_POINT, A_THOUGHT, A_LOOK, A_WAIT = 0.3, 1.1, 1.35, 3.0, 0.4


@dataclass
class Hand:
    """Does in a window what a person does, and counts what it takes: the person by the model, the machine by the clock."""

    at: Window
    seconds: float = 0.0
    fields: int = 0
    waits: list[float] = field(default_factory=list)  # seconds each

    @contextmanager
    def waiting(self) -> Iterator[None]:
        began = time.monotonic()
        yield
        self.waits.append(time.monotonic() - began)

    def types(self, name: str, words: str) -> None:
        self.at.page.locator(f"main [name={name}]:visible").fill(words)
        self.fields += 1
        self.seconds += A_THOUGHT + A_POINT + A_KEY * len(words)

    def chooses(self, name: str, value: str) -> None:
        self.at.page.locator(f"main select[name={name}]").select_option(value)
        self.fields += 1
        self.seconds += A_THOUGHT + 2 * A_POINT

    def presses(self, name: str) -> None:
        self.seconds += A_THOUGHT + A_POINT
        with self.waiting():
            self.at.press(name)

    def opens(self) -> None:
        """What is veiled, and looks at it."""
        self.seconds += A_KEY + A_LOOK
        with self.waiting():
            self.at.page.wait_for_function("() => document.readyState === 'complete'")  # no key is heard before
            self.at.page.keyboard.press("o")
            expect(self.at.page.locator("[data-pair-reveal][data-open]")).to_have_count(1)

    def key(self, key: str) -> None:
        self.seconds += A_KEY
        with self.waiting(), self.at.page.expect_navigation():
            self.at.page.keyboard.press(key)


def on_duty(stage: Stage, case: Case, _sought: Sought, _gallery: Gallery) -> None:
    """An investigator who is a certified examiner as well, and who is assigned to the case."""
    nora = join(stage, NORA, PASSPHRASE, Role.INVESTIGATOR, Role.EXAMINER)
    cases.assign_case(stage.system, stage[SVEN], case_id=case.id, person_id=nora)


def test_req_20_from_the_sign_in_to_a_warning_in_two_minutes_and_ten_fields(chromium: Browser, tmp_path: Path) -> None:
    walk(chromium, tmp_path)


def walk(chromium: Browser, folder: Path, pictures: Path | None = None) -> Hand:
    prepared = prepare(folder, on_duty)
    notes = Notes(pictures)
    with serve(prepared.data) as served:
        nora = window(chromium, served.address, notes)
        nora.open("/sign-in")
        hand = Hand(nora)
        hand.types("name", NORA)
        hand.types("passphrase", PASSPHRASE)
        hand.presses("Sign in")
        nora.open(f"/cases/{prepared.case.id}/exigents/new")
        hand.seconds += 2 * (A_THOUGHT + A_POINT)  # the case, and its link
        nora.look("exigent-new")
        hand.chooses("ground", "child-in-danger")
        hand.types("reason", "A message of tonight: she is with him.")
        hand.presses("Search now")
        nora.sees("UNREVIEWED EXIGENT")
        nora.look("exigent-path-list")
        nora.page.get_by_role("button", name="Switch single keys on").click()
        hand.key("s")
        nora.sees("Pair 1 of ")
        expect(nora.page.locator(".pair-clear")).to_have_count(0)
        nora.look("exigent-path-pair", picture=True)
        pairs = int(re.findall(r"Pair 1 of ([0-9]+)", nora.page.locator("main").inner_text())[0])
        for pair in range(1, pairs + 1):
            nora.sees(f"Pair {pair} of {pairs}.")
            hand.opens()
            if pair == 1:
                nora.look("exigent-path-pair-clear")
            hand.key("1" if pair == 1 else "2")
        nora.sees("Every pair is decided: 1 is potential.")
        nora.look("exigent-path-reviewed")
        hand.key("f")
        nora.sees("then compare them and lock an opinion.")
        hand.key("s")
        nora.sees("First who is sought, alone")
        hand.opens()
        nora.look("exigent-path-probe", picture=True)
        hand.key("y")
        nora.sees("Now who is held, alone")
        hand.opens()
        nora.look("exigent-path-reference")
        hand.key("y")
        nora.sees("What you saw in every component")
        hand.opens()
        nora.look("exigent-path-examination")
        hand.chooses("rest", "similar")
        hand.chooses("opinion", "2")
        hand.presses("Lock the opinion")
        nora.sees("Warn those who can protect")
        nora.look("exigent-path-warning", picture=True)
        expect(nora.page.locator("input[name=handle]")).to_be_checked()
        hand.types("recipients", "Rescue unit 4")
        hand.types("basis", "Privacy Act, s. 8(2)(m)(i)")
        hand.presses("Warn them now")
        nora.sees("What leaves", "disclosure.json", "manifest.note")
        assert hand.fields <= MOST_FIELDS
        assert hand.seconds + A_WAIT * len(hand.waits) <= MOST_SECONDS, (hand.seconds, hand.waits)
        with behind(prepared.data) as (_, look):
            [left] = look.find(Disclosure)
        assert left.state is DisclosureState.PROVISIONAL
        nora.open(f"/disclosures/{left.id}/after")
        nora.look("disclosure-after")
        assert notes.complaints == []
        found = examine(chromium, served.address, notes.visits)
        assert (found.in_light, found.in_the_dark, found.too_wide, found.blurred) == ({}, {}, {}, {})
        nora.close()
    return hand
