"""Web archives of a source: the terms under which images come out of them, and how many came of each host and day."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from beholden.errors import BadInput
from beholden.records.addresses import Place, place_in
from beholden.records.retention import Kept
from beholden.records.sources import AuthorityKind, Source
from beholden.records.web import Agreement, Instrument, Terms, faults_in

# Under these a judge says what is taken of a site; under an agreement its publisher does.
ORDERED = (AuthorityKind.WARRANT, AuthorityKind.PRODUCTION_ORDER)

MOST_PLACES = 200  # of one source: what an agreement names fits on a page or two
MOST_A_DAY = 1_000_000


@dataclass(frozen=True, slots=True)
class ArchiveCount:
    """How many images of one host, captured on one day, one archive gave a source: what the most of a day is counted in."""

    id: str  # source, archive, host and day
    version: int
    kept: Kept
    source_id: str
    mark: str  # HMAC of the archive's digest: the same archive given again is not counted twice, a thief confirms none
    host: str
    day: str  # of capture, UTC, as 2026-11-22
    taken: int


@dataclass(frozen=True, slots=True)
class ArchiveTerms:
    """What is proposed with a source about archives. Without places no archive comes from it."""

    places: tuple[str, ...] = ()  # "photos.example/portraits/", "*.photos.example"
    visitors: tuple[str, ...] = ()  # places where others than the publisher post
    most_a_day: int = 0  # images of one host captured on one day
    control: str = ""  # how it was shown that who signed controls these places


def terms_of(source: Source) -> Terms:
    """The terms for reading an archive. Raises `BadInput` for a source from which none comes."""
    if not source.places:
        raise BadInput("the source names no place on the web; propose one with the addresses that its authority covers")
    return _terms(
        source.authority_kind,
        [place_in(one) for one in source.places],
        [place_in(one) for one in source.visitors],
        source.most_a_day,
        source.valid_from,
        source.valid_until,
    )


def wrong_in_terms(kind: AuthorityKind, given: ArchiveTerms, valid_from: datetime, valid_until: datetime) -> str:
    """Everything that is wrong with what is proposed, in words; empty if nothing is."""
    if not given.places:
        told = [name for name, said in _beside(given) if said]
        return (
            f"{' and '.join(told)}: this is about web archives, and no place is named; name one, or leave it out"
            if told
            else ""
        )
    faults = []
    try:
        places, visitors = [place_in(one) for one in given.places], [place_in(one) for one in given.visitors]
    except BadInput as error:
        return str(error)
    if len(places) + len(visitors) > MOST_PLACES:
        faults.append(f"more than {MOST_PLACES} places are named; propose several sources")
    if not 0 <= given.most_a_day <= MOST_A_DAY:
        faults.append(f"the most that is taken of a host and day must be from 1 to {MOST_A_DAY:,}")
    if kind in ORDERED and (given.visitors or given.most_a_day):
        faults.append(
            "a warrant or an order names places alone; leave the places of visitors and the most of a day out"
        )
    faults += faults_in(_terms(kind, places, visitors, given.most_a_day, valid_from, valid_until))
    return "; ".join(faults)


def _beside(given: ArchiveTerms) -> Iterable[tuple[str, object]]:
    yield "the places of visitors", given.visitors
    yield "the most of a day", given.most_a_day
    yield "how control was shown", given.control


def _terms(
    kind: AuthorityKind,
    places: Sequence[Place],
    visitors: Sequence[Place],
    most_a_day: int,
    valid_from: datetime,
    valid_until: datetime,
) -> Terms:
    if kind in ORDERED:
        return Instrument(tuple(places), valid_from, valid_until)
    return Agreement(tuple(places), tuple(visitors), valid_from, valid_until, most_a_day)
