"""Declare that faces of a case's exhibits are one unknown person, and take it back."""

from __future__ import annotations

from collections.abc import Sequence, Set

from beholden.actions import audit
from beholden.errors import BadInput
from beholden.ports.database import Look, OneOf
from beholden.ports.system import System
from beholden.records.cases import Case
from beholden.records.exhibits import Exhibit, ExhibitFace, ExhibitState, SubjectRole, places
from beholden.records.faces import Box
from beholden.records.people import Officer
from beholden.records.sought import Sought, SoughtState


def declare_sought(
    system: System, officer: Officer, *, case_id: str, face_ids: Sequence[str], subject_role: str, why: str
) -> Sought:
    """The declared faces become one sought; each face gets the subject's role in the case.

    Raises `BadInput` for two faces of one photograph: one person is in it once.
    """
    with audit.act(system, "sought.declared", officer) as act, act.begin() as tx:
        case = tx.get(Case, case_id)
        act.purpose = case.purpose
        act.tell("case", case.id, case.id)
        wanted = tuple(dict.fromkeys(face_ids))
        # One that is nowhere counts as one of another case: which of the two it is tells what others have.
        there = {face.id: face for face in tx.find(ExhibitFace, id=OneOf(wanted), case_id=case.id)}
        own = [there[id] for id in wanted if id in there]
        exhibits = {exhibit.id: exhibit for exhibit in tx.find(Exhibit, id=OneOf([face.exhibit_id for face in own]))}
        act.permit(
            case_state=str(case.state),
            assigned=case.assigned,
            faces=len(wanted),
            foreign_faces=len(wanted) - len(own),
            removed_faces=sum(exhibits[face.exhibit_id].state is not ExhibitState.HELD for face in own),
            subject_role=subject_role,
            permitted_roles=tuple(system.policy.pack.roles_by_purpose.get(case.purpose, ())),
            subjects_of_image=_most_subjects(tx, own, {exhibit.pixel_mark for exhibit in exhibits.values()}),
            max_subjects_of_image=system.rules.max_subjects_of_image,
        )
        if not why.strip():
            raise BadInput("say why these faces are taken to be one person")
        if len({exhibits[face.exhibit_id].pixel_mark for face in own}) < len(own):
            raise BadInput("two of the faces are in one photograph, where one person is once; untick one of the two")
        sought = Sought(
            id=act.new_id(),
            version=0,
            kept=act.keep("case"),
            case_id=case.id,
            face_ids=wanted,
            subject_role=SubjectRole(subject_role),
            why=why.strip(),
            declared_by=act.person.id,
            state=SoughtState.DECLARED,
        )
        for face in own:
            tx.change(face, subject_role=sought.subject_role)
            act.tell("face", face.id, face.id)
        tx.add(sought)
        act.tell("sought", sought.id, sought.id)
        act.tell("subject_role", subject_role, sought.id)
    return sought


def withdraw_sought(system: System, officer: Officer, *, sought_id: str, reason: str) -> Sought:
    """Take the declaration back. An authority that names it can no longer be used."""
    with audit.act(system, "sought.withdrawn", officer) as act, act.begin() as tx:
        sought = tx.get(Sought, sought_id)
        case = tx.get(Case, sought.case_id)
        act.purpose = case.purpose
        act.tell("case", case.id, case.id)
        act.tell("sought", sought.id, sought.id)
        act.permit(case_state=str(case.state), assigned=case.assigned, state=str(sought.state))
        if not reason.strip():
            raise BadInput("say why the declaration is taken back")
        sought = tx.change(sought, state=SoughtState.WITHDRAWN)
        act.tell("reason", reason.strip(), sought.id)
    return sought


def _most_subjects(look: Look, new: Sequence[ExhibitFace], pixel_marks: Set[str]) -> int:
    """The most persons sought out of one photograph, with the new one: a crowd is not to be searched face by face.

    A photograph is known by its pixels, in every case and also where it was removed; who was withdrawn counts too.
    Otherwise withdrawing, removing and adding again, or another case, would begin the count anew.
    """
    photographs = {
        exhibit.id: exhibit.pixel_mark for exhibit in look.find(Exhibit, pixel_mark=OneOf(sorted(pixel_marks)))
    }
    faces = {face.id: face for face in look.find(ExhibitFace, exhibit_id=OneOf(sorted(photographs)))}
    declared = look.find(Sought, case_id=OneOf(sorted({face.case_id for face in faces.values()})))
    sought = {id for one in declared for id in one.face_ids} | {face.id for face in new}
    boxes: dict[str, list[Box]] = {}
    for id in sorted(sought & faces.keys()):
        boxes.setdefault(photographs[faces[id].exhibit_id], []).append(faces[id].box)
    return max((places(there) for there in boxes.values()), default=0)
