"""Examination: two people compare one candidate with the probe, each blind to the score and to the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Annotated

from beholden.records.retention import Kept
from beholden.records.sealed import Sealed, Written


class Opinion(IntEnum):
    """Seven steps, from different to the same person, and none: the photographs cannot be compared."""

    STRONG_DIFFERENT = -3
    MODERATE_DIFFERENT = -2
    LIMITED_DIFFERENT = -1
    INCONCLUSIVE = 0
    LIMITED_SAME = 1
    MODERATE_SAME = 2
    STRONG_SAME = 3
    CANNOT_COMPARE = 9

    @property
    def words(self) -> str:
        return _WORDS[self]


_WORDS = {
    Opinion.STRONG_DIFFERENT: "strong support for different persons",
    Opinion.MODERATE_DIFFERENT: "moderate support for different persons",
    Opinion.LIMITED_DIFFERENT: "limited support for different persons",
    Opinion.INCONCLUSIVE: "inconclusive",
    Opinion.LIMITED_SAME: "limited support for the same person",
    Opinion.MODERATE_SAME: "moderate support for the same person",
    Opinion.STRONG_SAME: "strong support for the same person",
    Opinion.CANNOT_COMPARE: "the photographs cannot be compared",
}


class Part(StrEnum):
    FIRST = "first"
    SECOND = "second"
    CONSULTATION = "consultation"


class ExaminationState(StrEnum):
    OPEN = "open"
    LOCKED = "locked"
    VOID = "void"  # there is no opinion: the reference was erased, or an examiner elsewhere gave none in time


class Observation(StrEnum):
    SIMILAR = "similar"
    EXPLAINED = "different-explained"
    UNEXPLAINED = "different-unexplained"
    NOT_COMPARABLE = "not-comparable"


# Facial component names as the practice lists them (ASTM E3149), from the top of the face down.
COMPONENTS = (
    "face-shape",
    "hairline-forehead",
    "eyebrows",
    "eyes",
    "nose",
    "cheeks",
    "ears",
    "mouth",
    "chin-jawline",
    "lines-marks",
)

SCALE = "support-7"  # the seven steps of `Opinion`; stored with each, so that another scale is told apart
FURTHEST_APART = 6  # steps: no two opinions on one side are further apart than this

LEAST_WORDS, MOST_WORDS = 10, 2000  # letters of why a side is not suitable; characters of a description
MOST_MARKS = 200  # in one examination


class Side(StrEnum):
    """The two sides of a pair, in the order in which they are described."""

    PROBE = "probe"
    REFERENCE = "reference"


class Stage(StrEnum):
    """How far an examination has come: each side alone first, so that neither is read into the other (Dror, ACE-V)."""

    PROBE = "probe"
    REFERENCE = "reference"
    PAIR = "pair"
    LOCKED = "locked"  # or void: nothing is left to do


@dataclass(frozen=True, slots=True)
class Description:
    """What one side shows, said while the other was not to be seen."""

    of: Side
    suitable: bool  # for a comparison at all
    seen: tuple[str, ...]  # names of COMPONENTS that can be judged in it
    words: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A place that a person pointed at, and the component that it tells of."""

    on: Side
    photograph: int  # of that side, from 0
    component: str
    x: float  # fractions of the chip, from its left and its top
    y: float


@dataclass(frozen=True, slots=True)
class Examination:
    id: str  # the pair's handle, random for this examiner
    version: int
    kept: Kept
    search_id: str
    candidate_id: str
    examiner: str
    part: Part
    components: tuple[tuple[str, str], ...]  # (name of COMPONENTS, Observation)
    limitations: Written
    opinion: int | None  # an Opinion; None while open, and when void
    supersedes: str  # the examination that this one revises; empty if none
    score_revealed: bool  # whether its author may have known scores when it was locked
    state: ExaminationState
    own: bool = False  # whether its author is who searched, before approval and alone
    described: Annotated[tuple[Description, ...], Sealed("id")] = ()  # none in one locked before there were any
    marks: Annotated[tuple[Mark, ...], Sealed("id")] = ()
    scale: str = ""  # SCALE; empty while open
    tools: tuple[tuple[str, int], ...] = ()  # (one of TOOLS, how often), as they were used until it was locked
    apart: int = FURTHEST_APART  # `max_steps_apart` when it was locked: a stricter pack judges none that is older


def stage_of(examination: Examination) -> Stage:
    if examination.state is not ExaminationState.OPEN:
        return Stage.LOCKED
    described = {one.of for one in examination.described}
    if Side.PROBE not in described:
        return Stage.PROBE
    return Stage.PAIR if Side.REFERENCE in described else Stage.REFERENCE


def wrong_in(description: Description) -> tuple[str, ...]:
    """What a description of one side lacks before it stands."""
    lacks = []
    if len(set(description.seen)) != len(description.seen):
        lacks.append("each component once")
    lacks += [f"no such component: {name}" for name in description.seen if name not in COMPONENTS]
    if description.suitable and not description.seen:
        lacks.append("a component that can be judged")
    if not description.suitable and sum(map(str.isalpha, description.words)) < LEAST_WORDS:
        lacks.append(f"why it is not suitable, in at least {LEAST_WORDS} letters")
    if len(description.words) > MOST_WORDS:
        lacks.append(f"words of at most {MOST_WORDS:,} characters")
    return tuple(lacks)


def undescribed(described: Sequence[Description]) -> tuple[str, ...]:
    """Which sides were not described yet."""
    there = {one.of for one in described}
    return tuple(f"description of the {side}" for side in Side if side not in there)


def missing(
    components: Sequence[tuple[str, str]], opinion: int | None, described: Sequence[Description] = ()
) -> tuple[str, ...]:
    """What an opinion lacks before it can be locked: every component, once, with an observation of the list.

    A component that could not be judged in both sides as they were `described` is not comparable. Where a side is not
    suitable the one conclusion is that the photographs cannot be compared, and no component is asked for.
    """
    lacks = []
    given = dict(components)
    if len(given) != len(components):
        lacks.append("each component once")
    suitable = all(one.suitable for one in described)
    seen_in_all = set(COMPONENTS).intersection(*(one.seen for one in described)) if suitable else set()
    for name in COMPONENTS:
        told = given.get(name)
        if told not in set(Observation):
            if suitable or told is not None:
                lacks.append(name)
        elif name not in seen_in_all and told != Observation.NOT_COMPARABLE:
            lacks.append(f"{name}: {Observation.NOT_COMPARABLE}")
    lacks += [f"no such component: {name}" for name in given if name not in COMPONENTS]
    if opinion not in set(Opinion):
        lacks.append("opinion")
    elif not suitable and opinion != Opinion.CANNOT_COMPARE:
        lacks.append(f"opinion: {Opinion.CANNOT_COMPARE.words}")
    return tuple(lacks)


def wrong_in_marks(marks: Sequence[Mark], photographs: int) -> tuple[str, ...]:
    """What is wrong with what was pointed at, by the number of the mark; `photographs` are those of the probe's side."""
    wrong = [f"at most {MOST_MARKS} marks"] if len(marks) > MOST_MARKS else []
    for number, mark in enumerate(marks, 1):
        if mark.component not in COMPONENTS:
            wrong.append(f"mark {number}: no such component")
        if not (0 <= mark.x <= 1 and 0 <= mark.y <= 1):  # what is no number lies nowhere either
            wrong.append(f"mark {number}: a place in the photograph")
        if not 0 <= mark.photograph < (photographs if mark.on is Side.PROBE else 1):
            wrong.append(f"mark {number}: a photograph that was shown")
    return tuple(wrong)


def side(opinion: int | None) -> int:
    """-1 different, 0 undecided, 1 the same."""
    if opinion is None or opinion == Opinion.CANNOT_COMPARE:
        return 0
    return (opinion > 0) - (opinion < 0)


def in_force(examinations: Sequence[Examination]) -> list[Examination]:
    """The locked examinations that no later one revises."""
    superseded = {
        examination.supersedes for examination in examinations if examination.state is ExaminationState.LOCKED
    }
    return [e for e in examinations if e.state is ExaminationState.LOCKED and e.id not in superseded]


def disagree(examinations: Sequence[Examination]) -> bool:
    """Whether the first and the second opinion fall on different sides, or on one side further apart than the pack allowed."""
    given = {e.part: e for e in in_force(examinations)}
    if not given.keys() >= {Part.FIRST, Part.SECOND}:
        return False
    first, second = given[Part.FIRST], given[Part.SECOND]
    if side(first.opinion) != side(second.opinion):
        return True
    if side(first.opinion) == 0 or first.opinion is None or second.opinion is None:
        return False  # no step: inconclusive, or nothing to compare
    return abs(first.opinion - second.opinion) > min(first.apart, second.apart)


def is_complete(examinations: Sequence[Examination]) -> bool:
    """Whether a candidate has every opinion it needs: two, and a third where the two disagree.

    Judged by the opinions that were given blind: one that is revised later takes back none that was needed, and stands
    beside them.
    """
    blind = [e for e in examinations if not e.supersedes]
    parts = {e.part for e in in_force(blind)}
    return {Part.FIRST, Part.SECOND} <= parts and (not disagree(blind) or Part.CONSULTATION in parts)


def next_part(examinations: Sequence[Examination]) -> Part | None:
    """Which part an examiner who opens the candidate now would take; None when nothing is left to do."""
    taken = {e.part for e in examinations if not e.supersedes and e.state is not ExaminationState.VOID}
    if Part.FIRST not in taken:
        return Part.FIRST
    if Part.SECOND not in taken:
        return Part.SECOND
    if Part.CONSULTATION not in taken and disagree(examinations):
        return Part.CONSULTATION
    return None


def opinion_to_send(examinations: Sequence[Examination]) -> Part | None:
    """Which part an examiner elsewhere would take. Never the first, which is kept for somebody here: a packet then leaves at
    any time, and who gets it cannot tell by that whether somebody examined the pair before."""
    taken = {e.part for e in examinations if not e.supersedes and e.state is not ExaminationState.VOID}
    if Part.SECOND not in taken:
        return Part.SECOND
    return Part.CONSULTATION if next_part(examinations) is Part.CONSULTATION else None
