"""How long a statement of use takes over a large log, on a real folder: counted, signed, and in the public form.

    python benches/statement.py [--entries 1000000]

Entries are written past the acts into the records: a third are searches with the two values that statements count by.
"""

from __future__ import annotations

import argparse
import secrets
import time
from datetime import UTC, datetime, timedelta

from beholden.actions import log
from beholden.actions.audit import SYSTEM, kept
from beholden.actions.statement import make_statement
from beholden.benching.throwaway import make, own_folder
from beholden.keys.wrapping import KeyFile
from beholden.ports.system import System
from beholden.records import audit, tree
from beholden.records.audit import Entry, Item
from beholden.records.people import Role

AT_ONCE = 20_000
VALUES = {"search.started": ("unmanifested", 0), "search.finished": ("null_result", False)}
EVENTS = ("search.started", "search.finished", "lead.shown", "log.read", "image.enrolled", "session.opened")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--entries", type=int, default=1_000_000)
    asked = parser.parse_args()
    with own_folder() as folder:
        new = make(folder, "drawn:", KeyFile.make(folder / "key-file"))
        system, officer = new.system, new.staff[Role.PRIVACY_OFFICER]
        begun = time.perf_counter()
        _fill(system, asked.entries)
        print(f"{asked.entries:,} entries written in {time.perf_counter() - begun:.0f} s")
        begun = time.perf_counter()
        log.seal(system)
        print(f"sealed in {time.perf_counter() - begun:.1f} s")
        now = datetime.now(UTC)
        for public in (False, True):
            begun, used = time.perf_counter(), time.process_time()
            made = make_statement(
                system, officer, begins_at=now - timedelta(days=3650), ends_at=now + timedelta(days=1), public=public
            )
            taken, used = time.perf_counter() - begun, time.process_time() - used
            form = "public" if public else "whole"
            print(f"{form}: {made.statement.size:,} entries, {len(made.statement.rows)} rows")
            print(f"{used:.1f} s of the processor, {taken:.1f} s by the clock")
        system.close()


def _fill(system: System, entries: int) -> None:
    done = 0
    while done < entries:
        with system.database.begin() as tx:
            made = [_made(system, tx.next("entries")) for _ in range(min(AT_ONCE, entries - done))]
            tx.add(*(entry for entry, _ in made), *(item for _, items in made for item in items))
            done += len(made)


def _made(system: System, n: int) -> tuple[Entry, list[Item]]:
    event = EVENTS[n % len(EVENTS)]
    now = system.clock.now()
    commitments = [audit.Commitment(name, secrets.token_hex(32)) for name in ("person", "case", "client")]
    items = []
    if event in VALUES:
        name, value = VALUES[event]
        salt = secrets.token_bytes(audit.SALT_BYTES)
        commitments.append(audit.Commitment(name, audit.commit(salt, value)))
        sealed = system.keys.seal(SYSTEM, salt + audit.canonical(value), f"item/{n}/3")
        items.append(Item(f"{n}/3", n, name, SYSTEM, sealed))
    leaf = audit.leaf(
        n=n,
        at=now,
        event=event,
        operation=audit.OPERATIONS[event],
        role="investigator",
        purpose="victim-id-cse",
        outcome="done",
        rules=(),
        items=commitments,
    )
    return Entry(n, kept(system, "log", SYSTEM, now), leaf, tree.leaf_hash(leaf)), items


if __name__ == "__main__":
    main()
