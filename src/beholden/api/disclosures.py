"""`/searches/…/disclosures`: the only way a lead leaves, with everything that speaks for and against it."""

from __future__ import annotations

import hashlib
from typing import Annotated

from fastapi import APIRouter

from beholden.actions import desk, disclose
from beholden.api.answers import text
from beholden.api.hidden import Acting, behind
from beholden.api.routes import GIVEN_ONCE, Route
from beholden.api.shapes.fields import Id
from beholden.api.shapes.searching import Disclose, DisclosedFile, Disclosure
from beholden.records import searches
from beholden.records.disclosures import LEAD_ONLY

router = APIRouter(tags=["disclosures"], route_class=Route)


@router.post("/searches/{search_id}/disclosures", status_code=201, openapi_extra={GIVEN_ONCE: True})
def make_disclosure(
    acting: Annotated[Acting, behind(searches.Search, "search_id")], search_id: Id, given: Disclose
) -> Disclosure:
    """One or two examined leads for named recipients; the files are in this answer, with a signed manifest."""
    packet = disclose.make_disclosure(
        *acting,
        search_id=search_id,
        candidate_ids=given.candidate_ids,
        recipients=given.recipients,
        basis=given.basis,
    )
    return Disclosure(
        id=packet.disclosure.id,
        search_id=search_id,
        recipients=list(packet.disclosure.recipients),
        statement=LEAD_ONLY,
        model=desk.search(*acting, search_id=search_id).model,
        files=[
            DisclosedFile(name=name, sha256=hashlib.sha256(content).hexdigest(), content=text(content))
            for name, content in packet.files.items()
        ],
    )
