"""An auditor looks at one picture by a command: a reason, a file of its own, and the entry that says both."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from beholden.cli import door
from beholden.ports.system import System
from tests.edges.terminal import Office

WHY = "the opinions name a scar that the list does not"


def test_req_90_an_auditor_is_given_a_picture_by_a_command_for_a_reason(office: Office) -> None:
    office.people("ines", "pia", "sven", "aude")
    office.case_with_sought()
    exhibit = office.does("aude", "exhibit", "list", "2026-117")["exhibits"][0]
    out = office.folder / "face.jpg"
    given = ("picture", "reveal", "exhibit-face", f"{exhibit['id'][:8]}:1", "--out", str(out))
    for reason, rule in (("look", "reveal-has-reason"), ("", "reveal-has-reason")):
        refused = office.run("aude", *given, "--reason", reason, "--json")
        assert (refused.code, out.exists()) == (3, False)
        assert rule in refused.out
    done = office.does("aude", *given, "--reason", WHY)
    assert (done["id"], done["left_today"]) == (exhibit["faces"][0]["id"], 19)
    with Image.open(BytesIO(out.read_bytes())) as chip:
        assert (chip.format, dict(chip.getexif())) == ("JPEG", {})
    assert out.stat().st_mode & 0o077 == 0
    again = (*given[:-1], str(office.folder / "again.jpg"))
    assert "reveal-reason-is-new" in office.run("aude", *again, "--reason", WHY.upper(), "--json").out
    assert office.run("ines", *again, "--reason", WHY).code == 3
    assert office.run("aude", *given, "--reason", "the second opinion names another scar").code == 4, "it is there"
    assert office.run("aude", "picture", "reveal", "lead", "f" * 32, "--reason", "x" * 30, "--out", again[-1]).code == 5
    assert not (office.folder / "again.jpg").exists()


def test_req_114_a_day_is_limited_by_commands_too(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each command opens the folder anew: the count lies in the records."""
    office.people("ines", "aude")
    office.case_with_sought()
    exhibit = office.does("aude", "exhibit", "list", "2026-117")["exhibits"][0]
    limit_pictures(monkeypatch, 2)
    codes = []
    for number in range(3):
        given = ("picture", "reveal", "exhibit-face", f"{exhibit['id'][:8]}:1", "--reason", f"{WHY}, number {number}")
        ran = office.run("aude", *given, "--out", str(office.folder / f"{number}.jpg"), "--json")
        codes.append(ran.code)
    assert (codes, "day-limit" in ran.out) == ([0, 0, 3], True)


def limit_pictures(monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    """As a pack would that sets the number: its digest is not what is tried here."""
    really = door.open_folder

    def opened(*given: Any, **named: Any) -> System:
        system = really(*given, **named)
        return replace(system, rules=replace(system.rules, max_pictures_revealed_a_day=most))

    monkeypatch.setattr(door, "open_folder", opened)
