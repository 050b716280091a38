"""Which picture an auditor asks to see, and whether the reason for it was written for it."""

from __future__ import annotations

import unicodedata
from enum import StrEnum

# Letters to Unicode, and nothing to a reader: the fillers of Hangul, three of which look like a space of full width.
FILLERS = frozenset("\u115f\u1160\u3164\uffa0")


class Pictured(StrEnum):
    EXHIBIT_FACE = "exhibit-face"  # a face of an exhibit, by the face's id
    LEAD = "lead"  # the reference of a candidate on an unsealed list, by the candidate's id
    REFERENCE = "reference"  # a face of an image that was taken in, by the face's id


def length_of_reason(reason: str) -> int:
    """Its letters and digits: spaces, signs and what cannot be seen say nothing."""
    return sum(_says_something(one) for one in reason)


def is_same_reason(reason: str, other: str) -> bool:
    """Whether their letters and digits are the same, apart from case, width and accents. No reason is the same as none."""
    return _bare(reason) != "" and _bare(reason) == _bare(other)


def _bare(reason: str) -> str:
    # Taken apart (NFKD), so that an accent is a sign of its own; folding the case can put together anew.
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", reason).casefold())
    return "".join(one for one in folded if _says_something(one))


def _says_something(one: str) -> bool:
    return unicodedata.category(one)[0] in "LN" and one not in FILLERS
