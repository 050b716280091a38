"""Leads: one examined lead of an unsealed search side by side with the sought, with where its reference comes from."""

from __future__ import annotations

from dataclasses import dataclass

from beholden.actions import audit
from beholden.actions.audit import Act
from beholden.actions.desk import owes_opinion
from beholden.actions.enrol import PROVENANCE
from beholden.actions.examine import Lead, has_been_given, leads_of
from beholden.actions.exhibits import CHIP_SIDE, exhibit_chips
from beholden.actions.review import cautions_of, find_search, reference_chip, took_part
from beholden.actions.use import probes_of
from beholden.errors import Missing
from beholden.ports.database import Look
from beholden.ports.system import System
from beholden.records.examination import is_complete
from beholden.records.exhibits import ExhibitState, with_original
from beholden.records.faces import Face
from beholden.records.images import Image, Provenance, provenance_of
from beholden.records.people import Officer
from beholden.records.searches import Search, SearchState
from beholden.records.sought import Sought
from beholden.records.sources import Source

EVENT = "lead.shown"


@dataclass(frozen=True, slots=True)
class ShownLead:
    """What somebody must have seen before they disclose it."""

    lead: Lead
    probes: tuple[bytes, ...]  # JPEG chips of the sought; of an exhibit that was removed since there is none
    reference: bytes
    cautions: str  # as in a review
    source: Source
    provenance: Provenance


def show_lead(system: System, officer: Officer, *, search_id: str, candidate_id: str) -> ShownLead:
    """The photographs of one lead, what its source tells of it, and every opinion. Each look is a consultation.

    Given to who may read the leads, but to no auditor, who is given one picture at a time for a reason. Refused for a lead
    without the opinions that it needs. Raises `Missing` for what is not on the list or is held no more.
    """
    with audit.act(system, EVENT, officer) as act:
        with act.look() as look:
            search, lead = _permit(act, look, search_id, candidate_id)
            shown = _cut(system, look, search, lead)
        with act.begin() as tx:
            _permit(act, tx, search_id, candidate_id)  # it may have been erased while its chips were cut
    return shown


def _permit(act: Act, look: Look, search_id: str, candidate_id: str) -> tuple[Search, Lead]:
    act.start_over()
    search, case, _ = find_search(act, look, search_id)
    leads = leads_of(act.system, look, search) if search.state is SearchState.UNSEALED else []
    lead = next((one for one in leads if one.candidate.id == candidate_id), None)
    act.permit(
        assigned=case.assigned,
        search_state=str(search.state),
        took_part=took_part(look, act.person, search.id),
        read_before=has_been_given(look, act.person, search.id, EVENT),
        examined=lead is None or is_complete(lead.examinations),
    )
    if owes_opinion(look, act.person):
        raise Missing("there are no leads for you now: lock the opinion that you owe first")
    if lead is None:
        raise Missing("there is no such lead on this list, or it is held no more")
    act.tell("candidate", lead.candidate.id, lead.candidate.face_id)
    act.tell("shown", lead.candidate.face_id, lead.candidate.face_id)
    return search, lead


def _cut(system: System, look: Look, search: Search, lead: Lead) -> ShownLead:
    face = look.get(Face, lead.candidate.face_id)
    image = look.get(Image, face.image_id)
    sought = look.get(Sought, search.sought_id)
    reference, captured_at = reference_chip(system, look, face)
    probes: list[bytes] = []
    for exhibit, probe in probes_of(look, sought):
        if exhibit.state is ExhibitState.HELD:
            probes += exhibit_chips(system, exhibit, with_original(probe), CHIP_SIDE)
    return ShownLead(
        lead=lead,
        probes=tuple(probes),
        reference=reference,
        cautions=cautions_of(system, look, sought, captured_at),
        source=look.get(Source, image.source_id),
        provenance=provenance_of(system.keys.open(image.id, image.provenance, PROVENANCE)),
    )
