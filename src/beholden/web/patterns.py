"""Where an auditor looks first, in pages: uses unlike the rest, planted references, and what was drawn by lot."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from beholden.actions import patterns, sample
from beholden.errors import BeholdenError
from beholden.records.patterns import Sign
from beholden.records.samples import Verdict
from beholden.web.forms import Form, Typed
from beholden.web.naming import people_names
from beholden.web.page import NOTHING, render, see_other
from beholden.web.who import Seat
from beholden.web.words import _, named

router = APIRouter()

SIGNS = {
    Sign.UNMANIFESTED: named("its photograph stands in no register of the evidence"),
    Sign.LED_NOWHERE: named("no lead of it left"),
    Sign.ONCE: named("the person was sought this once"),
    Sign.OUT_OF_LINE: named("its searcher does so far more often than colleagues"),
    Sign.ADDED_ALONE: named("its photograph came alone"),
    Sign.OTHER_CASE: named("its photograph was used in another case"),
    Sign.ALONE_IN_CASE: named("nobody else did anything in the case then"),
    Sign.UNUSUAL_HOUR: named("an unusual hour for its searcher"),
    Sign.HASTY_APPROVAL: named("approved within two minutes"),
    Sign.USUAL_PAIR: named("the requester and the approver are often a pair"),
    Sign.MANY_SOUGHT: named("many persons were sought in the case"),
    Sign.BUSY_DAY: named("many uses by its searcher that day"),
    Sign.LOW_QUALITY: named("searched below the quality floor"),
    Sign.PLANTED: named("a planted reference came first"),
}
VERDICTS = {
    Verdict.JUSTIFIED: named("justified"),
    Verdict.NOT_JUSTIFIED: named("not justified"),
    Verdict.CANNOT_TELL: named("cannot tell"),
}


@router.get("/patterns")
def show_patterns(request: Request, seat: Seat) -> Response:
    return _patterns(request, seat)


@router.post("/planted")
def plant_reference(request: Request, seat: Seat, form: Form) -> Response:
    try:
        patterns.plant_reference(*form.once(seat), face_id=form.text("face_id").strip(), words=form.text("words"))
    except BeholdenError as error:
        return _patterns(request, seat, error, form)
    return see_other(request, "/patterns", done="added")


@router.post("/planted/{planted_id}/remove")
def unplant_reference(request: Request, seat: Seat, _form: Form, planted_id: str) -> Response:
    try:
        patterns.unplant_reference(*seat, planted_id=planted_id)
    except BeholdenError as error:
        return _patterns(request, seat, error)
    return see_other(request, "/patterns", done="removed")


@router.get("/samples")
def list_samples(request: Request, seat: Seat) -> Response:
    return _samples(request, seat)


@router.post("/samples")
def draw_sample(request: Request, seat: Seat, form: Form) -> Response:
    try:
        sample.draw_sample(
            *form.once(seat),
            begins_at=form.moment("begins_at", "beginning"),
            ends_at=form.moment("ends_at", "end"),
            share=form.number("share", "share of a hundred"),
        )
    except BeholdenError as error:
        return _samples(request, seat, error, form)
    return see_other(request, "/samples", done="added")


@router.post("/samples/{sample_id}/judge")
def judge_use(request: Request, seat: Seat, form: Form, sample_id: str) -> Response:
    try:
        sample.judge_use(
            *seat,
            sample_id=sample_id,
            use_id=form.text("use_id"),
            verdict=form.text("verdict"),
            words=form.text("words"),
        )
    except BeholdenError as error:
        return _samples(request, seat, error)
    return see_other(request, "/samples", done="decided")


def _patterns(request: Request, seat: Seat, error: BeholdenError | None = None, typed: Typed | None = None) -> Response:
    report = patterns.find_patterns(*seat)
    ids = {one.of for one in report.by_person} | {one.use.by for one in report.flagged}
    ids |= {id for *pair, _uses in report.pairs for id in pair} | {one.planted_by for one in report.planted}
    return render(
        request,
        "patterns.html.jinja",
        error=error,
        typed=typed or NOTHING,
        report=report,
        signs={sign: _(words) for sign, words in SIGNS.items()},
        names=people_names(*seat, ids),
    )


def _samples(request: Request, seat: Seat, error: BeholdenError | None = None, typed: Typed | None = None) -> Response:
    every = sample.read_samples(*seat)
    return render(
        request,
        "samples.html.jinja",
        error=error,
        typed=typed or NOTHING,
        samples=every,
        options=[(str(one), _(words)) for one, words in VERDICTS.items()],
        names=people_names(*seat, (one.sample.drawn_by for one in every)),
    )
