"""Searches in pages: started under an authority, followed, and read once the last opinion is locked. Before that: no lead."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import APIRouter, Request
from fastapi.responses import Response

from beholden.actions import desk, examine, leads, lists, names, search
from beholden.actions.examine import Lead
from beholden.actions.standing import standing_of_search
from beholden.actions.waiting import opinions_waiting
from beholden.errors import BeholdenError, Missing
from beholden.records.examination import Examination, Opinion, Part, disagree, in_force, is_complete
from beholden.records.people import Role
from beholden.records.searches import Search
from beholden.web import hidden
from beholden.web.authorities import one_authority
from beholden.web.authority_bar import bar_of
from beholden.web.forms import Form, Typed
from beholden.web.held import Address, Chip, hold_faces
from beholden.web.naming import people_names
from beholden.web.page import render, see_other
from beholden.web.reviews import IN_WORDS
from beholden.web.waiting import of_search
from beholden.web.who import Seat
from beholden.web.words import _
from beholden.web.words import number as in_figures

router = APIRouter(include_in_schema=False)
LEAST_TOLD = 1e-6  # unrelated people to expect: fewer are told as less than this


@router.get("/searches")
def list_searches(request: Request, seat: Seat, filter: str = "", after: str = "") -> Response:
    """Those of one's cases; to an examiner what waits for an opinion, of which nothing more is told than that it waits."""
    system, officer = seat
    shown = lists.searches(system, officer, filter=filter, after=after)
    waiting = opinions_waiting(system, officer)
    cases = names.cases(system, officer, ids=(one.case_id for one in shown.shown))
    return render(
        request,
        "searches.html.jinja",
        searches=[(one, cases[one.case_id], of_search(one)) for one in shown.shown if one.case_id in cases],
        next=shown.next,
        filter=filter,
        after=after,
        owed=waiting.owed,
        to_review=waiting.to_review,
        to_examine=waiting.to_examine,
        given=waiting.given,
    )


@router.post("/authorities/{authority_id}/searches")
def run_search(request: Request, seat: Seat, form: Form, authority_id: str) -> Response:
    """One use is consumed. A form that was sent twice searches once."""
    system, officer = seat
    authority = hidden.authority(system, officer, authority_id)
    try:
        made = search.run_search(
            *form.once(seat),
            authority_id=authority.id,
            sought_id=authority.sought_id,
            limit=form.number("limit", "number of people") if form.text("limit") else None,
            override_quality=form.text("override_quality"),
        )
    except BeholdenError as error:
        return one_authority(request, seat, authority_id, error, form)
    return see_other(request, f"/searches/{made.id}")


@router.get("/searches/{search_id}")
def show_search(request: Request, seat: Seat, search_id: str) -> Response:
    """What was compared and how far it has come, to those who see its case; to an examiner, only what there is to do."""
    system, officer = seat
    found = hidden.search(system, officer, search_id)
    case = hidden.case_or_none(system, officer, found.case_id)
    if case is None:
        return render(request, "search_for_examiner.html.jinja", search_id=found.id, state=str(found.state))
    return render(
        request,
        "search.html.jinja",
        search=found,
        waits=of_search(found),
        case=case,
        bar=bar_of(system, officer, case.id),
        names=people_names(system, officer, [found.searched_by]),
    )


@router.get("/searches/{search_id}/leads")
def show_leads(request: Request, seat: Seat, search_id: str) -> Response:
    return leads_page(request, seat, search_id)


@router.get("/searches/{search_id}/leads/{candidate_id}")
def show_lead(request: Request, seat: Seat, search_id: str, candidate_id: str) -> Response:
    """One lead beside the sought; each look is on record. An auditor reads it with a grey box for each picture."""
    system, officer = seat
    found = hidden.search(system, officer, search_id)
    if Role.AUDITOR in desk.oneself(system, officer).roles:
        there = examine.read_leads(system, officer, search_id=search_id)
        lead = next((one for one in there if one.candidate.id == candidate_id), None)
        if lead is None:
            raise Missing("there is no such lead on this list, or it is held no more")
        return _lead_page(request, seat, found, lead)
    hangs_on = standing_of_search(system, officer, search_id=search_id, blind=False)
    shown = leads.show_lead(system, officer, search_id=search_id, candidate_id=candidate_id)
    face = shown.lead.candidate.face_id
    # Who is sought is looked at beside that face, and on record under it.
    faces = [Chip(one, "lead", face) for one in (*shown.probes, shown.reference)]
    return _lead_page(request, seat, found, shown.lead, shown, hold_faces(request, system, hangs_on, faces))


def _lead_page(
    request: Request,
    seat: Seat,
    found: Search,
    lead: Lead,
    shown: leads.ShownLead | None = None,
    chips: Sequence[Address] = (),
) -> Response:
    case = hidden.case_or_none(*seat, found.case_id)
    in_order = _in_order(lead.examinations)
    return render(
        request,
        "lead.html.jinja",
        search=found,
        case=case,
        bar=bar_of(*seat, case.id) if case else (),
        lead=lead,
        expected=expected(lead),
        outcome=_(IN_WORDS[lead.outcome]),
        opinions=[(one, _(Opinion(one.opinion).words) if one.opinion is not None else "") for one in in_order],
        disagree=disagree(lead.examinations),
        names=people_names(*seat, (one.examiner for one in in_order)),
        shown=shown,
        probes=chips[:-1],
        reference=chips[-1] if chips else None,
    )


def leads_page(
    request: Request, seat: Seat, search_id: str, error: BeholdenError | None = None, typed: Typed | None = None
) -> Response:
    """The list with ranks and scores: refused, and on record, as long as an opinion is missing."""
    system, officer = seat
    found = hidden.search(system, officer, search_id)
    there = examine.read_leads(system, officer, search_id=search_id)
    person = desk.oneself(system, officer)
    case = hidden.case_or_none(system, officer, found.case_id)
    may_disclose = case is not None and Role.INVESTIGATOR in person.roles and person.id in case.assigned
    return render(
        request,
        "leads.html.jinja",
        error=error,
        typed=typed or {},
        chosen=typed.texts("lead") if typed else (),
        search=found,
        leads=[(one, expected(one), _(IN_WORDS[one.outcome]), opinions(one)) for one in there],
        complete=[one for one in there if is_complete(one.examinations)],
        case=case,
        bar=bar_of(system, officer, case.id) if case else (),
        may_disclose=may_disclose,
        most=system.rules.max_leads,
    )


def expected(lead: Lead) -> str:
    """How many references of other people are expected at this lead's score or above."""
    if lead.unrelated is None:
        return _("not measured")
    of = lead.unrelated.number
    number = in_figures(of, ".2g" if of >= 1e-4 else ".6f")  # no powers of ten: 0.000027, and not 2.7e-05
    if of < LEAST_TOLD:
        number = _("less than %(number)s") % {"number": in_figures(LEAST_TOLD, ".6f")}
    return _("%(number)s (extrapolated)") % {"number": number} if lead.unrelated.extrapolated else number


def opinions(lead: Lead) -> list[str]:
    """Those in force, the first examiner's first, in words; and that they disagree, where they do."""
    said = [_(Opinion(one.opinion).words) for one in _in_order(lead.examinations) if one.opinion is not None]
    return [*said, _("the two disagree")] if disagree(lead.examinations) else said


def _in_order(examinations: Sequence[Examination]) -> list[Examination]:
    """Those in force, the first examiner's first."""
    return sorted(in_force(examinations), key=lambda one: list(Part).index(one.part))
