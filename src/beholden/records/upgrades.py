"""The change of a system from one model to another: which two, which of them is in force, and the templates that lie beside."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from beholden.records.faces import FaceState
from beholden.records.retention import Kept


class UpgradeState(StrEnum):
    UNDER_WAY = "under_way"  # templates of both models are made; one of the two is in force
    PURGING = "purging"  # those of the other one are being destroyed: there is no way back any more
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Upgrade:
    id: str
    version: int
    kept: Kept
    n: int  # the first is 0; the last one's models are those of today
    old_space: str
    old_model: str  # as `model` in beholden.toml
    new_space: str
    new_model: str
    space_in_force: str  # one of the two: with this one searches compare, and every face has its own template of it
    needles: tuple[str, ...]  # while it is purged: heads of the sealed templates that go, for the byte scan
    held_until: datetime  # whoever purges now holds it until then; others leave it alone
    state: UpgradeState

    @property
    def switched(self) -> bool:
        return self.space_in_force == self.new_space

    @property
    def space_beside(self) -> str:
        return self.old_space if self.switched else self.new_space

    @property
    def model_in_force(self) -> str:
        return self.new_model if self.switched else self.old_model

    @property
    def model_beside(self) -> str:
        return self.old_model if self.switched else self.new_model


@dataclass(frozen=True, slots=True)
class SideTemplate:
    """A template of a face in the space that is not in force. At the switch the two change places, each with its numbers."""

    id: str
    version: int
    kept: Kept
    face_id: str
    face_no: int  # of the same series as those of faces: a number names one template in the index
    gallery_id: str
    source_id: str
    space_id: str
    unified: int  # quality, 0–100, by this model; -1 where no template could be made
    template: bytes  # raw float32, sealed under the face's key, which one erasure destroys; empty where there is none
    state: FaceState  # WAITING: no template of this model can be made of it; else as the face's
    change_no: int
