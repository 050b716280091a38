"""A case's photographs in pages: added, removed, and their faces looked at, which is a consultation on record."""

from __future__ import annotations

from collections import defaultdict

from fastapi import APIRouter, Request
from fastapi.responses import Response

from beholden.actions import draw, edit, exhibits, lists
from beholden.errors import BeholdenError
from beholden.records.drawn_faces import eyes_of
from beholden.records.exhibits import ExhibitState, region_of, regions_of
from beholden.web import hidden
from beholden.web.cases import one_case
from beholden.web.forms import Form
from beholden.web.page import see_other
from beholden.web.sought import faces_page
from beholden.web.who import Seat

router = APIRouter(include_in_schema=False)


@router.post("/cases/{case_id}/exhibits")
def add_exhibit(request: Request, seat: Seat, form: Form, case_id: str) -> Response:
    hidden.case(*seat, case_id)
    try:
        name, content = form.file("file", "photograph")
        exhibits.add_exhibit(
            *form.once(seat),
            content,
            case_id=case_id,
            file=name.replace("\\", "/").rpartition("/")[2],
            origin=form.text("origin"),
            why=form.text("why"),
            intake="crop" if form.ticked("crop") else "",
            also=regions_of(form.text("also")),
            even_without_faces=form.ticked("even_without_faces"),
            captured_at=form.text("captured_at"),
        )
    except BeholdenError as error:
        return one_case(request, seat, case_id, error, form)
    return see_other(request, f"/cases/{case_id}", done="added")


@router.post("/cases/{case_id}/exhibits/{exhibit_id}/faces")
def draw_face(request: Request, seat: Seat, form: Form, case_id: str, exhibit_id: str) -> Response:
    hidden.exhibit(*seat, case_id, exhibit_id)
    try:
        draw.draw_face(
            *form.once(seat),
            exhibit_id=exhibit_id,
            box=region_of(form.text("box")),
            eyes=eyes_of(form.text("eyes")),
            why=form.text("why"),
        )
    except BeholdenError as error:
        return faces_page(request, seat, case_id, [exhibit_id], error, form)
    return see_other(request, f"/cases/{case_id}/exhibits/{exhibit_id}", done="added")


@router.post("/cases/{case_id}/exhibits/{exhibit_id}/edits")
def edit_face(request: Request, seat: Seat, form: Form, case_id: str, exhibit_id: str) -> Response:
    hidden.exhibit(*seat, case_id, exhibit_id)
    try:
        edit.edit_face(
            *form.once(seat),
            exhibit_id=exhibit_id,
            position=form.number("position", "number of a face"),
            edits=form.text("edits").split(),
            why=form.text("why"),
        )
    except BeholdenError as error:
        return faces_page(request, seat, case_id, [exhibit_id], error, form)
    return see_other(request, f"/cases/{case_id}/exhibits/{exhibit_id}", done="added")


@router.post("/cases/{case_id}/exhibits/{exhibit_id}/remove")
def remove_exhibit(request: Request, seat: Seat, form: Form, case_id: str, exhibit_id: str) -> Response:
    hidden.exhibit(*seat, case_id, exhibit_id)
    try:
        exhibits.remove_exhibit(*seat, exhibit_id=exhibit_id, reason=form.text("reason"))
    except BeholdenError as error:
        return one_case(request, seat, case_id, error, form)
    return see_other(request, f"/cases/{case_id}", done="removed")


@router.get("/cases/{case_id}/exhibits/{exhibit_id}")
def show_exhibit(request: Request, seat: Seat, case_id: str, exhibit_id: str) -> Response:
    """The faces of one exhibit."""
    hidden.exhibit(*seat, case_id, exhibit_id)
    return faces_page(request, seat, case_id, [exhibit_id])


@router.get("/cases/{case_id}/faces")
def show_faces(
    request: Request, seat: Seat, case_id: str, after: str = "", filter: str = "", stacked: str = ""
) -> Response:
    """The faces of the exhibits on one leaf of the case, as far as they are held: each is a consultation of its own.

    Of those that look the same the first alone is shown, unless all are asked for with `stacked`.
    """
    hidden.case(*seat, case_id)
    leaf = lists.exhibits(*seat, case_id=case_id, after=after, filter=filter).shown
    held = [one for one, _ in leaf if one.state is ExhibitState.HELD]
    there = {one.id for one in held}
    folded: dict[str, list[str]] = defaultdict(list)
    for one in held:
        if one.stack in there and not stacked:
            folded[one.stack].append(one.id)
    away = {id for ids in folded.values() for id in ids}
    shown = [one.id for one in held if one.id not in away]
    return faces_page(request, seat, case_id, shown, folded=folded, after=after, filter=filter)
