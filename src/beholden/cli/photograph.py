"""`beholden photograph`: the lane of a photograph that somebody gives with a request. It is there for the privacy officer only."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from beholden.actions import compare_given, desk, photograph
from beholden.cli import folders, naming, printing
from beholden.cli.documents import document
from beholden.cli.door import HERE, Door
from beholden.cli.folders import content_of
from beholden.cli.printing import Told
from beholden.errors import Missing
from beholden.records.requests import Photograph

app = App(name="photograph")
Which = Annotated[str, Parameter(name="request", help="A request's id.")]
Folder = Annotated[Path, Parameter(help="A new or empty folder for the pictures.")]


@app.command
def give(which: Which, file: Annotated[Path, Parameter(help="The photograph.")], /, *, door: Door = HERE) -> Told:
    """Keep the photograph that somebody gives with a request, apart, until the request ends.

    Example: beholden photograph give 3fa9c1 portrait.jpg
    """
    with door.enter() as (system, officer):
        content = content_of(file, most=system.media.max_bytes)
        request_id = naming.request(system, officer, which)
        given = photograph.give_photograph(system, officer, content, request_id=request_id)
    return _told(given, f"is kept until the request ends; faces in it: {given.faces}")


@app.command
def faces(which: Which, /, *, out: Folder, door: Door = HERE) -> Told:
    """Write the faces in the photograph as files, 1.jpg being the surest, to see which is the person who asks.

    Example: beholden photograph faces 3fa9c1 --out faces
    """
    with folders.new_folder(out), door.enter() as (system, officer):
        request_id = naming.request(system, officer, which)
        chips = photograph.show_photograph(system, officer, request_id=request_id)
        written = folders.write(out, {f"{place}.jpg": chip for place, chip in enumerate(chips, 1)})
    return Told({"request": request_id, "faces": written}, (f"The faces are in {out}: {len(written)}.",))


@app.command
def compare(
    which: Which,
    /,
    *,
    out: Folder,
    face: Annotated[int, Parameter(help="The place of the person who asks, from 1.")] = 0,
    door: Door = HERE,
) -> Told:
    """Compare one face with every record that is held, and write those that are nearest as files. It is counted.

    Somebody is always nearest: look at each. `beholden request records` then says which are of the person.

    Example: beholden photograph compare 3fa9c1 --face 1 --out nearest
    """
    with folders.new_folder(out), door.enter() as (system, officer):
        request_id = naming.request(system, officer, which)
        found = compare_given.compare_photograph(system, officer, request_id=request_id, face=face)
        handles = [one.handle for one in found.listed]
        chips = compare_given.show_listed(system, officer, request_id=request_id, handles=handles) if handles else []
        files = {f"{one.face_id}.jpg": chip for one, chip in zip(found.listed, chips, strict=True)}
        written = folders.write(out, files)
    listed = [
        {"record": one.face_id, "image_id": one.image_id, "gallery_id": one.gallery_id, "source_id": one.source_id}
        | {"person": one.person, "file": file}
        for one, file in zip(found.listed, written, strict=True)
    ]
    rows = [
        (one.face_id, str(one.person), printing.short(one.image_id), printing.short(one.source_id))
        for one in found.listed
    ]
    told = {
        "listed": listed,
        "references": found.references,
        "waiting": found.waiting,
        "left_out": found.left_out,
        "comparisons_left": found.comparisons_left,
    }
    words = (
        f"{found.references} records were compared, {found.waiting} had no template of this model, {found.left_out} are of a "
        "source that the oversight body stopped and were left out. That a record is here "
        f"says nothing, nor does its place. Comparisons left for this request: {found.comparisons_left}."
    )
    return Told(told, (words, printing.rows(("record", "person", "image", "source"), rows, "No record is held.")))


@app.command
def take_back(which: Which, /, *, door: Door = HERE) -> Told:
    """Destroy the photograph before the request ends.

    Example: beholden photograph take-back 3fa9c1
    """
    with door.enter() as (system, officer):
        request_id = naming.request(system, officer, which)
        done = photograph.take_back_photograph(system, officer, request_id=request_id)
    return _told(done, _became(done))


@app.command(name="list")
def list_photographs(which: Which, /, *, door: Door = HERE) -> Told:
    """List the photographs that were given with a request, and the entry of the log that tells of each one's destruction.

    Example: beholden photograph list 3fa9c1
    """
    with door.enter() as (system, officer):
        request_id = naming.request(system, officer, which)
        there = desk.photographs(system, officer, request_id=request_id)
    rows = [
        (printing.short(one.id), printing.at(one.kept.created_at), one.state, _entry(one), one.ended_by)
        for one in there
    ]
    table = printing.rows(("id", "given", "state", "destroyed in entry", "why it ended"), rows, "None was given.")
    return Told({"photographs": [document(one) for one in there]}, (table,))


@app.command
def receipt(
    which: Which, /, *, out: Annotated[Path, Parameter(help="A new file for the receipt.")], door: Door = HERE
) -> Told:
    """Write the signed receipt that the photograph was destroyed, the latest of the request.

    Example: beholden photograph receipt 3fa9c1 --out photograph-receipt.txt
    """
    with folders.new_file(out), door.enter() as (system, officer):
        request_id = naming.request(system, officer, which)
        made = [one for one in desk.photographs(system, officer, request_id=request_id) if one.receipt]
        if not made:
            raise Missing("no photograph of this request has a receipt; `beholden worker --once` finishes what waits")
        out.write_bytes(made[0].receipt)
    return Told(document(made[0], receipt=str(out)), (f"The receipt is in {out}; log entry {_entry(made[0])}.",))


def _told(one: Photograph, what: str) -> Told:
    return Told(document(one), (f"The photograph {printing.short(one.id)} {what}.",))


def _became(one: Photograph) -> str:
    if one.entry is None:
        return "is out of use; its destruction is not finished, and `beholden worker --once` tries again"
    return f"is destroyed (log entry {one.entry})"


def _entry(one: Photograph) -> str:
    return "" if one.entry is None else str(one.entry)
