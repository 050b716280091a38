"""Signing in on a system of real people, and what unlocks its keys."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from beholden.cli import sessions
from tests.edges.terminal import Office, make, run

PASSPHRASE = "a long passphrase of six words"


def session_file(folder: Path) -> Path:
    return sessions.place(folder / "data")


def test_a_real_system_is_entered_by_token_and_passphrase_and_never_by_as(tmp_path: Path) -> None:
    token = make(tmp_path, "operational")["token"]
    data = ("--data", str(tmp_path / "data"))
    assert run("people", "list", *data).code == 3
    refused = run("people", "list", *data, "--as", "ada", "--json")
    assert refused.code == 3
    assert refused.document["reasons"][0]["rule_id"] == "session.as-only-synthetic"
    assert isinstance(refused.document["entry"], int)
    wrong = run("people", "accept", "ada", "--passphrase-stdin", *data, stdin=f"no token\n{PASSPHRASE}\n")
    assert wrong.code == 3
    short = run("people", "accept", "ada", "--passphrase-stdin", *data, stdin=f"{token}\nshort\n")
    assert short.code == 4
    accepted = run("people", "accept", "ada", "--passphrase-stdin", *data, stdin=f"{token}\n{PASSPHRASE}\n")
    assert accepted.code == 0, accepted
    again = run("people", "accept", "ada", "--passphrase-stdin", *data, stdin=f"{token}\n{PASSPHRASE}\n")
    assert again.code == 3
    assert run("people", "list", *data).code == 0
    out = run("sign-out", *data, "--json")
    assert out.document == {"name": "ada", "ended": True}
    assert not session_file(tmp_path).exists()
    assert run("people", "list", *data).code == 3
    assert run("sign-out", *data).out == "Nobody was signed in here.\n"
    assert run("sign-in", "ada", "--passphrase-stdin", *data, stdin="another passphrase\n").code == 3
    signed = run("sign-in", "ada", "--passphrase-stdin", *data, stdin=f"{PASSPHRASE}\n")
    assert signed.code == 0
    assert PASSPHRASE not in signed.out + signed.err
    assert run("people", "add", "ines", "--role", "investigator", *data).code == 0


def test_the_session_file_is_private_and_of_one_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    token = make(tmp_path, "operational")["token"]
    data = ("--data", str(tmp_path / "data"))
    run("people", "accept", "ada", "--passphrase-stdin", *data, stdin=f"{token}\n{PASSPHRASE}\n")
    path = session_file(tmp_path)
    assert path.is_relative_to(tmp_path / "state" / "beholden")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    told = json.loads(path.read_text(encoding="utf-8"))
    assert set(told) == {"data", "name", "session"}
    (tmp_path / "link").symlink_to(tmp_path / "data")
    assert run("people", "list", "--data", str(tmp_path / "link")).code == 0  # the real path counts
    elsewhere = tmp_path / "elsewhere.json"
    elsewhere.write_text(json.dumps(told | {"data": "/another"}), encoding="utf-8")
    elsewhere.chmod(0o600)
    monkeypatch.setenv("BEHOLDEN_SESSION", str(elsewhere))
    assert run("people", "list", *data).code == 3
    elsewhere.write_text(json.dumps(told), encoding="utf-8")
    assert run("people", "list", *data).code == 0
    elsewhere.chmod(0o644)
    readable = run("people", "list", *data)
    assert readable.code == 1
    assert "others can read" in readable.err
    elsewhere.chmod(0o600)
    elsewhere.write_text("[]", encoding="utf-8")
    assert "no session file" in run("people", "list", *data).err


def test_a_session_that_was_ended_elsewhere_is_refused_and_signing_out_clears_it(tmp_path: Path) -> None:
    token = make(tmp_path, "operational")["token"]
    data = ("--data", str(tmp_path / "data"))
    run("people", "accept", "ada", "--passphrase-stdin", *data, stdin=f"{token}\n{PASSPHRASE}\n")
    kept = session_file(tmp_path).read_bytes()
    run("sign-out", *data)
    session_file(tmp_path).write_bytes(kept)
    session_file(tmp_path).chmod(0o600)
    assert run("people", "list", *data).code == 3
    assert run("sign-out", *data, "--json").document == {"name": "ada", "ended": False}
    assert not session_file(tmp_path).exists()


def test_keys_that_a_passphrase_unlocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = ("--data", str(tmp_path / "data"))
    init = ("init", *data, "--keys", str(tmp_path / "keys"), "--profile", "synthetic", "--administrator", "ada")
    unlock = ("--unlock-passphrase",)
    nobody_to_ask = run(*init, *unlock)
    assert nobody_to_ask.code == 4
    assert "BEHOLDEN_PASSPHRASE" in nobody_to_ask.err
    assert not (tmp_path / "data").exists()
    monkeypatch.setenv("BEHOLDEN_PASSPHRASE", "the keys' own passphrase")
    assert run(*init, *unlock).code == 0
    assert run("people", "list", *data, "--as", "ada").code == 0
    monkeypatch.setenv("BEHOLDEN_PASSPHRASE", "another passphrase")
    locked = run("people", "list", *data, "--as", "ada", "--json")
    assert locked.code == 1
    assert locked.document["type"] == "urn:beholden:Locked"
    monkeypatch.delenv("BEHOLDEN_PASSPHRASE")
    assert run("people", "list", *data, "--as", "ada").code == 4


def test_without_a_terminal_a_passphrase_must_come_on_standard_input(office: Office) -> None:
    ran = run("sign-in", "ada", "--data", str(office.data))
    assert ran.code == 4
    assert "--passphrase-stdin" in ran.err
    assert run("sign-in", "ada", "--passphrase-stdin", "--data", str(office.data)).code == 4


def test_the_drawn_model_is_for_people_who_do_not_exist(tmp_path: Path) -> None:
    ran = run(
        *("init", "--data", str(tmp_path / "data"), "--keys", str(tmp_path / "keys"), "--profile", "operational"),
        *("--administrator", "ada", "--unlock-file", str(tmp_path / "u.key"), "--model", "drawn:"),
    )
    assert ran.code == 4
    assert "stand-in for tests" in ran.err
    assert not (tmp_path / "data").exists()


def test_who_is_stopped_before_any_act_is_on_record(tmp_path: Path) -> None:
    make(tmp_path)
    office = Office(tmp_path)
    office.people("ines")
    ran = office.run(
        "ines", "sought", "declare", "no such case", "--face", "ab:1", "--role", "victim", "--why", "x", "--json"
    )
    assert ran.code == 5
    assert isinstance(ran.document["entry"], int)
    nobody = run("case", "list", "--data", str(tmp_path / "data"), "--json")
    assert (nobody.code, nobody.document["status"]) == (3, 401)
    assert nobody.document["entry"] == ran.document["entry"] + 1
