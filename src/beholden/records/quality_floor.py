"""The quality below which nothing is compared, unless an officer says why; that reason goes wherever the list or the score goes."""

from __future__ import annotations

from collections.abc import Sequence

from beholden.errors import BadInput

NOT_KNOWN_YET = 100  # before a template is made; none is of anybody whom every other rule does not let through
MOST_CHARS = 400  # of a reason: it is a line among the statements


def reason_in_a_line(typed: str) -> str:
    """What was typed, as one line. Raises `BadInput` where it is longer than a line may be."""
    reason = " ".join(typed.split())
    if len(reason) > MOST_CHARS:
        raise BadInput(
            f"the reason for comparing below the floor has {len(reason):,} characters; write it in {MOST_CHARS}, for it "
            "stands on the list and on whatever leaves"
        )
    return reason


def best_of(quality: Sequence[int]) -> int:
    """Of the probe's faces, 0–100; before they are embedded, none of them is low."""
    return max(quality, default=NOT_KNOWN_YET)


def override_in_force(quality: Sequence[int], floor: int, reason: str) -> str:
    """The reason, where it was needed; empty for a probe that reaches the floor, whatever was written."""
    return reason if best_of(quality) < floor else ""


def override_words(quality: Sequence[int], floor: int, reason: str) -> tuple[str, ...]:
    """What is said wherever something was compared below the floor; nothing where it was not."""
    if not override_in_force(quality, floor, reason):
        return ()
    return (
        f"The best face of the sought has a quality of {best_of(quality)} of 100, below the floor of {floor}: whoever is held is "
        f"missed far more often with so poor a probe. An officer compared it all the same, for this reason: {reason}",
    )
