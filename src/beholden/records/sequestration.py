"""What a search made that was not upheld: out of use at once, and sealed so that the oversight body alone opens it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from beholden.errors import Reason, Said
from beholden.records.retention import Kept
from beholden.records.sealed import Noted, Sealed

RULE = Reason(
    rule_id="sequestered",
    why="This belongs to a search before approval that was not upheld: it is sequestered, and nobody here reads it.",
    source="REQ 23",
    how_to_proceed="Do not use what you remember of it. The oversight body holds the key: ask it.",
    also=(
        Said(
            "fr",
            "Ceci vient d’une recherche faite avant approbation qui n’a pas été maintenue : c’est mis sous séquestre, et "
            "personne ici ne le lit.",
            "N’utilisez pas ce que vous en avez retenu. L’organisme de surveillance détient la clé : adressez-vous à lui.",
        ),
    ),
)


class SequestrationState(StrEnum):
    TAKEN = "taken"  # out of the records, under a key of its own
    ENTRUSTED = "entrusted"  # the packet is for the oversight body; its keys here are about to go
    CLEAN = "clean"  # shown to be in no store; its receipt is to be made
    SEALED = "sealed"  # only the oversight body opens it
    ENDING = "ending"  # the packet itself is gone from the records; the stores are to be shown clean
    DESTROYED = "destroyed"


UNFINISHED = (
    SequestrationState.TAKEN,
    SequestrationState.ENTRUSTED,
    SequestrationState.CLEAN,
    SequestrationState.ENDING,
)


@dataclass(frozen=True, slots=True)
class Sequestration:
    id: str
    version: int
    kept: Kept
    exigent_id: str
    case_id: str
    keys: tuple[str, ...]  # names of the keys that go with it
    records: int
    sealed: bytes  # the records, under the sequestration's own key; empty once they are entrusted
    packet: (
        bytes  # an age file for the oversight body, with the records and their keys; empty before and once destroyed
    )
    needles: tuple[str, ...]  # heads of what must lie nowhere any more, in hex
    summary: tuple[tuple[str, str], ...]  # what the byte scan looked at
    destroy: bool  # by the policy pack at once, by the oversight body's order, or because its term is over
    ended_by: Noted  # why it was destroyed; empty while it is held
    receipt: Annotated[bytes, Sealed()]  # signed note; empty until it is sealed, and a new one when it is destroyed
    state: SequestrationState


@dataclass(frozen=True, slots=True)
class Sequestered:
    """That a record with this id is in a sequestration, so that whoever asks for it is told so."""

    id: str
    sequestration_id: str
