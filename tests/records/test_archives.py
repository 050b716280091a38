"""The terms of web archives: what may be proposed under which authority, and what a reader of archives makes of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from beholden.errors import BadInput
from beholden.records.addresses import place_in
from beholden.records.archives import MOST_PLACES, ArchiveTerms, terms_of, wrong_in_terms
from beholden.records.sources import AuthorityKind, Source
from beholden.records.web import Agreement, Instrument
from tests.agency import small_agency

FROM, UNTIL = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
AGREED = ArchiveTerms(("photos.example",), ("photos.example/guests/",), 10, "by DNS")
NAMED = ArchiveTerms(("photos.example",))


def wrong(kind: AuthorityKind, given: ArchiveTerms) -> str:
    return wrong_in_terms(kind, given, FROM, UNTIL)


@pytest.fixture(scope="module")
def source() -> Source:
    return replace(small_agency().source(), places=AGREED.places, visitors=AGREED.visitors, most_a_day=10)


@pytest.mark.parametrize("kind", [AuthorityKind.PUBLISHER_AGREEMENT, AuthorityKind.SYNTHETIC])
def test_req_03_an_agreement_covers_its_places_but_not_where_visitors_post(kind: AuthorityKind, source: Source) -> None:
    assert wrong(kind, AGREED) == ""
    assert terms_of(replace(source, authority_kind=kind)) == Agreement(
        (place_in("photos.example"),),
        (place_in("photos.example/guests/"),),
        source.valid_from,
        source.valid_until,
        most_a_day=10,
    )


@pytest.mark.parametrize("kind", [AuthorityKind.WARRANT, AuthorityKind.PRODUCTION_ORDER])
def test_req_03_a_warrant_or_an_order_names_places_alone(kind: AuthorityKind, source: Source) -> None:
    assert wrong(kind, NAMED) == ""
    assert "names places alone" in wrong(kind, AGREED)
    ordered = replace(source, authority_kind=kind, visitors=(), most_a_day=0)
    assert terms_of(ordered) == Instrument((place_in("photos.example"),), source.valid_from, source.valid_until)


@pytest.mark.parametrize("kind", list(AuthorityKind))
def test_a_source_of_files_alone_needs_none_of_it(kind: AuthorityKind) -> None:
    assert wrong(kind, ArchiveTerms()) == ""


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (ArchiveTerms(("photos.example",), (), 0), "at least 1"),
        (ArchiveTerms(("photos.example",), (), -1), "must be from 1 to"),
        (ArchiveTerms(("photos.example",), (), 10**9), "must be from 1 to"),
        (ArchiveTerms(("photos.example/a?b=c",), (), 5), "names no place on the web"),
        (ArchiveTerms(("photos.example",), ("http://[",), 5), "names no place on the web"),
        (ArchiveTerms(("photos.example",) * (MOST_PLACES + 1), (), 5), "propose several sources"),
        (ArchiveTerms(visitors=("photos.example",), most_a_day=5), "the places of visitors and the most of a day"),
        (ArchiveTerms(control="by DNS"), "no place is named"),
    ],
)
def test_terms_that_could_not_be_used_are_told_when_they_are_proposed(given: ArchiveTerms, words: str) -> None:
    assert words in wrong(AuthorityKind.PUBLISHER_AGREEMENT, given)


def test_without_places_there_are_no_terms(source: Source) -> None:
    with pytest.raises(BadInput, match="names no place on the web"):
        terms_of(replace(source, places=()))
