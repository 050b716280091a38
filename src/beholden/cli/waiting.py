"""In plain words: what waits for whom, and with which command they go on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from beholden.cli.printing import at, short
from beholden.records.authority import Authority, AuthorityState
from beholden.records.cases import Case, CaseState
from beholden.records.requests import Request, RequestState
from beholden.records.searches import Search, SearchState
from beholden.records.sought import Sought, SoughtState
from beholden.records.sources import Source, SourceState


def of_source(source: Source, now: datetime) -> str:
    if source.state is SourceState.PROPOSED:
        return "waits for a privacy officer to approve or refuse it"
    if source.state is SourceState.ACTIVE and now >= source.valid_until:
        return "its authority has ended: its references are compared no more"
    if source.state is SourceState.SUSPENDED:
        return "its references are not compared until a privacy officer resumes it"
    return ""


def of_authority(authority: Authority, now: datetime) -> str:
    if authority.state is AuthorityState.REQUESTED:
        return "waits for a supervisor who has no part in the case (`beholden authority approve`)"
    if authority.state is not AuthorityState.ACTIVE:
        return ""
    if now >= authority.ends_at:
        return f"ended at {at(authority.ends_at)}: a new one must be requested"
    left = authority.searches - authority.used
    if not left:
        return "all its searches are used: a new one must be requested"
    if now < authority.starts_at:
        return f"can be used from {at(authority.starts_at)}"
    return f"{left} of {authority.searches} searches left until {at(authority.ends_at)} (`beholden search run`)"


def of_search(search: Search) -> str:
    return {
        SearchState.STARTED: "runs",
        SearchState.LISTED: "waits for a reviewer who has no other part in it (`beholden review open`)",
        SearchState.REVIEWED: "waits for the opinions of examiners (`beholden examine open`)",
        SearchState.UNSEALED: "is open: `beholden search leads` shows its list",
        SearchState.FAILED: "failed; its use is consumed and there is no list",
    }[search.state]


def of_request(request: Request) -> str:
    if request.state is RequestState.RECEIVED:
        return f"waits for a privacy officer to grant or refuse it, until {at(request.due_at)}"
    if request.state is RequestState.GRANTED:
        return "waits for somebody other than who granted it (`beholden erase`)"
    return ""


def of_case(
    case: Case,
    exhibits: int,
    soughts: Sequence[Sought],
    authorities: Sequence[Authority],
    searches: Sequence[Search],
    now: datetime,
) -> list[str]:
    """Everything in a case that waits for somebody, oldest step first."""
    if case.state is CaseState.CLOSED:
        return ["the case is closed; a supervisor can reopen it (`beholden case reopen`)"]
    declared = [one for one in soughts if one.state is SoughtState.DECLARED]
    asked = {one.sought_id for one in authorities}
    waits = []
    if not exhibits:
        waits.append("waits for an investigator of the case to add an exhibit (`beholden exhibit add`)")
    elif not declared:
        waits.append("waits for an investigator of the case to declare who is sought (`beholden sought declare`)")
    waits += [
        f"sought {short(one.id)} waits for an authority to be requested (`beholden authority request`)"
        for one in declared
        if one.id not in asked
    ]
    waits += [f"authority {short(one.id)}: {words}" for one in authorities if (words := of_authority(one, now))]
    waits += [f"search {short(one.id)} {of_search(one)}" for one in searches if one.state is not SearchState.FAILED]
    return waits
