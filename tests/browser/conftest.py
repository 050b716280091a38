"""Debian's chromium for tests of the pages. Without it they are skipped, unless `BEHOLDEN_REQUIRE` names it: then they fail."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, sync_playwright

FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
ABSENT = "there is no chromium here; install it (apt-get install chromium) to try the pages in a browser"


@contextmanager
def launched(program: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(FLAGS))
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def chromium_here() -> Iterator[Browser]:
    """For what is no test: it ends, and says why, where there is none."""
    program = shutil.which("chromium")
    if program is None:
        raise SystemExit(ABSENT)
    with launched(program) as browser:
        yield browser


@pytest.fixture(scope="module", autouse=True)
def _own_state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No test of a door may read or write a session, a folder or a passphrase of the person who runs it."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("BEHOLDEN_DATA", "BEHOLDEN_SESSION", "BEHOLDEN_PASSPHRASE", "BEHOLDEN_DEBUG"):
            patch.delenv(name, raising=False)
        for name in ("XDG_STATE_HOME", "XDG_CACHE_HOME"):
            patch.setenv(name, str(tmp_path_factory.mktemp(name.lower())))
        yield


@pytest.fixture(scope="module")
def chromium(_own_state: None) -> Iterator[Browser]:
    program = shutil.which("chromium")
    if program is None:
        if "chromium" in os.environ.get("BEHOLDEN_REQUIRE", ""):
            pytest.fail(f"BEHOLDEN_REQUIRE names chromium, but {ABSENT}")
        pytest.skip(ABSENT)
    with launched(program) as browser:
        yield browser
