"""The CSV manifest of an intake: one row a file, with what the source says of it."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass

from beholden.errors import BadManifest
from beholden.records.images import is_capture_date

REQUIRED = ("file",)
OPTIONAL = ("person_ref", "captured_at", "image_url", "page_url", "page_title", "caption")
MAX_CELL = 4_000  # characters; a caption is a sentence, not a file
MAX_BYTES = 64 * 1024 * 1024  # some hundred thousand rows; more is no list that anybody has looked at


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
    """The rows, in their order. Raises `BadManifest` with everything that is wrong, each with its line.

    The whole manifest is refused for a wrong encoding, an unknown or a missing column, or a row of another width: what
    a column means must not be guessed. Whether the files are there is not looked at here.
    """
    check_size(len(content))
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadManifest(
            f"the manifest is not UTF-8 (byte {error.start}); save it as CSV UTF-8 from the spreadsheet and try again"
        ) from error
    if "\x00" in text:
        raise BadManifest("the manifest holds NUL characters: it is no text file; save it as CSV UTF-8")
    try:
        lines = [(reader_line, row) for reader_line, row in _rows(text) if any(cell.strip() for cell in row)]
    except csv.Error as error:
        raise BadManifest(f"the manifest is no CSV: {error}; check its quotation marks") from error
    if not lines:
        raise BadManifest(
            f"the manifest is empty; its first line must name the columns: {', '.join(REQUIRED + OPTIONAL)}"
        )
    header = [name.strip() for name in lines[0][1]]
    wrong = _wrong_columns(header)
    known = {name: place for place, name in enumerate(header)}
    for line, row in lines[1:]:
        if len(row) != len(header):
            wrong.append(f"line {line} has {len(row)} cells, the header has {len(header)}")
        elif any(len(cell) > MAX_CELL for cell in row):
            wrong.append(f"line {line} has a cell of more than {MAX_CELL} characters")
        elif "captured_at" in known and not is_capture_date(row[known["captured_at"]].strip()):
            wrong.append(f"line {line}: captured_at must be YYYY, YYYY-MM or YYYY-MM-DD, a real date, or empty")
    if len(lines) == 1:
        wrong.append("it has a header and no row")
    if wrong:
        raise BadManifest("; ".join(wrong))

    def cell(row: list[str], name: str) -> str:
        return row[known[name]].strip() if name in known else ""

    return [
        Row(
            line=line,
            file=cell(row, "file"),
            person_ref=cell(row, "person_ref"),
            captured_at=cell(row, "captured_at"),
            image_url=cell(row, "image_url"),
            page_url=cell(row, "page_url"),
            page_title=cell(row, "page_title"),
            caption=cell(row, "caption"),
        )
        for line, row in lines[1:]
    ]


def check_size(size: int) -> None:
    """Raises `BadManifest` for a manifest of so many bytes that it is not to be read."""
    if size > MAX_BYTES:
        raise BadManifest(
            f"the manifest has {size:,} bytes, more than the {MAX_BYTES:,} that are read; give the folder in parts"
        )


def _rows(text: str) -> list[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    return [(reader.line_num, row) for row in reader]


def _wrong_columns(header: list[str]) -> list[str]:
    allowed = REQUIRED + OPTIONAL
    wrong = [f"unknown column {name!r} (known: {', '.join(allowed)})" for name in header if name not in allowed]
    wrong += [f"the column {name!r} is missing" for name in REQUIRED if name not in header]
    wrong += [f"the column {name!r} stands there twice" for name in sorted(set(header)) if header.count(name) > 1]
    return wrong
