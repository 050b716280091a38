"""The CSV of an exhibit register or seizure list: one row a file, known by the SHA-256 of its bytes."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from dataclasses import dataclass

from beholden.errors import BadManifest
from beholden.records.exhibits import Origin
from beholden.records.images import is_capture_date

REQUIRED = ("sha256", "exhibit_ref", "origin")
OPTIONAL = ("seized_at", "held_by")
MAX_BYTES = 16 * 1024 * 1024
MAX_ROWS = 50_000  # 300 bytes for each; a greater seizure is imported in parts
MAX_CELL = 400  # characters
MOST_TOLD = 20  # of what is wrong

_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Row:
    sha256: str  # 64 small hexadecimal digits
    exhibit_ref: str
    origin: Origin
    seized_at: str  # YYYY, YYYY-MM, YYYY-MM-DD or empty
    held_by: str


def read_register(content: bytes) -> list[Row]:
    """The rows, in their order. Raises `BadManifest` with what is wrong, each with its line, up to `MOST_TOLD`.

    The whole register is refused for one wrong row: half a register would leave the rest of the evidence unknown.
    """
    if len(content) > MAX_BYTES:
        raise BadManifest(f"the register has {len(content):,} bytes, more than {MAX_BYTES:,}; give it in parts")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadManifest("the register is not UTF-8; save it as CSV UTF-8 and try again") from error
    if "\x00" in text:
        raise BadManifest("the register holds NUL characters: it is no text file; save it as CSV UTF-8")
    try:
        reader = csv.reader(io.StringIO(text, newline=""), strict=True)
        lines = [(reader.line_num, row) for row in reader if any(cell.strip() for cell in row)]
    except csv.Error as error:
        raise BadManifest(f"the register is no CSV: {error}; check its quotation marks") from error
    return _read(lines)


def _read(lines: list[tuple[int, list[str]]]) -> list[Row]:
    header = [name.strip() for name in lines[0][1]] if lines else []
    if wrong := _wrong_columns(header):
        raise BadManifest("; ".join(wrong))
    if len(lines) - 1 > MAX_ROWS:
        raise BadManifest(f"the register has more than {MAX_ROWS:,} rows; give it in parts")
    rows = []
    for line, cells in lines[1:]:
        told = dict(zip(header, (cell.strip() for cell in cells), strict=False))
        if why := _wrong_row(cells, header, told):
            wrong.append(f"line {line} {why}")
        else:
            rows.append(_row(told))
        if len(wrong) >= MOST_TOLD:
            wrong.append("what comes after these is not looked at; mend them first")
            break
    if len(lines) == 1:
        wrong.append("the register has a header and no row")
    if wrong:
        raise BadManifest("; ".join(wrong))
    return rows


def _row(told: dict[str, str]) -> Row:
    return Row(
        sha256=told["sha256"].lower(),
        exhibit_ref=told["exhibit_ref"],
        origin=Origin(told["origin"]),
        seized_at=told.get("seized_at", ""),
        held_by=told.get("held_by", ""),
    )


def _wrong_row(cells: list[str], header: list[str], told: dict[str, str]) -> str:
    if len(cells) != len(header):
        return f"has {len(cells)} cells, the header has {len(header)}"
    if any(len(cell) > MAX_CELL for cell in cells):
        return f"has a cell of more than {MAX_CELL} characters"
    if not _DIGEST.fullmatch(told["sha256"].lower()):
        return "has no SHA-256: it is 64 hexadecimal digits, as `sha256sum` writes it"
    if not told["exhibit_ref"]:
        return "names no exhibit_ref"
    if told["origin"] not in set(Origin):
        return f"has no known origin; it must be one of: {', '.join(Origin)}"
    if not is_capture_date(told.get("seized_at", "")):
        return "has no date in seized_at: YYYY, YYYY-MM or YYYY-MM-DD, a real date, or empty"
    return ""


def _wrong_columns(header: list[str]) -> list[str]:
    allowed, times = REQUIRED + OPTIONAL, Counter(header)
    if not header:
        return [f"the register is empty; its first line must name the columns: {', '.join(allowed)}"]
    unknown = [name for name in header if name not in allowed][:MOST_TOLD]
    wrong = [f"unknown column {name[:40]!r} (known: {', '.join(allowed)})" for name in unknown]
    wrong += [f"the column {name!r} is missing" for name in REQUIRED if name not in header]
    return wrong + [f"the column {name!r} stands there twice" for name in allowed if times[name] > 1]
