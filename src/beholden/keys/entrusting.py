"""An age file for somebody outside: what was kept, with the keys of the records in it. Nothing here can open it again.

The content of the file is JSON: `format`, `content` (base64) and `keys` (name of the key → 32 bytes, base64). What a record
sealed under its key is nonce (12 bytes) ‖ ciphertext ‖ tag by AES-256-GCM, bound to its name, a zero byte and a context.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence

import pyrage
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
    load_ssh_private_key,
)

from beholden.errors import BadInput, Fault
from beholden.formats.signatures import key_of
from beholden.keys.sealing import opened_with

FORMAT = "beholden/entrusted/v1"


def recipient_of(vkey: str) -> str:
    """The age recipient that an Ed25519 signer is, as age has it of SSH keys: whoever signs with the key opens with it."""
    parts = (b"ssh-ed25519", key_of(vkey).public)
    blob = b"".join(len(part).to_bytes(4, "big") + part for part in parts)
    return f"ssh-ed25519 {base64.b64encode(blob).decode()}"


def make_identity() -> tuple[bytes, str]:
    """A new age identity as a file has it, and the recipient that is encrypted to."""
    made = pyrage.x25519.Identity.generate()
    recipient = str(made.to_public())
    return f"# public key: {recipient}\n{made}\n".encode(), recipient


def entrusted(keys: Mapping[str, bytes], recipients: Sequence[str], content: bytes) -> bytes:
    """The age file for these recipients, each an age recipient or the vkey of an Ed25519 signer. Raises `Fault`, `Untrusted`."""
    try:
        to = [
            pyrage.x25519.Recipient.from_str(one)
            if one.startswith("age1")
            else pyrage.ssh.Recipient.from_str(recipient_of(one))
            for one in recipients
        ]
    except pyrage.RecipientError as error:
        raise Fault(f"one of the recipients is none that age knows ({error}): nothing was entrusted") from error
    if not to:
        raise Fault("there is nobody to whom this could be entrusted: nothing was")
    held = {name: base64.b64encode(key).decode() for name, key in sorted(keys.items())}
    told = {"format": FORMAT, "content": base64.b64encode(content).decode(), "keys": held}
    return bytes(pyrage.encrypt(json.dumps(told).encode(), to))


class Entrusted:
    """An age file that was opened: its content, and what its keys open."""

    def __init__(self, packet: bytes, key: bytes) -> None:
        """`key`: the private key of the oversight body (PEM), or an age identity. Raises `BadInput`."""
        try:
            told = json.loads(pyrage.decrypt(packet, [_identity(key)]))
        except pyrage.DecryptError as error:
            raise BadInput("this key does not open the packet: give the private key of the oversight body") from error
        self.content = base64.b64decode(told["content"])
        self._keys = {name: base64.b64decode(key) for name, key in told["keys"].items()}

    @property
    def names(self) -> frozenset[str]:
        return frozenset(self._keys)

    def open(self, name: str, sealed: bytes, context: str) -> bytes:
        """What a record of the packet sealed. Raises KeyError for a key that is not in it, `Fault` for other bytes."""
        return opened_with(self._keys[name], name, sealed, context)


def _identity(content: bytes) -> pyrage.ssh.Identity | pyrage.x25519.Identity:
    try:
        lines = [line.strip() for line in content.decode(errors="replace").splitlines()]
        for line in lines:
            if line.startswith("AGE-SECRET-KEY-"):
                return pyrage.x25519.Identity.from_str(line)
        load = load_ssh_private_key if lines and "OPENSSH" in lines[0] else load_pem_private_key
        private = load(content, password=None)
        return pyrage.ssh.Identity.from_buffer(
            private.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
        )
    except (ValueError, TypeError, pyrage.IdentityError) as wrong:
        raise BadInput(
            "the file is no private key and no age identity that can be read; give it unencrypted"
        ) from wrong
