"""Writing an entry of the log, within the transaction of what it tells of: its leaf, and each value sealed with its salt."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from beholden.ports.database import Transaction
from beholden.ports.system import System
from beholden.records import audit, tree
from beholden.records.audit import Entry, Item, Value
from beholden.records.people import Person
from beholden.records.retention import Kept, keep

ITEMS = 400  # in one entry: a leaf has at most 65,535 bytes, and an item about a hundred

SYSTEM = "system"  # the key under which items are sealed that name no record


@dataclass(frozen=True, slots=True)
class Told:
    """One thing that an entry says, and the record under whose key it is sealed."""

    name: str
    value: Value
    record_id: str


def write(
    system: System,
    tx: Transaction,
    event: str,
    *,
    person: Person | None,
    now: datetime,
    told: Sequence[Told],
    purpose: str = "",
    outcome: str = "done",
    rules: Sequence[str] = (),
) -> int:
    """Add an entry to the log within a transaction; its number. Raises KeyError for an event that the log does not know.

    What one entry cannot hold goes on in further ones, which name the first: "continues".
    """
    parts = [told[at : at + ITEMS] for at in range(0, len(told), ITEMS)] or [[]]
    first = _write(system, tx, event, person, now, parts[0], purpose, outcome, rules)
    for part in parts[1:]:
        _write(system, tx, event, person, now, [Told("continues", first, SYSTEM), *part], purpose, outcome, rules)
    return first


def _write(
    system: System,
    tx: Transaction,
    event: str,
    person: Person | None,
    now: datetime,
    told: Sequence[Told],
    purpose: str,
    outcome: str,
    rules: Sequence[str],
) -> int:
    who = [Told("person", person.id, person.id)] if person else []
    said = [*who, *told, Told("client", system.client, SYSTEM)]
    n = tx.next("entries")
    plain = [secrets.token_bytes(audit.SALT_BYTES) + audit.canonical(one.value) for one in said]
    sealed = system.keys.seal_many([(one.record_id, plain[at], f"item/{n}/{at}") for at, one in enumerate(said)])
    commitments = [audit.Commitment(one.name, audit.commit_to(plain[at])) for at, one in enumerate(said)]
    items = [Item(f"{n}/{at}", n, one.name, one.record_id, sealed[at]) for at, one in enumerate(said)]
    leaf = audit.leaf(
        n=n,
        at=now,
        event=event,
        operation=audit.OPERATIONS[event],
        role=",".join(sorted(person.roles)) if person else SYSTEM,
        purpose=purpose,
        outcome=outcome,
        rules=rules,
        items=commitments,
    )
    tx.add(Entry(n, kept(system, "log", person.id if person else SYSTEM, now), leaf, tree.leaf_hash(leaf)), *items)
    return n


def kept(system: System, retention_class: str, by: str, now: datetime) -> Kept:
    pack = system.policy.pack
    return keep(retention_class, by, now, f"{pack.name}@{pack.digest[:16]}", system.rules)
