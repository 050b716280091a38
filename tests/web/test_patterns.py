"""An auditor's pages: what is unlike the rest, planted references, and samples drawn by lot."""

from __future__ import annotations

from datetime import timedelta

import pytest

from beholden.records.faces import Face
from beholden.records.patterns import Planted, Sign
from beholden.records.samples import Sample, Sampled, Verdict
from beholden.web.patterns import SIGNS, VERDICTS
from tests.agency import Agency, last
from tests.web.browser import Browser

WHY = "the person sought has nothing to do with the case"


def test_every_sign_and_every_verdict_has_words() -> None:
    assert set(SIGNS) == set(Sign)
    assert set(VERDICTS) == set(Verdict) - {Verdict.PENDING}


def test_req_90_an_auditor_reads_who_used_what_how_often_and_others_are_refused(agency: Agency) -> None:
    agency.search(agency.ready(1, 2, 3).authority)
    aude = Browser(agency, "aude")
    assert aude.open("/").text.count('href="/patterns"') == 1
    page = aude.open("/patterns")
    assert page.status_code == 200
    assert "One use was weighed." in aude.text
    assert "ines 1 1 0" in aude.text
    assert last(agency)[:2] == ("pattern.read", "done")
    for name in ("ines", "sven", "ada", "pia"):
        other = Browser(agency, name)
        assert other.open("/patterns").status_code == 403, name
        assert 'href="/patterns"' not in other.open("/").text


def test_a_flagged_use_is_shown_with_its_signs(agency: Agency, monkeypatch: pytest.MonkeyPatch) -> None:
    ready = agency.ready(1, 2, 3)
    for _ in range(2):
        agency.search(ready.authority)
    aude = Browser(agency, "aude")
    for face in agency.find(Face):
        aude.send("/planted", {"face_id": face.id, "words": "of a colleague who agreed"})
    assert "of a colleague who agreed" in aude.text
    monkeypatch.setattr("beholden.records.patterns.FEWEST", 3)
    agency.search(ready.authority)
    aude.open("/patterns")
    assert "a planted reference came first" in aude.text
    for one in agency.find(Planted):
        aude.send(f"/planted/{one.id}/remove")
    assert agency.find(Planted) == []
    assert "None is planted." in aude.text


def test_what_is_wrong_with_a_planted_reference_is_said_and_what_was_typed_stays(agency: Agency) -> None:
    aude = Browser(agency, "aude")
    aude.send("/planted", {"face_id": "f" * 32, "words": "a colleague who agreed"})
    assert aude.page.status_code == 404
    assert "a colleague who agreed" in aude.text
    aude.send("/planted/" + "f" * 32 + "/remove")
    assert aude.page.status_code == 404


def test_a_sample_is_drawn_and_each_use_is_judged_once(agency: Agency) -> None:
    ready = agency.ready(1, 2, 3)
    for _ in range(2):
        agency.search(ready.authority)
    now = agency.clock.at
    aude = Browser(agency, "aude")
    assert "No sample was drawn." in aude.open("/samples").text
    day = {"begins_at": f"{now - timedelta(days=1):%Y-%m-%dT%H:%M}", "ends_at": f"{now:%Y-%m-%dT%H:%M}"}
    aude.send("/samples", {**day, "share": "all of them"})
    assert aude.page.status_code == 422
    aude.send("/samples", {**day, "share": "100"})
    [sample] = agency.find(Sample)
    assert sample.seed in aude.text
    one, other = agency.find(Sampled)
    judge = f"/samples/{sample.id}/judge"
    aude.send(judge, {"use_id": one.use_id, "verdict": "not_justified", "words": "no"})
    assert aude.page.status_code == 403
    aude.send(judge, {"use_id": one.use_id, "verdict": "not_justified", "words": WHY})
    assert "not justified" in aude.text
    assert WHY in aude.text
    assert agency.get(Sampled, other.id).verdict is Verdict.PENDING
    aude.send(judge, {"use_id": one.use_id, "verdict": "justified", "words": ""})
    assert aude.page.status_code == 409
