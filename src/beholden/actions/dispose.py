"""Disposal runs: what is past its most time is removed, counted and named in the log, and can be looked at before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from beholden.actions import audit
from beholden.actions.audit import SYSTEM, Act
from beholden.actions.desk import at_desk, is_one_of
from beholden.actions.photograph import destroy_ended
from beholden.errors import Missing
from beholden.ports.database import Above, Below, Look, NoneOf, OneOf, Transaction
from beholden.ports.system import System
from beholden.records.archives import ArchiveCount
from beholden.records.audit import Entry, Item
from beholden.records.authenticators import Link, Linked, Passkey, Spent, Totp
from beholden.records.authority import Authority
from beholden.records.candidates import Candidate
from beholden.records.cases import Case
from beholden.records.comparisons import Comparison
from beholden.records.disclosures import OVERSIGHT, DisclosedReference, Disclosure, Notice
from beholden.records.erasure import Erasure
from beholden.records.evaluation import Calibration, Evaluation
from beholden.records.evidence import Evidence, EvidenceManifest, ProbeLook
from beholden.records.examination import Examination
from beholden.records.exhibits import Exhibit, ExhibitFace
from beholden.records.exigent import Exigent
from beholden.records.faces import Face
from beholden.records.galleries import Gallery
from beholden.records.images import Aside, AsideState, Block, Image
from beholden.records.incidents import Incident
from beholden.records.limits import DayCount
from beholden.records.near import ToldApart
from beholden.records.orders import Order
from beholden.records.outcomes import OutcomeNotice
from beholden.records.patterns import Planted
from beholden.records.people import Officer, Person, Role, Session
from beholden.records.recovery import RecoveryKey
from beholden.records.requests import Photograph, PhotographState, Request, Restriction
from beholden.records.review import Pair, Review
from beholden.records.samples import Sample, Sampled
from beholden.records.searches import Search
from beholden.records.sequestration import Sequestration
from beholden.records.sought import Sought
from beholden.records.sources import Source
from beholden.records.training import Certificate
from beholden.records.travel import OutsideExaminer, SentExamination
from beholden.records.upgrades import SideTemplate, Upgrade
from beholden.records.views import Viewed

MOST = 5_000  # of one kind in one run: everybody who writes waits for it
NAMED = 500  # in one item of the log
ITS_TERM = "its term was over, and a disposal run came"


@dataclass(frozen=True, slots=True)
class _Way:
    """How a kind is disposed of. `always` must hold of each; `early` too, of what is not past its most time.

    Without `early` nothing of the kind goes before that time is over.
    """

    name: str
    always: Mapping[str, Any] = field(default_factory=dict)
    early: Mapping[str, Any] | None = None


# What a run removes. Photographs are ended here and destroyed as ever, with a receipt; those of numbers that were good once
# (`Spent`) have no term but the time after which they say nothing.
DISPOSED: Mapping[type[Any], _Way] = MappingProxyType(
    {
        Session: _Way("sessions", early={"ended": True}),
        Link: _Way("links", early={"used": True}),
        # One that still waits is past its most time like every other: its block stays, and puts the file aside again.
        Aside: _Way("asides", early={"state": NoneOf([AsideState.WAITING])}),
        # One to the oversight body says as well that a use was flagged before: without it, it would be flagged anew.
        Notice: _Way("notices", {"sent": True, "recipient": NoneOf([OVERSIGHT])}, early={}),
        DayCount: _Way("day_counts"),
        OutcomeNotice: _Way("outcome_notices", early={"read": True}),
        Photograph: _Way("photographs", {"state": PhotographState.HELD}),
    }
)

_CASEWORK = "what was searched, found and handed on proves each other: it goes only whole, which is not built"
_REFERENCES = "a reference goes by an erasure, which shows by a byte scan that nothing is left"
_PEOPLE = "entries of the log rest on who somebody was and what they could"
_REGISTER = "references and searches rest on it"
_REQUESTS = "it shows what was erased, and keeps that from being taken in again"
_OVERSIGHT = "it is how the work was looked over"
_LOG = "every later entry rests on it"

# What is counted as due and stays, by its name and why.
STAYS: Mapping[type[Any], tuple[str, str]] = MappingProxyType(
    {
        Case: ("cases", _CASEWORK),
        Exhibit: ("exhibits", _CASEWORK),
        ExhibitFace: ("exhibit_faces", _CASEWORK),
        Sought: ("sought", _CASEWORK),
        EvidenceManifest: ("evidence_manifests", _CASEWORK),
        Evidence: ("evidence", _CASEWORK),
        Authority: ("authorities", _CASEWORK),
        Exigent: ("exigents", _CASEWORK),
        ProbeLook: ("probe_looks", _CASEWORK),
        Search: ("searches", _CASEWORK),
        Candidate: ("candidates", _CASEWORK),
        Comparison: ("comparisons", _CASEWORK),
        Review: ("reviews", _CASEWORK),
        Pair: ("pairs", _CASEWORK),
        Examination: ("examinations", _CASEWORK),
        Viewed: ("viewed", _CASEWORK),
        OutsideExaminer: ("outside_examiners", _CASEWORK),
        SentExamination: ("sent_examinations", _CASEWORK),
        Disclosure: ("disclosures", _CASEWORK),
        DisclosedReference: ("disclosed_references", _CASEWORK),
        Sequestration: ("sequestrations", _CASEWORK),
        Image: ("images", _REFERENCES),
        Face: ("faces", _REFERENCES),
        SideTemplate: ("side_templates", _REFERENCES),
        ToldApart: ("told_apart", _REFERENCES),
        Planted: ("planted", _REFERENCES),
        Person: ("people", _PEOPLE),
        Certificate: ("certificates", _PEOPLE),
        Passkey: ("passkeys", _PEOPLE),
        Totp: ("totps", _PEOPLE),
        Linked: ("linked", _PEOPLE),
        RecoveryKey: ("recovery_keys", _PEOPLE),
        Source: ("sources", _REGISTER),
        Gallery: ("galleries", _REGISTER),
        ArchiveCount: ("archive_counts", _REGISTER),
        Evaluation: ("evaluations", _REGISTER),
        Calibration: ("calibrations", _REGISTER),
        Upgrade: ("upgrades", _REGISTER),
        Request: ("requests", _REQUESTS),
        Restriction: ("restrictions", _REQUESTS),
        Erasure: ("erasures", _REQUESTS),
        Block: ("blocks", _REQUESTS),
        Order: ("orders", _OVERSIGHT),
        Incident: ("incidents", _OVERSIGHT),
        Sample: ("samples", _OVERSIGHT),
        Sampled: ("sampled", _OVERSIGHT),
        Entry: ("entries", _LOG),
    }
)


@dataclass(frozen=True, slots=True)
class Disposal:
    """Of one kind, in one run. `due` are past their most time and not on hold; of them, or of earlier ones, `taken` go.

    `too_early` were asked for and are not past their least time. `why` says why what is due and not taken stays.
    """

    kind: str
    due: int
    taken: int
    on_hold: int
    too_early: int = 0
    why: str = ""


@dataclass(frozen=True, slots=True)
class _Planned:
    lines: tuple[Disposal, ...]
    records: Mapping[str, Sequence[Any]]


def due(system: System, officer: Officer, *, made_before: datetime | None = None) -> tuple[Disposal, ...]:
    """What a run would take now, and what would stay: numbers only, for a privacy officer or auditor; else `Missing`."""
    with at_desk(system, officer) as (look, person):
        if not is_one_of(person, Role.PRIVACY_OFFICER, Role.AUDITOR):
            raise Missing("there is nothing about disposal for you")
        return _plan(look, system.clock.now(), made_before).lines


def dispose(system: System, officer: Officer, *, made_before: datetime | None = None) -> tuple[Disposal, ...]:
    """Remove what is past its most time and not on hold, up to `MOST` of each kind, with an entry that names each.

    With `made_before`, also what is over and was made before then: sessions that ended, links that were used, asides that
    were judged, notices that were sent. The policy refuses the whole run if one of these is not past its least time.
    """
    with audit.act(system, "disposal.run", officer) as act, act.begin() as tx:
        planned = _plan(tx, act.now, made_before)
        act.permit(too_early=sum(line.too_early for line in planned.lines))
        keys = _remove(tx, planned)
        _tell(act, planned)
    # A crash before this leaves keys that no record names, and photographs that have ended: every start sees to both.
    system.keys.destroy(keys)
    destroy_ended(system)
    system.database.purge()
    system.keys.purge()
    return planned.lines


def _plan(look: Look, now: datetime, made_before: datetime | None) -> _Planned:
    until = Below(now + timedelta(milliseconds=1))  # records tell time in these: up to now and no further
    lines, records = [], {}
    for kind, way in DISPOSED.items():
        over = look.find(kind, dispose_after=until, legal_hold=False, **way.always)
        early: list[Any] = []
        if made_before is not None and way.early is not None:
            asked = {**way.always, **way.early, "created_at": Below(made_before), "legal_hold": False}
            early = look.find(kind, dispose_after=Above(now), **asked)
        too_early = [one for one in early if one.kept.keep_until > now]
        taken = [*over, *early][:MOST]
        all_due = look.count(kind, dispose_after=until, legal_hold=False) if way.name != "photographs" else len(over)
        why = ""
        if all_due > len(over):
            why = "a notice that was not sent, or is for the oversight body, stays"
        elif len(over) + len(early) > MOST:
            why = "a run takes so many and no more: run it again"
        records[way.name] = taken
        held = look.count(kind, dispose_after=until, legal_hold=True)
        lines.append(Disposal(way.name, all_due, len(taken), held, len(too_early), why))
    spent = look.find(Spent, ends_at=until)
    records["spent"] = spent[:MOST]
    lines.append(Disposal("spent", len(spent), len(records["spent"]), 0))
    for kind, (name, why) in STAYS.items():
        lines.append(
            Disposal(
                name,
                look.count(kind, dispose_after=until, legal_hold=False),
                0,
                look.count(kind, dispose_after=until, legal_hold=True),
                why=why,
            )
        )
    return _Planned(tuple(lines), records)


def _remove(tx: Transaction, planned: _Planned) -> list[str]:
    """The keys that go with what was removed."""
    for name, records in planned.records.items():
        if name == DISPOSED[Photograph].name:
            for given in records:
                tx.change(given, state=PhotographState.ENDED, ended_by=ITS_TERM)
        else:
            tx.remove(*records)
    keys = [one.id for one in planned.records[DISPOSED[Aside].name]]
    tx.remove(*tx.find(Item, record_id=OneOf(keys)))  # as an erasure: what was told under a key that goes
    return keys


def _tell(act: Act, planned: _Planned) -> None:
    """Each total, and each record by its id: whoever counts the ids again has the totals."""
    for line in planned.lines:
        if line.taken:
            ids = [one.id for one in planned.records[line.kind]]
            act.tell(f"disposed_{line.kind}", line.taken, SYSTEM)
            for at in range(0, len(ids), NAMED):
                act.tell(f"ids_{line.kind}", ids[at : at + NAMED], SYSTEM)
        if line.due > line.taken:
            act.tell(f"due_and_kept_{line.kind}", line.due - line.taken, SYSTEM)
        if line.on_hold:
            act.tell(f"on_hold_{line.kind}", line.on_hold, SYSTEM)
