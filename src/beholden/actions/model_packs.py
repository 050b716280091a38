"""Model packs that do not ship: an administrator adds one, and what the log does not tell of is not loaded."""

from __future__ import annotations

import json
from collections.abc import Callable

from beholden.actions import audit
from beholden.actions.log import opened_items
from beholden.errors import Changed, Untrusted
from beholden.ports.database import Look, Saying
from beholden.ports.model import FIT_LICENCES, Described, NewPack
from beholden.ports.system import System
from beholden.records.audit import Entry
from beholden.records.people import Officer


def add_model(system: System, officer: Officer, *, described: Described, read_pack: Callable[[], NewPack]) -> NewPack:
    """Place a pack where the system may load it. This does not put it in use: the settings name the pack that is.

    `described` is what its manifest says. Only for somebody who may add it does `read_pack` open its files and run them once.
    Raises `Changed` when the manifest was another one by then, and whatever `read_pack` raises.
    """
    with audit.act(system, "model.added", officer) as act:
        act.tell("model", described.name, audit.SYSTEM)
        act.tell("manifest_sha256", described.sha256, audit.SYSTEM)
        act.tell("licence_kind", described.licence_kind, audit.SYSTEM)
        with act.look():
            act.permit(licence_kind=described.licence_kind)
        pack = read_pack()
        if pack.manifest_sha256 != described.sha256:
            raise Changed("the manifest was changed while the pack was read; look at it, and add it again")
        with act.begin():
            act.permit(licence_kind=pack.licence_kind)
            act.tell("space_id", pack.space_id, audit.SYSTEM)
            act.tell("files", [f"{name} {sha256}" for name, sha256 in pack.files], audit.SYSTEM)
            pack.place()  # a crash before the entry leaves a pack that no opening loads
    return pack


def was_added(system: System, look: Look, *, name: str, manifest_sha256: str) -> bool:
    """Whether the log tells that exactly this pack was added."""
    for entry in look.find(Entry, order="-n", leaf=Saying("event", "model.added")):
        if json.loads(entry.leaf)["outcome"] == "done":
            told = {one.name: one.value for one in opened_items(system, look, entry.n)}
            if (told.get("model"), told.get("manifest_sha256")) == (name, manifest_sha256):
                return True
    return False


def check_pack(system: System | None, told: Described, *, profile: str) -> None:
    """Raises `Untrusted` for weights without a fit licence in an operational system (REQ 122), and for a pack that neither
    ships nor is known to the log of the open system as it is."""
    wrong = []
    if profile != "synthetic" and told.licence_kind not in FIT_LICENCES:
        wrong.append(
            f"its licence is {told.licence_kind} ({told.licence}), and an operational system loads weights under a "
            "permissive licence or an agreement only"
        )
    if told.folder is not None and system is None:
        wrong.append("a new system begins with a pack that ships; add yours afterwards with `beholden model add`")
    elif told.folder is not None and system is not None:
        with system.database.look() as look:
            if not was_added(system, look, name=told.name, manifest_sha256=told.sha256):
                wrong.append(
                    f"no entry of the log tells that it was added as it is (SHA-256 of its manifest: {told.sha256}); let "
                    "an administrator add it with `beholden model add`"
                )
    if wrong:
        raise Untrusted(f"the model pack {told.name} is not loaded: {'; '.join(wrong)}; name another in beholden.toml")
