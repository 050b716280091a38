"""What waits in the records is done record by record, and one that cannot be done does not keep the others waiting."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from beholden.errors import BadInput, BeholdenError, Changed, KeyDestroyed, Missing, NotProven
from beholden.records.faces import Face
from beholden.records.images import Image

Waiting = TypeVar("Waiting", Face, Image)
Unfinished = TypeVar("Unfinished")


def do_each(waiting: Sequence[Waiting], do: Callable[[Waiting], None], failed: set[str], limit: int) -> int:
    """Do the first `limit` that are not in `failed`; how many were done. One that was erased meanwhile, or whose picture is
    damaged, is logged by its act, and added to `failed`."""
    done = 0
    for one in [one for one in waiting if one.id not in failed][:limit]:
        try:
            do(one)
        except (BadInput, Changed, KeyDestroyed, Missing, NotProven):
            failed.add(one.id)
        else:
            done += 1
    return done


def finish_each(unfinished: Sequence[Unfinished], finish: Callable[[Unfinished], None]) -> int:
    """Finish what an act, a crash or a term left to be done; how many were finished. What stopped one of them is put on
    record by its act, and the next call tries again. Raises what is on no record."""
    done = 0
    for one in unfinished:
        try:
            finish(one)
        except Changed:
            continue  # somebody else finished it at this moment
        except BeholdenError as error:
            if error.entry is None:
                raise
        else:
            done += 1
    return done
