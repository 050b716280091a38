"""A witness of logs: what it saw last of each, and the one question it answers (`add-checkpoint` of c2sp.org/tlog-witness).

Its folder holds its key and what it saw, and lies neither in the data nor in the key folder of a system: who could put back
the log, its keys and what the witness remembers would be noticed by nobody.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from beholden.durable import write_whole
from beholden.errors import BadInput, Fault, Untrusted
from beholden.formats import cosignatures, notes, tiles
from beholden.formats.add_checkpoint import SIZE, TEXT, asked, question
from beholden.formats.signatures import COSIGNATURE, ED25519, Key, check_name, key_of
from beholden.ports.cosigners import Answer
from beholden.records import tree

__all__ = ["Answer", "Keeper", "question"]


class Keeper:
    """The folder of a witness. Several processes may answer from it: each question has it alone."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        try:
            told = json.loads((folder / "key.json").read_bytes())
            self._private = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(told["seed"]))
            self.key = Key(str(told["name"]), COSIGNATURE, self._private.public_key().public_bytes_raw())
        except (OSError, ValueError, KeyError, TypeError) as wrong:
            raise Fault(f"there is no witness in {folder}: make one, or name the folder that has it") from wrong

    @classmethod
    def make(cls, folder: Path, name: str) -> Keeper:
        """A new witness with a key of its own. Raises `BadInput` for a folder in use or a name that none can have."""
        try:
            check_name(name)
        except ValueError as wrong:
            raise BadInput(str(wrong)) from wrong
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise BadInput(f"{folder} is not an empty folder: name a new one for the witness")
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
        (folder / "logs").mkdir(mode=0o700)
        seed = Ed25519PrivateKey.generate().private_bytes_raw()
        write_whole(folder / "key.json", json.dumps({"name": name, "seed": seed.hex()}).encode())
        return cls(folder)

    def trust(self, vkey: str) -> str:
        """Watch this log from now on; its origin. Raises `Untrusted` for what is no log's key, `BadInput` for a second one."""
        key = key_of(vkey)
        if key.kind != ED25519 or key.name == self.key.name:
            raise Untrusted(f"{key.name} is no log's key: give the key that signs the checkpoints")
        with self._alone():
            known = self._seen(key.name)
            if known is not None and known["vkey"] != vkey:
                raise BadInput(f"{key.name} is watched with another key: a log keeps its key for good")
            if known is None:
                self._remember(key.name, vkey, 0, tree.EMPTY)
        return key.name

    def add_checkpoint(self, body: bytes, *, at: datetime) -> Answer:
        """Cosign what continues everything seen of that log before, and remember it, durably, before answering."""
        try:
            said = asked(body)
            head = tiles.read_head(notes.text_of(said.note))
        except Untrusted as wrong:
            return _refusal(400, str(wrong))
        with self._alone():
            seen = self._seen(head.origin)
            if seen is None:
                return _refusal(404, f"{head.origin} is no log that this witness watches")
            try:
                tiles.open_head(said.note, [seen["vkey"]])
            except Untrusted as wrong:
                return _refusal(403, str(wrong))
            size, root = int(seen["size"]), bytes.fromhex(seen["root"])
            if said.old > head.size:
                return _refusal(400, f"a log of {head.size} entries did not grow out of one of {said.old}")
            if said.old != size or (size == head.size and root != head.root):
                return Answer(409, SIZE, f"{size}\n".encode())
            empty = head.size == 0 and head.root != tree.EMPTY
            if empty or not tree.consistency_holds(size, head.size, root, head.root, said.steps):
                return _refusal(422, f"the {size} entries seen before are not the first of these {head.size}")
            line = cosignatures.cosign_line(said.note, self.key, self._private.sign, at=at)
            self._remember(head.origin, seen["vkey"], head.size, head.root)
        return Answer(200, TEXT, line.encode())

    def _seen(self, origin: str) -> dict[str, str] | None:
        try:
            found: dict[str, str] = json.loads(self._place(origin).read_bytes())
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as wrong:
            raise Fault(f"what the witness saw of {origin} cannot be read: nothing is cosigned until it can") from wrong
        return found

    def _remember(self, origin: str, vkey: str, size: int, root: bytes) -> None:
        told = {"origin": origin, "vkey": vkey, "size": str(size), "root": root.hex()}
        write_whole(self._place(origin), json.dumps(told).encode())

    def _place(self, origin: str) -> Path:
        return self._folder / "logs" / f"{hashlib.sha256(origin.encode()).hexdigest()}.json"

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Compared and remembered as one: else a slower question could take back what a faster one saw."""
        opened = os.open(self._folder / "logs", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            fcntl.flock(opened, fcntl.LOCK_EX)
            yield
        finally:
            os.close(opened)


def _refusal(status: int, words: str) -> Answer:
    return Answer(status, TEXT, f"{words}\n".encode())
