"""`/pictures`: one picture for an auditor, for a reason in writing. The only POST that is a consultation of theirs."""

from __future__ import annotations

from fastapi import APIRouter, Response

from beholden.actions import reveal
from beholden.api.routes import GIVEN_ONCE, Route
from beholden.api.shapes.oversight import RevealPicture
from beholden.api.who import Who

router = APIRouter(prefix="/pictures", tags=["pictures"], route_class=Route)


@router.post(
    "/reveal",
    response_class=Response,
    responses={200: {"content": {"image/jpeg": {}}, "description": "The face, and nothing around it."}},
    openapi_extra={GIVEN_ONCE: True},
)
def reveal_picture(who: Who, given: RevealPicture) -> Response:
    """Be given one face as a JPEG, as an auditor who has just confirmed who they are; the reason is on record."""
    chip = reveal.reveal_picture(*who, of=given.of, id=given.id, reason=given.reason)
    return Response(chip, media_type="image/jpeg")
