"""A comparison by REST: a score in one answer with what it can tell, and every reason for a refusal."""

from __future__ import annotations

from beholden.actions import authorise, register, sought
from beholden.records.authority import Authority
from beholden.records.comparisons import DECIDES_NOTHING, Comparison
from beholden.records.faces import Face
from beholden.testing.drawn import draw
from tests.agency import small_agency
from tests.api.client import rest_of
from tests.parts import PoorModel


def rules(told: dict) -> list[str]:  # type: ignore[type-arg]  # of a problem
    return [one["rule_id"] for one in told["reasons"]]


def test_it_is_made_once_under_its_key_and_read_again_and_listed_without_its_score() -> None:
    agency = small_agency()
    ready, rest = agency.ready(1, 2, 3), rest_of(agency)
    face = agency.find(Face, order="face_no")[2]
    body = {"authority_id": ready.authority.id, "sought_id": ready.sought.id, "face_id": face.id}
    first, second = (
        rest.ask("POST", "/comparisons", "ines", json=body, headers={"Idempotency-Key": "k" * 20}) for _ in range(2)
    )
    assert (first.status_code, second.headers["Idempotency-Replayed"]) == (201, "true")
    made = first.json()
    assert second.json() == made
    assert agency.get(Authority, ready.authority.id).used == 1
    assert made["statements"][0] == DECIDES_NOTHING
    assert -1 <= made["score"] <= 1
    assert first.headers["Location"] == f"/v1/comparisons/{made['id']}"
    assert rest.get("ines", f"/comparisons/{made['id']}") == made
    [listed] = rest.get("sven", "/comparisons")["items"]
    assert listed == {name: value for name, value in made.items() if name not in ("score", "statements")}
    assert rest.get("erik", "/comparisons")["items"] == []
    for name in ("ivo", "erik", "pia", "stella", "ada"):
        rest.refused(404, "GET", f"/comparisons/{made['id']}", name)
        rest.refused(404, "POST", "/comparisons", name, json=body)


def test_an_answer_that_was_kept_is_not_given_again_once_its_reference_is_erased() -> None:
    agency = small_agency()
    ready, rest = agency.ready(1, 2, 3), rest_of(agency)
    face = agency.find(Face, order="face_no")[2]
    body = {"authority_id": ready.authority.id, "sought_id": ready.sought.id, "face_id": face.id}
    how = {"json": body, "headers": {"Idempotency-Key": "k" * 20}}
    made = rest.ask("POST", "/comparisons", "ines", **how).json()
    agency.erase(face.id)
    again = rest.ask("POST", "/comparisons", "ines", **how)
    assert again.status_code != 201
    assert "score" not in again.text
    rest.refused(404, "GET", f"/comparisons/{made['id']}", "ines")


def test_every_reason_is_told_and_nothing_is_spent() -> None:
    agency = small_agency()
    ready, rest = agency.ready(1, 2, 3), rest_of(agency)
    face = agency.find(Face, order="face_no")[2]
    foreign = agency.enrol(ready.source, agency.gallery("elsewhere"), 5).faces[0]
    body = {"authority_id": ready.authority.id, "sought_id": ready.sought.id, "face_id": face.id}

    def asked(**other: str) -> list[str]:
        return rules(rest.refused(403, "POST", "/comparisons", "ines", json=body | other))

    assert asked(face_id=foreign.id) == asked(face_id="0" * 32) == ["comparison-gallery-is-named"]
    register.suspend_source(agency.system, agency["pia"], source_id=ready.source.id, reason="order")
    assert asked() == ["comparison-source-is-searchable"]
    other = agency.sought(agency.case(), draw(2, seed=9))
    assert set(asked(sought_id=other.id)) == {
        "authority-is-of-case",
        "authority-names-sought",
        "comparison-source-is-searchable",
    }
    authorise.revoke_authority(agency.system, agency["pia"], authority_id=ready.authority.id, reason="order")
    sought.withdraw_sought(agency.system, agency["ines"], sought_id=ready.sought.id, reason="another child")
    assert set(asked()) == {"authority-is-active", "sought-is-declared", "comparison-source-is-searchable"}
    assert agency.find(Comparison) == []
    assert agency.get(Authority, ready.authority.id).used == 0


def test_req_42_a_face_is_edited_by_rest_within_the_list_and_told_apart() -> None:
    agency = small_agency()
    ready, rest = agency.ready(3), rest_of(agency)
    [exhibit] = rest.get("ines", f"/cases/{ready.case.id}/exhibits")["items"]
    path = f"/exhibits/{exhibit['id']}/faces/1/edits"
    wrong = rest.refused(422, "POST", path, "ines", json={"edits": ["face-swap=1", "rotate=500"], "why": "haze"})
    assert "'face-swap' is no edit" in wrong["detail"]
    assert "rotate takes a number from -180 to 180" in wrong["detail"]
    made = rest.post("ines", path, {"edits": ["contrast=1.1", "deblock=1"], "why": "haze"})
    assert (made["edited_from"], made["edits"], made["position"]) == (
        exhibit["faces"][0]["id"],
        ["contrast 1.1", "deblock 1"],
        2,
    )
    assert rest.ask("GET", f"/exhibits/{exhibit['id']}/faces/2", "ines").content.startswith(b"\xff\xd8\xff")
    rest.refused(404, "POST", path, "ivo", json={"edits": ["deblock=2"], "why": "haze"})
    rest.refused(404, "POST", path, "erik", json={"edits": ["deblock=2"], "why": "haze"})


def test_req_34_a_probe_below_the_floor_is_refused_by_rest_unless_a_reason_is_given_which_is_shown() -> None:
    agency = small_agency()
    ready = agency.ready(1, 2, 3)
    rest = rest_of(agency.with_parts(model=PoorModel(4)))
    why = "No other picture of this child is known."
    face = agency.find(Face, order="face_no")[2]
    body = {"authority_id": ready.authority.id, "sought_id": ready.sought.id}
    for path, given in (("/comparisons", body | {"face_id": face.id}), ("/searches", body)):
        told = rest.refused(403, "POST", path, "ines", json=given)
        assert rules(told) == ["probe-above-floor"]
        assert "better picture" in told["reasons"][0]["how_to_proceed"]
        made = rest.post("ines", path, given | {"override_quality": why})
        assert (made["quality_override"], made["probe_quality"]) == (why, [4])
        assert any(why in line and "below the floor of 5" in line for line in made["statements"])
        assert rest.get("ines", f"{path}/{made['id']}")["quality_override"] == why
    assert agency.get(Authority, ready.authority.id).used == 2
    assert why not in rest.ask("GET", f"/searches/{made['id']}", "erik").text
