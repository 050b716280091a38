"""Take what a search made that was not upheld out of use at once, and leave the key to the oversight body alone.

In one transaction its records leave the tables, sealed under a key of their own. Then, each step again as often as a crash
asks: an age file for the oversight body with the records and their keys; their keys here destroyed; the stores scanned; a
receipt. Until the file is durable no key goes.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from enum import StrEnum
from functools import partial
from typing import Any

from beholden.actions import audit, log
from beholden.actions.audit import SYSTEM, Told
from beholden.actions.desk import at_desk, is_one_of
from beholden.actions.each import finish_each
from beholden.actions.sent import recall_sent
from beholden.errors import BadInput, Missing, StoreNotClean
from beholden.formats import receipts
from beholden.ports.database import Look, OneOf, Transaction
from beholden.ports.system import System
from beholden.records.audit import Entry, Item, canonical, instant
from beholden.records.candidates import Candidate
from beholden.records.comparisons import Comparison
from beholden.records.disclosures import DisclosedReference, Disclosure
from beholden.records.erasure import HEAD
from beholden.records.examination import Examination
from beholden.records.exigent import Exigent
from beholden.records.people import Officer, Role
from beholden.records.reveals import length_of_reason
from beholden.records.review import Pair, Review
from beholden.records.searches import Search
from beholden.records.sequestration import UNFINISHED, Sequestered, Sequestration, SequestrationState
from beholden.records.travel import SentExamination
from beholden.records.views import Viewed

FORMAT = "beholden/sequestered/v1"
CONTENT = "sequestration/content"
ENDINGS = ("sequestration.sealed", "sequestration.destroyed")
STATEMENT = {
    False: "What this search made is in no operational store: its keys here are destroyed, and a packet with the records and "
    "their keys is encrypted to the oversight body alone.",
    True: "What this search made is destroyed: its keys first, then its bytes. Nobody opens it again.",
}


@dataclass(frozen=True, slots=True)
class Opened:
    """What the oversight body reads: the records by their kinds, and of each lead what can still be opened."""

    sequestration: Sequestration
    content: dict[str, Any]
    leads: dict[str, dict[str, Any]]  # candidate → rank and score; without those whose reference was erased since


def take(system: System, tx: Transaction, exigent: Exigent, now: datetime) -> Sequestration | None:
    """In the transaction that refuses the search or puts its lapse on record: from its end on nobody here reads what it made.

    `finish_sequestrations` afterwards. None where it made nothing, or was taken before.
    """
    records = _made_by(tx, exigent.authority_id)
    if not records:
        return None
    id, at_once = system.clock.new_id(), system.policy.pack.after_refusal == "destroy"
    system.keys.create([id])
    content = canonical(
        {
            "format": FORMAT,
            "exigent": exigent.id,
            "authority": exigent.authority_id,
            "records": {
                kind.__name__: [_told(one) for one in records if type(one) is kind]
                for kind in dict.fromkeys(map(type, records))
            },
        }
    )
    ids = [str(getattr(one, "handle", None) or one.id) for one in records]
    taken = Sequestration(
        id=id,
        version=0,
        kept=audit.kept(system, "search", SYSTEM, now),
        exigent_id=exigent.id,
        case_id=exigent.case_id,
        keys=tuple(ids),
        records=len(records),
        sealed=system.keys.seal(id, content, CONTENT),
        packet=b"",
        needles=tuple(head.hex() for one in records for head in _heads(one)),
        summary=(),
        destroy=at_once,
        ended_by="the policy pack destroys what a search made that was not upheld" if at_once else "",
        receipt=b"",
        state=SequestrationState.TAKEN,
    )
    recall_sent(system, tx, [one for one in records if isinstance(one, SentExamination)], now)
    tx.remove(*records)
    tx.add(taken, *(Sequestered(one, id) for one in ids))
    told = [
        Told("exigent", exigent.id, exigent.id),
        Told("sequestration", id, exigent.id),
        Told("records", len(ids), exigent.id),
    ]
    audit.write(system, tx, "exigent.sequestered", person=None, now=now, told=told)
    return taken


def finish_sequestrations(system: System) -> int:
    """Finish what was taken, ordered destroyed, or came to its term; how many. Every step may be done again.

    What could not be shown to be clean is on record, and stays unfinished: the next call tries again.
    """
    now = system.clock.now()
    with system.database.look() as look:
        held = look.find(Sequestration, state=SequestrationState.SEALED)
        left = look.find(Sequestration, state=OneOf(UNFINISHED))
    for one in held:
        if one.kept.dispose_after <= now and not one.kept.legal_hold:
            with system.database.begin() as tx:
                left.append(end(tx, tx.get(Sequestration, one.id), "its term was over"))
    return finish_each(left, partial(_finish, system))


def end(tx: Transaction, one: Sequestration, why: str) -> Sequestration:
    """Have it destroyed: the packet leaves the records now. `finish_sequestrations` shows that it is nowhere.

    Raises `BadInput` for one that is not sealed.
    """
    if one.state is not SequestrationState.SEALED:
        raise BadInput(f"the sequestration is {one.state}: only one that is sealed can be destroyed by an order")
    return tx.change(
        one,
        packet=b"",
        needles=(one.packet[-HEAD:].hex(),),  # its head says only for whom it is, as that of every other
        destroy=True,
        ended_by=why,
        state=SequestrationState.ENDING,
    )


def open_sequestration(
    system: System, officer: Officer, *, sequestration_id: str, reason: str, open_packet: Callable[[bytes], bytes]
) -> Opened:
    """For the oversight body, which brings its private key to the machine, beside an auditor who is signed in and whose
    reason is on record. `open_packet` gives the content of the age file, by that key, and raises `BadInput` for another."""
    with audit.act(system, "sequestration.opened", officer) as act, act.begin() as tx:
        one = tx.get(Sequestration, sequestration_id)
        act.tell("case", one.case_id, one.case_id)
        act.tell("sequestration", one.id, one.exigent_id)
        act.tell("reason", reason.strip(), one.exigent_id)
        act.permit(
            state=str(one.state), reason_chars=length_of_reason(reason), min_reason_chars=system.rules.min_reveal_chars
        )
        content = json.loads(open_packet(one.packet))
        leads = _leads(system, content)
        for found in content["records"].get(Candidate.__name__, ()):
            if found["id"] in leads:
                act.tell("shown", found["face_id"], found["face_id"])
    return Opened(one, content, leads)


def sequestrations(system: System, officer: Officer) -> list[Sequestration]:
    """Those there are, the latest first: that something was taken, how much, and its receipt. Nothing of what it says.

    Raises `Missing` for other roles than those that oversee.
    """
    with at_desk(system, officer) as (look, person):
        if not is_one_of(person, Role.AUDITOR, Role.PRIVACY_OFFICER, Role.SUPERVISOR):
            raise Missing(
                "there is no list of sequestrations for you; an auditor, a privacy officer or a supervisor has it"
            )
        return [replace(one, sealed=b"", packet=b"") for one in look.find(Sequestration, order="-created_at")]


def oversight_key(system: System, look: Look) -> str:
    """The public key of the oversight body that log entry 0 pins; empty where it pins none."""
    signers = [one.value for one in log.opened_items(system, look, 0) if one.name == "signers"]
    pinned = signers[0] if signers and isinstance(signers[0], list) else []
    return pinned[1] if len(pinned) > 1 else ""


def _made_by(look: Look, authority_id: str) -> list[Any]:
    searches = look.find(Search, authority_id=authority_id)
    in_them = OneOf([one.id for one in searches])
    reviews = look.find(Review, search_id=in_them)
    examinations = look.find(Examination, search_id=in_them)
    disclosures = look.find(Disclosure, search_id=in_them)
    return [
        *searches,
        *look.find(Candidate, search_id=in_them),
        *reviews,
        *look.find(Pair, review_id=OneOf([one.id for one in reviews])),
        *examinations,
        *look.find(Viewed, examination_id=OneOf([one.id for one in examinations])),
        *look.find(SentExamination, search_id=in_them),
        *disclosures,
        *look.find(DisclosedReference, disclosure_id=OneOf([one.id for one in disclosures])),
        *look.find(Comparison, authority_id=authority_id),
    ]


def _told(record: Any) -> dict[str, object]:
    return {name: _plain(value) for name, value in asdict(record).items()}


def _plain(value: object) -> object:
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, datetime):
        return instant(value)
    if isinstance(value, StrEnum):
        return str(value)
    if isinstance(value, dict):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value


def _heads(record: Any) -> list[bytes]:
    """The beginnings of what it holds sealed, which must lie nowhere once it is entrusted: the packet hides its own."""
    sealed = [getattr(record, name, b"") for name in ("lead", "result", "packet", "reference", "crop")]
    return [one[:HEAD] for one in sealed if one]


def _finish(system: System, one: Sequestration) -> None:
    if one.state is not SequestrationState.CLEAN:
        with audit.act(system, ENDINGS[one.destroy], None) as act:
            act.tell("sequestration", one.id, one.exigent_id)
            act.tell("exigent", one.exigent_id, one.exigent_id)
            if one.state is SequestrationState.TAKEN:
                one = _entrust(system, one)
            summary = _make_clean(system, one)
            with act.begin() as tx:
                one = tx.change(one, needles=(), summary=summary, state=SequestrationState.CLEAN)
    receipt = _receipt(system, one)
    after = SequestrationState.DESTROYED if one.destroy else SequestrationState.SEALED
    with system.database.begin() as tx:
        tx.change(one, receipt=receipt, state=after)


def _entrust(system: System, one: Sequestration) -> Sequestration:
    packet = b""
    if not one.destroy:
        with system.database.look() as look:
            vkey = oversight_key(system, look)
        content = system.keys.open(one.id, one.sealed, CONTENT)
        packet = system.keys.entrust(one.keys, [vkey] if vkey else [], content)
    needles = (*one.needles, one.sealed[:HEAD].hex())
    with system.database.begin() as tx:
        return tx.change(one, sealed=b"", packet=packet, needles=needles, state=SequestrationState.ENTRUSTED)


def _make_clean(system: System, one: Sequestration) -> tuple[tuple[str, str], ...]:
    """The keys first: from then on nobody here opens what may still lie somewhere."""
    wrapped = system.keys.destroy([one.id, *one.keys])
    system.database.purge()
    system.keys.purge()
    scan = system.stores.scan([*wrapped, *(bytes.fromhex(needle) for needle in one.needles)])
    if scan.found:
        raise StoreNotClean(
            f"the byte scan found something of what is sequestered: {'; '.join(scan.found[:5])}. Its keys here are "
            "destroyed, and there is no receipt; close every other program that has the data folder open and run "
            "`beholden worker --once`"
        )
    return (
        ("stores", ", ".join(scan.stores)),
        ("files_scanned", str(scan.files)),
        ("bytes_scanned", str(scan.scanned_bytes)),
        ("needles", str(scan.needles)),
    )


def _receipt(system: System, one: Sequestration) -> bytes:
    """Seal the log, and sign what was done with the proof that it is in there."""
    checkpoint = log.seal(system)
    with system.database.look() as look:
        n = _entry_of(look, one)
    payload = {
        "kind": "destroyed" if one.destroy else "sequestered",
        "sequestration": one.id,
        "exigent": one.exigent_id,
        "statement": STATEMENT[one.destroy],
        "records": one.records,
        "at": instant(system.clock.now()),
        "ended_by": one.ended_by,
        **dict(one.summary),
    }
    proof = receipts.prove(system.witness.read, n, checkpoint)
    return receipts.make_receipt(payload, proof, *log.receipt_key(system))


def _entry_of(look: Look, one: Sequestration) -> int:
    """The number of the entry that tells of its end; tries that failed have entries too."""
    numbers = [item.n for item in look.find(Item, record_id=one.exigent_id, name="sequestration")]
    leaves = {entry.n: json.loads(entry.leaf) for entry in look.find(Entry, n=OneOf(numbers))}
    return max(n for n, leaf in leaves.items() if (leaf["event"], leaf["outcome"]) == (ENDINGS[one.destroy], "done"))


def _leads(system: System, content: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Ranks and scores lie under the keys of the references: what was erased since is not opened by anybody."""
    found = content["records"].get(Candidate.__name__, ())
    opened = system.keys.open_many([(one["face_id"], bytes.fromhex(one["lead"])) for one in found], "candidate/lead")
    return {one["id"]: json.loads(lead) for one, lead in zip(found, opened, strict=True) if lead is not None}
