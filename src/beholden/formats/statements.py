"""Statements of use: counts of the log's entries over a time, in a signed note that anybody recounts from the bundle."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from beholden.errors import Untrusted
from beholden.formats import notes
from beholden.records.audit import canonical

STATEMENT = "beholden/statement/v1"
LEAST = 5  # the smallest count of people or acts that is published; below it somebody could be picked out
MONTH, RULES = "month", "rules"  # columns that are not told in so many words by a leaf

Row = tuple[str, ...]  # what the entries that are counted together have in common, in the order of the columns


@dataclass(frozen=True, slots=True)
class Figure:
    """The sum of all rows that begin with one of these. None: too small to be published."""

    name: str
    count: int | None
    of: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Statement:
    """Entries below `size` whose time is at or after `since` and before `until`, counted by the columns.

    A column is a field of the leaf (`event`, `outcome`, `role`, `purpose`), `month` (2026-11), `rules` (their ids, parted by
    spaces) or the name of an item, whose value stands as the JSON that was opened; "" where it is not opened. Times are
    text as in leaves. `engine` is what the engine counted by itself, which no log can bear out.
    """

    origin: str
    since: str
    until: str
    size: int
    root: str  # of the tree of `size` entries, in hex
    columns: tuple[str, ...]
    rows: Mapping[Row, int | None]
    figures: tuple[Figure, ...]
    engine: Mapping[str, int | str | None] | None = None


def figure(name: str, rows: Mapping[Row, int], of: Sequence[Row]) -> Figure:
    """The sum of the rows that begin with one of `of`."""
    heads = tuple(of)
    return Figure(name, sum(n for row, n in rows.items() if any(row[: len(head)] == head for head in heads)), heads)


def withheld(statement: Statement) -> Statement:
    """For the public: no row and no figure below five, and none that gives one of them away.

    A sum of which one row alone is withheld would tell that row. So in each published figure with one row withheld, the
    least of its other rows is withheld too; where there is no other, the figure is.
    """
    rows = {row: count if count is None or count >= LEAST else None for row, count in statement.rows.items()}
    figures = {
        one.name: one.count if one.count is None or one.count >= LEAST or not one.count else None
        for one in statement.figures
    }
    everything = Figure("", 0, ((),))  # whose sum the size of the log may tell
    figures[everything.name] = 0
    again = True
    while again:
        again = False
        for one in (*statement.figures, everything):
            within = [row for row in rows if any(row[: len(head)] == head for head in one.of)]
            if figures[one.name] is None or [rows[row] for row in within].count(None) != 1:
                continue
            others = [(count, row) for row in within if (count := rows[row]) is not None]
            again = True
            if others:
                rows[min(others)[1]] = None
            else:
                figures[one.name] = None
    told = tuple(replace(one, count=figures[one.name]) for one in statement.figures)
    return replace(statement, rows=rows, figures=told, engine=_engine_withheld(statement.engine))


def _engine_withheld(engine: Mapping[str, int | str | None] | None) -> Mapping[str, int | str | None] | None:
    """Its calls and the ratio would tell a few searches apart; what is unaccounted or lost is of nobody, and stays."""
    if engine is None:
        return None
    calls, answered = (int(engine[name] or 0) for name in ("calls", "answered"))
    if answered >= LEAST and (calls == answered or calls - answered >= LEAST):
        return engine
    return {**engine, "calls": None, "answered": None, "accounted_ratio": None}


def written(statement: Statement, name: str, public: bytes, sign: notes.Sign) -> bytes:
    """The signed note: the format, and one line of canonical JSON. Rows are sorted."""
    content: dict[str, object] = {
        "origin": statement.origin,
        "from": statement.since,
        "to": statement.until,
        "size": statement.size,
        "root": statement.root,
        "columns": list(statement.columns),
        "rows": [[*row, statement.rows[row]] for row in sorted(statement.rows)],
        "figures": [[one.name, one.count, *map(list, one.of)] for one in statement.figures],
    }
    if statement.engine is not None:
        content["engine"] = dict(statement.engine)
    return notes.sign_note(f"{STATEMENT}\n{canonical(content).decode()}\n", name, public, sign)


def read(note: bytes, vkeys: Sequence[str]) -> Statement:
    """The statement, its signature checked, its counts not. Raises `Untrusted`."""
    found = re.fullmatch(rf"{STATEMENT}\n(.+)\n", notes.open_note(note, vkeys)[0])
    try:
        said = json.loads(found[1] if found else "")
        return Statement(
            origin=said["origin"],
            since=said["from"],
            until=said["to"],
            size=said["size"],
            root=said["root"],
            columns=tuple(said["columns"]),
            rows={tuple(row): count for *row, count in said["rows"]},
            figures=tuple(Figure(name, count, tuple(map(tuple, of))) for name, count, *of in said["figures"]),
            engine=said.get("engine"),
        )
    except (ValueError, KeyError, TypeError, RecursionError) as wrong:
        raise Untrusted("the note is no statement of use: check what file you gave") from wrong
