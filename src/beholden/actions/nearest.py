"""How a template is compared: at one moment of the records, and deep enough for the people that a list has room for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from beholden.actions.alike import alike_of
from beholden.errors import IndexIncomplete
from beholden.ports.database import Look, OneOf
from beholden.ports.index import Neighbours
from beholden.ports.system import System
from beholden.records.candidates import Stack, rank
from beholden.records.faces import Face

# Who reads while somebody enrols may find the index ahead of their own snapshot; they then take a new one.
TRIES = 5

R = TypeVar("R")


def compare_at_one_moment(system: System, compare: Callable[[Look], R]) -> R:
    """What `compare` gives for a snapshot with which the index agrees. Raises `IndexIncomplete` after five that it does not."""
    tries = 1
    while True:
        try:
            with system.database.look() as look:
                return compare(look)
        except IndexIncomplete:
            if tries == TRIES:
                raise
            tries += 1


def nearest_people(system: System, look: Look, ask: Callable[[int], Neighbours], limit: int) -> Neighbours:
    """Ask deeper until there are `limit` people or the shelves are exhausted: thirty photographs of one take one place.

    `ask` is the caller's own call of the index, for so many references: the index is reached from few places, which a test
    names.
    """
    depth = limit * 2
    while True:
        nearest = ask(depth)
        faces = faces_of(look, nearest)
        # By the rows of this very answer: a reference erased since they were counted would be waited for without end.
        if len(nearest.face_nos) >= nearest.rows or len(people_of(system, look, nearest, faces, limit)) >= limit:
            return nearest
        depth *= 4


def people_of(system: System, look: Look, nearest: Neighbours, faces: Mapping[int, Face], limit: int) -> list[Stack]:
    """The list that these neighbours give of the faces that may be on it: one place a person, and one a picture."""
    return rank(pairs_of(nearest), faces, limit, alike_of(system, look, list(faces.values())))


def faces_of(look: Look, nearest: Neighbours) -> dict[int, Face]:
    return {face.face_no: face for face in look.find(Face, face_no=OneOf(nearest.face_nos))}


def pairs_of(nearest: Neighbours) -> list[tuple[int, float]]:
    return list(zip(nearest.face_nos, nearest.scores, strict=True))
