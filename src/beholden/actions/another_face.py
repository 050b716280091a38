"""A further face of an exhibit, drawn or edited: what is asked first, and the record that is made of it."""

from __future__ import annotations

from beholden.actions.audit import Act
from beholden.ports.database import Look
from beholden.ports.model import FoundFace
from beholden.records.cases import Case
from beholden.records.exhibits import Exhibit, ExhibitFace, SubjectRole


def permit_another(act: Act, look: Look, exhibit_id: str) -> tuple[Exhibit, list[ExhibitFace]]:
    """The exhibit and the faces that it has by now, in their order. Raises `Refused`, and `Missing` for no exhibit."""
    act.start_over()
    exhibit = look.get(Exhibit, exhibit_id)
    case = look.get(Case, exhibit.case_id)
    act.purpose = case.purpose
    act.tell("case", case.id, case.id)
    act.tell("exhibit", exhibit.id, exhibit.id)
    act.permit(case_state=str(case.state), assigned=case.assigned, state=str(exhibit.state))
    return exhibit, look.find(ExhibitFace, exhibit_id=exhibit.id, order="position")


def another_face(act: Act, exhibit: Exhibit, position: int, found: FoundFace) -> ExhibitFace:
    """Not yet added, and still without who drew it or what was edited."""
    return ExhibitFace(
        id=act.new_id(),
        version=0,
        kept=act.keep("exhibit"),
        exhibit_id=exhibit.id,
        case_id=exhibit.case_id,
        position=position,
        box=found.box,
        landmarks=found.landmarks,
        quality=found.quality,
        subject_role=SubjectRole.UNDECLARED,
    )
