"""The lane of a photograph given with a request, in pages: to all but a privacy officer there is no such page."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from fastapi import APIRouter, Request
from fastapi.responses import Response

from beholden.actions import compare_given, desk, photograph
from beholden.actions import request as acts
from beholden.actions.compare_given import Comparison, Listed
from beholden.actions.standing import Named, standing
from beholden.errors import BeholdenError, Missing
from beholden.records.faces import Face
from beholden.records.requests import Photograph, PhotographState
from beholden.records.requests import Request as SubjectRequest
from beholden.web import hidden
from beholden.web.forms import OWN, Form
from beholden.web.held import Address, Chip, hold_faces
from beholden.web.naming import gallery_names, source_names
from beholden.web.page import download, render, see_other
from beholden.web.who import Seat

router = APIRouter(include_in_schema=False)


@router.get("/requests/{request_id}/photograph")
def show_lane(request: Request, seat: Seat, request_id: str) -> Response:
    """What became of the photographs given; of one that is held, its faces, which is on record."""
    return _lane(request, seat, request_id)


@router.post("/requests/{request_id}/photograph")
def give_photograph(request: Request, seat: Seat, form: Form, request_id: str) -> Response:
    _there(seat, request_id)
    try:
        _, content = form.file("file", "photograph")
        photograph.give_photograph(*seat, content, request_id=request_id)
    except BeholdenError as error:
        return _lane(request, seat, request_id, error)
    return see_other(request, f"/requests/{request_id}/photograph", done="added")


@router.post("/requests/{request_id}/photograph/compare")
def compare_photograph(request: Request, seat: Seat, form: Form, request_id: str) -> Response:
    """The page that answers is the only place where the list is: nothing of it is kept."""
    _there(seat, request_id)
    try:
        face = form.number("face", "face") if form.text("face") else 0
        found = compare_given.compare_photograph(*form.once(seat), request_id=request_id, face=face)
        shown = _listed_chips(request, seat, request_id, found)
    except BeholdenError as error:
        return _lane(request, seat, request_id, error)
    return _lane(request, seat, request_id, found=found, chips=shown)


@router.post("/requests/{request_id}/photograph/take-back", dependencies=OWN)
def take_back_photograph(request: Request, seat: Seat, request_id: str) -> Response:
    _there(seat, request_id)
    try:
        photograph.take_back_photograph(*seat, request_id=request_id)
    except BeholdenError as error:
        return _lane(request, seat, request_id, error)
    return see_other(request, f"/requests/{request_id}/photograph", done="destroyed")


@router.post("/requests/{request_id}/records")
def choose_records(request: Request, seat: Seat, form: Form, request_id: str) -> Response:
    _there(seat, request_id)
    try:
        acts.choose_records(
            *seat, request_id=request_id, face_ids=form.texts("record"), looked_for=form.text("looked_for")
        )
    except BeholdenError as error:
        return _lane(request, seat, request_id, error)
    return see_other(request, f"/requests/{request_id}", done="changed")


@router.get("/requests/{request_id}/photographs/{photograph_id}/receipt")
def show_receipt(seat: Seat, request_id: str, photograph_id: str) -> Response:
    """The signed receipt that it was destroyed."""
    for one in _there(seat, request_id):
        if one.id == photograph_id and one.receipt:
            return download(one.receipt, name=f"receipt-photograph-{one.id[:10]}.txt", kind="text/plain; charset=utf-8")
    raise Missing("there is no such receipt")


def _listed_chips(request: Request, seat: Seat, request_id: str, found: Comparison) -> list[Address]:
    """Where what a list shows is found, veiled, for as long as the request, its photograph and the records stay as they are."""
    if not found.listed:
        return []
    system, officer = seat
    named: list[Named] = [(Photograph, one.id) for one in _there(seat, request_id)]
    named += [(Face, one.face_id) for one in found.listed]
    hangs_on = standing(system, officer, (SubjectRequest, request_id), *named)
    handles = [one.handle for one in found.listed]
    chips = compare_given.show_listed(system, officer, request_id=request_id, handles=handles)
    faces = [Chip(chip, "given", one.face_id) for one, chip in zip(found.listed, chips, strict=True)]
    return hold_faces(request, system, hangs_on, faces)


def _by_person(listed: Sequence[Listed], chips: Sequence[Address]) -> list[tuple[int, list[tuple[Listed, Address]]]]:
    """The records of a list with their chips, those together that are one person by their source's word."""
    shown = zip(listed, chips, strict=True)
    return [(person, list(records)) for person, records in groupby(shown, key=lambda one: one[0].person)]


def _there(seat: Seat, request_id: str) -> list[Photograph]:
    """Raises `Missing`, on record, for a request that is not there for who sits here."""
    return hidden.photographs(*seat, request_id)


def _lane(
    request: Request,
    seat: Seat,
    request_id: str,
    error: BeholdenError | None = None,
    found: Comparison | None = None,
    chips: Sequence[Address] = (),
) -> Response:
    system, officer = seat
    given = _there(seat, request_id)
    shown, _ = desk.request(system, officer, request_id=request_id)
    held = next((one for one in given if one.state is PhotographState.HELD), None)
    faces: list[Address] = []
    if held:
        try:
            hangs_on = standing(system, officer, (SubjectRequest, request_id), (Photograph, held.id))
            pictures = photograph.show_photograph(system, officer, request_id=request_id)
            faces = hold_faces(request, system, hangs_on, [Chip(one, "given", held.id) for one in pictures])
        except BeholdenError as refused:
            error = error or refused
    listed = found.listed if found else ()
    return render(
        request,
        "request_photograph.html.jinja",
        error=error,
        shown=shown,
        given=given,
        held=held,
        faces=faces,
        found=found,
        people=_by_person(listed, chips),
        given_face=faces[held.compared_face - 1] if found and held and faces else None,
        left=system.rules.max_given_comparisons - shown.comparisons,
        sources=source_names(system, officer, (one.source_id for one in listed)),
        galleries=gallery_names(system, officer, (one.gallery_id for one in listed)),
    )
