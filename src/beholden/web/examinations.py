"""Examination in pages: the photographs side by side, component by component, then an opinion of seven steps, locked for good."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from beholden.actions import desk, examine
from beholden.actions.review import Shown
from beholden.actions.standing import Standing, standing_of_search, standing_since
from beholden.actions.waiting import waits_for_examination
from beholden.errors import BeholdenError, Refused
from beholden.records.examination import COMPONENTS, Examination, Observation, Opinion, in_force
from beholden.web import hidden, just_shown
from beholden.web.forms import Form, Typed
from beholden.web.held import hold_chips
from beholden.web.page import in_words, render, see_other
from beholden.web.who import Seat
from beholden.web.words import _

router = APIRouter(include_in_schema=False)

STEPS = {str(int(one)): int(one) for one in Opinion}
NO_OPINION = 99  # no step of the scale: the act says that the opinion is missing


@router.get("/examinations/{search_id}")
def show_examination(request: Request, seat: Seat, search_id: str) -> Response:
    """The pair that lies on one's desk; or the offer to take the next."""
    return _page(request, seat, search_id)


@router.post("/examinations/{search_id}")
def open_examination(request: Request, seat: Seat, _sent: Form, search_id: str) -> Response:
    """Take the next pair. Looking at a page takes nothing."""
    hidden.open_examination(*seat, search_id)
    before = standing_of_search(*seat, search_id=search_id)
    try:
        shown = examine.open_examination(*seat, search_id=search_id)
    except BeholdenError as error:
        return _offer(request, seat, search_id, error)
    page = f"/examinations/{search_id}"
    hangs_on = standing_since(*seat, before, search_id=search_id)
    return see_other(
        request, page, **just_shown.on_to(request, seat[0], hangs_on, page, _held(request, seat, hangs_on, shown))
    )


@router.post("/examinations/{search_id}/lock")
def lock_examination(request: Request, seat: Seat, form: Form, search_id: str) -> Response:
    handle = hidden.own_examination(*seat, search_id, form.text("handle"))
    try:
        examine.lock_examination(
            *seat,
            handle=handle,
            components=_components(form),
            limitations=form.text("limitations"),
            opinion=_opinion(form),
        )
    except BeholdenError as error:
        return _page(request, seat, search_id, error, form)
    return see_other(request, f"/examinations/{search_id}", done="locked")


@router.get("/examinations/{search_id}/opinions")
def show_opinions(request: Request, seat: Seat, search_id: str) -> Response:
    """One's own locked opinions, once the scores are open: reading them is reading the leads."""
    return _opinions(request, seat, search_id)


@router.post("/examinations/{search_id}/opinions/{handle}")
def revise_examination(request: Request, seat: Seat, form: Form, search_id: str, handle: str) -> Response:
    hidden.own_examination(*seat, search_id, handle)
    try:
        examine.revise_examination(
            *seat,
            handle=handle,
            components=_components(form),
            limitations=form.text("limitations"),
            opinion=_opinion(form),
        )
    except BeholdenError as error:
        return _opinions(request, seat, search_id, handle, error, form)
    return see_other(request, f"/examinations/{search_id}/opinions", done="revised")


def _opinions(
    request: Request,
    seat: Seat,
    search_id: str,
    handle: str = "",
    error: BeholdenError | None = None,
    typed: Typed | None = None,
) -> Response:
    """In the form of `handle` stands what was `typed`; in every other, what was locked."""
    hidden.search(*seat, search_id)
    leads = examine.read_leads(*seat, search_id=search_id)
    person = desk.oneself(*seat)
    own = [
        (one, lead.rank, (typed or {}) if one.id == handle else _filled_in(one), one.id == handle)
        for lead in leads
        for one in in_force(lead.examinations)
        if one.examiner == person.id
    ]
    return render(
        request,
        "opinions.html.jinja",
        error=error,
        search_id=search_id,
        opinions=own,
        opinion_words={int(one): _(one.words) for one in Opinion},
        **_scales(),
    )


def _filled_in(one: Examination) -> dict[str, str]:
    """The form as this opinion was locked."""
    told = {f"component-{name}": observation for name, observation in one.components}
    return told | {"limitations": one.limitations, "opinion": str(one.opinion)}


def _scales() -> dict[str, Any]:
    """What the fields of an opinion offer."""
    return {
        "components": [(one, in_words(one)) for one in COMPONENTS],
        "observations": [(one, in_words(one)) for one in Observation],
        "opinions_offered": [(int(one), one.words) for one in sorted(Opinion)],
    }


def _page(
    request: Request, seat: Seat, search_id: str, error: BeholdenError | None = None, typed: Typed | None = None
) -> Response:
    system, officer = seat
    handle = hidden.open_examination(system, officer, search_id)
    if not handle:
        return _offer(request, seat, search_id, error)
    told = just_shown.arrived(request, system, officer, f"/examinations/{search_id}")
    if told is not None and told[0] == handle:  # taken a moment ago, which is on record
        _, chips, dates = told
        return _form(request, search_id, handle, chips, dates, error, typed)
    hangs_on = standing_of_search(system, officer, search_id=search_id)
    try:
        shown = examine.open_examination(system, officer, search_id=search_id)
    except Refused as refused:
        if typed is None:
            raise
        # Who took longer than a confirmation lasts is not shown the chips again, but keeps all that was filled in.
        both = Refused(*(error.reasons if error else ()), *refused.reasons, entry=refused.entry)
        return _form(request, search_id, typed.text("handle"), [], ("", ""), both, typed)
    return _form(request, search_id, *_held(request, seat, hangs_on, shown), error, typed)


def _offer(request: Request, seat: Seat, search_id: str, error: BeholdenError | None) -> Response:
    waits = waits_for_examination(*seat, search_id=search_id)
    return render(request, "examination_offer.html.jinja", error=error, search_id=search_id, waits=waits)


def _held(request: Request, seat: Seat, hangs_on: Standing, shown: Shown) -> tuple[str, list[str], tuple[str, str]]:
    """The handle, the addresses of the chips, the reference's last, when that was taken, and what to bear in mind."""
    chips = hold_chips(request, seat[0], hangs_on, [*shown.probes, shown.reference])
    return shown.handle, chips, (shown.reference_captured_at, shown.cautions)


def _form(
    request: Request,
    search_id: str,
    handle: str,
    chips: Sequence[str],
    dates: Sequence[str],
    error: BeholdenError | None,
    typed: Typed | None,
) -> Response:
    return render(
        request,
        "examination.html.jinja",
        error=error,
        typed=typed or {},
        search_id=search_id,
        handle=handle,
        probes=chips[:-1],
        reference=chips[-1] if chips else "",
        captured_at=dates[0],
        cautions=dates[1],
        **_scales(),
    )


def _components(form: Typed) -> list[tuple[str, str]]:
    """What was observed; a component without an observation is left out, and the act names it."""
    said = [(name, form.text(f"component-{name}")) for name in COMPONENTS]
    return [(name, observation) for name, observation in said if observation]


def _opinion(form: Typed) -> int:
    return STEPS.get(form.text("opinion"), NO_OPINION)
