"""Examination: two examiners, each blind, compare a potential candidate; where they disagree, a third is consulted."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from beholden.actions import audit
from beholden.actions.audit import Act
from beholden.actions.calibrate import quoted_by
from beholden.actions.desk import owes_opinion
from beholden.actions.lay import Laid, lay, photographs_of
from beholden.actions.recall import settle, settle_revised
from beholden.actions.review import could_know, find_search, is_there, parts_in, took_part, unseal
from beholden.actions.search import LEAD
from beholden.actions.use import is_own_work
from beholden.errors import Changed, Missing, Refused
from beholden.ports.database import Look, OneOf, Saying, Transaction
from beholden.ports.policy import Fact
from beholden.ports.system import System
from beholden.records.audit import Entry, Item
from beholden.records.calibration import Expected, Measured, unrelated
from beholden.records.candidates import Candidate
from beholden.records.examination import (
    SCALE,
    Examination,
    ExaminationState,
    Mark,
    Part,
    Stage,
    disagree,
    is_complete,
    missing,
    next_part,
    opinion_to_send,
    undescribed,
    wrong_in_marks,
)
from beholden.records.faces import Face, FaceState
from beholden.records.people import Officer, Person
from beholden.records.review import Outcome, Pair, Review, shuffled
from beholden.records.searches import Search, SearchState
from beholden.records.sought import Sought
from beholden.records.views import Viewed, tools_used

# The rules that ask for all of something: what of it is missing is named beside their words.
WHOLE = frozenset({"opinion-is-complete", "description-is-complete", "sent-opinion-is-complete"})


@dataclass(frozen=True, slots=True)
class Lead:
    """A candidate once the scores are open."""

    candidate: Candidate
    rank: int
    score: float
    outcome: Outcome
    examinations: tuple[Examination, ...]
    unrelated: Expected | None  # references of other people expected at this score or above; None: not measured
    reviewer_could_know: bool  # whether who said the outcome may have known scores of the list (docs/why/0010)


def open_examination(system: System, officer: Officer, *, search_id: str) -> Laid:
    """The next pair that waits for this examiner, as far as they have come with it: the probe alone, the reference alone, then
    both (REQ 37). Whether somebody examined it before is not told.

    Raises `Missing` when nothing waits, and `Refused` with every reason why this person may not take what waits.
    """
    with audit.act(system, "examination.opened", officer) as act, act.begin() as tx:
        search, case, authority = find_search(act, tx, search_id)
        reviews = tx.find(Review, search_id=search.id)
        waiting = _waiting(act, tx, search)
        candidate, there, part = waiting or (None, (), None)
        own = [one for one in there if one.examiner == act.person.id and one.state is ExaminationState.OPEN]
        if own:
            act.is_rather("examination.shown")  # taken before: this looks at it once more
        act.permit(
            **parts_in(act, tx, search, case, authority),
            search_state=str(search.state),
            reviewer=reviews[0].reviewer if reviews else "",
            part=str(part or Part.FIRST),
            examiners=_others_desks(act, there),
            outcome=str(Outcome.POTENTIAL),
            disagreement=disagree(there),
        )
        if candidate is None or part is None:
            raise Missing("no pair of this search waits for you")
        alone = is_own_work(act, tx, search, authority)
        examination = own[0] if own else _new_examination(act, tx, search, candidate, part, own=alone)
        face = tx.get(Face, candidate.face_id)
        laid = lay(system, tx, examination, tx.get(Sought, search.sought_id), face)
        if laid.stage is not Stage.PROBE:
            act.tell("shown", face.id, face.id)
        act.tell("stage", str(laid.stage), examination.id)
        act.tell("examination", examination.id, examination.id)
        act.tell("part", str(examination.part), examination.id)
        act.tell("own", examination.own, examination.id)
    return laid


def permit_whole(act: Act, lacks: Sequence[str], **facts: Fact) -> None:
    """Ask the policy about something that must be complete. Raises `Refused`, whose reason names everything that is missing."""
    try:
        act.permit(**facts, missing=tuple(lacks))
    except Refused as refused:
        named = (replace(one, lacks=tuple(lacks)) if one.rule_id in WHOLE else one for one in refused.reasons)
        raise type(refused)(*named) from None


def lock_examination(
    system: System,
    officer: Officer,
    *,
    handle: str,
    components: Sequence[tuple[str, str]],
    limitations: str,
    opinion: int,
    marks: Sequence[Mark] = (),
) -> Examination:
    """Lock an opinion for good, once both sides were described. The last one that the search needs opens its scores to everybody.

    Where the reference was erased meanwhile, no opinion is kept: the examination ends as void.
    """
    with audit.act(system, "examination.locked", officer) as act, act.begin() as tx:
        examination = tx.get(Examination, handle)
        search, case, authority = find_search(act, tx, examination.search_id)
        candidate = tx.get(Candidate, examination.candidate_id)
        there = is_held(tx, candidate)
        lacks: tuple[str, ...] = ()
        if there and examination.state is ExaminationState.OPEN:
            photographs = photographs_of(tx, tx.get(Sought, search.sought_id))
            lacks = (
                *undescribed(examination.described),
                *missing(components, opinion, examination.described),
                *wrong_in_marks(marks, photographs),
            )
        permit_whole(
            act,
            lacks,
            **parts_in(act, tx, search, case, authority),
            examiner=examination.examiner,
            state=str(examination.state),
        )
        act.tell("examination", examination.id, examination.id)
        viewed = tx.find(Viewed, examination_id=examination.id, order="created_at")
        if there:
            known = search.state is SearchState.UNSEALED or could_know(act, tx, search, [candidate.face_id])
            locked = tx.change(
                examination,
                components=tuple(components),
                limitations=limitations.strip(),
                opinion=opinion,
                score_revealed=known,
                state=ExaminationState.LOCKED,
                marks=tuple(marks),
                scale=SCALE,
                tools=tools_used(viewed),
                apart=system.rules.max_steps_apart,
            )
            act.tell("opinion", opinion, locked.id)
            act.tell("scale", SCALE, locked.id)
            act.tell("score_revealed", known, locked.id)
        else:
            tx.remove(*viewed)
            locked = tx.change(examination, state=ExaminationState.VOID, described=())
            act.tell("void", True, locked.id)
        close_if_finished(act, tx, search)
    return locked


def close_if_finished(act: Act, tx: Transaction, search: Search) -> None:
    """After an opinion was locked: the last one that the search needs opens its scores, and what left provisionally is settled."""
    if search.state is SearchState.REVIEWED and _is_finished(tx, search):
        unseal(act, tx, search)
    settle(act.system, tx, search.id, act.now)


def revise_examination(
    system: System,
    officer: Officer,
    *,
    handle: str,
    components: Sequence[tuple[str, str]],
    limitations: str,
    opinion: int,
) -> Examination:
    """A new version of one's own locked opinion. The old one stays; the new one says that the score was known.

    Where it is another opinion, recipients of what left on the old one are told, and what left before approval is recalled
    once the two examiners no longer agree.
    """
    with audit.act(system, "examination.revised", officer) as act, act.begin() as tx:
        examination = tx.get(Examination, handle)
        search, _, _ = find_search(act, tx, examination.search_id)
        permit_whole(
            act,
            missing(components, opinion, examination.described),
            examiner=examination.examiner,
            state=str(examination.state),
            search_state=str(search.state),
        )
        if not is_held(tx, tx.get(Candidate, examination.candidate_id)):
            raise Missing("the reference that this opinion is about was erased; the opinion stays as it is")
        if tx.count(Examination, supersedes=examination.id):
            raise Changed("this opinion was revised before: revise its latest version, so that one of them is in force")
        revised = Examination(
            id=act.new_id(),
            version=0,
            kept=act.keep("opinion"),
            search_id=search.id,
            candidate_id=examination.candidate_id,
            examiner=act.person.id,
            part=examination.part,
            components=tuple(components),
            limitations=limitations.strip(),
            opinion=opinion,
            supersedes=examination.id,
            score_revealed=True,
            state=ExaminationState.LOCKED,
            own=examination.own,
            described=examination.described,
            marks=examination.marks,
            scale=SCALE,
            tools=examination.tools,
            apart=examination.apart,
        )
        tx.add(revised)
        settle_revised(system, tx, examination, revised, act.now)
        act.tell("examination", revised.id, revised.id)
        act.tell("supersedes", examination.id, examination.id)
        act.tell("opinion", opinion, revised.id)
    return revised


def read_leads(system: System, officer: Officer, *, search_id: str) -> list[Lead]:
    """The list with ranks and scores. Refused until the last opinion is locked; what was erased since is not on it.

    An examiner reads those that they reviewed or examined, so that others can still be examined by them blind.
    """
    with audit.act(system, "search.read", officer) as act, act.begin() as tx:
        search, case, _ = find_search(act, tx, search_id)
        act.permit(
            assigned=case.assigned,
            search_state=str(search.state),
            took_part=took_part(tx, act.person, search.id),
            read_before=has_been_given(tx, act.person, search.id, "search.read"),
        )
        if owes_opinion(tx, act.person):
            raise Missing("there are no leads for you now: lock the opinion that you owe first")
        leads = leads_of(system, tx, search)
        for lead in leads:
            act.tell("shown", lead.candidate.face_id, lead.candidate.face_id)
    return leads


def leads_of(system: System, look: Look, search: Search) -> list[Lead]:
    """The candidates of an unsealed search that are still held, best first."""
    reviews = look.find(Review, search_id=search.id)
    outcomes = {pair.candidate_id: pair.outcome for review in reviews for pair in look.find(Pair, review_id=review.id)}
    known = any(review.score_revealed for review in reviews)
    measured = quoted_by(system, look, search.calibration_id, search.space_id)
    leads = []
    for candidate in look.find(Candidate, search_id=search.id):
        if candidate.lead and is_held(look, candidate):
            sealed = json.loads(system.keys.open(candidate.face_id, candidate.lead, LEAD))
            every = look.find(Examination, candidate_id=candidate.id, order="created_at")
            examinations = tuple(one for one in every if one.state is not ExaminationState.VOID)
            outcome = outcomes.get(candidate.id, Outcome.PENDING)
            score = float(sealed["score"])
            expected = _unrelated(measured, search, score)
            leads.append(Lead(candidate, int(sealed["rank"]), score, outcome, examinations, expected, known))
    return sorted(leads, key=lambda lead: lead.rank)


def _unrelated(measured: Measured | None, search: Search, score: float) -> Expected | None:
    if measured is None:
        return None
    return unrelated(measured, faces=len(search.probe_quality), score=score, references=search.coverage.references)


def _waiting(act: Act, look: Look, search: Search) -> tuple[Candidate, list[Examination], Part] | None:
    """What this examiner would take now: first what is open on their own desk, then what nobody has taken."""
    potential = _potential(look, search)
    for candidate, there in potential:
        for one in there:
            if one.examiner == act.person.id and one.state is ExaminationState.OPEN:
                return candidate, [other for other in there if other.id != one.id] + [one], one.part
    free = [(candidate, there, part) for candidate, there in potential if (part := next_part(there))]
    # A pair that is another's turn now is offered last, so that one is refused only where nothing else waits.
    own_review = {one.reviewer for one in look.find(Review, search_id=search.id)} == {act.person.id}
    free.sort(key=lambda one: (own_review and one[2] is not Part.FIRST) or act.person.id in _others_desks(act, one[1]))
    return free[0] if free else None


def next_to_send(look: Look, search: Search) -> tuple[Candidate, Part] | None:
    """What an examiner elsewhere would take now: a second opinion, whether or not there is a first; else a consultation."""
    there = [(candidate, opinion_to_send(known)) for candidate, known in _potential(look, search)]
    free = [(candidate, part) for candidate, part in there if part is not None]
    return min(free, key=lambda one: one[1] is not Part.SECOND, default=None)


def _others_desks(act: Act, there: Sequence[Examination]) -> tuple[str, ...]:
    """Who has taken this candidate already; one's own that is still open does not count."""
    closed = (one for one in there if one.state is not ExaminationState.VOID)
    taken = (one for one in closed if one.examiner != act.person.id or one.state is ExaminationState.LOCKED)
    return tuple(sorted({one.examiner for one in taken}))


def _potential(look: Look, search: Search) -> list[tuple[Candidate, list[Examination]]]:
    """The candidates that go to examination, in an order that tells nothing, with their examinations."""
    reviews = look.find(Review, search_id=search.id)
    pairs = look.find(Pair, review_id=reviews[0].id, outcome=Outcome.POTENTIAL) if reviews else []
    ids = shuffled([pair.candidate_id for pair in pairs if is_there(look, pair)], reviews[0].seed if reviews else "")
    return [(look.get(Candidate, id), look.find(Examination, candidate_id=id, order="created_at")) for id in ids]


_BARE: dict[str, Any] = {"components": (), "limitations": "", "described": (), "marks": (), "tools": ()}


def void_examinations(tx: Transaction, face_ids: Sequence[str]) -> None:
    """End the examinations of erased references: open ones become void, locked ones keep the opinion and no words.

    What was said of the sides, pointed at and done to the pictures goes with them, in open ones too.
    """
    candidates = tx.find(Candidate, face_id=OneOf(face_ids))
    there = tx.find(Examination, candidate_id=OneOf([candidate.id for candidate in candidates]))
    tx.remove(*tx.find(Viewed, examination_id=OneOf([one.id for one in there])))
    for examination in there:
        if examination.state is ExaminationState.OPEN:
            tx.change(examination, state=ExaminationState.VOID, described=())
        elif examination != replace(examination, **_BARE):
            tx.change(examination, **_BARE)


def unseal_finished(act: Act, tx: Transaction, search_ids: Sequence[str]) -> None:
    """Open the scores of searches whose last missing opinion is no longer needed, its candidate being erased."""
    for id in search_ids:
        search = tx.get(Search, id)
        if search.state is SearchState.REVIEWED and _is_finished(tx, search):
            unseal(act, tx, search)


def has_been_given(look: Look, person: Person, record_id: str, *events: str, about: str = "search") -> bool:
    """Whether the log has it that they were given this list or comparison, or something of it, before."""
    entries = sorted({item.n for item in look.find(Item, record_id=record_id, name=about)})
    own = [
        entry
        for event in events
        for entry in look.find(Entry, n=OneOf(entries), created_by=person.id, leaf=Saying("event", event))
    ]
    return any(json.loads(entry.leaf)["outcome"] == "done" for entry in own)


def is_held(look: Look, candidate: Candidate) -> bool:
    return look.get(Face, candidate.face_id).state is FaceState.LIVE


def _is_finished(look: Look, search: Search) -> bool:
    return all(is_complete(there) for _, there in _potential(look, search))


def _new_examination(
    act: Act, tx: Transaction, search: Search, candidate: Candidate, part: Part, *, own: bool
) -> Examination:
    examination = Examination(
        id=act.new_id(),
        version=0,
        kept=act.keep("opinion"),
        search_id=search.id,
        candidate_id=candidate.id,
        examiner=act.person.id,
        part=part,
        components=(),
        limitations="",
        opinion=None,
        supersedes="",
        score_revealed=False,
        state=ExaminationState.OPEN,
        own=own,
    )
    tx.add(examination)
    return examination
