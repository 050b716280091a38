"""`beholden search`: run one under an authority, see how far it has come, and read its leads once it is unsealed."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from beholden.actions import desk, examine, replay, search
from beholden.actions import leads as leads_of
from beholden.actions.examine import Lead
from beholden.cli import documents, folders, naming, printing, waiting
from beholden.cli.disclose import candidates
from beholden.cli.documents import plain
from beholden.cli.door import HERE, Door
from beholden.cli.printing import Told
from beholden.errors import Locked, NotProven
from beholden.ports.system import System
from beholden.records.examination import Opinion, Part, disagree, in_force
from beholden.records.images import said_of_itself
from beholden.records.people import Officer
from beholden.records.searches import Search
from beholden.serving.holding import Server, server_of

if TYPE_CHECKING:
    from beholden.client import Client

app = App(name="search")
SOURCE = ("name", "controller", "authority_kind", "citation", "jurisdiction")
PROVENANCE = ("image_url", "page_url", "page_title", "caption", "captured_at")
OF_AN_ARCHIVE = ("alt", "archived_at", "http_date", "headers", "record_id", "checked", "opt_outs")
Which = Annotated[str, Parameter(name="search", help="A search's id.")]


@app.command
def run(
    *,
    authority: Annotated[str, Parameter(help="The authority to search under: its id.")],
    sought: Annotated[str, Parameter(help="Who is searched for; else the one that the authority names.")] = "",
    people: Annotated[int | None, Parameter(help="How many people the list may have.")] = None,
    override_quality: Annotated[str, Parameter(help="Why a sought below the quality floor is searched for.")] = "",
    door: Door = HERE,
) -> Told:
    """Consume one use and compare; who is on the list is told to nobody before the opinions are locked.

    Example: beholden search run --authority 3fa9c1
    """
    with door.enter() as (system, officer):
        authority_id, sought_id = naming.sought_under(system, officer, authority, sought)
        done = run_under(
            system,
            officer,
            door.where.folder,
            authority_id=authority_id,
            sought_id=sought_id,
            people=people,
            override_quality=override_quality,
        )
    return told_of(done)


@app.command(name="replay")
def replay_search(
    which: Which,
    /,
    *,
    reason: Annotated[str, Parameter(help="Why the list must be made again; it is on record.")],
    door: Door = HERE,
) -> Told:
    """Make the list of an unsealed search again, as an auditor: whether it is the same is told, and not who is on it.

    Example: beholden search replay 3fa9c1 --reason "the defence asks whether the list was complete"
    """
    with door.enter() as (system, officer):
        made = replay.replay_search(system, officer, search_id=naming.search(system, officer, which), reason=reason)
    how = "the same" if made.same else f"NOT the same: {made.differing} people stand at another place"
    line = (
        f"Of {made.listed} people {made.gone} are erased or restricted, {made.closed} are of a source or gallery that is "
        "searched no more; "
        f"of the others the list is {how}."
    )
    return Told(asdict(made), (line,), 0 if made.same else NotProven.exit_code)


@app.command
def show(which: Which, /, *, door: Door = HERE) -> Told:
    """Show what a search compared, and how far it has come.

    Example: beholden search show 3fa9c1
    """
    with door.enter() as (system, officer):
        found = desk.search(system, officer, search_id=naming.search(system, officer, which))
    return told_of(found)


@app.command(name="list")
def list_searches(*, door: Door = HERE) -> Told:
    """List the searches that you may see, and what waits for whom.

    Example: beholden search list
    """
    with door.enter() as (system, officer):
        there = desk.searches(system, officer)
    found = [
        (
            printing.short(one.id),
            printing.at(one.started_at),
            str(one.people) if one.case_id else "",
            one.state,
            waiting.of_search(one),
        )
        for one in there
    ]
    table = printing.rows(("id", "started", "people", "state", "what waits"), found, "No search for you.")
    shown = [documents.search(one, waits=waiting.of_search(one)) for one in there]
    return Told({"searches": shown}, (table,))


@app.command
def leads(which: Which, /, *, door: Door = HERE) -> Told:
    """Read the list with ranks and scores, once the last opinion is locked.

    Example: beholden search leads 3fa9c1
    """
    with door.enter() as (system, officer):
        search_id = naming.search(system, officer, which)
        there = examine.read_leads(system, officer, search_id=search_id)
        found = desk.search(system, officer, search_id=search_id)
    rows = []
    for one in there:
        parts = sorted(in_force(one.examinations), key=lambda e: list(Part).index(e.part))
        opinions = "; ".join(Opinion(e.opinion).words for e in parts if e.opinion is not None)
        differ = " (the two disagree)" if disagree(one.examinations) else ""
        rows.append(
            (
                str(one.rank),
                f"{one.score:.4f}",
                _expected(one),
                one.outcome,
                opinions + differ,
                printing.short(one.candidate.id),
            )
        )
    table = printing.rows(
        ("rank", "score", "unrelated expected", "review", "opinions", "lead"), rows, "The list is empty."
    )
    shown = {"search": search_id, "statements": list(found.statements), "leads": [documents.lead(one) for one in there]}
    return Told(shown, (*found.statements, table))


@app.command(name="lead")
def show_lead(
    which: Which,
    lead: Annotated[str, Parameter(help="An examined lead of it, by id or rank.")],
    /,
    *,
    out: Annotated[Path, Parameter(help="A new folder for the photographs.")],
    door: Door = HERE,
) -> Told:
    """Look at one lead: its photographs beside the sought's, where it comes from, every opinion. It is on record.

    Example: beholden search lead 3fa9c1 1 --out ./lead
    """
    with folders.new_folder(out), door.enter() as (system, officer):
        search_id = naming.search(system, officer, which)
        [candidate_id] = candidates(system, officer, search_id, [lead])
        seen = leads_of.show_lead(system, officer, search_id=search_id, candidate_id=candidate_id)
        sought = {f"sought-{i}.jpg": chip for i, chip in enumerate(seen.probes, 1)}
        written = folders.write(out, sought | {"reference.jpg": seen.reference})
    source = {name: plain(getattr(seen.source, name)) for name in SOURCE}
    names = PROVENANCE + (OF_AN_ARCHIVE if seen.provenance.archived_at else ())
    told = {name: plain(getattr(seen.provenance, name)) for name in names} | said_of_itself(seen.provenance)
    lines = [
        f"The lead of rank {seen.lead.rank}, with the score {seen.lead.score:.4f}; unrelated people expected at it: "
        f"{_expected(seen.lead)}.",
        f"From {source['name']} ({source['controller']}), held under: {source['authority_kind']}, {source['citation']}.",
        *(f"    {name.replace('_', ' ')}: {_in_a_line(said)}" for name, said in told.items()),
    ]
    lines.append(seen.cautions)
    for one in sorted(in_force(seen.lead.examinations), key=lambda e: list(Part).index(e.part)):
        lines.append(f"{one.part}: {Opinion(one.opinion).words if one.opinion is not None else 'no opinion'}")
        lines += [f"    {name}: {observed}" for name, observed in one.components]
        lines.append(f"    limitations: {one.limitations or '–'}")
        for each in one.described:
            judged = ", ".join(each.seen) or "nothing"
            lines.append(
                f"    the {each.of} alone: {'suitable' if each.suitable else 'not suitable'}; {judged}; {each.words or '–'}"
            )
        lines += [f"    marked in the {m.on}, photograph {m.photograph + 1}: {m.component}" for m in one.marks]
        lines += [f"    {tool}: {times} times" for tool, times in one.tools]
    lines.append(f"The photographs are in {out}. Remove that folder when you have seen them.")
    document = documents.lead(seen.lead) | {"search": search_id, "source": source, "provenance": told}
    document |= {"cautions": seen.cautions, "files": written}
    return Told(document, tuple(lines))


def run_under(
    system: System,
    officer: Officer,
    folder: Path,
    *,
    authority_id: str,
    sought_id: str,
    people: int | None = None,
    override_quality: str = "",
) -> Search:
    """Search here, or by the server of this folder where one runs."""
    server = server_of(folder)
    if server is None:
        return search.run_search(
            system,
            officer,
            authority_id=authority_id,
            sought_id=sought_id,
            limit=people,
            override_quality=override_quality,
        )
    with _client_of(server, officer) as client:
        ran = client.searches.run(
            authority_id=authority_id, sought_id=sought_id, people=people, override_quality=override_quality
        )
    return desk.search(system, officer, search_id=ran.id)


def _client_of(server: Server, officer: Officer) -> Client:
    """The server of this folder, asked with the session of this sign-in: its index alone answers searches (REQ 11)."""
    from beholden.client import Client

    if not server.address:
        raise Locked(f"a server is starting on this data folder (process {server.pid}); search again in a moment")
    return Client(server.address, bearer=officer.session)


def _in_a_line(said: object) -> str:
    return "; ".join(map(str, said)) if isinstance(said, list) else str(said or "–")


def _expected(one: Lead) -> str:
    """How many references of other people are expected at this lead's score or above."""
    if one.unrelated is None:
        return "not measured"
    return f"{one.unrelated.number:.2g}" + (" (extrapolated)" if one.unrelated.extrapolated else "")


def told_of(one: Search) -> Told:
    waits = waiting.of_search(one)
    lines = [f"The search {printing.short(one.id)} {waits}."]
    if one.case_id and one.ended_at is not None:
        lines += [f"{one.people} people are on the list.", *one.statements]
    return Told(documents.search(one, waits=waits), tuple(lines))
