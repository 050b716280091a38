"""Pages, versions, repetitions and problems: how the door treats every request."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

from beholden import __version__
from beholden.actions import people
from beholden.records.audit import Entry
from beholden.records.cases import Case
from beholden.records.faces import Face
from beholden.records.searches import Search
from tests.agency import PURPOSE, draw
from tests.api.client import Rest
from tests.api.story import add_exhibit, enrol_by_rest


def case(rest: Rest, reference: str, **more: Any) -> Any:
    return rest.post("ines", "/cases", {"reference": reference, "purpose": PURPOSE}, **more)


def test_a_bearer_key_is_had_for_a_passphrase_and_ends_when_signed_out(rest: Rest) -> None:
    made = rest.ask("POST", "/sessions", json={"name": "ada", "passphrase": "a long passphrase"})
    assert made.status_code == 201
    key = {"Authorization": f"Bearer {made.json()['bearer']}"}
    assert rest.ask("GET", "/sessions/current", headers=key).json()["person"]["name"] == "ada"
    assert rest.ask("POST", "/sessions/current/confirm", headers=key, json={"passphrase": "another"}).status_code == 403
    confirmed = rest.ask("POST", "/sessions/current/confirm", headers=key, json={"passphrase": "a long passphrase"})
    assert confirmed.status_code == 204
    assert rest.ask("DELETE", "/sessions/current", headers=key).status_code == 204
    told = rest.refused(401, "GET", "/sessions/current", headers=key)
    assert [reason["rule_id"] for reason in told["reasons"]] == ["session.signed-in"]
    assert rest.agency.leaves()[told["entry"]]["event"] == "command.stopped"


def test_an_invited_person_comes_in_with_the_token_that_is_shown_once(rest: Rest) -> None:
    invited = rest.post("ada", "/people", {"name": "nora", "roles": ["investigator"]}, headers={"Idempotency-Key": "k"})
    given = {"name": "nora", "token": invited["token"], "passphrase": "quite a long one"}
    assert rest.ask("POST", "/sessions/first", json=given).status_code == 201
    assert rest.refused(401, "POST", "/sessions/first", json=given)["entry"]
    again = rest.refused(
        409,
        "POST",
        "/people",
        "ada",
        json={"name": "nora", "roles": ["investigator"]},
        headers={"Idempotency-Key": "k"},
    )
    assert "sent before" in again["detail"]


def test_a_suspended_person_is_out_at_the_next_request(rest: Rest) -> None:
    rest.get("ines", "/cases")
    rest.post("ada", f"/people/{rest.agency.ids['ines']}/suspend")
    rest.refused(401, "GET", "/cases", "ines")


def test_every_answer_names_the_version_and_the_model(rest: Rest) -> None:
    card = rest.agency.model.card
    for answer in (
        rest.ask("GET", "/cases", "ines"),
        rest.ask("GET", "/cases"),
        rest.ask("GET", "/nowhere"),
        rest.ask("GET", "/openapi.json"),
        rest.ask("GET", "/cases/none", "ines"),
    ):
        assert answer.headers["beholden-version"] == __version__
        assert answer.headers["beholden-model"] == f"{card.name}/{card.space_id[:16]}"


def test_a_list_is_read_page_by_page_without_a_gap_and_narrowed(rest: Rest) -> None:
    for number in range(7):
        case(rest, f"2026-{number}")
    seen: list[str] = []
    cursor: str | None = ""
    for most in (3, 3, 1):
        page = rest.get("ines", f"/cases?limit=3&cursor={cursor}")
        seen += [one["reference"] for one in page["items"]]
        assert len(page["items"]) == most
        cursor = page["next"]
    assert cursor is None
    assert seen == [f"2026-{number}" for number in range(7)]
    assert [one["reference"] for one in rest.get("ines", "/cases?filter=26-4")["items"]] == ["2026-4"]


def test_a_cursor_says_nothing_and_serves_one_person_for_one_list_and_filter(rest: Rest) -> None:
    for number in range(3):
        case(rest, f"2026-{number}")
    cursor = rest.get("ines", "/cases?limit=1")["next"]
    rest.refused(422, "GET", f"/cases?limit=1&cursor={cursor}", "sven")
    rest.refused(422, "GET", f"/people?limit=1&cursor={cursor}", "ines")
    rest.refused(422, "GET", f"/cases?limit=1&filter=2026&cursor={cursor}", "ines")
    rest.refused(422, "GET", f"/cases?limit=1&cursor={cursor[:-2]}AA", "ines")
    rest.refused(422, "GET", "/cases?cursor=%C3%A9", "ines")
    rest.refused(422, "GET", "/cases?limit=0", "ines")
    rest.refused(422, "GET", "/cases?limit=201", "ines")


def test_a_short_list_is_read_page_by_page_too(rest: Rest) -> None:
    opened = case(rest, "2026-117")
    exhibit = add_exhibit(rest, opened["id"], 1, 7)
    for _ in range(3):
        made = rest.post(
            "ines",
            f"/cases/{opened['id']}/soughts",
            {"face_ids": [exhibit["faces"][0]["id"]], "subject_role": "victim", "why": "the same child"},
        )
        rest.post("ines", f"/soughts/{made['id']}/withdraw", {"reason": "tried"})
    first = rest.get("ines", f"/cases/{opened['id']}/soughts?limit=2")
    rest_of_it = rest.get("ines", f"/cases/{opened['id']}/soughts?limit=2&cursor={first['next']}")
    assert (len(first["items"]), len(rest_of_it["items"]), rest_of_it["next"]) == (2, 1, None)


def test_what_was_made_says_where_it_is_and_which_version(rest: Rest) -> None:
    made = rest.ask("POST", "/cases", "ines", json={"reference": "2026-117", "purpose": PURPOSE})
    assert made.headers["location"] == f"/v1/cases/{made.json()['id']}"
    assert made.headers["etag"] == '"0"'


def test_who_has_the_version_is_not_sent_it_again(rest: Rest) -> None:
    id = case(rest, "2026-117")["id"]
    answer = rest.ask("GET", f"/cases/{id}", "ines", headers={"If-None-Match": '"7", W/"0"'})
    assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", '"0"')
    assert rest.ask("GET", f"/cases/{id}", "ines", headers={"If-None-Match": '"1"'}).status_code == 200


def test_an_act_with_if_match_is_done_on_that_version_only_and_the_log_says_that_it_was_not(rest: Rest) -> None:
    id = case(rest, "2026-117")["id"]
    rest.post("sven", f"/cases/{id}/assign", {"person_id": rest.agency.ids["ivo"]}, headers={"If-Match": '"0"'})
    told = rest.refused(
        412, "POST", f"/cases/{id}/close", "ines", json={"outcome": "found"}, headers={"If-Match": '"0"'}
    )
    assert told["type"] == "urn:beholden:Changed"
    leaf = rest.agency.leaves()[told["entry"]]
    assert (leaf["event"], leaf["outcome"]) == ("case.closed", "failed")
    assert rest.agency.get(Case, id).state == "open"
    rest.post("ines", f"/cases/{id}/close", {"outcome": "found"}, headers={"If-Match": '"1"'})
    rest.refused(422, "POST", f"/cases/{id}/reopen", "sven", headers={"If-Match": '"a"'})


def test_a_request_that_is_sent_twice_with_its_key_is_done_once(rest: Rest) -> None:
    first = rest.ask(
        "POST", "/cases", "ines", json={"reference": "1", "purpose": PURPOSE}, headers={"Idempotency-Key": "a key"}
    )
    entries = len(rest.agency.leaves())
    again = rest.ask(
        "POST", "/cases", "ines", json={"reference": "1", "purpose": PURPOSE}, headers={"Idempotency-Key": "a key"}
    )
    assert (again.status_code, again.json()) == (201, first.json())
    assert again.headers["idempotency-replayed"] == "true"
    assert [again.headers[name] for name in ("location", "etag")] == [
        first.headers[name] for name in ("location", "etag")
    ]
    assert len(rest.agency.leaves()) == entries
    rest.refused(
        422,
        "POST",
        "/cases",
        "ines",
        json={"reference": "2", "purpose": PURPOSE},
        headers={"Idempotency-Key": "a key"},
    )
    other = rest.ask(
        "POST", "/cases", "ivo", json={"reference": "1", "purpose": PURPOSE}, headers={"Idempotency-Key": "a key"}
    )
    assert other.json()["id"] != first.json()["id"]


def test_a_search_that_is_sent_twice_with_its_key_consumes_one_use(rest: Rest) -> None:
    ready = rest.agency.ready(1, 2, 3)
    run = {"authority_id": ready.authority.id, "sought_id": ready.sought.id}
    answers = [rest.post("ines", "/searches", run, headers={"Idempotency-Key": "once"}) for _ in range(3)]
    assert answers[0] == answers[1] == answers[2]
    assert len(rest.agency.find(Search)) == 1
    assert rest.get("ines", f"/authorities/{ready.authority.id}")["used"] == 1


def test_who_was_refused_may_try_again_with_the_same_key(rest: Rest) -> None:
    key = {"Idempotency-Key": "again"}
    rest.refused(403, "POST", "/galleries", "ines", json={"name": "a", "purposes": [PURPOSE]}, headers=key)
    rest.refused(403, "POST", "/galleries", "ines", json={"name": "a", "purposes": [PURPOSE]}, headers=key)


def test_an_upload_is_known_again_although_its_boundary_is_another(rest: Rest) -> None:
    id = case(rest, "2026-117")["id"]
    answers = [
        rest.post(
            "ines",
            f"/cases/{id}/exhibits",
            files={"file": ("one.png", draw(3), "image/png")},
            data={"origin": "synthetic", "why": "found"},
            headers={"Idempotency-Key": "upload"},
        )
        for _ in range(2)
    ]
    assert answers[0] == answers[1]


def test_every_field_that_is_wrong_is_named_and_nothing_of_it_is_said_back(rest: Rest) -> None:
    told = rest.refused(
        422, "POST", "/authorities", "ines", json={"case_id": 5, "secret": "s3cret", "searches": "many"}
    )
    fields = {reason["why"].split(":")[0] for reason in told["reasons"]}
    assert {"body.case_id", "body.sought_id", "body.secret", "body.searches"} <= fields
    assert all(reason["how_to_proceed"] for reason in told["reasons"])
    assert "s3cret" not in str(told)
    assert "many" not in str(told)


def test_a_refusal_lists_every_reason_and_names_its_entry(rest: Rest) -> None:
    told = rest.refused(403, "POST", "/cases", "stella", json={"reference": "1", "purpose": "curiosity"})
    assert len(told["reasons"]) > 1
    assert all(set(reason) == {"rule_id", "why", "source", "how_to_proceed"} for reason in told["reasons"])
    leaf = rest.agency.leaves()[told["entry"]]
    assert leaf["rules"] == [reason["rule_id"] for reason in told["reasons"]]


def test_an_image_is_told_with_each_face_that_was_left_out_and_why(rest: Rest) -> None:
    source, gallery = rest.agency.source(), rest.agency.gallery()
    told = enrol_by_rest(rest, source.id, gallery.id, 1, 2)
    assert (told["fate"], len(told["faces"]), told["rejected_faces"]) == ("enrolled", 2, [])
    assert all(0 <= face["box"]["left"] < 1 and 0 < face["box"]["width"] <= 1 for face in told["faces"])
    rest.refused(
        422,
        "POST",
        "/images",
        "stella",
        files={"file": ("text.png", b"no picture", "image/png")},
        data={"source_id": source.id, "gallery_id": gallery.id},
    )


def test_the_log_is_read_by_its_auditor_and_its_checkpoint_by_anybody_signed_in(rest: Rest) -> None:
    page = rest.get("aude", "/log/entries?limit=2")
    assert page["items"][0]["event"] != "log.read"
    older = rest.get("aude", f"/log/entries?limit=2&cursor={page['next']}")
    assert older["items"][0]["n"] == page["items"][-1]["n"] - 1
    assert {one["event"] for one in rest.get("pia", "/log/entries?event=person.added")["items"]} == {"person.added"}
    rest.refused(403, "GET", "/log/entries", "ines")
    note = rest.get("ines", "/log/checkpoint")
    assert int(note["note"].split("\n")[1]) == len(rest.agency.find(Entry))


def test_the_shapes_need_no_server_so_that_a_client_may_share_them() -> None:
    code = (
        "import sys; from beholden.api.shapes import casework, fields, oversight, people, register, searching; "
        "print(sorted({'fastapi', 'starlette', 'numpy', 'sqlalchemy', 'beholden.actions'} & set(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert ran.stdout.strip() == "[]"


def test_the_card_of_the_model_is_there_for_everybody(rest: Rest) -> None:
    assert rest.get("rosa", "/model")["space_id"] == rest.agency.model.card.space_id


def test_a_guards_own_answer_says_which_version_and_model_answer(rest: Rest) -> None:
    elsewhere = rest.http.get("/cases", headers={"Host": "elsewhere.example"})
    too_much = rest.http.post("/sessions", content=b"x" * 300_000, headers={"Content-Type": "application/json"})
    assert [elsewhere.status_code, too_much.status_code] == [421, 413]
    usual = rest.ask("GET", "/cases", "ines").headers
    for answer in (elsewhere, too_much):
        for name in ("Beholden-Version", "Beholden-Model"):
            assert answer.headers[name] == usual[name]


def test_a_method_that_an_address_has_not_is_told_those_that_it_has(rest: Rest) -> None:
    case = rest.post("ines", "/cases", {"reference": "2026-117", "purpose": "victim-id-cse"})
    for path, methods in (
        ("/cases", "GET, POST"),
        (f"/cases/{case['id']}", "GET"),
        ("/sessions/current", "GET, DELETE"),
    ):
        answer = rest.ask("PATCH", path, "ines")
        assert (answer.status_code, answer.headers["Allow"]) == (405, methods)


def test_a_parameter_that_there_is_not_is_refused_by_name(rest: Rest) -> None:
    told = rest.refused(422, "GET", "/cases?filtre=attic", "ines")
    assert "query.filtre: there is no such parameter; there are: cursor, filter, limit" in told["detail"]
    rest.refused(422, "GET", "/model?x=", "ines")


def test_what_was_made_can_be_read_where_its_answer_says(rest: Rest) -> None:
    ready = rest.agency.ready(1)
    told = {"file": ("exhibit.png", draw(3, seed=9), "image/png")}
    why = {"origin": "synthetic", "why": "found on the seized disk"}
    added = rest.ask("POST", f"/cases/{ready.case.id}/exhibits", "ines", files=told, data=why)
    face = added.json()["faces"][0]["id"]
    said = {"face_ids": [face], "subject_role": "victim", "why": "the only face"}
    declared = rest.ask("POST", f"/cases/{ready.case.id}/soughts", "ines", json=said)
    invited = rest.ask("POST", "/people", "ada", json={"name": "olga", "roles": ["investigator"]})
    for made, name in ((added, "ines"), (declared, "ines"), (invited, "ada")):
        there = rest.ask("GET", made.headers["location"].removeprefix("/v1"), name)
        assert there.status_code == 200
        assert there.json()["id"] == made.json().get("person", made.json())["id"]
        assert there.headers.get("etag") == (None if made is added else made.headers["etag"])


def test_one_ends_another_session_of_ones_own_and_nobody_elses(rest: Rest) -> None:
    [here] = rest.get("ines", "/sessions")["items"]
    assert here["here"]
    people.sign_in_as(rest.agency.system, name="ines")
    [other] = [one for one in rest.get("ines", "/sessions")["items"] if not one["here"]]
    rest.refused(404, "DELETE", f"/sessions/{other['id']}", "ivo")
    assert rest.ask("DELETE", f"/sessions/{other['id']}", "ines").status_code == 204
    assert [one["id"] for one in rest.get("ines", "/sessions")["items"]] == [here["id"]]


def test_an_image_that_is_held_already_tells_no_rejected_faces_again(rest: Rest) -> None:
    ready = rest.agency.ready(1)
    once, again = (enrol_by_rest(rest, ready.source.id, ready.gallery.id, 5) for _ in range(2))
    assert (once["fate"], once["rejected_faces"]) == ("enrolled", [])
    assert (again["fate"], again["rejected_faces"]) == ("already held", None)
    assert again["space_id"] == rest.agency.system.model.card.space_id


def test_what_an_erasure_looked_through_is_told_in_numbers(rest: Rest) -> None:
    rest.agency.ready(1, 2)
    rest.agency.erase(rest.agency.find(Face)[0].id)
    [erased] = rest.get("aude", "/erasures")["items"]
    assert erased["scan"]["files"] >= 0
    assert erased["scan"]["traces"] > 0
    assert erased["scan"]["stores"]
    rest.refused(404, "GET", "/erasures", "ines")


def test_whether_a_search_could_begin_now_is_told_to_anybody_signed_in_and_names_nobody(rest: Rest) -> None:
    rest.refused(401, "GET", "/readiness")
    told = rest.get("rosa", "/readiness")
    assert (told["ready"], told["ready_for"]) == (False, [])
    assert {one["part"] for one in told["not_ready_because"]} == {"gallery", "source"}
    assert all(set(one) == {"part", "why", "what_to_do"} and one["what_to_do"] for one in told["not_ready_because"])
    rest.agency.ready(1, 2)
    assert rest.get("rosa", "/readiness") == {"ready": True, "ready_for": [PURPOSE], "not_ready_because": []}
