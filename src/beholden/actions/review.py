"""Review: one person goes blind through the whole list and says of each candidate: potential, no, or inconclusive."""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from beholden.actions import audit, exhibits
from beholden.actions.audit import Act
from beholden.actions.desk import as_seen
from beholden.actions.enrol import PICTURE, PROVENANCE
from beholden.actions.gone import check_upheld_or_open
from beholden.actions.use import is_own_work, probes_of
from beholden.errors import BadInput
from beholden.ports.database import Look, OneOf, Transaction
from beholden.ports.media import Sight
from beholden.ports.policy import Fact
from beholden.ports.system import System
from beholden.records.authority import Authority
from beholden.records.candidates import Candidate
from beholden.records.cases import Case
from beholden.records.comparisons import Comparison
from beholden.records.edits import edit_words
from beholden.records.examination import Examination
from beholden.records.exhibits import taken_on, with_original
from beholden.records.faces import Face, FaceState
from beholden.records.images import Image, is_capture_date
from beholden.records.people import Officer, Person, Role
from beholden.records.review import Outcome, Pair, Review, ReviewState, shuffled
from beholden.records.searches import Search, SearchState
from beholden.records.sought import Sought
from beholden.records.years import gap_words

CHIP_SIDE = 224  # every chip the same size: a chip's size would tell where it comes from


@dataclass(frozen=True, slots=True)
class Shown:
    """What a blind reader may see of a pair: two sides of photographs, and when the reference was taken. Nothing else."""

    handle: str
    position: int
    probes: tuple[bytes, ...]  # JPEG chips
    reference: bytes
    reference_captured_at: str
    cautions: str  # the years between, by the dates alone (REQ 142), and which probe was edited and how (REQ 42)


def open_review(system: System, officer: Officer, *, search_id: str) -> tuple[Review, list[Shown]]:
    """Take the list to review, or see it again. The order and the handles are this reviewer's own."""
    with audit.act(system, "review.opened", officer) as act, act.begin() as tx:
        search, case, authority = find_search(act, tx, search_id)
        there = tx.find(Review, search_id=search.id)
        if there and there[0].reviewer == act.person.id:
            act.is_rather("review.shown")  # taken before: this looks at it once more
        act.permit(
            **parts_in(act, tx, search, case, authority),
            search_state=str(search.state),
            reviewer=there[0].reviewer if there else "",
        )
        candidates = {one.id: one for one in tx.find(Candidate, search_id=search.id)}
        if there:
            review = there[0]
        else:
            review = Review(
                id=act.new_id(),
                version=0,
                kept=act.keep("opinion"),
                search_id=search.id,
                reviewer=act.person.id,
                seed=secrets.token_hex(16),
                state=ReviewState.OPEN,
                score_revealed=could_know(act, tx, search, [one.face_id for one in candidates.values()]),
                own=is_own_work(act, tx, search, authority),
            )
            tx.add(review)
            for position, id in enumerate(shuffled(list(candidates), review.seed), 1):
                handle = system.clock.new_id()
                tx.add(Pair(handle, 0, act.keep("opinion"), review.id, id, position, Outcome.PENDING))
        pairs = tx.find(Pair, review_id=review.id, order="position")
        sought = tx.get(Sought, search.sought_id)
        probes = probe_chips(system, tx, sought)
        shown, told = [], []
        for pair in pairs:
            face = tx.get(Face, candidates[pair.candidate_id].face_id)
            if face.state is FaceState.LIVE:  # erased since the search: nothing of it is left to show
                chip, captured_at = reference_chip(system, tx, face)
                cautions = cautions_of(system, tx, sought, captured_at)
                shown.append(Shown(pair.handle, pair.position, probes, chip, captured_at, cautions))
                told.append(face.id)
        for face_id in sorted(told):  # in no order of the pairs: who reads the log must not learn which pair is whose
            act.tell("shown", face_id, face_id)
        act.tell("review", review.id, review.id)
        act.tell("seed", review.seed, review.id)
        act.tell("own", review.own, review.id)
        act.tell("score_revealed", review.score_revealed, review.id)
    return review, shown


def decide_pair(system: System, officer: Officer, *, handle: str, outcome: str) -> Pair:
    """One outcome for one pair; it can be changed until the review is finished."""
    with audit.act(system, "review.decided", officer) as act, act.begin() as tx:
        pair = tx.get(Pair, handle)
        review = tx.get(Review, pair.review_id)
        search, case, authority = find_search(act, tx, review.search_id)
        act.permit(
            **parts_in(act, tx, search, case, authority),
            reviewer=review.reviewer,
            review_state=str(review.state),
            # An outcome is the reviewer's to change until the review is finished: who marked a third potential
            # candidate could not finish otherwise.
            pair_state="pending" if review.state is ReviewState.OPEN else "decided",
        )
        if outcome not in (Outcome.POTENTIAL, Outcome.NO, Outcome.INCONCLUSIVE):
            raise BadInput(f"{outcome!r} is no outcome of a review; it must be potential, no or inconclusive")
        pair = tx.change(pair, outcome=Outcome(outcome))
        act.tell("review", review.id, review.id)
        act.tell("position", pair.position, review.id)
        act.tell("outcome", outcome, review.id)
    return pair


def finish_review(system: System, officer: Officer, *, review_id: str) -> Search:
    """Close the review: what is potential goes to examination. With none of it, the search ends here and unseals."""
    with audit.act(system, "review.finished", officer) as act, act.begin() as tx:
        review = tx.get(Review, review_id)
        search, case, authority = find_search(act, tx, review.search_id)
        pairs = [pair for pair in tx.find(Pair, review_id=review.id) if is_there(tx, pair)]
        potential = sum(pair.outcome is Outcome.POTENTIAL for pair in pairs)
        act.permit(
            **parts_in(act, tx, search, case, authority),
            reviewer=review.reviewer,
            review_state=str(review.state),
            undecided=sum(pair.outcome is Outcome.PENDING for pair in pairs),
            potential=potential,
            max_potential=system.rules.max_potential,
        )
        listed = [one.face_id for one in tx.find(Candidate, search_id=search.id)]
        known = review.score_revealed or could_know(act, tx, search, listed)
        tx.change(review, state=ReviewState.FINISHED, score_revealed=known)
        act.tell("review", review.id, review.id)
        act.tell("score_revealed", known, review.id)
        act.tell("potential", potential, review.id)
        search = tx.change(search, state=SearchState.REVIEWED)
        if not potential:
            search = unseal(act, tx, search)
        return as_seen(tx, act.person, search)


def unseal(act: Act, tx: Transaction, search: Search) -> Search:
    """The last required opinion is locked: scores open to everybody at once, in the same transaction."""
    told = [audit.Told("search", search.id, search.id)]
    purpose = tx.get(Authority, search.authority_id).purpose
    audit.write(act.system, tx, "search.unsealed", person=act.person, now=act.now, purpose=purpose, told=told)
    return tx.change(search, state=SearchState.UNSEALED)


def find_search(act: Act, look: Look, search_id: str) -> tuple[Search, Case, Authority]:
    """The search with its case and authority; the act is about them. Raises `Sequestered` where it was not upheld."""
    search = look.get(Search, search_id)
    case, authority = look.get(Case, search.case_id), look.get(Authority, search.authority_id)
    act.purpose = authority.purpose
    act.tell("case", case.id, case.id)
    act.tell("search", search.id, search.id)
    check_upheld_or_open(look, authority.id, act.now)
    return search, case, authority


def parts_in(act: Act, look: Look, search: Search, case: Case, authority: Authority) -> dict[str, Fact]:
    """Who had a part in the search. None of them gives an opinion on it, not even one taken up before they had; but who
    searched before approval, alone, may be the first."""
    return {
        "requested_by": authority.requested_by,
        "searched_by": search.searched_by,
        "approved_by": authority.decided_by,
        "assigned": case.assigned,
        "own": is_own_work(act, look, search, authority),
    }


def took_part(look: Look, person: Person, search_id: str) -> bool:
    """Whether this person reviewed the search or examined a candidate of it."""
    return bool(
        look.count(Review, search_id=search_id, reviewer=person.id)
        or look.count(Examination, search_id=search_id, examiner=person.id)
    )


def could_know(act: Act, look: Look, search: Search, face_ids: Sequence[str]) -> bool:
    """Whether they may have read a score of one of these references before: in another search of the case, unsealed already.

    That is one of the same sought, or one that listed such a reference, in which they took part or whose leads they
    may read as a supervisor; or a comparison of the case with either that they made or may read. It is put on record
    rather than refused: docs/why/0010.
    """
    reads_all = Role.SUPERVISOR in act.person.roles
    return any(
        (reads_all or one.compared_by == act.person.id)
        and (one.sought_id == search.sought_id or one.face_id in face_ids)
        for one in look.find(Comparison, case_id=search.case_id)
    ) or any(
        (reads_all or took_part(look, act.person, other.id))
        and (
            other.sought_id == search.sought_id
            or look.count(Candidate, search_id=other.id, face_id=OneOf(sorted(face_ids))) > 0
        )
        for other in look.find(Search, case_id=search.case_id, state=SearchState.UNSEALED)
    )


def is_there(look: Look, pair: Pair) -> bool:
    """Whether the pair's reference is still held."""
    face = look.get(Face, look.get(Candidate, pair.candidate_id).face_id)
    return face.state is FaceState.LIVE


def probe_chips(system: System, look: Look, sought: Sought, side: int = CHIP_SIDE) -> tuple[bytes, ...]:
    """Of each declared face; before one that was edited stands its original."""
    chips: list[bytes] = []
    for exhibit, face in probes_of(look, sought):
        chips += exhibits.exhibit_chips(system, exhibit, with_original(face), side)
    return tuple(chips)


def reference_chip(system: System, look: Look, face: Face, side: int = CHIP_SIDE) -> tuple[bytes, str]:
    """The chip of a reference, cut now from its sealed image, and when the image was taken."""
    image = look.get(Image, face.image_id)
    content = system.keys.open(image.blob_key, system.blobs.get(image.blob), PICTURE)
    [chip] = system.media.chips(content, [Sight(face.box)], side)
    return chip, captured_at(system, look, face)


def captured_at(system: System, look: Look, face: Face) -> str:
    """When the reference's image was taken, by its source; empty where it does not say."""
    image = look.get(Image, face.image_id)
    provenance = json.loads(system.keys.open(image.id, image.provenance, PROVENANCE))
    told = str(provenance["captured_at"])
    return told if is_capture_date(told) else ""  # a blind reader sees a date and no other words


def cautions_of(system: System, look: Look, sought: Sought, reference_captured_at: str) -> str:
    """What is said beside the photographs to whoever compares them: of dates and edits, and nothing else."""
    years = gap_words(capture_dates(system, look, sought), reference_captured_at)
    return " ".join((years, *edit_words([face for _, face in probes_of(look, sought)])))


def capture_dates(system: System, look: Look, sought: Sought) -> list[str]:
    """When each of the sought's photographs was taken, as far as it is known; of those that are held."""
    return [
        taken_on(json.loads(system.keys.open(one.id, one.details, exhibits.DETAILS)))
        for one, _ in probes_of(look, sought)
    ]
