"""`beholden log`: export the log for an outsider, check it against the records, seal what is new."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from beholden.actions import log
from beholden.cli.door import ANYWHERE, HERE, Door, Where, opened
from beholden.cli.printing import Told

app = App(name="log")


@app.command
def export(*, out: Annotated[Path, Parameter(help="A new folder for the bundle.")], door: Door = HERE) -> Told:
    """Write the log as a bundle that anybody can check with beholden-verify.

    Example: beholden log export --out ./bundle
    """
    with door.enter() as (system, officer):
        entries = log.export(system, officer, folder=out)
    lines = (
        f"{entries:,} entries are in {out}. It opens what you may read: keep it as you would keep the system.",
        f"Check it with: beholden-verify log {out}",
    )
    return Told({"folder": str(out), "entries": entries}, lines)


@app.command
def check(*, door: Door = HERE) -> Told:
    """Compare every entry with the signed checkpoints.

    Example: beholden log check
    """
    with door.enter() as (system, _):
        log.seal(system)
        with system.database.look() as look:
            entries = log.check_log(system, look)
    return Told({"entries": entries, "holds": True}, (f"{entries:,} entries agree with the signed checkpoints.",))


@app.command
def seal(*, where: Where = ANYWHERE) -> Told:
    """Publish every entry that is not published yet, with a signed checkpoint.

    Example: beholden log seal
    """
    with opened(where.folder) as system:
        note = log.seal(system)
    origin, size, root = note.decode().split("\n")[:3]
    lines = (f"The log {origin} is sealed with {int(size):,} entries; its root is {root}.",)
    return Told({"origin": origin, "size": int(size), "root": root}, lines)
