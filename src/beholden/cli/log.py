"""`beholden log`: read it, export it for an outsider, check it against the records, seal what is new; and its witnesses."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

from cyclopts import App, Parameter

from beholden.actions import exporting, log
from beholden.cli import dates, naming, printing, witnessed
from beholden.cli.door import ANYWHERE, HERE, Door, Where, opened
from beholden.cli.folders import new_file
from beholden.cli.printing import Told
from beholden.durable import overwrite
from beholden.keys.packed import packed_for, recipient_of
from beholden.records.audit import Value

ID = re.compile(r"[0-9a-f]{32}")

app = App(name="log")
for command in witnessed.COMMANDS:
    app.command(command)


@app.command
def read(
    *,
    event: Annotated[str, Parameter(help="Of this event only, such as search.started.")] = "",
    record: Annotated[str, Parameter(help="What names the record with this id only; the whole id.")] = "",
    person: Annotated[str, Parameter(help="What this person did only, by name or id.")] = "",
    day: Annotated[str, Parameter(help="Of this day in UTC only, as 2026-11-22.")] = "",
    after: Annotated[str, Parameter(help="Go on from here: what the page before told as next.")] = "",
    limit: Annotated[int, Parameter(help="How many entries at most.")] = 50,
    door: Door = HERE,
) -> Told:
    """Read the log, the newest entry first. That you read it is on record.

    Example: beholden log read --event search.started --day 2026-11-22
    """
    with door.enter() as (system, officer):
        found = log.read_entries(
            system, officer, event=event, record=record, person=person, day=day, after=after, limit=limit
        )
    entries = [
        {
            **{
                name: getattr(one, name) for name in ("n", "event", "operation", "role", "purpose", "outcome", "erased")
            },
            "at": printing.at(one.at),
            "rules": list(one.rules),
            "values": [{"name": name, "value": value} for name, value in one.values],
        }
        for one in found.shown
    ]
    lines = [
        (str(one.n), printing.at(one.at), one.event, one.role, one.outcome, _in_short(one.values))
        for one in found.shown
    ]
    table = printing.rows(("no.", "at", "event", "role", "outcome", "what was said"), lines, "There is no such entry.")
    further = (f"Further: --after {found.next}",) if found.next else ()
    return Told({"entries": entries, "next": found.next}, (table, *further))


def _in_short(values: Sequence[tuple[str, Value]]) -> str:
    return ", ".join(f"{name}: {' '.join(value) if isinstance(value, list) else value}" for name, value in values)


@app.command
def export(
    *,
    out: Annotated[Path, Parameter(help="A new folder for the bundle; with --to, a new file.")],
    case: Annotated[str, Parameter(help="Open only the values of this case, by its reference or id.")] = "",
    begins: Annotated[str, Parameter(name="--from", help="Open only values from this time on, as 2026-11-22.")] = "",
    ends: Annotated[str, Parameter(name="--until", help="Open only values before this time, as 2026-12-01.")] = "",
    to: Annotated[str, Parameter(help="Encrypt it to this age recipient (age1…): nobody else can open it.")] = "",
    door: Door = HERE,
) -> Told:
    """Write the log as a bundle that anybody can check with beholden-verify. All entries are in it; what is opened, you say.

    Example: beholden log export --out ./bundle.age --case 2026-117 --to age1…
    """
    reader = recipient_of(to) if to else ""
    begins_at = dates.instant(begins, "time to begin with") if begins else None
    ends_at = dates.instant(ends, "time to end with") if ends else None
    with door.enter() as (system, officer), ExitStack() as held:
        case_id = case if not case or ID.fullmatch(case) else naming.case(system, officer, case)
        scope = exporting.Scope(case_id, begins_at, ends_at, reader)
        if not reader:
            entries = exporting.export(system, officer, folder=out, scope=scope)
        else:
            path = held.enter_context(new_file(out))
            with TemporaryDirectory(dir=out.resolve().parent) as folder:
                entries = exporting.export(system, officer, folder=Path(folder) / "bundle", scope=scope)
                path.write_bytes(packed_for(reader, Path(folder)))
                for plain in Path(folder).rglob("*"):
                    if plain.is_file():
                        overwrite(plain)
    lines = (
        f"{entries:,} entries are in {out}. It opens what you may read: keep it as you would keep the system.",
        f"Check it with: beholden-verify log {out}",
    )
    for_reader = (
        f"{entries:,} entries are in {out}, which only {reader} can open: age -d -i KEYFILE {out} | tar x",
        "Then: beholden-verify log bundle",
    )
    return Told({"folder": str(out), "entries": entries, "to": reader}, for_reader if reader else lines)


@app.command
def check(*, door: Door = HERE) -> Told:
    """Compare every entry with the signed checkpoints.

    Example: beholden log check
    """
    with door.enter() as (system, _):
        log.seal(system)
        with system.database.look() as look:
            entries = log.check_log(system, look)
    return Told({"entries": entries, "holds": True}, (f"{entries:,} entries agree with the signed checkpoints.",))


@app.command
def seal(*, where: Where = ANYWHERE) -> Told:
    """Publish every entry that is not published yet, with a signed checkpoint.

    Example: beholden log seal
    """
    with opened(where.folder) as system:
        note = log.seal(system)
    origin, size, root = note.decode().split("\n")[:3]
    lines = (f"The log {origin} is sealed with {int(size):,} entries; its root is {root}.",)
    return Told({"origin": origin, "size": int(size), "root": root}, lines)
