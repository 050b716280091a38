"""What a record waits for, by its state and the time. Each door says it in words of its own, with its own way to go on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from beholden.records.authority import RAN_OUT, Authority, AuthorityState, state_at
from beholden.records.cases import Case, CaseState
from beholden.records.evaluation import Calibration, CalibrationState
from beholden.records.requests import Request, RequestState
from beholden.records.searches import Search, SearchState
from beholden.records.sought import Sought, SoughtState
from beholden.records.sources import Source, SourceState


class Step(StrEnum):
    """What comes next."""

    NONE = "none"
    SOURCE_DECISION = "source-decision"
    SOURCE_ENDED = "source-ended"
    SOURCE_SUSPENDED = "source-suspended"
    DRAFT = "draft"
    QUESTIONS = "questions"
    APPROVAL = "approval"
    AUTHORITY_ENDED = "authority-ended"
    AUTHORITY_USED = "authority-used"
    AUTHORITY_BEGINS = "authority-begins"
    AUTHORITY_USABLE = "authority-usable"
    SEARCH_RUNS = "search-runs"
    REVIEW = "review"
    EXAMINATION = "examination"
    LEADS = "leads"
    SEARCH_FAILED = "search-failed"
    REQUEST_DECISION = "request-decision"
    REQUEST_ERASURE = "request-erasure"
    REQUEST_RESTRICTED = "request-restricted"
    CALIBRATION_DECISION = "calibration-decision"
    CASE_CLOSED = "case-closed"
    EXHIBIT = "exhibit"
    SOUGHT = "sought"
    AUTHORITY = "authority"


_OF_AUTHORITY = {
    AuthorityState.DRAFT: Step.DRAFT,
    AuthorityState.RETURNED: Step.QUESTIONS,
    AuthorityState.REQUESTED: Step.APPROVAL,
    AuthorityState.EXHAUSTED: Step.AUTHORITY_USED,
}
_OF_SEARCH = {
    SearchState.STARTED: Step.SEARCH_RUNS,
    SearchState.LISTED: Step.REVIEW,
    SearchState.REVIEWED: Step.EXAMINATION,
    SearchState.UNSEALED: Step.LEADS,
    SearchState.FAILED: Step.SEARCH_FAILED,
}
_OF_REQUEST = {
    RequestState.RECEIVED: Step.REQUEST_DECISION,
    RequestState.GRANTED: Step.REQUEST_ERASURE,
    RequestState.RESTRICTED: Step.REQUEST_RESTRICTED,
}


@dataclass(frozen=True, slots=True)
class Waiting:
    """One thing of a case that waits, and of which record."""

    step: Step
    record: Case | Sought | Authority | Search


class Due(StrEnum):
    """How near the time is by which something is to be done."""

    OVERDUE = "overdue"
    SOON = "soon"
    OPEN = "open"


SOON = timedelta(days=1)
# Where nothing is due: an opinion that hides other things as long as it is owed, a search that ran before its approval, and
# an authority for which somebody waits.
FIRST = ("owed", "exigents", "authorities")
NEVER = datetime.max.replace(tzinfo=UTC)


def how_due(due: datetime | None, now: datetime) -> Due:
    if due is None or due - now > SOON:
        return Due.OPEN
    return Due.OVERDUE if due < now else Due.SOON


def by_urgency(waits: Mapping[str, Sequence[datetime | None]], now: datetime) -> list[str]:
    """The kinds of which something waits, the most urgent first. Given is, of each, when what waits is due.

    First what is overdue or due within a day, by its time; then `FIRST`; then the rest, by their times and else as given.
    """

    def place(kind: str) -> tuple[int, datetime, int]:
        due = min((one for one in waits[kind] if one is not None), default=None)
        if how_due(due, now) is not Due.OPEN:
            return 0, due or NEVER, 0
        if kind in FIRST:
            return 1, NEVER, FIRST.index(kind)
        return 2, due or NEVER, 0

    return sorted((kind for kind, of in waits.items() if of), key=place)


def of_source(source: Source, now: datetime) -> Step:
    if source.state is SourceState.PROPOSED:
        return Step.SOURCE_DECISION
    if source.state is SourceState.ACTIVE and now >= source.valid_until:
        return Step.SOURCE_ENDED
    return Step.SOURCE_SUSPENDED if source.state is SourceState.SUSPENDED else Step.NONE


def of_authority(authority: Authority, now: datetime) -> Step:
    state = state_at(authority, now)
    if state in RAN_OUT and now >= authority.ends_at:
        return Step.AUTHORITY_ENDED  # and used up or not: a new one is asked for with a new time
    if state in _OF_AUTHORITY:
        return _OF_AUTHORITY[state]
    if state is not AuthorityState.ACTIVE:
        return Step.NONE
    return Step.AUTHORITY_BEGINS if now < authority.starts_at else Step.AUTHORITY_USABLE


def of_search(search: Search) -> Step:
    return _OF_SEARCH[search.state]


def of_request(request: Request) -> Step:
    return _OF_REQUEST.get(request.state, Step.NONE)


def of_calibration(calibration: Calibration) -> Step:
    return Step.CALIBRATION_DECISION if calibration.state is CalibrationState.PROPOSED else Step.NONE


def of_case(
    case: Case,
    exhibits: int,
    soughts: Sequence[Sought],
    authorities: Sequence[Authority],
    searches: Sequence[Search],
    now: datetime,
) -> list[Waiting]:
    """Everything in a case that waits for somebody, oldest step first."""
    if case.state is CaseState.CLOSED:
        return [Waiting(Step.CASE_CLOSED, case)]
    declared = [one for one in soughts if one.state is SoughtState.DECLARED]
    asked = {one.sought_id for one in authorities}
    waits = []
    if not exhibits:
        waits.append(Waiting(Step.EXHIBIT, case))
    elif not declared:
        waits.append(Waiting(Step.SOUGHT, case))
    waits += [Waiting(Step.AUTHORITY, one) for one in declared if one.id not in asked]
    waits += [Waiting(step, one) for one in authorities if (step := of_authority(one, now)) is not Step.NONE]
    waits += [Waiting(of_search(one), one) for one in searches if one.state is not SearchState.FAILED]
    return waits
