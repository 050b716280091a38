"""Which paths may be published, in which order, and which partial tiles a full one replaces."""

from __future__ import annotations

import re
from collections.abc import Iterable

from beholden.errors import Fault

# Every part begins with a letter or digit: none can lead out of the folder, or be taken for an unfinished file.
_PATH = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)*")


def is_path(path: str) -> bool:
    return _PATH.fullmatch(path) is not None


def check_path(path: str) -> None:
    """Raises `Fault`."""
    if not is_path(path):
        raise Fault(f"{path!r} cannot be published: it is no path of letters, digits and `/`")


def published_order(paths: Iterable[str]) -> list[str]:
    """`checkpoint` last: whoever reads it finds all that it speaks of."""
    return sorted(paths, key=lambda path: (path == "checkpoint", path))


def full_path(path: str) -> str:
    """The full tile that a tile is, or is a part of; empty for another file.

    Sealing entry by entry leaves 255 partial bundles of up to 255 entries each behind every full one (about 50 kB an
    entry, measured at 400 bytes a leaf), so they go when it is there. tlog-tiles § Partial Tiles allows it, and readers
    fall back to the full tile.
    """
    tile = re.fullmatch(r"(tile/(?:\d+|entries)/(?:x\d{3}/)*\d{3})(\.p/\d+)?", path)
    return tile[1] if tile else ""
