"""`beholden exigent`: search before approval, alone and at once; and its review by somebody else."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from beholden.actions import cases, desk, exhibits, exigent, exigent_figures, exigent_review, sought
from beholden.actions.marks import mark_of
from beholden.cli import dates, naming, printing
from beholden.cli import search as searching
from beholden.cli.documents import document
from beholden.cli.documents import search as search_document
from beholden.cli.door import HERE, Door
from beholden.cli.folders import content_of
from beholden.cli.printing import Told
from beholden.errors import BadInput
from beholden.ports.system import System
from beholden.records.cases import CaseState
from beholden.records.exhibits import Exhibit, ExhibitFace, ExhibitState
from beholden.records.exigent import UNKNOWN, Exigent, ExigentState
from beholden.records.people import Officer, Person, Role
from beholden.records.searches import Search
from beholden.records.sought import Sought, SoughtState

app = App(name="exigent")
Which = Annotated[str, Parameter(name="exigent", help="The id of a search before approval.")]
Reason = Annotated[str, Parameter(help="What you looked at, and why it had to be or did not.")]
Ground = Annotated[str, Parameter(help="A ground of the policy pack, such as child-in-danger.")]
Why = Annotated[str, Parameter(help="What is feared, for whom, and why approval could not be waited for.")]
Place = Annotated[str, Parameter(help="Where the threat is.")]
Time = Annotated[str, Parameter(help="When the threat is.")]
Galleries = Annotated[
    list[str] | None, Parameter(help="Only this gallery, by name or id; once for each. Else every fit one.")
]
Incident = Annotated[str, Parameter(help="The first of the same incident, where this is a further person of it.")]


@app.command
def search(
    case: Annotated[str, Parameter(help="A case's reference or id; with --purpose a new one.")],
    file: Annotated[Path, Parameter(help="The photograph, or a video.")],
    /,
    *,
    ground: Ground,
    reason: Why,
    role: Annotated[str, Parameter(help="What the person sought is in the case: victim, or other.")],
    origin: Annotated[
        str, Parameter(help="seized-device, provider-report, partner-agency, victim-or-family, or synthetic.")
    ],
    face: Annotated[int, Parameter(help="Which face of the photograph; may be left out where there is one.")] = 0,
    place: Place = UNKNOWN,
    time: Time = UNKNOWN,
    gallery: Galleries = None,
    purpose: Annotated[str, Parameter(help="Open the case anew for this purpose.")] = "",
    incident: Incident = "",
    door: Door = HERE,
) -> Told:
    """Do it all: the case, the photograph, who is sought, the search before approval, the list.

    Where it was stopped, correct it and give it again: the case, the photograph and who is sought are taken up.

    Example: beholden exigent search 2026-117 frame.jpg --role victim --origin provider-report
    --ground child-in-danger --reason "she is with the man of the photograph, who left the town an hour ago"
    """
    with door.enter() as (system, officer):
        _check_ground(system, ground)
        content = content_of(file, most=system.media.max_video_bytes)
        case_id = _case_there(system, officer, case, purpose)
        galleries = _galleries(system, officer, gallery)
        incident_id = _id(system, officer, incident) if incident else ""
        exigent.check_exigent(
            system,
            officer,
            case_id=case_id,
            purpose=purpose,
            subject_role=role,
            ground=ground,
            reason=reason,
            place=place,
            time=time,
            gallery_ids=galleries,
            incident_id=incident_id,
        )
        if not case_id:
            case_id = cases.open_case(system, officer, reference=case, title="", purpose=purpose).id
        exhibit, faces = _exhibit_there(system, officer, case_id, content) or exhibits.add_exhibit(
            system, officer, content, case_id=case_id, file=file.name, origin=origin, why=reason
        )
        face_id = _face(faces, face, exhibit.id)
        declared = _sought_there(system, officer, case_id, face_id, role) or sought.declare_sought(
            system,
            officer,
            case_id=case_id,
            face_ids=[face_id],
            subject_role=role,
            why="one face of one photograph",
        )
        begun = exigent.begin_exigent(
            system,
            officer,
            case_id=case_id,
            sought_id=declared.id,
            ground=ground,
            reason=reason,
            place=place,
            time=time,
            gallery_ids=galleries,
            incident_id=incident_id,
        )
        found = searching.run_under(
            system, officer, door.where.folder, authority_id=begun.authority_id, sought_id=declared.id
        )
        me = desk.oneself(system, officer)
    told = searching.told_of(found)
    shown = document(begun, passed=_gates(begun)) | {"search": search_document(found)}
    return Told(shown, (*_words(begun), *told.lines, *_who_looks(found, me)))


@app.command
def begin(
    case: Annotated[str, Parameter(help="A case's reference or id.")],
    /,
    *,
    sought: Annotated[str, Parameter(name="--sought", help="Who is to be searched for: the id of a sought.")],
    ground: Ground,
    reason: Why,
    place: Place = UNKNOWN,
    time: Time = UNKNOWN,
    gallery: Galleries = None,
    incident: Incident = "",
    door: Door = HERE,
) -> Told:
    """Begin one for somebody who is declared already; `beholden search run` under its authority follows.

    Example: beholden exigent begin 2026-117 --sought 3fa9c1 --ground child-in-danger --reason "…"
    """
    with door.enter() as (system, officer):
        begun = exigent.begin_exigent(
            system,
            officer,
            case_id=naming.case(system, officer, case),
            sought_id=naming.sought(system, officer, sought),
            ground=ground,
            reason=reason,
            place=place,
            time=time,
            gallery_ids=_galleries(system, officer, gallery),
            incident_id=_id(system, officer, incident) if incident else "",
        )
    words = f"Search with `beholden search run --authority {printing.short(begun.authority_id)}`."
    return Told(document(begun, passed=_gates(begun)), (*_words(begun), words))


@app.command(name="list")
def list_exigents(*, door: Door = HERE) -> Told:
    """List the searches before approval of the cases that you see.

    Example: beholden exigent list
    """
    with door.enter() as (system, officer):
        there = exigent.exigents(system, officer)
        names = {one.id: one.reference for one in desk.cases(system, officer)}
    found = [
        (
            printing.short(one.exigent.id),
            names.get(one.exigent.case_id, ""),
            one.exigent.ground,
            printing.at(one.exigent.review_due),
            one.exigent.state,
        )
        for one in there
    ]
    table = printing.rows(("id", "case", "ground", "review due", "state"), found, "No search before approval.")
    return Told({"exigents": [_seen(one) for one in there]}, (table,))


@app.command
def show(which: Which, /, *, door: Door = HERE) -> Told:
    """Show what a reviewer decides by: the reason, the gates that were passed, and what was done, in numbers.

    Example: beholden exigent show 3fa9c1
    """
    with door.enter() as (system, officer):
        seen = exigent.exigent(system, officer, exigent_id=_id(system, officer, which))
        ground = system.policy.pack.ground(seen.exigent.ground)
    one = seen.exigent
    lines = [
        *_words(one),
        f"Ground: {ground} ({one.ground}).",
        f"Reason: {one.reason}",
        f"Place: {one.place}. Time: {one.time}.",
        f"Done: {seen.searches} searches with {seen.listed} people on their lists, {seen.comparisons} comparisons.",
    ]
    if one.decision:
        lines.append(f"Review: {one.decision}")
    elif one.state is ExigentState.OPEN:
        look = f"beholden authority look {printing.short(one.authority_id)} --out faces"
        lines.append(f"Whoever upholds it looks first at a face that no register of the case has: `{look}`.")
    return Told(_seen(seen), tuple(lines))


@app.command
def uphold(which: Which, /, *, reason: Reason, door: Door = HERE) -> Told:
    """Say that it had to be, as a supervisor who is not on the case.

    Example: beholden exigent uphold 3fa9c1 --reason "the message of the mother was looked at"
    """
    with door.enter() as (system, officer):
        done = exigent_review.uphold_exigent(system, officer, exigent_id=_id(system, officer, which), reason=reason)
    return Told(document(done, passed=_gates(done)), _words(done))


@app.command
def refuse(which: Which, /, *, reason: Reason, door: Door = HERE) -> Told:
    """Say that it need not have been: nothing goes on under it, and what it made is out of use.

    Example: beholden exigent refuse 3fa9c1 --reason "nobody was in danger at the time"
    """
    with door.enter() as (system, officer):
        done = exigent_review.refuse_exigent(system, officer, exigent_id=_id(system, officer, which), reason=reason)
    return Told(document(done, passed=_gates(done)), _words(done))


@app.command
def close_lapse(which: Which, /, *, reason: Reason, door: Door = HERE) -> Told:
    """Write the review that nobody wrote in time; searches that can wait go on again.

    Example: beholden exigent close-lapse 3fa9c1 --reason "the supervisor on duty was ill; the case was looked at"
    """
    with door.enter() as (system, officer):
        done = exigent_review.close_lapse(system, officer, exigent_id=_id(system, officer, which), reason=reason)
    return Told(document(done, passed=_gates(done)), _words(done))


@app.command
def figures(
    *,
    since: Annotated[str, Parameter(help="From this day on; else of the last 365 days.")] = "",
    until: Annotated[str, Parameter(help="Up to this day; else up to now.")] = "",
    door: Door = HERE,
) -> Told:
    """How often it was searched before approval, by purpose, and what became of it, counted from the log.

    Example: beholden exigent figures --since 2026-01-01
    """
    with door.enter() as (system, officer):
        ends_at = dates.instant(until, "end") if until else system.clock.now()
        begins_at = dates.instant(since, "beginning") if since else ends_at - timedelta(days=365)
        there = exigent_figures.exigent_figures(system, officer, begins_at=begins_at, ends_at=ends_at)
    heads = ("purpose", "incidents", "persons", "upheld", "refused", "lapsed", "upheld %")
    found = [
        (
            one.purpose,
            *(str(number) for number in (one.incidents, one.persons, one.upheld, one.refused, one.lapsed)),
            "–" if one.upheld_percent is None else str(one.upheld_percent),
        )
        for one in there
    ]
    shown = [
        {
            **{name: getattr(one, name) for name in ("purpose", "incidents", "persons", "upheld", "refused", "lapsed")},
            "upheld_percent": one.upheld_percent,
        }
        for one in there
    ]
    return Told({"purposes": shown}, (printing.rows(heads, found, "No purpose."),))


def _who_looks(found: Search, me: Person) -> tuple[str, ...]:
    """Who searched before approval may go through the list alone, as an examiner."""
    if Role.EXAMINER in me.roles:
        return (f"You are an examiner too: go through it with `beholden review open {printing.short(found.id)}`.",)
    return ("You are no examiner: call one, for nobody is shown the list before it was gone through.",)


def _case_there(system: System, officer: Officer, given: str, purpose: str) -> str:
    """The id of the case; with a purpose that of one's own open one, and empty where it is to be opened."""
    if not purpose:
        return naming.case(system, officer, given)
    me = desk.oneself(system, officer).id
    there = [
        naming.Known(one.id, one.reference)
        for one in desk.cases(system, officer)
        if one.state is CaseState.OPEN and one.purpose == purpose and me in one.assigned
    ]
    found = naming.resolve(
        given.strip(), "case", [one for one in there if one.name.casefold() == given.strip().casefold()]
    )
    return found if any(one.id == found for one in there) else ""


def _exhibit_there(
    system: System, officer: Officer, case_id: str, content: bytes
) -> tuple[Exhibit, tuple[ExhibitFace, ...]] | None:
    """The exhibit of the case that is this very file, with its faces."""
    mark = mark_of(system, content)
    for one, faces in desk.exhibits(system, officer, case_id=case_id):
        if one.mark == mark and one.state is ExhibitState.HELD:
            return one, tuple(faces)
    return None


def _sought_there(system: System, officer: Officer, case_id: str, face_id: str, role: str) -> Sought | None:
    """Who was declared of just this face, in the same role."""
    for one in desk.soughts(system, officer, case_id=case_id):
        if one.state is SoughtState.DECLARED and one.face_ids == (face_id,) and one.subject_role == role:
            return one
    return None


def _check_ground(system: System, ground: str) -> None:
    """A mistyped code is told before anything is added to the case; whether it holds is the policy's to say."""
    known = system.policy.pack.exigent_grounds
    if known and ground not in known:
        raise BadInput(f"{ground!r} is no ground of the policy pack: give one of {', '.join(known)}")


def _galleries(system: System, officer: Officer, named: list[str] | None) -> list[str] | None:
    return None if named is None else [naming.gallery(system, officer, one) for one in named]


def _face(faces: Sequence[ExhibitFace], number: int, exhibit_id: str) -> str:
    """The chosen one. The exhibit stays in the case where none was chosen, and the same command takes it up."""
    if not number and len(faces) == 1:
        return faces[0].id
    for one in faces:
        if one.position == number:
            return one.id
    raise BadInput(
        f"the exhibit {printing.short(exhibit_id)} is in the case, with {len(faces)} faces: look which it is with "
        "`beholden exhibit faces`, then give the same command again with `--face` and its number"
    )


def _id(system: System, officer: Officer, given: str) -> str:
    known = (naming.Known(one.exigent.id) for one in exigent.exigents(system, officer))
    return naming.resolve(given, "search before approval", known)


def _gates(one: Exigent) -> list[dict[str, str]]:
    return [{"gate": gate.gate, "words": gate.words} for gate in one.passed]


def _seen(seen: exigent.Seen) -> dict[str, object]:
    numbers = {"searches": seen.searches, "listed": seen.listed, "comparisons": seen.comparisons}
    return document(seen.exigent, passed=_gates(seen.exigent)) | numbers


def _words(one: Exigent) -> tuple[str, ...]:
    """How it stands, and which gates it passed."""
    due = f"; somebody else reviews it until {printing.at(one.review_due)}" if one.state == "open" else ""
    gates = tuple(f"Passed: {gate.gate}, {gate.words}." for gate in one.passed)
    return (f"The search before approval {printing.short(one.id)} is {one.state}{due}.", *gates)
