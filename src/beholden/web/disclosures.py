"""Disclosure in pages: what would leave, examined leads to named recipients, what left before, and the files to take along."""

from __future__ import annotations

from collections.abc import Iterable

from fastapi import APIRouter, Request
from fastapi.responses import Response

from beholden.actions import desk, disclose, disclosed, lists, preview
from beholden.actions.standing import Standing, standing_of_disclosure
from beholden.errors import BeholdenError
from beholden.records.people import Role
from beholden.web import hidden
from beholden.web.forms import Form
from beholden.web.held import PACKET_FOR, held
from beholden.web.naming import people_names
from beholden.web.page import render, see_other
from beholden.web.searches import leads_page
from beholden.web.who import Seat
from beholden.web.words import named

router = APIRouter(include_in_schema=False)

LEFT_OUT = ".left-out"  # among the held files: why others are not there. No file of a packet begins with a dot

# What each file of a packet is for, in the order in which they are read.
FOR = {
    disclose.PAGES: named(
        "To read and to print: all that is said, for screen readers (PDF/UA-1) and for archives (PDF/A-3a)."
    ),
    disclose.SHEET: named("The faces alone, side by side, each with its number and without a name."),
    disclose.JSON: named("The same for programs: every field of the packet, in one canonical form."),
    disclose.MANIFEST: named(
        "The signed list of the SHA-256 of all others: by it a recipient knows that they are as they left."
    ),
}


@router.post("/searches/{search_id}/disclosures/preview")
def preview_disclosure(request: Request, seat: Seat, form: Form, search_id: str) -> Response:
    """What would leave, before anything does; or, from there, the form again as it was filled in."""
    system, officer = seat
    hidden.search(system, officer, search_id)
    if form.text("do") == "change":
        return leads_page(request, seat, search_id, typed=form)
    try:
        shown = preview.preview_disclosure(
            system,
            officer,
            search_id=search_id,
            candidate_ids=form.texts("lead"),
            recipients=form.lines("recipients"),
            basis=form.text("basis"),
        )
    except BeholdenError as error:
        return leads_page(request, seat, search_id, error, form)
    return render(
        request,
        "disclosure_preview.html.jinja",
        typed=form,
        search=shown.search,
        case=hidden.case_or_none(system, officer, shown.search.case_id),
        packet=shown.said,
        basis=shown.basis,
        files=_in_order(shown.files),
        left_out=shown.left_out,
        chosen=list(dict.fromkeys(form.texts("lead"))),
    )


@router.post("/searches/{search_id}/disclosures")
def make_disclosure(request: Request, seat: Seat, form: Form, search_id: str) -> Response:
    system, officer = seat
    hidden.search(system, officer, search_id)
    hangs_on = standing_of_disclosure(system, officer, search_id=search_id)
    try:
        packet = disclose.make_disclosure(
            *form.once(seat),
            search_id=search_id,
            candidate_ids=form.texts("lead"),
            recipients=form.lines("recipients"),
            basis=form.text("basis"),
        )
    except BeholdenError as error:
        return leads_page(request, seat, search_id, error, form)
    return _to_the_files(request, seat, hangs_on, packet)


@router.get("/disclosures")
def list_disclosures(request: Request, seat: Seat, filter: str = "", case: str = "", after: str = "") -> Response:
    """Those of one's cases, or of one of them."""
    system, officer = seat
    of_case = hidden.case(system, officer, case) if case else None
    shown = lists.disclosures(system, officer, filter=filter, case_id=case, after=after)
    cases = {
        id: hidden.case_or_none(system, officer, id)
        for id in dict.fromkeys(one.disclosure.case_id for one in shown.shown)
    }
    return render(
        request,
        "disclosures.html.jinja",
        disclosures=[(one, found) for one in shown.shown if (found := cases[one.disclosure.case_id])],
        next=shown.next,
        filter=filter,
        after=after,
        of_case=of_case,
    )


@router.get("/disclosures/{disclosure_id}")
def show_disclosure(request: Request, seat: Seat, disclosure_id: str) -> Response:
    return _one(request, seat, disclosure_id)


@router.post("/disclosures/{disclosure_id}/files")
def read_disclosure(request: Request, seat: Seat, _form: Form, disclosure_id: str) -> Response:
    """A consultation that is on record, and so no GET."""
    system, officer = seat
    one = hidden.disclosure(system, officer, disclosure_id)
    hangs_on = standing_of_disclosure(
        system, officer, search_id=one.disclosure.search_id, disclosure_id=one.disclosure.id
    )
    try:
        packet = disclosed.read_disclosure(system, officer, disclosure_id=disclosure_id)
    except BeholdenError as error:
        return _one(request, seat, disclosure_id, error)
    return _to_the_files(request, seat, hangs_on, packet)


@router.get("/disclosures/{disclosure_id}/files/{token}")
def show_files(request: Request, seat: Seat, disclosure_id: str, token: str) -> Response:
    system, officer = seat
    files = held(request).get(system, officer, token)
    return render(
        request,
        "disclosure_files.html.jinja",
        disclosure_id=disclosure_id,
        files=[
            (name, f"/held/{token}/{name}", len(files[name]), said) for name, said in _in_order({*files} - {LEFT_OUT})
        ],
        left_out=files.get(LEFT_OUT, b"").decode().splitlines(),
        minutes=int(PACKET_FOR.total_seconds()) // 60,
    )


def _in_order(names: Iterable[str]) -> list[tuple[str, str]]:
    """Each file with what it is for."""
    there = set(names)
    return [(name, said) for name, said in FOR.items() if name in there] + [
        (name, "") for name in sorted(there - {*FOR})
    ]


def _to_the_files(request: Request, seat: Seat, hangs_on: Standing, packet: disclose.Packet) -> Response:
    files = {**packet.files, LEFT_OUT: "\n".join(packet.left_out).encode()}
    token = held(request).put(hangs_on, files, now=seat[0].clock.now(), lasts=PACKET_FOR)
    return see_other(request, f"/disclosures/{packet.disclosure.id}/files/{token}")


def _one(request: Request, seat: Seat, disclosure_id: str, error: BeholdenError | None = None) -> Response:
    system, officer = seat
    left = hidden.disclosure(system, officer, disclosure_id)
    one = left.disclosure
    case = hidden.case(system, officer, one.case_id)
    person = desk.oneself(system, officer)
    return render(
        request,
        "disclosure.html.jinja",
        error=error,
        left=left,
        files=[(name, left.files[name], said) for name, said in _in_order(left.files)],
        one=one,
        case=case,
        names=people_names(system, officer, [one.kept.created_by]),
        over=system.clock.now() >= one.kept.dispose_after,
        may_read=Role.INVESTIGATOR in person.roles and person.id in case.assigned,
    )
