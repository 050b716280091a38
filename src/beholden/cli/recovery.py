"""`beholden recovery`: a lost last administrator is brought back by custodians of keys, each signing where their own key lies."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from beholden.actions import recovery
from beholden.cli.documents import document
from beholden.cli.door import ANYWHERE, HERE, Door, Where, opened
from beholden.cli.folders import content_of, new_file
from beholden.cli.printing import Told
from beholden.errors import BadInput
from beholden.ports.system import System

app = App(name="recovery")
MOST = 2**16  # bytes of a request or of a key


@app.command
def make_key(
    name: Annotated[str, Parameter(help="What the key is called; without spaces.")],
    out: Annotated[Path, Parameter(help="The new file for the private key, on a medium of your own.")],
    /,
) -> Told:
    """Make a key of your own, and print its public half. It opens no system and needs no network.

    Example: beholden recovery make-key kit-2026 /media/stick/custodian.pem
    """
    from beholden.formats.notes import vkey
    from beholden.policy.handover import make_signer

    signer, pem = make_signer(name)
    try:
        public = vkey(signer.name, signer.public)
    except ValueError as wrong:
        raise BadInput(str(wrong)) from wrong
    with new_file(out) as file:
        file.write_bytes(pem)
    lines = (
        f"{out}: keep it where nobody else comes. Its public half:",
        f"    {public}",
        "Next: beholden recovery pin-key",
    )
    return Told({"key": str(out), "vkey": public}, lines)


@app.command
def pin_key(
    vkey: Annotated[str, Parameter(help="The public half, as `make-key` printed it.")], /, *, door: Door = HERE
) -> Told:
    """Give the system the public half of your key, as a custodian of keys.

    Example: beholden recovery pin-key kit-2026+1a2b3c4d+AQ...
    """
    with door.enter() as (system, officer):
        pinned = recovery.pin_key(system, officer, vkey=vkey)
        needed, there = _there(system)
    return Told(document(pinned), (f"Your key is pinned. {there} custodians have one; {needed} must sign together.",))


@app.command
def remove_key(*, door: Door = HERE) -> Told:
    """Take back the key that you gave.

    Example: beholden recovery remove-key
    """
    with door.enter() as (system, officer):
        recovery.remove_key(system, officer)
        needed, there = _there(system)
    lines = (f"Your key counts no more. {there} custodians have one; {needed} must sign together.",)
    return Told({"custodians": there, "needed": needed}, lines)


@app.command
def request(
    out: Annotated[Path, Parameter(help="The new file for the request, to be carried to the custodians.")],
    /,
    *,
    administrator: Annotated[str, Parameter(help="Who is to be invited as an administrator.")],
    where: Where = ANYWHERE,
) -> Told:
    """Write the request that custodians sign. Nobody needs to be signed in.

    Example: beholden recovery request recovery.txt --administrator agnes --data ~/beholden
    """
    with opened(where.folder) as system:
        text = recovery.request_recovery(system, administrator=administrator)
        needed, there = _there(system)
    with new_file(out) as file:
        file.write_bytes(text.encode())
    lines = (f"{out}: {needed} of {there} custodians sign it with `beholden recovery sign`, within a week.",)
    return Told({"request": str(out), "needed": needed, "custodians": there}, lines)


@app.command
def sign(
    request: Annotated[Path, Parameter(help="The request, or a copy that others have signed.")],
    out: Annotated[Path, Parameter(help="The new file for the request with your signature.")],
    /,
    *,
    key: Annotated[Path, Parameter(help="Your private key (PEM).")],
    name: Annotated[str, Parameter(help="What the key is called, as it was made.")],
) -> Told:
    """Sign a request, as a custodian. It opens no system and needs no network; read what it prints before you hand it on.

    Example: beholden recovery sign recovery.txt recovery.signed --key /media/stick/custodian.pem --name kit-2026
    """
    from beholden.formats import notes
    from beholden.policy.handover import signer_of

    given = content_of(request, most=MOST)
    signer = signer_of(name, content_of(key, most=MOST))
    try:
        if b"\n\n" in given:
            asked = recovery.read_request(notes.text_of(given))
            signed = notes.cosign(given, signer.name, signer.public, signer.sign)
        else:
            asked = recovery.read_request(given.decode())
            signed = notes.sign_note(given.decode(), signer.name, signer.public, signer.sign)
    except ValueError as wrong:
        raise BadInput(f"nothing was signed: {wrong}") from wrong
    with new_file(out) as file:
        file.write_bytes(signed)
    lines = (
        f"{out}: you signed that the system {asked.origin} invites {asked.administrator!r} as an administrator.",
        f"The request is of {asked.at:%Y-%m-%d %H:%M} UTC.",
    )
    return Told({"signed": str(out), "administrator": asked.administrator, "origin": asked.origin}, lines)


@app.command
def apply(
    signed: Annotated[list[Path], Parameter(help="The signed request: one file, or one of each custodian.")],
    /,
    *,
    where: Where = ANYWHERE,
) -> Told:
    """Invite the administrator whom enough custodians signed for, and print the one-time token.

    Example: beholden recovery apply recovery.signed --data ~/beholden
    """
    notes = [content_of(one, most=MOST) for one in signed]
    with opened(where.folder) as system:
        person, token = recovery.recover_administrator(system, notes)
        hours = system.rules.invite_hours
    lines = (
        f"{person.name} is invited as an administrator. The one-time token, good for {hours} hours, shown now and never again:",
        f"    {token}",
        "The oversight body is told, and the log names the custodians.",
    )
    return Told(document(person, token=token), lines)


def _there(system: System) -> tuple[int, int]:
    """How many custodians must sign, and how many could."""
    with system.database.look() as look:
        return system.rules.min_recovery_custodians, len(recovery.custodians_of(look))
