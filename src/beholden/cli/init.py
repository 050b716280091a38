"""`beholden init`: make a new, empty system, with no default account, key or password."""

from __future__ import annotations

import secrets
import shlex
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from shutil import rmtree
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from beholden.actions import log, witnessing
from beholden.cli import asking
from beholden.cli.door import ANYWHERE, Where
from beholden.cli.printing import Told, WrongUse
from beholden.durable import write_whole
from beholden.errors import BadInput
from beholden.keys.wrapping import AgeIdentity, Custodians, KeyFile, Passphrase, Wrapping
from beholden.opening import PackSignatures, make_folder, open_folder
from beholden.settings import SETTINGS, WitnessSetting, read_settings, written

if TYPE_CHECKING:
    from beholden.witness.keeper import Keeper


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
    custodian: Annotated[
        tuple[str, ...],
        Parameter(help="The age recipient of one who unlocks the keys together with others; repeatable."),
    ] = (),
    threshold: Annotated[int, Parameter(help="How many of the custodians are needed.")] = 0,
    shares: Annotated[
        Path | None, Parameter(help="Where their opened shares are put to open the system, best below /run.")
    ] = None,
    agency_key: Annotated[str, Parameter(help="The agency's public key (vkey), where it brings its own.")] = "",
    oversight_key: Annotated[str, Parameter(help="The oversight body's public key (vkey).")] = "",
    pack_note: Annotated[Path | None, Parameter(help="The note with which both signed the policy pack.")] = None,
    model: Annotated[str, Parameter(help="The address of the model pack.")] = "pack:yunet-sface",
    policy: Annotated[str, Parameter(help="A policy pack that ships, by its name, or the folder of one.")] = "ca-2020",
    witness: Annotated[
        Path | None, Parameter(help="A new folder for a witness of the log, apart from data and keys; `serve` runs it.")
    ] = None,
    where: Where = ANYWHERE,
) -> Told:
    """Make a new, empty system and invite its first person.

    Example: beholden init --data ~/beholden --keys /media/keys/beholden --profile operational --administrator ada
    --unlock-file /media/stick/unlock.key
    """
    data = where.folder
    if (unlock_file is not None) + unlock_passphrase + (unlock_age is not None) + bool(custodian) != 1:
        raise WrongUse("give exactly one of --unlock-file, --unlock-passphrase, --unlock-age and --custodian (several)")
    if bool(custodian) != (shares is not None) or bool(custodian) != bool(threshold):
        raise WrongUse("give --custodian for each of them, --threshold and --shares together, or none of them")
    signatures = _signatures(agency_key, oversight_key, pack_note)
    if shares is not None:  # before anything is made: it may refuse
        _check_apart(shares, data, keys)
        together = Custodians.make(shares.absolute(), custodian, threshold)
    watching = _witness(witness, data, keys)
    made_here = unlock_file is not None and not unlock_file.exists()
    wrapping = together if shares is not None else _wrapping(data, keys, unlock_file, unlock_age)
    try:
        made = make_folder(
            data,
            keys,
            profile=profile,
            administrator=administrator,
            wrapping=wrapping,
            model=model,
            pack=policy,
            signatures=signatures,
        )
    except BaseException:
        if made_here and unlock_file is not None:
            unlock_file.unlink(missing_ok=True)
        if witness is not None:
            rmtree(witness, ignore_errors=True)
        raise
    if watching is not None and witness is not None:
        _begin_watching(watching, witness, data, wrapping)
    document = {
        "data": str(data.resolve()),
        "keys": str(keys.resolve()),
        "profile": profile,
        "administrator": administrator,
        "token": made.token,
        "handover": [str(path) for path in made.handover],
        "witness": watching.key.vkey if watching else None,
    }
    lines = (
        f"Made an empty system of the profile {profile}: data in {data}, keys in {keys}.",
        f"{administrator} is invited. The one-time token, which is shown now and never again:",
        f"    {made.token}",
        *_handing_over(made.handover),
        *_advice(unlock_file or unlock_age, wrapping, data, keys),
        *_watched(witness, profile),
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
    _check_apart(place, data, keys)
    if unlock_age is not None:
        return AgeIdentity(unlock_age.absolute())
    path = place.absolute()
    if path.exists():
        return KeyFile(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    return KeyFile.make(path)


def _check_apart(place: Path, data: Path, keys: Path) -> None:
    for folder in (data, keys):
        if place.resolve().is_relative_to(folder.resolve()):
            raise BadInput(
                f"{place} lies in {folder}: whoever takes that folder would have what unlocks it; "
                "keep it elsewhere, best on another medium"
            )


def _witness(folder: Path | None, data: Path, keys: Path) -> Keeper | None:
    """A witness that watches nothing yet; made first, so that nothing else is made where it cannot be."""
    if folder is None:
        return None
    from beholden.witness.keeper import Keeper

    for ours in (data, keys):
        if folder.resolve().is_relative_to(ours.resolve()):
            raise BadInput(f"the witness would lie in {ours}: whoever puts that back would put back what it remembers")
    return Keeper.make(folder, f"beholden/witness/{secrets.token_hex(4)}")


def _begin_watching(keeper: Keeper, folder: Path, data: Path, wrapping: Wrapping) -> None:
    """Tell the witness of the log, and the settings of the witness; the first cosignature is asked for at once."""
    with closing(open_folder(data, wrapping=wrapping)) as system:
        keeper.trust(log.vkeys(system)[0])
    settings = read_settings(data)
    named = WitnessSetting(vkey=keeper.key.vkey, folder=str(folder.resolve()))
    write_whole(data / SETTINGS, written(replace(settings, witnesses=(named,))).encode())
    with closing(open_folder(data, wrapping=wrapping)) as system:
        witnessing.seal_and_ask(system)


def _watched(witness: Path | None, profile: str) -> tuple[str, ...]:
    if witness is not None:
        return (f"A witness in {witness} watches the log from this machine: have another one elsewhere, or on paper.",)
    if profile == "synthetic":
        return ()
    return ("The log has no witness, and every page says so: set one up with `beholden witness make`, or on paper.",)


def _advice(place: Path | None, wrapping: Wrapping, data: Path, keys: Path) -> tuple[str, ...]:
    if isinstance(wrapping, Custodians):
        return (
            f"{wrapping.threshold} of {len(wrapping.recipients)} custodians unlock the keys from now on. Each runs",
            f"    beholden keys share --kek {shlex.quote(str(keys / 'kek.json'))} --age-key THEIRS --out NAME.share",
            f"and the shares are put into {wrapping.path}. Without enough of them nothing can be read again, by anybody.",
            f"Never back up {keys} together with {data}.",
        )
    opens = f"The file {place}" if place else "The passphrase"
    return (
        f"{opens} unlocks the keys. Without it nothing in the system can be read again, by anybody.",
        f"Never back up {keys} together with {data}.",
    )
