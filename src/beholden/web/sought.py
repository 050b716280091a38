"""Who is sought, in pages: faces are chosen by their chips and declared to be one person, with the reason; or taken back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from fastapi import APIRouter, Request
from fastapi.responses import Response

from beholden.actions import exhibits, sought
from beholden.actions.standing import standing
from beholden.errors import BeholdenError
from beholden.ports.system import System
from beholden.records.exhibits import Exhibit, SubjectRole
from beholden.web import hidden
from beholden.web.authority_bar import bar_of
from beholden.web.cases import one_case
from beholden.web.forms import Form, Typed
from beholden.web.held import Address, Chip, hold_faces
from beholden.web.page import in_words, render, see_other
from beholden.web.quality import reasons
from beholden.web.who import Seat

router = APIRouter(include_in_schema=False)

NONE_FOLDED: Mapping[str, Sequence[str]] = MappingProxyType({})


@router.post("/cases/{case_id}/soughts")
def declare_sought(request: Request, seat: Seat, form: Form, case_id: str) -> Response:
    hidden.case(*seat, case_id)
    try:
        sought.declare_sought(
            *form.once(seat),
            case_id=case_id,
            face_ids=form.texts("face"),
            subject_role=form.text("subject_role"),
            why=form.text("why"),
        )
    except BeholdenError as error:
        shown = list(dict.fromkeys(form.texts("shown")))
        for exhibit_id in shown:
            hidden.exhibit(*seat, case_id, exhibit_id)
        return faces_page(request, seat, case_id, shown, error, form)
    return see_other(request, f"/cases/{case_id}", done="declared")


@router.post("/cases/{case_id}/soughts/{sought_id}/withdraw")
def withdraw_sought(request: Request, seat: Seat, form: Form, case_id: str, sought_id: str) -> Response:
    hidden.sought(*seat, case_id, sought_id)
    try:
        sought.withdraw_sought(*seat, sought_id=sought_id, reason=form.text("reason"))
    except BeholdenError as error:
        return one_case(request, seat, case_id, error, form)
    return see_other(request, f"/cases/{case_id}", done="withdrawn")


def faces_page(
    request: Request,
    seat: Seat,
    case_id: str,
    exhibit_ids: Sequence[str],
    error: BeholdenError | None = None,
    typed: Typed | None = None,
    *,
    folded: Mapping[str, Sequence[str]] = NONE_FOLDED,
    after: str = "",
    filter: str = "",
) -> Response:
    """The faces of these exhibits, to choose from. Each exhibit that is shown is on record.

    `folded`: by the id of an exhibit that is shown, those that look the same and are not. `after` and `filter` are the leaf.
    """
    system, officer = seat
    case = hidden.case(system, officer, case_id)
    hangs_on = standing(system, officer, *((Exhibit, id) for id in exhibit_ids))
    shown = [(id, exhibits.show_sights(system, officer, exhibit_id=id)) for id in exhibit_ids]
    held = [Chip(chip, of="exhibit-face", id=face.id) for _, faces in shown for face, each in faces for chip in each]
    chips: Iterator[Address] = iter(hold_faces(request, system, hangs_on, held) if held else ())
    return render(
        request,
        "faces.html.jinja",
        error=error,
        typed=typed or {},
        chosen=typed.texts("face") if typed else (),
        case=case,
        bar=bar_of(system, officer, case.id),
        folded=folded,
        after=after,
        filter=filter,
        exhibits=[(id, [(face, [next(chips) for _ in each]) for face, each in faces]) for id, faces in shown],
        short={face.id: reasons(face.quality) for _, faces in shown for face, _ in faces},
        subject_roles=[(one, in_words(one)) for one in SubjectRole if one in _sought_at_all(system)],
    )


def _sought_at_all(system: System) -> set[str]:
    """The roles that the policy pack knows under any purpose; which of them the case's has, the refusal says."""
    return {role for roles in system.policy.pack.roles_by_purpose.values() for role in roles}
