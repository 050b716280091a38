"""kill -9 in the middle of a change of models: each face has one template of each, or of the one that is left."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from beholden.actions import follow, index
from beholden.records.faces import Face, FaceState
from beholden.records.galleries import Gallery
from beholden.records.sources import Source
from beholden.records.upgrades import SideTemplate, Upgrade, UpgradeState
from beholden.testing.drawn import OTHER, DrawnModel
from tests.actions.test_upgrade import approve, begin
from tests.agency import Agency
from tests.trials.nursery import ROOT
from tests.trials.place import LONG, Place, check_whole, make_place

OLD, NEW = DrawnModel().card.space_id, DrawnModel(OTHER).card.space_id
KILLS = 20 if LONG else 3  # of each part
FACES = 8


@pytest.mark.timeout(900)
def test_req_121_an_upgrade_that_is_killed_goes_on_where_it_was(tmp_path: Path) -> None:
    seed = int(os.environ.get("BEHOLDEN_SEED", random.randrange(1 << 32)))
    print(f"BEHOLDEN_SEED={seed}")
    chance = random.Random(seed)
    place, dry = made(tmp_path / "place"), tmp_path / "dry"
    for part in ("fill", "switch", "purge"):
        lines = run(place.copied(dry / part), part, 0)
        for _ in range(KILLS):
            run(place, part, chance.randrange(1, lines))
            agency = place.enter()
            try:
                check_sides(agency)
                if is_done(agency, part):  # what a purge left, this opening finished; or it was killed at its very end
                    break
            finally:
                agency.system.close()
        else:
            run(place, part, 0)
    agency = place.enter()
    try:
        assert agency.find(Upgrade)[0].state is UpgradeState.ENDED
        assert check_whole(agency)
        faces = agency.find(Face)
        assert [(face.space_id, face.state) for face in faces] == [(NEW, FaceState.LIVE)] * FACES
        assert all(template is not None for template in follow.open_templates(agency.system, faces))
        assert [one.template for one in agency.find(SideTemplate)] == [b""], (
            "only the newest row is left, and it is empty"
        )
        assert index.check_index(agency.system, agency["ada"]).holds
        assert {shelf.space_id for shelf in agency.system.index.shelves()} == {NEW}
    finally:
        agency.system.close()


def is_done(agency: Agency, part: str) -> bool:
    [one] = agency.find(Upgrade)
    return {"fill": False, "switch": one.switched, "purge": one.state is UpgradeState.ENDED}[part]


def made(folder: Path) -> Place:
    place = make_place(folder)
    agency = place.enter()
    try:
        source, gallery = agency.get(Source, place.source_id), agency.get(Gallery, place.gallery_id)
        for person in range(FACES):
            agency.enrol(source, gallery, person)
        begin(agency)
        approve(agency)
    finally:
        agency.system.close()
    return place


def run(place: Place, part: str, lines: int) -> int:
    """How many lines ran; 0 where the process was killed, as it must be when lines are given."""
    ran = subprocess.run(
        [sys.executable, "-m", "tests.trials.upgrade_child", str(place.folder), part, str(lines)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode in ((0, -signal.SIGKILL) if lines else (0,)), ran.stderr
    return int(ran.stdout) if ran.returncode == 0 else 0


def check_sides(agency: Agency) -> None:
    """No face has two templates of one model, and each template is of the model that it says."""
    [under_way] = agency.find(Upgrade)
    faces, sides = agency.find(Face), agency.find(SideTemplate, state=FaceState.LIVE)
    assert {face.space_id for face in faces} == {under_way.space_in_force}
    assert {one.space_id for one in sides} <= {under_way.space_beside}
    assert len({one.face_id for one in sides}) == len(sides)
    assert not (sides and under_way.state is UpgradeState.ENDED)
    numbers = [one.face_no for one in (*faces, *agency.find(SideTemplate))]
    assert len(set(numbers)) == len(numbers)
    assert all(one is not None for one in follow.open_templates(agency.system, [*faces, *sides]))
    assert index.check_index(agency.system, agency["ada"]).holds
