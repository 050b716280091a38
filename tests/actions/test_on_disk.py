"""A real data folder: nothing plain lies in it, no probe is left in it, and what was erased is nowhere in it."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pysqlite3.dbapi2 as sqlite3
import pytest
from PIL import Image as Pictures

from beholden.actions import enrol, erase, log, recover
from beholden.actions.follow import open_templates, shelf_of
from beholden.formats import receipts
from beholden.opening import open_folder
from beholden.records.audit import SALT_BYTES, Item
from beholden.records.erasure import Erasure, ErasureState
from beholden.records.faces import Face
from beholden.records.images import Image
from beholden.records.searches import SearchState
from beholden.testing.drawn import template_of
from tests.agency import Agency, Ready, agency_on_disk, draw

CANARY = "canary-7781-in-exif"


def with_exif(picture: bytes) -> bytes:
    exif = Pictures.Exif()
    exif[270] = CANARY
    out = io.BytesIO()
    Pictures.open(io.BytesIO(picture)).save(out, "PNG", exif=exif)
    return out.getvalue()


def places_of(folder: Path, *needles: bytes) -> list[str]:
    """Every file of data and keys that holds one of these."""
    assert all(len(needle) >= 16 for needle in needles)
    found = []
    for path in folder.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            found += [f"{path.name}: {needle[:16]!r}" for needle in needles if needle in content]
    return found


def wrapped_keys(folder: Path, *names: str) -> list[bytes]:
    """What `keys.db` holds for these, as a thief would read it."""
    found = []
    with sqlite3.connect(folder / "keys" / "keys.db") as connection:
        tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for table in tables:
            for row in connection.execute(f'SELECT * FROM "{table}"'):
                if any(value in names for value in row):
                    found += [bytes(value) for value in row if isinstance(value, bytes) and len(value) >= 32]
    connection.close()
    return found


@dataclass
class OnDisk:
    folder: Path
    agency: Agency
    ready: Ready


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[OnDisk]:
    agency = agency_on_disk(tmp_path)
    try:
        yield OnDisk(tmp_path, agency, agency.ready(1, 2, 4, 5))
    finally:
        agency.system.close()


def enrol_canary(disk: OnDisk) -> Face:
    return enrol.enrol_image(
        disk.agency.system,
        disk.agency["stella"],
        with_exif(draw(3)),
        source_id=disk.ready.source.id,
        gallery_id=disk.ready.gallery.id,
        taken_from=enrol.TakenFrom(
            file="canary-file-name.png",
            person_ref="canary person reference",
            page_url="https://canary.example.org/page",
            caption="a caption with a canary in it",
        ),
    ).faces[0]


PLAIN = (
    CANARY.encode(),
    b"canary-file-name",
    b"canary person reference",
    b"https://canary.example.org/page",
    b"a caption with a canary in it",
)


def templates_in_any_form(person: int, seed: int = 0) -> list[bytes]:
    template = template_of(person, seed)
    return [
        template.astype(form).tobytes()[start : start + 32]
        for form in ("<f4", "<f8", "<f2", ">f4")
        for start in (0, 64)
    ]


def test_req_110_no_template_no_metadata_and_no_words_of_a_source_lie_plain_in_the_data_or_beside_the_keys(
    disk: OnDisk,
) -> None:
    enrol_canary(disk)
    disk.agency.unsealed(disk.agency.search(disk.ready.authority), 1)
    log.seal(disk.agency.system)
    assert places_of(disk.folder, *PLAIN, *templates_in_any_form(3)) == []
    assert not (disk.folder / "data").joinpath("keys.db").exists()


def test_req_61_after_a_search_and_its_review_no_template_of_the_probe_is_anywhere(disk: OnDisk) -> None:
    agency = disk.agency
    enrol_canary(disk)
    embedded = agency.model.embedded
    found = agency.search(disk.ready.authority)
    assert agency.model.embedded == embedded + 1
    agency.unsealed(found, 1)
    probe = templates_in_any_form(3, 7)  # the exhibit of `ready`
    assert places_of(disk.folder, *probe) == []
    references = [(face.id, face.template) for face in agency.find(Face)]
    opened = open_templates(agency.system, agency.find(Face))
    assert len(references) == 5
    assert all(one is not None and one.tobytes()[:32] != probe[0] for one in opened)
    with agency.system.database.look() as look:
        assert agency.system.index.rows([shelf_of(face) for face in look.find(Face)]) == 5
    assert template_of(3, 7).tobytes() not in b"".join(
        bytes(agency.system.blobs.get(address)) for address in agency.system.blobs.addresses()
    )
    assert agency.model.embedded == embedded + 1  # and looking at the list made none


def test_req_64_after_an_erasure_nothing_of_it_lies_in_any_file_and_nineteen_others_are_as_they_were(
    disk: OnDisk,
) -> None:
    agency = disk.agency
    face = enrol_canary(disk)
    found = agency.search(disk.ready.authority)
    leads = agency.unsealed(found, 1)
    agency.disclose(found, leads[0])
    assert leads[0].candidate.face_id == face.id
    image = agency.get(Image, face.image_id)
    with agency.system.database.look() as look:
        items = [*look.find(Item, record_id=face.id), *look.find(Item, record_id=image.id)]
    salts = [agency.system.keys.open(i.record_id, i.sealed, f"item/{i.id}")[:SALT_BYTES] for i in items]
    wrapped = wrapped_keys(disk.folder, face.id, image.id, image.blob_key)
    sealed = [
        face.template[:32],
        image.provenance[:32],
        leads[0].candidate.lead[:32],
        agency.system.blobs.get(image.blob)[:32],
        *(item.sealed[:32] for item in items),
    ]
    log.seal(agency.system)
    assert len(wrapped) >= 3
    assert len(places_of(disk.folder, *sealed, *wrapped)) >= len(sealed) + len(wrapped)  # they were there
    erased = agency.erase(face.id)
    assert erased.state is ErasureState.ERASED
    assert places_of(disk.folder, *PLAIN, *sealed, *wrapped, *salts, *templates_in_any_form(3)) == []
    told = receipts.read_receipt(erased.receipt, log.vkeys(agency.system)).payload
    assert told["stores"] == "data, keys, index, segments"
    assert int(str(told["needles"])) >= len(sealed) + len(salts) + 3
    assert sorted(agency.ranks_by_person(agency.search(disk.ready.authority))) == [1, 2, 4, 5]


def test_req_64_a_start_finishes_an_erasure_that_a_crash_left(disk: OnDisk, monkeypatch: pytest.MonkeyPatch) -> None:
    agency = disk.agency
    face = enrol_canary(disk)
    request_id = agency.granted(face.id)

    def crash(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(erase, "_empty_rows", crash)
    with pytest.raises(KeyboardInterrupt):
        erase.erase(agency.system, agency["stella"], request_id=request_id)
    monkeypatch.undo()
    agency.system.close()
    system = open_folder(disk.folder / "data")
    try:
        with system.database.look() as look:
            [erasure] = look.find(Erasure)
            assert erasure.state is ErasureState.ERASED
            log.check_log(system, look)
        assert places_of(disk.folder, *PLAIN, *templates_in_any_form(3)) == []
        assert recover.recover(system) == recover.Recovered(0, 0, 0, 0, 0)
    finally:
        system.close()


def test_a_whole_story_leaves_a_start_nothing_to_do(disk: OnDisk) -> None:
    agency = disk.agency
    found = agency.search(disk.ready.authority)
    leads = agency.unsealed(found, 1)
    agency.disclose(found, leads[0])
    assert found.state is SearchState.LISTED
    assert recover.recover(agency.system) == recover.Recovered(0, 0, 0, 0, 0)
