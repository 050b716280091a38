"""`beholden exhibit`: add, remove and list the photographs of a case, and draw a face in one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from beholden.actions import desk, exhibits
from beholden.actions.draw import draw_face as draw_a_face
from beholden.actions.edit import edit_face
from beholden.cli import documents, naming, printing
from beholden.cli.documents import document
from beholden.cli.door import HERE, Door
from beholden.cli.folders import content_of
from beholden.cli.printing import Told
from beholden.records.drawn_faces import LandmarksFrom, eyes_of
from beholden.records.edits import Operation
from beholden.records.exhibits import Exhibit, ExhibitFace, ExhibitState, region_of
from beholden.records.faces import seconds_of, time_code
from beholden.records.quality import quality_reasons

app = App(name="exhibit")
SEEN = {
    LandmarksFrom.DETECTOR: "The detector sees a face there too.",
    LandmarksFrom.EYES: "Its nose and mouth are placed by the two eyes.",
    LandmarksFrom.BOX: "The detector sees none there: eyes, nose and mouth are placed by the box. Better say where the eyes are.",
}
WhichCase = Annotated[str, Parameter(help="A case's reference or id.")]


@app.command
def add(
    case: WhichCase,
    file: Annotated[Path, Parameter(help="The photograph, or a video.")],
    /,
    *,
    origin: Annotated[
        str,
        Parameter(help="seized-device, provider-report, partner-agency, victim-or-family, or synthetic."),
    ],
    why: Annotated[str, Parameter(help="Why it is in the case.")],
    intake: Annotated[
        str, Parameter(help="crop or whole; default: what the policy pack says for the case's purpose.")
    ] = "",
    also: Annotated[
        tuple[str, ...],
        Parameter(help="A region kept of a cropped one beside the faces: left,top,width,height as fractions."),
    ] = (),
    plain: Annotated[
        bool, Parameter(help="Look plainly, without the thorough look for tilted and small faces.")
    ] = False,
    even_without_faces: Annotated[
        bool, Parameter(help="Keep it although no face is found, to draw one by hand.")
    ] = False,
    captured_at: Annotated[
        str, Parameter(help="When it was taken, if that is known: YYYY, YYYY-MM or YYYY-MM-DD.")
    ] = "",
    door: Door = HERE,
) -> Told:
    """Add a photograph to a case: its faces found, they or the whole of it sealed, no template made.

    Example: beholden exhibit add 2026-117 frame-031.jpg --origin seized-device --why "found on the seized disk"
    """
    with door.enter() as (system, officer):
        exhibit, faces = exhibits.add_exhibit(
            system,
            officer,
            content_of(file, most=system.media.max_video_bytes),
            case_id=naming.case(system, officer, case),
            file=file.name,
            origin=origin,
            why=why,
            intake=intake,
            also=[region_of(one) for one in also],
            captured_at=captured_at,
            thorough=not plain,
            even_without_faces=even_without_faces,
        )
    words = f"The exhibit {printing.short(exhibit.id)} is in the case, with {len(faces)} face{'s' * (len(faces) != 1)}:"
    notes = list(_notes(exhibit))
    if exhibit.cropped or exhibit.is_video:
        notes.append("The file you gave is still where it was.")
    return Told(_document(exhibit, faces), (words, _table([(exhibit, faces)]), *notes))


@app.command
def draw(
    exhibit: Annotated[str, Parameter(help="An exhibit's id.")],
    box: Annotated[str, Parameter(help="Around the face: left,top,width,height as fractions of the picture.")],
    /,
    *,
    eyes: Annotated[
        str,
        Parameter(
            help="Both eyes, if the detector cannot see them: left,top,left,top, first the left one once it is upright."
        ),
    ] = "",
    why: Annotated[str, Parameter(help="Why there is a face that matters here.")],
    door: Door = HERE,
) -> Told:
    """Draw a face that the detector did not find. It is used like any other, and said to be drawn.

    Example: beholden exhibit draw 3fa9c1 0.41,0.12,0.09,0.12 --why "the child behind the door"
    """
    with door.enter() as (system, officer):
        face = draw_a_face(
            system,
            officer,
            exhibit_id=naming.exhibit(system, officer, exhibit),
            box=region_of(box),
            eyes=eyes_of(eyes),
            why=why,
        )
    words = (
        f"Face {face.position} of the exhibit {printing.short(face.exhibit_id)} is drawn. {SEEN[face.landmarks_from]}"
    )
    return Told(documents.face(face), (words,))


@app.command
def edit(
    exhibit: Annotated[str, Parameter(help="An exhibit's id.")],
    position: Annotated[int, Parameter(help="Which of its faces, from 1.")],
    /,
    *,
    edit: Annotated[
        tuple[str, ...],
        Parameter(help=f"In the order in which they are done: {', '.join(Operation)}, such as rotate=90."),
    ],
    why: Annotated[str, Parameter(help="Why it is edited.")],
    door: Door = HERE,
) -> Told:
    """Make a face easier to see, beside its original: a new face of the exhibit, said to be edited wherever it is used.

    Example: beholden exhibit edit 3fa9c1 1 --edit exposure=1.5 --edit denoise=1 --why "taken at night"
    """
    with door.enter() as (system, officer):
        exhibit_id = naming.exhibit(system, officer, exhibit)
        made = edit_face(system, officer, exhibit_id=exhibit_id, position=position, edits=edit, why=why)
    done = ", ".join(one.words() for one in made.edits)
    words = f"Face {made.position} of the exhibit {printing.short(made.exhibit_id)} is face {position} with: {done}."
    return Told(documents.face(made), (words,))


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
    notes = [note for exhibit, _ in there if exhibit.state is ExhibitState.HELD for note in _notes(exhibit)]
    return Told({"exhibits": [_document(exhibit, faces) for exhibit, faces in there]}, (_table(there), *notes))


def _notes(exhibit: Exhibit) -> Iterator[str]:
    """What is to be known of an exhibit beside its faces, wherever it is told of."""
    this = printing.short(exhibit.id)
    if exhibit.stack:
        yield f"{this} looks the same as {printing.short(exhibit.stack)}: one picture in two files."
    if exhibit.frames_in_file > 1:
        yield f"{this} is the first of the {exhibit.frames_in_file:,} frames of its file."
    if exhibit.cropped:
        yield f"{this}: only the faces and what lies close around them are kept."
    if exhibit.is_video:
        yield f"{this}: of the video only the best sights of each face are kept."
    if exhibit.left_out:
        more = "1 more face" if exhibit.left_out == 1 else f"{exhibit.left_out:,} more faces"
        yield f"{this}: {more} had no room in what is kept; cut the video in parts, and add those."
    if exhibit.smallest_face:
        missed = f"{this}: faces of fewer than {exhibit.smallest_face} pixels may not have been found"
        yield f"{missed}{'.' if exhibit.is_video else '; draw them by hand.'}"


def _document(exhibit: Exhibit, faces: Sequence[ExhibitFace]) -> dict[str, object]:
    return document(
        exhibit,
        cropped=exhibit.cropped,
        kept_boxes=[asdict(box) for box in exhibit.kept_boxes],
        faces=[documents.face(one) for one in faces],
    )


def _place(face: ExhibitFace) -> str:
    if (seen := seconds_of(face)) is None:
        return f"{face.box.left:.0%} from the left, {face.box.top:.0%} from the top"
    frames = f"{len(face.frames)} frame{'s' * (len(face.frames) != 1)}"
    return (
        f"{frames}, {time_code(seen[0])} to {time_code(seen[1])}"
        if seen[0] < seen[1]
        else f"{frames}, {time_code(seen[0])}"
    )


def _found_by(one: ExhibitFace) -> str:
    if one.edits:
        return f"edited: {', '.join(each.words() for each in one.edits)}"
    return "by hand" if one.drawn_by else "the detector"


def _table(there: Sequence[tuple[Exhibit, Sequence[ExhibitFace]]]) -> str | printing.Rows:
    found = [
        (
            f"{printing.short(exhibit.id)}:{one.position}",
            exhibit.origin,
            exhibit.state,
            _place(one),
            f"{one.quality.eyes_px:.0f} px between the eyes",
            _found_by(one),
            "; ".join(each.words for each in quality_reasons(one.quality)) or "–",
            one.subject_role,
        )
        for exhibit, faces in there
        for one in faces
    ]
    heads = ("face", "origin", "state", "place", "size", "found by", "hard to compare", "role")
    return printing.rows(heads, found, "The case has no exhibit.")
