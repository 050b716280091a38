"""`beholden compare`: one sought with one reference, under an authority; how alike a model finds them, and nothing decided."""

from __future__ import annotations

from typing import Annotated

from cyclopts import App, Parameter

from beholden.actions import compare
from beholden.actions.compare import Compared
from beholden.cli import documents, naming, printing
from beholden.cli.door import HERE, Door
from beholden.cli.printing import Told

app = App(name="compare")


@app.command
def run(
    *,
    authority: Annotated[str, Parameter(help="The authority to compare under: its id.")],
    reference: Annotated[str, Parameter(help="The whole id of a reference, as a lead tells it (face_id).")],
    sought: Annotated[str, Parameter(help="Who is compared; else the one that the authority names.")] = "",
    override_quality: Annotated[str, Parameter(help="Why a sought below the quality floor is compared.")] = "",
    door: Door = HERE,
) -> Told:
    """Consume one use, and say how alike a sought and one reference are: a score, what it can tell, neither yes nor no.

    Example: beholden compare run --authority 3fa9c1 --reference 0c7e52d1a4b94d6c8e1f2a3b4c5d6e7f
    """
    with door.enter() as (system, officer):
        authority_id, sought_id = naming.sought_under(system, officer, authority, sought)
        made = compare.compare(
            system,
            officer,
            authority_id=authority_id,
            sought_id=sought_id,
            face_id=reference.strip(),
            override_quality=override_quality,
        )
    return _told(made)


@app.command
def show(
    which: Annotated[str, Parameter(name="comparison", help="A comparison's id.")], /, *, door: Door = HERE
) -> Told:
    """Read again what a comparison gave. That you read it is on record.

    Example: beholden compare show 3fa9c1
    """
    with door.enter() as (system, officer):
        there = (naming.Known(one.id) for one in compare.comparisons(system, officer))
        comparison_id = naming.resolve_or_taken(system, officer, which, "comparison", there)
        read = compare.read_comparison(system, officer, comparison_id=comparison_id)
    return _told(read)


@app.command(name="list")
def list_comparisons(*, door: Door = HERE) -> Told:
    """List the comparisons of your cases, without what they gave.

    Example: beholden compare list
    """
    with door.enter() as (system, officer):
        there = compare.comparisons(system, officer)
    found = [
        (printing.short(one.id), printing.at(one.kept.created_at), printing.short(one.sought_id), one.face_id)
        for one in there
    ]
    table = printing.rows(("id", "made", "sought", "reference"), found, "There are no comparisons that you may see.")
    return Told({"comparisons": documents.documents(there)}, (table,))


def _told(one: Compared) -> Told:
    shown = documents.document(one.comparison, score=one.score, statements=list(one.statements))
    return Told(
        shown,
        (
            f"The comparison {printing.short(one.comparison.id)} by {one.comparison.model} gave the score {one.score:.4f}.",
            *one.statements,
        ),
    )
