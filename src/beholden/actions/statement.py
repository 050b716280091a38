"""The statement of use: was it used, by which roles, when, what for, how often; counted from the log alone, and signed."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from beholden.actions import audit, log
from beholden.actions.account import account
from beholden.actions.desk import owes_opinion
from beholden.actions.uses import check_time
from beholden.errors import BadInput, KeyDestroyed, Missing
from beholden.formats import notes, statements, tiles
from beholden.formats.statements import MONTH, RULES, Row, Statement
from beholden.ports.database import Above, Look, OneOf
from beholden.ports.system import System
from beholden.records.audit import SALT_BYTES, Entry, Item, instant
from beholden.records.people import Officer

AT_ONCE = 20_000  # entries read at a time: 1 M of them are never in memory together

NULL, OUTSIDE, PERSON = "null_result", "unmanifested", "person"
COLUMNS = ("event", "outcome", NULL, OUTSIDE, "purpose", "role", MONTH, RULES)
PUBLIC = ("event", "outcome", NULL, "purpose")

FROM_OUTSIDE = "searches with a picture from outside the case's registers"

# What each figure is the sum of: rows that begin so. Whoever reads a statement finds the same beside each figure.
FIGURES: Mapping[str, Sequence[Row]] = {
    "searches": [("search.started", "done")],
    "searches refused": [("search.started", "refused")],
    "searches that failed": [("search.finished", "failed")],
    "searches that listed nobody": [("search.finished", "done", "true")],
    "comparisons of two faces": [("comparison.made", "done")],
    "searches before approval begun": [("exigent.begun", "done")],
    "searches before approval upheld": [("exigent.upheld", "done")],
    "searches before approval refused in review": [("exigent.refused", "done")],
    "searches before approval that nobody reviewed in time": [("exigent.lapsed", "done")],
    "authorities asked for": [("authority.requested", "done")],
    "authorities approved": [("authority.approved", "done")],
    "authorities refused": [("authority.refused", "done")],
    "disclosures": [("disclosure.made", "done")],
    "erasures": [("erasure.finished", "done")],
    "requests answered by restriction, not erasure": [("request.restricted", "done")],
    "photographs compared for who asks about themselves": [("photograph.compared", "done")],
    "files taken in": [("image.enrolled", "done")],
    "pictures opened to an auditor": [("picture.revealed", "done")],
}


@dataclass(frozen=True, slots=True)
class Issued:
    """A statement, and the signed note of it that anybody recounts with `beholden-verify log --statement`."""

    statement: Statement
    note: bytes


def make_statement(
    system: System,
    officer: Officer,
    *,
    begins_at: datetime,
    ends_at: datetime,
    public: bool = False,
    people: bool = False,
) -> Issued:
    """Count the entries of a time, from its begin up to and not including its end.

    `public` withholds counts below five, and as many beside them as keep them from being worked out. `people` tells who did
    what, by id; never in public. Raises `BadInput` for a time without length, or for both.
    """
    with audit.act(system, "statement.made", officer) as act:
        with act.begin() as tx:
            act.permit()
            if owes_opinion(tx, act.person):
                raise Missing("there is no statement for you now: lock the opinion that you owe first")
            check_time(begins_at, ends_at, act.now)
            if public and people:
                raise BadInput("a statement for the public names nobody: leave out one of the two")
            for name, at in (("from", begins_at), ("to", ends_at)):
                act.tell(name, instant(at), audit.SYSTEM)
            act.tell("public", public, audit.SYSTEM)
            act.tell("people", people, audit.SYSTEM)
        head = tiles.read_head(notes.text_of(log.seal(system)))
        columns = PUBLIC if public else (*COLUMNS, PERSON) if people else COLUMNS
        since, until = instant(begins_at), instant(ends_at)
        with system.database.look() as look:
            rows = _counted(system, look, columns, since, until, head.size)
            engine = account(system, look)
    figures = [statements.figure(name, rows, of) for name, of in FIGURES.items()]
    if not public:
        outside = sorted({row[:4] for row in rows if row[0] == "search.started" and row[3] not in ("", "0")})
        figures.append(statements.figure(FROM_OUTSIDE, rows, outside))
    ratio = f"{engine.ratio:.4f}" if engine.ratio is not None else "none"
    statement = Statement(
        origin=head.origin,
        since=since,
        until=until,
        size=head.size,
        root=head.root.hex(),
        columns=columns,
        rows=rows,
        figures=tuple(figures),
        engine={
            "calls": engine.calls,
            "answered": engine.answered,
            "unaccounted": engine.unaccounted,
            "lost": engine.lost,
            "accounted_ratio": ratio,
        },
    )
    if public:
        statement = statements.withheld(statement)
    return Issued(statement, statements.written(statement, *log.receipt_key(system)))


def _counted(system: System, look: Look, columns: Sequence[str], since: str, until: str, size: int) -> dict[Row, int]:
    rows: Counter[Row] = Counter()
    items = [name for name in (NULL, OUTSIDE, PERSON) if name in columns]
    for entries in _in_parts(look, size):
        leaves = [json.loads(entry.leaf) for entry in entries if since <= _at(entry.leaf) < until]
        values = _values(system, look, [leaf["n"] for leaf in leaves], items)
        for leaf in leaves:
            told = {**values.get(leaf["n"], {}), **leaf, MONTH: leaf["at"][:7], RULES: " ".join(leaf["rules"])}
            rows[tuple(told.get(column, "") for column in columns)] += 1
    return dict(rows)


def _in_parts(look: Look, size: int) -> Iterator[list[Entry]]:
    last = -1
    while entries := look.find(Entry, n=Above(last), order="n", limit=AT_ONCE):
        yield [entry for entry in entries if entry.n < size]
        last = entries[-1].n


def _at(leaf: bytes) -> str:
    """Canonical JSON begins with its time."""
    return leaf[7:31].decode()


def _values(system: System, look: Look, numbers: Sequence[int], names: Sequence[str]) -> dict[int, dict[str, str]]:
    """The items that are told of, as the JSON that a bundle opens; one whose key is gone is left out."""
    values: dict[int, dict[str, str]] = {}
    for item in look.find(Item, n=OneOf(numbers), name=OneOf(names)) if numbers and names else ():
        try:
            plain = system.keys.open(item.record_id, item.sealed, f"item/{item.id}")
        except KeyDestroyed:
            continue
        values.setdefault(item.n, {})[item.name] = plain[SALT_BYTES:].decode()
    return values
