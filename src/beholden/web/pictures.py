"""Pictures for an auditor: every page that they read is redacted, and one face is shown here, for a reason in writing."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from beholden.actions import reveal
from beholden.actions.standing import Named, standing
from beholden.errors import BeholdenError
from beholden.records.candidates import Candidate
from beholden.records.exhibits import ExhibitFace
from beholden.records.faces import Face
from beholden.records.reveals import Pictured
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
    return _page(request, seat, of, id)


@router.post("/pictures/{of}/{id}")
def reveal_picture(request: Request, seat: Seat, form: Form, of: str, id: str) -> Response:
    """The face, once for each reason. A page that is loaded again shows the form."""
    system, officer = seat
    hangs_on = standing(system, officer, *_records(of, id))
    try:
        chip = reveal.reveal_picture(*form.once(seat), of=of, id=id, reason=form.text("reason"))
    except BeholdenError as error:
        return _page(request, seat, of, id, error, form)
    [address] = hold_chips(request, system, hangs_on, [chip])
    return _page(request, seat, of, id, address=address)


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
        least=seat[0].rules.min_reveal_chars,
        left=reveal.pictures_left(*seat),
    )
