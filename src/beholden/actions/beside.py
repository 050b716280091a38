"""Templates of a second model beside those in force: made one by one in nobody's name, and out of use with their faces."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from beholden.actions import audit
from beholden.actions.each import do_each
from beholden.actions.embed import found_in_its_picture
from beholden.actions.enrol import seal_template
from beholden.actions.model_in_force import upgrade_under_way
from beholden.actions.templates import embed_seen
from beholden.errors import BadInput, Changed, Fault, KeyDestroyed, Missing, NotProven, Untrusted
from beholden.ports.database import Look, NamedByNone, NoneOf, OneOf, Transaction
from beholden.ports.model import Model
from beholden.ports.system import System
from beholden.records.faces import Face, FaceState
from beholden.records.upgrades import SideTemplate, Upgrade

NO_TEMPLATE = -1  # in place of a quality


def prepare_beside(system: System, *, limit: int = 32) -> int:
    """Make templates of the model beside for faces that have none; how many were settled. Safe to run again after a crash.

    A face of which none can be made (its picture is damaged, say) is put on record as one that has none, and keeps no other
    waiting. Does nothing where no upgrade is under way. Raises `Untrusted` where the pack is not the one that was named.
    """
    with system.database.look() as look:
        upgrade = upgrade_under_way(look)
        if upgrade is None:
            return 0
        waiting = look.find(Face, **_lacking(upgrade), order="face_no", limit=limit)
    if not waiting:
        return 0
    return do_each(waiting, partial(_prepare, system, model_beside(system, upgrade), upgrade), set(), limit)


def model_beside(system: System, upgrade: Upgrade) -> Model:
    """Raises `Untrusted` where its address gives another space than when the upgrade was begun."""
    model = open_model(system, upgrade.model_beside)
    if model.card.space_id != upgrade.space_beside:
        raise Untrusted(
            f"{upgrade.model_beside} has the space {model.card.space_id}, and the upgrade was begun with {upgrade.space_beside}: "
            "find out who changed the pack"
        )
    return model


def open_model(system: System, address: str) -> Model:
    """Another model of this system. Raises whatever the opening of a pack raises."""
    if system.open_model is None:
        raise Fault("this system has one model only: open it from its folder to bring it another one")
    return system.open_model(system, address)


def count_lacking(look: Look, upgrade: Upgrade) -> int:
    """How many live references have no template of the model beside, and are not on record as ones that cannot have one."""
    return look.count(Face, **_lacking(upgrade))


def _lacking(upgrade: Upgrade) -> dict[str, Any]:
    beside = upgrade.space_beside
    return {
        "state": FaceState.LIVE,
        "space_id": NoneOf([beside]),
        "id": NamedByNone(SideTemplate, "face_id", {"space_id": beside, "state": NoneOf([FaceState.ERASED])}),
    }


def sides_of(look: Look, face_ids: Sequence[str]) -> list[SideTemplate]:
    """The second templates of these faces, and those that were destroyed."""
    return look.find(SideTemplate, face_id=OneOf(face_ids), order="face_no")


def take_out_of_use(tx: Transaction, face_ids: Sequence[str], state: FaceState) -> None:
    """With their faces, in the same transaction: whatever index holds them drops them."""
    sides = [one for one in sides_of(tx, face_ids) if one.state not in (state, FaceState.ERASED)]
    number = tx.next("changes", len(sides)) if sides else 0
    for i, one in enumerate(sides):
        tx.change(one, state=state, change_no=number + i)


def empty_sides(tx: Transaction, face_ids: Sequence[str]) -> None:
    """Nothing is left of them but their number, by which an index knows that it holds them no more."""
    for one in sides_of(tx, face_ids):
        tx.change(one, template=b"", unified=NO_TEMPLATE, state=FaceState.ERASED)


def _prepare(system: System, model: Model, upgrade: Upgrade, face: Face) -> None:
    try:
        _embed(system, model, upgrade, face)
    except (BadInput, KeyDestroyed, Missing, NotProven):
        with system.database.begin() as tx:  # the log says already why
            _check_still_lacking(tx, upgrade, face)
            tx.add(_side(system, tx, upgrade, face, b"", NO_TEMPLATE))


def _embed(system: System, model: Model, upgrade: Upgrade, face: Face) -> None:
    with audit.act(system, "face.embedded", None) as act:
        pixels, as_found = found_in_its_picture(system, face)
        embedded = embed_seen(model, pixels, [as_found])[0]
        sealed = seal_template(system, face.id, embedded)
        with act.begin() as tx:
            _check_still_lacking(tx, upgrade, face)
            tx.add(_side(system, tx, upgrade, face, sealed, embedded.quality.unified or 0))
            act.tell("face", face.id, face.id)
            act.tell("beside", upgrade.space_beside, face.id)


def _check_still_lacking(tx: Transaction, upgrade: Upgrade, face: Face) -> None:
    """Raises `Changed` where it was erased meanwhile, another process made its template, or the upgrade went on."""
    if tx.get(Upgrade, upgrade.id).version != upgrade.version:
        raise Changed("the upgrade went on meanwhile")
    if not tx.count(Face, **{**_lacking(upgrade), "id": face.id}) or any(
        one.space_id == upgrade.space_beside and one.state is not FaceState.ERASED for one in sides_of(tx, [face.id])
    ):
        raise Changed("the reference was erased, or has its second template already")


def _side(system: System, tx: Transaction, upgrade: Upgrade, face: Face, sealed: bytes, unified: int) -> SideTemplate:
    return SideTemplate(
        id=system.clock.new_id(),
        version=0,
        kept=face.kept,
        face_id=face.id,
        face_no=tx.next("faces"),
        gallery_id=face.gallery_id,
        source_id=face.source_id,
        space_id=upgrade.space_beside,
        unified=unified,
        template=sealed,
        state=FaceState.LIVE if sealed else FaceState.WAITING,
        change_no=tx.next("changes"),
    )
