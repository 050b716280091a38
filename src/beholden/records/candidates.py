"""The list that a search gives: people, not faces, each with one place, and scores sealed until the opinions are locked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from beholden.records.faces import Face, FaceState
from beholden.records.near import Alike
from beholden.records.retention import Kept

NOTHING_ALIKE = Alike()


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
    """References that count as one person: by the source's word, as one picture in several files, or alone."""

    face: Face
    score: float
    references: int
    copies: tuple[
        Face, ...
    ] = ()  # of those, which count here for their picture alone, whatever the source says of them


def rank(
    scores: Iterable[tuple[int, float]], faces: Mapping[int, Face], limit: int, alike: Alike = NOTHING_ALIKE
) -> list[Stack]:
    """Stacks of people from scores by `face_no`, best first.

    Faces that the records no longer allow (not in `faces`, or not live) are dropped: the index is only a copy.
    `scores` come best first, ties by the lesser number; a stack has the place and score of its best reference. A face that
    another file of a picture shows already joins that stack alone: other references of whoever the source says it is keep
    their own place, so that a wrong name in a source hides nobody.
    """
    stacks: dict[str, Stack] = {}
    placed: list[tuple[Face, float, str]] = []  # those that have copies
    for face_no, score in scores:
        face = faces.get(face_no)
        if face is None or face.state is not FaceState.LIVE:
            continue
        person = face.person_mark or face.id
        if person in stacks:
            stacks[person] = replace(stacks[person], references=stacks[person].references + 1)
        elif shown_by := next((of for one, near, of in placed if alike.one_face(one, near, face, score)), ""):
            first = stacks[shown_by]
            stacks[shown_by] = replace(first, references=first.references + 1, copies=(*first.copies, face))
            person = shown_by
        else:
            stacks[person] = Stack(face, score, 1)
        if face.image_id in alike.others:
            placed.append((face, score, person))
    return list(stacks.values())[:limit]
