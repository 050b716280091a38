"""Keys for the agency and the oversight body, made at `init` where they bring none, and both signatures on a pack."""

from __future__ import annotations

from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from beholden.formats.notes import vkey
from beholden.policy import packs
from beholden.policy.packs import Signer
from beholden.policy.pinned import private_of

BODIES = ("agency", "oversight")


def make_signer(name: str) -> tuple[Signer, bytes]:
    """A new Ed25519 key for a body: how it signs, and the private key as PEM."""
    private = Ed25519PrivateKey.generate()
    public = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return Signer(name, public, private.sign), pem


def signer_of(name: str, pem: bytes) -> Signer:
    """A body that signs with a key of its own, by this name. Raises `BadInput` for what is no private key."""
    private = private_of(pem)
    return Signer(name, private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw), private.sign)


def sign_pack(folder: Path, agency: Signer, oversight: Signer) -> tuple[str, str, bytes]:
    """Both public keys as vkeys, and the note on the pack in this folder that both signed."""
    keys = (vkey(agency.name, agency.public), vkey(oversight.name, oversight.public))
    note = packs.countersign(folder, packs.sign(folder, agency), oversight, vkeys_agency=[keys[0]])
    return (*keys, note)


def write_handover(folder: Path, pems: dict[str, bytes]) -> tuple[Path, ...]:
    """The private keys, readable by their owner only, to be handed over and then removed from this machine."""
    folder.mkdir(mode=0o700, parents=True)
    paths = []
    for body, pem in pems.items():
        path = folder / f"{body}.pem"
        path.touch(mode=0o600, exist_ok=False)
        path.write_bytes(pem)
        paths.append(path)
    return tuple(paths)
