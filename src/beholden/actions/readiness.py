"""Whether a search that was approved before could begin now: every reason why not, each with what to do, and nobody by name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from beholden.actions import log
from beholden.actions.check import Finding
from beholden.actions.desk import at_desk
from beholden.actions.follow import check_whole, follow
from beholden.actions.incidents import overdue
from beholden.actions.model_in_force import check_model
from beholden.actions.stops import is_stopped, searchable, words_of_stops
from beholden.actions.training import without_training
from beholden.actions.use import uncertified
from beholden.actions.witnessing import catch_up, facts_of_witnesses
from beholden.errors import BeholdenError, Changed
from beholden.ports.database import Look, OneOf
from beholden.ports.index import Shelf
from beholden.ports.system import System
from beholden.records.exigent import MAY_FREEZE, Exigent, freezes
from beholden.records.faces import Face, FaceState
from beholden.records.galleries import Gallery, is_fit
from beholden.records.people import Officer, Person, PersonState, Role

HINDERS = frozenset({"log", "pictures", "templates", "index"})  # parts of a check that a list would hang on


@dataclass(frozen=True, slots=True)
class NotReady:
    """One reason why no search can begin now."""

    part: str  # "log", "witness", "policy", "stop", "review", "source", "gallery", "people", "model", "index", "room", "incidents"
    why: str
    what_to_do: str


@dataclass(frozen=True, slots=True)
class Readiness:
    purposes: tuple[str, ...]  # for which a search can begin; empty where something stands in the way of all
    because: tuple[NotReady, ...]  # why not; empty where it is ready

    @property
    def ready(self) -> bool:
        return not self.because


def readiness(system: System, officer: Officer) -> Readiness:
    """For anybody who is signed in. As before a search, the sealer and the witnesses go first where they are late.

    It is ready where nothing stands in the way of all, and of one purpose of the pack nothing does: that a case, an approval
    and a face are there is asked of each search. Nothing is put on record. Raises as `at_desk` does.
    """
    catch_up(system)
    with at_desk(system, officer) as (look, _):
        return look_whether(system, look)


def look_whether(system: System, look: Look) -> Readiness:
    """As the records are at this moment."""
    now = system.clock.now()
    looked: list[Callable[[System, Look, datetime], list[NotReady]]] = [
        _log,
        _witness,
        _review,
        _people,
        _room,
        _incidents,
    ]
    because = [one for look_at in looked for one in look_at(system, look, now)]
    of_purpose = {purpose: _of_purpose(system, look, purpose, now) for purpose in system.policy.pack.purposes}
    purposes = tuple(purpose for purpose, why in of_purpose.items() if not why)
    if not of_purpose:
        because.append(
            NotReady(
                "policy",
                f"the policy pack {system.policy.pack.name} in force has no purpose",
                "have a pack with purposes signed by the agency and the oversight body (`beholden policy`)",
            )
        )
    if not purposes:
        because += dict.fromkeys(one for why in of_purpose.values() for one in why)
    return Readiness(() if because else purposes, tuple(because))


def with_findings(known: Readiness, findings: Iterable[Finding]) -> Readiness:
    """With what a whole check found beside it: a list that hangs on what does not hold proves nothing."""
    told = {one.part for one in known.because}
    more = tuple(
        NotReady(one.part, one.words, "do what the check says of it below, and check again")
        for one in findings
        if not one.holds and one.part in HINDERS - told
    )
    return Readiness(() if more else known.purposes, known.because + more)


def _log(system: System, look: Look, now: datetime) -> list[NotReady]:
    """That what was done is sealed, within the time in which a witness would have to see it."""
    try:
        oldest = log.unsealed(system, look)
    except BeholdenError as error:
        return [NotReady("log", str(error), "run `beholden log check`, and tell the auditor")]
    minutes = int((now - oldest.kept.created_at).total_seconds() // 60) if oldest else 0
    if oldest is None or minutes <= system.rules.max_unwitnessed_minutes:
        return []
    return [
        NotReady(
            "log",
            f"entry {oldest.n} of the log has waited {minutes:,} minutes to be sealed",
            "have `beholden serve` run, or seal it with `beholden worker --once`",
        )
    ]


def _witness(system: System, look: Look, now: datetime) -> list[NotReady]:  # noqa: ARG001
    try:
        facts = facts_of_witnesses(system, look)
    except BeholdenError as error:
        return [NotReady("witness", str(error), "run `beholden log check`, and tell the auditor")]
    there, least, minutes, most = (
        int(str(facts[name]))
        for name in ("witnesses", "min_witnesses", "unwitnessed_minutes", "max_unwitnessed_minutes")
    )
    found = []
    if there < least:
        found.append(
            NotReady(
                "witness",
                f"the log has {there} witnesses, where the policy asks for {least}",
                "have an administrator set one up (`beholden witness make`)",
            )
        )
    if there and minutes > most:
        found.append(
            NotReady(
                "witness",
                f"no witness has seen the end of the log for {minutes:,} minutes ({most:,} at most)",
                "have an administrator look at the witness (`beholden log show`)",
            )
        )
    return found


def _review(system: System, look: Look, now: datetime) -> list[NotReady]:  # noqa: ARG001
    if not any(freezes(one, now) for one in look.find(Exigent, state=OneOf([*MAY_FREEZE]), reviewed_by="")):
        return []
    return [
        NotReady(
            "review",
            "a search before approval was not reviewed in time, and what can wait does so",
            "have a supervisor who is not on that case close the lapse (`beholden exigent close-lapse`)",
        )
    ]


def _people(system: System, look: Look, now: datetime) -> list[NotReady]:  # noqa: ARG001
    """An investigator who searches, and somebody else who approves as a supervisor; each with a certificate that counts."""
    active = look.find(Person, state=PersonState.ACTIVE)
    lacks = {(person.id, role) for person, role in without_training(look, now)}
    able: dict[Role, set[str]] = {}
    found = []
    for role in (Role.INVESTIGATOR, Role.SUPERVISOR):
        having = [person.id for person in active if role in person.roles]
        able[role] = {id for id in having if (id, role) not in lacks}
        if not having:
            why, what = (
                f"nobody who is active is {_named(role)}",
                "have an administrator add somebody (`beholden people add`)",
            )
        elif not able[role]:
            why = f"nobody who is {_named(role)} has a certificate of training that counts"
            what = "have an administrator enter one (`beholden people certify`)"
        else:
            continue
        found.append(NotReady("people", why, what))
    if not found and len(able[Role.INVESTIGATOR] | able[Role.SUPERVISOR]) < 2:
        found.append(
            NotReady(
                "people",
                "the one investigator and the one supervisor with certificates are the same person, who would approve their own",
                "have an administrator add another of the two (`beholden people add`)",
            )
        )
    return found


def _named(role: Role) -> str:
    return f"an {role}" if role is Role.INVESTIGATOR else f"a {role}"


def _room(system: System, look: Look, now: datetime) -> list[NotReady]:  # noqa: ARG001
    free, least = system.stores.room(), system.rules.min_room_bytes
    if free >= least:
        return []
    why = f"only {free // 2**20:,} MiB are free, where {least // 2**20:,} are asked for"
    return [NotReady("room", why, "make room on the disk of the data folder")]


def _incidents(system: System, look: Look, now: datetime) -> list[NotReady]:  # noqa: ARG001
    if not (late := len(overdue(look, now))):
        return []
    return [
        NotReady(
            "incidents",
            f"{late} incident{' waits' if late == 1 else 's wait'} beyond the term for somebody to say whether it is material",
            "have a privacy officer judge (`beholden incident judge`)",
        )
    ]


def _of_purpose(system: System, look: Look, purpose: str, now: datetime) -> list[NotReady]:
    galleries = [one for one in look.find(Gallery, order="name") if is_fit(one, purpose)]
    late = {one.id for one in uncertified(system, look, [one.id for one in galleries], now)}
    certified = [one.id for one in galleries if one.id not in late]
    found = []
    if is_stopped(system, look, purpose, certified, now):
        said = words_of_stops(system, look, now)
        why = f"the oversight body stopped searches for {purpose}" + (f": {said}" if said else "")
        found.append(NotReady("stop", why, "ask the oversight body: only a later order of its lifts it"))
    if not galleries:
        what = "have a privacy officer open one (`beholden gallery open`)"
        found.append(NotReady("gallery", f"no open gallery is held for {purpose}", what))
    elif not certified:
        why = f"none of the {len(galleries)} open galleries for {purpose} is certified anew"
        what = "have a privacy officer look through one and certify it (`beholden gallery certify`)"
        found.append(NotReady("gallery", why, what))
    sources = [one.id for one in searchable(look, purpose, now)]
    if not sources:
        what = "have a steward propose one and a privacy officer approve it, or resume one (`beholden source list`)"
        found.append(NotReady("source", f"no active source allows {purpose}", what))
    if certified and sources:
        found += _references(system, look, purpose, certified, sources)
    return found


def _references(
    system: System, look: Look, purpose: str, gallery_ids: Sequence[str], source_ids: Sequence[str]
) -> list[NotReady]:
    """That the model in use made every template that a search would compare, and that the index holds them all."""
    space_id = system.model.card.space_id
    shelves, live, ours = [], 0, 0
    for gallery_id in gallery_ids:
        for source_id in source_ids:
            of_pair = {"gallery_id": gallery_id, "source_id": source_id, "state": FaceState.LIVE}
            here = look.count(Face, space_id=space_id, **of_pair)
            live, ours = live + look.count(Face, **of_pair), ours + here
            if here:
                shelves.append(Shelf(gallery_id, source_id, space_id))
    if not live:
        why = f"there is no reference to compare with for {purpose}"
        return [NotReady("gallery", why, "have a steward take images in (`beholden enrol`)")]
    found = []
    try:
        check_model(system, look)
    except Changed as error:
        found.append(NotReady("model", str(error), "start the server or program again"))
    if ours < live:
        why = f"{live - ours:,} of {live:,} references for {purpose} have templates of another model, and would not be compared"
        found.append(NotReady("model", why, "make them anew with `beholden model renew`"))
    try:
        follow(system, look)
        check_whole(system, look, shelves)
    except BeholdenError as error:
        found.append(NotReady("index", str(error), "start again: the index is made anew from the records"))
    return found
