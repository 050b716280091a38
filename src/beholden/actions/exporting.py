"""The log for an outsider: a bundle to check, with what its reader may open: of everything, of one case, of a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from beholden.actions import audit, log
from beholden.actions.desk import owes_opinion
from beholden.actions.witnessing import lines_of, seal_and_ask
from beholden.errors import BadInput, Missing
from beholden.formats import bundle
from beholden.formats.bundle import Opened
from beholden.ports.database import Look, OneOf
from beholden.ports.system import System
from beholden.records.audit import Checkpoint, Entry, Item, instant
from beholden.records.authority import Authority
from beholden.records.cases import Case
from beholden.records.comparisons import Comparison
from beholden.records.disclosures import Disclosure
from beholden.records.exhibits import Exhibit
from beholden.records.people import Officer
from beholden.records.searches import Search
from beholden.records.sought import Sought

OF_CASE = (Authority, Comparison, Disclosure, Exhibit, Search, Sought)


@dataclass(frozen=True, slots=True)
class Scope:
    """Which values a bundle opens. Every entry is in every bundle: without all of them nothing could be checked."""

    case_id: str = ""  # those of entries that name this case, or what belongs to it
    begins_at: datetime | None = None
    ends_at: datetime | None = None  # not included
    recipient: str = ""  # to whom alone the bundle will be readable, as its writer says


EVERYTHING = Scope()


def export(system: System, officer: Officer, *, folder: Path, scope: Scope = EVERYTHING) -> int:
    """Write the bundle that an outsider checks with `beholden-verify`; how many entries it holds.

    Opens to its reader the values in `scope` whose keys live: what was erased stays a commitment that nobody can open. The
    log is sealed and its witnesses are asked first. Raises `BadInput` for a time that ends before it begins.
    """
    with audit.act(system, "log.exported", officer) as act:
        with act.begin() as tx:
            act.permit()
            if owes_opinion(tx, act.person):
                raise Missing("there is no log for you now: lock the opinion that you owe first")
            if scope.begins_at and scope.ends_at and scope.ends_at <= scope.begins_at:
                raise BadInput("the time to open ends before it begins: correct its two ends")
            if scope.case_id:
                case = tx.get(Case, scope.case_id)
                act.tell("case", case.id, case.id)
            for name, at in (("from", scope.begins_at), ("to", scope.ends_at)):
                if at:
                    act.tell(name, instant(at), audit.SYSTEM)
            if scope.recipient:
                act.tell("recipient", scope.recipient, audit.SYSTEM)
        seal_and_ask(system)
        with system.database.look() as look:
            opened = _opened(system, look, scope)
            kept = log.hourly(look.find(Checkpoint, order="size"))
            checkpoints = {size: note + lines_of(system, look, size) for size, note in kept.items()}
        return bundle.write_bundle(
            folder, system.witness.read, system.witness.paths(), opened, log.vkeys(system), checkpoints
        )


def _opened(system: System, look: Look, scope: Scope) -> list[Opened]:
    if scope.case_id:
        ids = [scope.case_id]
        for kind in OF_CASE:
            ids += [one.id for one in look.find(kind, case_id=scope.case_id)]  # type: ignore[attr-defined]  # each of them has an id
        numbers = {item.n for item in look.find(Item, record_id=OneOf(ids))}
        opened = [one for n in sorted(numbers) for one in log.opened_items(system, look, n)]
    else:
        opened = log.opened_items(system, look)
    if scope.begins_at is None and scope.ends_at is None:
        return opened
    in_time = {
        entry.n
        for entry in look.find(Entry)
        if (scope.begins_at is None or entry.kept.created_at >= scope.begins_at)
        and (scope.ends_at is None or entry.kept.created_at < scope.ends_at)
    }
    return [one for one in opened if one.n in in_time]
