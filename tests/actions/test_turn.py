"""A gallery's secret is changed: rows turned by another one compare with nothing, and searches find the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from beholden.actions.examine import leads_of
from beholden.actions.follow import check_whole, follow, keep, open_templates, shelf_of
from beholden.actions.index import rebuild
from beholden.actions.register import GALLERY_SECRET
from beholden.actions.turn import turn_gallery
from beholden.errors import Missing, Refused
from beholden.index.exact import ExactIndex
from beholden.index.segments import Segments
from beholden.records.faces import Face, FaceState
from beholden.records.galleries import Gallery
from beholden.records.searches import Search
from tests.agency import Agency, Ready, agency_on_disk, small_agency

PERSONS = (1, 2, 3, 4, 5)
FAR = 0.5  # chance gives a cosine of 0 ± 0.09 in 128 dimensions: 0.5 is five times that


@pytest.fixture
def agency() -> Agency:
    return small_agency()


@pytest.fixture
def ready(agency: Agency) -> Ready:
    return agency.ready(*PERSONS, galleries=2)


def brought_up(agency: Agency) -> None:
    with agency.system.database.look() as look:
        follow(agency.system, look)


def row_of(agency: Agency, face: Face) -> Any:
    """A reference as it lies in the memory of the index."""
    index = agency.system.index
    assert isinstance(index, ExactIndex)
    held = index._store.held[shelf_of(face)]
    return next(
        chunk.rows[places[0]].astype(np.float64)
        for chunk in held.chunks
        if chunk.rows is not None and len(places := chunk.find(np.array([face.face_no]))[1])
    )


def cosine(one: Any, other: Any) -> float:
    return float(one @ other / (np.linalg.norm(one) * np.linalg.norm(other)))


def of_gallery(agency: Agency, gallery: Gallery) -> list[Face]:
    return agency.find(Face, gallery_id=gallery.id, state=FaceState.LIVE, order="face_no")


def list_of(agency: Agency, ready: Ready) -> list[tuple[str, int, float]]:
    found = agency.search(ready.authority)
    with agency.system.database.look() as look:
        leads = leads_of(agency.system, look, agency.get(Search, found.id))
    return [(lead.candidate.face_id, lead.rank, round(lead.score, 5)) for lead in leads]


def test_req_112_the_same_people_in_two_galleries_do_not_compare_in_memory(agency: Agency, ready: Ready) -> None:
    brought_up(agency)
    one, other = agency.find(Gallery, order="name")
    pairs = list(zip(of_gallery(agency, one), of_gallery(agency, other), strict=True))
    assert len(pairs) == len(PERSONS)
    for mine, theirs in pairs:
        raw, also = open_templates(agency.system, [mine, theirs])
        assert cosine(raw, also) > 0.8, "the same person, as the model sees it"
        assert abs(cosine(row_of(agency, mine), row_of(agency, theirs))) < FAR
    turned = [cosine(row_of(agency, mine), row_of(agency, theirs)) for mine, theirs in pairs]
    assert abs(float(np.mean(turned))) < FAR / 2


def test_req_112_after_turning_old_rows_compare_with_nothing_and_a_search_gives_the_same_list(
    agency: Agency, ready: Ready
) -> None:
    before = list_of(agency, ready)
    faces, others = (of_gallery(agency, one) for one in agency.find(Gallery, order="name"))
    stolen, untouched = ([row_of(agency, face) for face in some] for some in (faces, others))
    old = agency.get(Gallery, faces[0].gallery_id).secret
    assert turn_gallery(agency.system, agency["pia"], gallery_id=faces[0].gallery_id) == len(PERSONS)

    now = agency.get(Gallery, faces[0].gallery_id).secret
    first, second = (agency.system.keys.open(faces[0].gallery_id, one, GALLERY_SECRET) for one in (old, now))
    assert first != second
    for row, face in zip(stolen, faces, strict=True):
        assert abs(cosine(row, row_of(agency, face))) < FAR
        assert abs(float(np.linalg.norm(row_of(agency, face))) - 1) < 1e-5
    for row, face in zip(untouched, others, strict=True):
        assert np.array_equal(row, row_of(agency, face)), "the other gallery is as it was"
    assert len(before) == len(PERSONS)
    assert list_of(agency, ready) == before
    leaf = next(one for one in reversed(agency.leaves()) if one["event"] == "gallery.turned")
    assert (leaf["outcome"], leaf["role"]) == ("done", "privacy_officer")
    assert agency.told(leaf["n"])["references"] == [len(PERSONS)]


def test_req_112_another_process_and_a_new_one_follow_the_new_secret(agency: Agency, ready: Ready) -> None:
    before = list_of(agency, ready)
    beside = agency.with_parts(index=ExactIndex())  # another process's, of the same records
    brought_up(beside)
    gallery = agency.find(Gallery, order="name")[0]
    turn_gallery(agency.system, agency["pia"], gallery_id=gallery.id)
    agency.enrol(ready.source, gallery, 6)
    started = agency.with_parts(index=ExactIndex())
    for one in (beside, started):
        brought_up(one)
        brought_up(agency)
        for face in agency.find(Face, state=FaceState.LIVE):
            assert np.array_equal(row_of(one, face), row_of(agency, face))
        with one.system.database.look() as look:
            shelves = sorted({shelf_of(face) for face in look.find(Face)})
            assert check_whole(one.system, look, shelves) == 2 * len(PERSONS) + 1
    assert [place for place in list_of(beside, ready) if place[0] in {face for face, *_ in before}][:1] == before[:1]
    assert rebuild(agency.system, agency["ada"]) == 2 * len(PERSONS) + 1


def test_an_empty_gallery_is_turned_and_what_is_not_there_or_not_allowed_changes_nothing(agency: Agency) -> None:
    gallery = agency.gallery()
    for name in ("stella", "ines", "aude", "ada"):
        with pytest.raises(Refused) as caught:
            turn_gallery(agency.system, agency[name], gallery_id=gallery.id)
        assert [reason.rule_id for reason in caught.value.reasons][:1] == ["role-privacy-officer-keeps-galleries"]
    with pytest.raises(Missing):
        turn_gallery(agency.system, agency["pia"], gallery_id="0" * 32)
    assert agency.get(Gallery, gallery.id).secret == gallery.secret
    assert turn_gallery(agency.system, agency["pia"], gallery_id=gallery.id) == 0
    assert agency.get(Gallery, gallery.id).secret != gallery.secret


def rows_on_disk(agency: Agency, folder: Path) -> dict[int, Any]:
    """Every reference as its sealed segment has it, by number."""
    keep(agency.system)
    segments, _ = Segments(folder, agency.system.keys).listed()
    assert segments
    return {
        int(no): row.astype(np.float64)
        for one in segments
        for first, rows in one.each()
        for no, row in zip(one.face_nos[first : first + len(rows)], rows, strict=True)
    }


def test_req_112_sealed_segments_of_two_galleries_do_not_compare_and_those_of_before_a_turn_with_nothing(
    tmp_path: Path,
) -> None:
    agency = agency_on_disk(tmp_path)
    try:
        ready = agency.ready(*PERSONS, galleries=2)
        brought_up(agency)
        first, second = (of_gallery(agency, one) for one in agency.find(Gallery, order="name"))
        before = rows_on_disk(agency, tmp_path / "data" / "engine" / "segments")
        assert len(before) == 2 * len(PERSONS)
        for mine, theirs in zip(first, second, strict=True):
            raw, also = open_templates(agency.system, [mine, theirs])
            assert cosine(raw, also) > 0.8
            assert abs(cosine(before[mine.face_no], before[theirs.face_no])) < FAR
            assert abs(cosine(before[mine.face_no], raw)) < FAR, "nor does a row with its own template"
        listed = list_of(agency, ready)
        turn_gallery(agency.system, agency["pia"], gallery_id=first[0].gallery_id)
        after = rows_on_disk(agency, tmp_path / "data" / "engine" / "segments")
        for face in first:
            assert abs(cosine(before[face.face_no], after[face.face_no])) < FAR
        for face in second:
            assert np.array_equal(before[face.face_no], after[face.face_no])
        assert list_of(agency, ready) == listed
    finally:
        agency.system.close()
