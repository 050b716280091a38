"""Every page says how much of the log no witness has seen yet, and whether one stands apart from this machine."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from beholden.actions import witnessing
from beholden.ports.cosigners import Reach
from beholden.web import watched, words
from beholden.witness.asking import PaperWitness
from tests.actions.test_witnessing import watched as with_witness
from tests.agency import Agency
from tests.web.browser import Browser


@pytest.mark.parametrize(
    ("language", "none", "all_seen", "some", "near"),
    [
        (
            "en",
            "The log has no witness.",
            "A witness has seen every entry of the log.",
            "No witness has seen the last 2 entries of the log. The oldest is 5 minutes old.",
            "Its witness is on this machine and not independent.",
        ),
        (
            "fr",
            "Le journal n’a pas de témoin.",
            "Un témoin a vu toutes les entrées du journal.",
            "Aucun témoin n’a vu les 2 dernières entrées du journal. La plus ancienne date de 5 minutes.",
            "Son témoin est sur cette machine et n’est pas indépendant.",
        ),
    ],
)
def test_req_91_the_foot_of_a_page_tells_of_the_unwitnessed_tail(
    agency: Agency, tmp_path: Path, language: str, none: str, all_seen: str, some: str, near: str
) -> None:
    token = words._language.set(language)
    try:
        assert watched.words_of_tail(agency.system) == none
        witness = with_witness(agency, tmp_path)
        witnessing.seal_and_ask(agency.system)
        assert watched.words_of_tail(agency.system) == all_seen
        agency.case()
        agency.case()
        agency.clock.pass_by(minutes=5)
        assert watched.words_of_tail(agency.system) == some
        witness.reach = Reach.BUNDLED
        assert watched.words_of_tail(agency.system) == f"{some} {near}"
    finally:
        words._language.reset(token)


def test_it_stands_on_pages_of_who_is_signed_in_and_on_no_other(agency: Agency) -> None:
    for path in ("/", "/log", "/people/nobody"):
        browser = Browser(agency, "aude")
        browser.open(path)
        assert "The log has no witness." in browser.text, path
    stranger = Browser(agency)
    stranger.open("/sign-in")
    assert "witness" not in stranger.text


def test_the_page_of_the_log_lists_its_witnesses_with_what_they_have_seen(agency: Agency, tmp_path: Path) -> None:
    browser = Browser(agency, "aude")
    browser.open("/log")
    assert browser.page.status_code == 200
    with_witness(agency, tmp_path)
    agency.system = replace(agency.system, cosigners=(*agency.system.cosigners, PaperWitness("binder")))
    witnessing.seal_and_ask(agency.system)
    size = len(agency.leaves())
    browser = Browser(agency, "aude")
    browser.open("/log")
    assert f"witness.example/w1 on another machine {size} 2026-11-22 09:00 UTC binder on paper 0 –" in browser.text
