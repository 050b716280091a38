"""What is too large is not read to be refused, and a manifest's dates are dates."""

from __future__ import annotations

from pathlib import Path

import pytest

from beholden.actions import intake
from beholden.actions.intake import Fate
from beholden.errors import BadManifest
from beholden.formats.manifest import MAX_BYTES, read_manifest
from tests.agency import Agency, draw, last


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
