"""What every start does first: finish what a crash, a full disk or an unclean store left half-done."""

from __future__ import annotations

from dataclasses import dataclass

from beholden.actions import audit, erase, log, photograph
from beholden.actions.audit import SYSTEM, Told
from beholden.actions.epoch import finish_key_epoch
from beholden.actions.exhibits import purge_removed
from beholden.actions.exigent_review import lapse_overdue
from beholden.actions.expire import expire_authorities
from beholden.actions.orders import note_last_order
from beholden.actions.patterns import tell_of_patterns
from beholden.actions.recall import recall_overdue
from beholden.actions.restrict import finish_restrictions
from beholden.actions.sent import lapse_sent
from beholden.actions.sequester import finish_sequestrations
from beholden.actions.upgrade import finish_purges, forget_destroyed
from beholden.errors import BeholdenError
from beholden.ports.database import Look, OneOf, Transaction
from beholden.ports.system import System
from beholden.records.authority import Authority
from beholden.records.cases import Case
from beholden.records.comparisons import Comparison
from beholden.records.disclosures import Disclosure
from beholden.records.erasure import Erasure
from beholden.records.evaluation import Calibration, Evaluation, EvaluationState
from beholden.records.evidence import EvidenceManifest
from beholden.records.examination import Examination
from beholden.records.exhibits import Exhibit, ExhibitFace, ExhibitState
from beholden.records.exigent import Exigent
from beholden.records.faces import Face
from beholden.records.galleries import Gallery
from beholden.records.images import Aside, Block, Image
from beholden.records.orders import Order
from beholden.records.people import Person
from beholden.records.requests import Photograph, PhotographState, Request, Restriction
from beholden.records.review import Review
from beholden.records.searches import Search, SearchState
from beholden.records.sequestration import UNFINISHED, Sequestration
from beholden.records.sought import Sought
from beholden.records.sources import Source
from beholden.records.travel import OutsideExaminer, SentExamination

# every kind of record that has a key named by its id
KEYED = (
    Person,
    Source,
    Gallery,
    Image,
    Aside,
    Face,
    Case,
    Exhibit,
    ExhibitFace,
    Sought,
    EvidenceManifest,
    Authority,
    Exigent,
    Search,
    Comparison,
    Review,
    Examination,
    OutsideExaminer,
    SentExamination,
    Disclosure,
    Request,
    Photograph,
    Restriction,
    Erasure,
    Evaluation,
    Calibration,
    Order,
    Sequestration,
)


@dataclass(frozen=True, slots=True)
class Recovered:
    """How many of each a start finished, failed or swept up."""

    erasures: int
    exhibits: int
    searches: int
    keys: int
    blobs: int
    photographs: int = 0


def recover(system: System) -> Recovered:
    """What an opening does: finish what was interrupted; if no other process is there, also sweep up what a crash orphaned.

    The log is sealed first: records that are older than the log, put back from a backup, name too little, and what they
    do not name would be swept away.
    """
    log.seal(system)
    system.stores.restore_ballast()
    searches = keys = blobs = 0
    with system.stores.alone() as alone:
        erasures = _finish_erasures(system, alone=alone)
        exhibits = _finish_removals(system)
        photographs = photograph.destroy_ended(system)
        finish_restrictions(system)
        lapse_overdue(system)
        recall_overdue(system)
        expire_authorities(system)
        lapse_sent(system)
        note_last_order(system)
        finish_sequestrations(system)
        finish_purges(system, alone=alone)
        if alone:
            forget_destroyed(system)
            searches = _fail_searches(system)
            keys, blobs = _sweep(system)
            finish_key_epoch(system)
    log.seal(system)
    return Recovered(erasures, exhibits, searches, keys, blobs, photographs)


def tend(system: System) -> None:
    """What the worker does again and again, beside others who have the folder open: it sweeps nothing."""
    system.stores.restore_ballast()
    _finish_erasures(system, alone=False)
    _finish_removals(system)
    photograph.destroy_ended(system)
    finish_restrictions(system)
    lapse_overdue(system)
    recall_overdue(system)
    expire_authorities(system)
    lapse_sent(system)
    finish_sequestrations(system)
    finish_purges(system)
    tell_of_patterns(system)
    log.seal(system)


def _finish_erasures(system: System, *, alone: bool) -> int:
    try:
        return len(erase.finish_erasures(system, alone=alone))
    except BeholdenError as error:
        if error.entry is None:
            raise
        return 0  # logged: the store is not clean yet; the worker and the next start try again


def _finish_removals(system: System) -> int:
    with system.database.look() as look:
        removed = look.find(Exhibit, state=ExhibitState.REMOVED)
    living, held = (system.keys.names(), set(system.blobs.addresses())) if removed else (set(), set())
    left = [exhibit for exhibit in removed if exhibit.blob_key in living or exhibit.blob in held]
    for exhibit in left:
        purge_removed(system, exhibit)
    return len(left)


def _fail_searches(system: System) -> int:
    """A search that was running when its process died never made a list."""
    with system.database.begin() as tx:
        orphans = tx.find(Search, state=SearchState.STARTED)
        for search in orphans:
            tx.change(search, state=SearchState.FAILED)
            purpose = tx.get(Authority, search.authority_id).purpose
            _write_failed(system, tx, search, purpose)
    return len(orphans)


def _write_failed(system: System, tx: Transaction, search: Search, purpose: str) -> None:
    audit.write(
        system,
        tx,
        "search.finished",
        person=None,
        now=system.clock.now(),
        purpose=purpose,
        outcome="failed",
        told=[Told("search", search.id, search.id), Told("error", "Interrupted", SYSTEM)],
    )


def _sweep(system: System) -> tuple[int, int]:
    """Destroy keys and purge blobs that no record names: they were made just before a crash, and nobody was told of them."""
    unnamed, held = system.keys.names(), set(system.blobs.addresses())
    with system.database.look() as look:
        for kind in KEYED:  # one after the other: there may be millions of one kind
            unnamed.difference_update(look.ids(kind))
        named, addresses = _in_use(look)
    unnamed -= named
    unnamed -= system.index.tidy()  # the keys of the segments in force; what a crash left of others is removed
    keys, blobs = sorted(unnamed), sorted(held - addresses)
    system.keys.destroy(keys)
    for address in blobs:
        system.blobs.purge(address)
    if keys:
        system.keys.purge()
    return len(keys), len(blobs)


def _in_use(look: Look) -> tuple[set[str], set[str]]:
    """The keys that records name otherwise than by their id, and their blobs; those of an unfinished erasure left to it."""
    named, addresses = {SYSTEM}, set[str]()
    held = OneOf([PhotographState.HELD, PhotographState.ENDED])
    pictures: list[Image | Exhibit | Photograph] = [
        *look.find(Image),
        *look.find(Exhibit, state=ExhibitState.HELD),
        *look.find(Photograph, state=held),
    ]
    for pictured in pictures:
        named.add(pictured.blob_key)
        addresses.add(pictured.blob)
    named.update(block.print_key for block in look.find(Block))
    # Of a run that was broken off only: a finished one leaves no template that could be opened.
    named.update(one.cache_key for one in look.find(Evaluation, state=EvaluationState.STARTED))
    for one in look.find(Sequestration, state=OneOf(UNFINISHED)):  # until its packet is durable no key goes
        named.update(one.keys)
    for erasure in look.find(Erasure):
        addresses.update(erasure.blobs)
    return named, addresses
