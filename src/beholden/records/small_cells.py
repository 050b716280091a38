"""Cells of a table that are too small to be told: whoever counts few photographs may pick out a person."""

from __future__ import annotations

from collections.abc import Sequence

LEAST = 5  # as in statements of use: the smallest count that is told to who has no part in it


def withheld(cells: Sequence[int]) -> tuple[int | None, ...]:
    """The counts, None in place of one below five; 0 is told.

    The least of the others is withheld as well, with all that equal it, for the sum of all is known: from it one cell alone
    would follow, and so would several that are all 1 or all 4.
    """
    told: list[int | None] = [count if count >= LEAST or not count else None for count in cells]
    if None in told:
        least = min((count for count in told if count), default=None)
        told = [None if count == least else count for count in told]
    return tuple(told)
