"""What a command tells: exactly one JSON document, or lines and tables for a person. Notes go to standard error."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TextIO

from beholden.errors import BeholdenError
from beholden.serving.languages import of_terminal

SHORT = 10  # characters of an id in a table: its beginning names the record, from 6 on
WIDTH = 160  # of a table that no terminal bounds


class WrongUse(Exception):
    """The command line itself is wrong: options that exclude each other, or one that is missing."""


@dataclass(frozen=True, slots=True)
class Rows:
    """A table for people."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Told:
    """The answer of a command: `document` for `--json`, `lines` for people."""

    document: object
    lines: tuple[str | Rows, ...]
    exit_code: int = 0


def give(told: Told, as_json: bool) -> None:
    if as_json:
        _print_document(told.document)
        return
    for line in told.lines:
        if isinstance(line, Rows):
            _print_rows(line)
        else:
            print(clean(line))


def give_error(error: BeholdenError, as_json: bool) -> None:
    """Every reason, not the first only, and the number of the log entry that tells of it."""
    language = of_terminal(os.environ)
    if as_json:
        _print_document(error.problem(language))
        return
    entry = f" (log entry {error.entry})" if error.entry is not None else ""
    lines = [f"{error.title}{entry}"]
    if not error.reasons:
        lines.append(f"  {error}")
    for number, reason in enumerate((reason.in_(language) for reason in error.reasons), 1):
        lines += [
            f"  {number}. {reason.why}",
            *([f"     missing: {', '.join(reason.lacks)}"] if reason.lacks else []),
            f"     rule: {reason.rule_id} ({reason.source})",
            f"     how to proceed: {reason.how_to_proceed}",
        ]
    for line in lines:
        note(line)


def give_problem(kind: str, title: str, status: int, detail: str, as_json: bool) -> None:
    """What is no error of the system's own, in the same shape."""
    if as_json:
        problem = {"type": f"urn:beholden:{kind}", "title": title, "status": status, "detail": detail}
        _print_document({**problem, "reasons": [], "entry": None})
    else:
        note(f"{title}: {detail}" if detail != title else title)


def note(line: str) -> None:
    """Something for the person at the terminal, beside the answer."""
    try:
        print(clean(line), file=sys.stderr)
    except BrokenPipeError:  # nobody reads the notes: no reason to stop the act, or to alter its exit code
        forget(sys.stderr)


def clean(text: str) -> str:
    """Without control characters: a case's title must not move the cursor of who reads it, nor begin a line."""
    return "".join(c if c.isprintable() else "�" for c in text)


def forget(stream: TextIO) -> None:
    """Nobody reads any more: what is still to be written goes nowhere, also when Python flushes at its end."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def short(id: str) -> str:
    return id[:SHORT]


def at(time: datetime | None) -> str:
    return f"{time.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if time else "-"


def rows(columns: Sequence[str], found: Sequence[Sequence[str]], none: str) -> Rows | str:
    """A table, or the words for an empty one."""
    return Rows(tuple(columns), tuple(tuple(row) for row in found)) if found else none


def _print_document(document: object) -> None:
    # ASCII only: a file name that is no text still makes a document, whatever the terminal's encoding
    print(json.dumps(document, indent=2))


def _print_rows(table: Rows) -> None:
    from rich.box import SIMPLE
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(highlight=False, markup=False, emoji=False)
    if not console.is_terminal:
        console.width = WIDTH
    drawn = Table(box=SIMPLE, pad_edge=False)
    for column in table.columns:
        drawn.add_column(column, overflow="fold")
    for row in table.rows:
        drawn.add_row(*(Text(clean(cell)) for cell in row))
    with console.capture() as shown:  # rich itself would end the process with 1 when nobody reads any more
        console.print(drawn)
    sys.stdout.write(shown.get())
