"""Examination in pages: each side described alone, then both compared component by component, and an opinion locked for good."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from starlette.background import BackgroundTask

from beholden.actions import describe, desk, examine, lay, views
from beholden.actions.lay import Laid
from beholden.actions.standing import Standing, standing_of_search, standing_since
from beholden.actions.waiting import next_to_examine
from beholden.errors import BadInput, BeholdenError, Refused
from beholden.records.examination import COMPONENTS, Description, Mark, Observation, Opinion, Side, Stage
from beholden.records.views import View
from beholden.web import hidden, just_shown
from beholden.web.forms import Form, Typed
from beholden.web.held import Pair, PairAddress, hold_pairs
from beholden.web.page import in_words, render, see_other
from beholden.web.who import Seat
from beholden.web.words import _, named

router = APIRouter(include_in_schema=False)

STEPS = {str(int(one)): int(one) for one in Opinion}
NO_OPINION = 99  # no step of the scale: the act says that the opinion is missing
CLOSE_EYES = 60  # pixels between the eyes below which an examiner is told so
GREY_STEPS = range(11)
SHORT = {  # in a list of forty of them
    Observation.SIMILAR: named("similar"),
    Observation.EXPLAINED: named("differs, explained"),
    Observation.UNEXPLAINED: named("differs, unexplained"),
    Observation.NOT_COMPARABLE: named("not comparable"),
}


@router.get("/examinations/{search_id}")
def show_examination(request: Request, seat: Seat, search_id: str) -> Response:
    """The pair that lies on one's desk, as far as one has come with it; or the offer to take the next."""
    page = _page(request, seat, search_id)
    page.background = BackgroundTask(_lay_ahead, seat, search_id)
    return page


def _lay_ahead(seat: Seat, search_id: str) -> None:
    """After the page was given: what stops it is said to whoever takes the next pair."""
    with suppress(BeholdenError):
        lay.lay_ahead(*seat, after=search_id)


@router.post("/examinations/{search_id}")
def open_examination(request: Request, seat: Seat, _sent: Form, search_id: str) -> Response:
    """Take the next pair. Looking at a page takes nothing."""
    hidden.open_examination(*seat, search_id)
    try:
        return _taken(request, seat, search_id)
    except BeholdenError as error:
        return _offer(request, seat, search_id, error)


@router.post("/examinations/{search_id}/describe")
def describe_side(request: Request, seat: Seat, form: Form, search_id: str) -> Response:
    """One side alone: whether it can be compared, and what can be judged in it."""
    handle = hidden.own_examination(*seat, search_id, form.text("handle"))
    try:
        if form.text("suitable") not in ("yes", "no"):
            raise BadInput(_("say whether this side is suitable for a comparison"))
        describe.describe_side(
            *seat,
            handle=handle,
            of=form.text("of"),
            suitable=form.ticked("suitable"),
            seen=form.texts("seen"),
            words=form.text("words"),
        )
    except BeholdenError as error:
        return _page(request, seat, search_id, error, form)
    return see_other(request, f"/examinations/{search_id}")


@router.post("/examinations/{search_id}/views")
def note_views(seat: Seat, form: Form, search_id: str) -> Response:
    """What was done to the picture since the page told it last; nothing, where it only asks whether somebody is signed in."""
    handle = hidden.own_examination(*seat, search_id, form.text("handle"))
    if told := _views(form):
        views.note_views(*seat, handle=handle, views=told)
    return JSONResponse({"noted": len(told)})


@router.post("/examinations/{search_id}/lock")
def lock_examination(request: Request, seat: Seat, form: Form, search_id: str) -> Response:
    handle = hidden.own_examination(*seat, search_id, form.text("handle"))
    try:
        examine.lock_examination(
            *seat,
            handle=handle,
            components=components_of(form),
            limitations=form.text("limitations"),
            opinion=opinion_of(form),
            marks=_marks(form),
        )
    except BeholdenError as error:
        return _page(request, seat, search_id, error, form)
    if form.text("then") == "next":
        return _next(request, seat, search_id)
    return see_other(request, f"/examinations/{search_id}", done="locked")


def _next(request: Request, seat: Seat, search_id: str) -> Response:
    """The next pair of this examiner at once: of this search, else of the search that waits longest."""
    if found := next_to_examine(*seat, after=search_id):
        # The opinion is locked whatever comes of this; why a pair cannot be taken is said where one asks for it.
        with suppress(BeholdenError):
            return _taken(request, seat, found, done="locked")
    return see_other(request, f"/examinations/{found or search_id}", done="locked")


def _taken(request: Request, seat: Seat, search_id: str, **query: str) -> Response:
    before = standing_of_search(*seat, search_id=search_id)
    laid = examine.open_examination(*seat, search_id=search_id)
    page = f"/examinations/{search_id}"
    hangs_on = standing_since(*seat, before, search_id=search_id)
    told = _held(request, seat, hangs_on, search_id, laid)
    return see_other(request, page, **query, **just_shown.on_to(request, seat[0], hangs_on, page, told))


def scales() -> dict[str, Any]:
    """What the fields of an opinion offer."""
    return {
        "components": [(one, in_words(one)) for one in COMPONENTS],
        "observations": [(str(one), _(SHORT[one])) for one in Observation],
        "opinions_offered": [(int(one), one.words) for one in sorted(Opinion)],
    }


def components_of(form: Typed) -> list[tuple[str, str]]:
    """What was observed; a component without an observation is left out, and the act names it."""
    said = [(name, form.text(f"component-{name}")) for name in COMPONENTS]
    return [(name, observation) for name, observation in said if observation]


def opinion_of(form: Typed) -> int:
    return STEPS.get(form.text("opinion"), NO_OPINION)


def _page(
    request: Request, seat: Seat, search_id: str, error: BeholdenError | None = None, typed: Typed | None = None
) -> Response:
    system, officer = seat
    handle = hidden.open_examination(system, officer, search_id)
    if not handle:
        return _offer(request, seat, search_id, error)
    described = desk.examination(system, officer, handle=handle).described
    told = just_shown.arrived(request, system, officer, f"/examinations/{search_id}")
    if told is not None and told["handle"] == handle:  # taken a moment ago, which is on record
        return _form(request, search_id, handle, described, told, error, typed)
    hangs_on = standing_of_search(system, officer, search_id=search_id)
    try:
        laid = examine.open_examination(system, officer, search_id=search_id)
    except Refused as refused:
        if typed is None:
            raise
        # Who took longer than a confirmation lasts is not shown the chips again, but keeps all that was filled in.
        both = Refused(*(error.reasons if error else ()), *refused.reasons, entry=refused.entry)
        return _form(request, search_id, handle, described, None, both, typed)
    return _form(request, search_id, handle, described, _held(request, seat, hangs_on, search_id, laid), error, typed)


def _offer(request: Request, seat: Seat, search_id: str, error: BeholdenError | None) -> Response:
    found = next_to_examine(*seat, after=search_id)
    return render(
        request,
        "examination_offer.html.jinja",
        error=error,
        search_id=search_id,
        waits=found == search_id,
        elsewhere=found if found != search_id else "",
    )


def _held(request: Request, seat: Seat, hangs_on: Standing, search_id: str, laid: Laid) -> dict[str, Any]:
    """Where the page finds the photographs, veiled, and what it says beside them: words and numbers, for one showing."""
    back = f"/examinations/{search_id}"
    pair = Pair("examination", laid.handle, laid.probes, laid.reference, back=back)
    [address] = hold_pairs(request, seat[0], hangs_on, [pair])
    return {
        "handle": laid.handle,
        "pair": asdict(address),
        "captured_at": laid.reference_captured_at,
        "cautions": laid.cautions,
        "close_eyes": _close_eyes(laid),
    }


def _close_eyes(laid: Laid) -> list[tuple[str, int, int]]:
    """The photographs in which the eyes are too close for small features: side, number, pixels."""
    sides = [(str(Side.PROBE), number) for number in range(1, len(laid.probes) + 1)]
    if laid.reference:
        sides.append((str(Side.REFERENCE), 1))
    return [(*one, pixels) for one, pixels in zip(sides, laid.eyes, strict=True) if 0 < pixels < CLOSE_EYES]


def _form(
    request: Request,
    search_id: str,
    handle: str,
    described: Sequence[Description],
    told: Mapping[str, Any] | None,
    error: BeholdenError | None,
    typed: Typed | None,
) -> Response:
    stage = (Stage.PROBE, Stage.REFERENCE, Stage.PAIR)[len(described)]
    if typed is not None and (typed.text("handle"), typed.text("of") or Stage.PAIR) != (handle, stage):
        typed = None  # what was said of one side, or of one pair, is never laid into the form of another
    seen_in_both = set(COMPONENTS).intersection(*(one.seen for one in described))
    return render(
        request,
        "examination.html.jinja",
        error=error,
        typed=typed or {},
        search_id=search_id,
        handle=handle,
        stage=str(stage),
        there=PairAddress.of(told["pair"]) if told else None,
        captured_at=told["captured_at"] if told else "",
        cautions=told["cautions"] if told else "",
        close_eyes=told["close_eyes"] if told else (),
        suitable=all(one.suitable for one in described),
        unseen=[one for one in COMPONENTS if one not in seen_in_both],
        seen=typed.texts("seen") if typed else (),
        marks=_marks_again(typed) if typed else (),
        grey_steps=GREY_STEPS,
        **scales(),
    )


def _views(form: Typed) -> list[View]:
    """Raises `BadInput` for what no page of ours sends."""
    try:
        told = json.loads(form.text("views") or "[]")
        return [View(str(one["tool"]), str(one["setting"]), int(one["seconds"])) for one in told]
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError):
        raise BadInput("what was done to the view cannot be read; load the page again") from None


def _marks(form: Typed) -> list[Mark]:
    """Each as its side, photograph, component and place. Raises `BadInput` for what no page of ours sends."""
    try:
        parts = [one.split(",") for one in form.texts("mark")]
        return [Mark(Side(on), _photograph(number), name, float(x), float(y)) for on, number, name, x, y in parts]
    except ValueError:
        raise BadInput("a mark cannot be read; load the page again and place it once more") from None


def _photograph(number: str) -> int:
    """Raises `ValueError` for what is no number of a photograph."""
    if not (number.isascii() and number.isdigit() and len(number) <= 3):
        raise ValueError("no number of a photograph")
    return int(number)


def _marks_again(form: Typed) -> list[tuple[str, str]]:
    """The marks that were sent, and their words; none, where one of them cannot be read."""
    try:
        marks = _marks(form)
    except BadInput:
        return []
    said = [
        f"{in_words(one.component)}: "
        + (_("sought, photograph %(number)s") % {"number": one.photograph + 1} if one.on is Side.PROBE else _("Held"))
        for one in marks
    ]
    return list(zip(form.texts("mark"), said, strict=True))
