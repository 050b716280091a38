"""Signed notes of C2SP (c2sp.org/signed-note) with Ed25519: text that several keys may sign, read byte by byte."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from beholden.errors import Untrusted
from beholden.formats.signatures import ED25519, KEY_BYTES, Key, check_name, holds, is_name, key_id, key_of, unbase64

Sign = Callable[[bytes], bytes]  # message → 64-byte Ed25519 signature

MAX_SIGNATURES = 100  # C2SP asks for at least 16; a note is not a place to make a reader work


@dataclass(frozen=True, slots=True)
class Signed:
    """A signature that was checked: whose it is, and its bytes after the key id."""

    key: Key
    signature: bytes


def vkey(name: str, public: bytes) -> str:
    """The key as verifiers get it: `name+key id+base64(type ‖ key)`. Raises ValueError for a bad name or key."""
    check_name(name)
    if len(public) != KEY_BYTES[ED25519]:
        raise ValueError(f"an Ed25519 public key has 32 bytes, not {len(public)}")
    return Key(name, ED25519, public).vkey


def sign_note(text: str, name: str, public: bytes, sign: Sign) -> bytes:
    """The note with one signature. Raises ValueError unless the text ends in a newline, its only control character."""
    if not text.endswith("\n") or _has_controls(text):
        raise ValueError("the text of a note ends in a newline and holds no other control character")
    return f"{text}\n{_signature_line(text, name, public, sign)}".encode()


def cosign(note: bytes, name: str, public: bytes, sign: Sign) -> bytes:
    """The note with one more signature. Raises `Untrusted` if it is no note, ValueError if this key signed it already.

    It does not check the others' signatures: who cosigns has opened the note first.
    """
    text, signatures = _parse(note)
    if any((there, blob[:4]) == (name, key_id(name, ED25519, public)) for there, blob in signatures):
        raise ValueError(f"{name} has signed this note already")
    return note + _signature_line(text, name, public, sign).encode()


def open_note(note: bytes, vkeys: Sequence[str]) -> tuple[str, list[str]]:
    """The text, and the names of the keys among `vkeys` that signed it, in the note's order.

    As C2SP asks: signatures by unknown keys are ignored; one bad signature by a known key, or none by any, refuses the
    whole note. A witness's cosignature is checked like the others, but no note stands by it alone, and it is not named
    here. Raises `Untrusted`.
    """
    text, signed = verified(note, vkeys)
    signers = [one.key.name for one in signed if one.key.kind == ED25519]
    if not signers:
        names = ", ".join(name for name, _ in _parse(note)[1])
        raise Untrusted(f"the note is signed by {names} and by no key that you trust: check which keys you gave")
    return text, signers


def verified(note: bytes, vkeys: Sequence[str]) -> tuple[str, list[Signed]]:
    """The text, and the signatures of every kind by keys among `vkeys`. Raises `Untrusted` if one of them is bad."""
    known = {(key.name, key.id): key for key in map(key_of, vkeys)}
    text, signatures = _parse(note)
    signed: list[Signed] = []
    for name, blob in signatures:
        key = known.get((name, blob[:4]))
        if key is None:
            continue
        if not holds(key, text, blob[4:]):
            raise Untrusted(
                f"the signature of {name} is not over this text: it was altered; get it again from where it came"
            )
        signed.append(Signed(key, blob[4:]))
    return text, signed


def text_of(note: bytes) -> str:
    """The text of a note that is ours already, unverified. Raises `Untrusted` if it is no note."""
    return _parse(note)[0]


def _parse(note: bytes) -> tuple[str, list[tuple[str, bytes]]]:
    try:
        whole = note.decode("utf-8")
    except UnicodeDecodeError as wrong:
        raise _broken("it is not UTF-8") from wrong
    # Only "\n" ends a line. str.splitlines() would accept 0x1c, 0x85 and others in its place: one flipped bit of the
    # last newline then goes unnoticed (found by flipping every bit of a checkpoint).
    if _has_controls(whole):
        raise _broken("it holds a control character")
    parted = whole.rfind("\n\n")
    if parted < 0 or not whole.endswith("\n"):
        raise _broken("it does not end in an empty line and signatures")
    text, lines = whole[: parted + 1], whole[parted + 2 : -1].split("\n")
    if len(lines) > MAX_SIGNATURES:
        raise _broken(f"it has {len(lines)} signatures (at most {MAX_SIGNATURES})")
    signatures: list[tuple[str, bytes]] = []
    for line in lines:
        dash, _, rest = line.partition(" ")
        name, _, encoded = rest.partition(" ")
        blob = unbase64(encoded)
        if dash != "—" or not is_name(name) or len(blob) < 5:
            raise _broken(f"{line!r} is no signature line")
        if any((name, blob[:4]) == (there, other[:4]) for there, other in signatures):
            raise _broken(f"{name} signed it twice")
        signatures.append((name, blob))
    return text, signatures


def _signature_line(text: str, name: str, public: bytes, sign: Sign) -> str:
    check_name(name)
    return f"— {name} {base64.b64encode(key_id(name, ED25519, public) + sign(text.encode())).decode()}\n"


def _has_controls(text: str) -> bool:
    return any(c < " " and c != "\n" for c in text)


def _broken(how: str) -> Untrusted:
    return Untrusted(f"this is no signed note: {how}; get it again from where it came")
