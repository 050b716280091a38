"""`beholden evidence`: registers of the files of a case, imported by somebody who asks for nothing there."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from beholden.actions import evidence
from beholden.cli import folders, naming, printing
from beholden.cli.documents import document
from beholden.cli.door import HERE, Door
from beholden.cli.printing import Told
from beholden.formats.exhibit_registers import MAX_BYTES

app = App(name="evidence")
Which = Annotated[str, Parameter(help="A case's reference or id.")]


@app.command(name="import")
def import_register(
    case: Which,
    register: Annotated[Path, Parameter(help="The exhibit register or seizure list, as CSV.")],
    /,
    *,
    door: Door = HERE,
) -> Told:
    """Import an exhibit register or seizure list of a case, as a steward or supervisor who has no part in it.

    The columns are sha256, exhibit_ref and origin, and if they are known seized_at and held_by.

    Example: beholden evidence import 2026-117 register.csv
    """
    with door.enter() as (system, officer):
        made = evidence.import_manifest(
            system,
            officer,
            folders.content_of(register, most=MAX_BYTES),
            case=naming.case(system, officer, case),
            file=register.name,
        )
    words = f"The register has {made.rows:,} files, of which {made.new:,} stood in no register of the case before."
    return Told(document(made), (words,))


@app.command(name="list")
def list_registers(case: Which, /, *, door: Door = HERE) -> Told:
    """List the registers of a case, and which of its exhibits stand in one.

    Example: beholden evidence list 2026-117
    """
    with door.enter() as (system, officer):
        case_id = naming.case(system, officer, case)
        there = evidence.registers(system, officer, case_id=case_id)
        states = evidence.states(system, officer, case_id=case_id)
    found = [(one.file, f"{one.manifest.rows:,}", f"{one.manifest.new:,}", one.sha256[:16]) for one in there]
    shown = [document(one.manifest, file=one.file, sha256=one.sha256) for one in there]
    held = [(printing.short(id), origin) for id, origin in sorted(states.items())]
    return Told(
        {"registers": shown, "exhibits": states},
        (
            printing.rows(("register", "files", "new", "SHA-256"), found, "No register was imported into the case."),
            printing.rows(("exhibit", "origin by the register"), held, "No exhibit of the case stands in a register."),
        ),
    )
