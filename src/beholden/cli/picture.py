"""`beholden picture`: what an auditor does beyond reading: look at one picture, for a reason in writing."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from beholden.actions import desk, reveal
from beholden.cli import folders, naming
from beholden.cli.door import HERE, Door
from beholden.cli.printing import Told
from beholden.ports.system import System
from beholden.records.people import Officer
from beholden.records.reveals import Pictured

app = App(name="picture")


@app.command(name="reveal")
def reveal_picture(
    of: Annotated[str, Parameter(help="What is named: exhibit-face, lead, or reference.")],
    picture: Annotated[
        str,
        Parameter(name="id", help="A face of an exhibit (its id, or EXHIBIT:NUMBER), a lead, or a reference's face."),
    ],
    /,
    *,
    reason: Annotated[str, Parameter(help="Why it must be seen; it is on record.")],
    out: Annotated[Path, Parameter(help="A new file for the face.")],
    door: Door = HERE,
) -> Told:
    """Be given one face as a JPEG, as an auditor who has just signed in; the reason is on record.

    Example: beholden picture reveal exhibit-face 3fa9c1:1 --reason "the opinions name a scar" --out ./face.jpg
    """
    with door.enter() as (system, officer), folders.new_file(out) as file:
        id = _named(system, officer, of, picture)
        file.write_bytes(reveal.reveal_picture(system, officer, of=of, id=id, reason=reason))
        left = reveal.pictures_left(system, officer)
    lines = (f"The face is in {out}. You may look at {left} more today. Destroy the file when you have seen it.",)
    return Told({"of": of, "id": id, "file": str(out), "left_today": left}, lines)


def _named(system: System, officer: Officer, of: str, given: str) -> str:
    """The face that EXHIBIT:NUMBER names, where this person sees its exhibit; every id as it was given."""
    beginning, colon, number = given.partition(":")
    if of != Pictured.EXHIBIT_FACE or not colon:
        return given
    exhibit_id = naming.exhibit(system, officer, beginning)
    for case in desk.cases(system, officer):
        for exhibit, faces in desk.exhibits(system, officer, case_id=case.id):
            for face in faces:
                if exhibit.id == exhibit_id and str(face.position) == number:
                    return face.id
    return given
