"""`beholden backup` and `beholden restore`: copies of data and keys at two places, and both put back or tried out."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from beholden.actions.backup import make_backup
from beholden.cli.door import ANYWHERE, HERE, Door, Where, wrapping_of
from beholden.cli.printing import Told
from beholden.restoring import restore as put_back

app = App(name="backup", help="Copies of data and keys, at two places.")


@app.command
def make(
    *,
    to: Annotated[Path, Parameter(help="A new folder for the data.")],
    keys_to: Annotated[Path, Parameter(help="A new folder for the wrapped keys, on another disk.")],
    door: Door = HERE,
) -> Told:
    """Copy data and wrapped keys of one moment to two places, while the system is in use, as an administrator.

    Example: beholden backup make --to /media/a/monday --keys-to /media/b/monday
    """
    with door.enter() as (system, officer):
        made = make_backup(system, officer, to=to, keys_to=keys_to)
    document = {
        "data": str(to.resolve()),
        "keys": str(keys_to.resolve()),
        "files": made.files,
        "entries": made.entries,
        "manifest_sha256": hashlib.sha256(made.manifest).hexdigest(),
    }
    lines = (
        f"{made.files:,} files, and the log up to its {made.entries:,} entries: the data in {to}, the keys in {keys_to}.",
        "kek.json, which opens them, is in neither. Keep one copy of it for each key epoch, sealed, in a third place.",
        "Try it out: beholden restore --check. What is erased from now on is in this backup until the next key epoch.",
    )
    return Told(document, lines)


def restore(
    *,
    source: Annotated[Path, Parameter(name="--from", help="The folder with the data of a backup.")],
    keys_from: Annotated[Path, Parameter(help="The folder with its keys.")],
    kek: Annotated[Path, Parameter(help="The copy of kek.json of that time.")],
    keys: Annotated[Path, Parameter(help="A new folder for the keys, outside the data folder.")],
    unlock: Annotated[
        str, Parameter(help="What unlocks the keys, where that changed: key-file:PATH, age:PATH or custodians:FOLDER.")
    ] = "",
    check: Annotated[
        bool, Parameter(help="Only try it out: look at every part, and remove both folders again.")
    ] = False,
    where: Where = ANYWHERE,
) -> Told:
    """Put a backup back into two new folders, once its files are those of its signed manifest.

    Example: beholden restore --from /media/a/monday --keys-from /media/b/monday --kek /media/c/kek.json --data ~/again
    --keys /media/keys/again
    """
    restored = put_back(
        source,
        keys_from,
        kek,
        data=where.folder,
        keys=keys,
        unlock=unlock,
        trial=check,
        passphrase=wrapping_of,
    )
    document: dict[str, object] = {
        "origin": restored.origin,
        "files": restored.files,
        "entries": restored.entries,
        "tried_out": check,
    }
    first = f"{restored.files:,} files are those of the signed manifest; the log has {restored.entries:,} entries."
    if check:
        holds = all(one.holds for one in restored.findings)
        findings = [
            f"{'holds         ' if one.holds else 'DOES NOT HOLD '} {one.part}: {one.words}"
            for one in restored.findings
        ]
        document["holds"] = holds
        document["findings"] = [{"part": one.part, "holds": one.holds, "words": one.words} for one in restored.findings]
        return Told(
            document, (first, *findings, "It was a trial: both folders are removed."), exit_code=0 if holds else 7
        )
    document |= {"data": str(where.folder.resolve()), "keys": str(keys.resolve())}
    lines = (
        first,
        f"Restored: data in {where.folder}, keys in {keys}. Let the old folders never be used again: two would write two logs.",
        "What was done after this backup is not in it. Whoever has a later checkpoint can show that, so tell the auditor and",
        "the witnesses before anybody works on; then `beholden check`. Erasures since must be carried out again.",
    )
    return Told(document, lines)
