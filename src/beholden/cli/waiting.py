"""In plain words: what waits for whom, and with which command they go on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from beholden.cli.printing import at, short
from beholden.records import waiting
from beholden.records.authority import Authority
from beholden.records.cases import Case
from beholden.records.requests import Request
from beholden.records.searches import Search
from beholden.records.sought import Sought
from beholden.records.sources import Source
from beholden.records.waiting import Step, Waiting

_WORDS = {
    Step.NONE: "",
    Step.SOURCE_DECISION: "waits for a privacy officer to approve or refuse it",
    Step.SOURCE_ENDED: "its authority has ended: its references are compared no more",
    Step.SOURCE_SUSPENDED: "its references are not compared until a privacy officer resumes it",
    Step.DRAFT: "waits for whoever drafted it to ask with it (`beholden authority submit`)",
    Step.QUESTIONS: "waits for whoever asked to answer the questions (`beholden authority submit --answer`)",
    Step.APPROVAL: "waits for a supervisor who has no part in the case (`beholden authority approve`)",
    Step.AUTHORITY_USED: "all its searches are used: a new one must be requested",
    Step.SEARCH_RUNS: "runs",
    Step.REVIEW: "waits for a reviewer who has no other part in it (`beholden review open`)",
    Step.EXAMINATION: "waits for the opinions of examiners (`beholden examine open`)",
    Step.LEADS: "is open: `beholden search leads` shows its list",
    Step.SEARCH_FAILED: "failed; its use is consumed and there is no list",
    Step.REQUEST_ERASURE: "waits for somebody other than who granted it (`beholden erase`)",
    Step.REQUEST_RESTRICTED: "its records are restricted, not erased: waits for a privacy officer to look again",
    Step.CASE_CLOSED: "the case is closed; a supervisor can reopen it (`beholden case reopen`)",
    Step.EXHIBIT: "waits for an investigator of the case to add an exhibit (`beholden exhibit add`)",
    Step.SOUGHT: "waits for an investigator of the case to declare who is sought (`beholden sought declare`)",
    Step.AUTHORITY: "waits for an authority to be requested (`beholden authority request`)",
}


def of_source(source: Source, now: datetime) -> str:
    return _WORDS[waiting.of_source(source, now)]


def of_authority(authority: Authority, now: datetime) -> str:
    step = waiting.of_authority(authority, now)
    if step is Step.AUTHORITY_ENDED:
        return f"ended at {at(authority.ends_at)}: a new one must be requested"
    if step is Step.AUTHORITY_BEGINS:
        return f"can be used from {at(authority.starts_at)}"
    if step is Step.AUTHORITY_USABLE:
        left = authority.searches - authority.used
        return f"{left} of {authority.searches} searches left until {at(authority.ends_at)} (`beholden search run`)"
    return _WORDS[step]


def of_search(search: Search) -> str:
    return _WORDS[waiting.of_search(search)]


def of_request(request: Request) -> str:
    step = waiting.of_request(request)
    if step is Step.REQUEST_DECISION:
        return f"waits for a privacy officer to grant or refuse it, until {at(request.due_at)}"
    return _WORDS[step]


def of_case(
    case: Case,
    exhibits: int,
    soughts: Sequence[Sought],
    authorities: Sequence[Authority],
    searches: Sequence[Search],
    now: datetime,
) -> list[str]:
    """Everything in a case that waits for somebody, oldest step first."""
    return [_said(one, now) for one in waiting.of_case(case, exhibits, soughts, authorities, searches, now)]


def _said(one: Waiting, now: datetime) -> str:
    if isinstance(one.record, Authority):
        return f"authority {short(one.record.id)}: {of_authority(one.record, now)}"
    if isinstance(one.record, Search):
        return f"search {short(one.record.id)} {of_search(one.record)}"
    if isinstance(one.record, Sought):
        return f"sought {short(one.record.id)} {_WORDS[one.step]}"
    return _WORDS[one.step]
