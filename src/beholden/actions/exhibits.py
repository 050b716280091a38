"""Exhibits: photographs of a case. Their faces get boxes; a template is made only of a sought one, while it is searched."""

from __future__ import annotations

import hashlib
from dataclasses import asdict

import numpy as np

from beholden.actions import audit
from beholden.actions.audit import Act
from beholden.actions.enrol import mark_of, taken_back
from beholden.actions.seeing import see
from beholden.errors import BadInput, NoUsableFace
from beholden.ports.database import Look
from beholden.ports.media import Pixels
from beholden.ports.system import System
from beholden.records.audit import canonical
from beholden.records.cases import Case
from beholden.records.exhibits import Exhibit, ExhibitDetails, ExhibitFace, ExhibitState, Origin, SubjectRole
from beholden.records.people import Officer
from beholden.records.sought import Sought, SoughtState

CHIP_SIDE = 224  # pixels: as in a review
PICTURE, DETAILS = "exhibit/picture", "exhibit/details"


def add_exhibit(
    system: System, officer: Officer, content: bytes, *, case_id: str, file: str, origin: str, why: str
) -> tuple[Exhibit, tuple[ExhibitFace, ...]]:
    """Seal the photograph, find its faces, make no template.

    Raises `BadInput` for an unknown origin class, no reason, or a file that is in the case already.
    """
    with audit.act(system, "exhibit.added", officer) as act:
        mark = mark_of(system, content)
        with act.look() as look:
            case = look.get(Case, case_id)
            act.purpose = case.purpose
            act.tell("case", case.id, case.id)
            act.permit(case_state=str(case.state), assigned=case.assigned)
            _check_told(system, origin, why)
            _check_new(look, case, mark)
        audit.check_room(system)
        seen = see(system.media, system.model, content)
        picture = seen.picture
        if not seen.faces:
            raise NoUsableFace("no face was found; give a photograph in which the face is larger, sharper or upright")
        exhibit_id, blob_key, *face_ids = act.new_ids(2 + len(seen.faces))
        details = ExhibitDetails(file, hashlib.sha256(content).hexdigest(), why.strip())
        blob = system.blobs.put(system.keys.seal(blob_key, seen.kept, PICTURE))
        with taken_back(system, [exhibit_id, blob_key, *face_ids], blob), act.begin() as tx:
            case = tx.get(Case, case_id)
            act.permit(case_state=str(case.state), assigned=case.assigned)
            _check_new(tx, case, mark)  # somebody else may have added it while the faces were looked for
            exhibit = Exhibit(
                id=exhibit_id,
                version=0,
                kept=act.keep("exhibit"),
                case_id=case.id,
                mark=mark,
                pixel_mark=pixel_mark_of(system, picture.pixels),
                details=system.keys.seal(exhibit_id, canonical(asdict(details)), DETAILS),
                origin=Origin(origin),
                blob=blob,
                blob_key=blob_key,
                kind=picture.kind,
                width=int(picture.pixels.shape[1]),
                height=int(picture.pixels.shape[0]),
                added_by=act.person.id,
                state=ExhibitState.HELD,
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
                )
                for position, (face_id, face) in enumerate(zip(face_ids, seen.faces, strict=True), 1)
            )
            tx.add(exhibit, *faces)
            act.tell("exhibit", exhibit.id, exhibit.id)
            act.tell("file_sha256", details.sha256, exhibit.id)
            act.tell("origin", str(exhibit.origin), exhibit.id)
            act.tell("faces", len(faces), exhibit.id)
    return exhibit, faces


def show_faces(system: System, officer: Officer, *, exhibit_id: str) -> list[tuple[ExhibitFace, bytes]]:
    """The exhibit's faces, the surest first, each with its chip (JPEG), cut now from the sealed picture. Nothing around them."""
    with audit.act(system, "exhibit.shown", officer) as act:
        with act.look() as look:
            exhibit = look.get(Exhibit, exhibit_id)
            act.tell("case", exhibit.case_id, exhibit.case_id)
            act.tell("exhibit", exhibit.id, exhibit.id)
            _permit_showing(act, look, exhibit)
            faces = tuple(look.find(ExhibitFace, exhibit_id=exhibit.id, order="position"))
        chips = exhibit_chips(system, exhibit, faces, CHIP_SIDE)
        with act.begin() as tx:
            _permit_showing(act, tx, tx.get(Exhibit, exhibit_id))  # it may have been removed while its chips were cut
            act.tell("faces", len(faces), exhibit.id)
    return list(zip(faces, chips, strict=True))


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
        removed = tx.change(exhibit, state=ExhibitState.REMOVED)
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
    """A chip of each of these faces, cut now from the sealed picture."""
    content = system.keys.open(exhibit.blob_key, system.blobs.get(exhibit.blob), PICTURE)
    pixels = system.media.decode(content).pixels
    return [system.media.chip(pixels, face.box, side) for face in faces]


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


def _check_new(look: Look, case: Case, mark: str) -> None:
    if look.find(Exhibit, case_id=case.id, mark=mark, state=ExhibitState.HELD):
        raise BadInput("this file is an exhibit of the case already; nothing was added")
