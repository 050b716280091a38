"""One picture in two files: what intake does with a copy, what the block list says, and what a list makes of it."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image as Pillow

from beholden import worker
from beholden.actions import alike, enrol, exhibits, marks, recover, review
from beholden.actions.enrol import TakenFrom
from beholden.actions.tell_apart import tell_apart
from beholden.errors import BadInput, KeyDestroyed, Missing, StoreNotClean
from beholden.index.prints import MemoryPrints
from beholden.media.pillow import PillowMedia
from beholden.ports.stores import Scan
from beholden.records.erasure import HEAD
from beholden.records.exhibits import Exhibit
from beholden.records.faces import Face
from beholden.records.galleries import Gallery
from beholden.records.images import Aside, Block, Image
from beholden.records.near import SURE, ToldApart, are_near, packed
from beholden.records.sources import Source
from beholden.stores.memory import MemoryStores
from tests.actions.test_given_photograph import asked, compared
from tests.agency import Agency, agency_on_disk, draw, rules_of

# People whose drawn picture is not too plain for a fingerprint.
ANNA, BELA, CARL, DORA = 1, 3, 4, 7


def picture(*persons: int, seed: int = 0) -> bytes:
    return draw(*persons, seed=seed, width=768, block=256)


def copy_of(content: bytes, *, side: float = 1.0, quality: int = 60) -> bytes:
    """The same picture as another file: pressed by JPEG, and made smaller."""
    with Pillow.open(BytesIO(content)) as image:
        size = (round(image.width * side), round(image.height * side))
        smaller = image.resize(size, Pillow.Resampling.LANCZOS)
    written = BytesIO()
    smaller.save(written, "JPEG", quality=quality)
    return written.getvalue()


def mirrored(content: bytes) -> bytes:
    with Pillow.open(BytesIO(content)) as image:
        turned = image.transpose(Pillow.Transpose.FLIP_LEFT_RIGHT)
    written = BytesIO()
    turned.save(written, "PNG")
    return written.getvalue()


@pytest.fixture
def source(agency: Agency) -> Source:
    return agency.source()


@pytest.fixture
def gallery(agency: Agency) -> Gallery:
    return agency.gallery()


def give(agency: Agency, source: Source, gallery: Gallery, content: bytes, ref: str = "") -> enrol.Enrolled:
    return enrol.enrol_image(
        agency.system,
        agency["stella"],
        content,
        source_id=source.id,
        gallery_id=gallery.id,
        taken_from=TakenFrom(file="a.png", person_ref=ref),
    )


def test_a_copy_of_what_is_held_here_is_taken_in_and_told_to_look_like_it(
    agency: Agency, source: Source, gallery: Gallery
) -> None:
    first = give(agency, source, gallery, picture(ANNA))
    assert first.image is not None
    assert first.looks_like == ""
    again = give(agency, source, gallery, copy_of(picture(ANNA), side=0.5))
    assert again.image is not None
    assert again.looks_like == first.image.id
    assert not again.already_held
    assert give(agency, source, gallery, picture(BELA)).looks_like == ""


def test_a_picture_too_plain_to_tell_looks_like_nothing(agency: Agency, source: Source, gallery: Gallery) -> None:
    plain = draw(ANNA, width=768, block=64)
    assert agency.system.media.fingerprint(agency.system.media.decode(plain).pixels).quality < SURE
    give(agency, source, gallery, plain)
    assert give(agency, source, gallery, copy_of(plain, quality=90)).looks_like == ""


def test_req_76_a_copy_of_what_was_erased_gets_the_neutral_answer_and_nothing_of_it_is_kept(
    agency: Agency, source: Source, gallery: Gallery
) -> None:
    first = give(agency, source, gallery, picture(ANNA))
    agency.erase(first.faces[0].id)
    blobs = set(agency.system.blobs.addresses())
    for copy in (copy_of(picture(ANNA)), copy_of(picture(ANNA), side=0.5), copy_of(picture(ANNA), quality=30)):
        given = give(agency, source, gallery, copy)
        assert given == enrol.Enrolled(None, (), ())
    assert set(agency.system.blobs.addresses()) == blobs
    assert len(agency.find(Aside)) == 3
    assert give(agency, source, gallery, picture(BELA)).image is not None


def test_req_76_a_copy_of_what_was_erased_and_a_copy_of_what_is_held_elsewhere_get_the_same_answer(
    agency: Agency, source: Source, gallery: Gallery
) -> None:
    """Or else a steward whose file went aside would learn by a copy of it which of the two it was."""
    elsewhere = agency.gallery("elsewhere")
    erased = give(agency, source, elsewhere, picture(ANNA))
    agency.erase(erased.faces[0].id)
    give(agency, source, elsewhere, picture(BELA))
    entries = []
    for person in (ANNA, BELA):
        assert give(agency, source, gallery, copy_of(picture(person))) == enrol.Enrolled(None, (), ())
        leaf = agency.leaves()[-1]
        entries.append((leaf["event"], leaf["outcome"], leaf["rules"], [item["name"] for item in leaf["items"]]))
    one, other = agency.find(Aside)
    same = {"id": "", "mark": "", "kept": one.kept, "version": 0}
    assert replace(one, **same) == replace(other, **same)
    assert entries[0] == entries[1] == ("image.enrolled", "done", [], ["person", "aside", "source", "client"])


def test_a_mirrored_picture_is_another_picture(agency: Agency, source: Source, gallery: Gallery) -> None:
    media = agency.system.media
    one, other = (
        media.fingerprint(media.decode(content).pixels) for content in (picture(ANNA), mirrored(picture(ANNA)))
    )
    assert min(one.quality, other.quality) >= SURE
    assert not are_near(one, other)


def test_who_opens_the_folder_anew_knows_all_of_it_again(agency: Agency, source: Source, gallery: Gallery) -> None:
    first = give(agency, source, gallery, picture(ANNA))
    erased = give(agency, source, gallery, picture(BELA))
    agency.erase(erased.faces[0].id)
    assert first.image is not None
    anew = agency.with_parts(prints=MemoryPrints())
    assert give(anew, source, gallery, copy_of(picture(ANNA))).looks_like == first.image.id
    assert give(anew, source, gallery, copy_of(picture(BELA))).image is None
    assert anew.system.prints.applied > 0


def test_memory_that_lags_behind_the_records_misses_nothing(
    agency: Agency, source: Source, gallery: Gallery, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between its last look and the transaction others may have enrolled, and erased."""
    first = give(agency, source, gallery, picture(ANNA))
    gone = give(agency, source, gallery, picture(BELA))
    alike.follow_prints(agency.system)
    monkeypatch.setattr(enrol, "follow_prints", lambda system: None)
    other = agency.with_parts(prints=MemoryPrints())
    agency.erase(gone.faces[0].id)
    late = give(other, source, gallery, picture(CARL))
    assert first.image is not None
    assert late.image is not None
    assert give(agency, source, gallery, copy_of(picture(CARL))).looks_like == late.image.id
    assert give(agency, source, gallery, copy_of(picture(BELA))).image is None
    assert give(agency, source, gallery, copy_of(picture(ANNA))).looks_like == first.image.id


def test_what_never_came_to_be_is_not_remembered(
    agency: Agency, source: Source, gallery: Gallery, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A number that a rollback gave back is given again, to another picture: memory must not think it knows it."""

    real = enrol.Batch._added

    def full(*how: Any) -> None:
        real(*how)
        raise StoreNotClean("no room")

    with monkeypatch.context() as broken:
        broken.setattr(enrol.Batch, "_added", full)
        with pytest.raises(StoreNotClean):
            give(agency, source, gallery, picture(ANNA))
    first = give(agency, source, gallery, picture(BELA))
    assert give(agency, source, gallery, picture(ANNA)).looks_like == ""
    assert first.image is not None
    assert give(agency, source, gallery, copy_of(picture(BELA))).looks_like == first.image.id


def test_a_fingerprint_is_sealed_under_the_pictures_key_and_goes_with_it(
    agency: Agency, source: Source, gallery: Gallery
) -> None:
    system = agency.system
    first = give(agency, source, gallery, picture(ANNA))
    assert first.image is not None
    known = alike.open_fingerprint(system, first.image.blob_key, first.image.fingerprint, alike.IMAGE)
    assert known is not None
    assert packed(known)[:32] not in first.image.fingerprint
    agency.erase(first.faces[0].id)
    assert agency.get(Image, first.image.id).fingerprint == b""
    with pytest.raises(KeyDestroyed):
        system.keys.open(first.image.blob_key, first.image.fingerprint, alike.IMAGE)
    [block] = agency.find(Block)
    assert alike.open_fingerprint(system, block.print_key, block.fingerprint, alike.BLOCK) == known
    recover.recover(system)  # sweeps up keys that no record names: the block's is named
    assert alike.open_fingerprint(system, block.print_key, block.fingerprint, alike.BLOCK) == known


def test_no_fingerprint_lies_open_in_the_folder_not_even_of_what_is_blocked(tmp_path: Path) -> None:
    made = agency_on_disk(tmp_path)
    try:
        source, gallery = made.source(), made.gallery()
        give(made, source, gallery, picture(ANNA))
        gone = give(made, source, gallery, picture(BELA))
        exhibit(made, made.case().id, picture(CARL))
        made.erase(gone.faces[0].id)
        give(made, source, gallery, copy_of(picture(BELA)))
    finally:
        made.system.close()
    media = PillowMedia()
    bits = [media.fingerprint(media.decode(picture(person)).pixels).bits for person in (ANNA, BELA, CARL)]
    written = b"".join(file.read_bytes() for file in sorted(tmp_path.rglob("*")) if file.is_file())
    assert b"image.enrolled" in written
    assert [
        one for one in bits if one[:12] in written or one[12:24] in written or one.hex()[:24].encode() in written
    ] == []


def test_the_scan_for_an_erasure_looks_for_the_fingerprint_open_and_sealed(
    source: Source, gallery: Gallery, agency: Agency
) -> None:
    class WatchedStores(MemoryStores):
        def scan(self, needles: list[bytes]) -> Scan:
            looked_for.extend(needles)
            return super().scan(needles)

    looked_for: list[bytes] = []
    watched = agency.with_parts(stores=WatchedStores())
    first = give(watched, source, gallery, picture(ANNA))
    assert first.image is not None
    known = alike.open_fingerprint(watched.system, first.image.blob_key, first.image.fingerprint, alike.IMAGE)
    assert known is not None
    watched.erase(first.faces[0].id)
    assert known.bits in looked_for
    assert first.image.fingerprint[:HEAD] in looked_for


def test_a_picture_sealed_anew_without_one_person_has_the_fingerprint_of_what_is_left(
    agency: Agency, source: Source, gallery: Gallery
) -> None:
    group = draw(ANNA, BELA, width=1280, block=256)
    both = give(agency, source, gallery, group)
    assert both.image is not None
    before = alike.open_fingerprint(agency.system, both.image.blob_key, both.image.fingerprint, alike.IMAGE)
    agency.erase(both.faces[0].id)
    after = agency.get(Image, both.image.id)
    assert agency.find(Block) == []  # only a wholly erased frame's is blocked
    left = alike.open_fingerprint(agency.system, after.blob_key, after.fingerprint, alike.IMAGE)
    kept = agency.system.keys.open(after.blob_key, agency.system.blobs.get(after.blob), enrol.PICTURE)
    media = agency.system.media
    assert left == media.fingerprint(media.decode(kept).pixels) != before
    alike.follow_prints(agency.system)
    assert before is not None
    assert after.id not in dict(agency.system.prints.near(before.bits, 0))


def test_an_image_from_before_fingerprints_is_blocked_by_its_picture(
    agency: Agency, source: Source, gallery: Gallery
) -> None:
    first = give(agency, source, gallery, picture(ANNA))
    assert first.image is not None
    agency.change(agency.get(Image, first.image.id), fingerprint=b"", print_no=-1)
    agency.erase(first.faces[0].id)
    assert give(agency, source, gallery, copy_of(picture(ANNA))).image is None


def test_the_worker_makes_the_fingerprints_of_images_from_before_there_were_any(
    agency: Agency, source: Source, gallery: Gallery
) -> None:
    first = give(agency, source, gallery, picture(ANNA)).image
    damaged = give(agency, source, gallery, picture(BELA)).image
    assert first is not None
    assert damaged is not None
    for image in (first, damaged):
        agency.change(agency.get(Image, image.id), fingerprint=b"", print_no=-1)
    agency.system.blobs.purge(damaged.blob)
    upgraded = agency.with_parts(prints=MemoryPrints())
    failed: set[str] = set()
    worker.work(upgraded.system, failed)
    assert failed == {damaged.id}
    outcomes = [leaf["outcome"] for leaf in agency.leaves() if leaf["event"] == "image.fingerprinted"]
    assert sorted(outcomes) == ["done", "failed"]
    assert give(upgraded, source, gallery, copy_of(picture(ANNA))).looks_like == first.id
    worker.work(upgraded.system, failed)
    assert [leaf["event"] for leaf in agency.leaves()].count("image.fingerprinted") == 2


def test_req_31_near_duplicates_under_two_names_take_one_place_and_the_other_photograph_keeps_its_own(
    agency: Agency, source: Source, gallery: Gallery
) -> None:
    give(agency, source, gallery, picture(ANNA), "anna")
    give(agency, source, gallery, copy_of(picture(ANNA)), "bela")
    give(agency, source, gallery, picture(BELA), "bela")
    case = agency.case()
    sought = agency.sought(case, picture(ANNA, seed=1))
    authority = agency.approve(agency.request(case, sought, gallery))
    assert agency.search(authority).people == 2


def test_a_data_subject_is_shown_the_copy_as_well(agency: Agency, source: Source, gallery: Gallery) -> None:
    """A list stacks; who wants to know what is held of them must find each file."""
    first = give(agency, source, gallery, picture(ANNA), "anna")
    copy = give(agency, source, gallery, copy_of(picture(ANNA)), "someone")
    request_id = asked(agency, picture(ANNA, seed=1))
    listed = compared(agency, request_id).listed
    assert {one.face_id for one in listed} == {first.faces[0].id, copy.faces[0].id}
    assert len({one.person for one in listed}) == 1


def test_near_duplicates_among_the_exhibits_of_a_case_are_one_stack(
    agency: Agency, source: Source, gallery: Gallery
) -> None:
    give(agency, source, gallery, picture(ANNA))  # what galleries hold is not looked at
    case, other = agency.case(), agency.case("ivo")
    copies = [copy_of(picture(ANNA), quality=quality) for quality in (90, 60, 30)]
    agency.sought(case, picture(BELA), *copies)
    agency.sought(other, picture(ANNA), officer="ivo")
    made = {one.mark: one for one in agency.find(Exhibit)}
    bela, first, second, third = (made[marks.mark_of(agency.system, one)] for one in (picture(BELA), *copies))
    alone = made[marks.mark_of(agency.system, picture(ANNA))]
    assert [one.stack for one in (bela, first, second, third, alone)] == ["", "", first.id, first.id, ""]


def test_a_removed_exhibit_has_no_copies(agency: Agency) -> None:
    case = agency.case()
    first = exhibit(agency, case.id, picture(ANNA))
    exhibits.remove_exhibit(agency.system, agency["ines"], exhibit_id=first.id, reason="of another case")
    with pytest.raises(KeyDestroyed):
        agency.system.keys.open(first.blob_key, first.fingerprint, alike.EXHIBIT)
    second = exhibit(agency, case.id, copy_of(picture(ANNA)))
    assert second.stack == ""
    assert exhibit(agency, case.id, picture(ANNA)).stack == second.id


def exhibit(agency: Agency, case_id: str, content: bytes) -> Exhibit:
    made, _ = exhibits.add_exhibit(
        agency.system, agency["ines"], content, case_id=case_id, file="a.png", origin="synthetic", why="on the disk"
    )
    return made


def two_alike(agency: Agency, source: Source, gallery: Gallery) -> tuple[str, str]:
    first = give(agency, source, gallery, picture(ANNA), "anna")
    copy = give(agency, source, gallery, copy_of(picture(ANNA)), "bela")
    assert first.image is not None
    assert copy.image is not None
    return first.image.id, copy.image.id


def test_req_31_two_images_that_somebody_told_apart_have_places_of_their_own(
    agency: Agency, source: Source, gallery: Gallery
) -> None:
    one, other = two_alike(agency, source, gallery)
    authority = agency.approve(
        agency.request(case := agency.case(), agency.sought(case, picture(ANNA, seed=1)), gallery)
    )
    assert agency.search(authority).people == 1
    told = tell_apart(agency.system, agency["stella"], image_id=other, other_image_id=one)
    assert (told.image_id, told.other_image_id, told.told_by) == (*sorted((one, other)), agency.ids["stella"])
    assert agency.find(ToldApart) == [told]
    entry = agency.told(len(agency.leaves()) - 1)
    assert (entry["image"], entry["other_image"]) == ([min(one, other)], [max(one, other)])
    assert agency.search(authority).people == 2


def test_images_are_told_apart_once_and_only_where_they_look_alike_and_are_held(
    agency: Agency, source: Source, gallery: Gallery
) -> None:
    one, other = two_alike(agency, source, gallery)
    third = give(agency, source, gallery, picture(BELA)).image
    assert third is not None

    def tell(first: str, second: str, who: str = "stella") -> list[str]:
        named = {"image_id": first, "other_image_id": second}
        return rules_of(agency, tell_apart, agency.system, agency[who], **named)

    assert tell(one, third.id) == ["images-told-apart-look-alike"]
    assert tell(one, other, who="ines") == ["role-tells-images-apart"]
    tell_apart(agency.system, agency["rosa"], image_id=one, other_image_id=other)
    assert tell(other, one) == ["images-are-told-apart-once"]
    with pytest.raises(BadInput, match="one image"):
        tell_apart(agency.system, agency["stella"], image_id=one, other_image_id=one)
    with pytest.raises(Missing):
        tell_apart(agency.system, agency["stella"], image_id=one, other_image_id="0" * 32)
    agency.erase(agency.find(Face, image_id=one)[0].id)
    assert agency.find(ToldApart) == []
    assert tell(one, other) == ["images-told-apart-are-held", "images-told-apart-look-alike"]


def test_who_owes_an_opinion_tells_nothing_apart(agency: Agency) -> None:
    ready = agency.ready(5, 6)
    one, other = two_alike(agency, ready.source, ready.gallery)
    review.open_review(agency.system, agency["rosa"], search_id=agency.search(ready.authority).id)
    with pytest.raises(Missing, match="lock the opinion"):
        tell_apart(agency.system, agency["rosa"], image_id=one, other_image_id=other)
    assert agency.find(ToldApart) == []
