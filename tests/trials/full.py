"""What happens in a place whose disk is full: run by `test_room` inside a mount namespace of its own, on small disks.

python -m tests.trials.full SCENARIO FOLDER SMALL_DISK SEED
"""

from __future__ import annotations

import os
import random
import resource
import shutil
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

from beholden.actions import enrol, exhibits, log, recover, search
from beholden.errors import BeholdenError, Fault, NoRoom
from beholden.records.audit import Entry
from beholden.records.authority import Authority
from beholden.records.faces import Face, FaceState
from beholden.records.images import Image, ImageState
from beholden.stores.disk import BALLAST_BYTES
from beholden.testing.drawn import draw
from tests.agency import Agency, Ready
from tests.trials.place import LONG, Place, check_whole, export, make_place

KIB, MIB = 1024, 1024 * 1024
TRIES = 120 if LONG else 12
MOST_ROOM = 160 * KIB  # an enrolment writes some 60 KiB, an erasure 500
PERSONS = iter(range(100, 1 << 20))


@contextmanager
def filled(disk: Path, but: int) -> Iterator[None]:
    """The disk, with room for so many bytes and no more."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file:
        room = shutil.disk_usage(disk).free - but
        if room > 0:
            os.posix_fallocate(file.fileno(), 0, room)
    try:
        yield
    finally:
        filler.unlink()


@contextmanager
def short_files(size: int) -> Iterator[None]:
    """No file can be written beyond this size."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def enrolled(agency: Agency, place: Place) -> enrol.Enrolled:
    return enrol.enrol_image(
        agency.system,
        agency["stella"],
        draw(next(PERSONS)),
        source_id=place.source_id,
        gallery_id=place.gallery_id,
        taken_from=enrol.TakenFrom("a.png", person_ref="somebody"),
    )


def searched(agency: Agency, authority: Authority) -> object:
    return search.run_search(agency.system, agency["ines"], authority_id=authority.id, sought_id=authority.sought_id)


def erased(agency: Agency) -> object:
    return agency.erase(agency.find(Face, state=FaceState.LIVE)[0].id)


def counts(agency: Agency) -> tuple[int, int, int]:
    """Images and faces that are held, and entries."""
    return (
        len(agency.find(Image, state=ImageState.HELD)),
        len(agency.find(Face, state=FaceState.LIVE)),
        len(agency.find(Entry)),
    )


def refused_while_there_is_room_to_say_so(folder: Path, disk: Path, chance: random.Random) -> None:
    place = make_place(disk / "place")
    agency = place.enter()
    ready = agency.ready(1, 2, 3)
    ballast = place.data / "ballast"
    assert ballast.stat().st_size == BALLAST_BYTES
    with filled(disk, agency.system.rules.min_room_bytes - 2 * MIB):
        before = counts(agency)
        for what in (lambda: enrolled(agency, place), lambda: agency.sought(ready.case, draw(7))):
            error = refusal(what)
            assert isinstance(error, NoRoom), error
            assert "make room on the disk" in str(error)
            assert agency.told(error.entry or -1)["error"] == ["NoRoom"]
            assert not ballast.exists()
            agency.system.stores.restore_ballast()
        assert counts(agency) == (before[0], before[1], before[2] + 2)
        searched(agency, ready.authority)  # what takes nothing in goes on
        erased(agency)
        log.seal(agency.system)
        refusal(lambda: enrolled(agency, place))
    enrolled(agency, place)
    assert not ballast.exists()
    agency.system.close()
    agency = place.enter()
    assert ballast.stat().st_size == BALLAST_BYTES
    check_whole(agency)
    export(agency, folder / "bundle")
    agency.system.close()


def refusal(what: Callable[[], object]) -> BeholdenError | None:
    try:
        what()
    except BeholdenError as error:
        return error
    return None


def a_disk_that_fills_up_in_the_middle(folder: Path, disk: Path, chance: random.Random, *, what: str) -> None:
    """`what` is the part of the place that lies on the small disk: "data" or "keys"."""
    place = make_place(folder / "place")
    part = place.data if what == "data" else place.keys
    shutil.move(part, disk / what)
    part.symlink_to(disk / what)
    disturb(place, chance, lambda room: filled(disk, room), (NoRoom,), MOST_ROOM if what == "data" else 24 * KIB)


def files_that_cannot_grow(folder: Path, disk: Path, chance: random.Random) -> None:
    """The machine limits the size of files (RLIMIT_FSIZE): another error number than a full disk, the same care."""
    place = make_place(folder / "place")
    disturb(place, chance, short_files, (NoRoom, Fault), 600 * KIB)


def disturb(
    place: Place,
    chance: random.Random,
    limit: Callable[[int], AbstractContextManager[None]],
    allowed: tuple[type[BeholdenError], ...],
    most: int,
) -> None:
    """Act after act with little room, chosen at random; each is done whole or not at all."""
    agency = unhurried(place.enter())
    ready = agency.ready(1, 2, 3, 4)
    outcomes: Counter[str] = Counter()
    for number in range(TRIES):
        if number % 8 == 7:
            ready = more(agency, ready, chance)
        for _ in range(2):
            enrolled(agency, place)
        before = counts(agency)
        name = chance.choice(["enrol", "enrol", "search", "erase", "exhibit", "seal"])
        room = chance.choice([0, chance.randrange(most), chance.randrange(most)])
        with limit(room):
            error = refusal(partial(_act, name, agency, place, ready))
        outcomes[f"{name}: {type(error).__name__ if error else 'done'}"] += 1
        assert error is None or isinstance(error, allowed), repr(error)
        assert error is None or "room" in str(error) or "disk" in str(error), str(error)
        if isinstance(error, NoRoom) and name in ("enrol", "search", "exhibit"):
            assert error.entry is not None, f"{name} with room for {room} bytes was not logged: {error}"
        if name == "enrol":
            assert counts(agency)[:2] == (before[0] + (not error), before[1] + (not error))
        recover.recover(agency.system)  # as the worker does, every few seconds
        check_whole(agency)
        if number % 6 == 5:
            agency.system.close()
            agency = unhurried(place.enter())
            assert (place.data / "ballast").stat().st_size == BALLAST_BYTES
            check_whole(agency)
    export(agency, place.folder / "bundle")
    agency.system.close()
    print(dict(sorted(outcomes.items())))


def _act(name: str, agency: Agency, place: Place, ready: Ready) -> object:
    match name:
        case "enrol":
            return enrolled(agency, place)
        case "search":
            return searched(agency, ready.authority)
        case "erase":
            return erased(agency)
        case "exhibit":
            return add_exhibit(agency, ready)
        case _:
            return log.seal(agency.system)


def unhurried(agency: Agency) -> Agency:
    """Without the early refusal, so that the disk really fills up."""
    return agency.with_parts(rules=replace(agency.system.rules, min_room_bytes=0))


def more(agency: Agency, ready: Ready, chance: random.Random) -> Ready:
    """The same, with new authority: the necessity must be in other words each time."""
    agency.clock.count = chance.randrange(1 << 60)
    asked = agency.request(ready.case, ready.sought, ready.gallery, searches=20)
    return replace(ready, authority=agency.approve(asked))


def add_exhibit(agency: Agency, ready: Ready) -> object:
    return exhibits.add_exhibit(
        agency.system,
        agency["ines"],
        draw(next(PERSONS)),
        case_id=ready.case.id,
        file="b.png",
        origin="synthetic",
        why="found on the seized disk",
    )


def main() -> None:
    scenario, folder, disk, seed = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4])
    chance = random.Random(seed)
    match scenario:
        case "early":
            refused_while_there_is_room_to_say_so(folder, disk, chance)
        case "data" | "keys":
            a_disk_that_fills_up_in_the_middle(folder, disk, chance, what=scenario)
        case "short":
            files_that_cannot_grow(folder, disk, chance)
    print("as it should be")


if __name__ == "__main__":
    main()
