"""Compare: a declared sought with one reference, under an authority. It consumes a use, gives a score with what it can tell,
and says neither yes nor no."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from beholden.actions import audit
from beholden.actions.audit import Act
from beholden.actions.calibrate import quoted
from beholden.actions.desk import EVERY_CASE, at_desk, is_one_of, owes_opinion, sees_case
from beholden.actions.evidence import unmanifested
from beholden.actions.examine import has_been_given
from beholden.actions.exigent import head_of, note_gates
from beholden.actions.follow import open_templates
from beholden.actions.gone import check_not_taken, check_upheld_or_open
from beholden.actions.model_in_force import check_model
from beholden.actions.review import capture_dates, captured_at
from beholden.actions.use import Use, facts_of_use, use_of, with_template_of
from beholden.actions.witnessing import catch_up
from beholden.errors import Missing
from beholden.ports.database import Look, OneOf, Transaction
from beholden.ports.model import Template
from beholden.ports.policy import Fact
from beholden.ports.system import System
from beholden.records import drawn_faces
from beholden.records.audit import canonical
from beholden.records.authority import Authority, after_use
from beholden.records.cases import Case
from beholden.records.comparisons import Comparison, statements
from beholden.records.edits import edit_words
from beholden.records.evidence import evidence_words
from beholden.records.exhibits import Exhibit, ExhibitFace
from beholden.records.faces import Face, FaceState
from beholden.records.people import Officer, Role
from beholden.records.quality_floor import override_in_force, override_words, reason_in_a_line
from beholden.records.searches import Search, SearchState
from beholden.records.sought import Sought
from beholden.records.sources import Source, is_searchable
from beholden.records.years import gap_words

RESULT = "comparison/result"
RESULT_BYTES = 8192  # a sealed length tells nothing
UNDER_WAY = (SearchState.STARTED, SearchState.LISTED, SearchState.REVIEWED)
HELD_NO_MORE = "there is no such reference for you now; if you owe an opinion, lock it first"


@dataclass(frozen=True, slots=True)
class Compared:
    """A comparison with what it gave. The statements belong to the score: nobody is shown the one without the others."""

    comparison: Comparison
    score: float  # a cosine, −1 to 1
    statements: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Parts:
    use: Use
    face: Face
    facts: dict[str, Fact]  # by which it was permitted


@dataclass(frozen=True, slots=True)
class _Wanted:
    authority_id: str
    sought_id: str
    face_id: str
    override: str  # why a probe below the floor is to be compared; empty where nobody said


def compare(
    system: System,
    officer: Officer,
    *,
    authority_id: str,
    sought_id: str,
    face_id: str,
    override_quality: str = "",
) -> Compared:
    """Consume one use and compare with the reference of this id, which the authority's galleries hold.

    `override_quality` is why a sought whose best face is below `min_probe_quality` is compared all the same.
    Raises `Refused` with every reason, `NoUsableFace` for declared faces that cannot be one person, and `Missing` for a
    reference that is held no more and to who owes a blind opinion. Nothing is told before the use is consumed and on
    record, so what failed consumed none.
    """
    catch_up(system)
    with audit.act(system, "comparison.made", officer) as act:
        with act.look() as look:
            wanted = _Wanted(authority_id, sought_id, face_id, reason_in_a_line(override_quality))
            parts = _permit(act, look, wanted, ())
            probes, face = parts.use.probes, parts.face
        [reference] = open_templates(system, [face])
        if reference is None:
            raise Missing(HELD_NO_MORE)
        score, quality = with_template_of(system, probes, lambda template: _cosine(template, reference))
        reference.fill(0)
        with act.begin() as tx:
            act.start_over()
            parts = _permit(act, tx, wanted, quality)  # it may have ended while the faces were embedded
            return _made(act, tx, parts, score, quality, wanted.override)


def _permit(act: Act, look: Look, wanted: _Wanted, quality: Sequence[int]) -> _Parts:
    check_model(act.system, look)
    use = use_of(act, look, wanted.authority_id, wanted.sought_id)
    authority, probes = use.authority, use.probes
    face = _reference(look, authority, wanted.face_id)
    photographs = sorted({exhibit.copy_of_id for exhibit, _ in probes})
    alike = _soughts_in(look, photographs)
    facts = facts_of_use(act, look, use, quality, wanted.override, of_source=face.source_id if face else "")
    facts |= dict[str, Fact](
        # One that is nowhere counts as one of another gallery: which of the two it is tells what is held.
        reference_in_galleries=face is not None,
        source_is_searchable=face is None
        or is_searchable(look.get(Source, face.source_id), authority.purpose, act.now),
        reference_has_template=face is None
        or (face.state is FaceState.LIVE and face.space_id == act.system.model.card.space_id),
        comparisons_of_image=_most_comparisons(look, alike, photographs),
        max_comparisons_of_image=act.system.rules.max_comparisons_of_image,
        searches_under_way=_under_way(look, use.case, alike),
    )
    act.permit(**facts)
    if face is None or owes_opinion(look, act.person):
        raise Missing(HELD_NO_MORE)
    return _Parts(use, face, facts)


def _made(act: Act, tx: Transaction, parts: _Parts, score: float, quality: tuple[int, ...], override: str) -> Compared:
    system, use, face = act.system, parts.use, parts.face
    authority = use.authority
    note_gates(act, tx, use, quality, parts.facts)
    floor = system.rules.min_probe_quality
    tx.change(authority, **after_use(authority))
    calibration_id, measured = quoted(system, tx)
    score = round(score, 4)
    told = (
        statements(
            score=score,
            probe_quality=quality,
            reference_quality=face.quality.unified or 0,
            years=gap_words(capture_dates(system, tx, use.sought), captured_at(system, tx, face)),
            made_before=tx.count(Comparison, sought_id=use.sought.id),
            measured=measured,
            own=bool(calibration_id),
        )
        + override_words(quality, floor, override)
        + drawn_faces.words([probe for _, probe in use.probes])
        + edit_words([probe for _, probe in use.probes])
        + evidence_words(
            len(unmanifested(tx, use.probes, authority.requested_by, act.person.id)), len(use.probes), compared=True
        )
    )
    card = system.model.card
    comparison = Comparison(
        id=act.new_id(),
        version=0,
        kept=act.keep("search"),
        case_id=use.case.id,
        authority_id=authority.id,
        sought_id=use.sought.id,
        face_id=face.id,
        compared_by=act.person.id,
        space_id=card.space_id,
        model=card.name,
        model_files=card.files,
        probe_quality=quality,
        calibration_id=calibration_id,
        result=_sealed(system, face, score, told),
        quality_override=override_in_force(quality, floor, override),
    )
    tx.add(comparison)
    act.tell("comparison", comparison.id, comparison.id)
    act.tell("use", authority.used + 1, authority.id)
    if comparison.quality_override:
        act.tell("quality_override", comparison.quality_override, comparison.id)
    for exhibit, probe in use.probes:
        act.tell("exhibit", exhibit.id, exhibit.id)
        act.tell("probe", probe.id, probe.id)
    act.tell("reference", face.id, face.id)
    return _headed(act, tx, Compared(comparison, score, told))


def read_comparison(system: System, officer: Officer, *, comparison_id: str) -> Compared:
    """The score again, with all that belongs to it. Raises `Missing` once the reference is erased, and to who owes an
    opinion."""
    with audit.act(system, "comparison.read", officer) as act, act.begin() as tx:
        comparison = tx.get(Comparison, comparison_id)
        case = tx.get(Case, comparison.case_id)
        act.purpose = tx.get(Authority, comparison.authority_id).purpose
        act.tell("case", case.id, case.id)
        act.tell("comparison", comparison.id, comparison.id)
        check_upheld_or_open(tx, comparison.authority_id, act.now)
        act.permit(
            assigned=case.assigned,
            read_before=has_been_given(
                tx, act.person, comparison.id, "comparison.made", "comparison.read", about="comparison"
            ),
        )
        face = tx.get(Face, comparison.face_id)
        if not comparison.result or face.state is not FaceState.LIVE or owes_opinion(tx, act.person):
            raise Missing(HELD_NO_MORE)
        act.tell("shown", face.id, face.id)
        return _headed(act, tx, opened(system, comparison))


def _headed(act: Act, look: Look, made: Compared) -> Compared:
    """What is sealed stays as it was told; the heading is that of the moment at which it is read."""
    heads = head_of(look, act, made.comparison.authority_id)
    return replace(made, statements=heads + made.statements)


def comparisons(system: System, officer: Officer) -> list[Comparison]:
    """Those of the cases that one sees, the latest first, without what they gave; none to who owes a blind opinion."""
    with at_desk(system, officer) as (look, person):
        if not is_one_of(person, Role.INVESTIGATOR, *EVERY_CASE) or owes_opinion(look, person):
            return []
        there = look.find(Comparison, order="-created_at")
        seen = {id for id in {one.case_id for one in there} if sees_case(look, person, id)}
        return [replace(one, result=b"") for one in there if one.case_id in seen]


def comparison(system: System, officer: Officer, *, comparison_id: str) -> Comparison:
    """One of them. Raises `Missing` for every other."""
    for one in comparisons(system, officer):
        if one.id == comparison_id:
            with system.database.look() as look:
                check_upheld_or_open(look, one.authority_id, system.clock.now())
            return one
    with system.database.look() as look:
        check_not_taken(look, comparison_id)
    raise Missing(HELD_NO_MORE)


def comparisons_of(look: Look, sought_id: str) -> list[Comparison]:
    """Those of one sought, the first one first."""
    return look.find(Comparison, sought_id=sought_id, order="created_at")


def opened(system: System, comparison: Comparison) -> Compared:
    """What a comparison gave, whose reference is still held."""
    sealed = json.loads(system.keys.open(comparison.face_id, comparison.result, RESULT))
    return Compared(comparison, float(sealed["score"]), tuple(sealed["statements"]))


def _reference(look: Look, authority: Authority, face_id: str) -> Face | None:
    held = OneOf([FaceState.WAITING, FaceState.LIVE])
    there = look.find(Face, id=face_id, gallery_id=OneOf(authority.gallery_ids), state=held)
    return there[0] if there else None


def _cosine(one: Template, other: Template) -> float:
    """Of two unit vectors: float64, from the first dimension to the last, as the index scores."""
    terms = one.astype(np.float64) * other.astype(np.float64)
    return float(np.add.accumulate(terms)[-1])


def _sealed(system: System, face: Face, score: float, told: Sequence[str]) -> bytes:
    said = canonical({"score": f"{score:.4f}", "statements": list(told)}).ljust(RESULT_BYTES)
    return system.keys.seal(face.id, said, RESULT)


def _soughts_in(look: Look, photographs: Sequence[str]) -> list[tuple[Sought, set[str]]]:
    """Who was ever sought out of these photographs or a copy, in whatever case, each with the photographs of theirs."""
    exhibits = {one.id: one.copy_of_id for one in look.find(Exhibit, copy_of_id=OneOf(photographs))}
    faces = {face.id: face for face in look.find(ExhibitFace, exhibit_id=OneOf(sorted(exhibits)))}
    declared = look.find(Sought, case_id=OneOf(sorted({face.case_id for face in faces.values()})))
    shown = [(one, {exhibits[faces[id].exhibit_id] for id in one.face_ids if id in faces}) for one in declared]
    return [(one, theirs) for one, theirs in shown if theirs]


def _most_comparisons(look: Look, soughts: Sequence[tuple[Sought, set[str]]], photographs: Sequence[str]) -> int:
    """How often the one of these photographs was compared that was compared most.

    Counted in every case and copy, also where the sought was withdrawn or the exhibit removed: otherwise declaring anew, or
    another case or file, would begin the count anew, and a loop of comparisons would be a search without a list.
    """
    made = dict.fromkeys(photographs, 0)
    for one, theirs in soughts:
        times = look.count(Comparison, sought_id=one.id)
        for photograph in theirs & made.keys():
            made[photograph] += times
    return max(made.values(), default=0)


def _under_way(look: Look, case: Case, soughts: Sequence[tuple[Sought, set[str]]]) -> int:
    """Searches of the case, or of the photographs in any case, whose scores are sealed: a comparison would open them.

    Whether the reference is on their lists is not asked: that alone would tell who is listed.
    """
    waiting = [
        *look.find(Search, case_id=case.id, state=OneOf(UNDER_WAY)),
        *look.find(Search, sought_id=OneOf([one.id for one, _ in soughts]), state=OneOf(UNDER_WAY)),
    ]
    return len({search.id for search in waiting})
