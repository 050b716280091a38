"""`beholden exhibit`: add, remove and list the photographs of a case."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from beholden.actions import desk, exhibits
from beholden.cli import documents, naming, printing
from beholden.cli.documents import document
from beholden.cli.door import HERE, Door
from beholden.cli.folders import content_of
from beholden.cli.printing import Told
from beholden.records.exhibits import Exhibit, ExhibitFace

app = App(name="exhibit")
WhichCase = Annotated[str, Parameter(help="A case's reference or id.")]


@app.command
def add(
    case: WhichCase,
    file: Annotated[Path, Parameter(help="The photograph.")],
    /,
    *,
    origin: Annotated[
        str,
        Parameter(help="seized-device, provider-report, partner-agency, victim-or-family, or synthetic."),
    ],
    why: Annotated[str, Parameter(help="Why it is in the case.")],
    door: Door = HERE,
) -> Told:
    """Add a photograph to a case: sealed, its faces found, no template made.

    Example: beholden exhibit add 2026-117 frame-031.jpg --origin seized-device --why "found on the seized disk"
    """
    with door.enter() as (system, officer):
        exhibit, faces = exhibits.add_exhibit(
            system,
            officer,
            content_of(file, most=system.media.max_bytes),
            case_id=naming.case(system, officer, case),
            file=file.name,
            origin=origin,
            why=why,
        )
    words = f"The exhibit {printing.short(exhibit.id)} is in the case, with {len(faces)} face{'s' * (len(faces) != 1)}:"
    return Told(_document(exhibit, faces), (words, _table([(exhibit, faces)])))


@app.command
def remove(
    exhibit: Annotated[str, Parameter(help="An exhibit's id.")],
    /,
    *,
    reason: Annotated[str, Parameter(help="Why it is taken back.")],
    door: Door = HERE,
) -> Told:
    """Take a wrong exhibit back: its picture is destroyed, and that it was there stays on record.

    Example: beholden exhibit remove 3fa9c1 --reason "of another case"
    """
    with door.enter() as (system, officer):
        exhibit_id = naming.exhibit(system, officer, exhibit)
        removed = exhibits.remove_exhibit(system, officer, exhibit_id=exhibit_id, reason=reason)
    return Told(
        document(removed), (f"The exhibit {printing.short(removed.id)} is removed, and its picture destroyed.",)
    )


@app.command(name="list")
def list_exhibits(case: WhichCase, /, *, door: Door = HERE) -> Told:
    """List the photographs of a case, and their faces.

    Example: beholden exhibit list 2026-117
    """
    with door.enter() as (system, officer):
        there = desk.exhibits(system, officer, case_id=naming.case(system, officer, case))
    return Told({"exhibits": [_document(exhibit, faces) for exhibit, faces in there]}, (_table(there),))


def _document(exhibit: Exhibit, faces: Sequence[ExhibitFace]) -> dict[str, object]:
    return document(exhibit, faces=[documents.face(one) for one in faces])


def _table(there: Sequence[tuple[Exhibit, Sequence[ExhibitFace]]]) -> str | printing.Rows:
    found = [
        (
            f"{printing.short(exhibit.id)}:{one.position}",
            exhibit.origin,
            exhibit.state,
            f"{one.box.left:.0%} from the left, {one.box.top:.0%} from the top",
            f"{one.quality.eyes_px:.0f} px between the eyes",
            one.subject_role,
        )
        for exhibit, faces in there
        for one in faces
    ]
    return printing.rows(("face", "origin", "state", "place", "size", "role"), found, "The case has no exhibit.")
