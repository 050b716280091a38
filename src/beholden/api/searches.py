"""`/searches`: run one under an authority, see how far it has come, and read its leads once it is unsealed."""

from __future__ import annotations

from typing import Annotated

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Request, Response

from beholden.actions import desk, examine, leads, lists, replay, search
from beholden.api.answers import made, tag, text
from beholden.api.hidden import Acting, behind, hiding
from beholden.api.paging import Finding
from beholden.api.routes import Route
from beholden.api.shapes.examining import Description, Mark
from beholden.api.shapes.fields import Id, Page
from beholden.api.shapes.searching import (
    Coverage,
    Expected,
    Lead,
    Leads,
    LeadSource,
    Opinion,
    Provenance,
    Replayed,
    ReplaySearch,
    RunSearch,
    Search,
    ShownLead,
    WaitingSearch,
)
from beholden.api.who import Who
from beholden.ports.system import System
from beholden.records import examination, searches
from beholden.records.authority import Authority
from beholden.records.people import Officer
from beholden.records.sought import Sought

# Searches that run at a time; the others wait in the order in which they came, and cost nothing meanwhile. All of them at once
# take turns at running Python, so that each ends when the last does [more asked than the machine had time for: the median waited
# half as long with 4 at a time as with 40]; with very few, a slow disk would wait for nobody.
AT_ONCE = 8

router = APIRouter(prefix="/searches", tags=["searches"], route_class=Route)


@router.post("", status_code=201)
async def run_search(who: Who, given: RunSearch, request: Request, response: Response) -> Search:
    """Consume one use and compare. Who is on the list is told to nobody before the last opinion is locked."""
    one_of: CapacityLimiter = request.app.state.searching
    return await to_thread.run_sync(_run_search, who, given, request, response, limiter=one_of)


def _run_search(who: tuple[System, Officer], given: RunSearch, request: Request, response: Response) -> Search:
    with hiding(*who, (Authority, given.authority_id), (Sought, given.sought_id)):
        done = search.run_search(
            *who,
            authority_id=given.authority_id,
            sought_id=given.sought_id,
            limit=given.people,
            override_quality=given.override_quality,
        )
    made(request, response, "searches", done)
    return _whole(done)


@router.get("")
def list_searches(who: Who, paging: Finding) -> Page[Search | WaitingSearch]:
    """Those of one's cases; to an examiner, that there are some which wait for a review or an examination."""
    there, following = paging.of(lists.searches, *who)
    return Page[Search | WaitingSearch](items=[shown(one) for one in there], next=following)


@router.get("/{search_id}")
def show_search(who: Who, search_id: Id, response: Response) -> Search | WaitingSearch:
    """What a search compared, and how far it has come; to who does not see its case, only how far it has come."""
    found = desk.search(*who, search_id=search_id)
    if found.case_id:
        tag(response, found)
    return shown(found)


@router.post("/{search_id}/replay")
def replay_search(
    acting: Annotated[Acting, behind(searches.Search, "search_id")], search_id: Id, given: ReplaySearch
) -> Replayed:
    """Make the list of an unsealed search again, as an auditor: whether it is the same is told, and not who is on it."""
    return Replayed.model_validate(replay.replay_search(*acting, search_id=search_id, reason=given.reason))


@router.get("/{search_id}/leads")
def read_leads(acting: Annotated[Acting, behind(searches.Search, "search_id")], search_id: Id) -> Leads:
    """The list with ranks and scores, best first. Refused until the last opinion is locked."""
    there = examine.read_leads(*acting, search_id=search_id)
    found = desk.search(*acting, search_id=search_id)
    return Leads(
        search_id=search_id,
        model=found.model,
        space_id=found.space_id,
        model_files=dict(found.model_files),
        statements=list(found.statements),
        leads=[_lead(one) for one in there],
    )


@router.get("/{search_id}/leads/{candidate_id}")
def show_lead(
    acting: Annotated[Acting, behind(searches.Search, "search_id")], search_id: Id, candidate_id: Id
) -> ShownLead:
    """One examined lead: its photographs beside the sought's, its source and every opinion. Each look is on record."""
    seen = leads.show_lead(*acting, search_id=search_id, candidate_id=candidate_id)
    return ShownLead(
        lead=_lead(seen.lead),
        sought=[text(chip) for chip in seen.probes],
        reference=text(seen.reference),
        cautions=seen.cautions,
        source=LeadSource.model_validate(seen.source),
        provenance=Provenance.model_validate(seen.provenance),
    )


def shown(one: searches.Search) -> Search | WaitingSearch:
    """How far it has come, and nothing of any lead; and nothing else of one whose case is hidden."""
    return _whole(one) if one.case_id else WaitingSearch(id=one.id, state=one.state)


def _whole(one: searches.Search) -> Search:
    return Search(
        id=one.id,
        version=one.version,
        case_id=one.case_id,
        authority_id=one.authority_id,
        sought_id=one.sought_id,
        searched_by=one.searched_by,
        started_at=one.started_at,
        ended_at=one.ended_at,
        model=one.model,
        space_id=one.space_id,
        model_files=dict(one.model_files),
        probe_quality=list(one.probe_quality),
        quality_override=one.quality_override,
        calibration_id=one.calibration_id,
        coverage=Coverage(
            words=one.coverage.words(),
            galleries=one.coverage.galleries,
            references=one.coverage.references,
            proven=one.coverage.proven,
            waiting=one.coverage.waiting,
            shelves=one.coverage.shelves,
            rescored=one.coverage.rescored,
            engine=one.coverage.engine,
        ),
        statements=list(one.statements),
        limit=one.limit,
        people=one.people,
        state=one.state,
    )


def _lead(one: examine.Lead) -> Lead:
    parts = list(examination.Part)
    in_order = sorted(one.examinations, key=lambda e: (parts.index(e.part), e.kept.created_at))
    return Lead(
        candidate_id=one.candidate.id,
        rank=one.rank,
        score=one.score,
        unrelated_expected=Expected.model_validate(one.unrelated) if one.unrelated else None,
        outcome=one.outcome,
        reviewer_could_know=one.reviewer_could_know,
        references=one.candidate.references,
        face_id=one.candidate.face_id,
        image_id=one.candidate.image_id,
        disagreement=examination.disagree(one.examinations),
        opinions=[_opinion(each) for each in in_order],
    )


def _opinion(one: examination.Examination) -> Opinion:
    return Opinion(
        id=one.id,
        part=one.part,
        components=dict(one.components),
        limitations=one.limitations,
        opinion=one.opinion,
        opinion_words=examination.Opinion(one.opinion).words if one.opinion is not None else "",
        supersedes=one.supersedes,
        score_revealed=one.score_revealed,
        state=one.state,
        described=[Description.model_validate(each) for each in one.described],
        marks=[Mark.model_validate(each) for each in one.marks],
        scale=one.scale,
        tools=dict(one.tools),
    )
