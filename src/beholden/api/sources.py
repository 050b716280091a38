"""`/sources`: the register of where images may come from, proposed by one person and approved by another."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request, Response

from beholden.actions import desk, lists, register
from beholden.api.answers import made, tag
from beholden.api.hidden import Acting, on
from beholden.api.paging import Finding
from beholden.api.routes import Route
from beholden.api.shapes.fields import Id, Page
from beholden.api.shapes.register import ProposeSource, Source, Why
from beholden.api.who import Who
from beholden.records import sources as records
from beholden.records.archives import ArchiveTerms

router = APIRouter(prefix="/sources", tags=["sources"], route_class=Route)
OnSource = Annotated[Acting, on(records.Source, "source_id")]


@router.get("")
def list_sources(who: Who, paging: Finding) -> Page[Source]:
    """The register; nothing of it to somebody who owes a blind opinion."""
    shown, following = paging.of(lists.sources, *who)
    return Page[Source](items=[Source.model_validate(one) for one in shown], next=following)


@router.get("/{source_id}")
def show_source(who: Who, source_id: Id, response: Response) -> Source:
    """One of them."""
    one = desk.source(*who, source_id=source_id)
    return _shown(response, one)


@router.post("", status_code=201)
def propose_source(who: Who, given: ProposeSource, request: Request, response: Response) -> Source:
    """Propose a source, as a steward; a privacy officer who did not propose it decides."""
    proposed = register.propose_source(
        *who,
        name=given.name,
        controller=given.controller,
        authority_kind=given.authority_kind,
        citation=given.citation,
        document_sha256=given.document_sha256,
        jurisdiction=given.jurisdiction,
        purposes=given.purposes,
        valid_from=given.valid_from,
        valid_until=given.valid_until,
        archives=ArchiveTerms(
            places=tuple(given.places),
            visitors=tuple(given.visitors),
            most_a_day=given.most_a_day,
            control=given.control,
        ),
    )
    made(request, response, "sources", proposed)
    return Source.model_validate(proposed)


@router.post("/{source_id}/approve")
def approve_source(acting: OnSource, source_id: Id, response: Response) -> Source:
    """Approve a proposal of somebody else."""
    return _shown(response, register.approve_source(*acting, source_id=source_id))


@router.post("/{source_id}/refuse")
def refuse_source(acting: OnSource, source_id: Id, given: Why, response: Response) -> Source:
    """Refuse a proposal, with the reason."""
    return _shown(response, register.refuse_source(*acting, source_id=source_id, reason=given.reason))


@router.post("/{source_id}/suspend")
def suspend_source(acting: OnSource, source_id: Id, given: Why, response: Response) -> Source:
    """From the next search on, none of its references is compared."""
    return _shown(response, register.suspend_source(*acting, source_id=source_id, reason=given.reason))


@router.post("/{source_id}/resume")
def resume_source(acting: OnSource, source_id: Id, response: Response) -> Source:
    """Let its references be compared again."""
    return _shown(response, register.resume_source(*acting, source_id=source_id))


def _shown(response: Response, source: records.Source) -> Source:
    tag(response, source)
    return Source.model_validate(source)
