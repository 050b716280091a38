"""A search before approval: who said why it could not wait, which gates it passed, and what its review came to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated

from beholden.records.retention import Kept
from beholden.records.sealed import Sealed, Written

UNREVIEWED = (
    "UNREVIEWED EXIGENT: searched before approval. Nobody else has reviewed yet that it had to be; use it only to protect "
    "somebody now."
)
NOT_UPHELD = "EXIGENT, NOT UPHELD: searched before approval, and the review did not uphold it. It must not be used."
UNKNOWN = "unknown"  # a place or a time of a threat that nobody knows is said so, and is an answer
LATELY = timedelta(hours=24)  # over which the incidents of one person are counted


class ExigentState(StrEnum):
    OPEN = "open"  # used at once, and waits for its review
    UPHELD = "upheld"
    REFUSED = "refused"
    LAPSED = "lapsed"  # nobody reviewed it in time


MAY_FREEZE = (ExigentState.OPEN, ExigentState.LAPSED)  # an open one does once its time is over


@dataclass(frozen=True, slots=True)
class Gate:
    """What would stop a search that was approved before, and whether one that is exigent may pass it."""

    code: str
    rule: str  # that refuses; empty where nothing does, and the list says it instead
    passable: bool
    how_far: str


# REQ 22, and no further. Whatever is not named here holds for an exigent search as for every other.
GATES = (
    Gate("training", "training-is-current", True, "a certificate that ended 30 days ago at most"),
    Gate("certification", "galleries-are-certified", True, "galleries whose certification is overdue"),
    Gate("quality", "probe-above-floor", True, "a probe below the floor, without a reason written for it"),
    Gate("witness", "log-is-witnessed", True, "no witness has seen the log for longer than the pack allows"),
    Gate("no-witness", "log-has-a-witness", True, "the log has fewer witnesses than the pack asks for"),
    Gate("calibration", "", True, "no evaluation that is still in force; the list says so"),
    Gate("purpose", "search-purpose-of-pack", False, "the purpose is one of the pack's"),
    Gate("role", "subject-role-is-permitted", False, "the role of who is sought is one that the purpose permits"),
    Gate("galleries", "galleries-are-fit", False, "every gallery is open and held for the purpose"),
    Gate(
        "source",
        "comparison-source-is-searchable",
        False,
        "references of a suspended or ended source are compared with nothing",
    ),
    Gate("oversight", "oversight-stop", False, "what the oversight body stopped, stands still"),
    Gate("log", "", False, "the entry of the log is durable before anything is compared"),
)
PASSABLE = {gate.rule: gate for gate in GATES if gate.passable and gate.rule}


@dataclass(frozen=True, slots=True)
class Passed:
    """A gate that was passed, and with what."""

    gate: str
    words: str


@dataclass(frozen=True, slots=True)
class Exigent:
    """One person sought before approval. A second person of the same incident names the first one's as its incident."""

    id: str
    version: int
    kept: Kept
    authority_id: str
    case_id: str
    incident_id: str  # its own id where it began the incident
    begun_by: str
    ground: str  # a code of the pack
    reason: Written
    place: Written  # of the threat, or "unknown"
    time: Written  # of the threat in words, or "unknown"
    passed: Annotated[tuple[Passed, ...], Sealed("id")]  # the first one first, each gate once
    review_due: datetime
    second_due: datetime  # until when a second person examines what the searcher examined alone
    state: ExigentState
    reviewed_by: str = ""  # empty until then; of a lapsed one, who closed the lapse
    decision: Written = ""  # the reviewer's reasons


def state_at(exigent: Exigent, now: datetime) -> ExigentState:
    """How it stands at this moment, whether or not anybody has put its lapse on record yet."""
    if exigent.state is ExigentState.OPEN and now >= exigent.review_due:
        return ExigentState.LAPSED
    return exigent.state


def freezes(exigent: Exigent, now: datetime) -> bool:
    """Whether searches that can wait do so because of it: it lapsed, and nobody has written the review since."""
    return state_at(exigent, now) is ExigentState.LAPSED and not exigent.reviewed_by


def passing(passed: Iterable[Passed], more: Iterable[Passed]) -> tuple[Passed, ...]:
    """With what was passed now; a gate that was passed before keeps the words of then."""
    there = {one.gate: one for one in passed}
    for one in more:
        there.setdefault(one.gate, one)
    return tuple(there.values())


def heading(exigent: Exigent, now: datetime) -> tuple[str, ...]:
    """What stands above every list and statement of it; nothing once it was upheld."""
    state = state_at(exigent, now)
    if state is ExigentState.UPHELD:
        return ()
    return (UNREVIEWED,) if state is ExigentState.OPEN else (NOT_UPHELD,)


def headed(statements: tuple[str, ...], heads: tuple[str, ...]) -> tuple[str, ...]:
    """The same statements under this heading, and under no other one."""
    return heads + tuple(one for one in statements if one not in (UNREVIEWED, NOT_UPHELD))
