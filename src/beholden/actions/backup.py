"""A backup of the whole system while it is in use, of one moment of records and keys, with a signed list of its files."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from beholden.actions import audit, log
from beholden.formats import receipts
from beholden.ports.system import System
from beholden.records.audit import Entry
from beholden.records.people import Officer


@dataclass(frozen=True, slots=True)
class Backup:
    """`entries`: of the log, up to the moment of the backup."""

    files: int
    entries: int
    manifest: bytes


def make_backup(system: System, officer: Officer, *, to: Path, keys_to: Path) -> Backup:
    """Copy the data to one place and the wrapped keys to another; both get the signed manifest.

    Others write a record only after the keys, the log and the settings were copied; what takes long is copied beside
    them. What unlocks the keys (`kek.json`) is copied nowhere. Raises `BadInput` for places that are not empty, or not
    apart from each other and from the system. A backup that fails leaves nothing.
    """
    with audit.act(system, "backup.made", officer) as act:
        with act.look():
            act.permit()
        with system.database.begin() as tx:
            entries = tx.count(Entry)
            copying = system.stores.begin_copy(to, keys_to)
        try:
            digests = copying.finish()
            manifest = receipts.make_manifest(digests, *log.receipt_key(system))
            copying.sign(manifest)
            with act.begin():
                act.tell("manifest", hashlib.sha256(manifest).hexdigest(), audit.SYSTEM)
        except BaseException:
            copying.take_back()
            raise
    return Backup(len(digests), entries, manifest)
