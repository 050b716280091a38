"""Which policy pack a folder opens with: the one that the log tells of, a tighter one, or a looser one whose day has come; and
which model: the one that the records say is in force."""

from __future__ import annotations

from pathlib import Path

from beholden.actions.model_in_force import due_model
from beholden.actions.version import due, in_force
from beholden.policy import pinned
from beholden.ports.system import System
from beholden.settings import Settings, with_model, with_pack


def due_in(system: System, data: Path) -> str:
    """The looser pack whose notice period is over, as the settings name it; empty where there is none that can be used."""
    return pinned.usable(data, due(system))


def due_settings(system: System, data: Path, settings: Settings) -> Settings:
    """What the settings must say from now on, and now do in the file: another policy pack, or another model."""
    if (pack := due_in(system, data)) and pack != settings.pack:
        settings = with_pack(data, settings, pack)
    if model := due_model(system):
        settings = with_model(data, settings, model)
    return settings


def check_in_force(system: System, data: Path) -> None:
    """The settings can name another signed pack, but none that would have to wait. Raises `Untrusted`."""
    loaded = f"{system.policy.pack.name}@{system.policy.pack.digest}"
    with system.database.look() as look:
        told = in_force(system, look)
    if loaded not in (told, due(system)):
        pinned.check_not_looser(data, told, loaded)
