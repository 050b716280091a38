"""Signed notes of C2SP (c2sp.org/signed-note) with Ed25519: text that several keys may sign, read byte by byte."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Callable, Sequence

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from beholden.errors import Untrusted

Sign = Callable[[bytes], bytes]  # message → 64-byte Ed25519 signature

ED25519 = b"\x01"  # the signature type in C2SP
MAX_SIGNATURES = 100  # C2SP asks for at least 16; a note is not a place to make a reader work


def vkey(name: str, public: bytes) -> str:
    """The key as verifiers get it: `name+key id+base64(type ‖ key)`. Raises ValueError for a bad name or key."""
    _check_name(name)
    if len(public) != 32:
        raise ValueError(f"an Ed25519 public key has 32 bytes, not {len(public)}")
    return f"{name}+{_key_id(name, public).hex()}+{base64.b64encode(ED25519 + public).decode()}"


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
    if any((there, blob[:4]) == (name, _key_id(name, public)) for there, blob in signatures):
        raise ValueError(f"{name} has signed this note already")
    return note + _signature_line(text, name, public, sign).encode()


def open_note(note: bytes, vkeys: Sequence[str]) -> tuple[str, list[str]]:
    """The text, and the names of the keys among `vkeys` that signed it, in the note's order.

    As C2SP asks: signatures by unknown keys are ignored; one bad signature by a known key, or none by any, refuses the
    whole note. Raises `Untrusted`.
    """
    known = {_key_of(line) for line in vkeys}
    keys = {(name, _key_id(name, public)): public for name, public in known}
    text, signatures = _parse(note)
    signers: list[str] = []
    for name, blob in signatures:
        public = keys.get((name, blob[:4]))
        if public is None:
            continue
        try:
            Ed25519PublicKey.from_public_bytes(public).verify(blob[4:], text.encode())
        except (InvalidSignature, ValueError) as wrong:
            raise Untrusted(
                f"the signature of {name} is not over this text: it was altered; get it again from where it came"
            ) from wrong
        signers.append(name)
    if not signers:
        names = ", ".join(name for name, _ in signatures)
        raise Untrusted(f"the note is signed by {names} and by no key that you trust: check which keys you gave")
    return text, signers


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
        blob = _base64(encoded)
        if dash != "—" or not _is_name(name) or len(blob) < 5:
            raise _broken(f"{line!r} is no signature line")
        if any((name, blob[:4]) == (there, other[:4]) for there, other in signatures):
            raise _broken(f"{name} signed it twice")
        signatures.append((name, blob))
    return text, signatures


def _key_of(line: str) -> tuple[str, bytes]:
    """Name and public key of a vkey. Raises `Untrusted`."""
    name, _, rest = line.partition("+")
    key_id, _, encoded = rest.partition("+")
    blob = _base64(encoded)
    if not _is_name(name) or blob[:1] != ED25519 or len(blob) != 33 or _key_id(name, blob[1:]).hex() != key_id:
        raise Untrusted(f"{line!r} is no key of an Ed25519 signer: copy the whole line as it was given to you")
    return name, blob[1:]


def _signature_line(text: str, name: str, public: bytes, sign: Sign) -> str:
    _check_name(name)
    return f"— {name} {base64.b64encode(_key_id(name, public) + sign(text.encode())).decode()}\n"


def _key_id(name: str, public: bytes) -> bytes:
    return hashlib.sha256(name.encode() + b"\n" + ED25519 + public).digest()[:4]


def _base64(encoded: str) -> bytes:
    """Empty if it is not the one canonical form."""
    try:
        blob = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        return b""
    return blob if base64.b64encode(blob).decode() == encoded else b""  # unused bits of the last letter must be zero


def _is_name(name: str) -> bool:
    return bool(name) and "+" not in name and not any(c.isspace() or c < " " for c in name)


def _check_name(name: str) -> None:
    if not _is_name(name):
        raise ValueError(f"{name!r} cannot name a key: it is not empty and holds no space, plus or control character")


def _has_controls(text: str) -> bool:
    return any(c < " " and c != "\n" for c in text)


def _broken(how: str) -> Untrusted:
    return Untrusted(f"this is no signed note: {how}; get it again from where it came")
