"""`beholden init`: make a new, empty system, with no default account, key or password."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from beholden.cli import asking
from beholden.cli.door import ANYWHERE, Where
from beholden.cli.printing import Told, WrongUse
from beholden.errors import BadInput
from beholden.keys.wrapping import AgeIdentity, KeyFile, Passphrase, Wrapping
from beholden.opening import PackSignatures, make_folder


def init(
    *,
    keys: Annotated[Path, Parameter(help="A new folder for the keys, outside the data folder.")],
    profile: Annotated[
        Literal["operational", "synthetic"],
        Parameter(help="Fixed for good: real people, or only people who do not exist."),
    ],
    administrator: Annotated[str, Parameter(help="The name of the first person, who adds the others.")],
    unlock_file: Annotated[
        Path | None, Parameter(help="A key file that unlocks the keys; made if it is not there.")
    ] = None,
    unlock_passphrase: Annotated[
        bool, Parameter(help="A passphrase unlocks the keys: asked for, or BEHOLDEN_PASSPHRASE.")
    ] = False,
    unlock_age: Annotated[Path | None, Parameter(help="An age identity file that unlocks the keys.")] = None,
    agency_key: Annotated[str, Parameter(help="The agency's public key (vkey), where it brings its own.")] = "",
    oversight_key: Annotated[str, Parameter(help="The oversight body's public key (vkey).")] = "",
    pack_note: Annotated[Path | None, Parameter(help="The note with which both signed the policy pack.")] = None,
    model: Annotated[str, Parameter(help="The address of the model pack.")] = "pack:yunet-sface",
    where: Where = ANYWHERE,
) -> Told:
    """Make a new, empty system and invite its first person.

    Example: beholden init --data ~/beholden --keys /media/keys/beholden --profile operational --administrator ada
    --unlock-file /media/stick/unlock.key
    """
    data = where.folder
    if (unlock_file is not None) + unlock_passphrase + (unlock_age is not None) != 1:
        raise WrongUse("give exactly one of --unlock-file, --unlock-passphrase and --unlock-age")
    signatures = _signatures(agency_key, oversight_key, pack_note)
    made_here = unlock_file is not None and not unlock_file.exists()
    wrapping = _wrapping(data, keys, unlock_file, unlock_age)
    try:
        made = make_folder(
            data,
            keys,
            profile=profile,
            administrator=administrator,
            wrapping=wrapping,
            model=model,
            signatures=signatures,
        )
    except BaseException:
        if made_here and unlock_file is not None:
            unlock_file.unlink(missing_ok=True)
        raise
    document = {
        "data": str(data.resolve()),
        "keys": str(keys.resolve()),
        "profile": profile,
        "administrator": administrator,
        "token": made.token,
        "handover": [str(path) for path in made.handover],
    }
    lines = (
        f"Made an empty system of the profile {profile}: data in {data}, keys in {keys}.",
        f"{administrator} is invited. The one-time token, which is shown now and never again:",
        f"    {made.token}",
        *_handing_over(made.handover),
        *_advice(unlock_file, unlock_age, data, keys),
        f"Next: beholden people accept {shlex.quote(administrator)} --data {shlex.quote(str(data))}",
    )
    return Told(document, lines)


def _handing_over(paths: tuple[Path, ...]) -> tuple[str, ...]:
    if not paths:
        return ("The policy pack is in force by the signatures that you gave.",)
    return (
        "Hand over these private keys, each to the body that it names, and then remove them from this machine;",
        "with them the agency and the oversight body sign every change of the policy:",
        *(f"    {path}" for path in paths),
    )


def _signatures(agency_key: str, oversight_key: str, pack_note: Path | None) -> PackSignatures | None:
    """What agency and oversight body bring; without any of it, keys are made for them."""
    if not agency_key and not oversight_key and pack_note is None:
        return None
    if not agency_key or not oversight_key or pack_note is None:
        raise WrongUse("give --agency-key, --oversight-key and --pack-note together, or none of them")
    try:
        return PackSignatures(agency_key, oversight_key, pack_note.read_bytes())
    except OSError as error:
        raise BadInput(
            f"{pack_note} cannot be read ({error.strerror}); name the note that both bodies signed"
        ) from error


def _wrapping(data: Path, keys: Path, unlock_file: Path | None, unlock_age: Path | None) -> Wrapping:
    place = unlock_file or unlock_age
    if place is None:
        return Passphrase(asking.keys_passphrase(new=True))
    for folder in (data, keys):
        if place.resolve().is_relative_to(folder.resolve()):
            raise BadInput(
                f"{place} lies in {folder}: whoever takes that folder would have what unlocks it; "
                "keep it elsewhere, best on another medium"
            )
    if unlock_age is not None:
        return AgeIdentity(unlock_age.absolute())
    path = place.absolute()
    if path.exists():
        return KeyFile(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    return KeyFile.make(path)


def _advice(unlock_file: Path | None, unlock_age: Path | None, data: Path, keys: Path) -> tuple[str, ...]:
    place = unlock_file or unlock_age
    opens = f"The file {place}" if place else "The passphrase"
    return (
        f"{opens} unlocks the keys. Without it nothing in the system can be read again, by anybody.",
        f"Never back up {keys} together with {data}.",
    )
