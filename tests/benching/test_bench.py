"""`beholden bench`: figures of this machine in the promised shape, and nothing of the photographs stays."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest

from beholden.benching import measuring, parts
from beholden.benching.measuring import LeftOut, Pace
from beholden.benching.throwaway import throwaway
from beholden.benching.watching import Watched, taken
from beholden.cli import main
from beholden.errors import BadInput
from beholden.opening import open_folder
from beholden.records.images import Image
from tests.agency import draw

COUNT = 4 * measuring.WARM + 6


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    given = tmp_path / "photographs"
    given.mkdir()
    for person in range(COUNT):
        (given / f"{person:03}.png").write_bytes(draw(person, width=256))
    (given / "notes.txt").write_text("no photograph")
    return given


def told(capsys: pytest.CaptureFixture[str], *command: str) -> Any:
    assert main(["bench", *command, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


@pytest.mark.timeout(300)
def test_the_whole_way_is_measured_beside_the_bare_models_and_others(
    folder: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "temporary"
    place.mkdir()
    monkeypatch.setenv("TMPDIR", str(place))
    found = told(
        capfd,  # type: ignore[arg-type]  # the same, of all that is begun too
        *("enrol", str(folder), "--model", "drawn:", "--processes", "2", "--peers", sys.executable),
    )
    assert list(found["engines"]) == ["beholden", "face_recognition", "deepface", "models-only"]
    for name in ("beholden", "models-only"):
        engine = found["engines"][name]
        assert set(engine) == {"processes", "images", "faces", "images_per_s", "cpu_s_per_image", "peak_mb"}
        assert engine["images"] == engine["faces"] == COUNT - 2 * measuring.WARM
        assert engine["images_per_s"] > 0
        assert engine["peak_mb"] > 10
    for name in ("face_recognition", "deepface"):  # they are not in this environment
        assert set(found["engines"][name]) == {"why"}
    assert set(found["beholden_times"]) == {"models-only"}
    assert found["machine"]["cores"] == os.cpu_count()
    assert (found["photographs"], found["warm_up_per_process"]) == (COUNT, measuring.WARM)
    assert list(place.iterdir()) == []


def test_too_few_photographs_are_told(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ("enrol", str(folder), "--model", "drawn:", "--processes", "2", "--photographs")
    assert main(["bench", *asked, "40"]) == 4
    told = " ".join(capsys.readouterr().err.split())
    assert "there are 40 photographs, and the first 32 only warm up (16 for each of 2 processes)" in told
    assert "give at least 64, or fewer processes" in told
    measuring.check_count(64, 2)
    with pytest.raises(BadInput, match="the first 1,024 only warm up"):
        measuring.check_count(1_000, 64)
    with pytest.raises(BadInput, match="none of the 1 photographs can be read"):
        parts.measure([folder / "notes.txt"], "drawn:")
    (tmp_path / "empty").mkdir()
    with pytest.raises(BadInput, match="holds no photographs"):
        measuring.photographs(tmp_path / "empty", 500)
    with pytest.raises(BadInput, match="is no folder"):
        measuring.photographs(tmp_path / "nowhere", 500)


def test_only_so_many_photographs_are_taken(folder: Path) -> None:
    found = measuring.photographs(folder, 10)
    assert [path.name for path in found] == [f"{number:03}.png" for number in range(10)]


def test_the_share_is_told_of_those_that_ran() -> None:
    pace = Pace(processes=1, images=10, faces=10, images_per_s=20.0, cpu_s_per_image=0.1, peak_mb=1.0)
    slower = Pace(processes=1, images=10, faces=10, images_per_s=5.0, cpu_s_per_image=0.4, peak_mb=1.0)
    assert measuring.shares({"beholden": pace, "deepface": slower, "face_recognition": LeftOut("x")}) == {"deepface": 4}
    assert measuring.shares({"beholden": LeftOut("x"), "deepface": slower}) == {}


def test_the_parts_of_the_model_are_measured(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = told(capsys, "detect", str(folder), "--model", "drawn:", "--photographs", "2")
    assert (found["detect"]["images"], found["detect"]["faces"]) == (2, 2)
    made = parts.measure(measuring.photographs(folder, 20), "drawn:")["embed"]
    assert (made.images, made.faces) == (20, 20)


def test_decoding_is_measured(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("beholden.benching.decoding.SIZES", ((64, 48),))
    found = told(capsys, "decode", "--times", "1")
    assert [one["picture"] for one in found["pictures"]] == ["JPEG 64 x 48", "PNG 64 x 48", "WEBP 64 x 48"]
    assert all(one["plain_ms"] > 0 and one["walled_ms"] > 0 for one in found["pictures"])


@pytest.mark.parametrize("wrong", [["enrol", "x", "--rounds", "0"], ["detect", "x", "--photographs", "0"]])
def test_a_measurement_of_nothing_is_refused(wrong: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", *wrong]) == 2
    assert "must be" in capsys.readouterr().err


def test_of_a_throwaway_system_nothing_stays_not_even_its_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with throwaway("drawn:") as made:
        [folder] = tmp_path.iterdir()
        assert (folder / "keys" / "keys.db").is_file()
        with made.system.database.look() as look:
            assert look.count(Image) == 0
        wrapped = os.open(folder / "keys" / "kek.json", os.O_RDONLY)  # what a disk may keep of a file that was removed
        assert b"passphrase" in os.pread(wrapped, 1 << 16, 0)
    assert list(tmp_path.iterdir()) == []
    content = os.pread(wrapped, 1 << 16, 0)
    os.close(wrapped)
    assert content == bytes(len(content)) != b""


def test_a_system_that_could_not_be_made_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with pytest.raises(BadInput), throwaway("nothing:"):
        pytest.fail("it was made")
    assert list(tmp_path.iterdir()) == []


def _as_from_a_terminal() -> None:
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)


def at_work(folder: Path, temporary: Path) -> subprocess.Popen[str]:
    """An engine of ours that has enrolled its photographs and waits, as one does that is measured."""
    temporary.mkdir(exist_ok=True)
    process = subprocess.Popen(
        [sys.executable, "-m", "beholden.benching.engines", "beholden"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "TMPDIR": str(temporary)},
        preexec_fn=_as_from_a_terminal,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    paths = [str(path) for path in sorted(folder.glob("*.png"))[:8]]
    order = {"photographs": paths, "warm": 4, "processes": 1, "model": "drawn:"}
    process.stdin.write(json.dumps(order) + "\n")
    process.stdin.flush()
    assert process.stdout.readline() == "ready\n"
    return process


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM, signal.SIGINT])
def test_a_measurement_that_is_told_to_end_takes_its_system_with_it(
    folder: Path, tmp_path: Path, number: signal.Signals
) -> None:
    process = at_work(folder, tmp_path / "temporary")
    assert list((tmp_path / "temporary").iterdir()) != []
    process.send_signal(number)
    process.wait(timeout=60)  # before its input is closed, which would tell it to end as well
    process.communicate()
    assert process.returncode != 0
    assert list((tmp_path / "temporary").iterdir()) == []


def test_what_a_killed_measurement_leaves_nobody_opens_and_the_next_one_removes(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "temporary"
    process = at_work(folder, place)
    process.kill()
    process.communicate(timeout=60)
    [left] = place.iterdir()
    assert sorted(path.name for path in left.iterdir()) == ["data", "keys"]  # and no file that unlocks them
    with pytest.raises(BadInput, match="unlocked by a passphrase"):
        open_folder(left / "data")
    (place / "beholden-bench").mkdir()  # somebody else's
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    with throwaway("drawn:"), throwaway("drawn:"):  # and none that is in use
        assert not left.exists()
        assert len(list(place.glob("beholden-bench-*"))) == 2
    assert [path.name for path in place.iterdir()] == ["beholden-bench"]


def test_a_process_is_watched_with_those_that_it_began() -> None:
    code = "import subprocess, sys; subprocess.run([sys.executable, '-c', sys.argv[1]])"
    busy = (
        "import sys; x = bytearray(80 << 20); x[::4096] = b'x' * len(x[::4096]); sum(range(3_000_000)); "
        "print(1, flush=True); sys.stdin.read()"
    )
    with subprocess.Popen([sys.executable, "-c", code, busy], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        watched = Watched(process.pid)
        assert process.stdout is not None
        assert process.stdout.readline() == b"1\n"
        assert taken(process.pid).own_mb > 80
        assert watched.cpu_s() > 0
        process.communicate(b"")
        watched.close()
    assert taken(process.pid).own_mb == 0
