"""A small log, sealed and signed as the real one is, for tests of whatever reads or checks a log."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from beholden.formats import bundle, notes, tiles
from beholden.records import audit, tree
from beholden.witness.memory import MemoryWitness

START = datetime(2026, 11, 22, 20, 41, 0, 123_000, tzinfo=UTC)


class Signer:
    """An Ed25519 key with a name. The same seed gives the same key."""

    def __init__(self, name: str, seed: str = "") -> None:
        self.name = name
        self._key = Ed25519PrivateKey.from_private_bytes(hashlib.sha256((seed or name).encode()).digest())
        self.public = self._key.public_key().public_bytes_raw()
        self.vkey = notes.vkey(name, self.public)

    def sign(self, message: bytes) -> bytes:
        return self._key.sign(message)

    def note(self, text: str) -> bytes:
        return notes.sign_note(text, self.name, self.public, self.sign)


class SealedLog:
    """Leaves are added, published and signed at once; every checkpoint is kept, and one value of each entry opened."""

    def __init__(self, origin: str = "example.org/log") -> None:
        self.signer = Signer(origin)
        self.witness = MemoryWitness()
        self.leaves: list[bytes] = []
        self.opened: list[bundle.Opened] = []
        self.checkpoints: dict[int, bytes] = {}
        self.root = tree.EMPTY

    def add(self, count: int) -> None:
        """Made-up entries, all different: every seventh is refused by a rule."""
        self.seal([self.entry(len(self.leaves) + i) for i in range(count)])

    def entry(self, n: int) -> bytes:
        salt, value = hashlib.sha256(f"salt {n}".encode()).digest(), f"image {n} é"
        self.opened.append(bundle.Opened(n, "image", salt, value))
        refused = n % 7 == 3
        return audit.leaf(
            n=n,
            at=START + timedelta(seconds=n),
            event="search.started" if refused else "image.enrolled",
            operation="collection",
            role="steward",
            purpose="",
            outcome="refused" if refused else "done",
            rules=["case-is-live"] if refused else [],
            items=[audit.Commitment("image", audit.commit(salt, value))],
        )

    def seal(self, leaves: Sequence[bytes]) -> None:
        """Publish these leaves, whatever they say, under a new checkpoint."""
        grown = tiles.grow(self.witness.read, len(self.leaves), leaves, root=self.root)
        self.leaves, self.root = [*self.leaves, *leaves], grown.root
        head = tiles.TreeHead(self.signer.name, grown.size, grown.root)
        self.checkpoints[grown.size] = self.signer.note(tiles.head_text(head))
        self.witness.publish({**grown.files, tiles.CHECKPOINT: self.checkpoints[grown.size]})

    def write(self, folder: Path) -> dict[str, bytes]:
        """Its bundle, as written to the folder: path → bytes."""
        bundle.write_bundle(
            folder, self.witness.read, self.witness.paths(), self.opened, [self.signer.vkey], self.checkpoints
        )
        return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
