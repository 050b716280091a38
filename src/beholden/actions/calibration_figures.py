"""What a calibration says of a model as a curve: how often it misses a person against how often it finds an unrelated one."""

from __future__ import annotations

from dataclasses import dataclass, replace

from beholden.actions import log
from beholden.actions.calibrate import quoted
from beholden.actions.desk import at_desk
from beholden.errors import Missing
from beholden.formats import calibrations
from beholden.ports.system import System
from beholden.records.calibration import (
    ALL_QUALITIES,
    EXPECTED_UNRELATED,
    Cell,
    Measured,
    fmr_at,
    fnmr_at,
    score_at,
)
from beholden.records.evaluation import Calibration
from beholden.records.faces import Face, FaceState
from beholden.records.people import Officer

OF_THE_MODEL = "model"  # in place of an id: the figures that came with the model that is used
STEPS = 120  # points of a curve, by score
LEAST_FMR = 1e-7  # below it no search of any gallery that is told of here goes


@dataclass(frozen=True, slots=True)
class Point:
    score: float
    fmr: float
    fnmr: float
    extrapolated: bool


@dataclass(frozen=True, slots=True)
class Trace:
    """Of one photograph of this quality as a probe: its points by falling FMR (ISO/IEC 19795-1, a DET curve)."""

    least_quality: int
    most_quality: int
    people: int
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Mark:
    """The score at which so many unrelated references are expected, and what it costs."""

    unrelated: float
    point: Point


@dataclass(frozen=True, slots=True)
class Det:
    calibration: Calibration | None  # None: the figures that came with the model
    measured: Measured
    references: int  # that are held now, in all galleries; where none is, in the largest gallery that was measured
    held: bool
    traces: tuple[Trace, ...]  # of any quality first
    marks: tuple[Mark, ...]


def det(system: System, officer: Officer, *, calibration_id: str) -> Det:
    """Of one calibration, whatever became of it. Raises `Missing` for none, `Untrusted` where it is not what was signed.

    A list has no threshold here: it has so many people. What is marked is from which score on how many unrelated people are
    expected among as many references as are held.
    """
    with at_desk(system, officer) as (look, _):
        calibration = None if calibration_id == OF_THE_MODEL else look.get(Calibration, calibration_id)
        held = look.count(Face, state=FaceState.LIVE)
    if calibration is not None:
        measured: Measured | None = calibrations.read_calibration(calibration.note, log.vkeys(system))
    else:
        measured = system.model.card.calibration
    if measured is None:
        raise Missing("the model came without figures of its own")
    references = held or measured.references
    cells = sorted(
        (cell for cell in measured.cells if cell.faces == 1),
        key=lambda cell: ((cell.least_quality, cell.most_quality) != ALL_QUALITIES, -cell.least_quality),
    )
    return Det(
        calibration,
        measured,
        references,
        held > 0,
        tuple(_trace(measured, cell) for cell in cells),
        _marks(measured, cells[0], references) if cells else (),
    )


def quoted_now(system: System, officer: Officer) -> Det | None:
    """What lists quote now: the calibration in force, else the model's own figures; None where there are none."""
    with at_desk(system, officer) as (look, _):
        id, measured = quoted(system, look)
    return det(system, officer, calibration_id=id or OF_THE_MODEL) if measured is not None else None


def _trace(measured: Measured, cell: Cell) -> Trace:
    first, last = measured.curves[0].scores[0], score_at(measured, faces=1, references=1, unrelated=LEAST_FMR).number
    scores = [first + (last - first) * step / STEPS for step in range(STEPS + 1)]
    points = tuple(_point(measured, cell, score) for score in scores)
    return Trace(cell.least_quality, cell.most_quality, cell.people, points)


def _point(measured: Measured, cell: Cell, score: float) -> Point:
    rate = fmr_at(measured, 1, score)
    missed = fnmr_at(replace(measured, cells=(cell,)), quality=cell.least_quality, faces=1, score=score)
    beyond = rate.extrapolated or rate.number < measured.curves[0].least_fmr
    return Point(score, rate.number, missed.number if missed else 1.0, beyond)


def _marks(measured: Measured, cell: Cell, references: int) -> tuple[Mark, ...]:
    marks = []
    for number in EXPECTED_UNRELATED:
        if number < references:
            at = score_at(measured, faces=1, references=references, unrelated=number)
            point = _point(measured, cell, at.number)
            marks.append(Mark(number, replace(point, fmr=number / references, extrapolated=at.extrapolated)))
    return tuple(marks)
