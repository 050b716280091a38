"""An order is written where the key of the oversight body is, and carried out by anybody who reaches the machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from beholden.settings import read_settings
from tests.edges.terminal import Office, make, run


@pytest.fixture
def office(tmp_path: Path) -> Office:
    make(tmp_path)
    return Office(tmp_path)


def write(office: Office, kind: str, out: str, *more: str, key: Path | None = None) -> tuple[int, str]:
    key = key or office.folder / "keys" / "handover" / "oversight.pem"
    origin = read_settings(office.data).origin
    ran = run(
        *("oversight", "write-order", kind, str(office.folder / out), "--origin", origin, "--key", str(key)),
        *("--reason", "searches outside cases, under inquiry"),
        *more,
    )
    return ran.code, ran.out + ran.err


def apply(office: Office, order: str) -> tuple[int, str]:
    ran = run("oversight", "apply", str(office.folder / order), "--data", str(office.data))
    return ran.code, ran.out + ran.err


def test_req_95_an_order_is_written_offline_applied_and_listed(office: Office) -> None:
    code, words = write(office, "stop", "stop.note", "--scope", "system", "--number", "4", "--until", "2199-01-01")
    assert (code, "order 4, stop system, is signed by oversight" in words) == (0, True)
    code, words = apply(office, "stop.note")
    assert (code, "Order 4 is carried out: stop system until 2199-01-01 00:00 UTC" in words) == (0, True)
    assert write(office, "lift", "lift.note", "--scope", "system")[0] == 0
    [listed] = office.does("ada", "oversight", "list")
    assert (listed["number"], listed["kind"], listed["in_force"]) == (4, "stop", True)
    assert apply(office, "lift.note")[0] == 0
    later, before = office.does("ada", "oversight", "list")
    assert (later["kind"], later["number"] > 1_700_000_000, before["in_force"]) == ("lift", True, False)
    shown = office.run("ada", "oversight", "list").out
    assert "under inquiry" in shown
    assert "ended" in shown
    code, words = apply(office, "stop.note")
    assert code == 0, "the very order that was carried out is answered as before"
    assert "Order 4 is carried out" in words


def test_an_order_that_no_system_would_carry_out_is_not_written(office: Office) -> None:
    code, words = write(office, "go-on", "go.note", "--scope", "person:ada", "--scope", "system")
    assert code == 4
    assert "person:ada, system is no scope of the kind go_on" in words
    assert "does not say that it ends within 7 days" in words
    assert not (office.folder / "go.note").exists()
    assert write(office, "stop", "x.note", "--scope", "system", key=office.data / "beholden.toml")[0] == 4
    (office.folder / "none.note").write_text("stop it")
    code, words = apply(office, "none.note")
    assert (code, "no order of the oversight body" in words) == (3, True)
