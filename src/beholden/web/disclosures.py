"""Disclosure in pages: one or two examined leads to named recipients, and the files of the packet to take along."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from beholden.actions import disclose
from beholden.errors import BeholdenError, Changed
from beholden.web import there
from beholden.web.forms import Form
from beholden.web.held import PACKET_FOR, held
from beholden.web.page import render, see_other
from beholden.web.searches import leads_page
from beholden.web.who import Seat
from beholden.web.words import _

router = APIRouter(include_in_schema=False)


@router.post("/searches/{search_id}/disclosures")
def make_disclosure(request: Request, seat: Seat, form: Form, search_id: str) -> Response:
    system, officer = seat
    there.search(system, officer, search_id)
    now = system.clock.now()
    try:
        if not held(request).take(officer, form.text("once"), now=now):
            raise Changed(_("this form was sent already; a second disclosure would leave. Begin again if you mean one"))
        packet = disclose.make_disclosure(
            system,
            officer,
            search_id=search_id,
            candidate_ids=form.texts("lead"),
            recipients=form.lines("recipients"),
            basis=form.text("basis"),
        )
    except BeholdenError as error:
        return leads_page(request, seat, search_id, error, form)
    token = held(request).put(officer, packet.files, now=now, lasts=PACKET_FOR)
    return see_other(request, f"/disclosures/{token}")


@router.get("/disclosures/{token}")
def show_packet(request: Request, seat: Seat, token: str) -> Response:
    system, officer = seat
    files = held(request).get(officer, token, now=system.clock.now())
    return render(
        request,
        "disclosure.html.jinja",
        files=[(name, f"/held/{token}/{name}", len(content)) for name, content in files.items()],
        minutes=int(PACKET_FOR.total_seconds()) // 60,
    )
