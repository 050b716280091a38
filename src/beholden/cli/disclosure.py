"""`beholden disclosure`: what left before, to whom and until when it is kept, and its files again."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from beholden.actions import disclosed, lists, recall
from beholden.actions.disclose import make_provisional
from beholden.actions.disclosed import Disclosed
from beholden.cli import folders, naming, printing
from beholden.cli.door import HERE, Door
from beholden.cli.printing import Told
from beholden.ports.system import System
from beholden.records.audit import instant
from beholden.records.disclosures import statement_of
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
        *(f"Lead {number} was refuted." for number in one.refuted),
        statement_of(one),
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


@app.command
def provisional(
    search: Annotated[str, Parameter(help="A search before approval that you reviewed and examined alone.")],
    /,
    *,
    examination: Annotated[
        list[str], Parameter(help="The handle of your locked examination of a lead; twice at most.")
    ],
    recipient: Annotated[list[str], Parameter(help="Who receives it; once for each.")],
    basis: Annotated[str, Parameter(help="On what legal basis.")],
    out: Annotated[Path, Parameter(help="A new folder for what leaves.")],
    door: Door = HERE,
) -> Told:
    """Warn named recipients at once, on your own examination alone. It is confirmed or recalled, and they are told.

    Example: beholden disclosure provisional 3fa9c1 --examination 51b0… --recipient "Rescue unit 4"
    --basis "Privacy Act, s. 8(2)(m)(i)" --out ./packet
    """
    with folders.new_folder(out), door.enter() as (system, officer):
        packet = make_provisional(
            system,
            officer,
            search_id=naming.search(system, officer, search),
            handles=examination,
            recipients=recipient,
            basis=basis,
        )
        written = folders.write(out, packet.files)
    one = packet.disclosure
    document = {
        "disclosure": one.id,
        "recipients": list(one.recipients),
        "state": one.state.value,
        "files": written,
        "left_out": list(packet.left_out),
    }
    lines = (
        f"The disclosure {printing.short(one.id)} is made, for: {', '.join(one.recipients)}.",
        *(f"    {path}" for path in written),
        *(f"{why}." for why in packet.left_out),
        statement_of(one),
    )
    return Told(document, lines)


@app.command(name="recall")
def recall_disclosure(
    which: Which, /, *, reason: Annotated[str, Parameter(help="Why; every recipient reads it.")], door: Door = HERE
) -> Told:
    """Take back what left, as a supervisor: it is read no more, and every recipient is told.

    Example: beholden disclosure recall 3fa9c1 --reason "the source withdrew its pictures"
    """
    with door.enter() as (system, officer):
        one = recall.recall_disclosure(system, officer, disclosure_id=_id(system, officer, which), reason=reason)
    return Told(
        {"disclosure": one.id, "state": one.state.value, "recipients": list(one.recipients)},
        (f"The disclosure {printing.short(one.id)} is recalled. A notice waits for: {', '.join(one.recipients)}.",),
    )


@app.command
def refute(
    which: Which,
    /,
    *,
    lead: Annotated[int, Parameter(help="The number of the lead in the packet, from 1.")],
    reason: Annotated[str, Parameter(help="Why it is wrong; every recipient reads it.")],
    source: Annotated[str, Parameter(help="By what that is known.")],
    door: Door = HERE,
) -> Told:
    """Put on record that a lead which left was wrong: every recipient is asked for remedy.

    Example: beholden disclosure refute 3fa9c1 --lead 1 --reason "was abroad that year" --source "border records, file 12"
    """
    with door.enter() as (system, officer):
        one = recall.refute_lead(
            system, officer, disclosure_id=_id(system, officer, which), lead=lead, reason=reason, source=source
        )
    return Told(
        {"disclosure": one.id, "refuted": list(one.refuted), "recipients": list(one.recipients)},
        (f"Lead {lead} is refuted. A notice that asks for remedy waits for: {', '.join(one.recipients)}.",),
    )


def _id(system: System, officer: Officer, given: str) -> str:
    known = (naming.Known(one.disclosure.id) for one in _all(system, officer, ""))
    return naming.resolve_or_taken(system, officer, given, "disclosure", known)


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
        "refuted": list(one.refuted),
        "files": dict(sorted(told.files.items())),
    }
