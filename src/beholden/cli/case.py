"""`beholden case`: open, assign, close, reopen, list and show investigations."""

from __future__ import annotations

from typing import Annotated

from cyclopts import App, Parameter

from beholden.actions import cases, desk
from beholden.cli import naming, printing, waiting
from beholden.cli.documents import authority as authority_document
from beholden.cli.documents import document, documents
from beholden.cli.documents import search as search_document
from beholden.cli.door import HERE, Door
from beholden.cli.printing import Rows, Told
from beholden.errors import Missing
from beholden.records.cases import Case
from beholden.records.exhibits import ExhibitState

app = App(name="case")
Which = Annotated[str, Parameter(help="A case's reference or id.")]


@app.command(name="open")
def open_case(
    reference: Annotated[str, Parameter(help="The agency's own file number.")],
    /,
    *,
    purpose: Annotated[str, Parameter(help="What every search of it is for, such as victim-id-cse.")],
    title: Annotated[str, Parameter(help="A few words, without names.")] = "",
    door: Door = HERE,
) -> Told:
    """Open a case for one purpose; you are assigned to it.

    Example: beholden case open 2026-117 --title Attic --purpose victim-id-cse
    """
    with door.enter() as (system, officer):
        case = cases.open_case(system, officer, reference=reference, title=title, purpose=purpose)
        title = system.policy.pack.title(case.purpose)
    return _told(case, f"is open for: {title} ({case.purpose})")


@app.command
def assign(
    case: Which,
    person: Annotated[str, Parameter(help="An investigator's name or id.")],
    /,
    *,
    door: Door = HERE,
) -> Told:
    """Assign one more investigator, as a supervisor.

    Example: beholden case assign 2026-117 ivo
    """
    with door.enter() as (system, officer):
        case_id, person_id = naming.case(system, officer, case), naming.person(system, officer, person)
        done = cases.assign_case(system, officer, case_id=case_id, person_id=person_id)
    return _told(done, f"has {len(done.assigned)} investigators")


@app.command
def close(
    case: Which,
    /,
    *,
    outcome: Annotated[str, Parameter(help="How it ended, in a few words.")],
    ended_as: Annotated[str, Parameter(help="found, not-found or other.")] = "other",
    kept: Annotated[
        str,
        Parameter(
            help="Once the person was found, what is kept of them: keep-to-term, review-by-date or erase-what-may-go."
        ),
    ] = "",
    why_kept: Annotated[str, Parameter(help="Why that is kept.")] = "",
    look_again_on: Annotated[str, Parameter(help="YYYY-MM-DD, with review-by-date.")] = "",
    door: Door = HERE,
) -> Told:
    """Close a case; refused while a search of it waits for somebody's opinion. Everybody who worked on it is told.

    Example: beholden case close 2026-117 --outcome "she is at home" --ended-as found --kept keep-to-term --why-kept "the trial"
    """
    with door.enter() as (system, officer):
        done = cases.close_case(
            system,
            officer,
            case_id=naming.case(system, officer, case),
            outcome=outcome,
            ended_as=ended_as,
            kept_decision=kept,
            why_kept=why_kept,
            look_again_on=look_again_on,
        )
    return _told(done, "is closed")


@app.command
def reopen(case: Which, /, *, door: Door = HERE) -> Told:
    """Reopen a closed case, as a supervisor.

    Example: beholden case reopen 2026-117
    """
    with door.enter() as (system, officer):
        done = cases.reopen_case(system, officer, case_id=naming.case(system, officer, case))
    return _told(done, "is open again")


@app.command(name="list")
def list_cases(*, door: Door = HERE) -> Told:
    """List the cases that you may see.

    Example: beholden case list
    """
    with door.enter() as (system, officer):
        there = desk.cases(system, officer)
    found = [(printing.short(one.id), one.reference, one.title, one.purpose, one.state) for one in there]
    table = printing.rows(("id", "reference", "title", "purpose", "state"), found, "No case for you.")
    return Told({"cases": documents(there)}, (table,))


@app.command
def show(case: Which, /, *, door: Door = HERE) -> Told:
    """Show how far a case has come, and what waits for whom.

    Example: beholden case show 2026-117
    """
    with door.enter() as (system, officer):
        case_id = naming.case(system, officer, case)
        own = [one for one in desk.cases(system, officer) if one.id == case_id]
        if not own:
            raise Missing(f"there is no case {case!r} for you; `beholden case list` shows yours")
        held = [
            exhibit
            for exhibit, _ in desk.exhibits(system, officer, case_id=case_id)
            if exhibit.state is ExhibitState.HELD
        ]
        soughts = desk.soughts(system, officer, case_id=case_id)
        authorities = [one for one in desk.authorities(system, officer) if one.case_id == case_id]
        searches = [one for one in desk.searches(system, officer) if one.case_id == case_id]
        names = {one.id: one.name for one in desk.people(system, officer)}
        title = system.policy.pack.title(own[0].purpose)
        waits = waiting.of_case(own[0], len(held), soughts, authorities, searches, system.clock.now())
    shown = document(
        own[0],
        exhibits=documents(held),
        soughts=documents(soughts),
        authorities=[authority_document(one) for one in authorities],
        searches=[search_document(one) for one in searches],
        waits=waits,
    )
    assigned = ", ".join(names.get(id, printing.short(id)) for id in own[0].assigned)
    counts = Rows(
        ("exhibits", "sought", "authorities", "searches"),
        ((str(len(held)), str(len(soughts)), str(len(authorities)), str(len(searches))),),
    )
    called = f"{own[0].reference}, {own[0].title}" if own[0].title else own[0].reference
    lines: tuple[str | Rows, ...] = (
        f"{called} ({printing.short(case_id)}): {own[0].state}, for: {title} ({own[0].purpose})",
        f"assigned: {assigned}",
        counts,
        *waits,
    )
    return Told(shown, lines)


def _told(case: Case, what: str) -> Told:
    return Told(document(case), (f"The case {case.reference} ({printing.short(case.id)}) {what}.",))
