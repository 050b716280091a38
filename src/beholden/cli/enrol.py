"""`beholden enrol`: take a folder of images with its manifest into a gallery; every file and every row gets an answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from rich.console import Console
from rich.progress import Progress

from beholden.actions import intake
from beholden.actions.intake import Answer, Fate
from beholden.cli import naming, printing
from beholden.cli.door import HERE, Door
from beholden.cli.printing import Told
from beholden.errors import BeholdenError


def enrol(
    folder: Annotated[Path, Parameter(help="The folder with the images, and manifest.csv.")],
    /,
    *,
    source: Annotated[str, Parameter(help="The source that they come from: name or id.")],
    gallery: Annotated[str, Parameter(help="The gallery that they go into: name or id.")],
    manifest: Annotated[Path | None, Parameter(help="The manifest, if it is not FOLDER/manifest.csv.")] = None,
    received_from: Annotated[str, Parameter(help="Who handed the folder over.")] = "",
    defer: Annotated[bool, Parameter(help="Leave the templates to the worker.")] = False,
    door: Door = HERE,
) -> Told:
    """Take a folder of images of a source into a gallery, as a steward.

    Example: beholden enrol ./intake --source "missing children register" --gallery references
    """
    with door.enter() as (system, officer):
        source_id = naming.source(system, officer, source)
        gallery_id = naming.gallery(system, officer, gallery)
        read = intake.read_folder(system, officer, folder, manifest=manifest)
        answers = intake.enrol_folder(
            system,
            officer,
            read,
            source_id=source_id,
            gallery_id=gallery_id,
            received_from=received_from,
            embed_now=not defer,
        )
        found = _collected(_with_progress(answers, len(read)))
    return _told(found, read.manifest_sha256)


def _with_progress(answers: Iterable[Answer], count: int) -> Iterator[Answer]:
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("enrolling", total=count)
        for answer in answers:
            progress.advance(task)
            yield answer


def _collected(answers: Iterable[Answer]) -> list[Answer]:
    """All answers. What stops the intake in the middle does not take back what was enrolled: that is told first."""
    found: list[Answer] = []
    try:
        for answer in answers:
            found.append(answer)
    except (BeholdenError, KeyboardInterrupt):
        if found:
            kept = sum(one.fate is Fate.ENROLLED for one in found)
            printing.note(
                f"{len(found)} files had their answer before this, {kept} are enrolled; give the folder again"
            )
        raise
    return found


def _told(found: list[Answer], manifest_sha256: str) -> Told:
    counts = Counter(one.fate for one in found)
    document = {
        "manifest_sha256": manifest_sha256,
        "counts": {fate.value: counts[fate] for fate in Fate},
        "faces": sum(one.faces for one in found if one.fate is Fate.ENROLLED),
        "files": [
            {
                "file": one.file,
                "fate": one.fate.value,
                "reason": one.reason,
                "image_id": one.image_id,
                "faces": one.faces,
                "rejected_faces": list(one.rejected_faces),
            }
            for one in found
        ],
    }
    lines = [f"{counts[fate]:,} {fate.value}" for fate in Fate if counts[fate]]
    rejected = [one for one in found if one.fate in (Fate.REJECTED, Fate.ASIDE)]
    lines += [f"  {one.file or '(no name)'}: {one.reason}" for one in rejected]
    for one in found:
        lines += [f"  {one.file}: a face was left out: {reason}" for reason in one.rejected_faces]
    nothing_taken = bool(found) and counts[Fate.REJECTED] == len(found)
    return Told(document, tuple(lines) or ("The manifest names no file.",), exit_code=4 if nothing_taken else 0)
