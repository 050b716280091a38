"""A day of the privacy officer in a browser: the register, what is due, a request with its letters, thresholds, numbers of use."""

from __future__ import annotations

import hashlib
import json
import re
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from beholden.actions import authorise, calibrate, evaluate, probe, register, search
from beholden.demo import photographs
from beholden.demo.photographs import reference_of
from beholden.demo.stage import INES, PIA, PURPOSE, STELLA, SVEN, Stage
from beholden.formats.calibrations import document_of
from beholden.records.audit import Entry
from beholden.records.authority import Necessity
from beholden.records.cases import Case
from beholden.records.evaluation import Calibration, CalibrationState
from beholden.records.faces import Face, FaceState
from beholden.records.galleries import Gallery
from beholden.records.requests import Request, RequestState
from beholden.records.sought import Sought
from beholden.records.sources import Source, SourceState
from tests.actions.test_evaluate import FILES, WHY, measured
from tests.browser.behind import behind
from tests.browser.checks import examine, heavy
from tests.browser.prepared import PEOPLE, prepare
from tests.browser.served import serve
from tests.browser.test_supervisor import REASONS
from tests.browser.window import Notes, Window, signed_in

pytestmark = [pytest.mark.allow_hosts(["127.0.0.1", "::1"]), pytest.mark.timeout(300)]

AUTHORITY_LASTS = timedelta(days=20)
SUBJECT = "Une personne, 12, rue des Érables\nMontréal"
AGENCY = "Service de recherche des victimes\n1, rue Principale"
BODY = "Commissariat à la protection de la vie privée, 1 800 555-0100"


def ahead(stage: Stage, case: Case, sought: Sought, gallery: Gallery) -> None:
    """What others did before: a search, a source whose authority is short, and figures of the model for her to decide."""
    system, now = stage.system, stage.system.clock.now()
    register.propose_source(
        system,
        stage[STELLA],
        name="Rendered people, second delivery",
        controller="the authors of Beholden",
        authority_kind="synthetic",
        citation="generator manifest 2",
        document_sha256=hashlib.sha256(b"manifest 2").hexdigest(),
        jurisdiction="CA",
        purposes=(PURPOSE,),
        valid_from=now - timedelta(days=1),
        valid_until=now + AUTHORITY_LASTS,
    )
    given = authorise.request_authority(
        system,
        stage[INES],
        case_id=case.id,
        sought_id=sought.id,
        gallery_ids=(gallery.id,),
        necessity=Necessity(*REASONS[0]),
        starts_at=now,
        ends_at=now + timedelta(hours=24),
        searches=2,
    )
    probe.show_probe(system, stage[SVEN], authority_id=given.id)
    authorise.approve_authority(system, stage[SVEN], authority_id=given.id)
    search.run_search(system, stage[INES], authority_id=given.id, sought_id=sought.id)
    found = measured(space_id=system.model.card.space_id, model=system.model.card.name)
    report = json.dumps({"format": "beholden/evaluation/v1", "calibration": document_of(found)}).encode()
    started = evaluate.start_evaluation(system, stage[STELLA], reason=WHY, files=FILES, people=40)
    evaluate.finish_evaluation(system, stage[STELLA], evaluation_id=started.id, report=report)
    calibrate.propose_calibration(
        system, stage[STELLA], report=report, measured_on="120 rendered portraits of 40 people"
    )


def test_a_privacy_officer_goes_through_a_day_in_the_pages(chromium: Browser, tmp_path: Path) -> None:
    walk(chromium, tmp_path)


def walk(chromium: Browser, folder: Path, pictures: Path | None = None) -> None:
    prepared = prepare(folder, ahead)
    notes = Notes(pictures)
    with serve(prepared.data) as served:
        pia = signed_in(chromium, served.address, served.link(PIA.name), notes)
        the_register(pia, prepared.gallery)
        what_is_due(pia)
        asked = a_request(pia)
        stella = signed_in(chromium, served.address, served.link(STELLA.name), notes)
        stella.open(f"/requests/{asked}")
        stella.press("Erase these records")
        stella.sees("It is erased, and the receipt is signed.")
        its_last_letter(pia, asked)
        thresholds(pia)
        numbers_of_use(pia)
        assert notes.complaints == []
        found = examine(chromium, served.address, notes.visits)
        assert (found.in_light, found.in_the_dark, found.too_wide, found.blurred) == ({}, {}, {}, {})
        assert heavy(notes.visits) == {}
        stella.close()
        pia.close()
    with behind(prepared.data) as (_, look):
        assert {one.state for one in look.find(Source)} == {SourceState.ACTIVE}
        assert look.get(Request, asked).state is RequestState.FULFILLED
        assert look.count(Face, state=FaceState.ERASED) > 0
        assert [one.state for one in look.find(Calibration)] == [CalibrationState.IN_FORCE]
        events = [json.loads(one.leaf)["event"] for one in look.find(Entry)]
        assert events.count("request.read") == 3, "each letter is on record as reading who asks"
        assert events.count("statement.made") == 1


def the_register(pia: Window, gallery: Gallery) -> None:
    """A source is decided, and she looks at what a gallery is like."""
    pia.follow("Sources", inside="nav")
    days = AUTHORITY_LASTS.days
    expect(pia.page.locator("main")).to_contain_text(
        re.compile(f"in ({days}|{days - 1}) days")
    )  # midnight may be between
    pia.sees("It waits for a privacy officer to approve or refuse it.")
    pia.look("privacy-sources")
    pia.follow("Rendered people, second delivery")
    pia.press("Approve")
    pia.sees("It is approved, and on record.", "No reference of it is held yet.", "A steward enrols its images.")
    pia.look("privacy-source")
    pia.follow("Galleries", inside="nav")
    pia.look("privacy-galleries")
    pia.follow(gallery.name)
    pia.sees("Nothing is due.", "Where its references come from", "Quality of the references", "To be certified by")
    painted(pia, 3)
    pia.page.locator(".plots").scroll_into_view_if_needed()
    snap(pia, "gallery-figures")
    pia.unfold("As a table")
    expect(pia.page.locator(".plot table").first).to_be_visible()
    pia.look("gallery")
    pia.fill(words="Orders of the quarter were read; nothing was to be taken out.")
    pia.press("Certify it")
    pia.sees("It is entered, and on record.")


def what_is_due(pia: Window) -> None:
    pia.follow("Terms", inside="nav")
    pia.sees("Authority of a source ends", "Rendered people, second delivery", "Gallery to be certified", "At least")
    pia.look("terms", picture=True)
    pia.follow("Count what is past its time")
    pia.sees("Nothing is past its time, and nothing of it is on hold.")
    pia.look("terms-counted")


def a_request(pia: Window) -> str:
    """It comes in, is acknowledged in the language of who asks, checked, granted and answered. Its id."""
    pia.follow("Requests", inside="nav")
    pia.look("privacy-requests-none")
    pia.follow("Receive a request")
    pia.fill(person_ref=reference_of(photographs.choose(PEOPLE).lookalike))
    pia.press("Find")
    expect(pia.page.locator("main input[name=record]").first).to_be_checked()
    pia.fill(looked_for="par la référence que donne la source", subject=SUBJECT)
    pia.press("Receive it")
    asked = pia.page.url.partition("?")[0].rpartition("/")[2]
    letter(pia, asked, "received")
    pia.sees("Une personne, 12, rue des Érables", BODY, asked)
    expect(pia.page.locator("article.letter")).to_have_attribute("lang", "fr")
    pia.look("letter-received")
    pia.open(f"/requests/{asked}")
    pia.fill(how="passeport vu au comptoir")
    pia.press("It is checked")
    pia.page.locator("#grant-reason").fill("Rien n’exige que ces photographies soient conservées.")
    pia.press("Grant")
    pia.sees("It is granted. Somebody else now carries it out.")
    pia.look("privacy-request-granted")
    letter(pia, asked, "granted")
    pia.sees("Rien n’exige que ces photographies soient conservées.")
    return asked


def its_last_letter(pia: Window, asked: str) -> None:
    letter(pia, asked, "erased")
    pia.sees("Rien n’exige que ces photographies soient conservées.", BODY)
    pia.look("letter")
    pia.page.locator("article.letter").scroll_into_view_if_needed()
    snap(pia, "letter-erased")
    pia.page.emulate_media(media="print")
    expect(pia.page.locator("article.letter")).to_be_visible()
    expect(pia.page.locator(".around-letter")).to_be_hidden()
    expect(pia.page.locator("nav.places")).to_be_hidden()
    pia.page.emulate_media(media="screen")


def thresholds(pia: Window) -> None:
    """What a proposed calibration would change, and the policy that sets the other numbers."""
    pia.follow("Calibrations", inside="nav")
    pia.look("privacy-calibrations")
    pia.follow("What it says, as a curve")
    pia.sees("It waits for a privacy officer who did not propose it.", "Unrelated people expected")
    painted(pia, 1)
    pia.look("calibration-proposed")
    pia.open("/calibrations/model")
    pia.sees("The figures that came with the model")
    painted(pia, 1)
    pia.look("calibration-curve", picture=True)
    pia.page.go_back()
    pia.follow("Decide")
    pia.press("Put in force")
    pia.sees("It is in force now, and on record.")
    pia.follow("Policy", inside="nav")
    pia.sees("No looser pack waits.", "ca-2020", "min_probe_quality")
    pia.look("policy")


def numbers_of_use(pia: Window) -> None:
    """What the public is told."""
    pia.open("/statement")
    now = pia.page.evaluate("() => Date.now()")
    day = 86_400_000
    begins, ends = (
        pia.page.evaluate("(at) => new Date(at).toISOString().slice(0, 10)", now + days * day) for days in (-60, 1)
    )
    pia.fill(begins_at=begins, ends_at=ends)
    pia.choose("public", "yes")
    pia.press("State it")
    pia.sees("Searches", "not told", "Uses over time", "The signed note")
    painted(pia, 1)
    pia.look("privacy-statement")


def letter(pia: Window, asked: str, kind: str) -> None:
    pia.open(f"/requests/{asked}")
    pia.follow("Write a letter to who asks")
    pia.choose("letter", kind)
    pia.tick("Français")
    pia.fill(sender=AGENCY, complaints=BODY)
    pia.press("Write it")


def painted(window: Window, many: int) -> None:
    """Every figure came, and is a drawing with a size."""
    figures = window.page.locator(".plot img")
    expect(figures).to_have_count(many)
    for figure in figures.all():
        figure.scroll_into_view_if_needed()
        expect(figure).to_have_js_property("complete", True)
        assert figure.evaluate("(one) => one.naturalWidth") == 640


def snap(window: Window, name: str) -> None:
    if window.notes.pictures is not None:
        window.page.screenshot(path=window.notes.pictures / f"{name}.png")
