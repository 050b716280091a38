"""The published log: where checkpoints and tiles lie for outsiders to fetch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol


class Witness(Protocol):
    def read(self, path: str) -> bytes:
        """A published file, by its path in C2SP tlog-tiles (`checkpoint`, `tile/0/000`). Raises `Missing`."""

    def publish(self, files: Mapping[str, bytes]) -> None:
        """Write files, each whole or not at all and durable on return, `checkpoint` after all others.

        A partial tile is dropped once its full tile is there (tlog-tiles allows it): a reader then takes the full one.
        """

    def paths(self) -> list[str]:
        """The paths of all published files, sorted."""
