"""What a blind reader is shown, as files named by handle: two sides of photographs, and nothing that tells more."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from beholden.actions.lay import Laid
from beholden.actions.review import Shown
from beholden.cli import folders


def write(folder: Path, shown: Sequence[Shown]) -> list[dict[str, object]]:
    """The chips: HANDLE.jpg is the reference, sought-N.jpg the faces that it is compared with. What was written, by pair."""
    files = {f"sought-{i}.jpg": chip for one in shown[:1] for i, chip in enumerate(one.probes, 1)}
    folders.write(folder, files | {f"{one.handle}.jpg": one.reference for one in shown})
    return [
        pair(one) | {"reference": str(folder / f"{one.handle}.jpg"), "sought": [str(folder / name) for name in files]}
        for one in shown
    ]


def pair(one: Shown) -> dict[str, object]:
    return {
        "handle": one.handle,
        "position": one.position,
        "reference_captured_at": one.reference_captured_at,
        "cautions": one.cautions,
    }


def lay(folder: Path, laid: Laid) -> dict[str, object]:
    """What lies before an examiner at this stage, and no file of the other side."""
    sought = {f"sought-{i}.jpg": chip for i, chip in enumerate(laid.probes, 1)}
    reference = {f"{laid.handle}.jpg": laid.reference} if laid.reference else {}
    folders.write(folder, sought | reference)
    return {
        "handle": laid.handle,
        "stage": str(laid.stage),
        "reference_captured_at": laid.reference_captured_at,
        "cautions": laid.cautions,
        "reference": "".join(str(folder / name) for name in reference),
        "sought": [str(folder / name) for name in sought],
        "eyes": list(laid.eyes),
    }
