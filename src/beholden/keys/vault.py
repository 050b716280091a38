"""The keys on disk: `keys.db` holds them wrapped, `kek.json` holds what wraps them, and both lie apart from the data.

Turning the KEK (a new epoch) makes every older copy of a destroyed key unreadable, on flash and in backups alike. In
order: `kek-next.json` durable; all keys wrapped anew, with the epoch, in one transaction; zeros over `kek.json`;
`kek-next.json` takes its name. The epoch in `keys.db` says which of the two files holds, so a crash at any line leaves
a vault that opens, and opening finishes or takes back what it finds.
"""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypeVar

from beholden.durable import overwrite, overwrite_and_remove, sync_folder, told, write_whole
from beholden.errors import BadInput, Fault, Locked, WrongVersion
from beholden.keys.entrusting import entrusted
from beholden.keys.rows import KeyRows
from beholden.keys.sealing import (
    KEY_BYTES,
    checked_name,
    checked_names,
    destroyed,
    marked_with,
    opened_with,
    public_of,
    sealed_with,
    signed_with,
    unwrapped_under,
    wrapped_under,
)
from beholden.keys.wrapping import Custodians, Share, Wrapping, share_of

FORMAT = 1
CHECK = "check"  # a secret that is there only to see that kek.json and keys.db belong together
AT_ONCE = 10_000  # names in one query
PATIENCE_S = 5.0  # how long to wait for a reader to leave, or for another process to finish turning the KEK
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _KekFile:
    format: int
    epoch: int
    kind: str
    wrapped: Mapping[str, str]


def _read(path: Path) -> _KekFile | None:
    """What is in a KEK file; None if there is none, or if it was overwritten because a newer one took its place."""
    try:
        content = json.loads(path.read_bytes())
    except (FileNotFoundError, ValueError):
        return None
    except OSError as error:
        raise Fault(f"{path} cannot be read ({error.strerror}): check that the folder is yours.") from error
    if isinstance(content, dict) and content.get("format", 0) > FORMAT:
        raise WrongVersion(f"{path} was made by a newer Beholden: use that one, or a later one.")
    try:
        return _KekFile(**content)
    except TypeError:
        return None


def open_share(kek: Path, identity: Path) -> Share:
    """A custodian's share out of a copy of `kek.json`, by their age identity. Nothing else of the vault is needed.

    Raises `BadInput` for a file that is none, or that custodians do not open; `Locked` where no share is theirs.
    """
    file = _read(kek)
    if file is None:
        raise BadInput(f"{kek} is no kek.json: name the one of the key folder, or a whole copy of it.")
    if file.kind != Custodians.kind:
        raise BadInput(f"The keys behind {kek} are opened with a {file.kind}, and not by custodians with shares.")
    return share_of(file.wrapped, identity)


class Vault:
    """Implements `ports.keys.Keys`. Several threads and several processes may have the same folder open."""

    def __init__(self, folder: Path, wrapping: Wrapping, *, patience_s: float = PATIENCE_S) -> None:
        self._folder = folder
        self._now, self._next = folder / "kek.json", folder / "kek-next.json"
        self._wrapping = wrapping
        self._patience_s = patience_s
        self._epoch, self._kek = -1, b""
        self._guard, self._making = threading.Lock(), threading.Lock()
        self._wanted: list[list[Sequence[str]]] = []  # keys that somebody waits for
        if not folder.is_dir():
            raise Fault(f"There is no key folder {folder}: say where it is, or make one with `beholden init`.")
        self._rows = KeyRows(folder / "keys.db", patience_s=patience_s)
        try:
            self._rows.check_format()
            if any(folder.glob("kek-next.json*")):
                self._settle()
            self._secret(CHECK)
        except BaseException:
            self._rows.close()
            raise

    @classmethod
    def make(
        cls,
        folder: Path,
        wrapping: Wrapping,
        signers: Sequence[str] = ("log", "receipts"),
        *,
        patience_s: float = PATIENCE_S,
    ) -> Vault:
        """A new vault. Raises `Fault` if the folder holds anything."""
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if any(folder.iterdir()):
                raise Fault(
                    f"{folder} is not empty: choose an empty folder for the keys, or open the vault that is there."
                )
            folder.chmod(0o700)
        except OSError as error:
            raise told(error, folder) from error
        kek = os.urandom(KEY_BYTES)
        wrapped = wrapping.wrap(kek, 0, None)  # before anything is made: it may refuse
        rows = KeyRows.make(folder / "keys.db", patience_s=patience_s)
        try:
            with rows.writing():
                for name in (CHECK, *(f"sign:{checked_name(signer)}" for signer in checked_names(signers))):
                    rows.add_secret(name, wrapped_under(kek, os.urandom(KEY_BYTES)))
        finally:
            rows.close()
        _write(folder / "kek.json", _KekFile(FORMAT, 0, wrapping.kind, wrapped))  # last: without it there is no vault
        sync_folder(folder.parent)
        return cls(folder, wrapping, patience_s=patience_s)

    @property
    def epoch(self) -> int:
        """How often the KEK was turned."""
        return self._rows.epoch()

    def create(self, names: Sequence[str]) -> None:
        checked_names(names)
        mine = [names]
        with self._guard:
            self._wanted.append(mine)
        with self._making:  # whoever comes first makes the keys of all who wait: one commit, one wait for the disk
            with self._guard:
                if not any(one is mine for one in self._wanted):
                    return  # made by another, and durable
                wanted, self._wanted = self._wanted, []
            try:
                self._make([name for [its] in wanted for name in its])
            except BaseException as error:
                with self._guard:  # each of the others tries again, and hears what is wrong with its own
                    self._wanted = [one for one in wanted if one is not mine] + self._wanted
                if len(wanted) == 1 or not isinstance(error, Exception):
                    raise
                self._make(names)

    def _make(self, names: Sequence[str]) -> None:
        with self._rows.writing():
            kek, _ = self._with_kek(lambda: (self._rows.epoch(), None))
            self._rows.add_keys([(name, wrapped_under(kek, os.urandom(KEY_BYTES))) for name in names])

    def seal(self, name: str, plain: bytes, context: str) -> bytes:
        return sealed_with(self._key(name), name, plain, context)

    def seal_many(self, items: Sequence[tuple[str, bytes, str]]) -> list[bytes]:
        names = list({name for name, _, _ in items})
        kek, wrapped = self._with_kek(lambda: self._rows.keys(names))
        if gone := [name for name in names if name not in wrapped]:
            raise destroyed(gone[0])
        keys = {name: unwrapped_under(kek, name, one) for name, one in wrapped.items()}
        return [sealed_with(keys[name], name, plain, context) for name, plain, context in items]

    def open(self, name: str, sealed: bytes, context: str) -> bytes:
        return opened_with(self._key(name), name, sealed, context)

    def open_many(self, items: Sequence[tuple[str, bytes]], context: str) -> list[bytes | None]:
        opened: list[bytes | None] = []
        for start in range(0, len(items), AT_ONCE):
            part = items[start : start + AT_ONCE]
            names = list({name for name, _ in part})
            kek, wrapped = self._with_kek(lambda names=names: self._rows.keys(names))  # type: ignore[misc]  # a default binds the loop variable
            for name, sealed in part:
                if name not in wrapped:
                    opened.append(None)
                    continue
                opened.append(opened_with(unwrapped_under(kek, name, wrapped[name]), name, sealed, context))
        return opened

    def destroy(self, names: Sequence[str]) -> list[bytes]:
        with self._rows.writing():
            return self._rows.destroy(names)

    def entrust(self, names: Sequence[str], recipients: Sequence[str], content: bytes) -> bytes:
        kek, wrapped = self._with_kek(lambda: self._rows.keys(names))
        keys = {name: unwrapped_under(kek, name, one) for name, one in wrapped.items()}
        return entrusted(keys, recipients, content)

    def purge(self) -> None:
        self._rows.purge()

    def names(self) -> set[str]:
        return self._rows.names()

    def hmac(self, purpose: str, value: bytes) -> bytes:
        name = f"hmac:{checked_name(purpose)}"
        secret = self._secret_or_none(name)
        if secret is None:
            with self._rows.writing():  # another process may make it first: look again inside
                secret = self._secret_or_none(name)
                if secret is None:
                    kek, _ = self._with_kek(lambda: (self._rows.epoch(), None))
                    secret = os.urandom(KEY_BYTES)
                    self._rows.add_secret(name, wrapped_under(kek, secret))
        return marked_with(secret, value)

    def sign(self, signer: str, message: bytes) -> bytes:
        return signed_with(self._signer(signer), message)

    def public(self, signer: str) -> bytes:
        return public_of(self._signer(signer))

    def rotate_kek(self, wrapping: Wrapping | None = None) -> int:
        """A new epoch; every key is wrapped under a new KEK and the old one is destroyed. Gives the new epoch.

        `wrapping` is for another passphrase, key file or set of custodians from now on; without it, whoever could open
        the vault before still can. `purge` afterwards, to cut the old wraps from the write-ahead log.
        """
        chosen = wrapping or self._wrapping
        try:
            with self._rows.writing():
                old, epoch = self._with_kek(lambda: (self._rows.epoch(), self._rows.epoch()))
                now = _read(self._now)
                before = now.wrapped if wrapping is None and now is not None else None
                new = os.urandom(KEY_BYTES)
                wrapped = chosen.wrap(new, epoch + 1, before)
                _write(self._next, _KekFile(FORMAT, epoch + 1, chosen.kind, wrapped))
                if chosen.unwrap(wrapped, epoch + 1) != new:
                    raise Fault("The new KEK does not open again as it was wrapped: nothing was changed.")
                self._rows.rewrap(
                    lambda name, key: wrapped_under(new, unwrapped_under(old, name, key)),
                    epoch + 1,
                )
            self._wrapping, self._epoch, self._kek = chosen, epoch + 1, new
        finally:
            self._settle()
        return epoch + 1

    def begin_epoch(self) -> int:
        epoch = self.rotate_kek()
        self.purge()
        return epoch

    def change_custodians(self, recipients: Sequence[str], threshold: int) -> int:
        if not isinstance(self._wrapping, Custodians):
            raise BadInput(
                f"The keys are opened with a {self._wrapping.kind}, and not by custodians: who they are is said when a system "
                "is made."
            )
        epoch = self.rotate_kek(Custodians.make(self._wrapping.path, recipients, threshold))
        self.purge()
        return epoch

    def note(self, name: str, value: bytes) -> None:
        self._rows.note(name, value)

    def noted(self, name: str) -> bytes:
        return self._rows.noted(name)

    def close(self) -> None:
        self._rows.close()
        self._epoch, self._kek = -1, b""  # Python cannot overwrite it; letting it go is what can be done

    def _settle(self) -> None:
        """Finish a turn of the KEK that was committed, take back one that was not.

        Under the write lock: whoever is turning the KEK holds it, and two who finish must not overwrite the new file.
        """
        with self._rows.writing():
            found, epoch = _read(self._next), self._rows.epoch()
            now = _read(self._now)
            try:
                if found is not None and found.epoch == epoch and (now is None or now.epoch != epoch):
                    overwrite(self._now)
                    os.replace(self._next, self._now)
                    sync_folder(self._folder)
                for left in self._folder.glob("kek-next.json*"):
                    overwrite_and_remove(left)
            except OSError as error:
                raise told(error, self._now) from error

    def _with_kek(self, look: Callable[[], tuple[int, T]]) -> tuple[bytes, T]:
        """What `look` reads, with the KEK of the epoch at which it read it."""
        deadline = time.monotonic() + self._patience_s
        with self._rows.lock:
            while True:
                epoch, found = look()
                if self._epoch == epoch or self._load(epoch):
                    return self._kek, found
                if time.monotonic() > deadline:
                    raise Fault(
                        f"keys.db is of epoch {epoch}, and no kek.json of that epoch is in {self._folder}: "
                        "they are of different backups. Restore the whole key folder from one."
                    )
                time.sleep(0.02)  # until another process, which is turning the KEK now, has put the file in its place

    def _load(self, epoch: int) -> bool:
        for path in (self._now, self._next):
            file = _read(path)
            if file is None or file.epoch != epoch:
                continue
            if file.kind != self._wrapping.kind:
                raise Locked(f"This vault is opened with a {file.kind}, not with a {self._wrapping.kind}: give that.")
            self._kek = self._wrapping.unwrap(file.wrapped, epoch)
            self._epoch = epoch
            return True
        return False

    def _key(self, name: str) -> bytes:
        kek, wrapped = self._with_kek(lambda: self._rows.key(name))
        if wrapped is None:
            raise destroyed(name)
        return unwrapped_under(kek, name, wrapped)

    def _secret_or_none(self, name: str) -> bytes | None:
        kek, wrapped = self._with_kek(lambda: self._rows.secret(name))
        return None if wrapped is None else unwrapped_under(kek, name, wrapped)

    def _secret(self, name: str) -> bytes:
        secret = self._secret_or_none(name)
        if secret is None:
            raise Fault(f"{self._folder} holds no secret {name!r}: restore the key folder from a backup.")
        return secret

    def _signer(self, signer: str) -> bytes:
        seed = self._secret_or_none(f"sign:{signer}")
        if seed is None:
            raise Fault(f"There is no signer {signer!r}, only {sorted(self._rows.signers())}: ask for one of these.")
        return seed


def _write(path: Path, file: _KekFile) -> None:
    write_whole(path, json.dumps(asdict(file), indent=1).encode() + b"\n")
