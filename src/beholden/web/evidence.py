"""Registers of a case's evidence in pages: imported by somebody who may see nothing else of the case."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from beholden.actions import evidence
from beholden.errors import BeholdenError
from beholden.formats.exhibit_registers import MAX_BYTES
from beholden.web.forms import Form
from beholden.web.page import render
from beholden.web.who import Seat

router = APIRouter(include_in_schema=False)


@router.get("/evidence")
def choose_register(request: Request, _seat: Seat, case: str = "") -> Response:
    return render(request, "evidence.html.jinja", case=case, imported=None)


@router.post("/evidence")
def import_register(request: Request, seat: Seat, form: Form) -> Response:
    """The same register is imported once, so that this page may be sent again."""
    try:
        name, content = form.file("file", "register", most=MAX_BYTES)
        made = evidence.import_manifest(*seat, content, case=form.text("case"), file=name)
    except BeholdenError as error:
        return render(request, "evidence.html.jinja", error=error, typed=form, case="", imported=None)
    return render(request, "evidence.html.jinja", case="", imported=made)
