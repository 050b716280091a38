"""Who can open the KEK: the holder of a key file, of a passphrase, or of an age identity.

The KEK itself is random. It is never derived from any of these, or an old backup and the passphrase would open what was
erased since.
"""

from __future__ import annotations

import base64
import json
import os
import stat
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Protocol

import pyrage
from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from beholden.durable import write_whole
from beholden.errors import BadInput, Fault, Locked
from beholden.keys.sealing import KEY_BYTES, NONCE_BYTES

Wrapped = Mapping[str, str]
SALT_BYTES = 16
LEAST_PASSPHRASE = 8  # characters; argon2id makes a guess cost 0.1 s, so shorter ones are found by trying


class Wrapping(Protocol):
    @property
    def kind(self) -> str:
        """The name under which `kek.json` says how it is to be opened."""

    def wrap(self, kek: bytes, epoch: int, before: Wrapped | None) -> Wrapped:
        """The KEK for `kek.json`; `before` is how the last one was wrapped in the same way, if it was."""

    def unwrap(self, wrapped: Wrapped, epoch: int) -> bytes:
        """The KEK. Raises `Locked`, saying what is missing, if it cannot be had."""


def _bound(epoch: int) -> bytes:
    return f"beholden kek of epoch {epoch}".encode()


def _text(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _close_with(key: bytes, kek: bytes, epoch: int) -> str:
    nonce = os.urandom(NONCE_BYTES)
    return _text(nonce + AESGCM(key).encrypt(nonce, kek, _bound(epoch)))


def _open_with(key: bytes, wrapped: Wrapped, epoch: int, advice: str) -> bytes:
    try:
        content = base64.b64decode(wrapped["kek"], validate=True)
        return AESGCM(key).decrypt(content[:NONCE_BYTES], content[NONCE_BYTES:], _bound(epoch))
    except (InvalidTag, KeyError, ValueError):
        raise Locked(advice) from None


def _private(path: Path, what: str) -> str:
    """The text of a file that nobody but its owner can read."""
    try:
        mode = path.stat().st_mode
        text = path.read_text(encoding="ascii")
    except FileNotFoundError:
        raise Locked(f"The {what} {path} is not there: put in the medium that holds it, or say where it is.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise Locked(f"The {what} {path} cannot be read ({error}): check the medium and who owns the file.") from None
    if stat.S_IMODE(mode) & 0o077:
        raise Locked(f"Others can read the {what} {path}: make it private with `chmod 600`, or make a new one.")
    return text


@dataclass(frozen=True, slots=True)
class KeyFile:
    """A file of 32 random bytes in hexadecimal, which a person keeps elsewhere."""

    path: Path
    kind: ClassVar[str] = "key-file"

    @classmethod
    def make(cls, path: Path) -> KeyFile:
        """A new key file, mode 0600. Raises `Fault` if there is something at `path` already."""
        if path.exists():
            raise Fault(f"There is a file {path} already: choose another place, or use it as it is.")
        write_whole(path, os.urandom(KEY_BYTES).hex().encode() + b"\n")
        return cls(path)

    def wrap(self, kek: bytes, epoch: int, before: Wrapped | None) -> Wrapped:  # noqa: ARG002
        return {"kek": _close_with(self._key(), kek, epoch)}

    def unwrap(self, wrapped: Wrapped, epoch: int) -> bytes:
        return _open_with(
            self._key(), wrapped, epoch, f"The key file {self.path} is not the one of this folder: use the right one."
        )

    def _key(self) -> bytes:
        text = _private(self.path, "key file").strip()
        try:
            key = bytes.fromhex(text)
        except ValueError:
            key = b""
        if len(key) != KEY_BYTES:
            raise Locked(f"{self.path} is no key file (64 hexadecimal digits): say where the right one is.")
        return key


@dataclass(frozen=True, slots=True, repr=False)
class Passphrase:
    """A passphrase; argon2id with 64 MiB and three passes (RFC 9106, second choice). Measured here: 0.11 s."""

    text: str
    kind: ClassVar[str] = "passphrase"

    def __repr__(self) -> str:
        return "Passphrase(…)"

    def wrap(self, kek: bytes, epoch: int, before: Wrapped | None) -> Wrapped:  # noqa: ARG002
        if len(self.text) < LEAST_PASSPHRASE:
            raise BadInput(
                f"The passphrase is too short: take at least {LEAST_PASSPHRASE} characters, better six words."
            )
        salt = os.urandom(SALT_BYTES)
        return {"salt": _text(salt), "kek": _close_with(self._key(salt), kek, epoch)}

    def unwrap(self, wrapped: Wrapped, epoch: int) -> bytes:
        salt = base64.b64decode(wrapped.get("salt", ""))
        if len(salt) != SALT_BYTES:
            raise Locked("kek.json does not hold the salt of a passphrase: restore the key folder from a backup.")
        return _open_with(
            self._key(salt),
            wrapped,
            epoch,
            "This is not the passphrase of this folder: type it again, or ask its keeper.",
        )

    def _key(self, salt: bytes) -> bytes:
        # Two keyboards may compose one accent in two ways; NFKC makes them one passphrase.
        typed = unicodedata.normalize("NFKC", self.text).encode()
        return hash_secret_raw(typed, salt, time_cost=3, memory_cost=65536, parallelism=4, hash_len=32, type=Type.ID)


@dataclass(frozen=True, slots=True)
class AgeIdentity:
    """An age identity file (X25519). The KEK is wrapped to its recipients, and to those of other custodians."""

    path: Path
    also: Sequence[str] = ()  # recipients (`age1…`) besides those of the file and those to which it was wrapped before
    kind: ClassVar[str] = "age"

    def wrap(self, kek: bytes, epoch: int, before: Wrapped | None) -> Wrapped:
        own = [str(identity.to_public()) for identity in self._identities()]
        kept = self._content(before)["recipients"].split() if before is not None else []
        names = list(dict.fromkeys([*own, *kept, *self.also]))
        try:
            recipients = [pyrage.x25519.Recipient.from_str(name) for name in names]
        except pyrage.RecipientError as error:
            raise BadInput(f"One of the recipients is no age recipient ({error}): it starts with `age1`.") from None
        # The recipients lie inside, not beside: who can write kek.json but not open it must not add one.
        content = {"bound": _bound(epoch).decode(), "kek": kek.hex(), "recipients": " ".join(names)}
        return {"kek": _text(pyrage.encrypt(json.dumps(content).encode(), recipients))}

    def unwrap(self, wrapped: Wrapped, epoch: int) -> bytes:
        content = self._content(wrapped)
        if content["bound"] != _bound(epoch).decode():
            raise Locked("kek.json was put together from two others: restore the key folder from one backup.")
        return bytes.fromhex(content["kek"])

    def _content(self, wrapped: Wrapped) -> dict[str, str]:
        identities = self._identities()
        try:
            opened = pyrage.decrypt(base64.b64decode(wrapped["kek"]), identities)
            content: dict[str, str] = json.loads(opened)
        except (pyrage.DecryptError, KeyError, ValueError):
            raise Locked(
                f"The identity file {self.path} does not open this folder's keys: use that of one of its custodians."
            ) from None
        return content

    def _identities(self) -> list[pyrage.x25519.Identity]:
        lines = _private(self.path, "identity file").split("\n")
        try:
            found = [
                pyrage.x25519.Identity.from_str(line.strip()) for line in lines if line.startswith("AGE-SECRET-KEY-")
            ]
        except pyrage.IdentityError:
            found = []
        if not found:
            raise Locked(f"{self.path} holds no age identity (a line `AGE-SECRET-KEY-1…`): say where the right one is.")
        return found
