"""`/disclosures`: the only way a lead leaves, with everything that speaks for and against it; and what left before."""

from __future__ import annotations

import hashlib
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from beholden.actions import desk, disclose, disclosed, lists, recall
from beholden.actions.disclose import Packet
from beholden.api.answers import lies, text
from beholden.api.hidden import Acting, behind
from beholden.api.paging import Finding
from beholden.api.routes import GIVEN_ONCE, Route
from beholden.api.shapes.fields import Id, Page
from beholden.api.shapes.register import Why
from beholden.api.shapes.searching import Disclose, DisclosedFile, Disclosure, FileLeft, Left, Refute, Warn
from beholden.api.who import Who
from beholden.records import disclosures as records
from beholden.records import searches

router = APIRouter(tags=["disclosures"], route_class=Route)


@router.post("/searches/{search_id}/disclosures", status_code=201, openapi_extra={GIVEN_ONCE: True})
def make_disclosure(
    acting: Annotated[Acting, behind(searches.Search, "search_id")],
    search_id: Id,
    given: Disclose,
    request: Request,
    response: Response,
) -> Disclosure:
    """One or two examined leads for named recipients; the files are in this answer, with a signed manifest."""
    packet = disclose.make_disclosure(
        *acting,
        search_id=search_id,
        candidate_ids=given.candidate_ids,
        recipients=given.recipients,
        basis=given.basis,
    )
    lies(request, response, "disclosures", packet.disclosure)
    return _packet(acting, packet)


@router.post("/searches/{search_id}/disclosures/provisional", status_code=201, openapi_extra={GIVEN_ONCE: True})
def warn(
    acting: Annotated[Acting, behind(searches.Search, "search_id")],
    search_id: Id,
    given: Warn,
    request: Request,
    response: Response,
) -> Disclosure:
    """Out of a search before approval, on one's own examination alone: it is confirmed or recalled, and recipients told."""
    packet = disclose.make_provisional(
        *acting, search_id=search_id, handles=given.examinations, recipients=given.recipients, basis=given.basis
    )
    lies(request, response, "disclosures", packet.disclosure)
    return _packet(acting, packet)


@router.post("/disclosures/{disclosure_id}/recall")
def recall_disclosure(
    acting: Annotated[Acting, behind(records.Disclosure, "disclosure_id")], disclosure_id: Id, given: Why
) -> Left:
    """Take back what left, as a supervisor: it is read no more, and every recipient is told."""
    recall.recall_disclosure(*acting, disclosure_id=disclosure_id, reason=given.reason)
    return _left(disclosed.disclosure(*acting, disclosure_id=disclosure_id))


@router.post("/disclosures/{disclosure_id}/refute")
def refute_lead(
    acting: Annotated[Acting, behind(records.Disclosure, "disclosure_id")], disclosure_id: Id, given: Refute
) -> Left:
    """Put on record that a lead which left was wrong: every recipient is asked for remedy."""
    recall.refute_lead(*acting, disclosure_id=disclosure_id, lead=given.lead, reason=given.reason, source=given.source)
    return _left(disclosed.disclosure(*acting, disclosure_id=disclosure_id))


@router.get("/disclosures")
def list_disclosures(
    who: Who,
    paging: Finding,
    case_id: Annotated[str, Query(max_length=200, description="Only those of this case.")] = "",
) -> Page[Left]:
    """What left of one's cases, the latest first, found by the case."""
    there, following = paging.of(lists.disclosures, *who, case_id=case_id)
    return Page[Left](items=[_left(one) for one in there], next=following)


@router.get("/disclosures/{disclosure_id}")
def show_disclosure(who: Who, disclosure_id: Id) -> Left:
    """To whom it went, on what basis, until when it is kept, and what each of its files was."""
    return _left(disclosed.disclosure(*who, disclosure_id=disclosure_id))


@router.get("/disclosures/{disclosure_id}/files")
def read_disclosure(
    acting: Annotated[Acting, behind(records.Disclosure, "disclosure_id")], disclosure_id: Id
) -> Disclosure:
    """The files again, byte for byte as they left; what cannot be made again is named. It is on record each time."""
    return _packet(acting, disclosed.read_disclosure(*acting, disclosure_id=disclosure_id))


def _packet(acting: Acting, packet: Packet) -> Disclosure:
    one = packet.disclosure
    return Disclosure(
        id=one.id,
        search_id=one.search_id,
        recipients=list(one.recipients),
        statement=records.statement_of(one),
        model=desk.search(*acting, search_id=one.search_id).model,
        files=[
            DisclosedFile(name=name, sha256=hashlib.sha256(content).hexdigest(), content=text(content))
            for name, content in packet.files.items()
        ],
        left_out=list(packet.left_out),
    )


def _left(told: disclosed.Disclosed) -> Left:
    one = told.disclosure
    return Left(
        id=one.id,
        case_id=one.case_id,
        search_id=one.search_id,
        recipients=list(one.recipients),
        basis=one.basis,
        made_by=one.kept.created_by,
        made_at=one.kept.created_at,
        ends_at=one.kept.dispose_after,
        leads=told.leads,
        erased=told.erased,
        state=one.state,
        refuted=list(one.refuted),
        statement=records.statement_of(one),
        files=[FileLeft(name=name, sha256=digest) for name, digest in sorted(told.files.items())],
    )
