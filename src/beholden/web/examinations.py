"""Examination in pages: the photographs side by side, component by component, then an opinion of seven steps, locked for good."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import APIRouter, Request
from fastapi.responses import Response

from beholden.actions import examine
from beholden.errors import BeholdenError, Refused
from beholden.records.examination import COMPONENTS, Observation, Opinion
from beholden.web import there
from beholden.web.forms import Form, Typed
from beholden.web.held import hold_chips
from beholden.web.page import in_words, render, see_other
from beholden.web.who import Seat

router = APIRouter(include_in_schema=False)

STEPS = {str(int(one)): int(one) for one in Opinion}
NO_OPINION = 99  # no step of the scale: the act says that the opinion is missing


@router.get("/examinations/{search_id}")
def show_examination(request: Request, seat: Seat, search_id: str) -> Response:
    """The pair that lies on one's desk; or the offer to take the next."""
    return _page(request, seat, search_id)


@router.post("/examinations/{search_id}")
def open_examination(request: Request, seat: Seat, _form: Form, search_id: str) -> Response:
    """Take the next pair. Looking at a page takes nothing."""
    there.open_examination(*seat, search_id)
    try:
        examine.open_examination(*seat, search_id=search_id)
    except BeholdenError as error:
        return render(request, "examination_offer.html.jinja", error=error, search_id=search_id)
    return see_other(request, f"/examinations/{search_id}")


@router.post("/examinations/{search_id}/lock")
def lock_examination(request: Request, seat: Seat, form: Form, search_id: str) -> Response:
    handle = there.own_examination(*seat, search_id, form.text("handle"))
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


def _page(
    request: Request, seat: Seat, search_id: str, error: BeholdenError | None = None, typed: Typed | None = None
) -> Response:
    system, officer = seat
    if not there.open_examination(system, officer, search_id):
        return render(request, "examination_offer.html.jinja", error=error, search_id=search_id)
    try:
        shown = examine.open_examination(system, officer, search_id=search_id)
    except Refused as refused:
        if typed is None:
            raise
        # Who took longer than a confirmation lasts is not shown the chips again, but keeps all that was filled in.
        both = Refused(*(error.reasons if error else ()), *refused.reasons, entry=refused.entry)
        return _form(request, search_id, typed.text("handle"), [], "", both, typed)
    chips = hold_chips(request, system, officer, [*shown.probes, shown.reference])
    return _form(request, search_id, shown.handle, chips, shown.reference_captured_at, error, typed)


def _form(
    request: Request,
    search_id: str,
    handle: str,
    chips: Sequence[str],
    captured_at: str,
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
        captured_at=captured_at,
        components=[(one, in_words(one)) for one in COMPONENTS],
        observations=[(one, in_words(one)) for one in Observation],
        opinions=[(int(one), one.words) for one in sorted(Opinion)],
    )


def _components(form: Typed) -> list[tuple[str, str]]:
    """What was observed; a component without an observation is left out, and the act names it."""
    said = [(name, form.text(f"component-{name}")) for name in COMPONENTS]
    return [(name, observation) for name, observation in said if observation]


def _opinion(form: Typed) -> int:
    return STEPS.get(form.text("opinion"), NO_OPINION)
