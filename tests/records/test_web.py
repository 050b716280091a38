"""What is taken of the web: every reason against an image is told, and an instrument is not bound by what a site opts out of."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from beholden.records.addresses import Address, address
from beholden.records.web import (
    OPT_OUTS,
    Capture,
    Code,
    Instrument,
    OptOut,
    Terms,
    day_of,
    faults_in,
    instant_of,
    reasons_against,
    tag_words,
)
from tests.web_archive import CAPTURED, NOW, agreement, instrument

AGREED = agreement("a.example/p/", visitors=("a.example/p/guests/",), most_a_day=2)
NAMED = instrument("a.example/p/")


def at(words: str) -> Address:
    found = address(words)
    assert found is not None
    return found


PAGE = at("https://a.example/p/page")
USUAL = Capture(at("https://a.example/p/1.jpg"), CAPTURED, (PAGE,), ())
OPTED_OUT = tuple(OptOut(code, "https://a.example/x", "no") for code in OPT_OUTS)


def codes(capture: Capture, terms: Terms, taken_that_day: int = 0, now: datetime = NOW) -> list[Code]:
    return [why.code for why in reasons_against(capture, terms, taken_that_day=taken_that_day, now=now)]


def test_what_an_agreement_covers_is_taken() -> None:
    assert codes(USUAL, AGREED, taken_that_day=1) == []
    assert codes(USUAL, NAMED) == []


def test_every_reason_is_told_not_only_the_first() -> None:
    late = replace(AGREED, valid_until=CAPTURED)
    everything = Capture(at("https://b.example/1.jpg"), CAPTURED, (), OPTED_OUT)
    assert codes(everything, late, taken_that_day=2, now=CAPTURED - timedelta(days=2)) == [
        Code.SCOPE,
        Code.FUTURE,
        Code.VALIDITY,
        Code.NO_PAGE,
        *OPT_OUTS,
        Code.DAY_FULL,
    ]


def test_the_validity_begins_with_its_first_moment_and_ends_before_its_last() -> None:
    for terms in (AGREED, NAMED):
        assert codes(replace(USUAL, captured_at=terms.valid_from), terms) == []
        before = replace(USUAL, captured_at=terms.valid_from - timedelta(seconds=1))
        assert codes(before, terms) == [Code.VALIDITY]
        assert codes(replace(USUAL, captured_at=terms.valid_until), terms) == [Code.VALIDITY]


def test_a_capture_that_is_still_to_come_is_refused_beyond_what_clocks_differ() -> None:
    assert codes(USUAL, NAMED, now=CAPTURED - timedelta(hours=23)) == []
    assert codes(USUAL, NAMED, now=CAPTURED - timedelta(hours=25)) == [Code.FUTURE]


def test_what_visitors_post_is_not_taken_under_an_agreement() -> None:
    guests = at("https://a.example/p/guests/page")
    assert codes(replace(USUAL, image=at("https://a.example/p/guests/1.jpg")), AGREED) == [Code.VISITORS]
    assert codes(replace(USUAL, pages=(guests,)), AGREED) == [Code.VISITORS]
    assert codes(replace(USUAL, pages=(guests, PAGE)), AGREED) == []


def test_an_image_that_no_page_shows_is_not_taken_under_an_agreement_only() -> None:
    assert codes(replace(USUAL, pages=()), AGREED) == [Code.NO_PAGE]
    assert codes(replace(USUAL, pages=()), NAMED) == []


@pytest.mark.parametrize("said", OPTED_OUT)
def test_req_03_an_opt_out_decides_under_an_agreement_and_not_under_an_instrument(said: OptOut) -> None:
    capture = replace(USUAL, opt_outs=(said,))
    assert codes(capture, AGREED) == [said.code]
    assert codes(capture, NAMED) == []
    (why,) = reasons_against(capture, AGREED, taken_that_day=0, now=NOW)
    assert why.words == "https://a.example/x opts out: no"


def test_a_day_is_full_at_the_number_that_was_agreed() -> None:
    assert codes(USUAL, AGREED, taken_that_day=2) == [Code.DAY_FULL]
    assert codes(USUAL, NAMED, taken_that_day=10**6) == []


def test_a_day_is_one_of_utc() -> None:
    assert day_of(datetime(2026, 3, 1, 23, 30, tzinfo=timezone(-timedelta(hours=2)))) == "2026-03-02"


def test_terms_that_cover_nothing_cannot_be_used() -> None:
    assert faults_in(AGREED) == faults_in(NAMED) == ()
    assert len(faults_in(replace(AGREED, places=(), valid_until=AGREED.valid_from, most_a_day=0))) == 3
    assert len(faults_in(Instrument((), CAPTURED, CAPTURED))) == 2


@pytest.mark.parametrize(
    ("told", "instant"),
    [
        ("2026-03-01T12:30:15Z", CAPTURED),
        (" 2026-03-01T12:30:15.123456789Z ", CAPTURED),
        ("2026-03-01T12:30Z", None),
        ("2026-03-01", None),
        ("2026-03-01T12:30:15", None),
        ("2026-03-01T12:30:15+02:00", None),
        ("2026-02-30T12:30:15Z", None),
        ("0000-01-01T00:00:00Z", None),
        ("２０26-03-01T12:30:15Z", None),
        ("", None),
    ],
)
def test_a_capture_date_is_exact_to_the_second_or_none(told: str, instant: datetime | None) -> None:
    assert instant_of(told) == instant
    assert instant is None or instant.tzinfo is UTC


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("noai, noimageai", ("noai", "noimageai")),
        ("NOINDEX", ("noindex",)),
        ("none", ("none",)),
        ("index, follow", ()),
        ("nofollow, noarchive", ()),
        ("noimageindex , noimageindex", ("noimageindex",)),
        ("googlebot: nofollow, noindex", ("noindex",)),
        ("gptbot: noai", ("noai",)),
        ("somebot: noindex", ()),
        ("unavailable_after: 25 Jun 2010 15:00:00 PST, noai", ("noai",)),
        ("max-image-preview:large, noimageai", ("noimageai",)),
        ("", ()),
    ],
)
def test_a_tag_opts_out_by_its_words_for_everybody_or_for_those_who_gather(said: str, words: tuple[str, ...]) -> None:
    assert tag_words(said) == words
