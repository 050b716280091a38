"""`/galleries`: references that are searched together, for stated purposes."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request, Response

from beholden.actions import desk, lists, register
from beholden.api.answers import made, tag
from beholden.api.hidden import Acting, on
from beholden.api.paging import Finding
from beholden.api.routes import Route
from beholden.api.shapes.fields import Id, Page
from beholden.api.shapes.register import CertifyGallery, Gallery, OpenGallery
from beholden.api.who import Who
from beholden.records import galleries as records

router = APIRouter(prefix="/galleries", tags=["galleries"], route_class=Route)
OnGallery = Annotated[Acting, on(records.Gallery, "gallery_id")]


@router.get("")
def list_galleries(who: Who, paging: Finding) -> Page[Gallery]:
    """The galleries, to those who see the register."""
    shown, following = paging.of(lists.galleries, *who)
    return Page[Gallery](items=[Gallery.model_validate(one) for one in shown], next=following)


@router.get("/{gallery_id}")
def show_gallery(who: Who, gallery_id: Id, response: Response) -> Gallery:
    """One of them."""
    one = desk.gallery(*who, gallery_id=gallery_id)
    tag(response, one)
    return Gallery.model_validate(one)


@router.post("", status_code=201)
def open_gallery(who: Who, given: OpenGallery, request: Request, response: Response) -> Gallery:
    """Open a gallery for these purposes and no others."""
    opened = register.open_gallery(*who, name=given.name, purposes=given.purposes)
    made(request, response, "galleries", opened)
    return Gallery.model_validate(opened)


@router.post("/{gallery_id}/close")
def close_gallery(acting: OnGallery, gallery_id: Id, response: Response) -> Gallery:
    """Its references are kept to their term, and compared no more."""
    closed = register.close_gallery(*acting, gallery_id=gallery_id)
    tag(response, closed)
    return Gallery.model_validate(closed)


@router.post("/{gallery_id}/certify")
def certify_gallery(acting: OnGallery, gallery_id: Id, given: CertifyGallery, response: Response) -> Gallery:
    """Certify that it was looked through: what may no longer be held is out. Overdue, it is not searched."""
    certified = register.certify_gallery(*acting, gallery_id=gallery_id, words=given.words)
    tag(response, certified)
    return Gallery.model_validate(certified)
