"""Authorities in figures: by purpose, from the log alone, for those who look over them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from beholden.actions import authorise
from beholden.actions.authority_figures import Figures, authority_figures
from beholden.errors import Missing
from beholden.records.audit import instant
from tests.agency import Agency, rules_of
from tests.api.client import rest_of


def test_each_purpose_has_a_count_of_its_own_and_what_was_refused_does_not_count(agency: Agency) -> None:
    ready = agency.ready(1, 2, 3)
    agency.search(ready.authority)
    asked = agency.request(ready.case, ready.sought, ready.gallery)
    assert rules_of(agency, authorise.refuse_authority, agency.system, agency["ines"], authority_id=asked.id, reason="")
    authorise.return_request(agency.system, agency["sven"], authority_id=asked.id, questions="which school?")
    authorise.submit_request(agency.system, agency["ines"], authority_id=asked.id, answer="the one in the next town")
    authorise.refuse_authority(agency.system, agency["sven"], authority_id=asked.id, reason="the school first")
    authorise.revoke_authority(agency.system, agency["sven"], authority_id=ready.authority.id, reason="she was found")
    begins_at, ends_at = agency.clock.at - timedelta(hours=1), agency.clock.at + timedelta(hours=1)
    counted = authority_figures(agency.system, agency["aude"], begins_at=begins_at, ends_at=ends_at)
    by_purpose = {one.purpose: one for one in counted}
    assert by_purpose["victim-id-cse"] == Figures("victim-id-cse", 2, 1, 1, 1, 1, 1, 0), "an answer is no request"
    assert by_purpose["imminent-threat"] == Figures("imminent-threat")
    before = authority_figures(agency.system, agency["sven"], begins_at=begins_at, ends_at=begins_at)
    assert all(one == Figures(one.purpose) for one in before)
    for name in ("ines", "stella", "erik", "ada"):
        with pytest.raises(Missing, match="no figures"):
            authority_figures(agency.system, agency[name], begins_at=begins_at, ends_at=ends_at)
    rest = rest_of(agency)
    between = f"begins_at={instant(begins_at)}&ends_at={instant(ends_at)}"
    (told,) = [
        one
        for one in rest.get("pia", f"/authorities/in-figures?{between}")["purposes"]
        if one["purpose"] == "victim-id-cse"
    ]
    assert (told["requested"], told["searches"], told["revoked"]) == (2, 1, 1)
    rest.refused(404, "GET", f"/authorities/in-figures?{between}", "ines")
