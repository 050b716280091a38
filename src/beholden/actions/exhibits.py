"""Exhibits: photographs of a case. Their faces get boxes; a template is made only of a sought one, while it is searched."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import asdict

import numpy as np

from beholden.actions import audit
from beholden.actions.alike import COUNTER, EXHIBIT, ask_memory, first_of, follow_prints, seal_fingerprint, stack_of
from beholden.actions.audit import Act
from beholden.actions.marks import mark_of
from beholden.actions.seeing import only_faces, see
from beholden.actions.unmade import Sealed, taken_back
from beholden.errors import BadInput, NoUsableFace
from beholden.ports.database import Look
from beholden.ports.media import Pixels, Sight
from beholden.ports.policy import Fact
from beholden.ports.system import System
from beholden.records.audit import canonical
from beholden.records.cases import Case
from beholden.records.exhibits import (
    Exhibit,
    ExhibitDetails,
    ExhibitFace,
    ExhibitState,
    Intake,
    Origin,
    SubjectRole,
    share_kept,
)
from beholden.records.faces import Box, boxes_of
from beholden.records.images import is_capture_date
from beholden.records.metadata import no_probe
from beholden.records.people import Officer
from beholden.records.sought import Sought, SoughtState

CHIP_SIDE = 224  # pixels: as in a review
PICTURE, DETAILS = "exhibit/picture", "exhibit/details"
MOST_ALSO = 10  # regions beside the faces
MOST_OF_FRAME = 0.05  # of its area that one of them may be: with its margin it is nine times as large
MOST_BESIDE_FACES = (
    0.25  # of its area that is kept for all of them together, with their margins, beyond what the faces keep
)

ALREADY = "this file is an exhibit of the case already; nothing was added"

_NO_FACE = (
    "no face was found; give a photograph in which the face is larger, sharper or upright, or say that it is added even without "
    "a found face, and draw the face by hand"
)
_NOTHING_KEPT = (
    "no face was found, and of a cropped exhibit nothing but faces and named regions is kept; name the region in which you see "
    "the face, and draw it there"
)


def add_exhibit(
    system: System,
    officer: Officer,
    content: bytes,
    *,
    case_id: str,
    file: str,
    origin: str,
    why: str,
    intake: str = "",
    also: Sequence[Box] = (),
    captured_at: str = "",
    thorough: bool = True,
    even_without_faces: bool = False,
) -> tuple[Exhibit, tuple[ExhibitFace, ...]]:
    """Find the photograph's faces, seal them and what lies close around, or the whole of it; make no template.

    `intake` is "crop" or "whole"; if nothing is said, the policy pack says by the purpose of the case. Of a cropped exhibit the
    regions `also` are kept beside the faces, with the same margin: a box is fractions of width and height. A photograph is
    looked at thoroughly, for tilted and small faces too, unless that is not wanted; one without a face is kept only if that is
    said, so that one can be drawn. Raises `BadInput` for an unknown origin class or intake, a date (`captured_at`: YYYY, YYYY-MM
    or YYYY-MM-DD) that is none, no reason, a region outside the picture, a picture that says that nobody was before the camera,
    or a file that is in the case already.
    """
    sealed = Sealed()
    with audit.act(system, "exhibit.added", officer) as act, taken_back(system, sealed):
        mark = mark_of(system, content)
        with act.look() as look:
            case, asked, facts = _permit_adding(act, look, case_id, intake)
            _check_told(system, origin, why)
            _check_intake(asked, also)
            _check_date(captured_at)
            _check_new(look, case, mark)
        audit.check_room(system)
        seen = see(system.media, system.model, content, thorough=thorough)
        picture = seen.picture
        if system.profile != "synthetic" and (made_up := no_probe(picture.metadata)):
            raise BadInput(made_up)
        if not seen.faces and not even_without_faces:
            raise NoUsableFace(_NO_FACE)
        kept_boxes: tuple[Box, ...] = ()
        if also and seen.kept is not content:
            raise BadInput("regions are named of a photograph only; of a video its faces are kept, and nothing else")
        if asked == Intake.CROP and seen.kept is content:  # of a video nothing but crops is kept anyway
            if not seen.faces and not also:
                raise BadInput(_NOTHING_KEPT)
            _check_little_is_kept([face.box for face in seen.faces], also)
            seen = only_faces(system.media, seen, also)
            kept_boxes = (*(face.box for face in seen.faces), *also)
        exhibit_id, blob_key, *face_ids = act.new_ids(2 + len(seen.faces), sealed)
        details = ExhibitDetails(
            file, hashlib.sha256(content).hexdigest(), why.strip(), captured_at, **asdict(picture.metadata)
        )
        sealed.blob = system.blobs.put(system.keys.seal(blob_key, seen.kept, PICTURE))
        follow_prints(system)
        looked = ask_memory(system, seen.fingerprint)
        with act.begin(sealed) as tx:
            case = tx.get(Case, case_id)
            act.permit(case_state=str(case.state), assigned=case.assigned, **facts)
            _check_new(tx, case, mark)  # somebody else may have added it while the faces were looked for
            pixel_mark = pixel_mark_of(system, picture.pixels)
            exhibit = Exhibit(
                id=exhibit_id,
                version=0,
                kept=act.keep("exhibit"),
                case_id=case.id,
                mark=mark,
                pixel_mark=pixel_mark,
                details=system.keys.seal(exhibit_id, canonical(asdict(details)), DETAILS),
                origin=Origin(origin),
                blob=sealed.blob,
                blob_key=blob_key,
                kind=picture.kind,
                width=int(picture.pixels.shape[1]),
                height=int(picture.pixels.shape[0]),
                added_by=act.person.id,
                state=ExhibitState.HELD,
                fingerprint=seal_fingerprint(system, blob_key, seen.fingerprint, EXHIBIT),
                print_no=tx.next(COUNTER),
                stack=stack_of(system, tx, case.id, looked),
                frames_in_file=picture.frames,
                kept_boxes=kept_boxes,
                thorough=thorough and not any(face.frames for face in seen.faces),
                smallest_face=seen.smallest_face,
                left_out=seen.left_out,
                copy_of_id=first_of(system, tx, pixel_mark, looked) or exhibit_id,
            )
            faces = tuple(
                ExhibitFace(
                    id=face_id,
                    version=0,
                    kept=act.keep("exhibit"),
                    exhibit_id=exhibit_id,
                    case_id=case.id,
                    position=position,
                    box=face.box,
                    landmarks=face.landmarks,
                    quality=face.quality,
                    subject_role=SubjectRole.UNDECLARED,
                    frames=face.frames,
                )
                for position, (face_id, face) in enumerate(zip(face_ids, seen.faces, strict=True), 1)
            )
            tx.add(exhibit, *faces)
            act.tell("exhibit", exhibit.id, exhibit.id)
            act.tell("file_sha256", details.sha256, exhibit.id)
            act.tell("origin", str(exhibit.origin), exhibit.id)
            act.tell("intake", asked, exhibit.id)
            act.tell("thorough", exhibit.thorough, exhibit.id)
            act.tell("faces", len(faces), exhibit.id)
            if exhibit.left_out:
                act.tell("faces_left_out", exhibit.left_out, exhibit.id)
    return exhibit, faces


def check_adding(
    system: System, officer: Officer, *, case_id: str, origin: str, why: str, intake: str = "", captured_at: str = ""
) -> None:
    """Raises what `add_exhibit` would for any photograph told of so; where it would not, nothing is done or on record.

    For who gives many at a time, and should hear at once what is wrong with all of them.
    """
    with audit.act(system, "exhibit.added", officer) as act, act.look() as look:
        _, asked, _ = _permit_adding(act, look, case_id, intake)
        _check_told(system, origin, why)
        _check_intake(asked, ())
        _check_date(captured_at)


def _permit_adding(act: Act, look: Look, case_id: str, intake: str) -> tuple[Case, str, dict[str, Fact]]:
    """The case, how the exhibit is taken in, and what the policy was told of that."""
    case = look.get(Case, case_id)
    act.purpose = case.purpose
    act.tell("case", case.id, case.id)
    crop_on_intake = act.system.policy.pack.crop_on_intake
    asked = intake or str(Intake.CROP if case.purpose in crop_on_intake else Intake.WHOLE)
    facts: dict[str, Fact] = {"purpose": case.purpose, "crop_on_intake": crop_on_intake, "intake": asked}
    act.permit(case_state=str(case.state), assigned=case.assigned, **facts)
    return case, asked, facts


def show_faces(system: System, officer: Officer, *, exhibit_id: str) -> list[tuple[ExhibitFace, bytes]]:
    """The exhibit's faces, the surest first, each with its chip (JPEG), cut now from the sealed picture. Nothing around them."""
    return [(face, chips[0]) for face, chips in show_sights(system, officer, exhibit_id=exhibit_id)]


def show_sights(system: System, officer: Officer, *, exhibit_id: str) -> list[tuple[ExhibitFace, tuple[bytes, ...]]]:
    """As `show_faces`, with a chip of every frame that is kept of a face in a video, the best first.

    Faces are followed by where they stand alone: whoever declares one looks whether its frames show one person.
    """
    with audit.act(system, "exhibit.shown", officer) as act:
        with act.look() as look:
            exhibit = look.get(Exhibit, exhibit_id)
            act.tell("case", exhibit.case_id, exhibit.case_id)
            act.tell("exhibit", exhibit.id, exhibit.id)
            _permit_showing(act, look, exhibit)
            faces = tuple(look.find(ExhibitFace, exhibit_id=exhibit.id, order="position"))
        boxes = [boxes_of(face) for face in faces]
        sights = [(face, box) for face, those in zip(faces, boxes, strict=True) for box in those]
        chips = iter(_chips(system, exhibit, sights, CHIP_SIDE))
        with act.begin() as tx:
            _permit_showing(act, tx, tx.get(Exhibit, exhibit_id))  # it may have been removed while its chips were cut
            act.tell("faces", len(faces), exhibit.id)
    return [(face, tuple(next(chips) for _ in those)) for face, those in zip(faces, boxes, strict=True)]


def remove_exhibit(system: System, officer: Officer, *, exhibit_id: str, reason: str) -> Exhibit:
    """Take back a wrong exhibit: its key is destroyed and its picture purged; that it was there stays on record.

    Refused while a sought that is not withdrawn names one of its faces.
    """
    with audit.act(system, "exhibit.removed", officer) as act, act.begin() as tx:
        exhibit = tx.get(Exhibit, exhibit_id)
        case = tx.get(Case, exhibit.case_id)
        act.purpose = case.purpose
        act.tell("case", case.id, case.id)
        act.tell("exhibit", exhibit.id, exhibit.id)
        faces = {face.id for face in tx.find(ExhibitFace, exhibit_id=exhibit.id)}
        sought = tx.find(Sought, case_id=case.id, state=SoughtState.DECLARED)
        act.permit(
            case_state=str(case.state),
            assigned=case.assigned,
            state=str(exhibit.state),
            sought_with_it=sum(not faces.isdisjoint(one.face_ids) for one in sought),
        )
        if not reason.strip():
            raise BadInput("say why the exhibit is removed")
        removed = tx.change(exhibit, state=ExhibitState.REMOVED, print_no=tx.next(COUNTER))
        act.tell("reason", reason.strip(), exhibit.id)
    purge_removed(system, removed)
    return removed


def pixel_mark_of(system: System, pixels: Pixels) -> str:
    """How a photograph is known again whose file was changed: an HMAC over its upright pixels and their width and height."""
    height, width = pixels.shape[:2]
    digest = hashlib.sha256(f"{width}x{height}:".encode())
    digest.update(np.ascontiguousarray(pixels).data)
    return system.keys.hmac("pixels", digest.digest()).hex()


def purge_removed(system: System, exhibit: Exhibit) -> None:
    """Destroy what a removed exhibit's picture was sealed with, and the picture. Safe to do again."""
    system.blobs.purge(exhibit.blob)
    system.keys.destroy([exhibit.blob_key])
    system.keys.purge()


def exhibit_chips(system: System, exhibit: Exhibit, faces: tuple[ExhibitFace, ...], side: int) -> list[bytes]:
    """A chip of each of these faces, cut now from the sealed picture; of an edited one, as it was edited."""
    return _chips(system, exhibit, [(face, face.box) for face in faces], side)


def _chips(system: System, exhibit: Exhibit, sights: Sequence[tuple[ExhibitFace, Box]], side: int) -> list[bytes]:
    content = system.keys.open(exhibit.blob_key, system.blobs.get(exhibit.blob), PICTURE)
    seen = [Sight(box, face.edits, face.edited_around) for face, box in sights]
    return list(system.media.chips(content, seen, side))


def _permit_showing(act: Act, look: Look, exhibit: Exhibit) -> None:
    case = look.get(Case, exhibit.case_id)
    act.purpose = case.purpose
    act.permit(assigned=case.assigned, state=str(exhibit.state))


def _check_told(system: System, origin: str, why: str) -> None:
    if origin not in set(Origin):
        raise BadInput(f"{origin!r} is no origin class of an exhibit; it must be one of: {', '.join(Origin)}")
    if (origin == Origin.SYNTHETIC) != (system.profile == "synthetic"):
        raise BadInput(f"an exhibit of origin {origin!r} has no place in a system of profile {system.profile!r}")
    if not why.strip():
        raise BadInput("say why this photograph is in the case")


def _check_date(captured_at: str) -> None:
    if not is_capture_date(
        captured_at
    ):  # blind readers are told of the years that lie between two dates, and nothing else
        raise BadInput(
            f"{captured_at[:40]!r} is no capture date; write it as YYYY, YYYY-MM or YYYY-MM-DD, or leave it out"
        )


def _check_intake(intake: str, also: Sequence[Box]) -> None:
    if intake not in set(Intake):
        raise BadInput(f"{intake!r} is no way to take an exhibit in; it must be one of: {', '.join(Intake)}")
    if also and intake != Intake.CROP:
        raise BadInput("regions are named of a cropped exhibit only; of a whole one everything is kept")
    if len(also) > MOST_ALSO:
        raise BadInput(f"more than {MOST_ALSO} regions are no crop; name those in which a face was not found")
    for box in also:
        inside = 0 <= box.left < box.left + box.width <= 1 and 0 <= box.top < box.top + box.height <= 1
        if not inside or box.width * box.height > MOST_OF_FRAME:
            raise BadInput(
                f"a region must lie in the picture, as fractions of its width and height, and be at most {MOST_OF_FRAME:.0%} of it"
            )


def _check_little_is_kept(faces: Sequence[Box], also: Sequence[Box]) -> None:
    more = share_kept([*faces, *also]) - share_kept(faces)
    if more > MOST_BESIDE_FACES:
        raise BadInput(
            f"the named regions would keep {more:.0%} of the frame beside its faces, with as much again on each side of them; "
            f"at most {MOST_BESIDE_FACES:.0%} are kept: name fewer or smaller ones, close around the faces that you see"
        )


def _check_new(look: Look, case: Case, mark: str) -> None:
    if look.find(Exhibit, case_id=case.id, mark=mark, state=ExhibitState.HELD):
        raise BadInput(ALREADY)
