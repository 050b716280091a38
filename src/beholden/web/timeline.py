"""The timeline of a case in pages: what was done in it, when and by whom, in words."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from beholden.actions import timeline
from beholden.actions.audit import SYSTEM
from beholden.web import hidden
from beholden.web.authority_bar import bar_of
from beholden.web.naming import people_names
from beholden.web.page import render
from beholden.web.who import Seat
from beholden.web.words import _, named

router = APIRouter(include_in_schema=False)

WORDS = {
    "case.opened": named("opened the case"),
    "case.assigned": named("assigned somebody to the case"),
    "case.closed": named("closed the case"),
    "case.reopened": named("reopened the case"),
    "evidence.imported": named("imported a register of the evidence"),
    "exhibit.added": named("added an exhibit"),
    "exhibit.face_drawn": named("drew a face by hand"),
    "exhibit.face_edited": named("edited a face"),
    "exhibit.shown": named("looked at the faces of an exhibit"),
    "exhibit.frame_shown": named("looked at the whole of a photograph"),
    "exhibit.removed": named("removed an exhibit"),
    "sought.declared": named("declared who is sought"),
    "sought.withdrawn": named("took back who is sought"),
    "probe.shown": named("looked at the faces of a request"),
    "authority.drafted": named("drafted a request for authority"),
    "authority.requested": named("asked for authority"),
    "authority.returned": named("returned a request with questions"),
    "authority.approved": named("approved an authority"),
    "authority.refused": named("refused an authority"),
    "authority.revoked": named("revoked an authority"),
    "authority.withdrawn": named("withdrew a request for authority"),
    "authority.expired": named("An authority ended."),
    "exigent.begun": named("began a search before approval"),
    "exigent.upheld": named("upheld a search before approval"),
    "exigent.refused": named("did not uphold a search before approval"),
    "exigent.lapsed": named("A search before approval lapsed."),
    "search.started": named("started a search"),
    "search.finished": named("finished a search"),
    "search.unsealed": named("opened a list with the last opinion"),
    "search.read": named("read the leads of a search"),
    "lead.shown": named("looked at a lead"),
    "comparison.made": named("compared with one reference"),
    "review.opened": named("opened a review"),
    "review.finished": named("finished a review"),
    "examination.opened": named("opened an examination"),
    "examination.locked": named("locked an opinion"),
    "examination.revised": named("revised an opinion"),
    "examination.sent": named("sent an examination to an examiner elsewhere"),
    "examination.taken_back": named("took back an examination from elsewhere"),
    "examination.lapsed": named("An examination elsewhere lapsed."),
    "disclosure.previewed": named("looked at what a disclosure would say"),
    "disclosure.made": named("disclosed leads"),
    "disclosure.confirmed": named("confirmed a disclosure"),
    "disclosure.recalled": named("recalled a disclosure"),
    "lead.refuted": named("refuted a lead"),
    "disclosure.read": named("opened a disclosure again"),
}


@router.get("/cases/{case_id}/timeline")
def show_timeline(request: Request, seat: Seat, case_id: str, after: str = "") -> Response:
    system, officer = seat
    case = hidden.case(system, officer, case_id)
    shown = timeline.of_case(system, officer, case_id=case.id, after=after)
    return render(
        request,
        "timeline.html.jinja",
        case=case,
        done=[(one, _(WORDS[one.event])) for one in shown.shown],
        names=people_names(system, officer, (one.by for one in shown.shown if one.by != SYSTEM)),
        bar=bar_of(system, officer, case.id),
        system=SYSTEM,
        next=shown.next,
        after=after,
    )
