"""`/authorities`: asked for by one officer and given by another, for galleries, hours and a number of searches."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Request, Response

from beholden.actions import authorise, desk, lists, probe
from beholden.actions.authority_figures import authority_figures
from beholden.api.answers import made, tag, text
from beholden.api.hidden import Acting, behind, hiding, on
from beholden.api.paging import Finding
from beholden.api.routes import GIVEN_ONCE, Route
from beholden.api.shapes.casework import (
    ApproveAuthority,
    Authority,
    AuthorityCounts,
    AuthorityFigures,
    DraftAuthority,
    EditAuthority,
    GivenGrounds,
    GivenNecessity,
    RequestAuthority,
    ReturnAuthority,
    SubmitAuthority,
)
from beholden.api.shapes.evidence import Probe, ProbeFace
from beholden.api.shapes.fields import Id, Moment, Page
from beholden.api.shapes.register import Why
from beholden.api.who import Who
from beholden.records import authority as records
from beholden.records.cases import Case
from beholden.records.sought import Sought

router = APIRouter(prefix="/authorities", tags=["authorities"], route_class=Route)
OnAuthority = Annotated[Acting, on(records.Authority, "authority_id")]
BehindAuthority = Annotated[Acting, behind(records.Authority, "authority_id")]


@router.get("")
def list_authorities(who: Who, paging: Finding) -> Page[Authority]:
    """Those of the cases that one sees, the latest first."""
    shown, following = paging.of(lists.authorities, *who)
    return Page[Authority](items=[Authority.model_validate(one) for one in shown], next=following)


@router.get("/in-figures")
def authorities_in_figures(who: Who, begins_at: Moment, ends_at: Moment) -> AuthorityCounts:
    """How often authority was asked for, given and used in a time, by purpose, counted from the log alone."""
    found = authority_figures(*who, begins_at=begins_at, ends_at=ends_at)
    return AuthorityCounts(purposes=[AuthorityFigures.model_validate(one) for one in found])


@router.get("/{authority_id}")
def show_authority(who: Who, authority_id: Id, response: Response) -> Authority:
    """One of them."""
    return _shown(response, desk.authority(*who, authority_id=authority_id))


@router.post("", status_code=201)
def request_authority(who: Who, given: RequestAuthority, request: Request, response: Response) -> Authority:
    """Ask for authority. One that stands is never widened: `follows` names the one that this replaces."""
    with hiding(*who, (Case, given.case_id), (Sought, given.sought_id)):
        asked = authorise.request_authority(*who, **_asked(given))
    made(request, response, "authorities", asked)
    return Authority.model_validate(asked)


@router.post("/drafts", status_code=201)
def draft_authority(who: Who, given: DraftAuthority, request: Request, response: Response) -> Authority:
    """Begin a request without asking yet: it may lack anything, and nobody decides about it."""
    with hiding(*who, (Case, given.case_id), (Sought, given.sought_id)):
        begun = authorise.draft_authority(*who, **_asked(given))
    made(request, response, "authorities", begun)
    return Authority.model_validate(begun)


@router.post("/{authority_id}/edit")
def edit_authority(acting: OnAuthority, authority_id: Id, given: EditAuthority, response: Response) -> Authority:
    """Change one's own draft, or one's request that was returned with questions."""
    changed = authorise.edit_draft(
        *acting,
        authority_id=authority_id,
        gallery_ids=given.gallery_ids,
        necessity=_necessity(given.necessity),
        starts_at=given.starts_at,
        ends_at=given.ends_at,
        searches=given.searches,
        follows=given.follows,
        like=given.like,
        differs=given.differs,
        grounds=None if given.grounds is None else _grounds(given.grounds),
    )
    return _shown(response, changed)


@router.post("/{authority_id}/submit")
def submit_authority(acting: OnAuthority, authority_id: Id, given: SubmitAuthority, response: Response) -> Authority:
    """Ask with one's draft, or ask again with the answer to what an approver asked."""
    return _shown(response, authorise.submit_request(*acting, authority_id=authority_id, answer=given.answer))


@router.post("/{authority_id}/return")
def return_authority(acting: OnAuthority, authority_id: Id, given: ReturnAuthority, response: Response) -> Authority:
    """Give it back with questions, as a supervisor: whoever asked answers, may mend it, and asks again."""
    return _shown(response, authorise.return_request(*acting, authority_id=authority_id, questions=given.questions))


@router.post("/{authority_id}/probe", openapi_extra={GIVEN_ONCE: True})
def show_probe(acting: BehindAuthority, authority_id: Id) -> Probe:
    """Look at the faces that it is to search with, as a supervisor who is to decide. Each look is on record."""
    faces = [
        ProbeFace(
            face_id=face.id, exhibit_id=face.exhibit_id, position=face.position, sights=[text(one) for one in its]
        )
        for face, its in probe.show_probe(*acting, authority_id=authority_id)
    ]
    return Probe(authority_id=authority_id, faces=faces)


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


def _asked(given: RequestAuthority | DraftAuthority) -> dict[str, Any]:
    """What a request and a draft are made of."""
    return {
        "case_id": given.case_id,
        "sought_id": given.sought_id,
        "gallery_ids": given.gallery_ids,
        "necessity": _necessity(given.necessity) or records.NOT_WRITTEN,
        "starts_at": given.starts_at,
        "ends_at": given.ends_at,
        "searches": given.searches,
        "follows": given.follows,
        "like": given.like,
        "differs": given.differs,
        "grounds": _grounds(given.grounds),
    }


def _necessity(given: GivenNecessity | None) -> records.Necessity | None:
    return None if given is None else records.Necessity(given.less_intrusive, given.why_person, given.why_now)


def _grounds(given: GivenGrounds) -> records.Grounds:
    return records.Grounds(given.external_ref, given.offence, given.corroboration)


def _shown(response: Response, authority: records.Authority) -> Authority:
    tag(response, authority)
    return Authority.model_validate(authority)
