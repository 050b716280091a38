"""Search: the only door to the index. It takes an authority and a sought, by their ids, and gives a list to review."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from beholden.actions import audit
from beholden.actions.account import entry_of, tell_calls, told_if_stopped
from beholden.actions.audit import Act
from beholden.actions.calibrate import quoted
from beholden.actions.evidence import unmanifested
from beholden.actions.exigent import head_of, note_gates
from beholden.actions.follow import check_whole, follow
from beholden.actions.model_in_force import check_model
from beholden.actions.nearest import (
    Found,
    check_not_overtaken,
    compare_at_one_moment,
    list_of_the_same_moment,
    nearest_people,
    people_of,
)
from beholden.actions.patterns import notice_planted
from beholden.actions.stops import is_stopped, left_out, searchable
from beholden.actions.unmade import Sealed, taken_back
from beholden.actions.use import Use, facts_of_use, fused_template, use_of
from beholden.actions.witnessing import catch_up, witness_words
from beholden.errors import BeholdenError, Changed, IndexIncomplete
from beholden.ports.database import Look, OneOf, Transaction
from beholden.ports.index import Shelf
from beholden.ports.model import Template
from beholden.ports.policy import Fact
from beholden.ports.system import System
from beholden.records import drawn_faces
from beholden.records.audit import canonical
from beholden.records.authority import TAKEN_BACK, Authority, after_use
from beholden.records.calibration import words
from beholden.records.candidates import Candidate, Stack
from beholden.records.edits import edit_words
from beholden.records.evidence import evidence_words
from beholden.records.faces import Face, FaceState
from beholden.records.galleries import Gallery, is_fit
from beholden.records.orders import words_on_list
from beholden.records.people import Officer
from beholden.records.quality_floor import override_in_force, override_words, reason_in_a_line
from beholden.records.searches import NO_COVERAGE, Coverage, Search, SearchState, statements
from beholden.records.sought import Sought, SoughtState

LEAD = "candidate/lead"
LEAD_BYTES = 64


@dataclass(frozen=True, slots=True)
class _Wanted:
    authority_id: str
    sought_id: str
    limit: int
    override: str  # why a probe below the floor is to be compared; empty where nobody said


def run_search(
    system: System,
    officer: Officer,
    *,
    authority_id: str,
    sought_id: str,
    limit: int | None = None,
    override_quality: str = "",
) -> Search:
    """Consume one use and compare; the search with its coverage, statements and the number of people listed.

    Who is on the list, and with which score, can be read only when the last opinion is locked. `override_quality` is why a
    sought whose best face is below `min_probe_quality` is compared all the same; where none is, it is not kept. Raises
    `Refused` with every reason, and `NoUsableFace` for declared faces that cannot be one person, before a use is consumed.
    Raises `IndexIncomplete` if the index cannot be shown to hold every reference, `Changed` if the authority or the sought
    ended while it ran; then the use stays consumed.
    """
    people = system.rules.candidates if limit is None else limit
    catch_up(system)
    with ExitStack() as held:
        sealed = Sealed()
        with taken_back(system, sealed), audit.act(system, "search.started", officer) as act:
            with act.look() as look:
                wanted = _Wanted(authority_id, sought_id, people, reason_in_a_line(override_quality))
                probes = _permit(act, look, wanted, ())[0].probes
            template, quality = held.enter_context(fused_template(system, probes))
            id = act.new_ids(1, sealed)[0]  # its key is durable before, so that no other act waits for that
            with act.begin(sealed, together=True) as tx:
                act.start_over()
                started, use = _start(act, tx, wanted, quality, id)
            entry, person = entry_of(act), act.person
        with audit.act(system, "search.finished", officer) as act:
            act.acts_as(person)  # until the list is made: who is signed in then, that transaction reads anew
            act.purpose = use.authority.purpose
            try:
                with told_if_stopped(act, entry):
                    return list_of_the_same_moment(lambda: _finish(act, started, use, template, entry))
            except Exception:  # whatever stopped it, the search must say that it has no list; it is raised again
                _mark_failed(system, started)
                raise


def _permit(act: Act, look: Look, wanted: _Wanted, quality: Sequence[int]) -> tuple[Use, dict[str, Fact]]:
    """Asked twice: before a template is made, and with its quality when the use is consumed."""
    use = use_of(act, look, wanted.authority_id, wanted.sought_id)
    facts = facts_of_use(act, look, use, quality, wanted.override)
    facts |= {"limit": wanted.limit, "max_limit": act.system.rules.max_candidates}
    act.permit(**facts)
    return use, facts


def _start(act: Act, tx: Transaction, wanted: _Wanted, quality: tuple[int, ...], id: str) -> tuple[Search, Use]:
    use, facts = _permit(act, tx, wanted, quality)
    check_model(act.system, tx)
    authority = use.authority
    note_gates(act, tx, use, quality, facts)
    tx.change(authority, **after_use(authority))
    card = act.system.model.card
    search = Search(
        id=id,
        version=0,
        kept=act.keep("search"),
        case_id=use.sought.case_id,
        authority_id=authority.id,
        sought_id=use.sought.id,
        searched_by=act.person.id,
        started_at=act.now,
        ended_at=None,
        space_id=card.space_id,
        model=card.name,
        model_files=card.files,
        probe_quality=quality,
        coverage=NO_COVERAGE,
        calibration_id="",
        statements=(),
        limit=wanted.limit,
        people=0,
        state=SearchState.STARTED,
        quality_override=override_in_force(quality, act.system.rules.min_probe_quality, wanted.override),
        unmanifested=len(unmanifested(tx, use.probes, authority.requested_by, act.person.id)),
    )
    tx.add(search)
    act.tell("unmanifested", search.unmanifested, audit.SYSTEM)  # a number that statements of use count by
    act.tell("search", search.id, search.id)
    act.tell("use", authority.used + 1, authority.id)
    if search.quality_override:
        act.tell("quality_override", search.quality_override, search.id)
    for gallery_id in authority.gallery_ids:
        act.tell("gallery", gallery_id, gallery_id)
    for exhibit, face in use.probes:
        act.tell("exhibit", exhibit.id, exhibit.id)
        act.tell("probe", face.id, face.id)
    return search, use


def _finish(act: Act, started: Search, use: Use, template: Template, entry: int) -> Search:
    system, probes = act.system, use.probes
    act.start_over()
    act.tell("search", started.id, started.id)
    found, coverage = _compare(system, started, template, entry)
    tell_calls(act, entry)
    quality, floor = started.probe_quality, system.rules.min_probe_quality
    with act.begin(together=True) as tx:
        check_model(system, tx)
        authority = tx.get(Authority, started.authority_id)
        if authority.state in TAKEN_BACK:
            raise Changed("the authority was revoked or withdrawn while the search ran; no list was made")
        if tx.get(Sought, started.sought_id).state is not SoughtState.DECLARED:
            raise Changed("the sought was withdrawn while the search ran; no list was made")
        if is_stopped(system, tx, authority.purpose, authority.gallery_ids, system.clock.now()):
            raise Changed("the oversight body stopped such searches while this one ran; no list was made")
        stacks = _stacks(tx, authority, found, started.limit, act)
        calibration_id, measured = quoted(system, tx)
        search = tx.change(
            tx.get(Search, started.id),
            ended_at=system.clock.now(),
            coverage=coverage,
            calibration_id=calibration_id,
            statements=head_of(tx, act, authority.id)
            + statements(
                coverage,
                len(stacks),
                words(
                    measured,
                    quality=quality,
                    references=coverage.references,
                    limit=started.limit,
                    own=bool(calibration_id),
                )
                if measured
                else (),
            )
            + override_words(quality, floor, started.quality_override)
            + drawn_faces.words([face for _, face in probes])
            + edit_words([face for _, face in probes])
            + evidence_words(started.unmanifested, len(probes))
            + witness_words(system, tx)
            + words_on_list(left_out(tx, authority.purpose, authority.gallery_ids, system.clock.now())),
            people=len(stacks),
            state=SearchState.LISTED,
        )
        # In the order of their random ids: that of the rows, or of the log's items, would tell the sealed ranks.
        listed = sorted(_candidates(act, search, stacks), key=lambda one: one.id)
        tx.add(*listed)
        for candidate in listed:
            act.tell("shown", candidate.face_id, candidate.face_id)
        notice_planted(act, tx, search, stacks)
        act.tell("references", coverage.references, search.id)
        act.tell("proven", coverage.proven, search.id)
        act.tell("people", len(stacks), search.id)
        act.tell("null_result", not stacks, audit.SYSTEM)
    return search


def _compare(system: System, search: Search, template: Template, entry: int) -> tuple[Found, Coverage]:
    """Compare with every reference that the authority and the sources allow now, deep enough for the people asked for."""
    return compare_at_one_moment(system, lambda look: _compare_now(system, look, search, template, entry))


def _compare_now(system: System, look: Look, search: Search, template: Template, entry: int) -> tuple[Found, Coverage]:
    check_model(system, look)  # at this very moment: one that was changed and changed back is changed at neither end
    authority = look.get(Authority, search.authority_id)
    follow(system, look)
    shelves, waiting = shelves_of(look, authority, search.space_id, system)
    references = check_whole(system, look, shelves)
    ask = lambda depth: system.index.nearest([template], depth, shelves, entry=entry)  # noqa: E731
    found = nearest_people(system, look, ask, search.limit)
    nearest = found.nearest
    if nearest.rows != references:
        raise IndexIncomplete("references were added or erased while they were compared; search again")
    coverage = Coverage(
        galleries=len(authority.gallery_ids),
        shelves=len(shelves),
        references=references,
        proven=nearest.proven,
        waiting=waiting,
        rescored=nearest.coverage.rescored,
        engine=nearest.coverage.engine,
    )
    return found, coverage


def shelves_of(look: Look, authority: Authority, space_id: str, system: System) -> tuple[list[Shelf], int]:
    """The shelves to compare with, and how many references of them have no template of this model yet."""
    now = system.clock.now()
    sources = searchable(look, authority.purpose, now)
    pairs = [(gallery_id, source.id) for gallery_id in authority.gallery_ids for source in sources]
    shelves, waiting = [], 0
    for gallery_id, source_id in pairs:
        of_pair = {"gallery_id": gallery_id, "source_id": source_id}
        live = look.count(Face, state=FaceState.LIVE, **of_pair)
        ours = look.count(Face, state=FaceState.LIVE, space_id=space_id, **of_pair)
        waiting += look.count(Face, state=FaceState.WAITING, **of_pair) + live - ours
        # The count is kept, not made now: a wrong one must not leave a shelf out in silence.
        if ours or system.index.rows([Shelf(gallery_id, source_id, space_id)]):
            shelves.append(Shelf(gallery_id, source_id, space_id))
    return shelves, waiting


def _stacks(tx: Transaction, authority: Authority, found: Found, limit: int, act: Act) -> list[Stack]:
    """The list, by the records as they stand at its end: what was erased, suspended or closed meanwhile is not on it.

    Raises `Overtaken` where others have the places of those.
    """
    now = act.system.clock.now()
    open_sources = {source.id for source in searchable(tx, authority.purpose, now)}
    named = tx.find(Gallery, id=OneOf(authority.gallery_ids))
    open_galleries = {gallery.id for gallery in named if is_fit(gallery, authority.purpose)}
    allowed = {
        face.face_no: face
        for face in tx.again(found.faces)
        if face.source_id in open_sources and face.gallery_id in open_galleries
    }
    stacks = people_of(act.system, tx, found.nearest, allowed, limit, tx.again(found.images))
    check_not_overtaken(found.nearest, allowed, len(stacks), limit)
    return stacks


def _candidates(act: Act, search: Search, stacks: Sequence[Stack]) -> list[Candidate]:
    """With rank and score sealed, in bytes whose length tells nothing."""
    said = [{"rank": place, "score": f"{stack.score:.6f}"} for place, stack in enumerate(stacks, 1)]
    leads = [canonical(one).ljust(LEAD_BYTES) for one in said]
    sealed = act.system.keys.seal_many([(stack.face.id, lead, LEAD) for stack, lead in zip(stacks, leads, strict=True)])
    kept, new_id = act.keep("search"), act.system.clock.new_id
    return [
        Candidate(new_id(), 0, kept, search.id, stack.face.id, stack.face.image_id, stack.references, lead)
        for stack, lead in zip(stacks, sealed, strict=True)
    ]


def _mark_failed(system: System, started: Search) -> None:
    """The use stays consumed; the search says that it failed."""
    try:
        with system.database.begin() as tx:
            tx.change(tx.get(Search, started.id), state=SearchState.FAILED)
    except BeholdenError:
        return  # a full disk, say: the start is on record, and a search that never ended has no list
