"""`beholden aside`: the files that enrolment put aside, for the privacy officer."""

from __future__ import annotations

from typing import Annotated

from cyclopts import App, Parameter

from beholden.actions import asides
from beholden.cli import naming, printing
from beholden.cli.documents import document, documents
from beholden.cli.door import HERE, Door
from beholden.cli.printing import Told

app = App(name="aside")


@app.command(name="list")
def list_asides(*, door: Door = HERE) -> Told:
    """List the files that were put aside and wait for a decision.

    Example: beholden aside list
    """
    with door.enter() as (system, officer):
        there = asides.asides(system, officer)
    found = [(printing.short(one.id), printing.at(one.kept.created_at), printing.short(one.source_id)) for one in there]
    table = printing.rows(("id", "put aside", "source"), found, "Nothing was put aside.")
    return Told({"asides": documents(there)}, (table,))


@app.command
def judge(
    aside: Annotated[str, Parameter(help="The id of a file that was put aside.")], /, *, door: Door = HERE
) -> Told:
    """Close a file that was put aside: it stays out.

    Example: beholden aside judge 3fa9c1
    """
    with door.enter() as (system, officer):
        known = [naming.Known(one.id) for one in asides.asides(system, officer)]
        aside_id = naming.resolve(aside, "file put aside", known)
        judged = asides.judge_aside(system, officer, aside_id=aside_id)
    return Told(document(judged), (f"{printing.short(judged.id)} is closed; the file stays out.",))
