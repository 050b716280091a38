"""REST: the lane of a photograph given with a request (REQ 71) is there for the privacy officer, and for nobody else."""

from __future__ import annotations

import pytest

from beholden.formats import receipts
from beholden.records.requests import Photograph, PhotographState
from beholden.testing.drawn import draw
from tests.api.client import Rest

GIVEN = {"file": ("me.png", draw(3, seed=9), "image/png")}
RECEIVED = {"face_ids": [], "looked_for": "by a photograph", "subject": "A. Person, by letter", "photograph": True}


@pytest.fixture
def asked(rest: Rest) -> str:
    """The id of a request with a photograph of person 3, who is held twice."""
    source, gallery = rest.agency.source(), rest.agency.gallery()
    for person, seed in ((1, 0), (3, 0), (3, 1)):
        rest.agency.enrol(source, gallery, person, seed=seed)
    made = rest.post("pia", "/requests", RECEIVED)
    rest.post("pia", f"/requests/{made['id']}/photograph", files=GIVEN)
    return str(made["id"])


def test_req_71_the_way_from_a_photograph_to_its_receipt(rest: Rest, asked: str) -> None:
    path = f"/requests/{asked}"
    assert rest.ask("GET", f"{path}/photograph/faces/1", "pia").headers["content-type"] == "image/jpeg"
    rest.refused(404, "GET", f"{path}/photograph/faces/2", "pia")
    rules = rest.refused(403, "POST", f"{path}/photograph/compare", "paul", json={})["reasons"]
    assert [one["rule_id"] for one in rules] == ["requester-is-who-they-say"]
    checked = rest.post("pia", f"{path}/check", {"how": "passport seen at the counter"})
    assert checked["identity_checked_by"] == rest.agency.ids["pia"]
    rules = rest.refused(403, "POST", f"{path}/photograph/compare", "pia", json={})["reasons"]
    assert [one["rule_id"] for one in rules] == ["comparer-had-no-other-part"]
    opened = rest.get("pia", f"{path}/subject")
    assert opened == {"subject": "A. Person, by letter", "identity_how": "passport seen at the counter"}
    found = rest.post("paul", f"{path}/photograph/compare", {"face": 1})
    assert (found["references"], found["waiting"], found["comparisons_left"]) == (3, 0, 2)
    assert set(found["listed"][0]) == {"handle", "face_id", "image_id", "gallery_id", "source_id", "person"}
    chip = rest.ask("GET", f"{path}/photograph/references/{found['listed'][0]['handle']}", "paul")
    assert chip.content.startswith(b"\xff\xd8\xff")
    theirs = rest.post("pia", "/references/find", {"person_ref": "person 3"})["records"]
    ids = sorted(one["face_id"] for one in theirs)
    assert set(ids) < {one["face_id"] for one in found["listed"]}
    assert rest.post("pia", f"{path}/records", {"face_ids": ids})["face_ids"] == ids
    assert rest.post("pia", f"{path}/grant", {"reason": "they are theirs"})["state"] == "granted"
    rest.refused(403, "GET", f"{path}/photograph/references/{found['listed'][0]['handle']}", "paul")
    for name in ("pia", "aude"):
        told = rest.get(name, f"{path}/photographs")
        [gone] = told["photographs"]
        assert (gone["state"], told["comparisons"]) == ("destroyed", 1)
        receipt = rest.ask("GET", f"{path}/photographs/{gone['id']}/receipt", name).content
        keys = rest.get("aude", "/log/checkpoint")["keys"]
        assert receipts.read_receipt(receipt, keys).proof.n == gone["destroyed_in_entry"]
    [kept] = rest.agency.find(Photograph)
    assert kept.blob not in set(rest.agency.system.blobs.addresses())
    assert kept.state is PhotographState.DESTROYED


@pytest.mark.parametrize("name", ["ines", "ivo", "rosa", "sven", "stella", "ada", "aude"])
def test_req_71_the_lane_answers_404_to_everybody_else_as_for_what_is_not_there(
    rest: Rest, asked: str, name: str
) -> None:
    [given] = rest.agency.find(Photograph)
    answers = []
    for id in (asked, "0" * 32):
        path = f"/requests/{id}"
        for method, there, body in (
            ("GET", f"{path}/subject", None),
            ("GET", f"{path}/photograph/faces/1", None),
            ("GET", f"{path}/photograph/references/{'f' * 32}.0", None),
            ("POST", f"{path}/photograph/compare", {"face": 1}),
            ("POST", f"{path}/photograph/take-back", None),
            ("GET", f"{path}/photographs/{given.id}/receipt", None),
        ):
            told = rest.refused(404, method, there, name, json=body)
            answers.append((there.replace(id, "ID"), told["title"], told["detail"], tuple(told["reasons"])))
        told = rest.refused(404, "POST", f"{path}/photograph", name, files=GIVEN)
        answers.append(("photograph", told["title"], told["detail"], tuple(told["reasons"])))
    half = len(answers) // 2
    assert answers[:half] == answers[half:]
    assert rest.agency.find(Photograph) == [given]


@pytest.mark.parametrize("name", ["ines", "rosa", "ada"])
def test_req_71_to_who_has_no_part_in_requests_there_are_none(rest: Rest, asked: str, name: str) -> None:
    reason = {"reason": "because"}
    for method, path, body in (
        ("GET", "/requests", None),
        ("GET", f"/requests/{asked}", None),
        ("GET", f"/requests/{asked}/photographs", None),
        ("POST", "/requests", RECEIVED),
        ("POST", "/references/find", {"person_ref": "person 3"}),
        ("POST", f"/requests/{asked}/check", {"how": "passport"}),
        ("POST", f"/requests/{asked}/records", {"face_ids": []}),
        ("POST", f"/requests/{asked}/grant", reason),
        ("POST", f"/requests/{asked}/refuse", reason),
        ("POST", f"/requests/{asked}/withdraw", None),
        ("POST", f"/requests/{asked}/erase", None),
    ):
        assert rest.refused(404, method, path, name, json=body)["reasons"] == [], path


def test_req_71_a_list_is_answered_once_whatever_key_it_was_asked_under(rest: Rest, asked: str) -> None:
    rest.post("pia", f"/requests/{asked}/check", {"how": "passport seen"})
    key = {"headers": {"Idempotency-Key": "k1"}}
    assert rest.post("paul", f"/requests/{asked}/photograph/compare", {}, **key)["comparisons_left"] == 2
    rest.refused(409, "POST", f"/requests/{asked}/photograph/compare", "paul", json={}, **key)
    assert rest.post("paul", f"/requests/{asked}/photograph/compare", {})["comparisons_left"] == 1
