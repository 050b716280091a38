"""Calibrations: what was measured, as a signed note that lists and disclosures quote, and as a block of a report."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from beholden.errors import BadInput, Untrusted
from beholden.formats import notes
from beholden.records.audit import canonical, instant
from beholden.records.calibration import Cell, Curve, Measured, Tail, faults

CALIBRATION = "beholden/calibration/v1"
DECISION = "beholden/calibration-decision/v1"

# A note holds no float, so that it has one form only: numbers are counts of these parts.
SCORE_PARTS = 10_000
RATE_PARTS = 10**12
TAIL_PARTS = 10**9
MOST_TEXT = 500  # characters
MOST_POINTS = 2_000

_Read = Callable[[object, int], float]  # a number of the file, and in how many parts a whole one is counted


def content_of(measured: Measured, *, evaluation: str) -> bytes:
    """Canonical JSON. `evaluation` says what it was made from: the SHA-256 of the report, in hex."""
    told = _told(measured, lambda number, parts: round(number * parts))
    return canonical({"format": CALIBRATION, "evaluation": evaluation, **told})


def measured_in(content: bytes) -> Measured:
    """Raises `Untrusted` unless it is what `content_of` writes, byte by byte."""
    try:
        told = json.loads(content)
        measured = _measured(told, _whole)
        if content_of(measured, evaluation=_text(told["evaluation"])) != content or told["format"] != CALIBRATION:
            raise ValueError("it is not in the one form that a calibration has")
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError) as wrong:
        raise Untrusted(f"this is no calibration ({_words(wrong)}): check what file you gave") from wrong
    return measured


def sign_calibration(content: bytes, name: str, public: bytes, sign: notes.Sign) -> bytes:
    """A signed note with the content. Raises `Untrusted` if it is none."""
    measured_in(content)
    return notes.sign_note(f"{CALIBRATION}\n{content.decode()}\n", name, public, sign)


def read_calibration(note: bytes, vkeys: Sequence[str]) -> Measured:
    """What a note says that one of `vkeys` signed. Raises `Untrusted`."""
    text, _ = notes.open_note(note, vkeys)
    header, _, line = text.partition("\n")
    if header != CALIBRATION or not line.endswith("\n"):
        raise Untrusted(f"the note begins with {header[:80]!r} and is no calibration: check what file you gave")
    return measured_in(line[:-1].encode())


@dataclass(frozen=True, slots=True)
class Decision:
    """That somebody put a calibration in force: which one, whose word it is, when it was given and until when it holds."""

    calibration_id: str
    note_sha256: str  # of the calibration's note, in hex
    decided_by: str
    decided_at: datetime
    valid_until: datetime


def sign_decision(decision: Decision, name: str, public: bytes, sign: notes.Sign) -> bytes:
    """A signed note of the decision; its times keep their milliseconds."""
    return notes.sign_note(f"{DECISION}\n{_decision_text(decision)}\n", name, public, sign)


def read_decision(signed: bytes, vkeys: Sequence[str]) -> Decision:
    """What `sign_decision` wrote and one of `vkeys` signed. Raises `Untrusted`."""
    text, _ = notes.open_note(signed, vkeys)
    header, _, line = text.partition("\n")
    try:
        told = _object(json.loads(line))
        decision = Decision(
            calibration_id=_text(told["calibration"]),
            note_sha256=_text(told["note_sha256"]),
            decided_by=_text(told["decided_by"]),
            decided_at=datetime.fromisoformat(_text(told["decided_at"])).astimezone(UTC),
            valid_until=datetime.fromisoformat(_text(told["valid_until"])).astimezone(UTC),
        )
        if header != DECISION or line != f"{_decision_text(decision)}\n":
            raise ValueError("it is not in the one form that a decision has")
    except (ValueError, KeyError, TypeError, RecursionError) as wrong:
        raise Untrusted(
            f"this is no decision about a calibration ({_words(wrong)}): get it again from where it came"
        ) from wrong
    return decision


def digest_of(note: bytes) -> str:
    """How a decision names the note that it is about."""
    return hashlib.sha256(note).hexdigest()


def _decision_text(decision: Decision) -> str:
    told = {
        "calibration": decision.calibration_id,
        "note_sha256": decision.note_sha256,
        "decided_by": decision.decided_by,
        "decided_at": instant(decision.decided_at),
        "valid_until": instant(decision.valid_until),
    }
    return canonical(told).decode()


def document_of(measured: Measured) -> dict[str, object]:
    """The `calibration` block of a report, with plain numbers."""
    return _told(measured, _rounded)


def measured_from(document: object) -> Measured:
    """From the `calibration` block of a report, which somebody may have edited. Raises `BadInput` for what cannot be."""
    try:
        return _measured(document, _plain)
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError) as wrong:
        raise BadInput(
            f"the calibration in this report cannot be used: {_words(wrong)}; evaluate again, and leave the report as it is"
        ) from wrong


def _told(measured: Measured, number: Callable[[float, int], float]) -> dict[str, object]:
    return {
        "model": measured.model,
        "space_id": measured.space_id,
        "measured_on": measured.measured_on,
        "measured_at": measured.measured_at,
        "people": measured.people,
        "images": measured.images,
        "references": measured.references,
        "curves": [
            {
                "faces": curve.faces,
                "scores": [number(score, SCORE_PARTS) for score in curve.scores],
                "fmr": [number(rate, RATE_PARTS) for rate in curve.fmr],
                "least_fmr": number(curve.least_fmr, RATE_PARTS),
                "tail": {
                    "start": number(curve.tail.start, SCORE_PARTS),
                    "rate": number(curve.tail.rate, RATE_PARTS),
                    "shape": number(curve.tail.shape, TAIL_PARTS),
                    "scale": number(curve.tail.scale, TAIL_PARTS),
                },
            }
            for curve in measured.curves
        ],
        "cells": [
            {
                "least_quality": cell.least_quality,
                "most_quality": cell.most_quality,
                "faces": cell.faces,
                "people": cell.people,
                "trials": cell.trials,
                "scores": [number(score, SCORE_PARTS) for score in cell.scores],
            }
            for cell in measured.cells
        ],
    }


def _measured(told: object, number: _Read) -> Measured:
    """Raises ValueError, KeyError or TypeError for anything else than `_told` gives."""
    block = _object(told)
    measured = Measured(
        model=_text(block["model"]),
        space_id=_text(block["space_id"]),
        measured_on=_text(block["measured_on"]),
        measured_at=date.fromisoformat(_text(block["measured_at"])).isoformat(),
        people=_count(block["people"]),
        images=_count(block["images"]),
        references=_count(block["references"]),
        curves=tuple(_curve(_object(curve), number) for curve in _list(block["curves"])),
        cells=tuple(_cell(_object(cell), number) for cell in _list(block["cells"])),
    )
    if wrong := faults(measured):
        raise ValueError("; ".join(wrong[:5]))
    return measured


def _curve(told: dict[str, object], number: _Read) -> Curve:
    tail = _object(told["tail"])
    return Curve(
        faces=_count(told["faces"]),
        scores=tuple(number(score, SCORE_PARTS) for score in _list(told["scores"])),
        fmr=tuple(number(rate, RATE_PARTS) for rate in _list(told["fmr"])),
        least_fmr=number(told["least_fmr"], RATE_PARTS),
        tail=Tail(
            start=number(tail["start"], SCORE_PARTS),
            rate=number(tail["rate"], RATE_PARTS),
            shape=number(tail["shape"], TAIL_PARTS),
            scale=number(tail["scale"], TAIL_PARTS),
        ),
    )


def _cell(told: dict[str, object], number: _Read) -> Cell:
    return Cell(
        least_quality=_count(told["least_quality"]),
        most_quality=_count(told["most_quality"]),
        faces=_count(told["faces"]),
        people=_count(told["people"]),
        trials=_count(told["trials"]),
        scores=tuple(number(score, SCORE_PARTS) for score in _list(told["scores"])),
    )


def _whole(told: object, parts: int) -> float:
    if type(told) is not int:
        raise TypeError(f"{str(told)[:40]!r} is no whole number")
    return told / parts


def _plain(told: object, parts: int) -> float:
    if type(told) not in (int, float) or not isinstance(told, int | float) or not math.isfinite(told):
        raise TypeError(f"{str(told)[:40]!r} is no number")
    return _rounded(told, parts)


def _rounded(number: float, parts: int) -> float:
    """The nearest number that a note can hold: whole parts, divided as the note's reader divides them."""
    return round(number * parts) / parts


def _count(told: object) -> int:
    if type(told) is not int or not 0 <= told < 10**12:
        raise TypeError(f"{str(told)[:40]!r} is no count")
    return told


def _text(told: object) -> str:
    if not isinstance(told, str) or not told.isprintable() or len(told) > MOST_TEXT:
        raise TypeError(f"a text is missing, or is longer than {MOST_TEXT} characters, or holds what cannot be printed")
    return told


def _list(told: object) -> list[object]:
    if not isinstance(told, list) or len(told) > MOST_POINTS:
        raise TypeError(f"a list is missing, or has more than {MOST_POINTS} entries")
    return told


def _object(told: object) -> dict[str, object]:
    if not isinstance(told, dict):
        raise TypeError("a part of it is no object with named fields")
    return told


def _words(wrong: Exception) -> str:
    return f"it has no {wrong}" if isinstance(wrong, KeyError) else str(wrong) or type(wrong).__name__
