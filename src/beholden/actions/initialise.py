"""Make an empty system: log entry 0 says what it is, and one person is invited. There is no default account, key or password."""

from __future__ import annotations

from collections.abc import Sequence

from beholden.actions import audit, people
from beholden.errors import Fault
from beholden.ports.system import System
from beholden.records.audit import Entry
from beholden.records.people import Role


def initialise(system: System, *, administrator: str, signers: Sequence[str] = (), tables: str = "") -> str:
    """Write entry 0 and invite the first person; the one-time token, which is shown once and kept nowhere.

    `signers` are the public keys of those who countersign policy packs: entry 0 pins them. `tables`: the revision that the
    system begins with. Raises `Fault` if the system has a log already.
    """
    with audit.act(system, "system.initialised", None) as act, act.begin() as tx:
        if tx.count(Entry):
            raise Fault("this system was initialised before")
        if audit.SYSTEM not in system.keys.names():
            system.keys.create([audit.SYSTEM])
        person, token = people.invite(act, tx, administrator, (Role.ADMINISTRATOR,))
        pack = system.policy.pack
        act.tell("profile", system.profile, audit.SYSTEM)
        act.tell("origin", system.origin, audit.SYSTEM)
        act.tell("policy", f"{pack.name}@{pack.digest}", audit.SYSTEM)
        act.tell("signers", list(signers), audit.SYSTEM)
        if tables:
            act.tell("tables", tables, audit.SYSTEM)
        act.tell("first_person", person.id, person.id)
    return token
