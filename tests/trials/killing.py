"""One process that works on a folder, killed at a moment that chance chooses."""

from __future__ import annotations

import os
import random
import signal
import time

from tests.trials.nursery import Nursery
from tests.trials.place import Place

OPENING = 20_000  # lines of ours that run while a folder is opened; an enrolment has 6,000, a search 17,000, an erasure 28,000
WORKING = 60_000
WORKING_S = 0.4  # some ten acts


def kill_one(children: Nursery, place: Place, chance: random.Random, *, index: bool = False) -> None:
    """By the clock, or at a line: the first finds the waits for the disk, the second the moments between them.

    `index`: it also keeps and rebuilds the sealed copy of the index.
    """
    seed, while_opening = chance.randrange(1 << 32), chance.random() < 0.15
    if while_opening or chance.random() < 0.5:
        lines = chance.randrange(1, OPENING if while_opening else WORKING)
        children.start(place, seed=seed, lines=lines, while_opening=while_opening, index=index)
    else:
        opened = _times_opened(place)
        child = children.start(place, seed=seed, index=index)
        while _times_opened(place) == opened:
            time.sleep(0.01)
        time.sleep(chance.uniform(0, WORKING_S))
        os.kill(child, signal.SIGKILL)
    assert children.ended() == -signal.SIGKILL


def _times_opened(place: Place) -> int:
    return sum(line["act"] == "opened" for line in place.lines())
