"""`beholden source`: propose, approve, refuse, suspend and resume where images may come from."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from beholden.actions import desk, register
from beholden.cli import dates, naming, printing, waiting
from beholden.cli.documents import document
from beholden.cli.door import HERE, Door
from beholden.cli.folders import sha256_of
from beholden.cli.printing import Told, WrongUse
from beholden.records.archives import ArchiveTerms
from beholden.records.sources import Source

app = App(name="source")
Which = Annotated[str, Parameter(help="A source's name or id.")]
Reason = Annotated[str, Parameter(help="Why, for those who come after.")]


@app.command
def propose(
    name: Annotated[str, Parameter(help="How colleagues call it.")],
    /,
    *,
    controller: Annotated[str, Parameter(help="The organisation that answers for the images.")],
    kind: Annotated[str, Parameter(help="The kind of authority: statute, warrant, production-order, …")],
    citation: Annotated[str, Parameter(help="The section, the warrant's number, the agreement's clause.")],
    jurisdiction: Annotated[str, Parameter(help="Whose law it is, such as CA.")],
    purpose: Annotated[list[str], Parameter(help="A purpose that it permits; once for each.")],
    valid_from: Annotated[str, Parameter(name="--from", help="Its first day, or moment, in UTC.")],
    until: Annotated[str, Parameter(help="When it ends, in UTC.")],
    instrument: Annotated[Path | None, Parameter(name="--document", help="The instrument itself, a file.")] = None,
    document_sha256: Annotated[str, Parameter(help="The SHA-256 of the instrument, if the file is elsewhere.")] = "",
    place: Annotated[
        list[str] | None,
        Parameter(help="For web archives: a host, or a part of one, as in photos.example/portraits/; once for each."),
    ] = None,
    visitors: Annotated[
        list[str] | None, Parameter(help="A place where others than the publisher post; once for each.")
    ] = None,
    most_a_day: Annotated[int, Parameter(help="With an agreement: images of one host captured on one day.")] = 0,
    control: Annotated[str, Parameter(help="How it was shown that the publisher controls these places.")] = "",
    door: Door = HERE,
) -> Told:
    """Propose a source, as a steward; a privacy officer then decides.

    Example: beholden source propose "missing children register" --controller "Child Centre" --kind partner-agreement
    --citation "agreement 12, clause 3" --jurisdiction CA --purpose victim-id-cse --from 2026-01-01 --until 2028-01-01
    --document agreement.pdf
    """
    if (instrument is None) == (not document_sha256):
        raise WrongUse("give exactly one of --document and --document-sha256")
    with door.enter() as (system, officer):
        source = register.propose_source(
            system,
            officer,
            name=name,
            controller=controller,
            authority_kind=kind,
            citation=citation,
            document_sha256=sha256_of(instrument) if instrument else document_sha256,
            jurisdiction=jurisdiction,
            purposes=purpose,
            valid_from=dates.instant(valid_from, "first day"),
            valid_until=dates.instant(until, "end"),
            archives=ArchiveTerms(tuple(place or ()), tuple(visitors or ()), most_a_day, control),
        )
        return _told(source, "is proposed", waiting.of_source(source, system.clock.now()))


@app.command
def approve(source: Which, /, *, door: Door = HERE) -> Told:
    """Approve a proposed source, as a privacy officer.

    Example: beholden source approve "missing children register"
    """
    with door.enter() as (system, officer):
        done = register.approve_source(system, officer, source_id=naming.source(system, officer, source))
    return _told(done, "is approved", "")


@app.command
def refuse(source: Which, /, *, reason: Reason, door: Door = HERE) -> Told:
    """Refuse a proposed source, as a privacy officer.

    Example: beholden source refuse 3fa9c1 --reason "the agreement does not name this purpose"
    """
    with door.enter() as (system, officer):
        source_id = naming.source(system, officer, source)
        done = register.refuse_source(system, officer, source_id=source_id, reason=reason)
    return _told(done, "is refused", "")


@app.command
def suspend(source: Which, /, *, reason: Reason, door: Door = HERE) -> Told:
    """Suspend a source: from the next search on, none of its references is compared.

    Example: beholden source suspend 3fa9c1 --reason "the agreement is contested"
    """
    with door.enter() as (system, officer):
        source_id = naming.source(system, officer, source)
        done = register.suspend_source(system, officer, source_id=source_id, reason=reason)
    return _told(done, "is suspended", "")


@app.command
def resume(source: Which, /, *, door: Door = HERE) -> Told:
    """Let a suspended source be compared again.

    Example: beholden source resume 3fa9c1
    """
    with door.enter() as (system, officer):
        done = register.resume_source(system, officer, source_id=naming.source(system, officer, source))
    return _told(done, "is active again", "")


@app.command(name="list")
def list_sources(*, door: Door = HERE) -> Told:
    """List the sources that you may see, and what waits for whom.

    Example: beholden source list
    """
    with door.enter() as (system, officer):
        now = system.clock.now()
        there = [(one, waiting.of_source(one, now)) for one in desk.sources(system, officer)]
    found = [
        (printing.short(one.id), one.name, one.authority_kind, one.state, printing.at(one.valid_until), waits)
        for one, waits in there
    ]
    table = printing.rows(("id", "name", "authority", "state", "until", "what waits"), found, "No source for you.")
    lines = (f"{one.name}: {_archives(one)}" for one, _ in there if one.places)
    return Told({"sources": [document(one, waits=waits) for one, waits in there]}, (table, *lines))


def _archives(source: Source) -> str:
    """What web archives may bring: whoever approves must see it."""
    told = [f"web archives of {', '.join(source.places)}"]
    if source.visitors:
        told.append(f"without {', '.join(source.visitors)}")
    if source.most_a_day:
        told.append(f"at most {source.most_a_day:,} images of a host and day")
    if source.control:
        told.append(f"control of them was shown: {source.control}")
    return "; ".join(told)


def _told(source: Source, what: str, waits: str) -> Told:
    lines = [f"The source {source.name!r} ({printing.short(source.id)}) {what}."]
    if source.places:
        lines.append(f"It takes {_archives(source)}.")
    if waits:
        lines.append(f"It {waits}.")
    return Told(document(source, waits=waits), tuple(lines))
