"""What is too large is not read to be refused, what is too much is refused once, and a manifest's dates are dates."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from beholden.actions import intake
from beholden.actions.intake import Answer, Fate
from beholden.errors import BadInput, BadManifest, Missing, Refused
from beholden.formats.manifest import MAX_BYTES, MAX_LINES, MAX_ROWS, memory_of, read_manifest
from tests.agency import Agency, Ready, draw, last


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files whose bytes were read."""
    names: list[str] = []
    whole = Path.read_bytes

    def noted(path: Path) -> bytes:
        names.append(path.name)
        return whole(path)

    monkeypatch.setattr(Path, "read_bytes", noted)
    return names


def large(path: Path, size: int) -> None:
    """A file of that size which takes no room on the disk."""
    with path.open("wb") as file:
        file.truncate(size)


def test_a_file_larger_than_any_picture_is_answered_without_being_read(
    agency: Agency, tmp_path: Path, read: list[str]
) -> None:
    ready = agency.ready()
    most = agency.system.media.max_bytes
    (tmp_path / "manifest.csv").write_bytes(b"file\nfilm.mp4\njust.png\na.png\n")
    (tmp_path / "a.png").write_bytes(draw(1))
    large(tmp_path / "film.mp4", 700 * 2**20)
    large(tmp_path / "just.png", most)
    there = intake.read_folder(agency.system, agency["stella"], tmp_path)
    answers = list(
        intake.enrol_folder(
            agency.system,
            agency["stella"],
            there,
            source_id=ready.source.id,
            gallery_id=ready.gallery.id,
            received_from="USB 7",
        )
    )
    assert [one.fate for one in answers] == [Fate.REJECTED, Fate.REJECTED, Fate.ENROLLED]
    assert answers[0].reason == (
        f"line 2: the file has 734,003,200 bytes, more than the {most:,} that are read; export it smaller"
    )
    assert "no picture in a format" in answers[1].reason  # of exactly the most: read, and judged by what is in it
    assert read == ["manifest.csv", "just.png", "a.png"]
    outcomes = [leaf["outcome"] for leaf in agency.leaves() if leaf["event"] == "image.enrolled"]
    assert outcomes == ["failed", "failed", "done"]


def test_a_manifest_too_large_to_be_one_is_not_read(agency: Agency, tmp_path: Path, read: list[str]) -> None:
    large(tmp_path / "manifest.csv", MAX_BYTES + 1)
    with pytest.raises(BadManifest, match="67,108,865 bytes, more than the 67,108,864 that are read"):
        intake.read_folder(agency.system, agency["stella"], tmp_path)
    assert (read, last(agency)) == ([], ("image.enrolled", "failed", []))
    with pytest.raises(BadManifest, match="give the folder in parts"):
        read_manifest(bytes(MAX_BYTES + 1))


@pytest.mark.parametrize(
    ("manifest", "words"),
    [
        (b"file\n" + b"a\n" * (MAX_ROWS + 1), "more than 200,000 rows; give the folder in parts"),
        (b"file\na\n" + b"\n" * MAX_LINES, "more than 1,000,000 lines"),
        (b"," * 100_000, "the row at line 1 has more than 64,000 characters"),
        (b'file\n"' + b"\n" * 100_000, "more than 64,000 characters"),
        (b"file\n" + b'"\n",' * 50_000, "more than 64,000 characters"),
    ],
    ids=["rows", "lines", "columns", "lines of a cell", "cells"],
)
def test_req_113_a_manifest_is_limited_in_what_is_made_of_its_bytes(manifest: bytes, words: str) -> None:
    with pytest.raises(BadManifest, match=words):
        read_manifest(manifest)


def test_a_manifest_may_have_200000_rows_and_memory_for_each_is_small() -> None:
    rows = read_manifest(b"file\n" + b"abcdefgh.png\n" * MAX_ROWS)
    assert len(rows) == MAX_ROWS
    assert memory_of(rows) < 50 * 2**20


def test_of_a_manifest_that_is_wrong_throughout_20_lines_are_told() -> None:
    with pytest.raises(BadManifest) as caught:
        read_manifest(b"file\n" + b"a,b\n" * 1000)
    told = str(caught.value).split("; ")
    assert [one.partition(" has")[0] for one in told[:20]] == [f"line {n}" for n in range(2, 22)]
    assert told[20:] == ["what comes after these is not looked at", "mend them first"]
    with pytest.raises(BadManifest) as caught:
        read_manifest(b"," * 20_000)
    assert len(str(caught.value)) < 5_000


def sent(agency: Agency, ready: Ready, officer: str, **named: Any) -> list[Answer]:
    manifest = intake.Manifest("0" * 64, tuple(read_manifest(b"file\na.png\nb.png\nc.png\na.png\n")))
    into: dict[str, Any] = {"source_id": ready.source.id, "gallery_id": ready.gallery.id, "received_from": ""}
    files = named.pop("files", {})
    return list(intake.enrol_sent(agency.system, agency[officer], manifest, files, **into | named))


def test_req_113_who_may_not_enrol_is_refused_once_before_anything_is_read_or_answered(agency: Agency) -> None:
    ready = agency.ready()
    into = {"source_id": ready.source.id, "gallery_id": ready.gallery.id}
    before = len(agency.leaves())
    with pytest.raises(Refused):
        intake.read_sent(agency.system, agency["ines"], b"no manifest at all", **into)
    with pytest.raises(Refused):
        sent(agency, ready, "ines", absent=["b.png", "c.png"] * 500, without_row=["x"] * 1000)
    with pytest.raises(Missing):
        sent(agency, ready, "stella", without_row=["x"] * 1000, gallery_id="")
    leaves = agency.leaves()[before:]
    assert [leaf["outcome"] for leaf in leaves] == ["refused", "refused", "failed"]


def test_names_without_a_file_or_a_row_have_their_answers_and_one_entry_together(agency: Agency) -> None:
    ready = agency.ready()
    before = len(agency.leaves())
    answers = sent(
        agency, ready, "stella", files={"a.png": draw(1), "stray.png": draw(2)}, absent=["b.png"] * 9,
        without_row=["x", "y", "x"],
    )  # fmt: skip
    assert [(one.file, one.fate, one.reason) for one in answers] == [
        ("a.png", Fate.ENROLLED, ""),
        ("b.png", Fate.REJECTED, "line 3: no file of this name was sent"),
        ("a.png", Fate.REJECTED, "line 5: an earlier row names the same file"),
        *((name, Fate.REJECTED, "the manifest has no row for it") for name in ("stray.png", "x", "y")),
    ]
    leaves = [leaf for leaf in agency.leaves()[before:] if leaf["event"] == "image.enrolled"]
    assert [leaf["outcome"] for leaf in leaves] == ["failed", "done"]
    assert agency.told(leaves[0]["n"])["rejected_files"] == [5]


def test_a_sending_has_at_most_5000_names_without_a_file(agency: Agency) -> None:
    ready = agency.ready()
    before = len(agency.leaves())
    with pytest.raises(BadInput, match="5,001 names came without a file"):
        sent(agency, ready, "stella", without_row=[str(n) for n in range(5_001)])
    assert len(agency.leaves()) == before + 1
    assert len(sent(agency, ready, "stella", without_row=[str(n) for n in range(5_000)] * 2)) == 5_000


def test_req_35_a_manifest_has_real_dates_or_none_and_names_every_line_that_has_not() -> None:
    rows = [
        "2019",
        "2019-05",
        " 2019-05-04 ",
        "",
        "2020-02-29",
        "2019-02-29",
        "May 2019",
        "2019-05-04T10:00",
        "John Doe",
    ]
    manifest = "file,captured_at\n" + "".join(f"{number}.png,{words}\n" for number, words in enumerate(rows))
    with pytest.raises(BadManifest) as caught:
        read_manifest(manifest.encode())
    wrong = str(caught.value).split("; ")
    assert [one.partition(":")[0] for one in wrong] == ["line 7", "line 8", "line 9", "line 10"]
    assert {one.partition(": ")[2] for one in wrong} == {
        "captured_at must be YYYY, YYYY-MM or YYYY-MM-DD, a real date, or empty"
    }
    assert "John" not in str(caught.value)
    good = "file,captured_at\n" + "".join(f"{number}.png,{words}\n" for number, words in enumerate(rows[:5]))
    assert [row.captured_at for row in read_manifest(good.encode())] == [
        "2019",
        "2019-05",
        "2019-05-04",
        "",
        "2020-02-29",
    ]
