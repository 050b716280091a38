"""Registers of evidence: read whole, or refused whole with every wrong line named."""

from __future__ import annotations

import pytest

from beholden.errors import BadManifest
from beholden.formats import exhibit_registers
from beholden.formats.exhibit_registers import MAX_BYTES, MAX_CELL, Row, read_register
from beholden.records.exhibits import Origin

DIGEST = "AB" * 32
HEADER = "sha256,exhibit_ref,origin,seized_at,held_by"
GOOD = f"{DIGEST},E-1,synthetic,2026-05,locker 7"


def register(*rows: str, header: str = HEADER) -> bytes:
    return "\n".join((header, *rows)).encode()


def test_a_register_is_read_as_spreadsheets_write_it() -> None:
    row = Row(DIGEST.lower(), "E-1", Origin.SYNTHETIC, "2026-05", "locker 7")
    assert read_register(register(GOOD)) == [row]
    assert read_register(b"\xef\xbb\xbf" + register(GOOD).replace(b"\n", b"\r\n") + b"\r\n\r\n") == [row]
    assert read_register(register(f'{DIGEST},"E-1, the second",synthetic', header="sha256,exhibit_ref,origin")) == [
        Row(DIGEST.lower(), "E-1, the second", Origin.SYNTHETIC, "", "")
    ]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "the register is empty"),
        (b"\xff\xfe", "not UTF-8"),
        (b"sha256\x00", "NUL"),
        (register('"open'), "no CSV"),
        (register(), "a header and no row"),
        (register(GOOD, header=f"{HEADER},colour"), "unknown column 'colour'"),
        (register(GOOD, header="sha256,origin"), "the column 'exhibit_ref' is missing"),
        (register(GOOD, header=f"{HEADER},sha256"), "'sha256' stands there twice"),
        (register("a,b"), "line 2 has 2 cells, the header has 5"),
        (register(GOOD, GOOD.replace("E-1", "x" * (MAX_CELL + 1))), "line 3 has a cell of more than 400"),
        (register(GOOD.replace(DIGEST, "12")), "line 2 has no SHA-256"),
        (register(GOOD.replace("E-1", " ")), "line 2 names no exhibit_ref"),
        (register(GOOD.replace("synthetic", "found")), "line 2 has no known origin"),
        (register(GOOD.replace("2026-05", "May")), "line 2 has no date in seized_at"),
        (register(*["x"] * 25), "is not looked at; mend them first"),
    ],
)
def test_a_wrong_register_is_refused_whole_and_says_what_is_wrong(content: bytes, why: str) -> None:
    with pytest.raises(BadManifest) as caught:
        read_register(content)
    assert why in str(caught.value)


def test_every_wrong_line_is_named_at_once() -> None:
    with pytest.raises(BadManifest, match=r"line 2 has no SHA-256.*line 4 names no exhibit_ref"):
        read_register(register(GOOD.replace(DIGEST, "1"), GOOD, GOOD.replace("E-1", "")))


def test_a_register_that_is_too_long_is_given_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(BadManifest, match="give it in parts"):
        read_register(b" " * (MAX_BYTES + 1))
    monkeypatch.setattr(exhibit_registers, "MAX_ROWS", 2)
    with pytest.raises(BadManifest, match="more than 2 rows; give it in parts"):
        read_register(register(GOOD, GOOD, GOOD))
