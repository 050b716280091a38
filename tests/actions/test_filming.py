"""Videos as exhibits and as references: faces followed by where they stand, their best sights kept, and never the video."""

from __future__ import annotations

import hashlib
import json
import tracemalloc
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from beholden.actions import embed, enrol, exhibits, filming, sought
from beholden.actions.filming import BEST
from beholden.actions.templates import embed_seen
from beholden.errors import BadInput, NoUsableFace
from beholden.media.pillow import PillowMedia
from beholden.ports.media import Pixels, Still
from beholden.ports.model import FoundFace
from beholden.records.cases import Case
from beholden.records.exhibits import Exhibit, ExhibitFace, at_once
from beholden.records.faces import Box, Face, FaceState, Quality, boxes_of, seconds_of
from beholden.records.images import Image
from beholden.testing.drawn import DrawnModel, template_of
from tests.actions.test_crop_on_intake import WatchedKeys
from tests.agency import Agency, agency_on_disk, rules_of, small_agency
from tests.films import BLOCK, film, frame, walk

pytest.importorskip("av", reason="the extra [video] is not installed")

ANNA, BERT = 5, 70_007
CUT = [np.full((270, 480, 3), 255, np.uint8)] * 2


@pytest.fixture(scope="module")
def walking() -> bytes:
    """Anna goes to the right for three seconds; after a flash Bert does, in the same place."""
    return film([*walk(ANNA, seconds=3), *CUT, *walk(BERT, seconds=2)])


@pytest.fixture(scope="module")
def together() -> bytes:
    """Anna and Bert stand beside each other, near enough that each is in the other's margin."""
    return film([frame({ANNA: (100 + number, 90), BERT: (180 + number, 90)}) for number in range(20)])


def seen(content: bytes, model: DrawnModel | None = None) -> filming.Strip:
    strip = filming.film(PillowMedia(), model or DrawnModel(), content)
    assert strip is not None
    return strip


def spelt(strip: filming.Strip) -> list[int]:
    """Whom each face shows, by every one of its frames."""
    shown = []
    for face in strip.faces:
        made = [DrawnModel().embed(strip.pixels, [FoundFace(f.box, f.landmarks, f.quality)])[0] for f in face.frames]
        [person] = {
            person
            for one in made
            for person in (ANNA, BERT)
            if one.template @ template_of(person).astype(np.float32) > 0.99
        }
        shown.append(person)
    return shown


def add(agency: Agency, case: Case, content: bytes) -> tuple[Exhibit, tuple[ExhibitFace, ...]]:
    return exhibits.add_exhibit(
        agency.system, agency["ines"], content, case_id=case.id, file="seized.mp4", origin="synthetic", why="seized"
    )


def enrolled(agency: Agency, content: bytes, **how: bool) -> enrol.Enrolled:
    return enrol.enrol_image(
        agency.system,
        agency["stella"],
        content,
        source_id=agency.source().id,
        gallery_id=agency.gallery().id,
        taken_from=enrol.TakenFrom(file="walking.mp4", person_ref="anna"),
        **how,
    )


def test_a_face_is_followed_while_it_is_in_sight_and_its_best_sights_are_kept(walking: bytes) -> None:
    strip = seen(walking)
    assert sorted(spelt(strip)) == [ANNA, BERT]
    for face, person in zip(strip.faces, spelt(strip), strict=True):
        first, last = seconds_of(face) or (0.0, 0.0)
        assert (first >= 3.2) == (person == BERT)
        assert (last <= 3.0) == (person == ANNA)
        assert 1 < len(face.frames) <= BEST
        assert (face.box, face.landmarks, face.quality) == (
            face.frames[0].box,
            face.frames[0].landmarks,
            face.frames[0].quality,
        )


def test_two_who_cross_are_never_taken_for_one() -> None:
    crossing = [frame({ANNA: (10 + 8 * n, 60), BERT: (400 - 8 * n, 60)}) for n in range(48)]
    for n, pixels in enumerate(crossing):  # whoever is in front hides the other, as people do
        if abs((10 + 8 * n) - (400 - 8 * n)) < BLOCK:
            pixels[:] = frame({ANNA: (10 + 8 * n, 60)})
    assert set(spelt(seen(film(crossing)))) == {ANNA, BERT}  # `spelt` fails for a face that shows two


def test_two_who_change_places_within_one_step_are_never_taken_for_one() -> None:
    either_way = [frame({ANNA: (60, 60), BERT: (180, 60)})] * 2, [frame({ANNA: (180, 60), BERT: (60, 60)})] * 2
    strip = seen(film([*either_way[0], *either_way[1]]))
    assert sorted(spelt(strip)) == [ANNA, BERT]
    assert all(len(face.frames) == 1 for face in strip.faces)


def test_after_a_cut_the_same_place_is_somebody_else() -> None:
    scenes = [*[frame({ANNA: (60, 60)})] * 10, *CUT, *[frame({BERT: (60, 60)})] * 10]
    assert sorted(spelt(seen(film(scenes)))) == [ANNA, BERT]


def test_req_13_faces_are_followed_without_a_template_of_any(walking: bytes, agency: Agency) -> None:
    model = DrawnModel()
    seen(walking, model)
    assert model.embedded == 0
    add(agency, agency.case(), walking)
    assert agency.model.embedded == 0


def test_req_140_in_the_crop_of_one_the_others_are_grey(together: bytes) -> None:
    strip = seen(together)
    assert sorted(spelt(strip)) == [ANNA, BERT]
    kept = sum(len(face.frames) for face in strip.faces)
    assert len(DrawnModel().find(strip.pixels)) == kept  # a neighbour's block would be one more


def test_req_140_of_a_video_nothing_is_sealed_but_crops_and_its_digest_is_kept(tmp_path: Path, walking: bytes) -> None:
    agency = agency_on_disk(tmp_path)
    watched = WatchedKeys(agency.system.keys)
    agency = agency.with_parts(keys=watched)
    exhibit, faces = add(agency, agency.case(), walking)
    content = agency.system.keys.open(exhibit.blob_key, agency.system.blobs.get(exhibit.blob), exhibits.PICTURE)
    picture = agency.system.media.decode(content)
    assert (picture.kind, exhibit.kind) == ("PNG", "MP4")
    assert picture.pixels.shape[:2] == (exhibit.height, exhibit.width)
    shown = np.zeros(picture.pixels.shape[:2], np.bool_)
    for box in [box for face in faces for box in boxes_of(face)]:
        left, top = (box.left - box.width) * exhibit.width, (box.top - box.height) * exhibit.height
        right, bottom = left + 3 * box.width * exhibit.width, top + 3 * box.height * exhibit.height
        shown[max(0, int(top)) : int(bottom) + 1, max(0, int(left)) : int(right) + 1] = True
    assert (picture.pixels[~shown] == filming.GREY).all()
    details = json.loads(agency.system.keys.open(exhibit.id, exhibit.details, exhibits.DETAILS))
    assert details["sha256"] == hashlib.sha256(walking).hexdigest()
    assert content in watched.sealed
    check_nowhere(walking, watched, tmp_path)
    pictures = [plain for plain in watched.sealed if len(plain) > 10_000 or plain.startswith(b"\x89PNG")]
    assert pictures == [content]


def check_nowhere(video: bytes, watched: WatchedKeys, folder: Path) -> None:
    """No piece of the video was sealed, or lies in a file as it is."""
    needles = [video[at : at + 32] for at in range(64, len(video) - 32, 256)]
    assert len(needles) > 10
    assert len(watched.sealed) > 1
    for made in [*watched.sealed, *(path.read_bytes() for path in folder.rglob("*") if path.is_file())]:
        assert not [needle for needle in needles if needle in made]


def test_of_a_video_of_a_source_nothing_is_sealed_but_crops(tmp_path: Path, walking: bytes) -> None:
    agency = agency_on_disk(tmp_path)
    watched = WatchedKeys(agency.system.keys)
    held = enrolled(agency.with_parts(keys=watched), walking)
    assert held.image is not None
    check_nowhere(walking, watched, tmp_path)
    assert len([plain for plain in watched.sealed if plain.startswith(b"\x89PNG")]) == 1


def test_an_exhibit_keeps_its_time_codes_and_gives_a_chip_of_each_face(agency: Agency, walking: bytes) -> None:
    exhibit, faces = add(agency, agency.case(), walking)
    stored = agency.find(ExhibitFace, exhibit_id=exhibit.id, order="position")
    assert tuple(stored) == faces
    assert all(face.frames for face in stored)
    shown = exhibits.show_faces(agency.system, agency["ines"], exhibit_id=exhibit.id)
    for face, chip in shown:
        assert DrawnModel().find(agency.system.media.decode(chip).pixels), face.position


def test_the_template_is_the_mean_of_the_frames_weighted_by_quality() -> None:
    class Worse(DrawnModel):
        """The earlier a sight, the worse: so that weights show."""

        def embed(self, pixels: Pixels, faces: list[FoundFace]) -> list:  # type: ignore[override,type-arg]
            return [
                replace(one, quality=replace(one.quality, unified=10 * place))
                for place, one in enumerate(super().embed(pixels, faces))
            ]

    moving = [
        *walk(ANNA, seconds=1),
        *walk(ANNA, seconds=1, left=40, seed=9),
        *walk(ANNA, seconds=0.5, left=60, seed=3),
    ]
    strip = seen(film(moving))
    [face] = strip.faces
    plain = Worse().embed(strip.pixels, [FoundFace(f.box, f.landmarks, f.quality) for f in face.frames])
    weights = [max(1, 10 * place) for place in range(len(plain))]
    mean = sum(weight * one.template.astype(np.float64) for weight, one in zip(weights, plain, strict=True))
    [made] = embed_seen(Worse(), strip.pixels, [face])
    assert len({one.template.tobytes() for one in plain}) > 1
    assert np.allclose(made.template, mean / np.linalg.norm(mean), atol=1e-6)
    assert np.linalg.norm(made.template) == pytest.approx(1.0, abs=1e-6)


def test_frames_that_cancel_each_other_out_leave_the_best() -> None:
    class Opposite(DrawnModel):
        def embed(self, pixels: Pixels, faces: list[FoundFace]) -> list:  # type: ignore[override,type-arg]
            return [
                replace(one, template=one.template * (-1) ** place)
                for place, one in enumerate(super().embed(pixels, faces))
            ]

    strip = seen(film([frame({ANNA: (60 + n, 60)}) for n in range(10)]))
    [face] = strip.faces
    assert len(face.frames) % 2 == 0
    [made] = embed_seen(Opposite(), strip.pixels, [face])
    assert made.template @ template_of(ANNA) == pytest.approx(1.0, abs=1e-5)


def test_a_video_is_enrolled_with_the_frames_of_each_face(agency: Agency, walking: bytes) -> None:
    now, later = enrolled(agency, walking), enrolled(small_agency(), walking, embed_now=False)
    assert [len(face.frames) > 1 for face in now.faces] == [True, True]
    assert all(face.person_mark == "" for face in now.faces)  # two faces: the source's word does not say which
    assert later.faces[0].state is FaceState.WAITING


def test_the_worker_makes_the_same_template_as_enrolment_does(walking: bytes) -> None:
    at_once_, by_worker = small_agency(), small_agency()
    now, later = enrolled(at_once_, walking), enrolled(by_worker, walking, embed_now=False)
    assert embed.embed_waiting(by_worker.system) == 2
    stored = by_worker.find(Face, image_id=later.image.id if later.image else "", order="face_no")
    for one, other in zip(now.faces, stored, strict=True):
        assert other.state is FaceState.LIVE
        assert other.frames == one.frames
        assert _template(at_once_, one) == _template(by_worker, other)


def test_a_sought_out_of_a_video_finds_who_is_held(agency: Agency, walking: bytes) -> None:
    ready = agency.ready(ANNA, 900, 901)
    case = agency.case()
    _, faces = add(agency, case, walking)
    anna = next(face for face in faces if (seconds_of(face) or (9.0, 0.0))[0] < 3)
    declared = sought.declare_sought(
        agency.system, agency["ines"], case_id=case.id, face_ids=[anna.id], subject_role="victim", why="same coat"
    )
    authority = agency.approve(agency.request(case, declared, ready.gallery))
    found = agency.search(authority)
    assert found.people == 3
    assert agency.ranks_by_person(found)[0] == ANNA


def test_one_person_may_be_in_a_video_twice_but_not_at_one_moment(
    agency: Agency, walking: bytes, together: bytes
) -> None:
    case = agency.case()
    _, faces = add(agency, case, walking)
    assert not at_once(*faces)
    assert declare(agency, case, *faces).face_ids == tuple(face.id for face in faces)
    _, beside = add(agency, case, together)
    with pytest.raises(BadInput, match="same moment"):
        declare(agency, case, *beside)


def test_req_13_a_video_is_not_searched_face_by_face(agency: Agency) -> None:
    scenes: list[Pixels] = []
    for person in (1, 2, 3, 4):
        scenes += [*walk(person, seconds=1), *CUT]
    case = agency.case()
    _, faces = add(agency, case, film(scenes))
    assert len(faces) == 4
    declare(agency, case, faces[0], faces[1])  # one person, seen twice
    declare(agency, case, faces[2])
    assert rules_of(agency, declare, agency, case, faces[3]) == ["subjects-of-image-are-few"]


def test_req_64_who_is_erased_out_of_a_video_is_grey_in_every_frame(agency: Agency, together: bytes) -> None:
    done = enrolled(agency, together)
    anna, bert = done.faces
    agency.erase(anna.id)
    [image] = agency.find(Image, id=done.image.id if done.image else "")
    content = agency.system.keys.open(image.blob_key, agency.system.blobs.get(image.blob), enrol.PICTURE)
    left = DrawnModel().find(agency.system.media.decode(content).pixels)
    assert len(left) == len(bert.frames)
    [erased] = agency.find(Face, id=anna.id)
    assert (erased.frames, erased.template) == ((), b"")


def test_a_long_film_of_many_keeps_fewer_sights_of_each_and_then_says_whom_it_left_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    scenes: list[Pixels] = []
    for person in range(1, 7):
        scenes += [*walk(person, seconds=2), *CUT]
    content = film(scenes)
    whole = seen(content)
    assert (len(whole.faces), whole.left_out) == (6, 0)
    monkeypatch.setattr(filming, "ROOM", whole.pixels.shape[0] * whole.pixels.shape[1] // 2)
    fewer = seen(content)
    assert (len(fewer.faces), fewer.left_out) == (6, 0)
    assert max(len(face.frames) for face in fewer.faces) < max(len(face.frames) for face in whole.faces)
    monkeypatch.setattr(filming, "MOST_FACES", 4)
    assert (len(seen(content).faces), seen(content).left_out) == (4, 2)
    monkeypatch.setattr(filming, "ROOM", 3 * (3 * BLOCK) ** 2 + 1)
    some = seen(content)
    assert some.left_out == 6 - len(some.faces) > 0


def test_a_face_at_the_edge_and_a_large_one_keep_their_places() -> None:
    edge = seen(film([frame({ANNA: (number, 0)}) for number in range(10)]))
    assert spelt(edge) == [ANNA]
    large = film([np.kron(frame({ANNA: (60 + n, 60)}), np.ones((4, 4, 1), np.uint8)) for n in range(6)])
    strip = seen(large)
    assert max(strip.pixels.shape[:2]) <= 2 * filming.CROP
    assert spelt(strip) == [ANNA]
    assert strip.faces[0].quality.eyes_px == pytest.approx(4 * BLOCK * 0.4, rel=0.1)  # as it was in the video


def test_a_video_without_a_face_is_refused(agency: Agency) -> None:
    with pytest.raises(NoUsableFace, match="in the video"):
        add(agency, agency.case(), film(CUT * 3))


def test_the_same_video_gives_the_same_strip(walking: bytes) -> None:
    one, other = seen(walking), seen(walking)
    assert (one.pixels == other.pixels).all()
    assert one.faces == other.faces
    for first, second in pairwise(one.faces[0].frames):
        assert first.seconds != second.seconds


def declare(agency: Agency, case: Case, *faces: ExhibitFace) -> sought.Sought:
    return sought.declare_sought(
        agency.system,
        agency["ines"],
        case_id=case.id,
        face_ids=[face.id for face in faces],
        subject_role="victim",
        why="same mole",
    )


def _template(agency: Agency, face: Face) -> bytes:
    return agency.system.keys.open(face.id, face.template, enrol.TEMPLATE)


@pytest.mark.parametrize(
    "others", [[], [Box(0.4, 0.4, 0.2, 0.2), Box(0.9, 0.9, 0.3, 0.3)]], ids=["alone", "with others"]
)
def test_a_face_that_fills_a_large_frame_takes_no_more_memory_than_a_copy_of_it(others: list[Box]) -> None:
    pixels = np.full((4320, 7680, 3), 90, np.uint8)  # 8K: 100 MB, and 900 MB with the margin of the face
    face = FoundFace(Box(0.0, 0.0, 1.0, 1.0), ((0.5, 0.5),) * 5, Quality(None, 0.9, 300.0, 1.0, 1.0, 1.0))
    tracemalloc.start()
    sight = filming._cut_out(Still(pixels, 0.0, new_scene=True, turned=False), face, others)
    assert tracemalloc.get_traced_memory()[1] < 1.2 * pixels.nbytes
    tracemalloc.stop()
    assert max(sight.crop.shape) <= filming.CROP
    assert (sight.crop[180, 320] == 90).all()  # the core of the face stays
