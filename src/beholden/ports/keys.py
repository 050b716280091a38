"""Keys: one for each record, kept apart from what they seal, and destroyed to erase it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class Keys(Protocol):
    def create(self, names: Sequence[str]) -> None:
        """Make a random key for each name, durable on return. A name that has or ever had a key raises `Fault`."""

    def seal(self, name: str, plain: bytes, context: str) -> bytes:
        """AES-256-GCM under the key `name`, bound to `context`. Raises `KeyDestroyed` if the key is gone or was never."""

    def seal_many(self, items: Sequence[tuple[str, bytes, str]]) -> list[bytes]:
        """`seal` for each (name, plain, context), in their order; all of them or none."""

    def open(self, name: str, sealed: bytes, context: str) -> bytes:
        """What `seal` was given. Raises `KeyDestroyed`, or `Fault` if the bytes or the context are not those sealed."""

    def open_many(self, items: Sequence[tuple[str, bytes]], context: str) -> list[bytes | None]:
        """`open` for each (name, sealed), in their order; None where the key is destroyed or never was.

        Raises `Fault`, as `open` does, for bytes or a context that are not those sealed.
        """

    def destroy(self, names: Sequence[str]) -> list[bytes]:
        """Destroy the keys, durable on return; unknown names are ignored.

        Returns the wrapped keys as they lay on disk (the needles of a byte scan); on a second call, none.
        """

    def entrust(self, names: Sequence[str], recipients: Sequence[str], content: bytes) -> bytes:
        """An age file with `content` and the keys of these names (unknown ones are ignored), which only these recipients open:
        each an age recipient, or the vkey of an Ed25519 signer, who opens it with the private key that signs.

        Raises `Fault` for a recipient that age does not know and for none, `Untrusted` for what is no vkey.
        """

    def purge(self) -> None:
        """Make the store forget destroyed keys (its write-ahead log too). Raises `StoreNotClean` if it cannot."""

    def begin_epoch(self) -> int:
        """Wrap every living key under a new KEK, destroy the old one and purge; the number of the epoch that begins."""

    def change_custodians(self, recipients: Sequence[str], threshold: int) -> int:
        """Begin an epoch whose KEK only `threshold` of these age recipients together open; its number.

        Raises `BadInput`, with nothing changed, for a set that cannot be, and where the keys are not opened by custodians.
        """

    def names(self) -> set[str]:
        """The names of all living keys."""

    def hmac(self, purpose: str, value: bytes) -> bytes:
        """A 32-byte HMAC-SHA-256 under the system's own secret for `purpose`: equal values, equal marks, nothing else told."""

    def sign(self, signer: str, message: bytes) -> bytes:
        """A 64-byte Ed25519 signature by `signer` (`log`, `receipts`). Raises `Fault` if there is no such signer."""

    def public(self, signer: str) -> bytes:
        """The 32-byte public key of `signer`. Raises `Fault` if there is no such signer."""

    def note(self, name: str, value: bytes) -> None:
        """Keep a small fact that is no secret, durable on return, where a copy of the data folder does not reach it."""

    def noted(self, name: str) -> bytes:
        """The fact last noted under this name; empty if there is none."""

    def close(self) -> None:
        """Forget all keys in memory."""
