"""The page of the system's condition: an administrator's, each part in a sentence and what to do first."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from beholden.actions import condition, log, version, witnessing
from beholden.actions.condition import Condition
from beholden.actions.readiness import NotReady, Readiness
from beholden.web import condition as page
from beholden.web.condition import NOW, SOON, WELL, Line
from tests.actions.test_witnessing import watched
from tests.agency import Agency
from tests.web.browser import Browser


def lines(agency: Agency, **other: Any) -> dict[str, Line]:
    """By part, with what is other than in this agency."""
    known: Condition = condition.condition(agency.system, agency["ada"])
    for name, value in other.items():
        there = getattr(known, name)
        changed = replace(there, **value) if isinstance(value, dict) else value
        known = replace(known, **{name: changed})
    return {one.part: one for one in page._lines(known, agency.clock.at)}


def not_ready(part: str) -> Readiness:
    return Readiness((), (NotReady(part, "it is so", "do this"),))


def test_an_administrator_sees_each_part_with_what_to_do_and_nobody_by_name(agency: Agency) -> None:
    agency.ready(1, 2)
    before = len(agency.leaves())
    ada = Browser(agency, "ada")
    assert 'href="/condition"' in ada.open("/").text
    ada.open("/condition")
    assert ada.page.status_code == 200
    assert len(agency.leaves()) == before
    main = ada.page.text.partition('<main id="main"')[2]
    for part in ("Room", "The log", "Witnesses", "Templates", "Index", "Backups", "Model", "Policy"):
        assert re.search(rf"<h2[^>]*>{part} <span", main), part
    assert "beholden backup make" in main
    assert "A search could begin now" in main
    assert "<img" not in main
    assert not [name for name in ("ines", "sven", "stella", "aude") if re.search(rf"\b{name}\b", main)]


@pytest.mark.parametrize("name", ["ines", "sven", "stella", "rosa", "pia"])
def test_nobody_else_has_it(agency: Agency, name: str) -> None:
    browser = Browser(agency, name)
    assert browser.open("/condition").status_code == 404
    assert 'href="/condition"' not in browser.open("/").text


def test_what_stands_in_the_way_of_a_search_is_said_with_what_to_do(agency: Agency) -> None:
    ada = Browser(agency, "ada")
    ada.open("/condition")  # there is no gallery yet
    assert "No search can begin now" in ada.text
    assert "have a privacy officer open one (`beholden gallery open`)" in ada.text


def test_room_is_told_before_it_is_too_little(agency: Agency) -> None:
    least = agency.system.rules.min_room_bytes
    told = [
        lines(agency, vital={"free_bytes": free, "low": free < least})["Room"].how
        for free in (least - 1, 2 * least - 1, 2 * least)
    ]
    assert told == [NOW, SOON, WELL]


def test_the_log_and_its_witnesses_are_told_by_what_is_late(agency: Agency, tmp_path: Path) -> None:
    watched(agency, tmp_path)
    witnessing.seal_and_ask(agency.system)
    well = lines(agency)
    assert (well["The log"].how, well["Witnesses"].how) == (WELL, WELL)
    assert "Every entry was seen by one." in well["Witnesses"].said
    agency.gallery("more")
    agency.gallery("and more")
    agency.clock.pass_by(minutes=3)
    some = lines(agency)
    assert "The last 2 are under no signed checkpoint yet." in some["The log"].said
    assert "2 entries were seen by none yet, the oldest for 3 minutes." in some["Witnesses"].said
    assert (some["The log"].how, some["Witnesses"].how) == (WELL, WELL)
    assert lines(agency, ready=not_ready("log"))["The log"].command == "beholden worker --once"
    assert lines(agency, ready=not_ready("witness"))["Witnesses"].how == NOW
    log.seal(agency.system)
    assert "A signed checkpoint covers all of it." in lines(agency)["The log"].said


def test_faces_that_wait_are_told_and_are_to_be_looked_at_after_an_hour(agency: Agency) -> None:
    now = agency.clock.at
    since = {"vital": {"waiting": 3}, "waiting_since": now - timedelta(minutes=59)}
    assert lines(agency)["Templates"].said == "No face waits for its template."
    assert lines(agency, **since)["Templates"].how == WELL
    late = lines(agency, **since | {"waiting_since": now - timedelta(hours=1)})["Templates"]
    assert late.how == SOON
    assert late.said.startswith("3 faces wait for their templates")
    assert late.said.endswith("The oldest has waited since 2026-11-22 08:00 UTC.")


def test_the_index_says_what_it_takes_and_when_it_is_too_much(agency: Agency) -> None:
    fits = lines(agency, sized={"rows": 100_000, "held_bytes": 55 << 20, "free_bytes": 3 << 30})["Index"]
    assert fits.said == "100,000 references take 55 MiB of memory; this process may still take 3.0 GiB."
    assert fits.how == WELL
    assert lines(agency, sized={"expected_bytes": 5 << 30, "free_bytes": 1})["Index"].how == NOW
    assert lines(agency, ready=not_ready("index"))["Index"].how == NOW
    assert page.size(2_048) == "2 KiB"


@pytest.mark.parametrize(
    ("name", "part", "lasts"), [("backed_up_at", "Backups", 7), ("checked_at", "Check of every part", 31)]
)
def test_backups_and_checks_are_told_by_when_the_last_one_was(agency: Agency, name: str, part: str, lasts: int) -> None:
    now = agency.clock.at
    assert lines(agency)[part].how == SOON
    assert lines(agency, **{name: now - timedelta(days=lasts)})[part].how == WELL
    late = lines(agency, **{name: now - timedelta(days=lasts, minutes=1)})[part]
    assert late.how == SOON
    assert "ago." in late.said


def test_certificates_models_and_policies_that_need_somebody_say_so(agency: Agency) -> None:
    assert lines(agency)["Certificates of training"].how == WELL
    ending = lines(agency, ending=1)["Certificates of training"]
    assert (ending.how, ending.path) == (SOON, "/people")
    both = lines(agency, ending=2, untrained=3)["Certificates of training"]
    assert both.how == NOW
    assert both.said.startswith("For 3 roles of people no certificate counts")
    assert both.said.endswith("2 certificates end within thirty days.")
    assert lines(agency, two_models=True)["Model"].how == SOON
    assert lines(agency, ready=not_ready("model"))["Model"].how == NOW
    version.announce(agency.system, after="ca-2021@" + "0" * 64, looser=["a rule"], days=14)
    assert "ca-2021 follows it on 2026-12-06 09:00 UTC" in lines(agency)["Policy"].said


def test_what_is_urgent_stands_first(agency: Agency) -> None:
    agency.change_roles("sven", "supervisor")
    ada = Browser(agency, "ada")
    ada.open("/condition")
    shown = re.findall(r'data-how="([a-z]+)"', ada.page.text)
    assert shown == sorted(shown, key=[NOW, SOON, WELL].index)
