"""Put a policy pack in force that both bodies signed: a tighter one at once, a looser one after its notice period."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from beholden import opening
from beholden.errors import WrongVersion
from beholden.settings import read_settings, with_pack

if TYPE_CHECKING:
    from beholden.keys.wrapping import Wrapping
    from beholden.policy.cedar import CedarPolicy
    from beholden.policy.differences import Difference
    from beholden.ports.system import System


@dataclass(frozen=True, slots=True)
class Adopted:
    """What became of a pack that both bodies signed. Packs are named `name@digest`."""

    before: str
    after: str
    begins_at: datetime | None  # None: it is in force
    on_record: bool  # else it comes on record with the first opening
    looser: tuple[Difference, ...]
    called_off: str  # the pack that waited, and waits no more


def adopt_pack(
    data: Path, note: bytes, *, pack: str = "", wrapping: Wrapping | None = None, client: str = "python"
) -> Adopted:
    """Adopt the pack of this name or in this folder, or the one that the settings name, by a note that both bodies signed.

    Raises `Untrusted`, and changes nothing, unless both bodies that log entry 0 pins signed exactly that pack. A pack that is
    looser than the one in force is put on record and waits `notice_days` of the one in force, which goes on meanwhile. Where
    the tables wait for their upgrade, the bodies are those of the settings; the entry and the check against log entry 0
    follow with the first opening.
    """
    from beholden.policy import pinned

    data, settings = data.resolve(), read_settings(data)
    bodies = pinned.Bodies(settings.agency, settings.oversight)
    folder = pinned.given(pack) if pack else pinned.folder_of(data, settings.pack)
    policy = pinned.load_given(folder, note, bodies)
    after = f"{policy.pack.name}@{policy.pack.digest}"
    pinned.name_in(policy.pack)
    unlocked = wrapping or opening.unlocking(settings.unlock)
    try:
        system = opening.open_checked(data, settings, unlocked, client, policy)
    except WrongVersion:
        before = pinned.signed(data, settings.pack, bodies)
        with_pack(data, settings, _take_in(data, folder, policy, note))
        return Adopted(before, after, None, False, (), "")
    try:
        told, days = _weigh(system, data, policy)
        name = _take_in(data, folder, policy, note)
        if days is not None:
            told = _announce(system, told, days)
    finally:
        system.close()
    if told.begins_at is None:
        with_pack(data, settings, name)
        opening.open_folder(data, wrapping=unlocked, client=client).close()  # which puts it on record
    return told


def _weigh(system: System, data: Path, policy: CedarPolicy) -> tuple[Adopted, int | None]:
    """What is to become of it; and in how many days, as the pack in force has it, where that is announced first."""
    from beholden.actions import version
    from beholden.policy import pinned
    from beholden.policy.differences import Way, differences

    after = f"{policy.pack.name}@{policy.pack.digest}"
    with system.database.look() as look:
        before = version.in_force(system, look)
    waits = version.waiting(system)
    if after == before:
        return Adopted(before, after, None, True, (), waits.pack if waits else ""), 0 if waits else None
    there = pinned.told_of(data, before)
    found = differences(there, policy.content) if there else ()
    looser = tuple(one for one in found if one.way is Way.LOOSER)
    return Adopted(before, after, None, True, looser, ""), there.rules.notice_days if there and looser else None


def _announce(system: System, told: Adopted, days: int) -> Adopted:
    """The pack in force, announced again, calls off what waits."""
    from beholden.actions import version

    looser = [f"{one.kind} {one.name}" for one in told.looser]
    waits = version.announce(system, after=told.after, looser=looser, days=days)
    return told if told.called_off else replace(told, begins_at=waits.begins_at)


def _take_in(data: Path, folder: Path, policy: CedarPolicy, note: bytes) -> str:
    from beholden.policy import pinned

    name = pinned.take_in(data, folder, policy.pack)
    pinned.replace(data, name, note)
    return name
