"""Declare that faces of a case's exhibits are one unknown person, and take it back."""

from __future__ import annotations

from collections.abc import Sequence, Set
from itertools import combinations

from beholden.actions import audit
from beholden.errors import BadInput
from beholden.ports.database import Look, OneOf
from beholden.ports.system import System
from beholden.records.cases import Case
from beholden.records.exhibits import Exhibit, ExhibitFace, ExhibitState, SubjectRole, at_once, persons
from beholden.records.people import Officer
from beholden.records.sought import Sought, SoughtState


def declare_sought(
    system: System, officer: Officer, *, case_id: str, face_ids: Sequence[str], subject_role: str, why: str
) -> Sought:
    """The declared faces become one sought; each face gets the subject's role in the case.

    Raises `BadInput` for two faces of one photograph, or of one moment of a video: one person is in it once.
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
            subjects_of_image=_most_subjects(tx, own, {exhibit.copy_of_id for exhibit in exhibits.values()}),
            max_subjects_of_image=system.rules.max_subjects_of_image,
        )
        if not why.strip():
            raise BadInput("say why these faces are taken to be one person")
        if any(
            exhibits[one.exhibit_id].pixel_mark == exhibits[other.exhibit_id].pixel_mark and at_once(one, other)
            for one, other in combinations(own, 2)
        ):
            raise BadInput(
                "two of the faces are in one photograph, or in one video at the same moment, where one person is once; "
                "untick one of the two"
            )
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


def _most_subjects(look: Look, new: Sequence[ExhibitFace], copies_of: Set[str]) -> int:
    """The most persons sought out of one photograph, with the new one: a crowd is not to be searched face by face.

    A photograph is known in every case, in a copy of it and also where it was removed; who was withdrawn counts too.
    Otherwise withdrawing, removing and adding again, or another case or file, would begin the count anew.
    """
    exhibits = {exhibit.id: exhibit for exhibit in look.find(Exhibit, copy_of_id=OneOf(sorted(copies_of)))}
    faces = {face.id: face for face in look.find(ExhibitFace, exhibit_id=OneOf(sorted(exhibits)))}
    declared = look.find(Sought, case_id=OneOf(sorted({face.case_id for face in faces.values()})))
    shown: dict[str, list[tuple[Exhibit, ExhibitFace]]] = {}
    for ids in [*(one.face_ids for one in declared), tuple(face.id for face in new)]:
        of_this_one: dict[str, tuple[Exhibit, ExhibitFace]] = {}
        for face in sorted((faces[id] for id in ids if id in faces), key=lambda face: face.position):
            exhibit = exhibits[face.exhibit_id]
            # A video, or photographs taken right after another, show one person in many places; of one sought the first
            # of them counts. An edited face stands where the one stands that it was made from.
            of_this_one.setdefault(exhibit.copy_of_id, (exhibit, faces.get(face.edited_from, face)))
        for photograph, one in of_this_one.items():
            shown.setdefault(photograph, []).append(one)
    return max((persons(there) for there in shown.values()), default=0)
