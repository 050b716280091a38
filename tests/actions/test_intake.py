"""A folder with its manifest: every row and every file gets an answer, and what cannot be taken in says why."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from beholden.actions import intake
from beholden.actions.intake import Answer, Fate
from beholden.errors import BadManifest, NoRoom, Refused, SignInRefused
from beholden.formats.manifest import Row
from beholden.records.faces import Face, FaceState
from beholden.records.images import Image
from beholden.records.people import Officer
from beholden.stores.memory import MemoryStores
from tests.agency import Agency, Ready, draw, last


@pytest.fixture
def ready(agency: Agency) -> Ready:
    return agency.ready()


def folder_of(tmp_path: Path, manifest: bytes | None, **files: bytes) -> Path:
    folder = tmp_path / "given"
    for name, content in files.items():
        path = folder / name.replace("__", "/").replace("_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    folder.mkdir(exist_ok=True)
    if manifest is not None:
        (folder / "manifest.csv").write_bytes(manifest)
    return folder


def enrolled(agency: Agency, ready: Ready, folder: Path, **how: bool) -> list[Answer]:
    there = intake.read_folder(agency.system, agency["stella"], folder)
    answers = list(
        intake.enrol_folder(
            agency.system,
            agency["stella"],
            there,
            source_id=ready.source.id,
            gallery_id=ready.gallery.id,
            received_from="USB 7",
            **how,
        )
    )
    assert len(answers) == len(there)
    return answers


def test_a_folder_with_its_manifest_is_enrolled_row_by_row(agency: Agency, ready: Ready, tmp_path: Path) -> None:
    manifest = b'\xef\xbb\xbffile,person_ref,caption\r\na.png,p1,"one, two"\r\n\r\nsub/b.png,p2,\r\n'
    folder = folder_of(tmp_path, manifest, a_png=draw(1), sub__b_png=draw(2))
    answers = enrolled(agency, ready, folder)
    images = {image.id for image in agency.find(Image)}
    assert [(one.file, one.fate, one.reason, one.faces, one.rejected_faces) for one in answers] == [
        ("a.png", Fate.ENROLLED, "", 1, ()),
        ("sub/b.png", Fate.ENROLLED, "", 1, ()),
    ]
    assert {one.image_id for one in answers} == images


def test_every_file_and_every_row_gets_its_answer_and_one_bad_file_stops_nothing(
    agency: Agency, ready: Ready, tmp_path: Path
) -> None:
    outside = tmp_path / "outside.png"
    outside.write_bytes(draw(9))
    rows = (
        'file\ngood.png\nabsent.png\n../outside.png\n/etc/hostname\nlink.png\nfolder\ngood.png\n" "\n'
        "text.png\nempty.png\nnobody.png\ncopy.png\nlast.png\n"
    )
    folder = folder_of(
        tmp_path,
        rows.encode(),
        good_png=draw(1),
        text_png=b"not a picture",
        empty_png=b"",
        nobody_png=draw(),
        copy_png=draw(1),
        last_png=draw(2),
        extra_png=draw(3),
        folder__inner_txt=b"notes",
    )
    (folder / "link.png").symlink_to(outside)
    answers = enrolled(agency, ready, folder)
    by_fate = [(one.file, str(one.fate)) for one in answers]
    assert by_fate == [
        ("good.png", "enrolled"),
        ("absent.png", "rejected"),
        ("../outside.png", "rejected"),
        ("/etc/hostname", "rejected"),
        ("link.png", "rejected"),
        ("folder", "rejected"),
        ("good.png", "rejected"),
        ("text.png", "rejected"),
        ("empty.png", "rejected"),
        ("nobody.png", "rejected"),
        ("copy.png", "already held"),
        ("last.png", "enrolled"),
        ("extra.png", "rejected"),
        ("folder/inner.txt", "rejected"),
    ]
    words = {one.file: one.reason for one in answers if one.fate is Fate.REJECTED}
    assert "there is no such file in the folder" in words["absent.png"]
    for name in ("../outside.png", "/etc/hostname", "link.png"):
        assert "outside the folder" in words[name], name
    assert words["good.png"] == "line 8: an earlier row names the same file"
    assert words["extra.png"] == "the manifest has no row for it"
    assert "no face was found" in words["nobody.png"]
    outcomes = [leaf["outcome"] for leaf in agency.leaves() if leaf["event"] == "image.enrolled"]
    assert len(outcomes) == len(answers)
    assert outcomes.count("done") == 3
    assert len(agency.find(Image)) == 2


@pytest.mark.parametrize(
    ("manifest", "words"),
    [
        (b"", "the manifest is empty"),
        (b"\n\n", "the manifest is empty"),
        (b"file\n", "it has a header and no row"),
        ("file\nfoto_ä.png\n".encode("latin-1"), "not UTF-8"),
        ("file\na.png\n".encode("utf-16"), "not UTF-8"),
        (b"file,name\na.png,x\n", "unknown column 'name'"),
        (b"caption\nx\n", "the column 'file' is missing"),
        (b"file,file\na.png,a.png\n", "stands there twice"),
        (b"file,caption\na.png\n", "line 2 has 1 cells, the header has 2"),
        (b"file,caption\na.png," + b"x" * 4001 + b"\n", "a cell of more than 4000 characters"),
        (b"file,caption\na.png," + b"x" * 200_000 + b"\n", "no CSV"),
        (b'file\n"a.png\n', "no CSV"),
        (b"file\na\x00.png\n", "NUL characters"),
    ],
)
def test_a_manifest_that_cannot_be_used_is_refused_whole_and_on_record(
    agency: Agency, tmp_path: Path, manifest: bytes, words: str
) -> None:
    folder = folder_of(tmp_path, manifest, a_png=draw(1))
    with pytest.raises(BadManifest, match=words) as caught:
        intake.read_folder(agency.system, agency["stella"], folder)
    assert last(agency) == ("image.enrolled", "failed", [])
    told = agency.told(len(agency.leaves()) - 1)
    assert told["manifest_sha256"] == [hashlib.sha256(manifest).hexdigest()]
    assert caught.value.entry == len(agency.leaves()) - 1
    assert agency.find(Image) == []


def test_a_folder_or_a_manifest_that_is_not_there_is_told(agency: Agency, tmp_path: Path) -> None:
    with pytest.raises(BadManifest, match="is no folder"):
        intake.read_folder(agency.system, agency["stella"], tmp_path / "nowhere")
    with pytest.raises(BadManifest, match="write a CSV with one row for each file"):
        intake.read_folder(agency.system, agency["stella"], tmp_path)


def test_a_manifest_may_lie_elsewhere(agency: Agency, ready: Ready, tmp_path: Path) -> None:
    folder = folder_of(tmp_path, None, a_png=draw(1))
    elsewhere = tmp_path / "list.csv"
    elsewhere.write_bytes(b"file\na.png\n")
    there = intake.read_folder(agency.system, agency["stella"], folder, manifest=elsewhere)
    assert ([row.file for row in there.rows], there.without_row) == (["a.png"], ())


def test_a_file_that_cannot_be_opened_is_rejected_with_the_reason(
    agency: Agency, ready: Ready, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = folder_of(tmp_path, b"file\na.png\nb.png\n", a_png=draw(1), b_png=draw(2))
    whole = Path.read_bytes

    def denied(path: Path) -> bytes:
        if path.name == "a.png":
            raise PermissionError(13, "Permission denied")
        return whole(path)

    monkeypatch.setattr(Path, "read_bytes", denied)
    answers = enrolled(agency, ready, folder)
    assert answers[0].reason == "line 2: the file cannot be read (Permission denied); check its name and permissions"
    assert answers[1].fate is Fate.ENROLLED


def test_a_name_with_a_nul_is_no_path(agency: Agency, tmp_path: Path) -> None:
    row = Row(2, "a\x00.png", "", "", "", "", "", "")
    with pytest.raises(Exception, match="outside the folder"):
        intake._content(tmp_path, row, False, agency.system.media.max_bytes)


def test_a_source_that_does_not_allow_it_stops_at_the_first_row(agency: Agency, ready: Ready, tmp_path: Path) -> None:
    agency.change(ready.source, valid_until=agency.clock.at)
    folder = folder_of(tmp_path, b"file\na.png\nb.png\n", a_png=draw(1), b_png=draw(2))
    with pytest.raises(Refused):
        enrolled(agency, ready, folder)
    assert [leaf["outcome"] for leaf in agency.leaves() if leaf["event"] == "image.enrolled"] == ["refused"]


def test_a_disk_that_fills_up_stops_and_what_was_answered_stays(agency: Agency, ready: Ready, tmp_path: Path) -> None:
    stores = agency.system.stores
    assert isinstance(stores, MemoryStores)
    folder = folder_of(tmp_path, b"file\na.png\nb.png\n", a_png=draw(1), b_png=draw(2))
    there = intake.read_folder(agency.system, agency["stella"], folder)
    answers = intake.enrol_folder(
        agency.system,
        agency["stella"],
        there,
        source_id=ready.source.id,
        gallery_id=ready.gallery.id,
        received_from="USB 7",
    )
    assert next(answers).fate is Fate.ENROLLED
    stores.room_bytes = 0
    with pytest.raises(NoRoom):
        next(answers)
    assert len(agency.find(Image)) == 1
    stores.room_bytes = 1 << 40
    assert [one.fate for one in enrolled(agency, ready, folder)] == [Fate.ALREADY_HELD, Fate.ENROLLED]


def test_a_file_of_the_block_list_is_put_aside_with_a_neutral_answer(
    agency: Agency, ready: Ready, tmp_path: Path
) -> None:
    folder = folder_of(tmp_path, b"file\na.png\n", a_png=draw(1))
    enrolled(agency, ready, folder)
    agency.erase(agency.find(Face)[0].id)
    assert enrolled(agency, ready, folder) == [
        Answer("a.png", Fate.ASIDE, "put aside for the privacy officer; nothing more is to be done", "", 0, ())
    ]


def test_a_folder_can_be_enrolled_now_and_embedded_later(agency: Agency, ready: Ready, tmp_path: Path) -> None:
    folder = folder_of(tmp_path, b"file\na.png\n", a_png=draw(1))
    enrolled(agency, ready, folder, embed_now=False)
    assert [face.state for face in agency.find(Face)] == [FaceState.WAITING]


def test_nobody_reads_a_folder_without_signing_in(agency: Agency, tmp_path: Path) -> None:
    with pytest.raises(SignInRefused):
        intake.read_folder(agency.system, Officer("stella", "nothing"), folder_of(tmp_path, b"file\na.png\n"))
