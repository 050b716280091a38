"""`/incidents`: what happened and must not, and how far the agency has come with answering for it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request, Response

from beholden.actions import respond
from beholden.api.answers import made, tag
from beholden.api.hidden import Acting, on
from beholden.api.paging import Paging
from beholden.api.routes import Route
from beholden.api.shapes.fields import Id, Page
from beholden.api.shapes.incidents import CloseIncident, ContainIncident, Incident, JudgeIncident, ReportIncident
from beholden.api.who import Who
from beholden.records import incidents as records

router = APIRouter(prefix="/incidents", tags=["incidents"], route_class=Route)
OnIncident = Annotated[Acting, on(records.Incident, "incident_id")]


@router.get("")
def list_incidents(who: Who, paging: Paging) -> Page[Incident]:
    """The latest first, to privacy officers and auditors."""
    shown, following = paging.part(respond.incidents(*who), lambda one: one.id)
    return Page[Incident](items=[_of(one) for one in shown], next=following)


@router.post("", status_code=201)
def report_incident(who: Who, given: ReportIncident, request: Request, response: Response) -> Incident:
    """Report that something happened which must not; a privacy officer answers for it."""
    one = respond.report_incident(*who, words=given.words, about=given.about)
    made(request, response, "incidents", one)
    return _of(one)


@router.get("/{incident_id}")
def show_incident(who: Who, incident_id: Id, response: Response) -> Incident:
    """One of them."""
    return _shown(response, respond.incident(*who, incident_id=incident_id))


@router.post("/{incident_id}/contain")
def contain_incident(acting: OnIncident, incident_id: Id, given: ContainIncident, response: Response) -> Incident:
    """Say how it was brought to a stop."""
    return _shown(
        response,
        respond.contain_incident(*acting, incident_id=incident_id, words=given.words, affected=given.affected),
    )


@router.post("/{incident_id}/judge")
def judge_incident(acting: OnIncident, incident_id: Id, given: JudgeIncident, response: Response) -> Incident:
    """Say whether it is material, and why; the oversight body is told of one that is."""
    return _shown(
        response,
        respond.judge_incident(*acting, incident_id=incident_id, materiality=given.materiality, words=given.words),
    )


@router.post("/{incident_id}/close")
def close_incident(acting: OnIncident, incident_id: Id, given: CloseIncident, response: Response) -> Incident:
    """Close it with what was learned."""
    return _shown(response, respond.close_incident(*acting, incident_id=incident_id, lessons=given.lessons))


def _shown(response: Response, one: records.Incident) -> Incident:
    tag(response, one)
    return _of(one)


def _of(one: records.Incident) -> Incident:
    return Incident.model_validate({name: getattr(one, name) for name in Incident.model_fields})
