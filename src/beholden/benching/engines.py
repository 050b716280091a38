"""Our own engines, each run in a process of its own by `measuring.py`: `python -m beholden.benching.engines ENGINE`.

What is asked and answered stands in `peers.py`, which knows nothing of Beholden and runs what others made.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from beholden.actions import intake
from beholden.actions.intake import Fate, Intake
from beholden.actions.preparing import usable
from beholden.actions.seeing import Seen
from beholden.benching.peers import serve
from beholden.benching.throwaway import ended_in_order, throwaway
from beholden.errors import NoUsableFace, UnreadableImage
from beholden.formats.manifest import Row
from beholden.opening import open_address, open_preparing
from beholden.ports.media import Picture
from beholden.processes import Helpers
from beholden.records.people import Role
from beholden.records.rules import Rules

Run = Callable[[], dict[str, int]]


@contextmanager
def beholden(order: dict[str, Any]) -> Iterator[Run]:
    """The whole way: decoded behind walls, found, embedded, sealed, recorded, logged, as `beholden enrol` does it."""
    folder = Path("/")
    rows = [
        Row(number, str(Path(path).relative_to(folder)), *[""] * 6)
        for number, path in enumerate(order["photographs"], 2)
    ]
    tools = partial(open_preparing, order["model"])
    with throwaway(order["model"]) as made, Helpers(order["processes"], tools) as helpers:

        def enrol(some: list[Row]) -> dict[str, int]:
            answers = intake.enrol_folder(
                made.system,
                made.staff[Role.STEWARD],
                Intake(folder, "", tuple(some), ()),
                source_id=made.source.id,
                gallery_id=made.gallery.id,
                received_from="a measurement",
                preparers=helpers,
            )
            done = {"images": 0, "enrolled": 0, "faces": 0}
            for answer in answers:
                done["images"] += 1
                done["enrolled"] += answer.fate is Fate.ENROLLED
                done["faces"] += answer.faces
            return done

        enrol(rows[: order["warm"]])
        yield lambda: enrol(rows[order["warm"] :])


@contextmanager
def models_only(order: dict[str, Any]) -> Iterator[Run]:
    """What the bare models reach: the same faces found and embedded out of pixels that lie decoded in memory."""
    media, model, rules = open_address("pillow:"), open_address(order["model"]), Rules()
    pictures: list[Picture] = []
    for path in order["photographs"]:
        try:
            pictures.append(media.decode(Path(path).read_bytes()))
        except UnreadableImage:
            continue

    def run(some: list[Picture]) -> dict[str, int]:
        faces = 0
        for picture in some:
            try:
                found, _ = usable(rules, Seen(picture, b"", tuple(model.find(picture.pixels))))
            except NoUsableFace:
                continue
            faces += len(model.embed(picture.pixels, found))
        return {"images": len(some), "faces": faces}

    run(pictures[: order["warm"]])
    yield lambda: run(pictures[order["warm"] :])


ENGINES = {"beholden": beholden, "models-only": models_only}

if __name__ == "__main__":
    with ended_in_order():
        serve(ENGINES[sys.argv[1]])
