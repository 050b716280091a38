"""Enrolling: every image with its provenance, sealed and counted; what must not come in is put aside and says nothing."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import pytest

from beholden.actions import asides, check, embed, enrol, follow, marks, register
from beholden.actions.enrol import PICTURE, PROVENANCE, TEMPLATE, Enrolled, TakenFrom
from beholden.errors import (
    BadInput,
    BeholdenError,
    Missing,
    NoRoom,
    NotProven,
    NoUsableFace,
    Refused,
    UnreadableImage,
)
from beholden.records.faces import Face, FaceState
from beholden.records.images import Aside, AsideState, Block, Image, ImageState, Provenance, provenance_of
from beholden.stores.memory import MemoryStores
from beholden.testing.drawn import template_of
from tests.agency import Agency, Ready, draw, last, rules_of


@pytest.fixture
def ready(agency: Agency) -> Ready:
    return agency.ready()


def give(agency: Agency, ready: Ready, content: bytes, officer: str = "stella", **changes: Any) -> Enrolled:
    given: dict[str, Any] = {"source_id": ready.source.id, "gallery_id": ready.gallery.id}
    given["taken_from"] = TakenFrom(file="a.png", received_from="USB 7", manifest_sha256="f" * 64, caption="a caption")
    return enrol.enrol_image(agency.system, agency[officer], content, **(given | changes))


def test_req_05_an_image_keeps_its_whole_provenance_sealed(agency: Agency, ready: Ready) -> None:
    content = draw(5)
    taken = TakenFrom("b/a.png", "USB 7", "f" * 64, "person 5", "2019", "https://i", "https://p", "title", "caption")
    image = give(agency, ready, content, taken_from=taken).image
    assert image is not None
    opened = provenance_of(agency.system.keys.open(image.id, image.provenance, PROVENANCE))
    sha256 = hashlib.sha256(content).hexdigest()
    assert opened == Provenance(
        "b/a.png", sha256, "USB 7", "f" * 64, "person 5", "2019", "https://i", "https://p", "title", "caption"
    )
    assert agency.system.keys.open(image.blob_key, agency.system.blobs.get(image.blob), PICTURE) == content
    told = agency.told(len(agency.leaves()) - 1)
    assert (told["file_sha256"], told["source"], told["image"]) == ([sha256], [ready.source.id], [image.id])
    assert image.kept.created_by == agency.ids["stella"]


def test_req_05_a_picture_that_was_changed_is_not_read_and_an_incident_is_on_record(
    agency: Agency, ready: Ready
) -> None:
    image = give(agency, ready, draw(3)).image
    assert image is not None
    blobs = agency.system.blobs._held  # type: ignore[attr-defined]  # a thief of the disk is no action
    blobs[image.blob] = blobs[image.blob][:-1] + bytes([blobs[image.blob][-1] ^ 1])
    with pytest.raises(NotProven):
        agency.system.blobs.get(image.blob)
    found = agency.search(ready.authority)
    with pytest.raises(NotProven):
        agency.review(found)
    *_, failed, opened = agency.leaves()
    assert (failed["event"], failed["outcome"], opened["event"]) == ("review.opened", "failed", "incident.opened")
    assert agency.told(failed["n"])["incident"] == ["NotProven"]
    pictures = next(one for one in check.check(agency.system, agency["aude"]) if one.part == "pictures")
    assert not pictures.holds
    assert image.id in pictures.words


def test_the_whole_record_of_an_image_and_its_face(agency: Agency, ready: Ready) -> None:
    enrolled = give(agency, ready, draw(5))
    image, [face] = enrolled.image, enrolled.faces
    assert image is not None
    plain = replace(image, id="", blob="", blob_key="", mark="", provenance=b"", kept=face.kept)
    assert replace(plain, fingerprint=b"", print_no=-1) == Image(
        id="",
        version=0,
        kept=face.kept,
        gallery_id=ready.gallery.id,
        source_id=ready.source.id,
        mark="",
        person_mark="",
        page_mark="",
        blob="",
        blob_key="",
        kind="PNG",
        width=640,
        height=192,
        provenance=b"",
        state=ImageState.HELD,
    )
    assert (face.face_no, face.change_no, face.state) == (0, 0, FaceState.LIVE)
    assert face.space_id == agency.model.card.space_id
    assert face.quality.unified == 80
    assert agency.get(Image, image.id) == image
    assert agency.get(Face, face.id) == face


def test_req_110_a_template_is_sealed_raw_under_its_faces_own_key(agency: Agency, ready: Ready) -> None:
    [face] = give(agency, ready, draw(5, seed=2)).faces
    plain = agency.system.keys.open(face.id, face.template, TEMPLATE)
    assert np.array_equal(np.frombuffer(plain, dtype="<f4"), template_of(5, 2))
    assert plain[:16] not in face.template
    agency.system.keys.destroy([face.id])
    with pytest.raises(BeholdenError):
        agency.system.keys.open(face.id, face.template, TEMPLATE)


def test_in_a_group_photograph_the_persons_name_is_given_to_no_face(agency: Agency, ready: Ready) -> None:
    alone = give(agency, ready, draw(1), taken_from=TakenFrom("1.png", person_ref="p"))
    group = give(agency, ready, draw(1, 2), taken_from=TakenFrom("2.png", person_ref="p"))
    assert alone.faces[0].person_mark == marks.person_mark_of(agency.system, ready.source.id, "p") != ""
    assert [face.person_mark for face in group.faces] == ["", ""]
    assert [face.face_no for face in group.faces] == [1, 2]


def test_a_rejected_face_is_told_with_its_reason_and_makes_no_template(agency: Agency, ready: Ready) -> None:
    small = draw(4, width=160, block=16)
    before = agency.model.embedded
    with pytest.raises(
        NoUsableFace, match=r"the eyes are 6 pixels apart.*give a photograph in which the face is larger"
    ):
        give(agency, ready, small)
    assert agency.model.embedded == before
    assert agency.find(Image) == []


def test_a_usable_face_beside_one_that_is_not_is_enrolled_alone(agency: Agency, ready: Ready) -> None:
    strict = agency.with_parts(rules=replace(agency.system.rules, min_detector_score=0.9))
    one, other = strict.model.find(strict.system.media.decode(draw(1, 2)).pixels)

    class Unsure(type(strict.model)):  # type: ignore[misc]
        def find(self, pixels: Any, **_: Any) -> Any:
            return [one, replace(other, quality=replace(other.quality, detector=0.5))]

    enrolled = give(strict.with_parts(model=Unsure()), ready, draw(1, 2))
    assert len(enrolled.faces) == 1
    assert [face.reason for face in enrolled.rejected] == [
        "the detector is not sure that this is a face (0.50, at least 0.9)"
    ]
    assert agency.told(len(agency.leaves()) - 1)["rejected_faces"] == [1]


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"", UnreadableImage),
        (b"no picture", UnreadableImage),
        (draw(1)[:200], UnreadableImage),
        (draw(), NoUsableFace),
        (draw(*range(21), width=1280, block=64), NoUsableFace),
    ],
    ids=["empty", "text", "truncated", "no face", "a crowd"],
)
def test_a_bad_picture_leaves_nothing_and_is_on_record(
    agency: Agency, ready: Ready, content: bytes, error: type[BadInput]
) -> None:
    keys, blobs = agency.system.keys.names(), list(agency.system.blobs.addresses())
    with pytest.raises(error) as caught:
        give(agency, ready, content)
    assert (agency.find(Image), agency.find(Face)) == ([], [])
    assert (agency.system.keys.names(), list(agency.system.blobs.addresses())) == (keys, blobs)
    assert last(agency) == ("image.enrolled", "failed", [])
    assert caught.value.entry == len(agency.leaves()) - 1


def test_a_file_that_is_held_already_gives_the_image_that_is_held(agency: Agency, ready: Ready) -> None:
    first = give(agency, ready, draw(5))
    again = give(agency, ready, draw(5))
    assert again == Enrolled(first.image, first.faces, (), already_held=True)
    assert len(agency.find(Image)) == 1
    assert last(agency) == ("image.enrolled", "done", [])


def test_req_76_a_file_that_was_erased_and_one_held_elsewhere_get_the_same_answer(agency: Agency, ready: Ready) -> None:
    other = agency.gallery("other")
    erased, elsewhere = draw(5), draw(6)
    agency.erase(give(agency, ready, erased).faces[0].id)
    give(agency, ready, elsewhere)
    before = agency.model.embedded
    answers = [give(agency, ready, erased), give(agency, ready, elsewhere, gallery_id=other.id)]
    assert answers == [Enrolled(None, (), ())] * 2
    assert agency.model.embedded == before
    one, two = agency.leaves()[-2:]
    assert [item["name"] for item in one["items"]] == [item["name"] for item in two["items"]]
    assert (one["outcome"], one["rules"]) == (two["outcome"], two["rules"]) == ("done", [])
    waiting = agency.find(Aside)
    assert {replace(a, id="", mark="", gallery_id="") for a in waiting} == {
        Aside("", 0, waiting[0].kept, ready.source.id, "", "", AsideState.WAITING)
    }
    assert len(agency.find(Image, state=ImageState.HELD)) == 1


def test_req_76_the_block_stays_after_the_privacy_officer_closed_the_file(agency: Agency, ready: Ready) -> None:
    agency.erase(give(agency, ready, draw(5)).faces[0].id)
    give(agency, ready, draw(5))
    [aside] = asides.asides(agency.system, agency["pia"])
    assert asides.judge_aside(agency.system, agency["pia"], aside_id=aside.id).state is AsideState.REFUSED
    assert asides.asides(agency.system, agency["pia"]) == []
    assert rules_of(agency, asides.judge_aside, agency.system, agency["pia"], aside_id=aside.id) == [
        "image-waits-for-judgement"
    ]
    assert rules_of(agency, asides.asides, agency.system, agency["stella"]) == ["role-privacy-officer-judges-images"]
    assert give(agency, ready, draw(5)).image is None
    assert [block.mark for block in agency.find(Block)] == [aside.mark]


@pytest.mark.parametrize(
    ("kind", "changes", "rule"),
    [
        ("source", {"state": "suspended"}, "source-is-active"),
        ("source", {"valid_until": -1}, "source-is-still-valid"),
        ("source", {"valid_from": 1}, "source-is-already-valid"),
        ("source", {"purposes": ()}, "source-permits-gallery"),
        ("gallery", {"state": "closed"}, "gallery-takes-images"),
        ("gallery", {"purposes": ()}, "gallery-purpose-is-named"),
    ],
)
def test_a_source_or_a_gallery_that_does_not_allow_it_takes_no_image(
    agency: Agency, ready: Ready, kind: str, changes: dict[str, Any], rule: str
) -> None:
    held = getattr(ready, kind)
    for name, value in changes.items():
        if isinstance(value, int):
            value = agency.clock.at + timedelta(hours=value)
        elif name == "state":
            value = type(held.state)(value)
        agency.change(held, **{name: value})
    before = agency.model.embedded
    assert rules_of(agency, give, agency, ready, draw(5)) == [rule]
    assert agency.model.embedded == before


@pytest.mark.parametrize("name", ["ines", "pia", "sven", "rosa", "aude", "ada"])
def test_only_a_steward_enrols(agency: Agency, ready: Ready, name: str) -> None:
    assert "role-steward-enrols" in rules_of(agency, give, agency, ready, draw(5), name)


def test_a_source_that_is_suspended_while_the_model_runs_takes_nothing_in(agency: Agency, ready: Ready) -> None:
    class Slow(type(agency.model)):  # type: ignore[misc]
        def embed(self, pixels: Any, faces: Any) -> Any:
            register.suspend_source(agency.system, agency["pia"], source_id=ready.source.id, reason="court order")
            return super().embed(pixels, faces)

    with pytest.raises(Refused):
        give(agency.with_parts(model=Slow()), ready, draw(5))
    assert agency.find(Image) == []


def test_a_file_that_is_erased_or_enrolled_elsewhere_while_the_model_runs_is_put_aside(
    agency: Agency, ready: Ready
) -> None:
    other = agency.gallery("other")

    class Slow(type(agency.model)):  # type: ignore[misc]
        def embed(self, pixels: Any, faces: Any) -> Any:
            if not agency.find(Image):
                give(agency, ready, draw(5), gallery_id=other.id)
            return super().embed(pixels, faces)

    keys = len(agency.system.keys.names())
    assert give(agency.with_parts(model=Slow()), ready, draw(5)) == Enrolled(None, (), ())
    assert [image.gallery_id for image in agency.find(Image)] == [other.id]
    assert len(list(agency.system.blobs.addresses())) == 2  # the other's picture and the exhibit of `ready`
    assert len(agency.system.keys.names()) == keys + 3 + 1  # image, blob and face of the other; the aside
    assert "file_sha256" not in agency.told(len(agency.leaves()) - 1)


def test_of_two_who_enrol_one_file_at_once_one_does(agency: Agency, ready: Ready) -> None:
    class Slow(type(agency.model)):  # type: ignore[misc]
        def embed(self, pixels: Any, faces: Any) -> Any:
            give(agency, ready, draw(5))
            return super().embed(pixels, faces)

    keys = len(agency.system.keys.names())
    done = give(agency.with_parts(model=Slow()), ready, draw(5))
    assert (done.already_held, done.image) == (True, agency.find(Image)[0])
    assert len(agency.system.keys.names()) == keys + 3  # of the one that is held: what the other had made is gone
    assert list(agency.system.blobs.addresses()).count(agency.find(Image)[0].blob) == 1
    assert len(agency.find(Image)) == 1


def test_a_full_disk_takes_nothing_in_and_says_so_on_record(agency: Agency, ready: Ready) -> None:
    stores = agency.system.stores
    assert isinstance(stores, MemoryStores)
    stores.room_bytes = 1024 * 1024
    with pytest.raises(NoRoom, match=r"only 1 MiB are free.*make room"):
        give(agency, ready, draw(5))
    assert last(agency) == ("image.enrolled", "failed", [])
    assert not stores.drop_ballast()  # it was given up for the entry
    assert agency.find(Image) == []


def later(agency: Agency, ready: Ready, *persons: int) -> list[Face]:
    return [give(agency, ready, draw(one), embed_now=False).faces[0] for one in persons]


def test_a_face_that_waits_gets_its_template_and_a_change_that_the_index_sees(agency: Agency, ready: Ready) -> None:
    [waiting] = later(agency, ready, 5)
    assert waiting.quality.unified is None
    assert embed.embed_waiting(agency.system) == 1
    live = agency.get(Face, waiting.id)
    assert replace(live, template=b"") == replace(
        waiting,
        version=1,
        state=FaceState.LIVE,
        quality=replace(waiting.quality, unified=80),
        change_no=1,
    )
    assert agency.leaves()[-1]["event"] == "face.embedded"
    assert agency.leaves()[-1]["role"] == "system"
    with agency.system.database.look() as look:
        follow.follow(agency.system, look)
    assert agency.system.index.rows([follow.shelf_of(live)]) == 1


def test_a_damaged_picture_does_not_keep_the_others_waiting(agency: Agency, ready: Ready) -> None:
    damaged, erased, sound = later(agency, ready, 5, 6, 7)
    agency.system.blobs.purge(agency.get(Image, damaged.image_id).blob)
    agency.erase(erased.id)
    assert embed.embed_waiting(agency.system) == 1
    states = [agency.get(Face, one.id).state for one in (damaged, erased, sound)]
    assert states == [FaceState.WAITING, FaceState.ERASED, FaceState.LIVE]
    outcomes = [(leaf["event"], leaf["outcome"]) for leaf in agency.leaves() if leaf["event"] == "face.embedded"]
    assert outcomes == [("face.embedded", "failed"), ("face.embedded", "done")]


def test_a_face_that_is_erased_while_it_is_embedded_stays_erased(agency: Agency, ready: Ready) -> None:
    [face] = later(agency, ready, 5)

    class Slow(type(agency.model)):  # type: ignore[misc]
        def embed(self, pixels: Any, faces: Any) -> Any:
            agency.erase(face.id)
            return super().embed(pixels, faces)

    assert embed.embed_waiting(agency.with_parts(model=Slow()).system) == 0
    assert agency.get(Face, face.id).state is FaceState.ERASED
    assert agency.get(Face, face.id).template == b""


def test_an_unknown_source_or_gallery_is_missing(agency: Agency, ready: Ready) -> None:
    for name in ("source_id", "gallery_id"):
        with pytest.raises(Missing):
            give(agency, ready, draw(5), **{name: "0" * 32})
