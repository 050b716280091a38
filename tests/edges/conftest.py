"""No test of a door may read or write a session, a folder or a passphrase of the person who runs it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.edges.terminal import Office, make


@pytest.fixture(autouse=True)
def _own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("BEHOLDEN_DATA", "BEHOLDEN_SESSION", "BEHOLDEN_PASSPHRASE", "BEHOLDEN_DEBUG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def office(tmp_path: Path) -> Office:
    make(tmp_path)
    return Office(tmp_path)
