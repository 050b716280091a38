"""The pages: how people reach the acts in a browser, one file a noun. `router` has all of them."""

from __future__ import annotations

from fastapi import APIRouter, Depends

from beholden.web import (
    account,
    archives,
    asides,
    assets,
    authorities,
    calibrations,
    cases,
    comparisons,
    disclosures,
    examinations,
    exhibits,
    galleries,
    held,
    home,
    intakes,
    log,
    model,
    people,
    photographs,
    pictures,
    requests,
    reviews,
    searches,
    sign_in,
    sought,
    sources,
    words,
)

router = APIRouter(dependencies=[Depends(words.speak)], include_in_schema=False)
for noun in (
    account,
    archives,
    asides,
    assets,
    authorities,
    calibrations,
    cases,
    comparisons,
    disclosures,
    examinations,
    exhibits,
    galleries,
    held,
    home,
    intakes,
    log,
    model,
    people,
    photographs,
    pictures,
    requests,
    reviews,
    searches,
    sign_in,
    sought,
    sources,
):
    router.include_router(noun.router)
