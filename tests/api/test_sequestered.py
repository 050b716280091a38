"""Over REST what was taken is gone (410) with its rule, to everybody who could reach it before."""

from __future__ import annotations

from beholden.actions import exigent_review
from beholden.records.review import Pair, Review
from tests.api.client import Rest
from tests.exigent_story import begun


def test_req_23_every_address_of_what_a_refused_search_made_is_gone_and_says_why(rest: Rest) -> None:
    agency = rest.agency
    exigent, found = begun(agency, 1, 2, 3)
    agency.review(found, 1)
    [one] = agency.find(Review)
    [pair, *_] = agency.find(Pair)
    assert rest.get("ines", f"/searches/{found.id}")["state"] == "reviewed"
    exigent_review.refuse_exigent(
        agency.system, agency["sven"], exigent_id=exigent.id, reason="nobody had asked the neighbours first"
    )
    for name, method, path, body in (
        ("ines", "GET", f"/searches/{found.id}", None),
        ("sven", "GET", f"/searches/{found.id}", None),
        ("ines", "GET", f"/searches/{found.id}/leads", None),
        ("rosa", "GET", f"/reviews/{one.id}", None),
        ("rosa", "POST", f"/searches/{found.id}/review", None),
        ("rosa", "PUT", f"/pairs/{pair.handle}", {"outcome": "no"}),
        ("erik", "POST", f"/searches/{found.id}/examination", None),
    ):
        told = rest.refused(410, method, path, name, **({"json": body} if body else {}))
        assert (told["type"], [reason["rule_id"] for reason in told["reasons"]]) == (
            "urn:beholden:Sequestered",
            ["sequestered"],
        ), path
    assert found.id not in rest.ask("GET", "/searches", "ines").text
    rest.refused(404, "GET", f"/searches/{'0' * 32}", "ines")
