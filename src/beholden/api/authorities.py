"""`/authorities`: asked for by one officer and given by another, for galleries, hours and a number of searches."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request, Response

from beholden.actions import authorise, desk, lists
from beholden.api.answers import made, tag
from beholden.api.hidden import Acting, hiding, on
from beholden.api.paging import Finding
from beholden.api.routes import Route
from beholden.api.shapes.casework import ApproveAuthority, Authority, RequestAuthority
from beholden.api.shapes.fields import Id, Page
from beholden.api.shapes.register import Why
from beholden.api.who import Who
from beholden.records import authority as records
from beholden.records.cases import Case
from beholden.records.sought import Sought

router = APIRouter(prefix="/authorities", tags=["authorities"], route_class=Route)
OnAuthority = Annotated[Acting, on(records.Authority, "authority_id")]


@router.get("")
def list_authorities(who: Who, paging: Finding) -> Page[Authority]:
    """Those of the cases that one sees, the latest first."""
    shown, following = paging.of(lists.authorities, *who)
    return Page[Authority](items=[Authority.model_validate(one) for one in shown], next=following)


@router.get("/{authority_id}")
def show_authority(who: Who, authority_id: Id, response: Response) -> Authority:
    """One of them."""
    return _shown(response, desk.authority(*who, authority_id=authority_id))


@router.post("", status_code=201)
def request_authority(who: Who, given: RequestAuthority, request: Request, response: Response) -> Authority:
    """Ask for authority. One that stands is never widened: `follows` names the one that this replaces."""
    told = given.necessity
    with hiding(*who, (Case, given.case_id), (Sought, given.sought_id)):
        asked = authorise.request_authority(
            *who,
            case_id=given.case_id,
            sought_id=given.sought_id,
            gallery_ids=given.gallery_ids,
            necessity=records.Necessity(told.less_intrusive, told.why_person, told.why_now),
            starts_at=given.starts_at,
            ends_at=given.ends_at,
            searches=given.searches,
            follows=given.follows,
        )
    made(request, response, "authorities", asked)
    return Authority.model_validate(asked)


@router.post("/{authority_id}/approve")
def approve_authority(acting: OnAuthority, authority_id: Id, given: ApproveAuthority, response: Response) -> Authority:
    """Approve what was requested, or less of it, as a supervisor who has no part in the case."""
    approved = authorise.approve_authority(
        *acting,
        authority_id=authority_id,
        gallery_ids=given.gallery_ids,
        starts_at=given.starts_at,
        ends_at=given.ends_at,
        searches=given.searches,
    )
    return _shown(response, approved)


@router.post("/{authority_id}/refuse")
def refuse_authority(acting: OnAuthority, authority_id: Id, given: Why, response: Response) -> Authority:
    """Refuse it, with the reason."""
    return _shown(response, authorise.refuse_authority(*acting, authority_id=authority_id, reason=given.reason))


@router.post("/{authority_id}/revoke")
def revoke_authority(acting: OnAuthority, authority_id: Id, given: Why, response: Response) -> Authority:
    """End it: effective at the next search, and for one under way at its end."""
    return _shown(response, authorise.revoke_authority(*acting, authority_id=authority_id, reason=given.reason))


@router.post("/{authority_id}/withdraw")
def withdraw_authority(acting: OnAuthority, authority_id: Id, response: Response) -> Authority:
    """Take one's own request back."""
    return _shown(response, authorise.withdraw_request(*acting, authority_id=authority_id))


def _shown(response: Response, authority: records.Authority) -> Authority:
    tag(response, authority)
    return Authority.model_validate(authority)
