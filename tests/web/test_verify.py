"""Verifying the log from its page: what holds, what does not, who may, and what is taken away to check it elsewhere."""

from __future__ import annotations

from pathlib import Path
from threading import Event
from typing import Any

import pytest

from beholden.actions import log, verify, witnessing
from beholden.errors import BadInput
from beholden.formats import proofs, tiles
from beholden.records.audit import Entry
from beholden.records.incidents import Incident
from beholden.web import verify as page_of_verifying
from tests.actions.test_verify import put
from tests.actions.test_witnessing import watched
from tests.agency import Agency, last
from tests.web.browser import Browser


def verified(agency: Agency, name: str = "aude") -> Browser:
    browser = Browser(agency, name)
    browser.open("/log/verify")
    browser.send("/log/verify")
    return browser


def test_req_91_an_auditor_verifies_the_log_from_its_page_and_that_is_on_record(agency: Agency) -> None:
    log.seal(agency.system)
    aude = Browser(agency, "aude")
    assert 'href="/log/verify"' in aude.open("/log").text
    aude.open("/log/verify")
    size = len(agency.leaves()) - 1
    assert f"log bundle --keys keys.txt --old-checkpoint checkpoint-{size}.txt" in aude.text
    aude.open("/log/verify")
    assert "Not verified since the server was started" in aude.text
    before = len(agency.leaves())
    aude.send("/log/verify")
    assert aude.page.status_code == 200
    assert "The log holds" in aude.text
    assert f"Entries compared {before}" in aude.text
    assert "Signed checkpoints that hold 1 of 1" in aude.text
    assert "The log has no witness: whoever has its key could rewrite it unnoticed." in aude.text
    assert last(agency) == ("log.verified", "done", [])
    aude.open("/log/verify")
    assert "The log holds" in aude.text, "what it said stays until it is verified again"
    assert len(agency.leaves()) == before + 1, "to look at it again is no act"


def test_the_first_entry_that_does_not_hold_stands_on_the_page(agency: Agency) -> None:
    log.seal(agency.system)
    [entry] = agency.find(Entry, n=5)
    put(agency, entry, entry.leaf.replace(b"done", b"d0ne"), entry.leaf_hash)
    pia = verified(agency, "pia")
    assert "The log does not hold" in pia.text
    assert "First entry that does not hold 5" in pia.text
    assert "entry 5 was altered in the records" in pia.text
    assert "Signed checkpoints that hold 0 of 1" in pia.text
    assert len(agency.find(Incident)) == 1


def test_req_91_what_a_witness_has_seen_and_the_tail_that_none_has_are_told(agency: Agency, tmp_path: Path) -> None:
    watched(agency, tmp_path)
    witnessing.seal_and_ask(agency.system)
    seen = len(agency.leaves())
    agency.gallery("one more")
    agency.gallery("and another")
    agency.clock.pass_by(minutes=5)
    aude = verified(agency)
    assert "The log holds" in aude.text
    assert f"witness.example/w1 on another machine {seen} 2026-11-22 09:00 UTC yes" in aude.text
    assert "Seen by no witness 2 entries, the oldest 5 minutes old" in aude.text
    assert f"Entries compared {seen + 2} (the last 2 are not sealed yet)" in aude.text
    assert f"--witnesses 1 --old-checkpoint checkpoint-{seen}.txt" in aude.text


@pytest.mark.parametrize("name", ["ines", "sven", "stella", "rosa", "ada"])
def test_others_are_refused_and_learn_nothing_of_the_log(agency: Agency, name: str) -> None:
    log.seal(agency.system)
    verified(agency)
    browser = Browser(agency, name)
    for path in ("/log/verify", "/log/checkpoint", "/log/keys"):
        assert browser.open(path).status_code == 404
    assert browser.send("/log/verify").status_code == 403
    assert last(agency) == ("log.verified", "refused", ["role-reads-log"])
    assert "Only an auditor or a privacy officer reads the log, or has it verified." in browser.text
    assert "Entries compared" not in browser.text
    assert "root" not in browser.text


def test_while_it_is_under_way_the_page_says_how_far_and_nobody_begins_another(
    agency: Agency, monkeypatch: pytest.MonkeyPatch
) -> None:
    there, go_on = Event(), Event()
    usual = verify.look_through

    def slowly(system: Any, *, told: Any) -> verify.Verified:
        told(40, 200)
        there.set()
        assert go_on.wait(20)
        return usual(system)

    monkeypatch.setattr(verify, "look_through", slowly)
    monkeypatch.setattr(page_of_verifying, "PATIENCE_S", 0.01)
    log.seal(agency.system)
    aude = verified(agency)
    assert there.wait(20)
    assert "40 of 200 entries are compared." in aude.text
    assert 'hx-get="/log/verify"' in aude.page.text
    assert '<progress id="log-verify-bar" max="200" value="40">' in aude.page.text
    begun = page_of_verifying.verifying(aude.client.app.state).last()[0]  # type: ignore[attr-defined]  # of Starlette
    stranger = Browser(agency, "ines")
    stranger.client.app.state.verifying = page_of_verifying.verifying(aude.client.app.state)  # type: ignore[attr-defined]
    assert stranger.send("/log/verify").status_code == 404
    aude.send("/log/verify")
    assert page_of_verifying.verifying(aude.client.app.state).last()[0] is begun  # type: ignore[attr-defined]
    go_on.set()
    assert begun is not None
    assert begun.ended.wait(20)
    aude.open("/log/verify")
    assert "The log holds" in aude.text
    assert 'hx-get="/log/verify"' not in aude.page.text
    assert [one["event"] for one in agency.leaves()].count("log.verified") == 1


def test_one_that_the_server_ends_is_on_record_as_not_finished_and_said_so(
    agency: Agency, monkeypatch: pytest.MonkeyPatch
) -> None:
    log.seal(agency.system)
    aude = verified(agency)
    of_process = page_of_verifying.verifying(aude.client.app.state)  # type: ignore[attr-defined]
    of_process.stop()  # with none under way
    assert "The log holds" in aude.text
    aude.send("/log/verify")
    assert "The server ended before the log was verified; verify it again" in aude.text
    assert "The log holds" in aude.text, "what was found before is not forgotten"
    assert last(agency) == ("log.verified", "failed", [])

    def fails(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    again = Browser(agency, "aude")
    monkeypatch.setattr(verify, "verify_log", fails)
    again.send("/log/verify", follow=False)
    assert again.page.status_code == 503
    assert "something went wrong here" in again.text.lower()


def test_req_91_what_is_taken_away_is_signed_and_proves_an_entry_elsewhere(agency: Agency) -> None:
    aude = Browser(agency, "aude")
    assert aude.open("/log/checkpoint").status_code == 404, "there is none, and to look makes none"
    log.seal(agency.system)
    note = aude.open("/log/checkpoint").content
    keys = aude.open("/log/keys").text.split()
    assert keys == log.vkeys(agency.system)
    head = tiles.open_head(note, keys)
    assert head.size == len(agency.leaves())
    assert (
        f"checkpoint-{head.size}.txt" in Browser(agency, "aude").open("/log/checkpoint").headers["content-disposition"]
    )
    sent = aude.send("/log/proof", {"n": "3"})
    assert sent.headers["content-disposition"] == "attachment; filename*=UTF-8''3.tlog-proof"
    assert proofs.read(sent.content).n == 3
    assert last(agency) == ("entry.proven", "done", [])
    assert aude.send("/log/proof", {"n": "99999"}).status_code == 404
    assert aude.send("/log/proof", {"n": "three"}).status_code == BadInput("").status
    assert "is no number of an entry" in aude.text


def test_the_page_is_there_when_what_is_published_is_not_what_was_signed(agency: Agency) -> None:
    log.seal(agency.system)
    agency.system.witness.publish({tiles.CHECKPOINT: b"beholden/other\n1\nAAAA\n\n\xe2\x80\x94 nobody AAAA\n"})
    aude = Browser(agency, "aude")
    assert aude.open("/log/verify").status_code >= 400
    aude.send("/log/verify")
    assert "The log does not hold" in aude.text
