"""The faces of a request, looked at by whoever is to decide about it."""

from __future__ import annotations

from beholden.actions import audit
from beholden.actions.audit import Act
from beholden.actions.exhibits import CHIP_SIDE, exhibit_chips
from beholden.actions.use import probes_of
from beholden.ports.database import Look
from beholden.ports.system import System
from beholden.records.authority import Authority
from beholden.records.cases import Case
from beholden.records.evidence import ProbeLook
from beholden.records.exhibits import Exhibit, ExhibitFace, ExhibitState, with_original
from beholden.records.people import Officer
from beholden.records.sought import Sought


def show_probe(system: System, officer: Officer, *, authority_id: str) -> list[tuple[ExhibitFace, tuple[bytes, ...]]]:
    """Each face that the request is to search with, and its chip (JPEG, 224 pixels a side); of an edited one its original first.

    That they were looked at is kept: without it nobody approves a probe that no register of the case's evidence has.
    """
    with audit.act(system, "probe.shown", officer) as act:
        with act.look() as look:
            probes = _permit(act, look, authority_id)
        chips = [
            (face, tuple(exhibit_chips(system, exhibit, with_original(face), CHIP_SIDE))) for exhibit, face in probes
        ]
        with act.begin() as tx:
            act.start_over()
            for exhibit, _ in _permit(act, tx, authority_id):
                look_id = system.clock.new_id()
                tx.add(ProbeLook(look_id, 0, act.keep("authority"), authority_id, exhibit.id, act.person.id))
                act.tell("exhibit", exhibit.id, exhibit.id)
            act.tell("faces", len(probes), authority_id)
    return chips


def _permit(act: Act, look: Look, authority_id: str) -> list[tuple[Exhibit, ExhibitFace]]:
    asked = look.get(Authority, authority_id)
    case = look.get(Case, asked.case_id)
    act.purpose = asked.purpose
    act.tell("case", case.id, case.id)
    act.tell("authority", asked.id, asked.id)
    probes = probes_of(look, look.get(Sought, asked.sought_id))
    act.permit(
        state=str(asked.state),
        urgency=str(asked.urgency),
        requested_by=asked.requested_by,
        assigned=case.assigned,
        removed_faces=sum(exhibit.state is not ExhibitState.HELD for exhibit, _ in probes),
    )
    return probes
