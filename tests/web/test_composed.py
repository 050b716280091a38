"""Sentences that acts compose: every one of them is said in French, with its numbers and dates; what is unknown stays English."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product

import pytest

from beholden.records import calibration, comparisons, drawn_faces, evidence, exigent, orders, quality_floor, searches
from beholden.records.drawn_faces import LandmarksFrom
from beholden.records.edits import Edit, Operation, edit_words
from beholden.records.years import gap_words
from beholden.web import composed, words
from beholden.web.words import speaking
from tests.actions.test_evaluate import measured
from tests.agency import Agency
from tests.web.test_french import in_french


@dataclass
class Probe:
    edits: tuple[Edit, ...] = ()
    drawn_by: str = ""
    landmarks_from: LandmarksFrom = LandmarksFrom.DETECTOR


def years() -> Iterator[str]:
    dates = ("", "2019-05-04", "2019-05", "2018", "2016-01-31", "1999")
    for one, other, reference in product(dates, dates, ("", "2019-05-04", "2019", "2018-05-04")):
        yield gap_words([one, other], reference)
    yield from edit_words((Probe(), Probe((Edit(Operation.CONTRAST, 1.1), Edit(Operation.DEBLOCK, 1.0)))))


def of_lists() -> Iterator[str]:
    told = measured()
    for references, faces, limit, own, quality in product((0, 1, 3, 40_000), (1, 3), (1, 20), (False, True), (20, 70)):
        yield from calibration.words(told, quality=(quality,) * faces, references=references, limit=limit, own=own)
        yield from calibration.pair_words(told, quality=(quality,) * faces, score=0.1 * faces, own=own)
    for references, galleries, proven, waiting in product((0, 1, 12_345), (1, 2), (False, True), (0, 4)):
        whole = replace(
            searches.NO_COVERAGE, references=references, galleries=galleries, proven=proven, waiting=waiting
        )
        yield from searches.statements(whole, references)
    for before in (0, 1, 4):
        yield from comparisons.statements(
            score=0.4,
            probe_quality=(30, 71),
            reference_quality=55,
            years=gap_words(["2019"], "2020"),
            made_before=before,
            measured=told if before else None,
            own=True,
        )
    yield from (exigent.UNREVIEWED, exigent.NOT_UPHELD)
    yield from quality_floor.override_words((3, 4), 5, "it is the only picture (of 2). Nothing else is known")
    for some, faces, compared in (
        (1, 1, False),
        (1, 2, False),
        (2, 3, False),
        (1, 1, True),
        (1, 2, True),
        (2, 3, True),
    ):
        yield from evidence.evidence_words(some, faces, compared=compared)
    for stopped in (1, 3):
        yield from orders.words_on_list(stopped)
    drawn, placed = Probe(drawn_by="ines"), Probe(drawn_by="ines", landmarks_from=LandmarksFrom.BOX)
    probes: tuple[tuple[Probe, ...], ...] = ((drawn, Probe()), (drawn, placed), (placed,))
    for some_of in probes:
        yield from drawn_faces.words(some_of)


@pytest.mark.parametrize("text", sorted({*years(), *of_lists()}))
def test_every_sentence_that_is_composed_is_said_in_french(text: str) -> None:
    with speaking("fr"):
        said = composed.in_readers_words(text)
    assert said is not None, "no sentence of the table is this one"
    known = {*words._catalogue("fr")._catalog}  # type: ignore[attr-defined]
    assert {*composed.YEARS, *composed.LISTS, *composed.PAIRS} <= known
    assert said != text
    for english in (" the ", " of ", " is ", "extrapolated", "less than", "contrast 1"):
        assert english not in said.replace(measured().measured_on, "").partition("raison")[0], said
    with speaking("en"):
        assert composed.composed(text) == text


def test_numbers_and_days_are_written_as_in_french() -> None:
    with speaking("fr"):
        assert (
            composed.composed("Between the photographs lie 2 to 12 years.")
            == "De 2 à 12 ans séparent les photographies."
        )
        said = composed.composed(
            "Among 12,345 references, about 10 unrelated ones are expected at a score of 0.13 or more, "
            "0.1 at a score of 0.34 or more (extrapolated)."
        )
        assert "12\u00a0345" in said
        assert "0,34" in said
        assert [words.taken(when) for when in ("2019-08-01", "2019-08", "2019", "long ago")] == [
            *("prise de vue\u00a0: 1er août 2019", "prise de vue\u00a0: août 2019"),
            *("prise de vue\u00a0: 2019", "prise de vue\u00a0: long ago"),
        ]  # fmt: skip
    with speaking("en"):
        assert [words.taken(when) for when in ("2019-08-01", "2019-08", "2019")] == [
            "taken 2019-08-01", "taken in 2019-08", "taken in 2019",
        ]  # fmt: skip


def test_what_the_table_lacks_is_said_to_be_english_and_escaped() -> None:
    with speaking("fr"):
        told = str(composed.composed("An old sentence <b>."))
    assert told == '<span lang="en">An old sentence &lt;b&gt;.</span>'


def test_no_english_is_left_on_a_pair_a_list_or_a_request_in_french(agency: Agency) -> None:
    ready = agency.ready(1, 2, 3)
    agency.request(ready.case, ready.sought, ready.gallery)
    found = agency.search(ready.authority)
    rosa, sven, ines = (in_french(agency, name) for name in ("rosa", "sven", "ines"))
    rosa.send(f"/reviews/{found.id}")
    assert "On ne sait pas combien d’années" in rosa.text
    sven.open("/inbox")
    assert "Non mesuré sur vos données" in sven.text
    ines.open(f"/searches/{found.id}")
    for here in (rosa, sven, ines):
        assert 'lang="en"' not in here.page.text.partition("<main")[2].partition("</main>")[0]
