"""`beholden gallery`: open, close and list the sets of references that are searched together."""

from __future__ import annotations

from typing import Annotated

from cyclopts import App, Parameter

from beholden.actions import desk, register
from beholden.actions.tell_apart import tell_apart
from beholden.actions.turn import turn_gallery
from beholden.cli import naming, printing
from beholden.cli.documents import document, documents
from beholden.cli.door import HERE, Door
from beholden.cli.printing import Told
from beholden.records.galleries import certify_by

app = App(name="gallery")


@app.command(name="open")
def open_gallery(
    name: Annotated[str, Parameter(help="How colleagues call it.")],
    /,
    *,
    purpose: Annotated[list[str], Parameter(help="A purpose that it is held for; once for each.")],
    door: Door = HERE,
) -> Told:
    """Open a gallery, as a privacy officer.

    Example: beholden gallery open references --purpose victim-id-cse
    """
    with door.enter() as (system, officer):
        gallery = register.open_gallery(system, officer, name=name, purposes=purpose)
        titles = "; ".join(f"{system.policy.pack.title(one)} ({one})" for one in gallery.purposes)
    words = f"The gallery {gallery.name!r} ({printing.short(gallery.id)}) is open for: {titles}."
    return Told(document(gallery), (words,))


@app.command
def close(gallery: Annotated[str, Parameter(help="A gallery's name or id.")], /, *, door: Door = HERE) -> Told:
    """Close a gallery: its references are kept to their term, and compared no more.

    Example: beholden gallery close references
    """
    with door.enter() as (system, officer):
        closed = register.close_gallery(system, officer, gallery_id=naming.gallery(system, officer, gallery))
    return Told(document(closed), (f"The gallery {closed.name!r} is closed.",))


@app.command
def certify(
    gallery: Annotated[str, Parameter(help="A gallery's name or id.")],
    /,
    *,
    words: Annotated[str, Parameter(help="What was checked, and what was taken out.")],
    door: Door = HERE,
) -> Told:
    """Certify that a gallery was looked through, as a privacy officer. One that is overdue is not searched.

    Example: beholden gallery certify references --words "orders and withdrawals of the quarter; 4 references erased"
    """
    with door.enter() as (system, officer):
        done = register.certify_gallery(
            system, officer, gallery_id=naming.gallery(system, officer, gallery), words=words
        )
        until = certify_by(done, system.rules.certification_days)
    return Told(document(done), (f"The gallery {done.name!r} is certified until {printing.at(until)}.",))


@app.command
def turn(
    gallery: Annotated[str, Parameter(help="A gallery's name or id.")],
    /,
    *,
    door: Door = HERE,
) -> Told:
    """Give a gallery another secret, as a privacy officer: in memory its templates are turned another way from then on.

    Lists stay as they are. It is hardening: who has rows of before, and many of the templates themselves, can still compare.

    Example: beholden gallery turn references
    """
    with door.enter() as (system, officer):
        id = naming.gallery(system, officer, gallery)
        references = turn_gallery(system, officer, gallery_id=id)
    words = f"The gallery has another secret; its {references:,} references are in the index anew."
    return Told({"gallery_id": id, "references": references}, (words,))


@app.command(name="tell-apart")
def tell_images_apart(
    image: Annotated[str, Parameter(help="An image's id, in full.")],
    other: Annotated[str, Parameter(help="The id of one that looks like it, in full.")],
    /,
    *,
    door: Door = HERE,
) -> Told:
    """Say of two images that look alike that they are not one picture: every list then gives each its own place.

    A steward says so, or an examiner.

    Example: beholden gallery tell-apart 3fa9c1d0a4e14d7c8f9b2e6d5a4c3b21 7b0e2c94f1d84a6e9c5d3f2a1b8e7d60
    """
    with door.enter() as (system, officer):
        told = tell_apart(system, officer, image_id=image, other_image_id=other)
    words = f"{printing.short(told.image_id)} and {printing.short(told.other_image_id)} are two pictures from now on."
    return Told(document(told), (words,))


@app.command(name="list")
def list_galleries(*, door: Door = HERE) -> Told:
    """List the galleries that you may see.

    Example: beholden gallery list
    """
    with door.enter() as (system, officer):
        there = desk.galleries(system, officer)
    found = [(printing.short(one.id), one.name, ", ".join(one.purposes), one.state) for one in there]
    table = printing.rows(("id", "name", "purposes", "state"), found, "There are no galleries that you may see.")
    return Told({"galleries": documents(there)}, (table,))
