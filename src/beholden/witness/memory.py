"""The published log in memory, for tests and for trying things out."""

from __future__ import annotations

import threading
from collections.abc import Mapping

from beholden.errors import Missing
from beholden.witness.paths import check_path, full_path, published_order


class MemoryWitness:
    def __init__(self) -> None:
        self._files: dict[str, bytes] = {}
        self._one_at_a_time = threading.Lock()

    def read(self, path: str) -> bytes:
        try:
            return self._files[path]
        except KeyError as wrong:
            raise Missing(f"{path!r} is not published") from wrong

    def publish(self, files: Mapping[str, bytes]) -> None:
        for path in files:
            check_path(path)
        with self._one_at_a_time:
            for path in published_order(files):
                self._files[path] = bytes(files[path])
            for path in [held for held in self._files if full_path(held) in files and full_path(held) != held]:
                del self._files[path]

    def paths(self) -> list[str]:
        with self._one_at_a_time:
            return sorted(self._files)
