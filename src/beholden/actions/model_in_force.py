"""Which model the records say is in force, and that the one this process was opened with is that one."""

from __future__ import annotations

from beholden.errors import Changed
from beholden.ports.database import Look
from beholden.ports.system import System
from beholden.records.upgrades import Upgrade, UpgradeState


def newest_upgrade(look: Look) -> Upgrade | None:
    """The upgrade that was begun last; the model in force is one of its two."""
    found = look.find(Upgrade, order="-n", limit=1)
    return found[0] if found else None


def upgrade_under_way(look: Look) -> Upgrade | None:
    """The upgrade whose two models both have templates."""
    newest = newest_upgrade(look)
    return newest if newest and newest.state is UpgradeState.UNDER_WAY else None


def check_model(system: System, look: Look) -> None:
    """Raises `Changed` where another model is in force than the one that this process compares with (REQ 121).

    No template of the one is ever compared with those of the other; this keeps a process that was opened before a switch from
    finding nothing, or making templates that nobody will compare.
    """
    newest = newest_upgrade(look)
    if newest is not None and newest.space_in_force != (ours := system.model.card).space_id:
        raise Changed(
            f"the model in force was changed to {newest.model_in_force}, and this process still has {ours.name}: templates "
            "of the two do not compare, and nothing comes of this. Start the server or program again, then do it once more"
        )


def due_model(system: System) -> str:
    """The address of the model in force, where this system was opened with another one; else empty."""
    with system.database.look() as look:
        newest = newest_upgrade(look)
    if newest is None or newest.space_in_force == system.model.card.space_id:
        return ""
    return newest.model_in_force


def measurable(system: System, look: Look) -> set[str]:
    """The spaces of which a calibration may be proposed and accepted: of the model in use, and of the one beside it."""
    under_way = upgrade_under_way(look)
    return {system.model.card.space_id, *([under_way.space_beside] if under_way else [])}
