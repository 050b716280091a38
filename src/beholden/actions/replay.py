"""Replay a search, as an auditor: does what was compared then still give the list that was shown? It names nobody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from beholden.actions import audit
from beholden.actions.account import tell_calls, told_if_stopped
from beholden.actions.audit import Act
from beholden.actions.examine import leads_of
from beholden.actions.follow import check_whole, follow
from beholden.actions.incidents import open_incident
from beholden.actions.model_in_force import check_model
from beholden.actions.nearest import compare_at_one_moment, deep_enough, faces_of, people_of
from beholden.actions.search import shelves_of
from beholden.actions.stops import facts_of_stop
from beholden.actions.use import fused_template, probes_of
from beholden.errors import IndexIncomplete
from beholden.ports.database import Look, OneOf
from beholden.ports.index import Neighbours
from beholden.ports.model import Template
from beholden.ports.system import System
from beholden.records.authority import Authority
from beholden.records.candidates import Candidate, Stack
from beholden.records.exhibits import Exhibit, ExhibitFace, ExhibitState
from beholden.records.faces import Face
from beholden.records.incidents import IncidentKind
from beholden.records.people import Officer
from beholden.records.reveals import length_of_reason
from beholden.records.searches import Search
from beholden.records.sought import Sought

NEAR = 1e-4  # two runs of one model on one machine agree to the last bit; another machine's rounding stays below this


@dataclass(frozen=True, slots=True)
class Replayed:
    """How the list comes out when it is made again of what is still held. Which people they are is not told."""

    search_id: str
    same: bool  # whoever is still held and searchable stands at the same place with the same score
    listed: int  # then
    gone: int  # of these, erased, destroyed or restricted since
    closed: int  # of these, of a source or a gallery that is searched no more
    differing: int  # of those that are left


def replay_search(system: System, officer: Officer, *, search_id: str, reason: str) -> Replayed:
    """Make the list of an unsealed search again from its exhibits and whatever of its references is held (REQ 43).

    It uses up no authority and keeps no list; it is an act of its own, and the engine counts it. A list that comes out
    otherwise opens an incident. Raises `Refused`, and `IndexIncomplete` and `Changed` as a search does.
    """
    with audit.act(system, "search.replayed", officer) as act:
        with act.look() as look:
            search, probes = _permit(act, look, search_id, reason)
        entry = act.begun()
        with told_if_stopped(act, entry):
            with fused_template(system, probes) as (template, _):
                made = compare_at_one_moment(system, lambda look: _again(system, look, search, template, entry))
            with act.begin() as tx:
                act.start_over()
                _permit(act, tx, search_id, reason)
                check_model(system, tx)  # what was compared in another space is no incident
                tell_calls(act, entry)
                for name in ("same", "listed", "gone", "closed", "differing"):
                    act.tell(name, getattr(made, name), search.id)
                if not made.same:
                    words = (
                        f"a replay of a search puts {made.differing} of the people that are still held at another place"
                    )
                    open_incident(system, tx, IncidentKind.INTEGRITY, search.id, words, now=act.now)
    return made


def _permit(act: Act, look: Look, search_id: str, reason: str) -> tuple[Search, list[tuple[Exhibit, ExhibitFace]]]:
    search = look.get(Search, search_id)
    authority, sought = look.get(Authority, search.authority_id), look.get(Sought, search.sought_id)
    act.purpose = authority.purpose
    probes = probes_of(look, sought)
    act.permit(
        search_state=str(search.state),
        reason_chars=length_of_reason(reason),
        removed_faces=sum(exhibit.state is not ExhibitState.HELD for exhibit, _ in probes),
        same_model=dict(search.model_files) == dict(act.system.model.card.files),
        **facts_of_stop(act.system, look, authority.purpose, authority.gallery_ids, act.now),
    )
    act.tell("search", search.id, search.id)
    act.tell("reason", reason.strip(), search.id)
    return search, probes


def _again(system: System, look: Look, search: Search, template: Template, entry: int) -> Replayed:
    check_model(system, look)
    authority = look.get(Authority, search.authority_id)
    follow(system, look)
    shelves, _ = shelves_of(look, authority, search.space_id, system)
    references = check_whole(system, look, shelves)
    ask = lambda depth: system.index.nearest([template], depth, shelves, entry=entry)  # noqa: E731
    nearest = deep_enough(ask, search.limit, lambda found: len(_list_of_then(system, look, search, found)))
    now = _list_of_then(system, look, search, nearest)
    if nearest.rows != references:
        raise IndexIncomplete("references were added or erased while they were compared; replay again")
    held = [(lead.candidate.face_id, lead.score) for lead in leads_of(system, look, search)]
    searchable = {(shelf.gallery_id, shelf.source_id) for shelf in shelves}
    faces = {face.id: face for face in look.find(Face, id=OneOf([id for id, _ in held]))}
    then = [one for one in held if (faces[one[0]].gallery_id, faces[one[0]].source_id) in searchable]
    listed = look.count(Candidate, search_id=search.id)
    differing = _differing(then, [(stack.face.id, stack.score) for stack in now])
    return Replayed(
        search_id=search.id,
        same=differing == 0,
        listed=listed,
        gone=listed - len(held),
        closed=len(held) - len(then),
        differing=differing,
    )


def _list_of_then(system: System, look: Look, search: Search, nearest: Neighbours) -> list[Stack]:
    """The list of what was held when the search ended: a reference that came later is on none of its places."""
    ended = search.ended_at or search.started_at
    there = {no: face for no, face in faces_of(look, nearest).items() if face.kept.created_at <= ended}
    return people_of(system, look, nearest, there, search.limit)


def _differing(then: Sequence[tuple[str, float]], now: Sequence[tuple[str, float]]) -> int:
    """How many of the list do not stand in their order with their score; who moved up from below the list does not count."""
    known = {id for id, _ in then}
    left = [one for one in now if one[0] in known]
    same = sum(a[0] == b[0] and abs(a[1] - b[1]) <= NEAR for a, b in zip(then, left, strict=False))
    return len(then) - same
