"""References of a gallery drawn by lot: for figures of which every reference would take too long to read or to open."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any

from beholden.ports.database import Above, Below, Look
from beholden.records.faces import Face, FaceState


def sources_in(look: Look, gallery_id: str) -> list[str]:
    """The sources that it has references from, however many others the register has."""
    ids: list[str] = []
    while there := look.find(
        Face, gallery_id=gallery_id, source_id=Above(ids[-1] if ids else ""), order="source_id", limit=1
    ):
        ids.append(there[0].source_id)
    return ids


def sizes_in(look: Look, gallery_id: str, sources: Sequence[str]) -> dict[str, int]:
    """How many references of each source may be compared: from the counts that the store keeps."""
    return {id: look.count(Face, gallery_id=gallery_id, source_id=id, state=FaceState.LIVE) for id in sources}


def drawn_by_lot(
    look: Look, gallery_id: str, sizes: dict[str, int], names: Sequence[str], most: int
) -> list[tuple[Any, ...]]:
    """What about `most` of them have in these fields, of each source by its size; all of them where there are no more.

    Ids are random, so that those that follow one that is made up are a draw.
    """
    every = sum(sizes.values())
    drawn: list[tuple[Any, ...]] = []
    for source_id, size in sizes.items():
        share = min(size, -(-most * size // every)) if every else 0
        begin = secrets.token_hex(16)
        for where in (Above(begin), Below(begin)):
            found = look.values(
                Face,
                names,
                gallery_id=gallery_id,
                source_id=source_id,
                state=FaceState.LIVE,
                id=where,
                order="id",
                limit=share,
            )
            drawn += found
            share -= len(found)
            if share < 1:
                break
    return drawn
