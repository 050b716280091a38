"""Examination: two people compare one candidate with the probe, each blind to the score and to the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum, StrEnum

from beholden.records.retention import Kept
from beholden.records.sealed import Written


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


def missing(components: Sequence[tuple[str, str]], opinion: int | None) -> tuple[str, ...]:
    """What an opinion lacks before it can be locked: every component, once, with an observation of the list."""
    lacks = []
    given = dict(components)
    if len(given) != len(components):
        lacks.append("each component once")
    lacks += [name for name in COMPONENTS if given.get(name) not in set(Observation)]
    lacks += [f"no such component: {name}" for name in given if name not in COMPONENTS]
    if opinion not in set(Opinion):
        lacks.append("opinion")
    return tuple(lacks)


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
    """Whether the first and the second opinion fall on different sides."""
    sides = {e.part: side(e.opinion) for e in in_force(examinations)}
    return Part.FIRST in sides and Part.SECOND in sides and sides[Part.FIRST] != sides[Part.SECOND]


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
