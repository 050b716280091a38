"""A backup put back into two new folders: checked against its signed manifest, opened, and on trial looked over and removed."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from beholden import opening
from beholden.actions.check import Finding, look_over
from beholden.actions.log import RECEIPTS
from beholden.durable import overwrite
from beholden.errors import BadInput
from beholden.formats import receipts
from beholden.formats.notes import vkey
from beholden.keys.vault import Vault
from beholden.keys.wrapping import Wrapping
from beholden.opening import open_folder
from beholden.records.audit import Entry
from beholden.settings import SETTINGS, Settings, read_settings, written
from beholden.stores import backups


@dataclass(frozen=True, slots=True)
class Restored:
    """`findings` are of a trial alone."""

    origin: str
    entries: int  # of the log: what came after is in no part of the backup
    files: int
    findings: tuple[Finding, ...] = ()


def restore(
    source: Path,
    keys_from: Path,
    kek: Path,
    *,
    data: Path,
    keys: Path,
    unlock: str = "",
    trial: bool = False,
    passphrase: Callable[[Settings], Wrapping | None] | None = None,
) -> Restored:
    """Put a backup back into `data` and `keys`, new folders. `kek` is the copy of `kek.json` of the time of the backup.

    `unlock` says what unlocks the keys where that is no longer what the settings say; a passphrase is asked for. On `trial`
    nothing is mended or published, every part is looked over, and both folders are removed again. Raises `NotProven` for
    files that are not those of the signed manifest, `Fault` where keys and `kek` are of two key epochs. What fails leaves no
    folder behind.
    """
    data, keys = data.resolve(), keys.resolve()
    if data == keys or data.is_relative_to(keys) or keys.is_relative_to(data):
        raise BadInput("data and keys must not lie one in the other: who takes the one would have both")
    before = [folder for folder in (data, keys) if folder.exists()]
    backups.check_there(source, keys_from, kek, data, keys)
    try:
        found = backups.put_back(source, keys_from, kek, data, keys)
        settings = replace(read_settings(data), keys=keys)
        if unlock:
            settings = replace(settings, unlock=unlock)
        wrapping = (passphrase(settings) if passphrase else None) or opening.unlocking(settings.unlock)
        _check_manifest((source / backups.MANIFEST).read_bytes(), found, keys, settings.origin, wrapping)
        (data / SETTINGS).write_text(written(settings), encoding="utf-8")
        system = open_folder(data, wrapping=wrapping, recover=False)
        try:
            with system.database.look() as look:
                findings = tuple(look_over(system, look)) if trial else ()
                restored = Restored(system.origin, look.count(Entry), len(found), findings)
        finally:
            system.close()
    except BaseException:
        _remove(data, keys, before)
        raise
    if trial:
        _remove(data, keys, before)
    return restored


def _check_manifest(note: bytes, found: Mapping[str, str], keys: Path, origin: str, wrapping: Wrapping) -> None:
    """Raises `Untrusted` unless the keys that were backed up signed it, `NotProven` for other files than it lists."""
    vault = Vault(keys, wrapping)
    try:
        signer = vkey(f"{origin}/{RECEIPTS}", vault.public(RECEIPTS))
    finally:
        vault.close()
    backups.check_digests(found, receipts.read_manifest(note, [signer]))


def _remove(data: Path, keys: Path, before: list[Path]) -> None:
    for path in (keys / "kek.json", keys / backups.KEYS):
        overwrite(path)
    for folder in (data, keys):
        shutil.rmtree(folder, ignore_errors=True)
        if folder in before:
            folder.mkdir(mode=0o700)
