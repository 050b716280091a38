"""Off-pattern use, for the auditor: which uses of authority are unlike the rest, and planted references that nobody should find."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from beholden.actions import audit
from beholden.actions.audit import Act
from beholden.actions.evidence import vouched
from beholden.errors import BadInput
from beholden.ports.database import Look, OneOf, Saying, Transaction
from beholden.ports.system import System
from beholden.records.audit import Entry, Item
from beholden.records.authority import Authority
from beholden.records.candidates import Stack
from beholden.records.comparisons import Comparison
from beholden.records.disclosures import OVERSIGHT, Disclosure, Notice
from beholden.records.exhibits import Exhibit, ExhibitFace
from beholden.records.faces import Face, FaceState
from beholden.records.limits import day_of
from beholden.records.patterns import Doing, Planted, Use, Weighed, flagged, weigh
from beholden.records.people import Officer
from beholden.records.searches import Search, SearchState
from beholden.records.sought import Sought

WITHIN_A_DAY = timedelta(days=1)
TOLD = "patterns-told"  # the day on which the uses were last weighed
UNDECIDED = timedelta.max
FIRST_ON_A_LIST = "a planted reference came first on the list of a search"
FLAGGED = "a use of authority was flagged as unlike the rest"


@dataclass(frozen=True, slots=True)
class Rates:
    """What one person, or one case, used; whoever reads it compares."""

    of: str  # id of the person or the case
    uses: int
    unmanifested: int
    disclosed: int  # uses of which a lead left


@dataclass(frozen=True, slots=True)
class Report:
    uses: int
    flagged: tuple[Weighed, ...]  # the most unusual first
    by_person: tuple[Rates, ...]  # the most uses first
    by_case: tuple[Rates, ...]
    pairs: tuple[tuple[str, str, int], ...]  # requester, approver, uses; the most first
    planted: tuple[Planted, ...] = ()  # the earliest first


def find_patterns(system: System, officer: Officer) -> Report:
    """Every use that the records have, weighed against all others. That it was read is on record, with how many were flagged."""
    with audit.act(system, "pattern.read", officer) as act, act.begin() as tx:
        act.permit()
        report = replace(report_of(tx, act.now), planted=tuple(tx.find(Planted, order="created_at")))
        act.tell("uses", report.uses, audit.SYSTEM)
        act.tell("flagged", len(report.flagged), audit.SYSTEM)
    return report


def report_of(look: Look, now: datetime) -> Report:
    uses = uses_of(look)
    return Report(
        uses=len(uses),
        flagged=tuple(flagged(weigh(uses, doings_of(look), now))),
        by_person=_rates(uses, [one.by for one in uses]),
        by_case=_rates(uses, [one.case_id for one in uses]),
        pairs=tuple(
            (*pair, count)
            for pair, count in Counter(
                (one.requested_by, one.approved_by) for one in uses if one.approved_by
            ).most_common()
        ),
    )


def tell_of_patterns(system: System) -> int:
    """What upkeep does once a day: a notice for the oversight body of each use not flagged before; how many there are."""
    now = system.clock.now()
    today = day_of(now).encode()
    if system.keys.noted(TOLD) == today:
        return 0
    with system.database.begin() as tx:
        known = {one.about for one in tx.find(Notice, recipient=OVERSIGHT) if one.words == FLAGGED}
        new = [one.use.id for one in report_of(tx, now).flagged if one.use.id not in known]
        kept = audit.kept(system, "notice", audit.SYSTEM, now)
        tx.add(*(Notice(system.clock.new_id(), 0, kept, OVERSIGHT, id, FLAGGED, False) for id in new))
    system.keys.note(TOLD, today)
    return len(new)


def plant_reference(system: System, officer: Officer, *, face_id: str, words: str) -> Planted:
    """Watch for a reference: of a colleague who agreed, whom no search has a reason to find. Nobody but auditors can tell.

    From then on the oversight body gets a notice of each search on whose list it comes first.
    """
    with audit.act(system, "reference.planted", officer) as act, act.begin() as tx:
        face = tx.get(Face, face_id)
        act.permit(words_chars=len(words.strip()))
        if face.state is not FaceState.LIVE:
            raise BadInput("this reference is not compared: name one that is")
        if tx.count(Planted, face_id=face.id):
            raise BadInput("this reference is planted already")
        planted = Planted(system.clock.new_id(), 0, act.keep("reference"), face.id, words.strip(), act.person.id)
        tx.add(planted)
        act.tell("face", face.id, face.id)
    return planted


def unplant_reference(system: System, officer: Officer, *, planted_id: str) -> None:
    with audit.act(system, "reference.unplanted", officer) as act, act.begin() as tx:
        planted = tx.get(Planted, planted_id)
        act.permit()
        tx.remove(planted)
        act.tell("face", planted.face_id, planted.face_id)


def notice_planted(act: Act, tx: Transaction, search: Search, stacks: Sequence[Stack]) -> None:
    """Called by a search for its list: who searched learns nothing of it."""
    if stacks and tx.count(Planted, face_id=stacks[0].face.id):
        tx.add(Notice(act.system.clock.new_id(), 0, act.keep("notice"), OVERSIGHT, search.id, FIRST_ON_A_LIST, False))


def uses_of(look: Look) -> list[Use]:
    """Every search that made a list and every comparison one to one, the earliest first."""
    searches = look.find(Search, state=OneOf([SearchState.LISTED, SearchState.REVIEWED, SearchState.UNSEALED]))
    every: list[tuple[Search | Comparison, datetime, str]] = [
        (one, one.started_at, one.searched_by) for one in searches
    ]
    every += [(one, one.kept.created_at, one.compared_by) for one in look.find(Comparison)]
    authorities = {one.id: one for one in look.find(Authority)}
    decided = _decided(look)
    photographs = _Photographs(look)
    worth = {one.search_id for one in look.find(Disclosure)}
    planted = {one.about for one in look.find(Notice, recipient=OVERSIGHT) if one.words == FIRST_ON_A_LIST}
    uses = []
    for one, at, by in sorted(every, key=lambda use: (use[1], use[0].id)):
        authority = authorities[one.authority_id]
        exhibits = photographs.of(one.sought_id)
        asked = authority.kept.created_at
        uses.append(
            Use(
                id=one.id,
                at=at,
                by=by,
                case_id=one.case_id,
                sought_id=one.sought_id,
                requested_by=authority.requested_by,
                approved_by=authority.decided_by,
                decided_within=decided[authority.id] - asked if authority.id in decided else UNDECIDED,
                photographs=tuple(sorted({exhibit.copy_of_id or exhibit.id for exhibit in exhibits})),
                unmanifested=any(
                    not photographs.manifested(exhibit, authority.requested_by, by) for exhibit in exhibits
                ),
                added_alone=any(photographs.alone(exhibit) for exhibit in exhibits),
                disclosed=one.id in worth,
                overridden=bool(one.quality_override),
                planted=one.id in planted,
            )
        )
    return uses


def doings_of(look: Look) -> list[Doing]:
    """What investigators did in cases besides using authority."""
    return [
        *(Doing(one.case_id, one.added_by, one.kept.created_at) for one in look.find(Exhibit)),
        *(Doing(one.case_id, one.declared_by, one.kept.created_at) for one in look.find(Sought)),
        *(Doing(one.case_id, one.requested_by, one.kept.created_at) for one in look.find(Authority)),
        *(Doing(one.case_id, one.kept.created_by, one.kept.created_at) for one in look.find(Disclosure)),
    ]


def _decided(look: Look) -> dict[str, datetime]:
    """When each authority was approved, as the log has it."""
    entries = {one.n: one.kept.created_at for one in look.find(Entry, leaf=Saying("event", "authority.approved"))}
    named = look.find(Item, n=OneOf(sorted(entries)), name="authority")
    return {one.record_id: entries[one.n] for one in named}


def _rates(uses: Sequence[Use], of: Sequence[str]) -> tuple[Rates, ...]:
    counted = Counter(of)
    unmanifested = Counter(name for name, use in zip(of, uses, strict=True) if use.unmanifested)
    disclosed = Counter(name for name, use in zip(of, uses, strict=True) if use.disclosed)
    return tuple(Rates(name, count, unmanifested[name], disclosed[name]) for name, count in counted.most_common())


class _Photographs:
    """The exhibits behind each sought, looked up once."""

    def __init__(self, look: Look) -> None:
        self._exhibits = {one.id: one for one in look.find(Exhibit)}
        self._exhibit_of = {one.id: one.exhibit_id for one in look.find(ExhibitFace)}
        self._faces = {one.id: one.face_ids for one in look.find(Sought)}
        self._days: dict[str, list[tuple[datetime, str]]] = {}
        for one in self._exhibits.values():
            self._days.setdefault(one.case_id, []).append((one.kept.created_at, one.id))
        self._vouched = vouched(look, self._exhibits.values())

    def of(self, sought_id: str) -> list[Exhibit]:
        ids = {self._exhibit_of[face_id] for face_id in self._faces[sought_id] if face_id in self._exhibit_of}
        return [self._exhibits[id] for id in sorted(ids)]

    def manifested(self, exhibit: Exhibit, *asking: str) -> bool:
        return bool(self._vouched.get(exhibit.id, {}).keys() - set(asking))

    def alone(self, exhibit: Exhibit) -> bool:
        at = exhibit.kept.created_at
        return all(
            id == exhibit.id or abs(other - at) > WITHIN_A_DAY for other, id in self._days.get(exhibit.case_id, [])
        )
