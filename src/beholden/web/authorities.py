"""Authority to search, in pages: asked for by an investigator, weighed by a supervisor, used up search by search."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from beholden.actions import authorise, compare, desk, evidence, lists, names
from beholden.actions.waiting import to_approve
from beholden.actions.weigh import scope
from beholden.errors import BadInput, BeholdenError
from beholden.records.authority import ONCE_APPROVED, Authority, AuthorityState, Grounds, Necessity
from beholden.records.disclosures import Disclosure
from beholden.records.people import Role
from beholden.records.sought import SoughtState
from beholden.web import hidden
from beholden.web.authority_bar import bar_of
from beholden.web.cases import face_names, soughts_of
from beholden.web.forms import Form, Typed
from beholden.web.naming import gallery_names, people_names
from beholden.web.page import render, see_other
from beholden.web.waiting import of_authority
from beholden.web.who import Seat
from beholden.web.words import _, ngettext

router = APIRouter(include_in_schema=False)

FLOOR = "probe-above-floor"  # the rule of the policy


@router.get("/authorities")
def list_authorities(request: Request, seat: Seat, filter: str = "", after: str = "") -> Response:
    return _list(request, seat, filter, after)


@router.post("/authorities")
def revoke_by_id(request: Request, seat: Seat, form: Form) -> Response:
    """A privacy officer sees no case, and may still take an authority back: they were told its id, or read it in the log."""
    authority_id = form.text("authority_id")
    if Role.PRIVACY_OFFICER not in desk.oneself(*seat).roles:
        hidden.authority(*seat, authority_id)  # to everybody else, what they do not see is not there
    try:
        authorise.revoke_authority(*seat, authority_id=authority_id, reason=form.text("reason"))
    except BeholdenError as error:
        return _list(request, seat, error=error, typed=form)
    return see_other(request, "/authorities", done="revoked")


def _list(
    request: Request,
    seat: Seat,
    filter: str = "",
    after: str = "",
    error: BeholdenError | None = None,
    typed: Typed | None = None,
) -> Response:
    system, officer = seat
    shown = lists.authorities(system, officer, filter=filter, after=after)
    waiting = to_approve(system, officer)
    cases = names.cases(system, officer, ids=(one.case_id for one in shown.shown))
    asking = [*shown.shown, *(one for one, _ in waiting)]
    now = system.clock.now()
    return render(
        request,
        "authorities.html.jinja",
        error=error,
        typed=typed or {},
        waiting=waiting,
        authorities=[(one, cases.get(one.case_id), of_authority(one, now)) for one in shown.shown],
        next=shown.next,
        filter=filter,
        after=after,
        names=people_names(system, officer, (id for one in asking for id in (one.requested_by, one.decided_by))),
    )


@router.get("/cases/{case_id}/authorities/new")
def ask_for_authority(request: Request, seat: Seat, case_id: str, sought: str = "", gallery: str = "") -> Response:
    """`gallery` narrows the galleries that there are to choose from, where they are many."""
    return ask_page(request, seat, case_id, sought, narrowed=gallery)


@router.post("/cases/{case_id}/authorities")
def request_authority(request: Request, seat: Seat, form: Form, case_id: str) -> Response:
    system, officer = seat
    hidden.case(system, officer, case_id)
    hidden.sought(system, officer, case_id, form.text("sought_id"))
    draft = form.text("do") == "draft"
    act = authorise.draft_authority if draft else authorise.request_authority
    try:
        asked = asked_in(seat, form)
        made = act(*form.once(seat), case_id=case_id, sought_id=form.text("sought_id"), **asked)
    except BeholdenError as error:
        return ask_page(request, seat, case_id, form.text("sought_id"), error, form)
    return see_other(request, f"/authorities/{made.id}", done="drafted" if draft else "requested")


def asked_in(seat: Seat, form: Typed, begun: Authority | None = None) -> dict[str, Any]:
    """What the form asks for, by the names that the acts have. Raises `BadInput`, and `Missing` for what is not there."""
    system, officer = seat
    for name in ("follows", "like"):
        if form.text(name):
            hidden.authority(system, officer, form.text(name))
    otherwise = begun.starts_at if begun else system.clock.now()
    starts_at = form.moment("starts_at", "beginning") if form.text("starts_at") else otherwise
    return {
        "gallery_ids": form.texts("gallery"),
        "necessity": Necessity(form.text("less_intrusive"), form.text("why_person"), form.text("why_now")),
        "starts_at": starts_at,
        "ends_at": _later(starts_at, form.number("hours", "number of hours")),
        "searches": form.number("searches", "number of searches"),
        "follows": form.text("follows"),
        "like": form.text("like"),
        "differs": form.text("differs"),
        "grounds": Grounds(form.text("external_ref"), form.text("offence"), form.text("corroboration")),
    }


@router.get("/authorities/{authority_id}")
def show_authority(request: Request, seat: Seat, authority_id: str) -> Response:
    return one_authority(request, seat, authority_id)


@router.post("/authorities/{authority_id}/approve")
def approve_authority(request: Request, seat: Seat, form: Form, authority_id: str) -> Response:
    """What was asked for, or less of it."""
    asked = hidden.authority(*seat, authority_id)
    try:
        starts_at = form.moment("starts_at", "beginning") if form.text("starts_at") else asked.starts_at
        hours = form.text("hours")
        authorise.approve_authority(
            *seat,
            authority_id=authority_id,
            gallery_ids=form.texts("gallery"),
            starts_at=starts_at,
            ends_at=_later(starts_at, form.number("hours", "number of hours")) if hours else asked.ends_at,
            searches=form.number("searches", "number of searches"),
        )
    except BeholdenError as error:
        return one_authority(request, seat, authority_id, error, form)
    return see_other(request, f"/authorities/{authority_id}", done="approved")


@router.post("/authorities/{authority_id}/refuse")
def refuse_authority(request: Request, seat: Seat, form: Form, authority_id: str) -> Response:
    hidden.authority(*seat, authority_id)
    try:
        authorise.refuse_authority(*seat, authority_id=authority_id, reason=form.text("reason"))
    except BeholdenError as error:
        return one_authority(request, seat, authority_id, error, form)
    return see_other(request, f"/authorities/{authority_id}", done="refused")


@router.post("/authorities/{authority_id}/revoke")
def revoke_authority(request: Request, seat: Seat, form: Form, authority_id: str) -> Response:
    hidden.authority(*seat, authority_id)
    try:
        authorise.revoke_authority(*seat, authority_id=authority_id, reason=form.text("reason"))
    except BeholdenError as error:
        return one_authority(request, seat, authority_id, error, form)
    return see_other(request, f"/authorities/{authority_id}", done="revoked")


@router.post("/authorities/{authority_id}/withdraw")
def withdraw_request(request: Request, seat: Seat, _form: Form, authority_id: str) -> Response:
    hidden.authority(*seat, authority_id)
    try:
        authorise.withdraw_request(*seat, authority_id=authority_id)
    except BeholdenError as error:
        return one_authority(request, seat, authority_id, error)
    return see_other(request, f"/authorities/{authority_id}", done="withdrawn")


def one_authority(
    request: Request, seat: Seat, authority_id: str, error: BeholdenError | None = None, typed: Typed | None = None
) -> Response:
    """Everything that is weighed before it is given, and what is left of it afterwards."""
    system, officer = seat
    authority = hidden.authority(system, officer, authority_id)
    now = system.clock.now()
    usable = authority.state is AuthorityState.ACTIVE and authority.used < authority.searches
    searches = desk.searches_of(system, officer, case_id=authority.case_id)
    return render(
        request,
        "authority.html.jinja",
        error=error,
        typed=typed or {},
        waits=of_authority(authority, now),
        **weighed(seat, authority),
        searches=[one for one in searches if one.authority_id == authority.id],
        comparisons=[one for one in compare.comparisons(system, officer) if one.authority_id == authority.id],
        left=left_under(seat, authority.case_id, authority.id),
        bar=bar_of(system, officer, authority.case_id),
        ticked=typed.texts("gallery") if typed and "gallery" in typed else authority.gallery_ids,
        hours=_hours(authority),
        can_run=usable and authority.starts_at <= now < authority.ends_at,
        most=system.rules.max_candidates,
        people=system.rules.candidates,
        below_floor="override_quality" in (typed or {}) or _is_below_floor(error),
    )


def weighed(seat: Seat, authority: Authority) -> dict[str, Any]:
    """What somebody weighs before they give it, by the names that the pages have for it."""
    system, officer = seat
    case = hidden.case(system, officer, authority.case_id)
    reach = scope(system, officer, authority_id=authority.id)
    wanted = hidden.sought(system, officer, case.id, authority.sought_id)
    faces = desk.faces(system, officer, case_id=case.id, face_ids=wanted.face_ids)
    earlier = [one for one in desk.authorities_of(system, officer, case_id=case.id) if one.id != authority.id]
    inside = evidence.states(system, officer, case_id=case.id)
    outside = sum(exhibit.id not in inside for exhibit, _face in faces)
    people = (one.requested_by for one in (authority, *earlier))
    return {
        "authority": authority,
        "case": case,
        "sought": wanted,
        "origins": sorted({str(exhibit.origin) for exhibit, _face in faces}),
        "unmanifested": outside,
        "evidence_said": _evidence_said(outside),
        "faces": face_names([face for _exhibit, face in faces]),
        "sizes": reach.sizes,
        "expected": reach.expected,
        "earlier": earlier,
        "names": people_names(
            system, officer, (authority.decided_by, *people, *(one.asked_by for one in authority.questions))
        ),
    }


def left_under(seat: Seat, case_id: str, authority_id: str) -> list[Disclosure]:
    """What left of the searches under it, the latest first; nothing to who owes an opinion."""
    searches = {one.id for one in desk.searches_of(*seat, case_id=case_id) if one.authority_id == authority_id}
    there = lists.disclosures(*seat, case_id=case_id).shown
    return [one.disclosure for one in there if one.disclosure.search_id in searches]


def ask_page(
    request: Request,
    seat: Seat,
    case_id: str,
    sought_id: str,
    error: BeholdenError | None = None,
    typed: Typed | None = None,
    narrowed: str = "",
    begun: Authority | None = None,
) -> Response:
    """What a request says, to be written; of one that was `begun`, to be changed."""
    system, officer = seat
    case = hidden.case(system, officer, case_id)
    declared = [one for one in soughts_of(system, officer, case.id) if one.state is SoughtState.DECLARED]
    offered = lists.galleries_for(system, officer, purpose=case.purpose, filter=narrowed)
    ticked = typed.texts("gallery") if typed else begun.gallery_ids if begun else ()
    chosen = gallery_names(system, officer, ticked)
    rules = system.rules
    earlier = [
        one for one in desk.authorities_of(system, officer, case_id=case.id) if begun is None or one.id != begun.id
    ]
    return render(
        request,
        "authority_new.html.jinja",
        error=error,
        typed=typed or {},
        case=case,
        bar=bar_of(system, officer, case.id),
        soughts=declared,
        sought_id=sought_id or (declared[0].id if len(declared) == 1 else ""),
        galleries=list((chosen | {one.id: one.name for one in offered.shown}).items()),
        narrowed=narrowed,
        more_galleries=bool(offered.next),
        ticked=ticked,
        begun=begun,
        hours=_hours(begun) if begun else 24,
        earlier=earlier,
        approved=[one for one in earlier if one.state in ONCE_APPROVED],
        required_fields=any(
            fields for name, fields in system.policy.pack.required_fields.items() if name.split("/")[0] == case.purpose
        ),
        least_chars=rules.min_necessity_chars,
        most_searches=rules.max_searches,
        most_hours=rules.max_authority_hours,
    )


def _evidence_said(outside: int) -> str:
    if not outside:
        return _("Every face is of a file that a register of the case has.")
    words = ngettext(
        "%(num)d face is of a file that no register of the case has.",
        "%(num)d faces are of files that no register of the case has.",
        outside,
    )
    return words % {"num": outside}


def _is_below_floor(error: BeholdenError | None) -> bool:
    """The field for a reason against the floor is there for who was stopped by it: asked of everybody, it would be filled in."""
    return error is not None and any(reason.rule_id == FLOOR for reason in error.reasons)


def _hours(authority: Authority) -> int:
    return int((authority.ends_at - authority.starts_at) / timedelta(hours=1))


def _later(begins: datetime, hours: int) -> datetime:
    try:
        return begins + timedelta(hours=hours)
    except OverflowError:
        raise BadInput(f"{hours:,} hours are past every calendar; give fewer") from None
