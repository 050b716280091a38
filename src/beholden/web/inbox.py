"""Requests for authority, one a screen: what is weighed, one field for words, three buttons, and then the next."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, timedelta
from threading import Lock
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from beholden.actions import authorise, inbox, probe, weigh
from beholden.actions.inbox import Inbox
from beholden.actions.standing import standing
from beholden.actions.weigh import CaptureYears
from beholden.errors import BadInput, BeholdenError
from beholden.records.authority import Authority, AuthorityState
from beholden.records.exhibits import Exhibit
from beholden.records.sought import Sought
from beholden.web import hidden, just_shown
from beholden.web.authorities import weighed
from beholden.web.forms import Form, Typed
from beholden.web.held import Address, Chip, hold_faces
from beholden.web.of_process import the_one
from beholden.web.page import render, see_other
from beholden.web.who import Seat
from beholden.web.words import _, ngettext

router = APIRouter(include_in_schema=False)

AGES_FOR = timedelta(minutes=10)  # a draw of dates opens a few hundred seals: not for every page that is loaded
_drawing = Lock()


@router.get("/inbox")
def show_inbox(request: Request, seat: Seat, at: str = "", after: str = "") -> Response:
    """The first, the one that is asked for by `at`, or the one that comes after `after`."""
    waiting = inbox.inbox(*seat)
    chosen = waiting.after(after) if after else at or next(iter(waiting.waiting), "")
    return _page(request, seat, waiting, chosen)


@router.post("/inbox/{authority_id}")
def decide(request: Request, seat: Seat, form: Form, authority_id: str) -> Response:
    """As it was asked for, back with a question, or no. Who gives less than was asked does so on the page of the request."""
    system, officer = seat
    hidden.authority(system, officer, authority_id)
    waiting = inbox.inbox(system, officer)
    said = form.text("reason")
    try:
        match form.text("do"):
            case "approve":
                authorise.approve_authority(system, officer, authority_id=authority_id)
                done = "approved"
            case "ask":
                authorise.return_request(system, officer, authority_id=authority_id, questions=said)
                done = "returned"
            case "refuse":
                authorise.refuse_authority(system, officer, authority_id=authority_id, reason=said)
                done = "refused"
            case _:
                raise BadInput("say whether you approve it, ask something, or refuse it")
    except BeholdenError as error:
        return _page(request, seat, waiting, authority_id, error, form)
    following = waiting.after(authority_id)
    return see_other(request, "/inbox", done=done, **({"at": following} if following else {}))


@router.post("/inbox/{authority_id}/faces")
def look_at_faces(request: Request, seat: Seat, _form: Form, authority_id: str) -> Response:
    """The faces beside what is weighed; never the scene that they are cut from."""
    system, officer = seat
    authority = hidden.authority(system, officer, authority_id)
    waiting = inbox.inbox(system, officer)
    wanted = hidden.sought(system, officer, authority.case_id, authority.sought_id)
    try:
        shown = probe.show_probe(system, officer, authority_id=authority_id)
    except BeholdenError as error:
        return _page(request, seat, waiting, authority_id, error)
    exhibits = sorted({face.exhibit_id for face, _ in shown})
    hangs_on = standing(system, officer, (Sought, wanted.id), *((Exhibit, id) for id in exhibits))
    chips = [Chip(chip, "probe", face.id) for face, chips in shown for chip in chips]
    addresses = [asdict(one) for one in hold_faces(request, system, hangs_on, chips)]
    told = just_shown.on_to(request, system, hangs_on, f"/inbox?at={authority_id}", addresses)
    return see_other(request, "/inbox", at=authority_id, **told)


def _page(
    request: Request,
    seat: Seat,
    waiting: Inbox,
    authority_id: str,
    error: BeholdenError | None = None,
    typed: Typed | None = None,
) -> Response:
    system, officer = seat
    given: dict[str, Any] = {"authority": None}
    if authority_id:
        authority = hidden.authority(system, officer, authority_id)
        given = weighed(seat, authority)
        given["capture_years"] = [_in_words(one) for one in _years_of(request, seat, authority)]
        given["taken"] = [
            one or _("not known") for one in weigh.probe_dates(system, officer, authority_id=authority.id)
        ]
        arrived = just_shown.arrived(request, system, officer, f"/inbox?at={authority_id}") or []
        given["chips"] = [Address(**one) for one in arrived]
    place = waiting.waiting.index(authority_id) + 1 if authority_id in waiting.waiting else 0
    return render(
        request,
        "inbox.html.jinja",
        error=error,
        typed=typed or {},
        waiting=waiting,
        now=system.clock.now(),
        place=place,
        following=waiting.after(authority_id),
        decided=given["authority"] is not None and given["authority"].state is not AuthorityState.REQUESTED,
        **given,
    )


def _years_of(request: Request, seat: Seat, authority: Authority) -> list[CaptureYears]:
    """Of each gallery the last draw of the last minutes; a gallery of which there is none is drawn now."""
    system, officer = seat
    now: datetime = system.clock.now()
    with _drawing:
        kept = the_one(request.app.state, "capture_years", dict[tuple[str, str], tuple[datetime, CaptureYears]])
        for key in [key for key, (drawn_at, _) in kept.items() if now - drawn_at >= AGES_FOR]:
            del kept[key]
        keys = [(authority.purpose, id) for id in authority.gallery_ids]
        if any(key not in kept for key in keys):
            for one in weigh.capture_years(system, officer, authority_id=authority.id):
                kept[authority.purpose, one.gallery.id] = now, one
        return [kept[key][1] for key in keys if key in kept]


def _in_words(years: CaptureYears) -> str:
    """When its photographs were taken; of photographs, never of people."""
    if not years.of:
        return _("%(gallery)s: no reference would be compared.") % {"gallery": years.gallery.name}
    words = ngettext(
        "%(gallery)s: of %(of)s references, %(num)d was drawn.",
        "%(gallery)s: of %(of)s references, %(num)d were drawn.",
        years.drawn,
    ) % {"gallery": years.gallery.name, "of": years.of, "num": years.drawn}
    if not years.years:
        return f"{words} {_('For none of them does the source say when it was taken.')}"
    least, most = years.middle()
    said = _("%(known)s have a year: %(first)s to %(last)s, the middle half %(least)s to %(most)s.") % {
        "known": len(years.years),
        "first": years.years[0],
        "last": years.years[-1],
        "least": least,
        "most": most,
    }
    return f"{words} {said}"
