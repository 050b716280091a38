"""In plain words: what a record waits for, as pages say it."""

from __future__ import annotations

from datetime import datetime

from beholden.records import waiting
from beholden.records.authority import Authority
from beholden.records.evaluation import Calibration
from beholden.records.requests import Request
from beholden.records.searches import Search
from beholden.records.sources import Source
from beholden.records.waiting import Step
from beholden.web.words import _, named

WORDS = {
    Step.NONE: "",
    Step.SOURCE_DECISION: named("It waits for a privacy officer to approve or refuse it."),
    Step.SOURCE_ENDED: named("Its authority has ended: its references are compared no more."),
    Step.SOURCE_SUSPENDED: named("Its references are not compared until a privacy officer resumes it."),
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
    Step.CALIBRATION_DECISION: named("It waits for a privacy officer who did not propose it."),
    Step.CASE_CLOSED: named("The case is closed; a supervisor can reopen it."),
    Step.EXHIBIT: named("It waits for an investigator of the case to add an exhibit."),
    Step.SOUGHT: named("It waits for an investigator of the case to declare who is sought."),
    Step.AUTHORITY: named("It waits for an authority to be requested."),
}


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
