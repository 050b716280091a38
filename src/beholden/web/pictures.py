"""Pictures for an auditor: every page that they read is redacted, and one face is shown here, for a reason in writing."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from beholden.actions import desk, reveal
from beholden.actions.standing import Named, standing
from beholden.errors import BeholdenError, Missing
from beholden.records.candidates import Candidate
from beholden.records.exhibits import ExhibitFace
from beholden.records.faces import Face
from beholden.records.reveals import Pictured
from beholden.web import hidden, just_shown
from beholden.web.forms import Form, Typed
from beholden.web.held import hold_chips
from beholden.web.page import NOTHING, render, see_other
from beholden.web.who import Seat
from beholden.web.words import _, named

router = APIRouter(include_in_schema=False)

WORDS = {
    Pictured.EXHIBIT_FACE: named("A face of an exhibit"),
    Pictured.LEAD: named("The reference of a lead"),
    Pictured.REFERENCE: named("A face that was taken in"),
}
KINDS = {Pictured.EXHIBIT_FACE: ExhibitFace, Pictured.LEAD: Candidate, Pictured.REFERENCE: Face}


@router.get("/pictures")
def choose_picture(request: Request, seat: Seat, of: str = "", id: str = "") -> Response:
    """For who has an id from the log: the pages of cases and leads lead to their pictures themselves."""
    id = id.strip()
    if of in set(Pictured) and id.isalnum() and id.isascii():
        return see_other(request, f"/pictures/{of}/{id}")
    options = [(str(one), _(words)) for one, words in WORDS.items()]
    left = reveal.pictures_left(*seat)
    return render(request, "pictures.html.jinja", options=options, left=left, of=of, id=id)


@router.get("/pictures/{of}/{id}")
def ask_for_picture(request: Request, seat: Seat, of: str, id: str) -> Response:
    address = just_shown.arrived(request, *seat, f"/pictures/{of}/{id}")
    return _page(request, seat, of, id, address=address or "")


@router.post("/pictures/{of}/{id}")
def reveal_picture(request: Request, seat: Seat, form: Form, of: str, id: str) -> Response:
    """The face, once per reason, on a page of its own: one that is loaded again shows the form, and sends nothing."""
    system, officer = seat
    hangs_on = standing(system, officer, *_records(of, id))
    try:
        chip = reveal.reveal_picture(*form.once(seat), of=of, id=id, reason=form.text("reason"))
    except BeholdenError as error:
        return _page(request, seat, of, id, error, form)
    [address] = hold_chips(request, system, hangs_on, [chip])
    page = f"/pictures/{of}/{id}"
    return see_other(request, page, **_came(request), **just_shown.on_to(request, system, hangs_on, page, address))


def _came(request: Request) -> dict[str, str]:
    """Where one comes from, as the address says it."""
    given = ((name, request.query_params.get(name, "")) for name in ("case", "search"))
    return {name: id for name, id in given if id.isalnum() and id.isascii()}


def _place(request: Request, seat: Seat) -> dict[str, Any]:
    """The case, and the list in it, that one goes back to; nothing where the address names none that one sees."""
    came = _came(request)
    try:
        search = desk.search(*seat, search_id=came["search"]) if "search" in came else None
    except Missing:
        search = None
    case_id = search.case_id if search else came.get("case", "")
    return {"search": search, "case": hidden.case_or_none(*seat, case_id) if case_id else None}


def _records(of: str, id: str) -> list[Named]:
    return [(KINDS[Pictured(of)], id)] if of in set(Pictured) else []


def _page(
    request: Request,
    seat: Seat,
    of: str,
    id: str,
    error: BeholdenError | None = None,
    typed: Typed | None = None,
    address: str = "",
) -> Response:
    """Says nothing of whether there is such a picture: that is told to who gave a reason."""
    return render(
        request,
        "picture.html.jinja",
        error=error,
        typed=typed or NOTHING,
        of=of,
        id=id,
        what=_(WORDS[Pictured(of)]) if of in set(Pictured) else of,
        address=address,
        came=_came(request),
        **_place(request, seat),
        least=seat[0].rules.min_reveal_chars,
        left=reveal.pictures_left(*seat),
    )
