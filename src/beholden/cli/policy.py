"""`beholden policy`: the rules in force, the signatures of the two bodies, and how another pack takes their place."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from beholden import opening
from beholden.cli.door import ANYWHERE, Where, wrapping_of
from beholden.cli.folders import content_of
from beholden.cli.printing import Told
from beholden.errors import BadInput
from beholden.settings import read_settings

app = App(name="policy")
MOST = 2**16  # bytes of a note or of a key
SHIPS = "ca-2020"  # the pack of a data folder that is not named


@app.command
def show(*, where: Where = ANYWHERE) -> Told:
    """Show the pack that ships with this version and, with --data, the one in force and whose keys sign.

    Example: beholden policy show --data ~/beholden
    """
    from beholden.policy import packs, pinned

    settings = read_settings(where.data) if where.data else None
    content = packs.read(packs.shipped(settings.pack if settings else SHIPS))
    ships = f"{content.pack.name}@{content.pack.digest}"
    document: dict[str, object] = {"ships": ships, "version": content.version, "description": content.description}
    lines = [f"This version ships {ships}", f"    version {content.version}: {content.description}"]
    if where.data and settings:
        bodies = pinned.Bodies(settings.agency, settings.oversight)
        signed = pinned.signed(where.data, settings.pack, bodies)
        document |= {
            "signed": signed,
            "agency": settings.agency,
            "oversight": settings.oversight,
            "in_force": signed == ships,
        }
        lines += [
            f"Both bodies signed {signed}" if signed else "The signatures of both bodies are missing, or do not hold.",
            f"    the agency's key:         {settings.agency}",
            f"    the oversight body's key: {settings.oversight}",
            "The pack that ships is in force."
            if signed == ships
            else "Nothing opens until both have signed what ships: `beholden policy sign`, then `beholden policy adopt`.",
        ]
    return Told(document, tuple(lines))


@app.command
def sign(
    note: Annotated[
        Path | None, Parameter(help="The note to begin, or to sign as the second; else it is printed.")
    ] = None,
    /,
    *,
    key: Annotated[Path, Parameter(help="The private key (PEM) of the body that signs.")],
    name: Annotated[str, Parameter(help="Its name: agency or oversight, unless the body brought a key of its own.")],
    pack: Annotated[str, Parameter(help="The pack that ships with this version.")] = SHIPS,
) -> Told:
    """Sign the policy pack that ships with this version, as the agency or the oversight body. It opens no system.

    Example: beholden policy sign pack.note --key agency.pem --name agency
    """
    from beholden.policy import packs, pinned

    before = content_of(note, most=MOST) if note and note.exists() else b""
    signed, vkey = pinned.sign(pack, name, content_of(key, most=MOST), before)
    digest = packs.SHIPPED[pack]
    document = {"pack": f"{pack}@{digest}", "key": vkey, "note": signed.decode()}
    if note is None:
        return Told(document, tuple(signed.decode().removesuffix("\n").split("\n")))
    _write(note, signed)
    return Told(document, (f"{note}: {pack}@{digest} is signed by {vkey}",))


@app.command
def adopt(
    note: Annotated[Path, Parameter(help="The note that both bodies signed.")], /, *, where: Where = ANYWHERE
) -> Told:
    """Put the pack that ships with this version in force: both bodies that the system pins have signed exactly it.

    Example: beholden policy adopt pack.note --data ~/beholden
    """
    folder = where.folder
    content = content_of(note, most=MOST)
    before, after, recorded = opening.adopt_pack(
        folder, content, wrapping=wrapping_of(read_settings(folder)), client="cli"
    )
    lines = (
        f"{after} is in force already." if before == after else f"{after} is in force from now on.",
        f"Before it: {before or 'no signatures that hold'}.",
        "It is on record in the log."
        if recorded
        else "It comes on record with the first opening: the tables wait for `beholden check --upgrade`.",
    )
    return Told({"before": before, "after": after, "on_record": recorded}, lines)


def _write(path: Path, content: bytes) -> None:
    beside = path.with_name(f"{path.name}.new")
    try:
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o644), "wb") as file:
            file.write(content)
        beside.replace(path)
    except OSError as error:
        raise BadInput(f"{path} cannot be written ({error.strerror}); name another place") from error
