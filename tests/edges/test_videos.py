"""A video comes in by every door that a photograph does, and its faces are shown with the times at which they are in sight."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from beholden.actions import intake
from beholden.actions.intake import Fate
from beholden.media import pillow, video
from beholden.records.exhibits import Exhibit, ExhibitFace
from beholden.records.faces import Face, time_code
from beholden.testing.media_contract import read
from tests.agency import Agency
from tests.api.client import rest_of
from tests.edges.terminal import Office
from tests.films import film, walk
from tests.web.browser import Browser
from tests.web.casework import reveals

pytest.importorskip("av", reason="the extra [video] is not installed")

WHY = {"origin": "synthetic", "why": "found on the seized disk"}


@pytest.fixture(scope="module")
def walking() -> bytes:
    return film(walk(3, seconds=2))


def test_a_video_by_rest_tells_the_moments_of_each_face_and_gives_a_chip_of_each_frame(
    agency: Agency, walking: bytes
) -> None:
    rest, case = rest_of(agency), agency.case()
    added = rest.post("ines", f"/cases/{case.id}/exhibits", data=WHY, files={"file": ("seized.mp4", walking)})
    [face] = added["faces"]
    assert (added["kind"], added["left_out"]) == ("MP4", 0)
    assert len(face["moments"]) > 1
    assert all(0 <= moment < 2 for moment in face["moments"])
    address = f"/exhibits/{added['id']}/faces/1"
    shown = [
        rest.ask("GET", f"{address}?frame={number}", "ines").content for number in range(1, len(face["moments"]) + 1)
    ]
    assert rest.ask("GET", address, "ines").content == shown[0]
    assert {read(chip).size for chip in shown} == {(224, 224)}
    rest.refused(404, "GET", f"{address}?frame={len(shown) + 1}", "ines")
    rest.refused(422, "GET", f"{address}?frame=0", "ines")


def test_a_video_in_pages_shows_every_frame_of_a_face_and_asks_to_look_at_them(agency: Agency, walking: bytes) -> None:
    case, ines = agency.case(), Browser(agency, "ines")
    ines.send(f"/cases/{case.id}/exhibits", WHY, files={"file": ("seized.mp4", walking)})
    [exhibit], [face] = agency.find(Exhibit), agency.find(ExhibitFace)
    assert "video: the best sights of its faces" in ines.text
    agency.change(exhibit, left_out=4)
    ines.open(f"/cases/{case.id}")
    assert "4 more had no room" in ines.text
    ines.open(f"/cases/{case.id}/exhibits/{exhibit.id}")
    assert len(reveals(ines)) == len(face.frames) > 1
    assert f"in the video from {time_code(min(frame.seconds for frame in face.frames))} to" in ines.text
    assert "look whether all of these show one person" in ines.text
    assert re.findall(r'name="face" value="([^"]+)"', ines.page.text) == [face.id]
    for address in reveals(ines):
        assert ines.send(address).content[:3] == b"\xff\xd8\xff"


def test_a_video_by_commands_is_listed_with_its_times(office: Office, walking: bytes) -> None:
    office.people("ines", "sven")
    for reference in ("2026-118", "2026-119"):
        office.does("ines", "case", "open", reference, "--title", "a video", "--purpose", "victim-id-cse")
    seized = office.folder / "seized.mp4"
    seized.write_bytes(walking)
    added = office.does("ines", "exhibit", "add", "2026-118", str(seized), "--origin", "synthetic", "--why", "seized")
    moments = added["faces"][0]["moments"]
    assert (added["kind"], len(moments) > 1) == ("MP4", True)
    assert (
        "only the best sights of each face are kept"
        in office.run("ines", "exhibit", "add", "2026-119", str(seized), "--origin", "synthetic", "--why", "seized").out
    )
    listed = office.run("ines", "exhibit", "list", "2026-118").out
    assert f"{len(moments)} frames" in listed
    assert time_code(min(moments)) in listed


def test_a_folder_may_hold_videos_and_one_is_refused_by_its_own_limit_unread(
    agency: Agency, tmp_path: Path, walking: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    ready = agency.ready()
    (tmp_path / "manifest.csv").write_text("file,person_ref\nwalking.mp4,p3\nlong.mp4,p4\nlarge.png,p5\n")
    padded = walking + (100_000).to_bytes(4, "big") + b"free" + bytes(99_992)
    (tmp_path / "walking.mp4").write_bytes(padded)
    (tmp_path / "long.mp4").write_bytes(padded + bytes(20_000))
    (tmp_path / "large.png").write_bytes(b"\x89PNG" + bytes(90_000))
    monkeypatch.setattr(pillow, "MAX_BYTES", 80_000)
    monkeypatch.setattr(video, "MAX_BYTES", len(padded))
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
    assert {one.file: one.fate for one in answers} == {
        "walking.mp4": Fate.ENROLLED,
        "long.mp4": Fate.REJECTED,
        "large.png": Fate.REJECTED,
    }
    why = {one.file: one.reason for one in answers}
    assert f"more than the {len(padded):,} that are read" in why["long.mp4"]
    assert "more than the 80,000 that are read" in why["large.png"]
    [face] = [face for face in agency.find(Face) if face.frames]
    assert face.person_mark  # one face: the source's word for the person is of this one


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.0, "0:00.0"), (3.24, "0:03.2"), (59.96, "1:00.0"), (3723.4, "1:02:03.4")]
)
def test_a_time_stands_as_players_show_it(seconds: float, words: str) -> None:
    assert time_code(seconds) == words
