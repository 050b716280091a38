"""The vault on disk: who can open it, and what lies in its files."""

from __future__ import annotations

import json
import shutil
import stat
import threading
from collections.abc import Iterator
from pathlib import Path

import pyrage
import pytest
from pysqlite3 import dbapi2 as sqlite

from beholden.durable import write_whole
from beholden.errors import BadInput, Fault, KeyDestroyed, Locked, NoRoom, StoreNotClean, WrongVersion
from beholden.keys.sealing import unwrapped_under
from beholden.keys.vault import Vault
from beholden.keys.wrapping import AgeIdentity, KeyFile, Passphrase, Wrapping


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


def wrappings(tmp_path: Path) -> dict[str, tuple[Wrapping, Wrapping]]:
    """Of each kind, one that opens and one that does not."""
    return {
        "key-file": (KeyFile.make(tmp_path / "right"), KeyFile.make(tmp_path / "wrong")),
        "passphrase": (Passphrase("six words would be better"), Passphrase("six words would be bettes")),
        "age": (AgeIdentity(identity_file(tmp_path / "mine")[0]), AgeIdentity(identity_file(tmp_path / "yours")[0])),
    }


@pytest.mark.parametrize("kind", ["key-file", "passphrase", "age"])
def test_a_vault_opens_again_with_what_it_was_made_with_and_with_nothing_else(tmp_path: Path, kind: str) -> None:
    right, wrong = wrappings(tmp_path)[kind]
    folder = tmp_path / "keys"
    made = Vault.make(folder, right)
    made.create(["a", "b"])
    sealed, mark, public = made.seal("a", b"x", "c"), made.hmac("p", b"v"), made.public("log")
    made.destroy(["b"])
    made.close()

    opened = Vault(folder, right)
    assert opened.open("a", sealed, "c") == b"x"
    assert (opened.hmac("p", b"v"), opened.public("log")) == (mark, public)
    with pytest.raises(KeyDestroyed):
        opened.seal("b", b"x", "c")
    with pytest.raises(Fault, match="made before"):
        opened.create(["b"])
    assert opened.rotate_kek() == 1
    assert opened.open("a", sealed, "c") == b"x"
    opened.close()

    with pytest.raises(Locked):
        Vault(folder, wrong)
    other = wrappings_of_another_kind(tmp_path, kind)
    with pytest.raises(Locked, match=kind):
        Vault(folder, other)
    again = Vault(folder, right)
    assert again.open("a", sealed, "c") == b"x"
    assert again.epoch == 1
    again.close()


def wrappings_of_another_kind(tmp_path: Path, kind: str) -> Wrapping:
    return Passphrase("not asked for") if kind != "passphrase" else KeyFile.make(tmp_path / "not-asked-for")


def test_files_are_for_their_owner_alone(vault: Vault, tmp_path: Path, key_file: KeyFile) -> None:
    vault.create(["a"])
    vault.rotate_kek()
    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o700
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "keys").iterdir()}
    assert modes == dict.fromkeys(("kek.json", "keys.db", "keys.db-wal", "keys.db-shm"), 0o600)
    assert stat.S_IMODE(key_file.path.stat().st_mode) == 0o600


def test_a_folder_that_holds_anything_is_not_made_a_vault(tmp_path: Path, key_file: KeyFile) -> None:
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "letter").write_text("to keep")
    with pytest.raises(Fault, match="not empty"):
        Vault.make(tmp_path / "keys", key_file)
    assert [path.name for path in (tmp_path / "keys").iterdir()] == ["letter"]


def test_a_refused_passphrase_leaves_no_vault(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="at least 8"):
        Vault.make(tmp_path / "keys", Passphrase("short"))
    assert not any((tmp_path / "keys").iterdir())


def test_what_is_no_vault_says_so(tmp_path: Path, key_file: KeyFile) -> None:
    with pytest.raises(Fault, match="no key folder"):
        Vault(tmp_path / "nowhere", key_file)
    (tmp_path / "empty").mkdir()
    with pytest.raises(Fault, match=r"keys\.db"):
        Vault(tmp_path / "empty", key_file)
    assert not any((tmp_path / "empty").iterdir())
    (tmp_path / "empty" / "keys.db").write_bytes(b"no database at all " * 500)
    with pytest.raises(Fault, match="restore"):
        Vault(tmp_path / "empty", key_file)


def test_a_vault_of_a_newer_format_is_not_opened(vault: Vault, tmp_path: Path, key_file: KeyFile) -> None:
    vault.close()
    kek = tmp_path / "keys" / "kek.json"
    kept = kek.read_text()
    kek.write_text(json.dumps({**json.loads(kept), "format": 2, "more": 1}))
    with pytest.raises(WrongVersion):
        Vault(tmp_path / "keys", key_file)
    kek.write_text(kept)
    connection = sqlite.connect(str(tmp_path / "keys" / "keys.db"))
    connection.execute("UPDATE facts SET value = 2 WHERE name = 'format'")
    connection.commit()
    connection.close()
    with pytest.raises(WrongVersion):
        Vault(tmp_path / "keys", key_file)


def test_files_of_two_vaults_or_two_epochs_do_not_open(vault: Vault, tmp_path: Path, key_file: KeyFile) -> None:
    other = Vault.make(tmp_path / "other", key_file)
    other.close()
    kek = tmp_path / "keys" / "kek.json"
    old = kek.read_bytes()
    vault.rotate_kek()
    new = kek.read_bytes()
    vault.close()
    kek.write_bytes(old)
    with pytest.raises(Fault, match="different backups"):
        Vault(tmp_path / "keys", key_file, patience_s=0.1)
    kek.write_bytes(json.dumps({**json.loads(old), "epoch": 1}).encode())
    with pytest.raises(Locked):
        Vault(tmp_path / "keys", key_file, patience_s=0.1)
    kek.write_bytes(new)
    Vault(tmp_path / "keys", key_file).close()
    shutil.copy(kek, tmp_path / "kept")
    shutil.copy(tmp_path / "other" / "kek.json", tmp_path / "keys" / "kek.json")
    connection = sqlite.connect(str(tmp_path / "keys" / "keys.db"))
    connection.execute("UPDATE facts SET value = 0 WHERE name = 'epoch'")
    connection.commit()
    connection.close()
    with pytest.raises(Fault, match="different vaults"):
        Vault(tmp_path / "keys", key_file)


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o620])
def test_a_key_file_that_others_can_reach_is_refused(
    vault: Vault, tmp_path: Path, key_file: KeyFile, mode: int
) -> None:
    vault.close()
    key_file.path.chmod(mode)
    with pytest.raises(Locked, match="chmod 600"):
        Vault(tmp_path / "keys", key_file)
    mine, _ = identity_file(tmp_path / "mine")
    mine.chmod(mode)
    with pytest.raises(Locked, match="chmod 600"):
        Vault.make(tmp_path / "more", AgeIdentity(mine))


def test_a_key_file_that_is_missing_or_no_key_file_says_what_to_do(
    vault: Vault, tmp_path: Path, key_file: KeyFile
) -> None:
    vault.close()
    with pytest.raises(Locked, match="put in the medium"):
        Vault(tmp_path / "keys", KeyFile(tmp_path / "nowhere"))
    write_whole(tmp_path / "text", b"not hexadecimal")
    with pytest.raises(Locked, match="64 hexadecimal"):
        Vault(tmp_path / "keys", KeyFile(tmp_path / "text"))
    with pytest.raises(Locked, match="AGE-SECRET-KEY"):
        Vault.make(tmp_path / "more", AgeIdentity(tmp_path / "text"))
    with pytest.raises(Fault, match="already"):
        KeyFile.make(key_file.path)


def test_a_passphrase_may_be_typed_on_any_keyboard_and_is_never_shown(tmp_path: Path) -> None:
    vault = Vault.make(tmp_path / "keys", Passphrase("re\u0301sume\u0301 secret"))
    vault.close()
    Vault(tmp_path / "keys", Passphrase("r\u00e9sum\u00e9 secret")).close()
    assert "secret" not in repr(Passphrase("secret words"))


def raw_keys(vault: Vault) -> list[bytes]:
    """The KEK, and every key and secret as it is when unwrapped."""
    rows = vault._rows._all("SELECT name, wrapped FROM record_keys WHERE living = 1")
    rows += vault._rows._all("SELECT name, wrapped FROM secrets")
    return [vault._kek, *(unwrapped_under(vault._kek, name, wrapped) for name, wrapped in rows)]


def test_no_key_lies_on_the_disk_as_it_is(vault: Vault, tmp_path: Path) -> None:
    vault.create([f"face:{number}" for number in range(200)])
    vault.hmac("images", b"x")
    before = raw_keys(vault)
    assert not any(key in bytes_of(tmp_path) for key in before)
    vault.rotate_kek()
    vault.purge()
    after = raw_keys(vault)
    assert before[1:] == after[1:]
    assert before[0] != after[0]
    on_disk = bytes_of(tmp_path)
    assert not any(key in on_disk or key.hex().encode() in on_disk for key in (*before, *after))


def test_a_destroyed_key_is_nowhere_in_the_folder_after_a_purge(vault: Vault, tmp_path: Path) -> None:
    # Names in no order, in batches, over many pages: a table that moves its cells would leave copies behind.
    names = [f"face:{number * 7919 % 10007:05}" for number in range(4000)]
    for start in range(0, len(names), 500):
        vault.create(names[start : start + 500])
    vault.purge()
    vault.create(["later"])
    needles = vault.destroy(names[::3]) + vault.destroy(names[1::3][:50])
    assert len(needles) == len(set(needles)) == 1334 + 50
    assert needles[0] in bytes_of(tmp_path / "keys"), "in the write-ahead log or the file, until it is purged"
    vault.purge()
    on_disk = bytes_of(tmp_path / "keys")
    assert [needle for needle in needles if needle in on_disk] == []
    left = vault.destroy(names)
    assert all(needle in on_disk for needle in left), "the test can find what is there"


def test_a_purge_beside_a_reader_says_that_the_store_is_not_clean(vault: Vault, tmp_path: Path) -> None:
    vault.create(["a", "b"])
    reader = sqlite.connect(str(tmp_path / "keys" / "keys.db"), isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT * FROM record_keys").fetchall()
    (needle,) = vault.destroy(["a"])
    with pytest.raises(StoreNotClean, match=r"keys\.db-wal"):
        vault.purge()
    assert needle in bytes_of(tmp_path / "keys")
    reader.execute("ROLLBACK")
    vault.purge()
    assert needle not in bytes_of(tmp_path / "keys")
    reader.close()


def test_a_purge_waits_for_a_reader_that_leaves(tmp_path: Path, key_file: KeyFile) -> None:
    vault = Vault.make(tmp_path / "keys", key_file, patience_s=5)
    vault.create(["a"])
    reader = sqlite.connect(str(tmp_path / "keys" / "keys.db"), isolation_level=None, check_same_thread=False)
    reader.execute("BEGIN")
    reader.execute("SELECT * FROM record_keys").fetchall()
    vault.destroy(["a"])
    leaving = threading.Timer(0.2, lambda: reader.execute("ROLLBACK"))
    leaving.start()
    vault.purge()
    leaving.join()
    reader.close()
    vault.close()


def test_a_full_disk_is_no_room_and_changes_nothing(vault: Vault) -> None:
    vault.create(["a"])
    pages = vault._rows._all("PRAGMA page_count")[0][0]
    vault._rows._all(f"PRAGMA max_page_count={pages}")  # SQLite's own SQLITE_FULL, as from a full disk
    with pytest.raises(NoRoom, match="make room"):
        vault.create([f"face:{number}" for number in range(1000)])
    assert vault.names() == {"a"}
    assert len(vault.destroy(["a"])) == 1, "erasing needs no room"
    vault._rows._all("PRAGMA max_page_count=1000000")
    vault.create(["face:1"])
    assert vault.names() == {"face:1"}
