"""The policy packs of a data folder, of which one is in force: none that the agency and the oversight body did not both sign."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from beholden.durable import sync_folder, write_whole
from beholden.errors import BadInput, Untrusted
from beholden.formats import notes
from beholden.policy import packs
from beholden.policy.cedar import CedarPolicy
from beholden.policy.differences import Way, differences
from beholden.policy.files import as_kept, digest_of, is_of_this_version, unusable, whole
from beholden.policy.packs import SHIPPED, Content
from beholden.ports.policy import Pack


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


def load(
    pack: str, note: bytes | None = None, bodies: Bodies | None = None, *, data: Path | None = None
) -> CedarPolicy:
    """The pack of this name. With `bodies` only if both signed exactly it; else `Untrusted`, with the steps to make it so.

    `data`: the folder that keeps the agency's own packs.
    """
    return _signed_by(CedarPolicy(folder_of(data, pack)), note, bodies)


def load_given(folder: Path, note: bytes, bodies: Bodies) -> CedarPolicy:
    """The pack in any folder, if both signed exactly it; else `Untrusted`."""
    return _signed_by(CedarPolicy(folder), note, bodies)


def _signed_by(policy: CedarPolicy, note: bytes | None, bodies: Bodies | None) -> CedarPolicy:
    if note is not None and bodies is not None:
        name, digest = packs.signed_by_both(note, [bodies.agency], [bodies.oversight])
        if (name, digest) != (policy.pack.name, policy.pack.digest):  # of the bytes that were loaded, not of the folder
            raise Untrusted(_steps(f"{name}@{digest}", policy.pack.name, policy.pack.digest))
    return policy


def given(pack: str) -> Path:
    """The folder of what a person names: a pack that ships, or any folder. Raises `BadInput` for what is neither."""
    if pack in SHIPPED:
        return packs.shipped(pack)
    if Path(pack).is_dir():
        return Path(pack)
    raise BadInput(f"{pack!r} is no folder, and no pack of this name ships; those are {', '.join(SHIPPED)}")


def folder_of(data: Path | None, pack: str) -> Path:
    """Where a pack lies that a data folder names: one that ships by its name, an agency's own as `name@digest`."""
    return data / "policy" / pack if data is not None and "@" in pack else packs.shipped(pack)


def name_in(pack: Pack) -> str:
    """How a data folder names this pack. Raises `BadInput` for one that has the name of a shipped one and is another."""
    if pack.name not in SHIPPED:
        return f"{pack.name}@{pack.digest}"
    if SHIPPED[pack.name] != pack.digest:
        raise BadInput(f"a pack named {pack.name!r} ships, and this is another: give yours a name of its own")
    return pack.name


def take_in(data: Path, folder: Path, pack: Pack) -> str:
    """Keep an agency's own pack in the data folder, whole and with the floor that it stands on; its name there.

    Raises `Untrusted` where the folder no longer holds what was read.
    """
    name = name_in(pack)
    place = data / "policy" / name
    if name == pack.name or (place.is_dir() and digest_of(as_kept(place)) == pack.digest):
        return name
    files = whole(folder)
    if digest_of(files) != pack.digest:
        raise unusable(folder, "it was changed while it was read")
    part = place.with_name(f"{place.name}.part")
    for left in (part, place):  # of a crash, or damaged: what is written now is what was signed
        if left.exists():
            shutil.rmtree(left)
    for file, content in files.items():
        (part / file).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_whole(part / file, content)
    part.rename(place)
    sync_folder(place.parent)
    return name


def kept_in(data: Path) -> list[str]:
    """The agency's own packs that a data folder keeps, as `name@digest`, whether in force, waiting or laid aside."""
    return sorted(place.name for place in (data / "policy").glob("*@*") if place.is_dir() and place.suffix != ".part")


def told_of(data: Path, told: str) -> Content | None:
    """The pack that the log names as `name@digest`; None where it is of another version, which alone can read it.

    Raises `Untrusted` where an agency's own pack was lost or edited.
    """
    name, _, digest = told.partition("@")
    place = data / "policy" / told
    if place.is_dir():
        files = as_kept(place)
        if digest_of(files) != digest:
            raise unusable(place, "it is not what was signed")
        return packs.read(place) if is_of_this_version(files) else None
    if name not in SHIPPED:
        raise Untrusted(f"the policy pack {told}, which the log says is in force, is not in {place.parent}; restore it")
    return packs.read(packs.shipped(name)) if SHIPPED[name] == digest else None


def usable(data: Path, told: str) -> str:
    """How the data folder names the pack `name@digest` that waited; empty where its files or signatures are not there."""
    if not told:
        return ""
    try:
        content = told_of(data, told)
        name = name_in(content.pack) if content else ""
        return name if name and place_of(data, name).is_file() else ""
    except (Untrusted, BadInput):
        return ""


def check_not_looser(data: Path, told: str, loaded: str) -> None:
    """Both as `name@digest`. Raises `Untrusted` where the pack that was loaded is looser than the one that the log tells of."""
    before, after = told_of(data, told), told_of(data, loaded)
    if before is None or after is None:  # the one was another version's: its rules went with it
        return
    if looser := [one for one in differences(before, after) if one.way is Way.LOOSER]:
        named = ", ".join(f"{one.kind} {one.name}" for one in looser[:5])
        raise Untrusted(
            f"beholden.toml names the policy pack {loaded}, which is looser than {told}, the one that the log says is in force "
            f"({named}): name that one again; a looser pack is put on record with `beholden policy adopt` and waits"
        )


def sign(folder: Path, name: str, pem: bytes, note: bytes = b"") -> tuple[bytes, str]:
    """The statement of the pack in a folder with one more signature, or its first; and the vkey of who signed now.

    Raises `BadInput` for what is no private key, a note on another pack, and a second signature by the same key.
    """
    private = private_of(pem)
    public = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    pack = CedarPolicy(folder).pack  # which reads its rules too: nobody signs what cannot be used
    text = packs.statement(pack)
    try:
        who = notes.vkey(name, public)
        if not note:
            return notes.sign_note(text, name, public, private.sign), who
        if notes.text_of(note) != text:
            raise BadInput(
                f"the note is not about the pack {pack.name}@{pack.digest}, which is what there is here: "
                "begin a new note, or sign with the version that it is about"
            )
        return notes.cosign(note, name, public, private.sign), who
    except (ValueError, Untrusted) as wrong:
        raise BadInput(f"nothing was signed: {wrong}") from wrong


def replace(data: Path, pack: str, note: bytes) -> None:
    """The old note or the new one, whole: never half of it, whenever the machine stops."""
    write_whole(place_of(data, pack), note)


def private_of(pem: bytes) -> Ed25519PrivateKey:
    """The key in a PEM file. Raises `BadInput`."""
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
        f"the policy pack here is {pack}@{digest}, and what the agency and the oversight body signed is {signed}. "
        "Nothing opens until both have read what changed and signed it: the agency runs `beholden policy sign pack.note "
        "--key FILE --name agency`, the oversight body `beholden policy sign pack.note --key FILE --name oversight` on the "
        "same note, and then `beholden policy adopt pack.note --data FOLDER` puts the pack in force"
    )
