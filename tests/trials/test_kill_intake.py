"""kill -9 at random moments of enrolling a folder by several processes: given again, nothing is twice and nothing is lost."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from beholden.records.audit import Entry
from beholden.records.faces import Face, FaceState
from beholden.records.images import Image, ImageState
from beholden.testing.drawn import draw
from tests.agency import Agency
from tests.trials.nursery import ROOT
from tests.trials.place import LONG, Place, check_whole, make_place

FILES = 240
KILLS = 60 if LONG else 5
WORKING_S = 2.0  # from the opening of the folder; left alone, a run takes three seconds
TEXT, COPY = "text.png", "copy.png"


@pytest.mark.no_cover  # what chance reaches is not counted as tried
@pytest.mark.timeout(900)
def test_a_folder_that_is_killed_again_and_again_is_enrolled_once_and_whole(tmp_path: Path) -> None:
    seed = int(os.environ.get("BEHOLDEN_SEED", random.randrange(1 << 32)))
    print(f"BEHOLDEN_SEED={seed}")
    chance = random.Random(seed)
    folder = tmp_path / "given"
    make_folder(folder)
    place = make_place(tmp_path / "place")
    kills = held = 0
    while kills < KILLS:
        if run_and_kill(place, folder, chance.uniform(0, WORKING_S)):
            kills += 1
        agency = place.enter()
        try:
            check_whole(agency)
            before, held = held, check_told(agency, place)
            assert held >= before  # what was recorded stays
            if held == FILES:  # done before it was killed often enough: from the beginning, elsewhere
                check_all(agency)
                place, held = make_place(tmp_path / f"place after {kills}"), 0
        finally:
            agency.system.close()
    assert run_and_kill(place, folder, None) is False
    agency = place.enter()
    try:
        check_whole(agency)
        check_told(agency, place)
        check_all(agency)
    finally:
        agency.system.close()
    fates = {line["file"]: line["fate"] for line in place.lines()}
    assert len(fates) == FILES + 2
    assert (fates[TEXT], fates[COPY]) == ("rejected", "already held")


def make_folder(folder: Path) -> None:
    folder.mkdir()
    rows = []
    for person in range(FILES):
        (folder / f"{person}.png").write_bytes(draw(person, width=256))
        rows.append(f"{person}.png,person {person}")
    (folder / TEXT).write_bytes(b"no picture")
    (folder / COPY).write_bytes(draw(0, width=256))
    rows[100:100] = [f"{TEXT},"]
    rows.append(f"{COPY},person 0")
    (folder / "manifest.csv").write_text("file,person_ref\n" + "\n".join(rows) + "\n")


def run_and_kill(place: Place, folder: Path, after_s: float | None) -> bool:
    """Enrol the folder; whether it was killed before it was done. Whatever it began ends with it."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.trials.intake_child", str(place.folder), str(folder)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)])},
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"opened\n"
        if after_s is not None:
            with suppress(subprocess.TimeoutExpired):
                process.wait(after_s)
            process.kill()
        code = process.wait(300)
    wait_until_all_are_gone(process.pid)
    assert code in (0, -signal.SIGKILL)
    return code != 0


def check_told(agency: Agency, place: Place) -> int:
    """Every answer that was given is true, nothing is twice; how many images are held."""
    with agency.system.database.look() as look:
        images = look.find(Image, state=ImageState.HELD)
        faces = look.find(Face)
        entries = look.count(Entry)
    ids = {image.id for image in images}
    assert len({image.mark for image in images}) == len(images)
    assert {face.image_id for face in faces} == ids
    assert all(face.state is FaceState.LIVE for face in faces)
    assert sorted(face.face_no for face in faces) == list(range(len(faces)))
    told = [line for line in place.lines() if line["fate"] in ("enrolled", "already held")]
    assert {line["image_id"] for line in told} <= ids
    assert entries > len(place.lines())
    return len(images)


def check_all(agency: Agency) -> None:
    with agency.system.database.look() as look:
        assert look.count(Image, state=ImageState.HELD) == look.count(Face, state=FaceState.LIVE) == FILES


def wait_until_all_are_gone(group: int) -> None:
    for _ in range(200):
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return
        if not living(group):
            return
        time.sleep(0.05)
    pytest.fail("a helper outlived the process that began it")


def living(group: int) -> bool:
    """Whether a process of the group runs (where nobody reaps orphans, an ended one still has its name)."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(FileNotFoundError, ProcessLookupError):
            state, _, of = stat.read_text().rpartition(")")[2].split()[:3]  # proc(5)
            if of == str(group) and state != "Z":
                return True
    return False
