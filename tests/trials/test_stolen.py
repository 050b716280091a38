"""A stolen disk: the folders alone tell nobody who is in the pictures, nor in which order a search listed them."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from beholden.actions import enrol, exhibits, request, sought
from beholden.errors import Locked
from beholden.keys.wrapping import KeyFile, Passphrase
from beholden.opening import make_folder, open_folder
from beholden.records.audit import Item
from beholden.records.candidates import Candidate
from beholden.testing.drawn import draw, template_of
from tests.agency import Agency, agency_on_disk
from tests.trials.place import Place

PERSON = 3
TOLD = {
    "file": "IMG_canary_4711.png",
    "received_from": "canary's office",
    "person_ref": "canary person reference",
    "captured_at": "1987-06-05",
    "image_url": "https://example.org/canary-image",
    "page_url": "https://example.org/canary-page",
    "page_title": "The canary's page",
    "caption": "A canary on a swing",
}
WHY, EXHIBIT = "the canary was seen on the seized disk", "exhibit-canary-0815.png"
SUBJECT = "Ms Canary, 7 Birdcage Walk, by letter"
PASSPHRASE = "the canary's own passphrase"

# What still lies in clear: `docs/data-folder.md` says so, and the disk itself should be encrypted.
READABLE = {
    "name of an officer": "stella",
    "reference of a case": "2026-117",
    "purpose": "victim-id-cse",
    "name of a source": "rendered people",
    "name of a gallery": "references",
    "event of the log": "search.started",
}
SEALED = {
    "title of a case": "Attic",
    "controller of a source": "the project",
    "citation of a source": "generator manifest 1",
    "why an authority is needed": "is known neither to agency",
    "why faces are taken to be one person": "same mole on the left cheek",
    "basis of a disclosure": "s. 8(2)(f)",
    "recipient of a disclosure": "Interpol desk",
    "how records of a request were found": "by the source's person reference",
    "why a request was granted": "passport seen",
}


@pytest.fixture
def lived_in(tmp_path: Path) -> Agency:
    """A folder after the main job, with a request for erasure that is granted and not carried out."""
    agency = agency_on_disk(tmp_path)
    source, gallery = agency.source(), agency.gallery()
    for person in range(10, 22):
        agency.enrol(source, gallery, person)
    held = enrol.enrol_image(
        agency.system,
        agency["stella"],
        draw(PERSON),
        source_id=source.id,
        gallery_id=gallery.id,
        taken_from=enrol.TakenFrom(**TOLD),
    )
    case = agency.case()
    _, faces = exhibits.add_exhibit(
        agency.system, agency["ines"], draw(PERSON, seed=7), case_id=case.id, file=EXHIBIT, origin="synthetic", why=WHY
    )
    declared = sought.declare_sought(
        agency.system,
        agency["ines"],
        case_id=case.id,
        face_ids=[faces[0].id],
        subject_role="victim",
        why="same mole on the left cheek",
    )
    found = agency.search(agency.approve(agency.request(case, declared, gallery)))
    agency.disclose(found, agency.unsealed(found, 1)[0])
    agency.granted(held.faces[0].id)
    request.receive_request(
        agency.system,
        agency["pia"],
        face_ids=[face.id for face in held.faces],
        looked_for="by the source's person reference",
        subject=SUBJECT,
    )
    return agency


def test_the_folders_tell_nothing_of_the_people_in_the_pictures(lived_in: Agency, tmp_path: Path) -> None:
    private = (tmp_path / "key-file").read_bytes().strip()
    lived_in.system.close()
    texts = [*TOLD.values(), WHY, EXHIBIT, SUBJECT]
    templates = [template_of(PERSON), template_of(PERSON, 7)]
    canaries = [
        *(text.encode(how) for text in texts for how in ("utf-8", "utf-16-le")),
        *(template.astype(kind).tobytes()[:16] for template in templates for kind in ("<f4", "<f8")),
        *(b"\x89PNG\r\n\x1a\n", b"IHDR", b"\xff\xd8\xff\xe0", b"JFIF"),
        *(b'"score"', b'"rank"'),
        *(private, bytes.fromhex(private.decode())),
    ]
    files = Place(tmp_path).files()
    assert [(name, canary) for name, content in files.items() for canary in canaries if canary in content] == []
    assert {"data/records.db", "keys/keys.db", "keys/kek.json"} <= set(files)


def test_what_officers_write_is_nowhere_and_what_can_be_read_is_listed(lived_in: Agency, tmp_path: Path) -> None:
    lived_in.system.close()
    content = b"".join(Place(tmp_path).files().values())
    assert [what for what, text in READABLE.items() if text.encode() not in content] == []
    assert [what for what, text in SEALED.items() if text.encode() in content] == []


def test_neither_rows_nor_lengths_nor_the_log_tell_the_order_of_a_list(lived_in: Agency, tmp_path: Path) -> None:
    """Ids are random, so rows and items that follow them tell nothing; a sealed text is as long as its plain text."""
    candidates = lived_in.find(Candidate)
    assert len(candidates) == 13
    assert len({len(candidate.lead) for candidate in candidates}) == 1
    finished = next(leaf["n"] for leaf in lived_in.leaves() if leaf["event"] == "search.finished")
    shown = lived_in.find(Item, n=finished, name="shown")
    shown.sort(key=lambda item: int(item.id.split("/")[1]))
    assert [item.record_id for item in shown] == [one.face_id for one in sorted(candidates, key=lambda one: one.id)]
    lived_in.system.close()
    connection = sqlite3.connect(tmp_path / "data" / "records.db")
    by_row = [id for (id,) in connection.execute("SELECT id FROM candidates ORDER BY rowid")]
    connection.close()
    assert by_row == sorted(by_row)


def test_the_keys_do_not_open_without_what_unlocks_them(lived_in: Agency, tmp_path: Path) -> None:
    lived_in.system.close()
    key_file = tmp_path / "key-file"
    key_file.rename(tmp_path / "taken along")
    with pytest.raises(Locked, match="put in the medium that holds it"):
        open_folder(tmp_path / "data")
    KeyFile.make(key_file)
    with pytest.raises(Locked, match="not the one of this folder"):
        open_folder(tmp_path / "data")
    (tmp_path / "taken along").rename(key_file)
    key_file.chmod(0o644)
    with pytest.raises(Locked, match="chmod 600"):
        open_folder(tmp_path / "data")
    key_file.chmod(0o600)
    open_folder(tmp_path / "data").close()


def test_a_passphrase_lies_nowhere_and_no_other_opens_the_keys(tmp_path: Path) -> None:
    make_folder(
        tmp_path / "data",
        tmp_path / "keys",
        profile="synthetic",
        administrator="ada",
        wrapping=Passphrase(PASSPHRASE),
        model="drawn:",
    )
    with pytest.raises(Locked, match="not the passphrase"):
        open_folder(tmp_path / "data", wrapping=Passphrase("another passphrase"))
    open_folder(tmp_path / "data", wrapping=Passphrase(PASSPHRASE)).close()
    files = Place(tmp_path).files()
    assert [name for name, content in files.items() if PASSPHRASE.encode() in content] == []
