"""What a reviewer and an examiner get by REST: photographs, a capture date, a handle, and nothing that tells more."""

from __future__ import annotations

import base64
import json
import re
from io import BytesIO
from typing import Any

from httpx2 import Response
from PIL import Image as Picture

from beholden.actions import enrol, review
from beholden.records.candidates import Candidate
from beholden.records.examination import COMPONENTS
from beholden.records.images import Image
from beholden.records.searches import Search
from beholden.records.years import UNKNOWN
from tests.agency import ALIKE
from tests.api.client import Rest

MARK = {"on": "probe", "photograph": 0, "component": "nose", "x": 0.5, "y": 0.62}


def hidden(rest: Rest) -> set[str]:
    """Everything of the references that a blind reader must not see."""
    told: set[str] = {"references 1", "rendered people", '"score"', '"rank"'}
    for image in rest.agency.find(Image):
        told |= {image.id, image.source_id, image.gallery_id, image.mark, image.person_mark}
        provenance = json.loads(rest.agency.system.keys.open(image.id, image.provenance, enrol.PROVENANCE))
        told |= {value for name, value in provenance.items() if isinstance(value, str) and name != "captured_at"}
    for candidate in rest.agency.find(Candidate):
        told |= {candidate.id, candidate.face_id}
    return told - {""}


def check_blind(rest: Rest, answer: Response) -> Any:
    """The document, after a search of its body and its headers for what must not be there."""
    assert answer.status_code in (200, 201), answer.text
    said = answer.text + json.dumps(dict(answer.headers))
    assert [word for word in hidden(rest) if word in said] == []
    assert "etag" not in answer.headers
    return answer.json()


def is_bare_jpeg(content: bytes) -> bool:
    picture = Picture.open(BytesIO(content))
    return picture.format == "JPEG" and picture.size == (224, 224) and not picture.getexif() and b"Exif" not in content


def opened(rest: Rest) -> tuple[str, Any]:
    ready = rest.agency.ready(1, 2, 3, 4)
    found = rest.agency.search(ready.authority)
    return found.id, check_blind(rest, rest.ask("POST", f"/searches/{found.id}/review", "rosa"))


def test_a_review_shows_photographs_handles_and_dates_and_nothing_else(rest: Rest) -> None:
    _, told = opened(rest)
    assert set(told) == {"id", "search_id", "sought", "pairs"}
    for pair in told["pairs"]:
        assert set(pair) == {"handle", "position", "reference_captured_at", "cautions", "reference"}
        assert pair["cautions"] == UNKNOWN
        assert pair["reference_captured_at"] == "2019-05-04"
        assert re.fullmatch("[0-9a-f]{32}", pair["handle"])
        assert is_bare_jpeg(base64.b64decode(pair["reference"]))
    assert all(is_bare_jpeg(base64.b64decode(chip)) for chip in told["sought"])


def test_a_photograph_of_a_pair_is_had_by_its_handle_by_the_reviewer_alone_and_on_record(rest: Rest) -> None:
    _, told = opened(rest)
    pair = told["pairs"][0]
    answer = rest.ask("GET", f"/pairs/{pair['handle']}/reference", "rosa")
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.content == base64.b64decode(pair["reference"])
    assert not {"etag", "last-modified", "content-disposition"} & set(answer.headers)
    assert rest.agency.leaves()[-1]["event"] == "review.shown"
    assert rest.ask("GET", f"/pairs/{pair['handle']}/sought/1", "rosa").content == base64.b64decode(told["sought"][0])
    rest.refused(404, "GET", f"/pairs/{pair['handle']}/sought/2", "rosa")
    for name in ("erik", "ines", "sven", "stella", "aude", "ada"):
        rest.refused(404, "GET", f"/pairs/{pair['handle']}/reference", name)


def test_an_examiner_is_told_of_a_search_of_others_that_it_waits_and_nothing_else(rest: Rest) -> None:
    ready = rest.agency.ready(1, 2, 3)
    found = rest.agency.search(ready.authority)
    waits = {"id": found.id, "state": "listed"}
    assert check_blind(rest, rest.ask("GET", f"/searches/{found.id}", "rosa")) == waits
    assert check_blind(rest, rest.ask("GET", "/searches", "rosa"))["items"] == [waits]
    assert rest.get("ines", f"/searches/{found.id}")["case_id"] == ready.case.id
    opened = rest.post("rosa", f"/searches/{found.id}/review")
    for pair in opened["pairs"]:
        rest.ask("PUT", f"/pairs/{pair['handle']}", "rosa", json={"outcome": "no"})
    done = check_blind(rest, rest.ask("POST", f"/reviews/{opened['id']}/finish", "rosa"))
    assert done == {"id": found.id, "state": "unsealed"}
    assert check_blind(rest, rest.ask("GET", f"/searches/{found.id}", "rosa")) == done
    assert rest.get("rosa", f"/searches/{found.id}/leads")["statements"] == list(found.statements)


def test_who_owes_an_opinion_sees_no_search_no_source_no_lead_and_no_log(rest: Rest) -> None:
    search_id, _ = opened(rest)
    rest.refused(404, "GET", f"/searches/{search_id}", "rosa")
    assert rest.get("rosa", "/searches")["items"] == []
    assert rest.get("rosa", "/sources")["items"] == []
    rest.refused(403, "GET", f"/searches/{search_id}/leads", "rosa")
    rest.refused(403, "GET", "/log/entries", "rosa")


def test_the_order_of_a_review_is_not_that_of_the_ranks_and_stays_when_it_is_opened_again(rest: Rest) -> None:
    search_id, told = opened(rest)
    again = rest.post("rosa", f"/searches/{search_id}/review")
    assert again == told
    own = rest.get("rosa", "/reviews")["items"]
    assert [pair["handle"] for pair in own[0]["pairs"]] == [pair["handle"] for pair in told["pairs"]]
    assert set(own[0]["pairs"][0]) == {"handle", "position", "outcome"}


def test_req_37_an_examination_shows_each_side_alone_then_one_pair_and_says_of_no_other_examiner(rest: Rest) -> None:
    ready = rest.agency.ready(1, 2, 3, 4)
    found = rest.agency.search(ready.authority)
    rest.agency.review(found, 1)
    first = check_blind(rest, rest.ask("POST", f"/searches/{found.id}/examination", "erik"))
    assert (first["stage"], first["reference"], first["reference_captured_at"], first["cautions"]) == (
        "probe",
        "",
        "",
        "",
    )
    for side, stage in (("probe", "reference"), ("reference", "pair")):
        body = {"of": side, "suitable": True, "seen": list(COMPONENTS)}
        path = f"/examinations/{first['handle']}/descriptions"
        assert check_blind(rest, rest.ask("POST", path, "erik", json=body))["stage"] == stage
        again = check_blind(rest, rest.ask("POST", f"/searches/{found.id}/examination", "erik"))
        assert (again["stage"], again["sought"] == [], again["reference"] == "") == (stage, stage == "reference", False)
        assert len(again["eyes"]) == len(again["sought"]) + 1
    views = {"views": [{"tool": "zoom", "setting": "2.5", "seconds": 9}, {"tool": "flicker", "seconds": 2}]}
    assert rest.ask("POST", f"/examinations/{first['handle']}/views", "erik", json=views).status_code == 204
    rest.refused(422, "POST", f"/examinations/{first['handle']}/views", "erik", json={"views": [{"tool": "blur"}]})
    locked = check_blind(
        rest,
        rest.ask(
            "POST",
            f"/examinations/{first['handle']}/lock",
            "erik",
            json={"components": dict(ALIKE), "opinion": 2, "marks": [MARK]},
        ),
    )
    assert "part" not in locked
    assert (locked["marks"], locked["scale"], locked["tools"]) == ([MARK], "support-7", {"zoom": 1, "flicker": 1})
    assert [one["of"] for one in locked["described"]] == ["probe", "reference"]
    second = check_blind(rest, rest.ask("POST", f"/searches/{found.id}/examination", "edda"))
    assert set(first) == set(second)
    assert first["handle"] != second["handle"]
    assert rest.get("edda", "/examinations")["items"] == [
        {"id": second["handle"], "search_id": found.id, "state": "open"}
    ]
    rest.refused(
        404,
        "POST",
        f"/examinations/{second['handle']}/lock",
        "erik",
        json={"components": dict(ALIKE), "opinion": 2},
    )


def test_a_score_is_read_after_the_last_opinion_and_not_before(rest: Rest) -> None:
    ready = rest.agency.ready(1, 2, 3, 4)
    found = rest.agency.search(ready.authority)
    told = rest.refused(403, "GET", f"/searches/{found.id}/leads", "ines")
    assert told["reasons"]
    shown = rest.get("ines", f"/searches/{found.id}")
    assert not {"leads", "score", "rank", "candidates"} & set(shown)
    rest.agency.unsealed(found, 1)
    leads = rest.get("ines", f"/searches/{found.id}/leads")["leads"]
    assert [lead["rank"] for lead in leads] == [1, 2, 3, 4]
    assert [opinion["part"] for opinion in leads[0]["opinions"]] == ["first", "second"]
    assert rest.agency.get(Search, found.id).state == "unsealed"


def test_what_is_not_examined_is_not_in_the_log_of_who_looks_by_handle(rest: Rest) -> None:
    """A photograph is served from a review that is opened anew: the log must not say which pair was looked at."""
    search_id, told = opened(rest)
    rest.ask("GET", f"/pairs/{told['pairs'][2]['handle']}/reference", "rosa")
    before, after = [leaf["n"] for leaf in rest.agency.leaves() if leaf["event"].startswith("review.")][-2:]
    assert rest.agency.told(before)["shown"] == rest.agency.told(after)["shown"]
    taken, _ = review.open_review(rest.agency.system, rest.agency["rosa"], search_id=search_id)
    assert taken.id == told["id"]
