"""`beholden review`: go blind through the whole list of a search, one pair after another."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from beholden.actions import review
from beholden.cli import chips, documents, folders, naming, printing, waiting
from beholden.cli.documents import document
from beholden.cli.door import HERE, Door
from beholden.cli.printing import Told

app = App(name="review")


@app.command(name="open")
def open_review(
    search: Annotated[str, Parameter(help="A search's id.")],
    /,
    *,
    out: Annotated[Path | None, Parameter(help="A new folder for the photographs, named by handle.")] = None,
    door: Door = HERE,
) -> Told:
    """Take a list to review, or see your own again: every pair, in an order that tells nothing.

    Example: beholden review open 3fa9c1 --out ./review
    """
    with folders.new_folder(out) if out else nullcontext(), door.enter() as (system, officer):
        search_id = naming.search(system, officer, search)
        taken, shown = review.open_review(system, officer, search_id=search_id)
        pairs = chips.write(out, shown) if out else [chips.pair(one) for one in shown]
    rows = [(str(one.position), one.handle, one.reference_captured_at or "-", one.cautions) for one in shown]
    lines = [
        f"The review {printing.short(taken.id)} is yours, with {len(shown)} pairs.",
        printing.rows(
            ("position", "handle", "taken on", "bear in mind"), rows, "The list is empty: finish the review."
        ),
        "Say of each: beholden review decide HANDLE potential|no|inconclusive",
        f"Then: beholden review finish {printing.short(taken.id)}",
    ]
    if out:
        lines.append(f"The photographs are in {out}. Remove that folder when you have finished.")
    return Told({"review": taken.id, "search": search_id, "pairs": pairs}, tuple(lines))


@app.command
def decide(
    handle: Annotated[str, Parameter(help="The handle of a pair.")],
    outcome: Annotated[str, Parameter(help="potential, no, or inconclusive.")],
    /,
    *,
    door: Door = HERE,
) -> Told:
    """Say of one pair: potential, no, or inconclusive.

    Example: beholden review decide 3fa9c1 potential
    """
    with door.enter() as (system, officer):
        pair = review.decide_pair(system, officer, handle=naming.pair(system, officer, handle), outcome=outcome)
    return Told(document(pair), (f"Pair {pair.position}: {pair.outcome}.",))


@app.command
def finish(
    which: Annotated[str, Parameter(name="review", help="The id of your review.")], /, *, door: Door = HERE
) -> Told:
    """Close your review: what is potential goes to examination.

    Example: beholden review finish 3fa9c1
    """
    with door.enter() as (system, officer):
        found = review.finish_review(system, officer, review_id=naming.review(system, officer, which))
    waits = waiting.of_search(found)
    return Told(documents.search(found, waits=waits), (f"The search {printing.short(found.id)} {waits}.",))
