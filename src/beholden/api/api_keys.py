"""`/api-keys`: one's own keys for programs, each of which acts with one's rights of the moment and is never fresh by itself."""

from __future__ import annotations

from fastapi import APIRouter

from beholden.actions import api_keys
from beholden.api.paging import Paging
from beholden.api.routes import GIVEN_ONCE, Route
from beholden.api.shapes.fields import Id, Page
from beholden.api.shapes.people import ApiKey, MadeKey, MakeKey
from beholden.api.who import Who

router = APIRouter(prefix="/api-keys", tags=["api keys"], route_class=Route)


@router.get("")
def list_keys(who: Who, paging: Paging) -> Page[ApiKey]:
    """One's own keys for programs that last, the one that ends first before the others."""
    shown, following = paging.part(api_keys.keys(*who), lambda one: one.id)
    return Page[ApiKey](items=[ApiKey.model_validate(one) for one in shown], next=following)


@router.post("", status_code=201, openapi_extra={GIVEN_ONCE: True})
def make_key(who: Who, given: MakeKey) -> MadeKey:
    """Make a key for a program; it is in this answer and nowhere else."""
    made, secret = api_keys.make_key(*who, name=given.name, days=given.days)
    return MadeKey(key=ApiKey.model_validate(made), bearer=secret)


@router.delete("/{key_id}", status_code=204)
def revoke_key(who: Who, key_id: Id) -> None:
    """Revoke a key of one's own, at once."""
    api_keys.revoke_key(*who, key_id=key_id)
