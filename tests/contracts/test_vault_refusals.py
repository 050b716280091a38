"""What a vault does with files that are damaged, newer, or of two moments, and with another process in its way."""

from __future__ import annotations

import errno
import json
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pyrage
import pytest
from pysqlite3 import dbapi2 as sqlite

from beholden.errors import Fault, Locked, StoreNotClean, WrongVersion
from beholden.keys.entrusting import make_identity
from beholden.keys.vault import Vault
from beholden.keys.wrapping import AgeIdentity, KeyFile, Passphrase, Wrapped
from tests.contracts.test_vault_turns import identity_file


@pytest.fixture
def key_file(tmp_path: Path) -> KeyFile:
    return KeyFile.make(tmp_path / "key-file")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "keys"


@pytest.fixture
def vault(folder: Path, key_file: KeyFile) -> Iterator[Vault]:
    made = Vault.make(folder, key_file, patience_s=0.2)
    yield made
    made.close()


def as_a_folder(kek: Path) -> None:
    kek.unlink()
    kek.mkdir()


def of_a_newer_format(kek: Path) -> None:
    kek.write_text(json.dumps(json.loads(kek.read_bytes()) | {"format": 2}))


def with_a_field_too_few(kek: Path) -> None:
    kek.write_text(json.dumps({"format": 1, "epoch": 0}))


def as_an_empty_object(kek: Path) -> None:
    kek.write_text("{}")


@pytest.mark.parametrize(
    ("damage", "error", "says"),
    [
        (as_a_folder, Fault, "cannot be read"),
        (of_a_newer_format, WrongVersion, "made by a newer Beholden"),
        (with_a_field_too_few, Fault, "no kek.json of that epoch"),
        (as_an_empty_object, Fault, "no kek.json of that epoch"),
    ],
)
def test_a_kek_file_that_is_none_opens_nothing_and_says_why(
    vault: Vault, folder: Path, key_file: KeyFile, damage: Callable[[Path], None], error: type[Fault], says: str
) -> None:
    vault.close()
    damage(folder / "kek.json")
    with pytest.raises(error, match=says):
        Vault(folder, key_file, patience_s=0.05)


def test_a_vault_is_not_made_where_no_folder_can_be(tmp_path: Path, key_file: KeyFile) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(Fault, match="file"):
        Vault.make(tmp_path / "file" / "keys", key_file)
    assert (tmp_path / "file").read_text() == "in the way"


def test_a_passphrase_without_its_salt_says_where_it_is(tmp_path: Path, folder: Path) -> None:
    typed = Passphrase("six words would be better")
    Vault.make(folder, typed).close()
    told = json.loads((folder / "kek.json").read_bytes())
    told["wrapped"]["salt"] = told["wrapped"]["salt"][:8]
    (folder / "kek.json").write_text(json.dumps(told))
    with pytest.raises(Locked, match="salt of a passphrase: restore"):
        Vault(folder, typed)


def test_a_kek_of_another_epoch_under_this_ones_number_is_not_taken(tmp_path: Path, folder: Path) -> None:
    mine = AgeIdentity(identity_file(tmp_path / "mine")[0])
    vault = Vault.make(folder, mine)
    before = json.loads((folder / "kek.json").read_bytes())
    vault.rotate_kek()
    vault.close()
    (folder / "kek.json").write_text(json.dumps(before | {"epoch": 1}))
    with pytest.raises(Locked, match="put together from two others"):
        Vault(folder, mine)


@pytest.mark.parametrize("content", [None, "gr\u00fc\u00dfe".encode()])
def test_an_unlock_file_that_cannot_be_read_says_to_check_the_medium(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "unlock"
    path.mkdir() if content is None else path.write_bytes(content)
    for wrapping in (KeyFile(path), AgeIdentity(path)):
        with pytest.raises(Locked, match=r"cannot be read .*: check the medium"):
            wrapping.wrap(bytes(32), 0, None)


class Forgetful:
    """A wrapping that gives back something else than it was given."""

    kind = "forgetful"

    def wrap(self, kek: bytes, epoch: int, before: Wrapped | None) -> Wrapped:
        return {"kek": kek[::-1].hex()}

    def unwrap(self, wrapped: Wrapped, epoch: int) -> bytes:
        return bytes.fromhex(wrapped["kek"])


def test_a_new_kek_that_would_not_open_again_is_not_taken(vault: Vault, folder: Path, key_file: KeyFile) -> None:
    vault.create(["a"])
    sealed = vault.seal("a", b"x", "c")
    with pytest.raises(Fault, match="nothing was changed"):
        vault.rotate_kek(Forgetful())
    assert (vault.epoch, vault.open("a", sealed, "c")) == (0, b"x")
    assert not list(folder.glob("kek-next*"))
    vault.close()
    again = Vault(folder, key_file)
    assert again.open("a", sealed, "c") == b"x"
    again.close()


def test_a_secret_that_another_process_makes_at_this_moment_is_taken_and_not_made_twice(
    vault: Vault, folder: Path, key_file: KeyFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    other, theirs = Vault(folder, key_file), []
    writing = vault._rows.writing

    @contextmanager
    def after_the_other() -> Iterator[None]:
        theirs.append(other.hmac("names", b"v"))
        with writing():
            yield

    monkeypatch.setattr(vault._rows, "writing", after_the_other)
    assert [vault.hmac("names", b"v")] == theirs
    other.close()


def test_a_purge_in_the_midst_of_a_change_says_that_the_log_still_holds_it(vault: Vault) -> None:
    vault.create(["a"])
    with vault._rows.writing():
        vault._rows.destroy(["a"])
        with pytest.raises(StoreNotClean, match="still holds destroyed keys"):
            vault.purge()
    vault.purge()
    assert vault.names() == set()


def test_another_process_that_writes_for_too_long_locks_this_one_out(vault: Vault, folder: Path) -> None:
    other = sqlite.connect(str(folder / "keys.db"), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    vault._rows._all("PRAGMA busy_timeout=10")
    with pytest.raises(Locked, match="Another process has been writing"):
        vault.create(["a"])
    other.execute("ROLLBACK")
    other.close()
    vault.create(["a"])
    assert vault.names() == {"a"}


def test_a_made_age_identity_opens_what_is_encrypted_to_its_recipient(tmp_path: Path) -> None:
    content, recipient = make_identity()
    path = tmp_path / "identity"
    path.touch(mode=0o600)
    path.write_bytes(content)
    kek = os.urandom(32)
    made = AgeIdentity(path)
    assert made.unwrap(made.wrap(kek, 3, None), 3) == kek
    assert content.decode().splitlines()[0] == f"# public key: {recipient}"
    secret = content.decode().splitlines()[1]
    assert (
        pyrage.decrypt(
            pyrage.encrypt(b"told", [pyrage.x25519.Recipient.from_str(recipient)]),
            [pyrage.x25519.Identity.from_str(secret)],
        )
        == b"told"
    )


def test_what_is_left_of_a_turn_and_cannot_be_taken_away_is_told(vault: Vault, folder: Path, key_file: KeyFile) -> None:
    vault.close()
    (folder / "kek-next.json.part").mkdir()
    with pytest.raises(Fault, match="kek-next"):
        Vault(folder, key_file)
    (folder / "kek-next.json.part").rmdir()
    Vault(folder, key_file).close()


def test_keys_that_lack_what_tells_that_they_belong_together_are_not_opened(
    vault: Vault, folder: Path, key_file: KeyFile
) -> None:
    vault.close()
    there = sqlite.connect(str(folder / "keys.db"))
    there.execute("DELETE FROM secrets WHERE name = 'check'")
    there.commit()
    there.close()
    with pytest.raises(Fault, match="holds no secret 'check': restore"):
        Vault(folder, key_file)


def test_a_disk_that_fails_as_the_new_kek_takes_its_place_is_told_and_the_next_opening_finishes(
    vault: Vault, folder: Path, key_file: KeyFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    vault.create(["a"])
    sealed, really = vault.seal("a", b"x", "c"), os.replace

    def failing(source: Path, target: Path) -> None:
        if Path(target).name == "kek.json":
            raise OSError(errno.EIO, "Input/output error")
        really(source, target)

    with monkeypatch.context() as disk:
        disk.setattr(os, "replace", failing)
        with pytest.raises(Fault, match=r"kek\.json"):
            vault.rotate_kek()
    vault.close()
    again = Vault(folder, key_file)
    assert (again.epoch, again.open("a", sealed, "c")) == (1, b"x")
    assert not list(folder.glob("kek-next*"))
    again.close()


@pytest.mark.parametrize("taken", [False, True])
def test_keys_that_several_wait_for_are_made_together_and_one_that_cannot_be_keeps_no_other(
    vault: Vault, taken: bool
) -> None:
    vault.create(["there"])
    failed: list[str] = []

    def make(name: str) -> None:
        try:
            vault.create([name])
        except Fault:
            failed.append(name)

    def wait_for(waiting: int) -> None:
        while len(vault._wanted) < waiting:
            time.sleep(0.001)

    names = ["first", "there" if taken else "second", "third"]
    threads = [threading.Thread(target=make, args=[name]) for name in names]
    with vault._rows.writing():  # nobody else writes meanwhile
        threads[0].start()
        while not vault._making.locked() or vault._wanted:
            time.sleep(0.001)
        for waiting, thread in enumerate(threads[1:], 1):
            thread.start()
            wait_for(waiting)
    for thread in threads:
        thread.join()
    assert failed == (["there"] if taken else [])
    assert vault.names() == {"there", *names}
    assert vault._wanted == []
