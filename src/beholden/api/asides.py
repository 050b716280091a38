"""`/asides`: the files that enrolment put aside, for the privacy officer."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter

from beholden.actions import asides
from beholden.api.hidden import Acting, behind
from beholden.api.paging import Paging
from beholden.api.routes import Route
from beholden.api.shapes.fields import Id, Page
from beholden.api.shapes.register import Aside
from beholden.api.who import Who
from beholden.records import images

router = APIRouter(prefix="/asides", tags=["asides"], route_class=Route)


@router.get("")
def list_asides(who: Who, paging: Paging) -> Page[Aside]:
    """The files that were put aside and wait for a decision. Whoever looks is on record."""
    shown, following = paging.part(asides.asides(*who), lambda one: one.id)
    return Page[Aside](items=[Aside.model_validate(one) for one in shown], next=following)


@router.post("/{aside_id}/judge")
def judge_aside(acting: Annotated[Acting, behind(images.Aside, "aside_id")], aside_id: Id) -> Aside:
    """Close a file that was put aside: it stays out."""
    return Aside.model_validate(asides.judge_aside(*acting, aside_id=aside_id))
