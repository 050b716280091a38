"""A calibration comes back as it was signed, in one form only, and nothing edited or malformed is believed."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beholden.errors import BadInput, Untrusted
from beholden.formats import calibrations, notes
from beholden.records.audit import canonical
from beholden.records.calibration import Measured
from beholden.testing.sealed_log import Signer
from tests.records.test_calibration import MEASURED as DRAWN
from tests.records.test_calibration import ONE, TAIL, TWO

OFFICE = Signer("example.org/calibration")
REPORT = "ab" * 32
SCALE = round(TAIL.scale, 9)  # a note counts in 1e-9
MEASURED = dataclasses.replace(
    DRAWN,
    curves=tuple(
        dataclasses.replace(curve, tail=dataclasses.replace(curve.tail, scale=SCALE, shape=-0.0125))
        for curve in (ONE, TWO)
    ),
)
CONTENT = calibrations.content_of(MEASURED, evaluation=REPORT)


def note(content: bytes = CONTENT) -> bytes:
    return calibrations.sign_calibration(content, OFFICE.name, OFFICE.public, OFFICE.sign)


def test_a_calibration_comes_back_whole() -> None:
    assert calibrations.measured_in(CONTENT) == MEASURED
    assert calibrations.read_calibration(note(), [OFFICE.vkey]) == MEASURED
    assert (
        note()
        .decode()
        .startswith('beholden/calibration/v1\n{"cells":[{"faces":1,"least_quality":0,"most_quality":100,')
    )


def test_its_content_is_canonical_names_its_evaluation_and_holds_no_float() -> None:
    told = json.loads(CONTENT, parse_float=lambda text: pytest.fail(f"a float: {text}"))
    assert canonical(told) == CONTENT
    assert (told["format"], told["evaluation"], told["space_id"]) == ("beholden/calibration/v1", REPORT, "0" * 32)
    assert told["curves"][0]["fmr"] == [10**12, 10**12, 10**11, 10**9, 10**7]
    assert told["curves"][0]["scores"] == [-10_000, 0, 1_000, 3_000, 5_000]


@given(
    st.lists(st.integers(-10_000, 10_000), min_size=2, max_size=40, unique=True),
    st.lists(st.integers(1, 10**12), min_size=40, max_size=40),
    st.integers(-(10**9), 10**9),
)
def test_every_number_that_a_note_can_hold_comes_back_exactly(scores: list[int], rates: list[int], shape: int) -> None:
    curve = dataclasses.replace(
        ONE,
        scores=tuple(score / 10_000 for score in sorted(scores)),
        fmr=tuple(rate / 10**12 for rate in sorted(rates, reverse=True)[: len(scores)]),
        tail=dataclasses.replace(TAIL, scale=SCALE, shape=shape / 10**9),
    )
    measured = dataclasses.replace(MEASURED, curves=(curve,))
    assert calibrations.measured_in(calibrations.content_of(measured, evaluation=REPORT)) == measured
    document = json.loads(json.dumps(calibrations.document_of(measured)))
    assert calibrations.measured_from(document) == measured


def test_no_flipped_byte_of_a_note_goes_unnoticed() -> None:
    signed = note()
    for place in range(0, len(signed), 7):
        broken = bytearray(signed)
        broken[place] ^= 1
        with pytest.raises(Untrusted):
            calibrations.read_calibration(bytes(broken), [OFFICE.vkey])


def test_a_note_by_another_key_or_of_another_kind_is_refused() -> None:
    with pytest.raises(Untrusted, match="by no key that you trust"):
        calibrations.read_calibration(note(), [Signer("example.org/other").vkey])
    for text in (
        f"beholden/receipt/v1\n{CONTENT.decode()}\n",
        "beholden/calibration/v1\n",
        "beholden/calibration/v1\n{}\n",
    ):
        other = notes.sign_note(text, OFFICE.name, OFFICE.public, OFFICE.sign)
        with pytest.raises(Untrusted, match="is no calibration"):
            calibrations.read_calibration(other, [OFFICE.vkey])


def edited(change: Callable[[Any], object], told: bytes = CONTENT) -> bytes:
    content = json.loads(told)
    change(content)
    return canonical(content)


CHANGES: dict[str, Callable[[Any], object]] = {
    "no curves": lambda told: told.update(curves=[]),
    "a field is gone": lambda told: told.pop("space_id"),
    "a text that is none": lambda told: told.update(model=7),
    "a text with a line break": lambda told: told.update(measured_on="one\ntwo"),
    "a text without end": lambda told: told.update(measured_on="x" * 600),
    "no date": lambda told: told.update(measured_at="yesterday"),
    "a date in another form": lambda told: told.update(measured_at="20261122"),
    "yes for a number": lambda told: told.update(people=True),
    "people below none": lambda told: told.update(people=-1),
    "a number as text": lambda told: told["curves"][0]["scores"].__setitem__(0, "-10000"),
    "a number beyond all": lambda told: told["curves"][0]["fmr"].__setitem__(0, 10**400),
    "a score above 1": lambda told: told["curves"][0]["scores"].__setitem__(-1, 10_001),
    "an FMR that rises": lambda told: told["curves"][0]["fmr"].reverse(),
    "a list that is none": lambda told: told.update(cells={}),
    "a cell that is none": lambda told: told.update(cells=[[]]),
    "a curve that is none": lambda told: told.update(curves=[None]),
    "cells without end": lambda told: told.update(cells=told["cells"] * 700),
    "points without end": lambda told: told["curves"][0].update(scores=[0] * 3_000),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_a_malformed_calibration_is_neither_read_nor_signed(change: Callable[[Any], object]) -> None:
    for use in (calibrations.measured_in, note):
        with pytest.raises(Untrusted, match="is no calibration"):
            use(edited(change))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"null",
        b"\xff",
        b"[" * 100_000,
        b'{"people":' + b"9" * 5_000 + b"}",
        CONTENT + b"\n",
        b" " + CONTENT,
        edited(lambda told: told.update(format="beholden/calibration/v2")),
        edited(lambda told: told.update(more=1)),
        edited(lambda told: told.update(evaluation=1)),
        CONTENT.replace(b'"people":1000,', b'"people":1000.0,'),
    ],
)
def test_there_is_one_form_and_no_other(content: bytes) -> None:
    with pytest.raises(Untrusted, match="is no calibration"):
        calibrations.measured_in(content)


def test_a_block_of_a_report_comes_back_and_gives_the_same_note() -> None:
    block = json.loads(json.dumps(calibrations.document_of(MEASURED), allow_nan=False))
    assert calibrations.measured_from(block) == MEASURED
    assert block["curves"][0]["fmr"][-1] == 1e-5
    assert calibrations.content_of(calibrations.measured_from(block), evaluation=REPORT) == CONTENT


def test_more_digits_than_a_note_can_hold_are_cut_where_the_report_is_read() -> None:
    block: Any = calibrations.document_of(MEASURED)
    block["curves"][0]["scores"][2] = 0.10001234
    measured = calibrations.measured_from(block)
    assert measured == MEASURED
    assert calibrations.measured_in(calibrations.content_of(measured, evaluation=REPORT)) == measured


# A report may give a date in any ISO form; the note holds the one.
@pytest.mark.parametrize("change", [CHANGES[name] for name in CHANGES if name != "a date in another form"])
def test_an_edited_report_is_refused_with_what_to_do(change: Callable[[Any], object]) -> None:
    block: Any = calibrations.document_of(MEASURED)
    change(block)
    with pytest.raises(BadInput, match=r"cannot be used: .*evaluate again"):
        calibrations.measured_from(block)


@pytest.mark.parametrize("number", [math.nan, math.inf, 10**400, 1e308, None, "0.1", True, [0.1]])
def test_a_number_that_is_none_is_refused(number: object) -> None:
    block: Any = calibrations.document_of(MEASURED)
    block["curves"][0]["least_fmr"] = number
    with pytest.raises(BadInput):
        calibrations.measured_from(block)


@pytest.mark.parametrize("block", [None, [], "calibration", 7, {}, {"curves": None}])
def test_what_is_no_block_at_all_is_refused(block: object) -> None:
    with pytest.raises(BadInput, match="evaluate again"):
        calibrations.measured_from(block)


def test_the_block_and_the_content_hold_every_field_of_what_was_measured() -> None:
    names = {field.name for field in dataclasses.fields(Measured)}
    assert set(calibrations.document_of(MEASURED)) == names
    assert set(json.loads(CONTENT)) == names | {"format", "evaluation"}


DECIDED = calibrations.Decision(
    calibration_id="c" * 32,
    note_sha256=calibrations.digest_of(note()),
    decided_by="d" * 32,
    decided_at=datetime(2026, 11, 22, 9, 30, 0, 250_000, tzinfo=UTC),
    valid_until=datetime(2027, 11, 22, tzinfo=UTC),
)


def decision(text: str | None = None) -> bytes:
    if text is None:
        return calibrations.sign_decision(DECIDED, OFFICE.name, OFFICE.public, OFFICE.sign)
    return notes.sign_note(text, OFFICE.name, OFFICE.public, OFFICE.sign)


def test_a_decision_comes_back_whole_and_only_from_who_may_sign_it() -> None:
    assert calibrations.read_decision(decision(), [OFFICE.vkey]) == DECIDED
    with pytest.raises(Untrusted, match="no key that you trust"):
        calibrations.read_decision(decision(), [Signer("example.org/other").vkey])
    for at in range(len(decision())):
        changed = decision()[:at] + bytes([decision()[at] ^ 1]) + decision()[at + 1 :]
        with pytest.raises(Untrusted):
            calibrations.read_decision(changed, [OFFICE.vkey])


@pytest.mark.parametrize(
    "change",
    [
        ("calibration-decision", "calibration"),
        ("09:30", "10:30+01:00"),
        (',"decided_by"', ', "decided_by"'),
        ('"valid_until"', '"until"'),
        ("2027-11-22", "2027-13-22"),
        ("{", "["),
    ],
    ids=["header", "time", "space", "field", "date", "JSON"],
)
def test_a_signed_text_in_any_other_form_is_no_decision(change: tuple[str, str]) -> None:
    text = notes.text_of(decision())
    assert change[0] in text
    with pytest.raises(Untrusted, match="no decision about a calibration"):
        calibrations.read_decision(decision(text.replace(*change)), [OFFICE.vkey])
    for other in (note(), decision("beholden/calibration-decision/v1\n"), decision("beholden\n")):
        with pytest.raises(Untrusted):
            calibrations.read_decision(other, [OFFICE.vkey])
