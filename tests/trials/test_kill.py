"""kill -9 at random moments of enrolling, searching and erasing: nothing told is lost, nothing is half-erased."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

import beholden_verify
from beholden.actions import enrol
from beholden.actions.follow import follow, shelf_of
from beholden.records.erasure import Erasure
from beholden.records.faces import Face, FaceState
from beholden.records.images import Image
from beholden.records.searches import Search, SearchState
from beholden.testing.drawn import draw, template_of
from tests.agency import Agency
from tests.trials.place import LONG, Place, check_whole, export, make_place

ROOT = Path(__file__).parents[2]
KILLS = 300 if LONG else 24
IN_ONE_FOLDER = 30 if LONG else 12
OPENING = 8_000  # lines of ours that run while a folder is opened; an enrolment has 4,000, a search 8,000, an erasure 20,000
WORKING = 60_000
WORKING_S = 0.4  # some ten acts


class Nursery:
    """Makes children to kill."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def start(
        self, place: Place, *, seed: int, lines: int = 0, acts: int = 0, while_opening: bool = False
    ) -> int:
        """A child that works in the place; its process id."""
        asked = {
            "folder": str(place.folder),
            "seed": seed,
            "lines": lines,
            "acts": acts,
            "while_opening": while_opening,
        }
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        return self._answer()

    def ended(self) -> int:
        """Wait for the child; its exit code, negative if a signal ended it."""
        return self._answer()

    def _answer(self) -> int:
        assert self._process.stdout is not None
        return int(self._process.stdout.readline())


@contextmanager
def nursery() -> Iterator[Nursery]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.trials.child"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)])},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield Nursery(process)
    finally:
        assert process.stdin is not None
        process.stdin.close()
        process.wait(10)
        assert process.stdout is not None
        process.stdout.close()


def test_what_was_told_survives_a_kill_at_any_moment(tmp_path: Path) -> None:
    seed = int(os.environ.get("BEHOLDEN_SEED", random.randrange(1 << 32)))
    print(f"BEHOLDEN_SEED={seed}")
    chance = random.Random(seed)
    told: Counter[str] = Counter()
    entries = 0
    with nursery() as children:
        for kill in range(KILLS):
            if kill % IN_ONE_FOLDER == 0:
                place = make_place(tmp_path / f"place {kill}")
            _kill_one(children, place, chance)
            agency = place.enter()
            try:
                entries = check_whole(agency)
                lines = place.lines()
                check_told(agency, place, lines)
                report = export(agency, place.folder / f"bundle {kill}")
                assert report["summary"]["entries"] == entries + 2  # the check and the export are entries too
            finally:
                agency.system.close()
            if kill % IN_ONE_FOLDER == IN_ONE_FOLDER - 1 or kill == KILLS - 1:
                told += Counter(line["act"] for line in lines)
                told["entries"] += entries
                verify_in_another_process(place.folder / f"bundle {kill}")
    print(f"{KILLS} kills; told before them: {dict(told)}")
    assert told["enrolled"] and told["searched"] and told["erased"]


def _kill_one(children: Nursery, place: Place, chance: random.Random) -> None:
    """By the clock, or at a line: the first finds the waits for the disk, the second the moments between them."""
    seed, while_opening = chance.randrange(1 << 32), chance.random() < 0.15
    if while_opening or chance.random() < 0.5:
        children.start(
            place,
            seed=seed,
            lines=chance.randrange(1, OPENING if while_opening else WORKING),
            while_opening=while_opening,
        )
    else:
        opened = _times_opened(place)
        child = children.start(place, seed=seed)
        while _times_opened(place) == opened:
            time.sleep(0.01)
        time.sleep(chance.uniform(0, WORKING_S))
        os.kill(child, signal.SIGKILL)
    assert children.ended() == -signal.SIGKILL


def _times_opened(place: Place) -> int:
    return sum(line["act"] == "opened" for line in place.lines())


def check_told(agency: Agency, place: Place, lines: list[dict[str, Any]]) -> None:
    """Everything that an act gave back to its caller before the kill is there."""
    system = agency.system
    files = place.files()
    with system.database.look() as look:
        follow(system, look)
        gone = {face.id for face in look.find(Face, state=FaceState.ERASED)}
        for line in lines:
            match line["act"]:
                case "enrolled":
                    left = [(face_id, person) for (face_id, _), person in zip(line["faces"], line["persons"], strict=True)]
                    left = [(face_id, person) for face_id, person in left if face_id not in gone]
                    _check_picture(agency, look.get(Image, line["image"]), line, len(left))
                    for face_id, person in left:
                        _check_face(agency, look.get(Face, face_id), template_of(person, line["seed"]))
                case "searched":
                    assert look.get(Search, line["search"]).state in (SearchState.LISTED, SearchState.UNSEALED)
                case "erased":
                    assert line["face"] in gone
                    assert look.get(Erasure, line["erasure"]).receipt
                case "erasing" if line["face"] in gone:
                    for head in map(bytes.fromhex, line["heads"]):
                        assert [name for name, content in files.items() if head in content] == []


def _check_picture(agency: Agency, image: Image, line: dict[str, Any], left: int) -> None:
    """It opens as it was given; one with an erased face in it opens without that face."""
    if not left:
        assert (image.blob, image.provenance) == ("", b"")
        return
    system = agency.system
    content = system.keys.open(image.blob_key, system.blobs.get(image.blob), enrol.PICTURE)
    if left == len(line["persons"]):
        assert content == draw(*line["persons"], seed=line["seed"])
    else:
        assert len(system.model.find(system.media.decode(content).pixels)) == left


def _check_face(agency: Agency, face: Face, template: Any) -> None:
    system = agency.system
    assert face.state is FaceState.LIVE
    opened = np.frombuffer(system.keys.open(face.id, face.template, enrol.TEMPLATE), dtype="<f4")
    assert np.array_equal(opened, template)
    nearest = system.index.nearest(template, 1, [shelf_of(face)])
    assert nearest.scores[0] > 0.9999
    assert face.face_no in nearest.face_nos


def verify_in_another_process(bundle: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-I", beholden_verify.__file__, "log", str(bundle), "--json"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
