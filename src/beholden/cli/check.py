"""`beholden check`: look at every part of the system; on request, upgrade its folder or begin a new key epoch."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from beholden import opening
from beholden.actions import check as checking
from beholden.cli.door import HERE, Door, opened
from beholden.cli.printing import Told


def check(
    *,
    upgrade: Annotated[bool, Parameter(help="First bring an older data folder to this version.")] = False,
    new_key_epoch: Annotated[bool, Parameter(help="First wrap all keys anew, for a new key epoch.")] = False,
    door: Door = HERE,
) -> Told:
    """Look at the log, pictures, keys, index, model and room, as an auditor or administrator.

    Example: beholden check
    """
    document: dict[str, object] = {}
    lines: list[str] = []
    if upgrade:
        before, after = opening.upgrade_folder(door.where.folder)
        document["upgraded"] = {"before": before, "after": after}
        if before == after:
            lines.append(f"The data folder is of this version ({after}) already.")
        else:
            lines.append(f"The data folder was brought from {before or 'nothing'} to {after}.")
            with opened(door.where.folder) as system:
                checking.record_upgrade(system, before=before, after=after)
    with door.enter() as (system, officer):
        if new_key_epoch:
            epoch = checking.begin_key_epoch(system, officer)
            document["key_epoch"] = epoch
            lines.append(
                f"Key epoch {epoch} has begun. Destroy every copy of the earlier kek.json: it opens what was erased since."
            )
        findings = checking.check(system, officer)
    document["holds"] = all(one.holds for one in findings)
    document["findings"] = [{"part": one.part, "holds": one.holds, "words": one.words} for one in findings]
    lines += [f"{'holds         ' if one.holds else 'DOES NOT HOLD '} {one.part}: {one.words}" for one in findings]
    return Told(document, tuple(lines), exit_code=0 if document["holds"] else 7)
