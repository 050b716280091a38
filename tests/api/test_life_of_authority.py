"""The life of a request by REST: a register, a draft, questions and answers, a look, the notice of the approval."""

from __future__ import annotations

import base64
import hashlib
from datetime import timedelta

from beholden.records.audit import instant
from beholden.testing.drawn import draw
from tests.agency import Agency, necessity
from tests.api.client import Rest, rest_of


def parts(number: int) -> dict[str, str]:
    told = necessity(number)
    return {"less_intrusive": told.less_intrusive, "why_person": told.why_person, "why_now": told.why_now}


def import_register(rest: Rest, name: str, case: str, content: bytes) -> tuple[int, dict[str, object]]:
    answer = rest.ask("POST", "/evidence", name, files={"file": ("register.csv", content)}, data={"case": case})
    return answer.status_code, answer.json()


def test_a_request_is_drafted_returned_answered_and_looked_at_by_rest(agency: Agency) -> None:
    ready, rest = agency.ready(1), rest_of(agency)
    told = {
        "case_id": ready.case.id,
        "sought_id": ready.sought.id,
        "starts_at": instant(agency.clock.at),
        "ends_at": instant(agency.clock.at + timedelta(hours=4)),
    }
    draft = rest.post("ines", "/authorities/drafts", told)
    assert (draft["state"], draft["gallery_ids"], draft["questions"]) == ("draft", [], [])
    path = f"/authorities/{draft['id']}"
    rest.refused(403, "POST", f"{path}/submit", "ines", json={})
    rest.refused(404, "POST", f"{path}/edit", "ivo", json={"searches": 2})
    grounds = {"external_ref": "W-7", "offence": "", "corroboration": ""}
    given = {"gallery_ids": [ready.gallery.id], "necessity": parts(60), "searches": 2, "grounds": grounds}
    assert rest.post("ines", f"{path}/edit", given)["grounds"] == grounds
    assert rest.post("ines", f"{path}/submit", {})["state"] == "requested"
    assert rest.post("sven", f"{path}/return", {"questions": "which school?"})["state"] == "returned"
    rest.refused(403, "POST", f"{path}/submit", "ines", json={})
    again = rest.post("ines", f"{path}/submit", {"answer": "the one in the next town"})
    assert [(one["words"], one["answer"]) for one in again["questions"]] == [
        ("which school?", "the one in the next town")
    ]
    rest.refused(403, "POST", f"{path}/approve", "sven", json={})
    rest.refused(403, "POST", f"{path}/probe", "ines")
    (face,) = rest.post("sven", f"{path}/probe")["faces"]
    assert face["face_id"] == ready.sought.face_ids[0]
    assert base64.b64decode(face["sights"][0]).startswith(b"\xff\xd8")
    given = rest.post("sven", f"{path}/approve", {})
    assert (given["state"], given["unmanifested"]) == ("active", 1)
    like = {**told, "gallery_ids": [ready.gallery.id], "searches": 1, "like": draft["id"]}
    assert rest.post("ines", "/authorities", like | {"differs": "the second file shows the face from the side"})["like"]
    (notice,) = [one for one in rest.get("sven", "/notices")["items"] if one["about"] == draft["id"]]
    assert rest.post("sven", f"/notices/{notice['id']}/sent", {"how": "letter no. 14"})["sent"]
    rest.refused(404, "POST", f"/notices/{notice['id']}/sent", "ines", json={"how": "letter no. 14"})
    assert draft["id"] not in [one["about"] for one in rest.get("sven", "/notices")["items"]]
    assert draft["id"] in [one["about"] for one in rest.get("sven", "/notices?every=true")["items"]]


def test_a_register_is_imported_by_rest_and_says_nothing_of_a_case_to_others(agency: Agency) -> None:
    ready, rest = agency.ready(1), rest_of(agency)
    content = f"sha256,exhibit_ref,origin\n{hashlib.sha256(draw(3, seed=7)).hexdigest()},E-1,synthetic".encode()
    assert [import_register(rest, "ivo", one, content)[0] for one in (ready.case.reference, "none")] == [404, 404]
    assert import_register(rest, "ines", ready.case.id, content)[0] == 403
    assert import_register(rest, "stella", ready.case.reference, b"\xff")[0] == 422
    assert rest.get("ines", f"/cases/{ready.case.id}/manifested")["items"] == []
    status, made = import_register(rest, "stella", ready.case.reference, content)
    assert (status, made["rows"], made["new"], made["case_id"]) == (201, 1, 1, ready.case.id)
    (register,) = rest.get("ines", f"/cases/{ready.case.id}/evidence")["items"]
    assert (register["file"], register["sha256"]) == ("register.csv", hashlib.sha256(content).hexdigest())
    (inside,) = rest.get("ines", f"/cases/{ready.case.id}/manifested")["items"]
    assert inside["origin"] == "synthetic"
    rest.refused(404, "GET", f"/cases/{ready.case.id}/evidence", "stella")
    assert rest.post("sven", f"/authorities/{agency.request(ready.case, ready.sought, ready.gallery).id}/approve", {})
