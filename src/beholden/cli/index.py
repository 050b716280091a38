"""`beholden index`: how much memory it takes, whether it agrees with the records, and making it again from them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from time import monotonic
from typing import Annotated

from cyclopts import App, Parameter

from beholden.actions import index
from beholden.cli import printing
from beholden.cli.door import HERE, Door
from beholden.cli.printing import Told

KIB, MIB = 2**10, 2**20
EACH_S = 2.0

app = App(name="index")


@app.command
def size(
    *,
    rows: Annotated[int, Parameter(help="How many references; 0 for those that are live now.")] = 0,
    dim: Annotated[int, Parameter(help="Of how many dimensions; 0 for those of the model in use.")] = 0,
    door: Door = HERE,
) -> Told:
    """Say how much memory the index takes for so many references, and how much is free, as an auditor or administrator.

    Example: beholden index size --rows 10000000 --dim 128
    """
    with door.enter() as (system, officer):
        sized = index.size_of_index(system, officer, rows=rows, dimension=dim)
    beside = f" Of these, {sized.beside_rows:,} of {sized.beside_dimension} dimensions lie beside."
    lines = (
        f"{sized.rows:,} references of {sized.dimension} dimensions take {_amount(sized.expected_bytes)} of memory; "
        f"{_amount(sized.free_bytes)} are free.{beside if sized.beside_rows else ''}",
        "They fit." if sized.fits else "They do not fit: such an index would not be loaded, and nothing be searched.",
        f"A command that finds no sealed segments takes {_amount(sized.unsealed_bytes)} while it makes them from the "
        "records; the server and `beholden index rebuild` write segments on the way.",
        f"In sealed segments on disk lie {sized.sealed_rows:,} references, {_amount(sized.sealed_bytes)}.",
        f"The scanner is {sized.engine}.",
    )
    document = asdict(sized) | {"fits": sized.fits}
    return Told(document, lines)


@app.command
def check(*, door: Door = HERE) -> Told:
    """Compare the index with the records and read every byte of its sealed segments, as an auditor or administrator.

    Example: beholden index check
    """
    with door.enter() as (system, officer):
        checked = index.check_index(system, officer)
    document = {"holds": checked.holds, "words": checked.words}
    first = "The index holds." if checked.holds else "THE INDEX DOES NOT HOLD. Make it again: beholden index rebuild"
    return Told(document, (first, f"  {checked.words}"), exit_code=0 if checked.holds else 7)


@app.command
def rebuild(*, door: Door = HERE) -> Told:
    """Throw the index and its sealed segments away and make them again from the records, as an administrator.

    Example: beholden index rebuild
    """
    with door.enter() as (system, officer):
        rows = index.rebuild(system, officer, told=_progress())
    return Told({"references": rows}, (f"The index was made again from the records: {rows:,} references.",))


def _amount(size: int) -> str:
    return f"{size / MIB:,.0f} MiB" if size >= 10 * MIB else f"{size / KIB:,.0f} KiB"


def _progress() -> Callable[[int, int], None]:
    told_at = monotonic()

    def tell(done: int, of: int) -> None:
        nonlocal told_at
        if monotonic() - told_at >= EACH_S:
            told_at = monotonic()
            printing.note(f"{done:,} of {of:,} references")

    return tell
