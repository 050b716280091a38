"""A system for one measurement: made in a new folder, of the profile synthetic, and gone at the end with its keys."""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
import signal
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import NoReturn

from beholden.actions import people, register, training
from beholden.durable import overwrite
from beholden.keys.wrapping import Passphrase, Wrapping
from beholden.opening import make_folder, open_folder
from beholden.ports.system import System
from beholden.records.galleries import Gallery
from beholden.records.people import Officer, Role
from beholden.records.sources import Source

PURPOSE = "victim-id-cse"
STAFF = (Role.ADMINISTRATOR, Role.STEWARD, Role.PRIVACY_OFFICER)  # who makes a system, a source and a gallery
PREFIX = "beholden-bench-"
ENDINGS = (signal.SIGHUP, signal.SIGTERM)


@dataclass(frozen=True, slots=True)
class Throwaway:
    """Nobody ever signs in to it, no case is opened in it, and nothing of it is shown: only how long it took is told."""

    system: System
    staff: dict[Role, Officer]
    source: Source
    gallery: Gallery


@contextmanager
def throwaway(model: str) -> Iterator[Throwaway]:
    """What unlocks its keys is in the memory of this process alone: of one that was killed, nobody opens what it left.

    Otherwise the wrapped keys are overwritten and the folder goes, also when the terminal hangs up or an end is asked for.
    """
    with ended_in_order(), own_folder() as folder:
        try:
            made = make(folder, model, Passphrase(secrets.token_hex(32)))
            try:
                yield made
            finally:
                made.system.close()
        finally:
            for path in (folder / "keys").glob("kek*.json"):
                overwrite(path)


@contextmanager
def own_folder() -> Iterator[Path]:
    """A new folder for temporary files, gone at the end; those that killed processes left before it go first."""
    _sweep()
    folder, lock = _locked()
    try:
        yield folder
    finally:
        try:
            shutil.rmtree(folder)
        finally:
            os.close(lock)


def _locked() -> tuple[Path, int]:
    """The lock ends with the process that holds it, however that ends."""
    while True:
        folder = Path(tempfile.mkdtemp(prefix=PREFIX))
        lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        fcntl.flock(lock, fcntl.LOCK_EX)
        if folder.exists():
            return folder, lock
        os.close(lock)  # another process swept it before it was locked


def _sweep() -> None:
    """Folders of ours that no living process holds. What somebody else made under such a name is left alone."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with suppress(OSError):
            lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
            try:
                if os.fstat(lock).st_uid == os.getuid():
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    shutil.rmtree(folder)
            finally:
                os.close(lock)


@contextmanager
def ended_in_order() -> Iterator[None]:
    """A hang-up, or being asked to end, unwinds as Ctrl-C does. A second one does not disturb that."""
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread hears of signals
        return
    before = {number: signal.signal(number, _end) for number in ENDINGS if signal.getsignal(number) is signal.SIG_DFL}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _end(number: int, _frame: object) -> NoReturn:
    for one in ENDINGS:
        signal.signal(one, signal.SIG_IGN)
    raise SystemExit(128 + number)


def make(folder: Path, model: str, wrapping: Wrapping) -> Throwaway:
    """A new system in `folder`/data and `folder`/keys, with people, a source and a gallery."""
    make_folder(
        folder / "data",
        folder / "keys",
        profile="synthetic",
        administrator=STAFF[0],
        wrapping=wrapping,
        model=model,
    )
    system = open_folder(folder / "data", wrapping=wrapping)
    staff = {STAFF[0]: people.sign_in_as(system, name=STAFF[0])}
    for role in STAFF[1:]:
        person, _ = people.add_person(system, staff[Role.ADMINISTRATOR], name=role, roles=(role,))
        training.enter_certificate(
            system, staff[Role.ADMINISTRATOR], person_id=person.id, role=role, course="of a measurement", number="1"
        )
        staff[role] = people.sign_in_as(system, name=role)
    now = system.clock.now()
    proposed = register.propose_source(
        system,
        staff[Role.STEWARD],
        name="photographs of a measurement",
        controller="who measures",
        authority_kind="synthetic",
        citation="generator manifest 1",
        document_sha256="0" * 64,
        jurisdiction="CA",
        purposes=(PURPOSE,),
        valid_from=now,
        valid_until=now + timedelta(days=365),
    )
    source = register.approve_source(system, staff[Role.PRIVACY_OFFICER], source_id=proposed.id)
    gallery = register.open_gallery(system, staff[Role.PRIVACY_OFFICER], name="references", purposes=(PURPOSE,))
    return Throwaway(system, staff, source, gallery)
