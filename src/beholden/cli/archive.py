"""`beholden enrol-archive`: take the images of a web archive into a gallery; nothing is fetched."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from beholden.actions import archives
from beholden.actions.archives import Archive
from beholden.cli import codes, folders, naming, tally
from beholden.cli.door import HERE, Door
from beholden.cli.preparers import check_wanted, preparers_for
from beholden.cli.printing import Told


def enrol_archive(
    archive: Annotated[Path, Parameter(help="The web archive: a .warc or .warc.gz that somebody collected.")],
    /,
    *,
    source: Annotated[str, Parameter(help="The source whose authority covers it: name or id.")],
    gallery: Annotated[str, Parameter(help="The gallery that its images go into: name or id.")],
    received_from: Annotated[str, Parameter(help="Who collected it and handed it over.")] = "",
    defer: Annotated[bool, Parameter(help="Leave the templates to the worker.")] = False,
    processes: Annotated[int | None, Parameter(help="Processes that read images. Default: one for each core.")] = None,
    out: Annotated[Path | None, Parameter(help="A new file for every answer, one a line in JSON.")] = None,
    door: Door = HERE,
) -> Told:
    """Take the images of a web archive into a gallery, as a steward, as far as the source's terms cover them.

    Example: beholden enrol-archive ./portraits.warc.gz --source "portraits of a publisher" --gallery references
    """
    check_wanted(processes)
    with (
        folders.regular(archive) as file,
        door.enter() as (system, officer),
        tally.written_to(out) as written,
        tally.ending_well() as stopped,
    ):
        read = archives.read_archive(
            system,
            officer,
            file,
            file_name=archive.name,
            source_id=naming.source(system, officer, source),
            gallery_id=naming.gallery(system, officer, gallery),
        )
        found = tally.Tally(written)
        with preparers_for(read.taken, system, door, processes) as preparers:
            answers = archives.enrol_archive(
                system,
                officer,
                read,
                received_from=received_from,
                embed_now=not defer,
                preparers=preparers,
                stop=stopped,
            )
            tally.count(answers, found, of=len(read), stopped=stopped)
    told = found.told(**_facts(read))
    return replace(told, lines=(*_lines(read), *(told.lines if found.answered else ())))


def _facts(read: Archive) -> dict[str, object]:
    return {
        "archive_sha256": read.sha256,
        "records": read.records,
        "pages": read.pages,
        "images": read.images,
        "taken": read.taken,
        "left_out": {str(code): count for code, count in sorted(read.left_out.items())},
        "damage": read.damage,
    }


def _lines(read: Archive) -> Iterator[str]:
    covered = f"{read.taken:,} {'image is' if read.taken == 1 else 'images are'} covered by the source's terms."
    yield f"{read.records:,} records, {read.images:,} of them images; {covered}"
    if read.damage:
        yield f"It could not be read to its end: {read.damage}."
    ordinary = [
        f"{count:,} {codes.ORDINARY[code][count != 1]}"
        for code, count in sorted(read.left_out.items())
        if code in archives.ORDINARY
    ]
    if ordinary:
        yield f"Beside the images: {', '.join(ordinary)}."
