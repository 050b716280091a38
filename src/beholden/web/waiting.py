"""In plain words: what a record waits for, as pages say it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from beholden.records import waiting
from beholden.records.authority import Authority
from beholden.records.cases import Case
from beholden.records.evaluation import Calibration
from beholden.records.requests import Request
from beholden.records.searches import Search
from beholden.records.sought import Sought
from beholden.records.sources import Source
from beholden.records.waiting import Step, Waiting
from beholden.web.words import _, named

WORDS = {
    Step.NONE: "",
    Step.SOURCE_DECISION: named("It waits for a privacy officer to approve or refuse it."),
    Step.SOURCE_ENDED: named("Its authority has ended: its references are compared no more."),
    Step.SOURCE_SUSPENDED: named("Its references are not compared until a privacy officer resumes it."),
    Step.DRAFT: named("It is a draft: it waits for whoever began it to ask with it."),
    Step.QUESTIONS: named("It came back with questions, which whoever asked answers."),
    Step.APPROVAL: named("It waits for a supervisor who has no part in the case."),
    Step.AUTHORITY_ENDED: named("It has ended: a new one must be requested."),
    Step.AUTHORITY_USED: named("All its searches are used: a new one must be requested."),
    Step.AUTHORITY_BEGINS: named("It cannot be used yet."),
    Step.AUTHORITY_USABLE: named("It can be used."),
    Step.SEARCH_RUNS: named("It runs."),
    Step.REVIEW: named("It waits for a reviewer who has no other part in it."),
    Step.EXAMINATION: named("It waits for the opinions of examiners."),
    Step.LEADS: named("Its list is open."),
    Step.SEARCH_FAILED: named("It failed: its use is consumed, and there is no list."),
    Step.REQUEST_DECISION: named("It waits for a privacy officer to grant or refuse it."),
    Step.REQUEST_ERASURE: named("It waits for somebody other than who granted it to carry it out."),
    Step.REQUEST_RESTRICTED: named("Its records are restricted, not erased. A privacy officer looks at that again."),
    Step.CALIBRATION_DECISION: named("It waits for a privacy officer who did not propose it."),
    Step.CASE_CLOSED: named("The case is closed; a supervisor can reopen it."),
    Step.EXHIBIT: named("It waits for an investigator of the case to add an exhibit."),
    Step.SOUGHT: named("It waits for an investigator of the case to declare who is sought."),
    Step.AUTHORITY: named("It waits for an authority to be requested."),
}

# Of a record of a case, on the first page: which record it is, and what its investigators do with it next.
OF_A_CASE = {
    Step.EXHIBIT: (named("It has no exhibit yet:"), named("Add an exhibit")),
    Step.SOUGHT: (named("Nobody is sought in it yet:"), named("Show the faces and say who is sought")),
    Step.AUTHORITY: (named("For somebody who is sought, no authority was asked for:"), named("Ask for authority")),
    Step.DRAFT: (named("The request begun on %(at)s is a draft:"), named("Go on with it")),
    Step.QUESTIONS: (named("The request of %(at)s came back with questions:"), named("Answer them")),
    Step.AUTHORITY_USABLE: (named("The authority asked for on %(at)s can be used:"), named("Search now")),
    Step.AUTHORITY_USED: (named("The authority asked for on %(at)s has no search left:"), named("Ask for a new one")),
    Step.AUTHORITY_ENDED: (named("The authority asked for on %(at)s has ended:"), named("Ask for a new one")),
    Step.LEADS: (named("The list of the search of %(at)s is open:"), named("Read the leads")),
}


@dataclass(frozen=True, slots=True)
class NextStep:
    """What an investigator goes on with in a case: of which record, and the page where it is done."""

    said: str  # the page puts the time of the record into it
    of: datetime
    id: str  # of the authority or the search, of which there may be several; empty for others
    path: str
    do: str


def next_step(case: Case, waits: Waiting) -> NextStep:
    """Of those steps of a case that are its investigators' own."""
    record, of, id = waits.record, waits.record.kept.created_at, ""
    path = f"/cases/{case.id}"
    if isinstance(record, Authority | Search):
        id = record.id
    if isinstance(record, Authority):
        usable, begun = waits.step is Step.AUTHORITY_USABLE, waits.step in (Step.DRAFT, Step.QUESTIONS)
        new = f"{path}/authorities/new?sought={record.sought_id}"
        path = f"/authorities/{record.id}{'#run' * usable}" if usable or begun else new
    elif isinstance(record, Search):
        of, path = record.started_at, f"/searches/{record.id}/leads"
    elif isinstance(record, Sought):
        path = f"{path}/authorities/new?sought={record.id}"
    elif waits.step is Step.SOUGHT:
        path = f"{path}/faces"
    said, do = OF_A_CASE[waits.step]
    return NextStep(said, of, id, path, do)


def in_words(step: Step) -> str:
    return _(WORDS[step])


def of_source(source: Source, now: datetime) -> str:
    return in_words(waiting.of_source(source, now))


def of_authority(authority: Authority, now: datetime) -> str:
    return in_words(waiting.of_authority(authority, now))


def of_search(search: Search) -> str:
    return in_words(waiting.of_search(search))


def of_request(request: Request) -> str:
    return in_words(waiting.of_request(request))


def of_calibration(calibration: Calibration) -> str:
    return in_words(waiting.of_calibration(calibration))
