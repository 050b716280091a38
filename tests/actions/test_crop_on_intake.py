"""Of a photograph in a case of abuse only the faces are kept: the frame is on no disk, and in nothing that was sealed."""

from __future__ import annotations

import hashlib
import json
import tempfile
from dataclasses import replace
from functools import partial
from io import BytesIO
from math import ceil, floor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image as Images

from beholden.actions import cases, exhibits, sought
from beholden.actions.exhibits import DETAILS, MOST_ALSO, PICTURE, add_exhibit
from beholden.errors import BadInput
from beholden.ports.keys import Keys
from beholden.ports.model import Template
from beholden.records.cases import Case
from beholden.records.exhibits import Exhibit, ExhibitFace, is_kept, region_of, share_kept
from beholden.records.faces import Box
from beholden.testing.drawn import DrawnModel, draw, template_of
from beholden.testing.media_contract import xmp_of
from tests.agency import PURPOSE, Agency, agency_on_disk, last, rules_of

OTHER_PURPOSE = "imminent-threat"


class Calm(DrawnModel):
    """Finds drawn faces although what is around them is no plain grey."""

    def find(self, pixels: Any, **how: Any) -> list[Any]:
        calm = pixels.copy()
        calm[np.abs(pixels.astype(int) - 128).max(axis=2) <= 40] = 128
        return super().find(calm, **how)


class WatchedKeys:
    """Keys as they are, and everything that was sealed with them in plain."""

    def __init__(self, keys: Keys) -> None:
        self._keys, self.sealed = keys, list[bytes]()

    def seal(self, name: str, plain: bytes, about: str) -> bytes:
        self.sealed.append(plain)
        return self._keys.seal(name, plain, about)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._keys, name)


def frame(*people: int, kind: str = "PNG", **settings: object) -> tuple[bytes, NDArray[np.uint8]]:
    """A photograph of these people before something that no other file has: noise, so weak that faces are found before it."""
    with Images.open(BytesIO(draw(*people, width=960))) as drawn:
        pixels = np.asarray(drawn.convert("RGB")).copy()
    noise = np.random.default_rng(5).integers(98, 159, pixels.shape, dtype=np.uint8)
    pixels = np.where((pixels == 128).all(axis=2)[..., None], noise, pixels).astype(np.uint8)
    content = BytesIO()
    Images.fromarray(pixels).save(content, kind, **settings)
    return content.getvalue(), pixels


def add(agency: Agency, case: Case, content: bytes, **how: Any) -> tuple[Exhibit, tuple[ExhibitFace, ...]]:
    told: dict[str, Any] = {"file": "frame.png", "origin": "synthetic", "why": "seized"}
    return add_exhibit(agency.system, agency["ines"], content, case_id=case.id, **(told | how))


def sealed(agency: Agency, exhibit: Exhibit) -> NDArray[np.uint8]:
    content = agency.system.keys.open(exhibit.blob_key, agency.system.blobs.get(exhibit.blob), PICTURE)
    return agency.system.media.decode(content).pixels


def around(box: Box, shape: tuple[int, ...]) -> tuple[slice, slice]:
    """What is kept of a box: with its own size on each side."""
    height, width = shape[:2]
    left, right = (box.left - box.width) * width, (box.left + 2 * box.width) * width
    top, bottom = (box.top - box.height) * height, (box.top + 2 * box.height) * height
    return slice(max(0, floor(top)), ceil(bottom)), slice(max(0, floor(left)), ceil(right))


def other_case(agency: Agency) -> Case:
    return cases.open_case(agency.system, agency["ines"], reference="2026-9", title="", purpose=OTHER_PURPOSE)


def test_req_140_of_a_cropped_exhibit_only_faces_with_their_margin_are_sealed(agency: Agency) -> None:
    agency = agency.with_parts(model=Calm())
    content, pixels = frame(1, 2)
    exhibit, faces = add(agency, agency.case(), content)
    assert exhibit.cropped
    assert exhibit.kept_boxes == tuple(face.box for face in faces)
    expected = np.full_like(pixels, 128)
    for face in faces:
        expected[around(face.box, pixels.shape)] = pixels[around(face.box, pixels.shape)]
    assert np.array_equal(sealed(agency, exhibit), expected)
    assert 0.1 < (expected != 128).any(axis=2).mean() < 0.6
    assert (exhibit.width, exhibit.height, exhibit.kind) == (960, 192, "PNG")
    details = json.loads(agency.system.keys.open(exhibit.id, exhibit.details, DETAILS))
    assert details["sha256"] == hashlib.sha256(content).hexdigest()
    assert exhibit.pixel_mark == exhibits.pixel_mark_of(agency.system, pixels)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "BMP"])
def test_req_140_no_byte_of_the_frame_lies_in_any_store_or_temporary_file_or_was_ever_sealed(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    agency = agency_on_disk(tmp_path)
    watched = WatchedKeys(agency.system.keys)
    agency = agency.with_parts(model=Calm(), keys=watched)
    content, pixels = frame(1, 2, kind=kind, **({"quality": 95} if kind == "JPEG" else {}))
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    _, faces = add(agency, agency.case(), content)
    shown = agency.system.media.decode(content).pixels
    kept = np.zeros(pixels.shape[:2], dtype=np.bool_)
    for face in faces:
        kept[around(face.box, pixels.shape)] = True
    needles = [content[at : at + 32] for at in range(64, len(content) - 32, 512)]
    rows = [shown[row, ~kept[row]][:16].tobytes() for row in range(0, 192, 8) if (~kept[row]).sum() > 16]
    after = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    changed = [made for path, made in after.items() if before.get(path) != made]
    assert len(needles) > 50 if kind != "JPEG" else len(needles) > 10
    assert rows
    assert changed
    for made in [*changed, *watched.sealed]:
        assert not [needle for needle in (*needles, *rows) if needle in made]
    pictures = [plain for plain in watched.sealed if plain.startswith((b"\x89PNG", b"\xff\xd8"))]
    assert len(pictures) == 1
    assert (agency.system.media.decode(pictures[0]).pixels[~kept] == 128).all()
    assert list((tmp_path / "temporary").iterdir()) == []
    agency.system.close()


def test_req_140_a_whole_frame_is_refused_under_the_purpose_of_finding_victims_and_kept_under_another(
    agency: Agency,
) -> None:
    content = draw(1)
    assert rules_of(agency, partial(add, agency, agency.case(), content, intake="whole")) == ["frame-is-not-kept"]
    assert agency.find(Exhibit) == []
    case = other_case(agency)
    exhibit, _ = add(agency, case, content)
    assert (exhibit.cropped, exhibit.kept_boxes) == (False, ())
    assert agency.system.keys.open(exhibit.blob_key, agency.system.blobs.get(exhibit.blob), PICTURE) == content
    cropped, _ = add(agency, case, draw(2), intake="crop")
    assert cropped.cropped


def test_req_140_the_pack_names_the_purposes_under_which_frames_are_not_kept(agency: Agency) -> None:
    assert agency.system.policy.pack.crop_on_intake == (PURPOSE,)
    assert OTHER_PURPOSE in agency.system.policy.pack.purposes


def test_how_an_exhibit_was_taken_in_is_on_record(agency: Agency) -> None:
    add(agency, agency.case(), draw(1))
    assert agency.told(agency.leaves()[-1]["n"])["intake"] == ["crop"]


def test_a_face_of_a_cropped_exhibit_is_shown_searched_and_found_as_one_of_a_whole_one(agency: Agency) -> None:
    whole, _ = add(agency, other_case(agency), draw(3, seed=7))
    cropped, faces = add(agency, agency.case(), draw(3, seed=7))
    chips = [exhibits.show_faces(agency.system, agency["ines"], exhibit_id=one.id)[0][1] for one in (whole, cropped)]
    assert chips[0] == chips[1]
    made: list[Template] = [one.template for one in agency.model.embed(sealed(agency, cropped), faces)]  # type: ignore[arg-type]
    assert np.array_equal(made[0], template_of(3, 7))
    source, gallery, case = agency.source(), agency.gallery(), agency.case()
    held = agency.enrol(source, gallery, 3)
    declared = agency.sought(case, draw(3, seed=8))
    found = agency.search(agency.approve(agency.request(case, declared, gallery)))
    assert [lead.candidate.face_id for lead in agency.unsealed(found, 1)] == [held.faces[0].id]


def test_further_regions_are_kept_if_they_are_named(agency: Agency) -> None:
    agency = agency.with_parts(model=Calm())
    content, pixels = frame(1)
    also = region_of("0.75, 0.375,0.0625,0.125")
    exhibit, faces = add(agency, agency.case(), content, also=[also])
    assert exhibit.kept_boxes == (faces[0].box, also)
    region = around(also, pixels.shape)
    assert np.array_equal(sealed(agency, exhibit)[region], pixels[region])
    assert is_kept(exhibit, also)
    assert is_kept(exhibit, Box(0.70, 0.3, 0.1, 0.1))
    assert not is_kept(exhibit, Box(0.68, 0.3, 0.1, 0.1))
    assert not is_kept(exhibit, Box(0.4, 0.4, 0.1, 0.1))
    assert is_kept(add(agency, other_case(agency), draw(2))[0], Box(0.4, 0.4, 0.1, 0.1))


@pytest.mark.parametrize(
    ("also", "words"),
    [
        ([Box(-0.1, 0, 0.1, 0.1)], "must lie in the picture"),
        ([Box(0.95, 0, 0.1, 0.1)], "must lie in the picture"),
        ([Box(0.5, 0.5, 0, 0.1)], "must lie in the picture"),
        ([Box(0.5, 0.5, float("nan"), 0.1)], "must lie in the picture"),
        ([Box(0, 0, 1, 1)], "at most 5% of it"),
        ([Box(0.5, 0.5, 0.01, 0.01)] * (MOST_ALSO + 1), "more than 10 regions"),
    ],
)
def test_a_region_lies_in_the_picture_and_is_no_way_to_keep_the_whole_frame(
    agency: Agency, also: list[Box], words: str
) -> None:
    case = agency.case()
    with pytest.raises(BadInput, match=words):
        add(agency, case, draw(1), also=also)
    with pytest.raises(BadInput, match="of a cropped exhibit only"):
        add(agency, other_case(agency), draw(1), also=[Box(0.5, 0.5, 0.1, 0.1)])
    assert agency.find(Exhibit) == []


@pytest.mark.parametrize(
    "also",
    [
        [Box(left, top, 0.16, 0.29) for left in (1 / 6, 4 / 6) for top in (1 / 6, 4 / 6 - 0.02)],
        [Box(0, share / 20, 1, 0.05) for share in (1, 4, 7, 10, 13, 16, 19)],
        [Box(left, top, 0.22, 0.22) for left in (0.0, 0.4, 0.78) for top in (0.0, 0.4, 0.78)],
        [Box(0.4, 0.4, 0.2, 0.25)],
    ],
    ids=["four in the corners", "strips", "nine squares", "one in the middle"],
)
def test_req_140_named_regions_together_keep_a_quarter_of_the_frame_and_no_more(
    agency: Agency, also: list[Box]
) -> None:
    agency = agency.with_parts(model=Calm())
    case = agency.case()
    content, _ = frame()
    with pytest.raises(BadInput, match="at most 25% are kept"):
        add(agency, case, content, also=also, even_without_faces=True)
    assert agency.find(Exhibit) == []
    small = [replace(box, width=box.width / 8, height=box.height / 4) for box in also]
    exhibit, _ = add(agency, case, content, also=small, even_without_faces=True)
    assert (sealed(agency, exhibit) != 128).any(axis=2).mean() <= 0.27  # a pixel more at each edge


def test_what_boxes_keep_is_counted_once_where_they_overlap_and_not_past_the_edges() -> None:
    assert share_kept([]) == 0
    one = Box(0.4, 0.4, 0.1, 0.1)
    assert share_kept([one]) == pytest.approx(0.09)
    assert share_kept([one, one]) == pytest.approx(0.09)
    assert share_kept([one, Box(0.5, 0.4, 0.1, 0.1)]) == pytest.approx(0.12)
    assert share_kept([Box(-0.05, -0.05, 0.1, 0.1)]) == pytest.approx(0.15**2)
    assert share_kept([Box(0, 0, 1, 1), one]) == pytest.approx(1)
    numbers = np.random.default_rng(3)
    boxes = [Box(*row) for row in numbers.uniform((0.2, 0.2, 0, 0), (0.5, 0.5, 0.3, 0.3), (12, 4))]
    grid = np.zeros((1000, 1000), dtype=np.bool_)
    for box in boxes:
        grid[around(box, grid.shape)] = True
    assert share_kept(boxes) == pytest.approx(grid.mean(), abs=0.01)


@pytest.mark.parametrize("words", ["", "0.1,0.2,0.3", "a,b,c,d", "0.1,0.2,0.3,0.4,0.5"])
def test_a_region_is_four_numbers(words: str) -> None:
    with pytest.raises(BadInput, match=r"write left, top, width and height"):
        region_of(words)


def test_an_intake_is_one_of_two(agency: Agency) -> None:
    with pytest.raises(BadInput, match="must be one of: crop, whole"):
        add(agency, other_case(agency), draw(1), intake="half")


def test_req_13_a_cropped_photograph_is_known_again_in_another_file(agency: Agency) -> None:
    case = agency.case()
    first, faces = add(agency, case, draw(1))
    content = BytesIO()
    with Images.open(BytesIO(draw(1))) as drawn:
        drawn.save(content, "BMP")
    second, _ = add(agency, case, content.getvalue())
    assert first.pixel_mark == second.pixel_mark
    assert sought.declare_sought(
        agency.system, agency["ines"], case_id=case.id, face_ids=[faces[0].id], subject_role="victim", why="she"
    )


@pytest.mark.parametrize("code", ["trainedAlgorithmicMedia", "compositeSynthetic", "digitalArt", "digitalCreation"])
def test_req_42_nobody_is_searched_with_a_sketch_or_a_made_up_picture(agency: Agency, code: str) -> None:
    content, _ = frame(1, kind="JPEG", quality=95, xmp=xmp_of(code))
    operational = agency.with_parts(profile="operational", model=Calm())
    case = agency.case()
    with pytest.raises(BadInput, match=f"digitalSourceType {code}") as caught:
        add(operational, case, content, origin="seized-device")
    assert caught.value.status == 422
    assert last(agency) == ("exhibit.added", "failed", [])
    assert agency.find(Exhibit) == []
    exhibit, _ = add(agency.with_parts(model=Calm()), case, content)  # there all are made up
    assert json.loads(agency.system.keys.open(exhibit.id, exhibit.details, DETAILS))["digital_source"] == code


@pytest.mark.parametrize("code", ["compositeWithTrainedAlgorithmicMedia", "digitalCapture", "humanEdits"])
def test_req_09_how_an_exhibit_came_about_is_recorded(agency: Agency, code: str) -> None:
    content, _ = frame(1, kind="JPEG", quality=95, xmp=xmp_of(code))
    operational = agency.with_parts(profile="operational", model=Calm())
    exhibit, _ = add(operational, agency.case(), content, origin="seized-device")
    assert json.loads(agency.system.keys.open(exhibit.id, exhibit.details, DETAILS))["digital_source"] == code


def test_of_an_animation_the_first_frame_is_the_exhibit_and_that_is_said(agency: Agency) -> None:
    content = BytesIO()
    with Images.open(BytesIO(draw(1))) as first, Images.open(BytesIO(draw(2))) as second:
        first.save(content, "PNG", save_all=True, append_images=[second])
    exhibit, faces = add(agency, agency.case(), content.getvalue())
    assert (exhibit.frames_in_file, len(faces)) == (2, 1)
    [made] = agency.model.embed(sealed(agency, exhibit), faces)  # type: ignore[arg-type]
    assert np.array_equal(made.template, template_of(1))
