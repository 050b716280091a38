"""A search before approval by REST: begun, listed, searched under, reviewed by somebody else, and counted."""

from __future__ import annotations

from datetime import datetime, timedelta

from beholden.actions import exigent_review
from beholden.records.audit import instant
from beholden.records.exigent import UNREVIEWED, Exigent
from beholden.records.galleries import Gallery
from tests.actions.test_exigent import again
from tests.actions.test_sessions import stale
from tests.agency import Agency, Ready, small_agency
from tests.api.client import rest_of

REASON = "a child of four is with the man of the photograph"
REVIEW = {"reason": "the message of the mother was looked at"}


def body(ready: Ready, **more: object) -> dict[str, object]:
    named = {"case_id": ready.case.id, "sought_id": ready.sought.id}
    return {**named, "ground": "child-in-danger", "reason": REASON, **more}


def test_req_20_it_is_begun_once_under_its_key_searched_and_upheld() -> None:
    agency = small_agency()
    ready, rest = agency.ready(1, 2, 3), rest_of(agency)
    first, second = (
        rest.ask("POST", "/exigents", "ines", json=body(ready), headers={"Idempotency-Key": "k" * 20}) for _ in range(2)
    )
    assert (first.status_code, second.headers["Idempotency-Replayed"]) == (201, "true")
    begun = first.json()
    assert len(agency.find(Exigent)) == 1
    assert (begun["place"], begun["time"], begun["state"], begun["passed"]) == ("unknown", "unknown", "open", [])
    assert first.headers["Location"] == f"/v1/exigents/{begun['id']}"
    asked = {"authority_id": begun["authority_id"], "sought_id": ready.sought.id}
    found = rest.post("ines", "/searches", asked)
    assert found["statements"][0] == UNREVIEWED
    seen = rest.get("sven", f"/exigents/{begun['id']}")
    assert seen == {**begun, "version": seen["version"], "searches": 1, "listed": 3, "comparisons": 0}
    assert rest.get("sven", "/exigents")["items"] == [seen]
    for name in ("ivo", "erik", "pia", "stella"):
        rest.refused(404, "GET", f"/exigents/{begun['id']}", name)
        rest.refused(404, "POST", f"/exigents/{begun['id']}/uphold", name, json=REVIEW)
        rest.refused(404, "POST", "/exigents", name, json=body(ready))
    refused = rest.refused(403, "POST", f"/exigents/{begun['id']}/uphold", "ines", json=REVIEW)
    assert "exigent-reviewer-is-another" in [one["rule_id"] for one in refused["reasons"]]
    refused = rest.refused(403, "POST", f"/exigents/{begun['id']}/uphold", "sven", json=REVIEW)
    assert [one["rule_id"] for one in refused["reasons"]] == ["unmanifested-probe-is-looked-at"]
    rest.post("sven", f"/authorities/{begun['authority_id']}/probe", {})
    upheld = rest.post("sven", f"/exigents/{begun['id']}/uphold", REVIEW)
    assert (upheld["state"], upheld["decision"]) == ("upheld", REVIEW["reason"])
    assert UNREVIEWED not in rest.get("ines", f"/searches/{found['id']}")["statements"]


def test_req_20_without_a_fresh_sign_in_it_is_refused_and_nothing_is_begun() -> None:
    agency = small_agency()
    ready, rest = agency.ready(1, 2, 3), rest_of(agency)
    stale(agency, "ines")
    told = rest.refused(403, "POST", "/exigents", "ines", json=body(ready))
    assert [one["rule_id"] for one in told["reasons"]] == ["session-is-fresh"]
    assert agency.find(Exigent) == []


def test_req_22_a_refusal_and_a_lapse_by_rest_and_the_figures_of_both() -> None:
    agency = small_agency()
    ready, rest = agency.ready(1, 2, 3), rest_of(agency)
    one, other = (rest.post("ines", "/exigents", body(ready)) for _ in range(2))
    assert rest.post("sven", f"/exigents/{one['id']}/refuse", REVIEW)["state"] == "refused"
    agency.clock.pass_by(hours=24)
    exigent_review.lapse_overdue(agency.system)
    again(agency, "sven", "aude", "ines")
    rest = rest_of(agency)
    closed = rest.post("sven", f"/exigents/{other['id']}/close-lapse", REVIEW)
    assert (closed["state"], closed["reviewed_by"]) == ("lapsed", agency.ids["sven"])
    window = {"begins_at": times(agency, hours=-25), "ends_at": times(agency, hours=1)}
    figures = rest.get("aude", "/exigent-figures", params=window)["purposes"]
    assert figures[1] == {
        "purpose": "victim-id-cse",
        "incidents": 2,
        "persons": 2,
        "upheld": 0,
        "refused": 1,
        "lapsed": 1,
        "upheld_percent": 0,
    }
    rest.refused(404, "GET", "/exigent-figures", "ines", params=window)


def test_req_08_a_gallery_is_certified_by_rest() -> None:
    agency = small_agency()
    gallery, rest = agency.gallery(), rest_of(agency)
    words = {"words": "orders and withdrawals of the quarter; none erased"}
    shown = rest.post("pia", f"/galleries/{gallery.id}/certify", words)
    assert datetime.fromisoformat(shown["certified_at"]) == agency.clock.at
    assert shown["certified_by"] == agency.ids["pia"]
    assert agency.get(Gallery, gallery.id).certified_by == agency.ids["pia"]
    rest.refused(403, "POST", f"/galleries/{gallery.id}/certify", "stella", json=words)


def times(agency: Agency, **later: float) -> str:
    return instant(agency.clock.at + timedelta(**later))
