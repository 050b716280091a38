"""Cosignatures of C2SP (c2sp.org/tlog-cosignature): a witness says that a checkpoint continues all that it saw before."""

from __future__ import annotations

import base64
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from beholden.errors import Untrusted
from beholden.formats import notes, tiles
from beholden.formats.notes import Sign
from beholden.formats.signatures import COSIGNATURE, ED25519, Key, check_name, cosigned, key_of, time_of

__all__ = ["Cosigned", "add_lines", "cosign_line", "cosigner", "read", "vkey"]


@dataclass(frozen=True, slots=True)
class Cosigned:
    """Who cosigned a checkpoint, and when as they say it."""

    name: str
    at: datetime
    line: str  # with its newline


def vkey(name: str, public: bytes, kind: bytes = COSIGNATURE) -> str:
    """The witness's key as others get it. Raises ValueError for a bad name."""
    check_name(name)
    return Key(name, kind, public).vkey


def cosigner(line: str) -> Key:
    """The key of a witness. Raises `Untrusted` for what is none: a key that signs notes is no witness's."""
    key = key_of(line)
    if key.kind == ED25519:
        raise Untrusted(f"{key.name} is a key that signs notes, and no witness's: ask the witness for its own key")
    return key


def cosign_line(note: bytes, key: Key, sign: Sign, *, at: datetime) -> str:
    """The signature line of a witness, made at a time, to the second. Raises `Untrusted` for what is no checkpoint.

    It checks nothing of what the checkpoint says: who cosigns did.
    """
    text = notes.text_of(note)
    tiles.read_head(text)
    seconds = int(at.timestamp())
    signature = sign(cosigned(key.name, key.kind, text, seconds))
    return f"— {key.name} {base64.b64encode(key.id + struct.pack('>Q', seconds) + signature).decode()}\n"


def read(note: bytes, vkeys: Sequence[str]) -> list[Cosigned]:
    """The cosignatures by these witnesses. Raises `Untrusted` if one of theirs is not over this checkpoint."""
    lines = {line.split(" ")[2]: f"{line}\n" for line in note.decode(errors="replace").split("\n") if line[:2] == "— "}
    found = []
    for one in notes.verified(note, vkeys)[1]:
        if one.key.kind != ED25519:
            at = datetime.fromtimestamp(min(time_of(one.signature), 253_402_300_799), UTC)
            line = lines[base64.b64encode(one.key.id + one.signature).decode()]
            found.append(Cosigned(one.key.name, at, line))
    return found


def add_lines(note: bytes, lines: bytes, vkeys: Sequence[str]) -> tuple[bytes, list[Cosigned]]:
    """The note with what is new in `lines` by these witnesses, and what that is; lines by others are passed over.

    Raises `Untrusted` for lines that are no signatures, or one by a known witness that is not over this note.
    """
    there = {one.name for one in read(note, vkeys)}
    said = notes.text_of(note).encode() + b"\n" + lines  # the lines alone: one that is there already is no second one
    new = [one for one in read(said, vkeys) if one.name not in there]
    return note + "".join(one.line for one in new).encode(), new
