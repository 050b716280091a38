"""Search before approval: begun by one person alone, told at once to whoever must know, and every gate that it passes noted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from beholden.actions import audit
from beholden.actions.audit import Act
from beholden.actions.calibrate import quoted
from beholden.actions.certified import lapsed_days
from beholden.actions.desk import EVERY_CASE, at_desk, is_one_of, owes_opinion, sees_case
from beholden.actions.evidence import unmanifested
from beholden.actions.use import Use, exigent_of, facts_of_urgency, probes_of, uncertified, unfit
from beholden.errors import Missing, Reason, Refused, Said
from beholden.ports.database import Above, Look, OneOf, Transaction
from beholden.ports.policy import Fact
from beholden.ports.system import System
from beholden.records.authority import Authority, AuthorityState, Necessity, Urgency
from beholden.records.cases import Case, CaseState
from beholden.records.comparisons import Comparison
from beholden.records.disclosures import CENTRAL_OFFICE, OVERSIGHT, Notice
from beholden.records.evaluation import Calibration, CalibrationState
from beholden.records.exhibits import Exhibit, ExhibitFace, ExhibitState
from beholden.records.exigent import (
    LATELY,
    PASSABLE,
    Exigent,
    ExigentState,
    Passed,
    heading,
    passing,
    state_at,
)
from beholden.records.galleries import Gallery, is_fit
from beholden.records.people import Officer, Person, PersonState, Role
from beholden.records.quality_floor import best_of
from beholden.records.searches import Search
from beholden.records.sought import Sought, SoughtState

NOT_TO_BEGIN_AGAIN = (ExigentState.REFUSED, ExigentState.LAPSED)
UNNAMED = "gallery-is-named"  # the rule
NO_EXIGENT = "there is no such search before approval for you"


@dataclass(frozen=True, slots=True)
class Seen:
    """A search before approval as it stands now, with what was done under it: numbers, and nobody who was listed."""

    exigent: Exigent
    searches: int
    listed: int  # people on its lists, all together
    comparisons: int


@dataclass(frozen=True, slots=True)
class _Why:
    ground: str
    reason: str
    place: str
    time: str


@dataclass(frozen=True, slots=True)
class _Of:
    """The case it is of, or the one that would be opened for it, which has no id yet."""

    case_id: str
    purpose: str
    state: str
    assigned: tuple[str, ...]


def check_exigent(
    system: System,
    officer: Officer,
    *,
    case_id: str,
    purpose: str,
    subject_role: str,
    ground: str,
    reason: str,
    place: str,
    time: str,
    gallery_ids: Sequence[str] | None = None,
    incident_id: str = "",
) -> None:
    """Whether one could be begun for somebody whose photograph is not there yet, so that nothing is added in vain.

    `purpose` is that of the case to be opened, where `case_id` is empty. What only a sought can tell is asked by
    `begin_exigent`. Nothing is kept of a yes. Raises `Refused` with every reason, which is on record as a refused beginning,
    and `Missing` for a case that is nowhere or an incident that is not one's own.
    """
    why = _Why(ground.strip(), reason.strip(), place.strip(), time.strip())
    with audit.act(system, "exigent.begun", officer) as act, act.look() as look:
        of = _Of("", purpose, str(CaseState.OPEN), (act.person.id,))
        if case_id:
            case = look.get(Case, case_id)
            of = _Of(case.id, case.purpose, str(case.state), case.assigned)
            act.tell("case", case.id, case.id)
        act.purpose = of.purpose if of.purpose in system.policy.pack.purposes else ""
        galleries = _galleries(look, of.purpose, gallery_ids)
        facts = _facts(act, look, of, galleries, why, incident_id)
        none_yet: dict[str, Fact] = {
            "refused_before": 0,
            "sought_state": str(SoughtState.DECLARED),
            "sought_of_case": True,
            "removed_faces": 0,
            "subject_role": subject_role,
        }
        _permit(act, facts | none_yet, gallery_ids is None)


def begin_exigent(
    system: System,
    officer: Officer,
    *,
    case_id: str,
    sought_id: str,
    ground: str,
    reason: str,
    place: str,
    time: str,
    gallery_ids: Sequence[str] | None = None,
    incident_id: str = "",
) -> Exigent:
    """Search now and be reviewed after: an authority that is active at once, which nobody approved.

    `ground` is a code of the policy pack; `place` and `time` of the threat may be "unknown". Without `gallery_ids` every
    open gallery that is held for the purpose of the case is named. `incident_id` names one of one's own of the last 24 hours
    where this is a further person of the same incident. The supervisors who are not on the case, or without any the central
    office, and the oversight body are told in the same transaction. Raises `Refused` with every reason, and `Missing` for an
    incident that is not one's own.
    """
    why = _Why(ground.strip(), reason.strip(), place.strip(), time.strip())
    with audit.act(system, "exigent.begun", officer) as act, act.begin() as tx:
        case, sought = tx.get(Case, case_id), tx.get(Sought, sought_id)
        act.purpose = case.purpose
        act.tell("case", case.id, case.id)
        act.tell("sought", sought.id, sought.id)
        galleries = _galleries(tx, case.purpose, gallery_ids)
        facts = _facts(act, tx, _Of(case.id, case.purpose, str(case.state), case.assigned), galleries, why, incident_id)
        facts |= _facts_of_sought(act, tx, case, sought)
        _permit(act, facts, gallery_ids is None)
        authority = _authority(act, tx, case, sought, galleries, why)
        exigent = _exigent(act, authority, why, incident_id)
        exigent = replace(exigent, passed=_passed(act, tx, galleries, 0, facts))
        tx.add(authority, exigent)
        _tell_of(act, tx, case, exigent)
        act.tell("authority", authority.id, authority.id)
        act.tell("exigent", exigent.id, exigent.id)
        act.tell("of_incident" if incident_id else "incident", exigent.incident_id, exigent.id)
        for name in ("ground", "reason", "place", "time"):
            act.tell(name, getattr(why, name), exigent.id)
        for gallery_id in galleries:
            act.tell("gallery", gallery_id, gallery_id)
        for one in exigent.passed:
            act.tell("gate", f"{one.gate}: {one.words}", exigent.id)
    return exigent


def note_gates(act: Act, tx: Transaction, use: Use, quality: Sequence[int], facts: dict[str, Fact]) -> None:
    """Put on record which gates a use passed that an approved one would not; nothing for one that was approved before."""
    exigent = exigent_of(tx, use.authority)
    if exigent is None:
        return
    passed = _passed(act, tx, use.authority.gallery_ids, best_of(quality), facts)
    for one in passed:
        act.tell("gate", f"{one.gate}: {one.words}", exigent.id)
    if (now := passing(exigent.passed, passed)) != exigent.passed:
        tx.change(exigent, passed=now)


def head_of(look: Look, act: Act, authority_id: str) -> tuple[str, ...]:
    """What stands above whatever was found under this authority; nothing where approval came before, or was given since."""
    exigent = exigent_of(look, look.get(Authority, authority_id))
    return heading(exigent, act.now) if exigent else ()


def exigents(system: System, officer: Officer) -> list[Seen]:
    """Those of the cases that one sees, the latest first; none to who owes a blind opinion: they would know whose it is."""
    with at_desk(system, officer) as (look, person):
        if not is_one_of(person, Role.INVESTIGATOR, *EVERY_CASE) or owes_opinion(look, person):
            return []
        there = look.find(Exigent, order="-created_at")
        seen = {id for id in {one.case_id for one in there} if sees_case(look, person, id)}
        return [_seen(system, look, one) for one in there if one.case_id in seen]


def exigent(system: System, officer: Officer, *, exigent_id: str) -> Seen:
    """One of them. Raises `Missing` for every other."""
    for one in exigents(system, officer):
        if one.exigent.id == exigent_id:
            return one
    raise Missing(NO_EXIGENT)


def _seen(system: System, look: Look, exigent: Exigent) -> Seen:
    searches = look.find(Search, authority_id=exigent.authority_id)
    return Seen(
        replace(exigent, state=state_at(exigent, system.clock.now())),
        len(searches),
        sum(one.people for one in searches),
        look.count(Comparison, authority_id=exigent.authority_id),
    )


def _galleries(look: Look, purpose: str, named: Sequence[str] | None) -> tuple[str, ...]:
    if named is not None:
        return tuple(dict.fromkeys(named))
    return tuple(one.id for one in look.find(Gallery, order="name") if is_fit(one, purpose))


def _permit(act: Act, facts: dict[str, Fact], every_fit: bool) -> None:
    """Ask the policy. Who wanted every fit gallery and named none is told that there is none, and who opens one."""
    try:
        act.permit(**facts)
    except Refused as refused:
        if not every_fit:
            raise
        raise type(refused)(*(_none_fit(one, str(facts["purpose"])) for one in refused.reasons)) from refused


def _none_fit(reason: Reason, purpose: str) -> Reason:
    if reason.rule_id != UNNAMED:
        return reason
    french = Said(
        "fr",
        f"Aucun répertoire ouvert n’est tenu pour la finalité {purpose}.",
        "Un responsable de la vie privée en ouvre un pour cette finalité; ou nommez la finalité d’un répertoire ouvert.",
    )
    return replace(
        reason,
        why=f"No open gallery is held for the purpose {purpose}.",
        how_to_proceed="A privacy officer opens one for it (`beholden gallery open`); the list of galleries says what is held.",
        also=(french,),
    )


def _facts(act: Act, look: Look, of: _Of, galleries: Sequence[str], why: _Why, incident_id: str) -> dict[str, Fact]:
    """All but those of who is sought."""
    pack, rules = act.system.policy.pack, act.system.rules
    mine = look.find(Exigent, begun_by=act.person.id, created_at=Above(act.now - LATELY))
    before = {one.incident_id for one in mine}
    if incident_id and (
        incident_id not in before or any(one.case_id != of.case_id for one in mine if one.incident_id == incident_id)
    ):
        raise Missing(NO_EXIGENT)
    return {
        "case_state": of.state,
        "assigned": of.assigned,
        "purpose": of.purpose,
        "pack_purposes": pack.purposes,
        "grounds": len(pack.exigent_grounds),
        "pack_grounds": pack.exigent_grounds,
        "ground": why.ground,
        "reason_chars": len(why.reason),
        "min_reason_chars": rules.min_exigent_chars,
        "place_chars": len(why.place),
        "time_chars": len(why.time),
        "incidents": len(before - {incident_id}),
        "max_incidents": rules.max_exigent_incidents_a_day,
        "persons": look.count(Exigent, incident_id=incident_id) if incident_id else 0,
        "max_persons": rules.max_exigent_persons,
        "permitted_roles": tuple(pack.roles_by_purpose.get(of.purpose, ())),
        "galleries": len(galleries),
        "unfit_galleries": unfit(look, galleries, of.purpose),
        **{
            name: fact
            for name, fact in facts_of_urgency(act, look, Urgency.EXIGENT, None).items()
            if name != "exigent_state"
        },
    }


def _facts_of_sought(act: Act, look: Look, case: Case, sought: Sought) -> dict[str, Fact]:
    return {
        "refused_before": _refused_before(act, look, case, sought),
        "sought_state": str(sought.state),
        "sought_of_case": sought.case_id == case.id,
        "removed_faces": sum(
            exhibit.state is not ExhibitState.HELD or exhibit.case_id != case.id
            for exhibit, _ in probes_of(look, sought)
        ),
        "subject_role": str(sought.subject_role),
    }


def _refused_before(act: Act, look: Look, case: Case, sought: Sought) -> int:
    """How many for this sought, or for one of the same photographs, were not upheld: of the case, and of this person anywhere.

    Otherwise one would begin again what its reviewer refused, or do so in a case opened for it.
    """
    there = {one.id: one for one in look.find(Exigent, case_id=case.id)}
    there |= {one.id: one for one in look.find(Exigent, begun_by=act.person.id)}
    over = [one.authority_id for one in there.values() if state_at(one, act.now) in NOT_TO_BEGIN_AGAIN]
    before = [one.sought_id for one in look.find(Authority, id=OneOf(over))]
    photographs = {one.id: _photographs(look, one) for one in look.find(Sought, id=OneOf(sorted({*before, sought.id})))}
    return sum(id == sought.id or bool(photographs.get(id, set()) & photographs[sought.id]) for id in before)


def _photographs(look: Look, sought: Sought) -> set[str]:
    """The first exhibit of each photograph, of whatever case; also where it was removed since."""
    ids = {face.exhibit_id for face in look.find(ExhibitFace, id=OneOf(sought.face_ids))}
    return {one.copy_of_id or one.id for one in look.find(Exhibit, id=OneOf(sorted(ids)))}


def _authority(act: Act, look: Look, case: Case, sought: Sought, galleries: tuple[str, ...], why: _Why) -> Authority:
    """It ends when the review is due, and is bounded by persons and incidents: one video may need many searches (REQ 24)."""
    rules = act.system.rules
    return Authority(
        id=act.new_id(),
        version=0,
        kept=act.keep("authority"),
        case_id=case.id,
        sought_id=sought.id,
        purpose=case.purpose,
        urgency=Urgency.EXIGENT,
        necessity=Necessity("", "", why.reason),
        gallery_ids=galleries,
        starts_at=act.now,
        ends_at=act.now + timedelta(hours=rules.exigent_review_hours),
        searches=rules.max_searches_a_day,
        used=0,
        requested_by=act.person.id,
        decided_by="",
        reason="",
        follows="",
        state=AuthorityState.ACTIVE,
        unmanifested=len(unmanifested(look, probes_of(look, sought), act.person.id)),
    )


def _exigent(act: Act, authority: Authority, why: _Why, incident_id: str) -> Exigent:
    id, rules = act.new_id(), act.system.rules
    return Exigent(
        id=id,
        version=0,
        kept=act.keep("authority"),
        authority_id=authority.id,
        case_id=authority.case_id,
        incident_id=incident_id or id,
        begun_by=act.person.id,
        ground=why.ground,
        reason=why.reason,
        place=why.place,
        time=why.time,
        passed=(),
        review_due=authority.ends_at,
        second_due=act.now + timedelta(hours=rules.exigent_second_hours),
        state=ExigentState.OPEN,
    )


def _passed(act: Act, look: Look, gallery_ids: Sequence[str], best: int, facts: dict[str, Fact]) -> tuple[Passed, ...]:
    """The gates at which an approved use would have been stopped, by asking the policy about just such a use."""
    rules = act.refused_by(**{**facts, "urgency": str(Urgency.PRIOR)})
    overdue = len(uncertified(act.system, look, gallery_ids, act.now))
    words = {
        "training": f"training ended {lapsed_days(look, act.person, act.event, act.now)} days ago",
        "certification": f"{overdue} {'gallery is' if overdue == 1 else 'galleries are'} not certified anew",
        "quality": f"the best face has a quality of {best}, under {act.system.rules.min_probe_quality}",
        "witness": f"no witness saw the log for {facts.get('unwitnessed_minutes', 0)} minutes",
    }
    told = [Passed(gate.code, words.get(gate.code, gate.how_far)) for rule, gate in PASSABLE.items() if rule in rules]
    space_id = act.system.model.card.space_id
    if look.count(Calibration, space_id=space_id, state=CalibrationState.IN_FORCE) and not quoted(act.system, look)[0]:
        told.append(Passed("calibration", "the evaluation that lists quoted is over"))
    return tuple(told)


def _tell_of(act: Act, tx: Transaction, case: Case, exigent: Exigent) -> None:
    words = (
        f"{act.person.name} searches before approval in case {case.reference} ({exigent.ground}); somebody else reviews it "
        f"until {exigent.review_due:%Y-%m-%d %H:%M} UTC"
    )
    tell(act, tx, (*(alternates(tx, case) or (CENTRAL_OFFICE,)), OVERSIGHT), exigent, words)


def alternates(look: Look, case: Case) -> tuple[str, ...]:
    """The ids of those who may review what was begun in this case: active supervisors who are not on it."""
    there: list[Person] = look.find(Person, state=PersonState.ACTIVE, order="name")
    return tuple(one.id for one in there if Role.SUPERVISOR in one.roles and one.id not in case.assigned)


def tell(act: Act, tx: Transaction, recipients: Sequence[str], exigent: Exigent, words: str) -> None:
    """A notice to each, in the transaction of the act."""
    for recipient in recipients:
        id = act.system.clock.new_id()
        tx.add(Notice(id, 0, act.keep("notice"), recipient, exigent.id, words, sent=False))
