"""`beholden check`: look at every part of the system; on request, upgrade its folder or begin a new key epoch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from cyclopts import Parameter

from beholden import opening
from beholden.actions import audit
from beholden.actions import check as checking
from beholden.actions.epoch import begin_key_epoch
from beholden.actions.readiness import Readiness, readiness, with_findings
from beholden.cli import sessions
from beholden.cli.door import HERE, Door, opened
from beholden.cli.printing import Told
from beholden.errors import BeholdenError, Refused, SignInRefused


def check(
    *,
    upgrade: Annotated[bool, Parameter(help="First bring an older data folder to this version.")] = False,
    new_key_epoch: Annotated[bool, Parameter(help="First wrap all keys anew, for a new key epoch.")] = False,
    door: Door = HERE,
) -> Told:
    """Say whether a search could begin now and why not, then look at every part, as an auditor or administrator.

    Example: beholden check
    """
    if not upgrade:
        return _checked(door, new_key_epoch, {})
    before, after = opening.upgrade_folder(door.where.folder)
    upgraded = {"upgraded": {"before": before, "after": after}}
    if before == after:
        return _checked(door, new_key_epoch, upgraded, f"The data folder is of this version ({after}) already.")
    done = f"The upgrade is done: the data folder was brought from {before or 'nothing'} to {after}."
    try:
        if not door.acting_as and sessions.kept(door.where.folder) is None:
            with opened(door.where.folder):
                pass  # an opening puts the upgrade on record
            raise SignInRefused(audit.NOT_SIGNED_IN)
        return _checked(door, new_key_epoch, upgraded, done)
    except BeholdenError as error:
        why = "; ".join(f"{reason.why}: {reason.how_to_proceed}" for reason in error.reasons) or str(error)
        return Told(
            {**upgraded, "checked": False, "why_not": error.problem()},
            (done, f"What the system holds was not checked. {why[0].upper()}{why[1:]}"),
            # who may upgrade a folder need be nobody who may check it: that is no failure of what was asked for
            0 if isinstance(error, Refused) and not new_key_epoch else error.exit_code,
        )


def _checked(door: Door, new_key_epoch: bool, upgraded: Mapping[str, object], *told: str) -> Told:
    document: dict[str, object] = dict(upgraded)
    lines = list(told)
    with door.enter() as (system, officer):
        if new_key_epoch:
            epoch = begin_key_epoch(system, officer)
            document["key_epoch"] = epoch
            lines.append(
                f"Key epoch {epoch} has begun. Destroy every copy of the earlier kek.json: it opens what was erased since."
            )
        findings = checking.check(system, officer)
        known = with_findings(readiness(system, officer), findings)
    document |= _ready(known)
    document["holds"] = all(one.holds for one in findings)
    document["findings"] = [{"part": one.part, "holds": one.holds, "words": one.words} for one in findings]
    # What was done to the keys or the folder is said after the one thing that whoever is on call asks first.
    lines = [*_answer(known), *lines]
    lines += [f"{'holds         ' if one.holds else 'DOES NOT HOLD '} {one.part}: {one.words}" for one in findings]
    return Told(document, tuple(lines), exit_code=0 if document["holds"] else 7)


def _ready(known: Readiness) -> dict[str, object]:
    return {
        "ready": known.ready,
        "ready_for": list(known.purposes),
        "not_ready_because": [
            {"part": one.part, "why": one.why, "what_to_do": one.what_to_do} for one in known.because
        ],
    }


def _answer(known: Readiness) -> tuple[str, ...]:
    if known.ready:
        return ("Ready for a search now: yes", f"  for {', '.join(known.purposes)}")
    told = (f"  {one.part}: {one.why}; {one.what_to_do}" for one in known.because)
    return ("Ready for a search now: no", *told)
