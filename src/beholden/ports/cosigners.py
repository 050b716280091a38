"""Who cosigns the log: witnesses that are asked over the protocol of c2sp.org/tlog-witness, each behind an address of its own."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Reach(StrEnum):
    """How far a witness stands from the log that it watches."""

    BUNDLED = "bundled"  # a process of this machine with its own key and folder: not independent
    OUTSIDE = "outside"  # another machine
    STICK = "stick"  # nowhere to be asked: checkpoints are carried to it, and its cosignatures back
    PAPER = "paper"  # printed and kept by a person


INDEPENDENT = frozenset({Reach.OUTSIDE, Reach.STICK, Reach.PAPER})


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, kind and body, as HTTP has them."""

    status: int
    kind: str
    body: bytes


class Cosigner(Protocol):
    @property
    def name(self) -> str:
        """As its key names it; of a paper witness, as the settings do."""

    @property
    def vkey(self) -> str:
        """Its public key; empty for a paper witness, which has none."""

    @property
    def reach(self) -> Reach: ...

    def add_checkpoint(self, body: bytes) -> Answer:
        """What it answers to `add-checkpoint`. Raises `Fault` where it cannot be asked; nothing else is sent to it."""
