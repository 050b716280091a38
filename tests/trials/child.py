"""A process that enrols, searches and erases at random until it is killed, and writes down each act once it was done.

Reads one JSON object a line, forks, and answers with the process id of the fork, which then works in `folder`: so a kill
costs no second start of Python. `seed` decides what is done; `lines`, if not 0, ends the fork by SIGKILL when so many
lines of our own code have run (`while_opening`: counted from the start), and `acts`, if not 0, ends it well after so
many acts. With `index` it also writes the sealed segments of the index, and makes the index anew. Answers again, with the
exit code, when the fork has ended.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import beholden
from beholden.actions import enrol, exhibits, follow, index, search, sought
from beholden.errors import BadInput, BeholdenError, Changed, Missing, Refused
from beholden.records.authority import Authority, AuthorityState
from beholden.records.faces import Face, FaceState
from beholden.records.galleries import Gallery
from beholden.records.images import Image
from beholden.testing.drawn import draw
from tests.agency import Agency
from tests.trials.place import Place

OURS = str(Path(beholden.__file__).parent)
PEOPLE = 1 << 20
HEAD = 32


class Worker:
    """Does acts in one place, and tells each after it is done."""

    def __init__(self, place: Place, seed: int, index: bool) -> None:
        self.random = random.Random(seed)
        self.place = place
        self.index = index
        self.told = os.open(place.told, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self.agency: Agency = place.enter()
        self.system = self.agency.system
        self.tell(act="opened")

    def tell(self, **facts: object) -> None:
        os.write(self.told, json.dumps(facts).encode() + b"\n")
        os.fsync(self.told)

    def any_act(self) -> None:
        acts: list[Callable[[], None]] = [self.enrol, self.authorise, self.search, self.erase]
        weights = [10, 1, 4, 4]
        if self.index:
            acts, weights = [*acts, self.keep, self.rebuild], [*weights, 8, 2]
        act = self.random.choices(acts, weights)[0]
        try:
            act()
        except (BadInput, Changed, Missing, Refused) as error:  # another process was first
            self.tell(act="refused", error=type(error).__name__)

    def enrol(self) -> None:
        persons = [self.random.randrange(PEOPLE) for _ in range(self.random.choice((1, 1, 1, 2)))]
        seed = self.random.randrange(256)
        page = f"https://example.org/page-of-{persons[0]}-{seed}"
        done = enrol.enrol_image(
            self.system,
            self.agency["stella"],
            draw(*persons, seed=seed),
            source_id=self.place.source_id,
            gallery_id=self.place.gallery_id,
            taken_from=enrol.TakenFrom(
                file=f"{persons}.png", person_ref=f"person {persons[0]}", page_url=page, caption=f"caption {persons[0]}"
            ),
        )
        if done.image is None:  # it looks like one that is held, or was erased: it waits for a privacy officer
            self.tell(act="aside")
            return
        self.tell(
            act="enrolled",
            image=done.image.id,
            faces=[[face.id, face.face_no] for face in done.faces],
            persons=persons,
            seed=seed,
        )

    def authorise(self) -> None:
        agency = self.agency
        case = agency.case()
        person = self.random.randrange(PEOPLE)
        _, faces = exhibits.add_exhibit(
            self.system,
            agency["ines"],
            draw(person, seed=self.random.randrange(256)),
            case_id=case.id,
            file="exhibit.png",
            origin="synthetic",
            why="found on the seized disk",
        )
        declared = sought.declare_sought(
            self.system,
            agency["ines"],
            case_id=case.id,
            face_ids=[faces[0].id],
            subject_role="victim",
            why="the only face in it",
        )
        agency.clock.count = self.random.randrange(1 << 60)
        with self.system.database.look() as look:
            gallery = look.get(Gallery, self.place.gallery_id)
        authority = agency.approve(agency.request(case, declared, gallery, searches=10))
        self.tell(act="authorised", authority=authority.id)

    def search(self) -> None:
        with self.system.database.look() as look:
            usable = [one for one in look.find(Authority, state=AuthorityState.ACTIVE) if one.used < one.searches]
        if not usable:
            self.authorise()
            return
        authority = self.random.choice(usable)
        done = search.run_search(
            self.system, self.agency["ines"], authority_id=authority.id, sought_id=authority.sought_id
        )
        self.tell(act="searched", search=done.id, authority=authority.id, people=done.people)

    def erase(self) -> None:
        with self.system.database.look() as look:
            live = look.find(Face, state=FaceState.LIVE)
            if not live:
                return
            face = self.random.choice(live)
            image = look.get(Image, face.image_id)
        blob = self.system.blobs.get(image.blob)
        plain = self.system.keys.open(face.id, face.template, enrol.TEMPLATE)
        heads = [face.template[:HEAD], blob[:HEAD], plain[:HEAD]]
        self.tell(act="erasing", face=face.id, heads=[head.hex() for head in heads])
        done = self.agency.erase(face.id)
        self.tell(act="erased", face=face.id, erasure=done.id)

    def keep(self) -> None:
        self.tell(act="kept", applied=follow.keep(self.system))

    def rebuild(self) -> None:
        self.tell(act="rebuilt", rows=index.rebuild(self.system, self.agency["ada"]))


def work(place: Place, seed: int, lines: int, acts: int, while_opening: bool, index: bool) -> None:
    if lines and while_opening:
        sys.settrace(_killer(lines))
    worker = Worker(place, seed, index)
    if lines and not while_opening:
        sys.settrace(_killer(lines))
    done = 0
    while not acts or done < acts:
        worker.any_act()
        done += 1
    worker.system.close()


def _killer(lines: int) -> Callable[[FrameType, str, Any], Any]:
    """Kill this process when so many lines of ours have run: every line is as likely, however short it takes."""
    left = lines

    def at_line(frame: FrameType, event: str, _: Any) -> Any:
        nonlocal left
        if event == "line":
            left -= 1
            if left <= 0:
                os.kill(os.getpid(), signal.SIGKILL)
        return at_line

    def at_call(frame: FrameType, event: str, _: Any) -> Any:
        return at_line if frame.f_code.co_filename.startswith(OURS) else None

    return at_call


def main() -> None:
    loaded = False
    for line in sys.stdin:
        asked = json.loads(line)
        place = Place(Path(asked.pop("folder")))
        if (
            not loaded
        ):  # every fork then has what is imported at the first opening: nine tenths of its time, and of its lines
            place.enter().system.close()
            loaded = True
        child = os.fork()
        if child == 0:
            code = 1
            try:
                work(place, **asked)
                code = 0
            except BeholdenError as error:
                print(f"{type(error).__name__}: {error}", file=sys.stderr, flush=True)
                raise
            finally:
                os._exit(code)
        print(child, flush=True)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


if __name__ == "__main__":
    main()
