"""The pack of a data folder: in force only if the agency and the oversight body both signed exactly what ships."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from beholden.durable import write_whole
from beholden.errors import BadInput, Untrusted
from beholden.formats import notes
from beholden.policy import packs
from beholden.policy.cedar import CedarPolicy


@dataclass(frozen=True, slots=True)
class Bodies:
    """The public keys (vkeys) of those whose signatures put a pack in force, as log entry 0 pins them."""

    agency: str
    oversight: str


def place_of(data: Path, pack: str) -> Path:
    """Where a data folder keeps both signatures."""
    return data / "policy" / f"{pack}.note"


def stored(data: Path, pack: str) -> bytes:
    """Raises `Untrusted` where the signatures are missing."""
    path = place_of(data, pack)
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise Untrusted(f"the signatures of policy pack {pack!r} are missing ({path}); restore them") from None


def signed(data: Path, pack: str, bodies: Bodies) -> str:
    """`name@digest` of the pack that both bodies signed last; empty where the note is lost or is not what they signed."""
    try:
        return "@".join(packs.signed_by_both(stored(data, pack), [bodies.agency], [bodies.oversight]))
    except Untrusted:
        return ""


def load(pack: str, note: bytes | None = None, bodies: Bodies | None = None) -> CedarPolicy:
    """The shipped pack. With `bodies` only if both signed exactly it; else `Untrusted`, with the steps to make it so."""
    policy = CedarPolicy(packs.shipped(pack))
    if note is not None and bodies is not None:
        name, digest = packs.signed_by_both(note, [bodies.agency], [bodies.oversight])
        if (name, digest) != (policy.pack.name, policy.pack.digest):  # of the bytes that were loaded, not of the folder
            raise Untrusted(_steps(f"{name}@{digest}", policy.pack.name, policy.pack.digest))
    return policy


def sign(pack: str, name: str, pem: bytes, note: bytes = b"") -> tuple[bytes, str]:
    """The statement of the shipped pack with one more signature, or its first; and the vkey of who signed now.

    Raises `BadInput` for what is no private key, a note on another pack, and a second signature by the same key.
    """
    private = _private(pem)
    public = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    content = packs.read(packs.shipped(pack))
    text = packs.statement(content.pack)
    try:
        who = notes.vkey(name, public)
        if not note:
            return notes.sign_note(text, name, public, private.sign), who
        if notes.text_of(note) != text:
            raise BadInput(
                f"the note is not about the pack that ships with this version, {pack}@{content.pack.digest}: "
                "begin a new note, or sign with the version that it is about"
            )
        return notes.cosign(note, name, public, private.sign), who
    except (ValueError, Untrusted) as wrong:
        raise BadInput(f"nothing was signed: {wrong}") from wrong


def replace(data: Path, pack: str, note: bytes) -> None:
    """The old note or the new one, whole: never half of it, whenever the machine stops."""
    write_whole(place_of(data, pack), note)


def _private(pem: bytes) -> Ed25519PrivateKey:
    try:
        private = load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as wrong:
        raise BadInput(
            "the file is no private key that can be read: give the PEM file that `beholden init` handed over, unencrypted"
        ) from wrong
    if not isinstance(private, Ed25519PrivateKey):
        raise BadInput("the private key is not of Ed25519; give the one whose public key the system pins")
    return private


def _steps(signed: str, pack: str, digest: str) -> str:
    return (
        f"this version ships the policy pack {pack}@{digest}, and what the agency and the oversight body signed is {signed}. "
        "Nothing opens until both have read what changed and signed it: the agency runs `beholden policy sign pack.note "
        "--key FILE --name agency`, the oversight body `beholden policy sign pack.note --key FILE --name oversight` on the "
        "same note, and then `beholden policy adopt pack.note --data FOLDER` puts the pack in force"
    )
