"""`beholden disclosure`: what left before, to whom and until when it is kept, and its files again."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from beholden.actions import disclosed, lists
from beholden.actions.disclosed import Disclosed
from beholden.cli import folders, naming, printing
from beholden.cli.door import HERE, Door
from beholden.cli.printing import Told
from beholden.ports.system import System
from beholden.records.audit import instant
from beholden.records.people import Officer

app = App(name="disclosure")
Which = Annotated[str, Parameter(name="disclosure", help="A disclosure's id.")]


@app.command(name="list")
def list_disclosures(
    *,
    case: Annotated[str, Parameter(help="Only those of this case: its reference or id.")] = "",
    door: Door = HERE,
) -> Told:
    """List what left of the cases that you may see, the latest first.

    Example: beholden disclosure list --case 2026-117
    """
    with door.enter() as (system, officer):
        there = _all(system, officer, naming.case(system, officer, case) if case else "")
    found = [
        (
            printing.short(one.disclosure.id),
            printing.at(one.disclosure.kept.created_at),
            "; ".join(one.disclosure.recipients),
            str(one.leads),
            printing.at(one.disclosure.kept.dispose_after),
            one.disclosure.state,
        )
        for one in there
    ]
    table = printing.rows(("id", "made", "recipients", "leads", "kept until", "state"), found, "No disclosure for you.")
    return Told({"disclosures": [_document(one) for one in there]}, (table,))


@app.command
def show(which: Which, /, *, door: Door = HERE) -> Told:
    """Show to whom it went, on what basis, until when it is kept, and what each of its files was.

    Example: beholden disclosure show 3fa9c1
    """
    with door.enter() as (system, officer):
        told = disclosed.disclosure(system, officer, disclosure_id=_id(system, officer, which))
    one = told.disclosure
    erased = f", {told.erased} of them erased since" if told.erased else ""
    lines = (
        f"The disclosure {printing.short(one.id)} is {one.state}; it went to: {', '.join(one.recipients)}.",
        f"On the basis of: {one.basis}",
        f"Made {printing.at(one.kept.created_at)}, kept until {printing.at(one.kept.dispose_after)}.",
        f"{told.leads} leads{erased}.",
        *(f"    {digest}  {name}" for name, digest in sorted(told.files.items())),
    )
    return Told(_document(told), lines)


@app.command
def read(
    which: Which,
    /,
    *,
    out: Annotated[Path, Parameter(help="A new folder for the files.")],
    door: Door = HERE,
) -> Told:
    """Write the files again, byte for byte as they left, for the same recipients. It is on record each time.

    Example: beholden disclosure read 3fa9c1 --out ./packet
    """
    with folders.new_folder(out), door.enter() as (system, officer):
        packet = disclosed.read_disclosure(system, officer, disclosure_id=_id(system, officer, which))
        written = folders.write(out, packet.files)
    one = packet.disclosure
    document = {"disclosure": one.id, "files": written, "left_out": list(packet.left_out)}
    lines = (
        f"The disclosure {printing.short(one.id)} again, for: {', '.join(one.recipients)}.",
        *(f"    {path}" for path in written),
        *(f"{why}." for why in packet.left_out),
    )
    return Told(document, lines)


def _id(system: System, officer: Officer, given: str) -> str:
    known = (naming.Known(one.disclosure.id) for one in _all(system, officer, ""))
    return naming.resolve(given, "disclosure", known)


def _all(system: System, officer: Officer, case_id: str) -> list[Disclosed]:
    found: list[Disclosed] = []
    after = ""
    while True:
        page = lists.disclosures(system, officer, case_id=case_id, after=after, limit=200)
        found += page.shown
        if not (after := page.next):
            return found


def _document(told: Disclosed) -> dict[str, object]:
    one = told.disclosure
    return {
        "id": one.id,
        "case_id": one.case_id,
        "search_id": one.search_id,
        "recipients": list(one.recipients),
        "basis": one.basis,
        "made_by": one.kept.created_by,
        "made_at": instant(one.kept.created_at),
        "ends_at": instant(one.kept.dispose_after),
        "leads": told.leads,
        "erased": told.erased,
        "state": one.state.value,
        "files": dict(sorted(told.files.items())),
    }
