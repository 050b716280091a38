"""Commands of custodians and of programs' keys: a lost administrator is brought back on real folders, by files alone."""

from __future__ import annotations

import stat
from pathlib import Path

from starlette.testclient import TestClient

from beholden.api.app import make_api
from beholden.opening import open_folder
from tests.edges.terminal import Office, make, run


def test_two_custodians_bring_back_an_administrator_by_files_and_nobody_signed_in(
    office: Office, tmp_path: Path
) -> None:
    data = ("--data", str(office.folder / "data"))
    kits = {}
    for name in ("kai", "kim"):
        assert run("people", "add", name, "--role", "key-custodian", "--as", "ada", *data).code == 0
        kits[name] = tmp_path / f"{name}.pem"
        made = run("recovery", "make-key", f"kit-{name}", str(kits[name]))
        assert made.code == 0, made
        assert stat.S_IMODE(kits[name].stat().st_mode) == 0o600
        [vkey] = [line.strip() for line in made.out.splitlines() if f"kit-{name}+" in line]
        pinned = run("recovery", "pin-key", vkey, "--as", name, *data, "--json")
        assert pinned.code == 0, pinned
    asked = run("recovery", "request", str(tmp_path / "asked"), "--administrator", "agnes", *data, "--json")
    assert (asked.document["needed"], asked.document["custodians"]) == (2, 2)
    for name, source, out in (("kai", "asked", "once"), ("kim", "once", "twice")):
        signed = run(
            *("recovery", "sign", str(tmp_path / source), str(tmp_path / out)),
            *("--key", str(kits[name]), "--name", f"kit-{name}"),
        )
        assert signed.code == 0, signed
        assert "invites 'agnes' as an administrator" in signed.out
    too_few = run("recovery", "apply", str(tmp_path / "once"), *data, "--json")
    assert (too_few.code, too_few.document["reasons"][0]["rule_id"]) == (3, "recovery-is-signed-by-enough")
    done = run("recovery", "apply", str(tmp_path / "twice"), *data, "--json")
    assert done.code == 0, done
    accepted = run(
        *("people", "accept", "agnes", "--passphrase-stdin", *data),
        stdin=f"{done.document['token']}\na long passphrase of six words\n",
    )
    assert accepted.code == 0, accepted
    assert run("recovery", "apply", str(tmp_path / "twice"), *data).code == 3
    assert run("recovery", "remove-key", "--as", "kim", *data).code == 0
    again = run(
        "recovery", "sign", str(tmp_path / "twice"), str(tmp_path / "x"), "--key", str(kits["kim"]), "--name", "kit-kim"
    )
    assert again.code == 4
    assert "signed this note already" in again.err


def test_what_is_no_request_is_not_signed(tmp_path: Path) -> None:
    key = tmp_path / "kit.pem"
    assert run("recovery", "make-key", "kit", str(key)).code == 0
    assert run("recovery", "make-key", "a kit", str(tmp_path / "other.pem")).code == 4
    for content in (b"", b"I owe you\n", b"\xff\xfe", b"a\n\nb\n"):
        (tmp_path / "asked").write_bytes(content)
        out = tmp_path / "signed"
        signed = run("recovery", "sign", str(tmp_path / "asked"), str(out), "--key", str(key), "--name", "kit")
        assert signed.code in (1, 4), (content, signed)
        assert not out.exists()


def test_a_key_for_a_program_is_made_listed_used_and_revoked(office: Office) -> None:
    assert office.run("ada", "people", "add", "ines", "--role", "investigator").code == 0
    data = ("--data", str(office.folder / "data"), "--as", "ines")
    made = run("api-key", "make", "nightly", "--days", "3", *data, "--json")
    assert made.code == 0, made
    assert run("api-key", "make", "forever", "--days", "91", *data).code == 3
    assert "nightly" in run("api-key", "list", *data).out
    system = open_folder(office.folder / "data")
    try:
        api = TestClient(make_api(system), headers={"Authorization": f"Bearer {made.document['bearer']}"})
        assert api.get("/sessions/current").json()["person"]["name"] == "ines"
        assert run("api-key", "revoke", made.document["id"], *data).code == 0
        assert api.get("/sessions/current").status_code == 401
    finally:
        system.close()
    assert "You have no key." in run("api-key", "list", *data).out


def test_every_session_ends_by_a_command(tmp_path: Path) -> None:
    token = make(tmp_path, "operational")["token"]
    data = ("--data", str(tmp_path / "data"))
    run("people", "accept", "ada", "--passphrase-stdin", *data, stdin=f"{token}\na long passphrase of six words\n")
    made = run("api-key", "make", "nightly", *data, "--json")
    assert made.code == 0, made
    key = made.document["bearer"]
    assert run("sign-out", "--everywhere", *data, "--json").document == {"name": "ada", "ended": True}
    system = open_folder(tmp_path / "data")
    try:
        api = TestClient(make_api(system), headers={"Authorization": f"Bearer {key}"})
        assert api.get("/sessions/current").status_code == 401
    finally:
        system.close()
