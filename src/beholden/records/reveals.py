"""Which picture an auditor asks to see, and whether the reason for it was written for it."""

from __future__ import annotations

from enum import StrEnum


class Pictured(StrEnum):
    EXHIBIT_FACE = "exhibit-face"  # a face of an exhibit, by the face's id
    LEAD = "lead"  # the reference of a candidate on an unsealed list, by the candidate's id
    REFERENCE = "reference"  # a face of an image that was taken in, by the face's id


def is_same_reason(reason: str, other: str) -> bool:
    """Case and spaces apart. No reason is the same as none."""
    return bool(other.strip()) and " ".join(reason.lower().split()) == " ".join(other.lower().split())
