"""Change from one model to another: both side by side, measured and approved, switched in one act, and the old one purged."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from typing import Any, TypeVar

from beholden.actions import audit
from beholden.actions.audit import SYSTEM, Act
from beholden.actions.beside import NO_TEMPLATE, count_lacking, open_model
from beholden.actions.calibrate import quoted
from beholden.actions.desk import at_desk, is_one_of
from beholden.actions.each import finish_each
from beholden.actions.erase import HOLD
from beholden.actions.expunge import expunge_numbers
from beholden.actions.model_in_force import newest_upgrade, upgrade_under_way
from beholden.errors import BadInput, BeholdenError, Missing, StoreNotClean
from beholden.ports.database import Below, Look, NoneOf, OneOf, Place, Transaction
from beholden.ports.policy import Fact
from beholden.ports.system import System
from beholden.records.erasure import HEAD
from beholden.records.evaluation import Calibration, CalibrationState
from beholden.records.faces import Face, FaceState
from beholden.records.people import Officer, Role
from beholden.records.upgrades import SideTemplate, Upgrade, UpgradeState

R = TypeVar("R", Face, SideTemplate)

AT_ONCE = 500  # templates that one transaction destroys, and that one reading of a switch holds
MOST_NEEDLES = 1000  # sealed templates that the byte scan looks for, from all of them evenly
KEPT = (FaceState.LIVE, FaceState.RESTRICTED)  # what changes places; one of an erasure is left to it


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an upgrade is, and everything that a switch still waits for."""

    upgrade: Upgrade
    references: int  # live ones
    prepared: int  # that have a template of both models
    impossible: int  # of which the model beside makes none: after the switch they wait, and each search says how many
    lacking: int  # that nobody tried yet
    measured: bool  # a calibration of the new model was proposed, from an evaluation in this system
    approved: bool  # and a privacy officer who did not propose it accepted it


def begin_upgrade(system: System, officer: Officer, *, model: str, instead_of: str) -> Upgrade:
    """From now on the worker makes templates of `model` beside those in force; searches go on as they are.

    Both are addresses as in beholden.toml; `instead_of` is that of the model in use. Raises `Refused` with every reason,
    `Fault` where an index of both has no room in memory, and whatever the opening of a pack raises.
    """
    with audit.act(system, "upgrade.begun", officer) as act:
        act.tell("model", model, SYSTEM)
        with act.look() as look:
            newest = newest_upgrade(look)
            act.permit(under_way=_under_way(newest), other_space=True)
            live = look.count(Face, state=FaceState.LIVE)
        card = open_model(system, model).card
        space_id = card.space_id
        if open_model(system, instead_of).card.space_id != system.model.card.space_id:
            raise BadInput(f"{instead_of} is not the address of the model in use")
        if space_id != system.model.card.space_id:
            system.index.check_room(live, card.dimension)  # its templates lie beside those that the index has
        with act.begin() as tx:
            act.permit(under_way=_under_way(newest_upgrade(tx)), other_space=space_id != system.model.card.space_id)
            upgrade = Upgrade(
                id=act.new_id(),
                version=0,
                kept=act.keep("evaluation"),
                n=tx.next("upgrades"),
                old_space=system.model.card.space_id,
                old_model=instead_of,
                new_space=space_id,
                new_model=model,
                space_in_force=system.model.card.space_id,
                needles=(),
                held_until=act.now,
                state=UpgradeState.UNDER_WAY,
            )
            tx.add(upgrade)
            act.tell("upgrade", upgrade.id, SYSTEM)
            act.tell("space_id", space_id, SYSTEM)
    return upgrade


def progress(system: System, officer: Officer) -> Progress | None:
    """Of the upgrade that was begun last; None where there never was one. Numbers only, and as little on record as a health page.

    Raises `Missing` for who neither administers nor decides about calibrations nor audits.
    """
    with at_desk(system, officer) as (look, person):
        if not is_one_of(person, Role.ADMINISTRATOR, Role.STEWARD, Role.PRIVACY_OFFICER, Role.AUDITOR):
            raise Missing("there is nothing about models for you; an administrator is told how far an upgrade is")
        upgrade = newest_upgrade(look)
        if upgrade is None:
            return None
        beside = {"space_id": upgrade.space_beside}
        measured, approved = _judged(system, look, upgrade)
        return Progress(
            upgrade=upgrade,
            references=look.count(Face, state=FaceState.LIVE),
            prepared=look.count(SideTemplate, state=FaceState.LIVE, **beside),
            impossible=look.count(SideTemplate, state=FaceState.WAITING, **beside),
            lacking=count_lacking(look, upgrade) if upgrade.state is UpgradeState.UNDER_WAY else 0,
            measured=measured,
            approved=approved,
        )


def switch_upgrade(system: System, officer: Officer) -> Upgrade:
    """Put the new model in force: from the next search on its templates are compared, and the old ones lie beside.

    One transaction, in which nobody else writes. A process that still has the old model is refused (409) until it is started
    again. Raises `Refused` with every reason.
    """
    with audit.act(system, "upgrade.switched", officer) as act, act.begin() as tx:
        upgrade = upgrade_under_way(tx)
        measured, approved = _judged(system, tx, upgrade) if upgrade else (True, True)  # one reason is enough
        _permit(act, tx, upgrade, measured=measured, approved=approved)
        return _change_places(act, tx, upgrade)


def switch_back(system: System, officer: Officer) -> Upgrade:
    """Put the old model in force again, as long as its templates were not purged; as `switch_upgrade`."""
    with audit.act(system, "upgrade.returned", officer) as act, act.begin() as tx:
        upgrade = upgrade_under_way(tx)
        _permit(act, tx, upgrade)
        return _change_places(act, tx, upgrade)


def purge_upgrade(system: System, officer: Officer) -> Upgrade:
    """Destroy every template of the model that is not in force: after the switch there is then no way back, and before it
    the upgrade is given up. A byte scan shows that they are gone.

    Raises `StoreNotClean` where it finds one: they are out of use then, and the worker and the next start try again.
    """
    with audit.act(system, "upgrade.purged", officer) as act, act.begin() as tx:
        upgrade = upgrade_under_way(tx)
        act.permit(state=str(upgrade.state) if upgrade else "")
        assert upgrade is not None  # the policy refuses where there is none
        _tell(act, upgrade)
        needles = tuple(_needles(tx, upgrade))
        upgrade = tx.change(upgrade, state=UpgradeState.PURGING, needles=needles, held_until=act.now + HOLD)
    _purge(system, upgrade)
    with system.database.look() as look:
        return look.get(Upgrade, upgrade.id)


def finish_purges(system: System, *, alone: bool = False) -> int:
    """Finish what a crash or an unclean store interrupted; how many.

    One that somebody works on is left to them, unless nobody else has the folder open.
    """
    with system.database.look() as look:
        left = look.find(Upgrade, state=UpgradeState.PURGING)
    taken = [_take(system, upgrade, alone) for upgrade in left]
    return finish_each([upgrade for upgrade in taken if upgrade is not None], partial(_purge, system))


def forget_destroyed(system: System) -> None:
    """Take away the rows of templates that were destroyed. Only while no other process has an index that may hold one.

    The newest stays: a sealed copy of the index whose last change were in no record would be taken for one of another history.
    """
    with system.database.begin() as tx:
        if tx.count(Upgrade, state=UpgradeState.PURGING):
            return
        for newest in tx.find(SideTemplate, order="-change_no", limit=1):
            older = Below(newest.change_no)
            while gone := tx.find(SideTemplate, state=FaceState.ERASED, change_no=older, limit=AT_ONCE):
                tx.remove(*gone)


def _under_way(newest: Upgrade | None) -> bool:
    return newest is not None and newest.state is not UpgradeState.ENDED


def _judged(system: System, look: Look, upgrade: Upgrade) -> tuple[bool, bool]:
    """Whether the new model was measured in this system, and whether what was measured is in force."""
    proposed = look.count(
        Calibration,
        space_id=upgrade.new_space,
        state=OneOf([CalibrationState.PROPOSED, CalibrationState.IN_FORCE]),
    )
    if not proposed:
        return False, False
    with_new = system
    if system.model.card.space_id != upgrade.new_space:
        with_new = replace(system, model=open_model(system, upgrade.new_model))
    return True, quoted(with_new, look)[0] != ""


def _permit(act: Act, tx: Transaction, upgrade: Upgrade | None, **facts: Fact) -> None:
    act.permit(
        state=str(upgrade.state) if upgrade else "",
        switched=upgrade.switched if upgrade else act.event == "upgrade.returned",
        lacking=count_lacking(tx, upgrade) if upgrade else 0,
        **facts,
    )
    if upgrade:
        _tell(act, upgrade)


def _tell(act: Act, upgrade: Upgrade) -> None:
    act.tell("upgrade", upgrade.id, SYSTEM)
    act.tell("beside", upgrade.space_beside, SYSTEM)


def _change_places(act: Act, tx: Transaction, upgrade: Upgrade | None) -> Upgrade:
    """Template, space and the numbers by which an index knows it go together: no index has anything to do for this."""
    assert upgrade is not None  # the policy refuses where there is none
    changed = 0
    for sides in _each(tx, SideTemplate, space_id=upgrade.space_beside, state=OneOf(KEPT)):
        faces = {face.id: face for face in tx.find(Face, id=OneOf([one.face_id for one in sides]))}
        for one in sides:
            face = faces[one.face_id]
            held = tx.change(
                face,
                template=one.template,
                space_id=one.space_id,
                quality=replace(face.quality, unified=one.unified),
                face_no=one.face_no,
                change_no=one.change_no,
            )
            tx.change(
                one,
                template=face.template,
                space_id=face.space_id,
                unified=face.quality.unified or 0,
                face_no=face.face_no,
                change_no=face.change_no,
            )
            changed += held.version > face.version
    act.tell("references", changed, SYSTEM)
    return tx.change(upgrade, space_in_force=upgrade.space_beside)


def _each(look: Look, kind: type[R], **where: Any) -> Iterator[list[R]]:
    """By `face_no`, so many at a time, also while they change what they are found by."""
    after: Place | None = None
    while found := look.find(kind, order="face_no", limit=AT_ONCE, after=after, **where):
        after = Place(found[-1].face_no, found[-1].id)
        yield found


def _needles(look: Look, upgrade: Upgrade) -> Iterator[str]:
    """Heads of sealed templates that go, evenly from all of them."""
    of: dict[str, Any] = {"space_id": upgrade.space_beside, "state": OneOf(KEPT)}
    step = max(1, (look.count(SideTemplate, **of) + look.count(Face, **of)) // MOST_NEEDLES)
    yield from _heads((one.template for sides in _each(look, SideTemplate, **of) for one in sides), step)
    yield from _heads((one.template for faces in _each(look, Face, **of) for one in faces), step)


def _heads(sealed: Iterator[bytes], step: int) -> Iterator[str]:
    return (template[:HEAD].hex() for template in islice(sealed, 0, None, step) if template)


def _take(system: System, upgrade: Upgrade, alone: bool) -> Upgrade | None:
    """The purge, held by us from now on; None while somebody else holds it, or when it is finished."""
    now = system.clock.now()
    with system.database.begin() as tx:
        as_it_is = tx.get(Upgrade, upgrade.id)
        if as_it_is.state is not UpgradeState.PURGING or (now < as_it_is.held_until and not alone):
            return None
        return tx.change(as_it_is, held_until=now + HOLD)


def _purge(system: System, upgrade: Upgrade) -> None:
    """Whatever stops it, short of a crash, the next that asks may go on at once."""
    try:
        _make_clean(system, upgrade)
    except BeholdenError:
        with system.database.begin() as tx:
            tx.change(tx.get(Upgrade, upgrade.id), held_until=system.clock.now())
        raise


def _make_clean(system: System, upgrade: Upgrade) -> None:
    """Every step can be done again, so that it may stop at any line."""
    with audit.act(system, "upgrade.finished", None) as act:
        _tell(act, upgrade)
        _destroy(system, upgrade)
        wrapped = _expunge(system, upgrade)
        system.database.purge()
        system.keys.purge()
        scan = system.stores.scan([*wrapped, *(bytes.fromhex(needle) for needle in upgrade.needles)])
        if scan.found:
            raise StoreNotClean(
                f"the byte scan found templates that were to be destroyed: {'; '.join(scan.found[:5])}. They are out of use; "
                "close every other program that has the data folder open and run `beholden worker --once`"
            )
        with act.begin() as tx:
            act.tell("needles", scan.needles, SYSTEM)
            act.tell("files_scanned", scan.files, SYSTEM)
            tx.change(upgrade, needles=(), state=UpgradeState.ENDED)


def _destroy(system: System, upgrade: Upgrade) -> None:
    """Out of the records. A face that has no other template waits for one, which the worker makes if it can."""
    sides: dict[str, Any] = {"space_id": upgrade.space_beside, "state": OneOf([*KEPT, FaceState.WAITING])}
    done = False
    while not done:
        with system.database.begin() as tx:
            found = tx.find(SideTemplate, limit=AT_ONCE, **sides)
            number = tx.next("changes", len(found)) if found else 0
            for i, one in enumerate(found):
                tx.change(one, template=b"", unified=NO_TEMPLATE, state=FaceState.ERASED, change_no=number + i)
            done = not found
    faces: dict[str, Any] = {"space_id": upgrade.space_beside, "state": OneOf(KEPT), "template": NoneOf([b""])}
    done = False
    while not done:
        with system.database.begin() as tx:
            found_faces = tx.find(Face, limit=AT_ONCE, **faces)
            number = tx.next("changes", len(found_faces)) if found_faces else 0
            for i, face in enumerate(found_faces):
                state = FaceState.WAITING if face.state is FaceState.LIVE else face.state
                tx.change(face, template=b"", state=state, change_no=number + i)
            done = not found_faces


def _expunge(system: System, upgrade: Upgrade) -> Sequence[bytes]:
    """Out of the index, in memory and on disk; what a byte scan must no longer find."""
    with system.database.look() as look:
        numbers = [
            no
            for kind, states in ((SideTemplate, [FaceState.ERASED]), (Face, [FaceState.WAITING, FaceState.RESTRICTED]))
            for (no,) in look.values(kind, ["face_no"], space_id=upgrade.space_beside, state=OneOf(states))
        ]
    return expunge_numbers(system, numbers)
