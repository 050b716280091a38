"""`beholden incident`: what happened and must not: list it, report one, and answer for it as a privacy officer."""

from __future__ import annotations

from typing import Annotated

from cyclopts import App, Parameter

from beholden.actions import respond
from beholden.cli import printing
from beholden.cli.documents import document, documents
from beholden.cli.door import HERE, Door
from beholden.cli.naming import Known, resolve
from beholden.cli.printing import Told
from beholden.ports.system import System
from beholden.records.incidents import Incident, is_overdue
from beholden.records.people import Officer

app = App(name="incident")
Which = Annotated[str, Parameter(name="incident", help="An incident's id, or its beginning.")]
Words = Annotated[str, Parameter(help="In a sentence, 20 characters at least; it is on record.")]


@app.command(name="list")
def list_incidents(*, door: Door = HERE) -> Told:
    """List every incident, the latest first, as a privacy officer or an auditor.

    Example: beholden incident list
    """
    with door.enter() as (system, officer):
        there = respond.incidents(system, officer)
        now = system.clock.now()
    lines = [
        (
            printing.short(one.id),
            one.what.value.replace("_", " "),
            f"{one.times}",
            printing.at(one.kept.created_at),
            one.state.value,
            "overdue" if is_overdue(one, now) else one.materiality.value.replace("_", " "),
        )
        for one in there
    ]
    heads = ("incident", "what", "times", "opened", "state", "material")
    return Told({"incidents": documents(there)}, (printing.rows(heads, lines, "There is none that you may see."),))


@app.command
def show(which: Which, /, *, door: Door = HERE) -> Told:
    """Show all that is on record of an incident.

    Example: beholden incident show 3fa9c1
    """
    with door.enter() as (system, officer):
        one = respond.incident(system, officer, incident_id=_named(system, officer, which))
    return Told(document(one), _lines(one))


@app.command
def report(
    *,
    words: Words,
    about: Annotated[str, Parameter(help="The whole id of the record, where it is about one.")] = "",
    door: Door = HERE,
) -> Told:
    """Report that something happened which must not.

    Example: beholden incident report --words "a packet went to another unit than the one it named"
    """
    with door.enter() as (system, officer):
        one = respond.report_incident(system, officer, words=words, about=about)
    return Told(document(one), (f"It is on record as {printing.short(one.id)}; a privacy officer answers for it.",))


@app.command
def contain(
    which: Which,
    /,
    *,
    words: Words,
    affected: Annotated[int | None, Parameter(help="How many people it concerns, as far as is known.")] = None,
    door: Door = HERE,
) -> Told:
    """Say how an incident was brought to a stop, as a privacy officer.

    Example: beholden incident contain 3fa9c1 --words "the unit destroyed the packet and said so in writing" --affected 1
    """
    with door.enter() as (system, officer):
        id = _named(system, officer, which)
        one = respond.contain_incident(system, officer, incident_id=id, words=words, affected=affected)
    return Told(document(one), _lines(one))


@app.command
def judge(
    which: Which,
    materiality: Annotated[str, Parameter(help="material or not-material.")],
    /,
    *,
    words: Words,
    door: Door = HERE,
) -> Told:
    """Say whether an incident is material, as a privacy officer; the oversight body is told of one that is.

    Example: beholden incident judge 3fa9c1 material --words "the lead was of another person and left the agency"
    """
    with door.enter() as (system, officer):
        id = _named(system, officer, which)
        one = respond.judge_incident(
            system, officer, incident_id=id, materiality=materiality.replace("-", "_"), words=words
        )
    return Told(document(one), _lines(one))


@app.command
def close(
    which: Which,
    /,
    *,
    lessons: Annotated[str, Parameter(help="What was learned, in a sentence.")],
    door: Door = HERE,
) -> Told:
    """Close an incident with what was learned, as a privacy officer.

    Example: beholden incident close 3fa9c1 --lessons "recipients are picked from a list now, and not typed"
    """
    with door.enter() as (system, officer):
        one = respond.close_incident(system, officer, incident_id=_named(system, officer, which), lessons=lessons)
    return Told(document(one), _lines(one))


def _named(system: System, officer: Officer, given: str) -> str:
    return resolve(given, "incident", (Known(one.id) for one in respond.incidents(system, officer)))


def _lines(one: Incident) -> tuple[str, ...]:
    told = (
        ("detected", one.detection),
        ("contained", one.containment),
        ("why material or not", one.grounds),
        ("learned", one.lessons),
    )
    affected = "nobody has said how many people" if one.affected < 0 else f"{one.affected:,} people"
    return (
        f"{printing.short(one.id)}: {one.what.value.replace('_', ' ')}, {one.state}.",
        f"It was seen {one.times} times; the log's entry {one.entry} tells of it first.",
        f"It concerns {affected}; material: {one.materiality.replace('_', ' ')} (to be said by {printing.at(one.decide_by)}).",
        *(f"{name}: {words}" for name, words in told if words),
    )
