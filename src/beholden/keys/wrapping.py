"""Who can open the KEK: the holder of a key file, of a passphrase, of an age identity, or custodians together.

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
from beholden.keys.sharing import join, split

Wrapped = Mapping[str, str]
SALT_BYTES = 16
SET_BYTES = 8
SHARE_FORMAT = "beholden/share/v1"
SHARE = "*.share"  # the names of opened shares
_SHARED = ("set", "threshold", "shares")  # of what custodians open, all but the KEK
MOST_CUSTODIANS = 20
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
        recipients = _recipients(names)
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
        return _identities(self.path)


@dataclass(frozen=True, slots=True)
class Share:
    """What one custodian opens with their age identity: a secret like a key file, of which `threshold` are needed."""

    set: str  # the same in all shares of one secret
    threshold: int
    number: int  # from 1 to as many as there are custodians
    value: bytes

    def written(self) -> bytes:
        told = {"format": SHARE_FORMAT, "set": self.set, "threshold": self.threshold, "number": self.number}
        return json.dumps({**told, "share": self.value.hex()}).encode() + b"\n"

    @classmethod
    def read(cls, text: str | bytes) -> Share:
        """Raises ValueError for what is no share."""
        told = json.loads(text)
        if not isinstance(told, dict) or told.get("format") != SHARE_FORMAT:
            raise ValueError("not a share")
        try:
            share = cls(str(told["set"]), int(told["threshold"]), int(told["number"]), bytes.fromhex(told["share"]))
        except (KeyError, TypeError) as wrong:
            raise ValueError("not a whole share") from wrong
        if len(share.value) != KEY_BYTES or not 1 <= share.number <= MOST_CUSTODIANS:
            raise ValueError("not a whole share")
        return share


@dataclass(frozen=True, slots=True, repr=False)
class Custodians:
    """Any `threshold` of several custodians together, each with a share that is encrypted to their age recipient.

    The secret that is shared wraps the KEK and stays over key epochs, as a key file does. Shares that were opened lie in the
    folder `path` as long as the vault is to be opened: best in memory (a folder below /run), which a reboot empties.
    """

    path: Path
    recipients: tuple[str, ...] = ()
    threshold: int = 0
    made: bytes = b""  # the secret, in the process that made it
    kind: ClassVar[str] = "custodians"

    def __repr__(self) -> str:
        return f"Custodians({str(self.path)!r})"

    @classmethod
    def make(cls, path: Path, recipients: Sequence[str], threshold: int) -> Custodians:
        """For a new vault, or for another set of custodians. Raises `BadInput` for a set of which nobody would be needed."""
        count = len(recipients)
        if not 2 <= threshold <= count <= MOST_CUSTODIANS:
            raise BadInput(
                f"{threshold} of {count} custodians cannot be: name 2 to {MOST_CUSTODIANS} of them, of whom at least 2 and "
                "at most all are needed. Where one alone is to open the keys, an age identity does."
            )
        if len(set(recipients)) < count:
            raise BadInput("One custodian is named twice, and would hold two shares: name each once.")
        _recipients(recipients)
        return cls(path, tuple(recipients), threshold, os.urandom(KEY_BYTES))

    def wrap(self, kek: bytes, epoch: int, before: Wrapped | None) -> Wrapped:
        if before is None and not self.made:
            raise BadInput("Who the custodians are is not said: name their age recipients, and how many are needed.")
        shared = before or self._shared()
        key = self._key(shared)
        return {**{name: shared[name] for name in _SHARED}, "kek": _close_with(key, kek, epoch)}

    def unwrap(self, wrapped: Wrapped, epoch: int) -> bytes:
        advice = f"The shares in {self.path} do not open this folder's keys: have the custodians open theirs again."
        return _open_with(self._key(wrapped), wrapped, epoch, advice)

    def _shared(self) -> Wrapped:
        name = os.urandom(SET_BYTES).hex()
        shares = [
            Share(name, self.threshold, number, value).written()
            for number, value in split(self.made, self.threshold, len(self.recipients)).items()
        ]
        sealed = [pyrage.encrypt(share, [to]) for share, to in zip(shares, _recipients(self.recipients), strict=True)]
        return {"set": name, "threshold": str(self.threshold), "shares": " ".join(_text(one) for one in sealed)}

    def _key(self, wrapped: Wrapped) -> bytes:
        told = [wrapped.get(name, "") for name in _SHARED]
        if not all(told) or not told[1].isdecimal() or int(told[1]) < 1:
            raise Locked("kek.json does not hold the shares of custodians: restore the key folder from a backup.")
        if self.made:
            return self.made
        found, threshold, count = self._opened(told[0]), int(told[1]), len(told[2].split())
        if len(found) < threshold:
            raise Locked(
                f"The shares of {threshold} of {count} custodians are wanted in {self.path}, and {len(found)} "
                f"{'is' if len(found) == 1 else 'are'} there: each custodian opens theirs with `beholden keys share` and puts "
                "the file there."
            )
        return join(dict(sorted(found.items())[:threshold]))

    def _opened(self, name: str) -> dict[int, bytes]:
        """The shares of this set that lie in the folder. Raises `Locked` for a file there that is no share, or is not private."""
        found = {}
        for path in sorted(self.path.glob(SHARE)):
            try:
                share = Share.read(_private(path, "share"))
            except ValueError:
                raise Locked(f"{path} is no share of a custodian: take it away, or have it opened again.") from None
            if share.set == name:
                found[share.number] = share.value
        return found


def share_of(wrapped: Wrapped, identity: Path) -> Share:
    """The share of the custodian who holds this age identity. Raises `Locked` where none is theirs."""
    identities = _identities(identity)
    for sealed in wrapped.get("shares", "").split():
        try:
            return Share.read(pyrage.decrypt(base64.b64decode(sealed), identities))
        except (pyrage.DecryptError, ValueError):
            continue
    raise Locked(f"None of the shares in that kek.json is for the age identity in {identity}: use that of a custodian.")


def _recipients(names: Sequence[str]) -> list[pyrage.x25519.Recipient]:
    try:
        return [pyrage.x25519.Recipient.from_str(name) for name in names]
    except pyrage.RecipientError as error:
        raise BadInput(f"One of the recipients is no age recipient ({error}): it starts with `age1`.") from None


def _identities(path: Path) -> list[pyrage.x25519.Identity]:
    lines = _private(path, "identity file").split("\n")
    try:
        found = [pyrage.x25519.Identity.from_str(line.strip()) for line in lines if line.startswith("AGE-SECRET-KEY-")]
    except pyrage.IdentityError:
        found = []
    if not found:
        raise Locked(f"{path} holds no age identity (a line `AGE-SECRET-KEY-1…`): say where the right one is.")
    return found
