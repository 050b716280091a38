"""`beholden dispose`: what is past its most time, looked at dry or removed in a run that is on record."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

from cyclopts import Parameter

from beholden.actions import dispose as disposal
from beholden.cli import dates, printing
from beholden.cli.door import HERE, Door
from beholden.cli.printing import Told


def dispose(
    *,
    dry_run: Annotated[bool, Parameter(help="Only count: nothing is removed.")] = False,
    made_before: Annotated[
        str, Parameter(help="Also what is over and was made before this day, if past its least time.")
    ] = "",
    door: Door = HERE,
) -> Told:
    """Remove what is past its most time and on no hold, as a privacy officer. An auditor may count with --dry-run.

    Cases, searches, references and the log are counted as due and stay.

    Example: beholden dispose --dry-run
    """
    before = dates.instant(made_before, "day") if made_before else None
    with door.enter() as (system, officer):
        step = disposal.due if dry_run else disposal.dispose
        lines = step(system, officer, made_before=before)
    taken, stay = sum(line.taken for line in lines), sum(max(0, line.due - line.taken) for line in lines)
    told = [
        (
            line.kind,
            f"{line.due:,}",
            f"{line.taken:,}",
            f"{line.on_hold:,}",
            f"{line.too_early:,}",
            line.why if line.due > line.taken else "",
        )
        for line in lines
        if line.due or line.taken or line.on_hold or line.too_early
    ]
    heads = ("kind", "due", "would go" if dry_run else "gone", "on hold", "too early", "why the rest stays")
    last = (
        f"A dry run: {taken:,} would go, {stay:,} are due and would stay. Nothing was removed."
        if dry_run
        else f"{taken:,} are gone, {stay:,} are due and stay. The log has each total and each id."
    )
    document = {"dry_run": dry_run, "taken": taken, "due_and_kept": stay, "kinds": [asdict(line) for line in lines]}
    return Told(document, (printing.rows(heads, told, "Nothing is past its time."), last))
