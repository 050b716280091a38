"""`beholden enrol`: take a folder of images with its manifest into a gallery; every file and every row gets an answer."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from beholden.actions import intake
from beholden.cli import naming, tally
from beholden.cli.door import HERE, Door
from beholden.cli.preparers import check_wanted, preparers_for
from beholden.cli.printing import Told


def enrol(
    folder: Annotated[Path, Parameter(help="The folder with the images, and manifest.csv.")],
    /,
    *,
    source: Annotated[str, Parameter(help="The source that they come from: name or id.")],
    gallery: Annotated[str, Parameter(help="The gallery that they go into: name or id.")],
    manifest: Annotated[Path | None, Parameter(help="The manifest, if it is not FOLDER/manifest.csv.")] = None,
    received_from: Annotated[str, Parameter(help="Who handed the folder over.")] = "",
    defer: Annotated[bool, Parameter(help="Leave the templates to the worker.")] = False,
    processes: Annotated[int | None, Parameter(help="Processes that read files. Default: one for each core.")] = None,
    out: Annotated[Path | None, Parameter(help="A new file for every answer, one a line in JSON.")] = None,
    door: Door = HERE,
) -> Told:
    """Take a folder of images of a source into a gallery, as a steward.

    Example: beholden enrol ./intake --source "missing children register" --gallery references
    """
    check_wanted(processes)
    with door.enter() as (system, officer), tally.written_to(out) as file, tally.ending_well() as stopped:
        source_id = naming.source(system, officer, source)
        gallery_id = naming.gallery(system, officer, gallery)
        read = intake.read_folder(system, officer, folder, manifest=manifest)
        found = tally.Tally(file)
        with preparers_for(len(read), system, door, processes) as preparers:
            answers = intake.enrol_folder(
                system,
                officer,
                read,
                source_id=source_id,
                gallery_id=gallery_id,
                received_from=received_from,
                embed_now=not defer,
                preparers=preparers,
                stop=stopped,
            )
            tally.count(answers, found, of=len(read), stopped=stopped)
    return found.told(manifest_sha256=read.manifest_sha256)
