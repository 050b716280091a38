"""The list that a search gives: people, not faces, each with one place, and scores sealed until the opinions are locked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from beholden.records.faces import Face, FaceState
from beholden.records.retention import Kept


@dataclass(frozen=True, slots=True)
class Candidate:
    id: str
    version: int
    kept: Kept
    search_id: str
    face_id: str  # the nearest reference of the stack
    image_id: str
    references: int  # how many references of this person were among the nearest
    lead: bytes  # rank and score, sealed under the face's key; empty once erased


@dataclass(frozen=True, slots=True)
class Stack:
    """References that count as one person: by the source's word, or alone."""

    face: Face
    score: float
    references: int


def rank(scores: Iterable[tuple[int, float]], faces: Mapping[int, Face], limit: int) -> list[Stack]:
    """Stacks of people from scores by `face_no`, best first.

    Faces that the records no longer allow (not in `faces`, or not live) are dropped: the index is only a copy.
    `scores` come best first, ties by the lesser number; a stack has the place and score of its best reference.
    """
    stacks: dict[str, Stack] = {}
    for face_no, score in scores:
        face = faces.get(face_no)
        if face is None or face.state is not FaceState.LIVE:
            continue
        person = face.person_mark or face.id
        if person in stacks:
            first = stacks[person]
            stacks[person] = Stack(first.face, first.score, first.references + 1)
        else:
            stacks[person] = Stack(face, score, 1)
    return list(stacks.values())[:limit]
