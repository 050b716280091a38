"""Which kinds of key sign a note, what each of them signs, and whether a signature holds (C2SP signed-note, tlog-cosignature)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import struct
from dataclasses import dataclass
from types import MappingProxyType

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey

from beholden.errors import Untrusted

# The type byte of a key says what it signs, so that a cosignature is never taken for the log's own word.
ED25519 = b"\x01"  # the text of a note
COSIGNATURE = b"\x04"  # the text after a header with the time, Ed25519
ML_DSA_COSIGNATURE = b"\x06"  # origin, size and root with the cosigner's name and the time, ML-DSA-44 (FIPS 204)
KEY_BYTES = MappingProxyType({ED25519: 32, COSIGNATURE: 32, ML_DSA_COSIGNATURE: 1312})
SIGNATURE_BYTES = MappingProxyType({COSIGNATURE: 64, ML_DSA_COSIGNATURE: 2420})
TIMED = 8  # bytes of the time before a cosignature
LAST_TIME = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Key:
    """A public key as a vkey tells it."""

    name: str
    kind: bytes
    public: bytes

    @property
    def id(self) -> bytes:
        return key_id(self.name, self.kind, self.public)

    @property
    def vkey(self) -> str:
        return f"{self.name}+{self.id.hex()}+{base64.b64encode(self.kind + self.public).decode()}"


def key_of(line: str) -> Key:
    """The key that a vkey tells. Raises `Untrusted`."""
    name, _, rest = line.partition("+")
    id, _, encoded = rest.partition("+")
    blob = unbase64(encoded)
    key = Key(name, blob[:1], blob[1:])
    if not is_name(name) or KEY_BYTES.get(key.kind) != len(key.public) or key.id.hex() != id:
        raise Untrusted(f"{line!r} is no key of an Ed25519 signer: copy the whole line as it was given to you")
    return key


def key_id(name: str, kind: bytes, public: bytes) -> bytes:
    return hashlib.sha256(name.encode() + b"\n" + kind + public).digest()[:4]


def cosigned(name: str, kind: bytes, text: str, at: int) -> bytes:
    """What a cosigner signs of the text of a checkpoint, `at` seconds since 1970. Raises ValueError for what is none."""
    if not 0 <= at <= LAST_TIME:
        raise ValueError(f"{at} is no time that a cosignature can have")
    if kind == COSIGNATURE:
        return f"cosignature/v1\ntime {at}\n{text}".encode()
    origin, size, root, *_ = text.split("\n")
    named, log = name.encode(), origin.encode()
    if not 0 < len(named) < 256 or not 0 < len(log) < 256:
        raise ValueError("the name of a cosigner and the origin of a log have 1 to 255 bytes")
    parts = (b"subtree/v1\n\x00", bytes([len(named)]), named, struct.pack(">Q", at), bytes([len(log)]), log)
    if len(hashed := unbase64(root)) != 32:
        raise ValueError("the root of a checkpoint has 32 bytes")
    return b"".join(parts) + struct.pack(">QQ", 0, int(size)) + hashed


def holds(key: Key, text: str, signature: bytes) -> bool:
    """Whether the signature (with its time, of a cosignature) is by this key over this text."""
    try:
        if key.kind == ED25519:
            Ed25519PublicKey.from_public_bytes(key.public).verify(signature, text.encode())
            return True
        if len(signature) != TIMED + SIGNATURE_BYTES[key.kind]:
            return False
        message = cosigned(key.name, key.kind, text, time_of(signature))
        if key.kind == COSIGNATURE:
            Ed25519PublicKey.from_public_bytes(key.public).verify(signature[TIMED:], message)
        else:
            MLDSA44PublicKey.from_public_bytes(key.public).verify(signature[TIMED:], message)
    except (InvalidSignature, ValueError):
        return False
    return True


def time_of(signature: bytes) -> int:
    """Of a cosignature: seconds since 1970."""
    return int.from_bytes(signature[:TIMED], "big")


def unbase64(encoded: str) -> bytes:
    """Empty if it is not the one canonical form."""
    try:
        blob = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        return b""
    return blob if base64.b64encode(blob).decode() == encoded else b""  # unused bits of the last letter must be zero


def is_name(name: str) -> bool:
    return bool(name) and "+" not in name and not any(c.isspace() or c < " " for c in name)


def check_name(name: str) -> None:
    """Raises ValueError."""
    if not is_name(name):
        raise ValueError(f"{name!r} cannot name a key: it is not empty and holds no space, plus or control character")
