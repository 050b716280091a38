"""Opinions after the last one is locked: one's own, and a new version of it; and all of a lead's side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import Response

from beholden.actions import desk, examine
from beholden.errors import BeholdenError, Missing
from beholden.records.examination import (
    COMPONENTS,
    Examination,
    Opinion,
    Part,
    Side,
    disagree,
    in_force,
    is_complete,
    side,
)
from beholden.records.people import Role
from beholden.web import hidden
from beholden.web.examinations import components_of, opinion_of, scales
from beholden.web.forms import Form, Typed
from beholden.web.naming import people_names
from beholden.web.page import in_words, render, see_other
from beholden.web.who import Seat
from beholden.web.words import _, named, ngettext

router = APIRouter(include_in_schema=False)

TOOL_WORDS = {
    "zoom": named("size"),
    "pan": named("place"),
    "rotate": named("turn"),
    "mirror": named("mirror"),
    "align": named("eyes aligned"),
    "overlay": named("overlay"),
    "swipe": named("swipe"),
    "flicker": named("flicker"),
    "difference": named("difference"),
    "grid": named("grid"),
    "greyscale": named("greyscale"),
    "exposure": named("exposure and contrast"),
}


@dataclass(frozen=True, slots=True)
class Compared:
    """What each opinion says of one thing, in the order of the opinions, and whether they differ."""

    words: str
    said: tuple[str, ...]

    @property
    def differs(self) -> bool:
        return len(set(self.said)) > 1


@router.get("/examinations/{search_id}/opinions")
def show_opinions(request: Request, seat: Seat, search_id: str) -> Response:
    """One's own locked opinions, once the scores are open: reading them is reading the leads."""
    return _opinions(request, seat, search_id)


@router.post("/examinations/{search_id}/opinions/{handle}")
def revise_examination(request: Request, seat: Seat, form: Form, search_id: str, handle: str) -> Response:
    hidden.own_examination(*seat, search_id, handle)
    try:
        examine.revise_examination(
            *seat,
            handle=handle,
            components=components_of(form),
            limitations=form.text("limitations"),
            opinion=opinion_of(form),
        )
    except BeholdenError as error:
        return _opinions(request, seat, search_id, handle, error, form)
    return see_other(request, f"/examinations/{search_id}/opinions", done="revised")


@router.get("/searches/{search_id}/leads/{candidate_id}/opinions")
def show_side_by_side(request: Request, seat: Seat, search_id: str, candidate_id: str) -> Response:
    """What each examiner saw in one lead, component by component: read as the leads are, so not before the last opinion."""
    system, officer = seat
    found = hidden.search(system, officer, search_id)
    leads = examine.read_leads(system, officer, search_id=search_id)
    lead = next((one for one in leads if one.candidate.id == candidate_id), None)
    if lead is None:
        raise Missing("there is no such lead on this list, or it is held no more")
    there = sorted(in_force(lead.examinations), key=lambda one: list(Part).index(one.part))
    person = desk.oneself(system, officer)
    case = hidden.case_or_none(system, officer, found.case_id)
    return render(
        request,
        "side_by_side.html.jinja",
        search=found,
        case=case,
        lead=lead,
        opinions=there,
        opinion_words={int(one): _(one.words) for one in Opinion},
        names=people_names(system, officer, (one.examiner for one in there)),
        disagree=disagree(lead.examinations),
        division=_division(there),
        rows=_compared(there),
        tool_words={name: _(words) for name, words in TOOL_WORDS.items()},
        may_disclose=case is not None
        and Role.INVESTIGATOR in person.roles
        and person.id in case.assigned
        and is_complete(lead.examinations),
    )


def _division(opinions: Sequence[Examination]) -> list[str]:
    """How many opinions lie on which side, the most first, as they are: two against one is said as two against one."""
    sides = [side(one.opinion) for one in opinions]
    words = {
        1: lambda count: ngettext("%(num)s supports the same person", "%(num)s support the same person", count),
        -1: lambda count: ngettext("%(num)s supports different persons", "%(num)s support different persons", count),
        0: lambda count: ngettext("%(num)s takes no side", "%(num)s take no side", count),
    }
    counted = sorted(((sides.count(one), one) for one in set(sides)), reverse=True)
    return [words[one](count) % {"num": count} for count, one in counted]


def _compared(opinions: Sequence[Examination]) -> list[tuple[str, list[Compared]]]:
    """The groups of rows: each side as it was described alone, then the components of both."""
    groups = []
    for which, words in (
        (Side.PROBE, _("The photographs of who is sought, alone")),
        (Side.REFERENCE, _("The photograph of who is held, alone")),
    ):
        told = [next((d for d in one.described if d.of is which), None) for one in opinions]
        rows = [
            Compared(_("Suitable"), tuple("–" if d is None else _("yes") if d.suitable else _("no") for d in told)),
            Compared(
                _("Cannot be judged"),
                tuple(
                    "–" if d is None else ", ".join(in_words(c) for c in COMPONENTS if c not in d.seen) or _("nothing")
                    for d in told
                ),
            ),
            Compared(_("In words"), tuple(d.words or "–" if d else "–" for d in told)),
        ]
        groups.append((words, rows))
    seen = [dict(one.components) for one in opinions]
    rows = [
        Compared(in_words(name), tuple(in_words(one[name]) if name in one else "–" for one in seen))
        for name in COMPONENTS
    ]
    groups.append((_("Both, from the top of the face down"), rows))
    return groups


def _opinions(
    request: Request,
    seat: Seat,
    search_id: str,
    handle: str = "",
    error: BeholdenError | None = None,
    typed: Typed | None = None,
) -> Response:
    """In the form of `handle` stands what was `typed`; in every other, what was locked."""
    hidden.search(*seat, search_id)
    leads = examine.read_leads(*seat, search_id=search_id)
    person = desk.oneself(*seat)
    own = [
        (one, lead, (typed or {}) if one.id == handle else _filled_in(one), one.id == handle, _unseen(one))
        for lead in leads
        for one in in_force(lead.examinations)
        if one.examiner == person.id
    ]
    return render(
        request,
        "opinions.html.jinja",
        error=error,
        search_id=search_id,
        opinions=own,
        opinion_words={int(one): _(one.words) for one in Opinion},
        **scales(),
    )


def _unseen(one: Examination) -> list[str]:
    """What was not to be judged in both sides as they were described; nothing, where they were not."""
    seen = set(COMPONENTS).intersection(*(there.seen for there in one.described))
    return [name for name in COMPONENTS if name not in seen]


def _filled_in(one: Examination) -> dict[str, str]:
    """The form as this opinion was locked."""
    told = {f"component-{name}": observation for name, observation in one.components}
    return told | {"limitations": one.limitations, "opinion": str(one.opinion)}
