"""`beholden statement-of-use`: whether it was used, when, what for and how often, as a signed note to hand out."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from beholden.actions import statement
from beholden.cli import dates, printing
from beholden.cli.door import HERE, Door
from beholden.cli.folders import new_file
from beholden.cli.printing import Told


def statement_of_use(
    *,
    out: Annotated[Path, Parameter(help="A new file for the signed note.")],
    since: Annotated[str, Parameter(name="--from", help="From this day on; else of the last 365 days.")] = "",
    until: Annotated[str, Parameter(name="--to", help="Up to this day, not included; else up to now.")] = "",
    public: Annotated[bool, Parameter(help="Withhold what is below five, and what would give it away.")] = False,
    people: Annotated[bool, Parameter(help="Tell who did what, by id. Never for the public.")] = False,
    door: Door = HERE,
) -> Told:
    """Say whether it was used, by which roles, when, what for and how often: counted from the log, and signed.

    Example: beholden statement-of-use --from 2026-01-01 --to 2027-01-01 --out 2026.note
    """
    with new_file(out) as path, door.enter() as (system, officer):
        ends_at = dates.instant(until, "end") if until else system.clock.now()
        begins_at = dates.instant(since, "beginning") if since else ends_at - timedelta(days=365)
        made = statement.make_statement(
            system, officer, begins_at=begins_at, ends_at=ends_at, public=public, people=people
        )
        path.write_bytes(made.note)
    told = made.statement
    figures = [(one.name, "below five" if one.count is None else f"{one.count:,}") for one in told.figures]
    engine = [
        (name.replace("_", " "), "withheld" if value is None else str(value))
        for name, value in (told.engine or {}).items()
    ]
    document = {
        "file": str(out),
        "from": told.since,
        "to": told.until,
        "entries": told.size,
        "figures": {one.name: one.count for one in told.figures},
        "engine": dict(told.engine or {}),
    }
    return Told(
        document,
        (
            f"From {told.since} to {told.until}, counted from {told.size:,} entries of the log:",
            printing.rows(("what", "how often"), figures, "Nothing."),
            printing.rows(("the engine's own count, since it was set up", ""), engine, "Nothing."),
            f"The signed note is in {out}. Whoever has a bundle recounts it: beholden-verify log BUNDLE --keys KEYS "
            f"--statement {out}",
        ),
    )
