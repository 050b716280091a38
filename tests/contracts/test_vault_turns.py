"""Turning the KEK: what is wrapped anew, who can open it after, and what a crash at any line leaves."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import pyrage
import pytest

from beholden.durable import write_whole
from beholden.errors import BadInput, Fault, Locked, NoRoom
from beholden.keys.vault import Vault
from beholden.keys.wrapping import AgeIdentity, KeyFile, Passphrase


@pytest.fixture
def key_file(tmp_path: Path) -> KeyFile:
    return KeyFile.make(tmp_path / "key-file")


@pytest.fixture
def vault(tmp_path: Path, key_file: KeyFile) -> Iterator[Vault]:
    made = Vault.make(tmp_path / "keys", key_file, patience_s=0.2)
    yield made
    made.close()


def bytes_of(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def identity_file(path: Path) -> tuple[Path, str]:
    identity = pyrage.x25519.Identity.generate()
    write_whole(path, f"# public key: {identity.to_public()}\n{identity}\n".encode())
    return path, str(identity.to_public())


def test_custodians_of_age_each_open_it_until_they_are_left_out(tmp_path: Path) -> None:
    mine, _ = identity_file(tmp_path / "mine")
    yours, your_name = identity_file(tmp_path / "yours")
    third, third_name = identity_file(tmp_path / "third")
    folder = tmp_path / "keys"
    Vault.make(folder, AgeIdentity(mine, also=(your_name,))).close()
    vault = Vault(folder, AgeIdentity(yours, also=(third_name,)))
    vault.rotate_kek()  # who could open it still can, and so can the third from now on
    vault.close()
    for path in (mine, yours, third):
        Vault(folder, AgeIdentity(path)).close()
    vault = Vault(folder, AgeIdentity(third))
    vault.rotate_kek(AgeIdentity(third))
    vault.close()
    for path in (mine, yours):
        with pytest.raises(Locked, match="custodians"):
            Vault(folder, AgeIdentity(path))
    Vault(folder, AgeIdentity(third)).close()
    with pytest.raises(BadInput, match="age1"):
        Vault.make(tmp_path / "more", AgeIdentity(mine, also=("somebody",)))


def test_another_passphrase_takes_the_place_of_the_old_one(tmp_path: Path, vault: Vault, key_file: KeyFile) -> None:
    vault.create(["a"])
    sealed = vault.seal("a", b"x", "c")
    vault.rotate_kek(Passphrase("a new passphrase"))
    assert vault.open("a", sealed, "c") == b"x"
    vault.close()
    with pytest.raises(Locked, match="passphrase"):
        Vault(tmp_path / "keys", key_file)
    again = Vault(tmp_path / "keys", Passphrase("a new passphrase"))
    assert again.open("a", sealed, "c") == b"x"
    again.close()


def test_turned_keys_leave_no_wrap_of_the_last_epoch_after_a_purge(vault: Vault, tmp_path: Path) -> None:
    vault.create([f"face:{number}" for number in range(1000)])
    vault.purge()
    wrapped = [row[0] for row in vault._rows._all("SELECT wrapped FROM record_keys")]
    kek_before = json.loads((tmp_path / "keys" / "kek.json").read_text())["wrapped"]["kek"].encode()
    with open(tmp_path / "keys" / "kek.json", "rb") as last:
        vault.rotate_kek()
        assert not any(last.read()), "the blocks of the old file are zeros, not only without a name"
    vault.purge()
    on_disk = bytes_of(tmp_path / "keys")
    assert not any(old in on_disk for old in (*wrapped, kek_before))
    assert sorted(path.name for path in (tmp_path / "keys").iterdir()) == [
        "kek.json",
        "keys.db",
        "keys.db-shm",
        "keys.db-wal",
    ]


def test_an_old_backup_of_the_database_does_not_open_under_the_new_kek(
    tmp_path: Path, vault: Vault, key_file: KeyFile
) -> None:
    vault.create(["a"])
    vault.purge()
    shutil.copy(tmp_path / "keys" / "keys.db", tmp_path / "backup.db")
    vault.destroy(["a"])
    vault.rotate_kek()
    vault.close()
    (tmp_path / "restored").mkdir(mode=0o700)
    shutil.copy(tmp_path / "backup.db", tmp_path / "restored" / "keys.db")
    shutil.copy(tmp_path / "keys" / "kek.json", tmp_path / "restored" / "kek.json")
    with pytest.raises(Fault, match="different backups"):
        Vault(tmp_path / "restored", key_file, patience_s=0.1)


def test_a_kek_that_finds_no_room_is_not_turned(vault: Vault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    vault.create(["a"])
    sealed = vault.seal("a", b"x", "c")
    really = os.open

    def to_a_full_disk(path: Any, flags: int, mode: int = 0o777) -> int:
        if str(path).endswith("kek-next.json.part"):
            return really("/dev/full", os.O_WRONLY)
        return really(path, flags, mode)

    monkeypatch.setattr(os, "open", to_a_full_disk)
    monkeypatch.setattr(os, "fchmod", lambda handle, mode: None)  # /dev/full is not ours to change
    with pytest.raises(NoRoom):
        vault.rotate_kek()
    monkeypatch.undo()
    assert vault.epoch == 0
    assert vault.open("a", sealed, "c") == b"x"
    assert not list((tmp_path / "keys").glob("kek-next*"))


OTHER_PROCESS = """
import sys, pathlib
from beholden.keys.vault import Vault
from beholden.keys.wrapping import KeyFile
from beholden.errors import KeyDestroyed
vault = Vault(pathlib.Path(sys.argv[1]), KeyFile(pathlib.Path(sys.argv[2])))
print("open", flush=True)
for line in sys.stdin:
    act, name, *sealed = line.split()
    try:
        if act == "open":
            print(vault.open(name, bytes.fromhex(sealed[0]), "c").decode(), flush=True)
        elif act == "create":
            vault.create([name]); print(vault.seal(name, b"theirs", "c").hex(), flush=True)
        elif act == "turn":
            print(vault.rotate_kek(), flush=True)
        elif act == "mark":
            print(vault.hmac(name, b"x").hex(), flush=True)
    except KeyDestroyed:
        print("destroyed", flush=True)
"""


def test_two_processes_agree_on_what_lives_through_turns_of_the_kek(
    vault: Vault, tmp_path: Path, key_file: KeyFile
) -> None:
    vault.create(["a"])
    sealed = vault.seal("a", b"mine", "c").hex()
    with subprocess.Popen(
        [sys.executable, "-c", OTHER_PROCESS, str(tmp_path / "keys"), str(key_file.path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as other:

        def ask(line: str) -> str:
            assert other.stdin is not None
            assert other.stdout is not None
            if line:
                print(line, file=other.stdin, flush=True)
            return other.stdout.readline().strip()

        assert ask("") == "open"
        assert ask(f"open a {sealed}") == "mine"
        vault.rotate_kek()
        assert ask(f"open a {sealed}") == "mine", "it takes up the new KEK by itself"
        assert ask("turn -") == "2"
        theirs = ask("create b")
        assert vault.open("b", bytes.fromhex(theirs), "c") == b"theirs"
        assert ask("mark p") == vault.hmac("p", b"x").hex()
        vault.destroy(["a"])
        assert ask(f"open a {sealed}") == "destroyed", "at once"
        vault.purge()


def turn_keeping_each_state(folder: Path, key_file: Path, kept: Path) -> None:
    """In a child process: turn the KEK, and copy the folder whenever a line of the vault's own files left it changed.

    What lies on disk at a line is what a process that is killed there leaves: nothing that it has not written yet is in it.
    """
    child = os.fork()
    if child:
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        return
    seen: list[dict[str, bytes]] = []

    def keep(frame: FrameType, event: str, _: object) -> Any:
        file = Path(frame.f_code.co_filename)
        if file.parent.name != "keys" and file.name != "durable.py":
            return None
        lies = {path.name: path.read_bytes() for path in folder.iterdir()}
        if event == "line" and lies not in seen[-1:]:
            seen.append(lies)
            shutil.copytree(folder, kept / f"{len(seen):04}")
        return keep

    try:
        vault = Vault(folder, KeyFile(key_file))
        sys.settrace(keep)
        vault.rotate_kek()
        sys.settrace(None)
        os._exit(0)
    finally:
        os._exit(1)


def test_a_crash_at_any_line_of_a_turn_leaves_a_vault_that_opens(
    vault: Vault, tmp_path: Path, key_file: KeyFile
) -> None:
    vault.create(["a", "b"])
    sealed, public, mark = vault.seal("a", b"x", "c"), vault.public("log"), vault.hmac("p", b"v")
    vault.destroy(["b"])
    vault.purge()
    vault.close()
    turn_keeping_each_state(tmp_path / "keys", key_file.path, tmp_path / "kept")
    states = sorted((tmp_path / "kept").iterdir())
    files = {frozenset(path.name for path in state.glob("kek*")) for state in states}
    assert {"kek.json", "kek-next.json"} in files, "one of them was written, and the other was still there"
    assert {"kek.json", "kek-next.json.part"} in files
    epochs = []
    for folder in states:
        opened = Vault(folder, key_file, patience_s=0.1)
        epochs.append(opened.epoch)
        assert opened.open("a", sealed, "c") == b"x"
        assert (opened.public("log"), opened.hmac("p", b"v"), opened.names()) == (public, mark, {"a"})
        assert not list(folder.glob("kek-next*")), "what was left is finished or taken back"
        assert opened.rotate_kek() == epochs[-1] + 1
        assert opened.open("a", sealed, "c") == b"x"
        opened.close()
    assert epochs == sorted(epochs), "once turned, it is turned"
    assert set(epochs) == {0, 1}
    assert len(epochs) > 5
