"""The CSV manifest of an intake: one row a file, with what the source says of it."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from sys import getsizeof

from beholden.errors import BadManifest
from beholden.records.images import is_capture_date

REQUIRED = ("file",)
OPTIONAL = ("person_ref", "captured_at", "image_url", "page_url", "page_title", "caption")
MAX_CELL = 4_000  # characters; a caption is a sentence, not a file
MAX_BYTES = 64 * 1024 * 1024  # some hundred thousand rows; more is no list that anybody has looked at
MAX_ROWS = 200_000  # with those bytes, 300 for each
MAX_LINES = 1_000_000  # empty ones, and those within a quoted caption, too
MAX_RECORD = 16 * MAX_CELL  # characters of one row: seven cells of which every character is a doubled quotation mark
MOST_TOLD = 20  # of what is wrong: whoever mends these sees what is wrong with the others
ROW_BYTES = 160  # of a row without its cells [measured]


@dataclass(frozen=True, slots=True)
class Row:
    line: int  # of the file, counted from 1, for the person who must mend it
    file: str
    person_ref: str
    captured_at: str
    image_url: str
    page_url: str
    page_title: str
    caption: str


def read_manifest(content: bytes) -> list[Row]:
    """The rows, in their order. Raises `BadManifest` with what is wrong, each with its line, up to `MOST_TOLD`.

    The whole manifest is refused for a wrong encoding, an unknown or a missing column, or a row of another width: what
    a column means must not be guessed. Whether the files are there is not looked at here. Nothing but one row and what is
    made of the others is in memory beside the content.
    """
    check_size(len(content))
    try:
        return _read(_rows(content))
    except UnicodeDecodeError as error:
        raise BadManifest(
            "the manifest is not UTF-8; save it as CSV UTF-8 from the spreadsheet and try again"
        ) from error
    except csv.Error as error:
        raise BadManifest(f"the manifest is no CSV: {error}; check its quotation marks") from error


def _read(lines: Iterator[tuple[int, list[str]]]) -> list[Row]:
    header = [name.strip() for name in next(lines, (0, []))[1]]
    if not header:
        raise BadManifest(
            f"the manifest is empty; its first line must name the columns: {', '.join(REQUIRED + OPTIONAL)}"
        )
    known = {name: place for place, name in enumerate(header)}
    places = [known.get(name, -1) for name in REQUIRED + OPTIONAL]
    wrong, rows = _wrong_columns(header), []
    line = 0
    for line, row in lines:
        if why := _wrong_row(row, header, known):
            wrong.append(f"line {line}{why}")
        if len(wrong) >= MOST_TOLD:
            raise BadManifest(
                "; ".join([*wrong[:MOST_TOLD], "what comes after these is not looked at; mend them first"])
            )
        if not wrong:
            rows.append(Row(line, *("" if place < 0 else row[place].strip() for place in places)))
        if len(rows) > MAX_ROWS:
            raise BadManifest(f"the manifest has more than {MAX_ROWS:,} rows; give the folder in parts")
    if not line:
        wrong.append("it has a header and no row")
    if wrong:
        raise BadManifest("; ".join(wrong))
    return rows


def _wrong_row(row: list[str], header: list[str], known: dict[str, int]) -> str:
    if len(row) != len(header):
        return f" has {len(row)} cells, the header has {len(header)}"
    if any(len(cell) > MAX_CELL for cell in row):
        return f" has a cell of more than {MAX_CELL} characters"
    if "captured_at" in known and not is_capture_date(row[known["captured_at"]].strip()):
        return ": captured_at must be YYYY, YYYY-MM or YYYY-MM-DD, a real date, or empty"
    return ""


def memory_of(rows: Sequence[Row]) -> int:
    """About how many bytes these rows take."""
    return sum(ROW_BYTES + sum(getsizeof(cell) for cell in _cells(row) if cell) for row in rows)


def check_size(size: int) -> None:
    """Raises `BadManifest` for a manifest of so many bytes that it is not to be read."""
    if size > MAX_BYTES:
        raise BadManifest(
            f"the manifest has {size:,} bytes, more than the {MAX_BYTES:,} that are read; give the folder in parts"
        )


def _rows(content: bytes) -> Iterator[tuple[int, list[str]]]:
    """Those that have something in them, each with the last line that it stands on."""
    text = io.TextIOWrapper(io.BytesIO(content), encoding="utf-8-sig", newline="")
    left = MAX_RECORD

    def lines() -> Iterator[str]:
        nonlocal left
        for number in range(1, MAX_LINES + 2):
            line = text.readline(left + 1)
            if not line:
                return
            left -= len(line)
            if "\x00" in line:
                raise BadManifest("the manifest holds NUL characters: it is no text file; save it as CSV UTF-8")
            if left < 0:
                raise csv.Error(f"the row at line {number} has more than {MAX_RECORD:,} characters")
            yield line
        raise BadManifest(f"the manifest has more than {MAX_LINES:,} lines; give the folder in parts")

    reader = csv.reader(lines(), strict=True)
    for row in reader:
        left = MAX_RECORD
        if any(cell.strip() for cell in row):
            yield reader.line_num, row


def _cells(row: Row) -> tuple[str, ...]:
    return (row.file, row.person_ref, row.captured_at, row.image_url, row.page_url, row.page_title, row.caption)


def _wrong_columns(header: list[str]) -> list[str]:
    allowed, times = REQUIRED + OPTIONAL, Counter(header)
    unknown = [name for name in header if name not in allowed][:MOST_TOLD]
    wrong = [f"unknown column {name[:40]!r} (known: {', '.join(allowed)})" for name in unknown]
    wrong += [f"the column {name!r} is missing" for name in REQUIRED if name not in header]
    twice = [name for name in sorted(times) if times[name] > 1][:MOST_TOLD]
    wrong += [f"the column {name[:40]!r} stands there twice" for name in twice]
    return wrong
