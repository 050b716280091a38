"""The processes that read files for a command, beside the one that has the keys and the records."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from beholden.actions.pipeline import Preparers
from beholden.actions.preparing import checked_model
from beholden.cli.door import Door
from beholden.cli.printing import WrongUse
from beholden.opening import open_preparing
from beholden.ports.system import System
from beholden.processes import Helpers
from beholden.settings import read_settings

LEAST_EACH = 32  # files for which a process is worth beginning: it takes a second until the models are read


def check_wanted(processes: int | None) -> None:
    if processes is not None and processes < 1:
        raise WrongUse("--processes must be 1 or more")


@contextmanager
def preparers_for(files: int, system: System, door: Door, processes: int | None) -> Iterator[Preparers | None]:
    """So many as were asked for, or as there are cores, and as so many files are worth; None where one does it alone."""
    worth = math.ceil(files / LEAST_EACH)
    if worth <= 1:
        yield None
        return
    parts = partial(open_preparing, read_settings(door.where.folder).model, checked_model(system.model))
    with Helpers(min(processes or os.cpu_count() or 1, worth), parts) as preparers:
        yield preparers
