"""`/notices`: what somebody outside must be told, to be sent by a person and marked as sent."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from beholden.actions import notices
from beholden.api.paging import Paging
from beholden.api.routes import Route
from beholden.api.shapes.fields import Id, Page
from beholden.api.shapes.notices import Notice, NoticeSent
from beholden.api.who import Who
from beholden.records.disclosures import Notice as Record

router = APIRouter(prefix="/notices", tags=["notices"], route_class=Route)


@router.get("")
def list_notices(
    who: Who, paging: Paging, every: Annotated[bool, Query(description="Those that were sent too.")] = False
) -> Page[Notice]:
    """What waits to be sent, the oldest first, as far as one may see it."""
    shown, following = paging.part(notices.notices(*who, sent=every), lambda one: one.id)
    return Page[Notice](items=[_shown(one) for one in shown], next=following)


@router.post("/{notice_id}/sent")
def mark_notice_sent(who: Who, notice_id: Id, given: NoticeSent) -> Notice:
    """Say that a notice was sent, and how. Nothing is sent by itself."""
    return _shown(notices.mark_sent(*who, notice_id=notice_id, how=given.how))


def _shown(one: Record) -> Notice:
    return Notice(
        id=one.id,
        made_at=one.kept.created_at,
        recipient=one.recipient,
        about=one.about,
        words=one.words,
        sent=one.sent,
    )
