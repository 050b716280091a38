"""What may be done to a probe's photograph: a closed list that makes visible what is there. Nothing is drawn or completed."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Protocol

from beholden.errors import BadInput


class Operation(StrEnum):
    CROP = "crop"  # what lies further from the face than this many times its box, on each side, is grey
    ROTATE = "rotate"  # degrees, to the left, about the face
    EXPOSURE = "exposure"  # stops of light
    CONTRAST = "contrast"  # times, about middle grey
    DEBLOCK = "deblock"  # levels of 255 that an edge between blocks of a JPEG may have and still be smoothed
    DENOISE = "denoise"  # pixels: radius of a median


REACH: Mapping[Operation, tuple[float, float]] = MappingProxyType(
    {
        Operation.CROP: (0.1, 1.0),
        Operation.ROTATE: (-180.0, 180.0),
        Operation.EXPOSURE: (-3.0, 3.0),
        Operation.CONTRAST: (0.5, 2.0),
        Operation.DEBLOCK: (1.0, 30.0),
        Operation.DENOISE: (1.0, 2.0),
    }
)
WHOLE = frozenset({Operation.DEBLOCK, Operation.DENOISE})
MOST = 6  # of one face: each operation once


@dataclass(frozen=True, slots=True)
class Edit:
    operation: Operation
    value: float

    def words(self) -> str:
        return f"{self.operation} {self.value:g}"


class Edited(Protocol):
    @property
    def edits(self) -> tuple[Edit, ...]: ...


def edits_of(typed: Sequence[str]) -> tuple[Edit, ...]:
    """Edits as a person types them, in the order in which they are done: `rotate=90`.

    Raises `BadInput` for none, for one that is not of the list, out of its reach or there twice; all that is wrong is said.
    """
    made, wrong = [], []
    for one in typed:
        name, _, number = (part.strip() for part in one.partition("="))
        if name not in set(Operation):
            wrong.append(f"{name[:40]!r} is no edit; there are: {', '.join(Operation)}")
            continue
        operation = Operation(name)
        least, most = REACH[operation]
        try:
            value = float(number)
        except ValueError:
            value = math.nan
        if not least <= value <= most or (operation in WHOLE and value != int(value)):
            wrong.append(f"{name} takes a {'whole ' * (operation in WHOLE)}number from {least:g} to {most:g}")
            continue
        made.append(Edit(operation, value))
    if len({one.operation for one in made}) < len(made):
        wrong.append("an edit is made once; give each of them one number")
    if not typed:
        wrong.append(f"say what to edit, as in rotate=90; there are: {', '.join(Operation)}")
    if wrong:
        raise BadInput("; ".join(wrong))
    return tuple(made)


def edits_told(faces: Sequence[Edited]) -> list[dict[str, object]]:
    """Which of these probe faces were edited, by their places from 1, and what was done to each, in order."""
    return [
        {"face": place, "done": [edit.words() for edit in face.edits]}
        for place, face in enumerate(faces, 1)
        if face.edits
    ]


def edit_words(faces: Sequence[Edited]) -> tuple[str, ...]:
    """What is said wherever an edited face stands or was compared; nothing if none was."""
    edited = [(place, face.edits) for place, face in enumerate(faces, 1) if face.edits]
    if not edited:
        return ()
    told = "; ".join(f"{place} ({', '.join(edit.words() for edit in edits)})" for place, edits in edited)
    return (f"Of {len(faces)} probe faces edited: {told}. Each is shown with its original before it.",)
