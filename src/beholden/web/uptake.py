"""Photographs that wait to become exhibits, in memory only, and what came of each. One thread takes them in, one after another.

Nothing of it is ever in a file: what waited when the server ended was not taken in, and is given again.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from threading import Lock, Thread
from typing import Any

from fastapi import Request

from beholden.actions import exhibits
from beholden.actions.sessions import digest_of
from beholden.errors import BadInput, BeholdenError, Fault, TurnedAway
from beholden.ports.system import System
from beholden.records.people import Officer
from beholden.serving.telling import note_fault
from beholden.web.csrf import COOKIE
from beholden.web.of_process import the_one
from beholden.web.words import named

MOST_OF_SESSION = 64 * 1024 * 1024  # bytes that wait; a browser keeps the rest until there is room
MOST_BYTES = 256 * 1024 * 1024  # of all sessions
ANSWERED_FOR = timedelta(minutes=30)  # after the last answer, what came of them is forgotten
MOST_ANSWERS = 2_000  # of one case: the first are forgotten

FULL = named("as many photographs wait as there is room for; send these again when some of them are taken in")


class Fate(StrEnum):
    WAITING = "waiting"
    ADDED = "added"
    KNOWN = "already there"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Given:
    """What is said of all photographs of one sending."""

    origin: str
    why: str
    intake: str = ""  # "crop", or as the policy pack has it
    captured_at: str = ""
    even_without_faces: bool = False


@dataclass(slots=True)
class Answer:
    """One file, and what came of it so far."""

    file: str
    fate: Fate = Fate.WAITING
    faces: int = 0
    stopped_by: BeholdenError | None = None


@dataclass(slots=True)
class Taking:
    """What one session gave to one case: the files in the order in which they came."""

    session: str  # digest
    case_id: str
    answers: deque[Answer] = field(default_factory=lambda: deque(maxlen=MOST_ANSWERS))
    waits: int = 0  # files
    bytes: int = 0  # that wait
    last_at: datetime | None = None

    @property
    def done(self) -> int:
        return sum(one.fate != Fate.WAITING for one in self.answers)

    def count(self, fate: Fate) -> int:
        return sum(one.fate == fate for one in self.answers)


@dataclass(frozen=True, slots=True)
class _Job:
    system: System
    officer: Officer
    taking: Taking
    given: Given
    answer: Answer
    content: bytes


class Uptake:
    """The queue of one process. Its thread is there only while something waits."""

    def __init__(self, *, most: int = MOST_BYTES, most_of_session: int = MOST_OF_SESSION) -> None:
        self._most, self._most_of_session = most, most_of_session
        self._jobs: deque[_Job] = deque()
        self._takings: dict[tuple[str, str], Taking] = {}
        self._lock = Lock()
        self._thread: Thread | None = None
        self._stop = False

    def give(
        self, system: System, officer: Officer, case_id: str, files: Sequence[tuple[str, bytes]], given: Given
    ) -> Taking:
        """Put all of these files at the end of the queue, or none. Raises `TurnedAway` where there is no room for them."""
        size = sum(len(content) for _, content in files)
        session = digest_of(officer.session)
        with self._lock:
            self._forget(system.clock.now())
            own = sum(one.bytes for key, one in self._takings.items() if key[0] == session)
            if (own and own + size > self._most_of_session) or sum(self._sizes()) + size > self._most:
                raise TurnedAway(FULL, status=503)
            taking = self._takings.setdefault((session, case_id), Taking(session, case_id))
            if not taking.waits:  # what was told before was read by now
                taking.answers.clear()
            for file, content in files:
                answer = Answer(file)
                taking.answers.append(answer)
                self._jobs.append(_Job(system, officer, taking, given, answer, content))
            taking.waits += len(files)
            taking.bytes += size
            taking.last_at = system.clock.now()
            if self._thread is None and self._jobs:
                self._thread = Thread(target=self._run, name="beholden uptake", daemon=True)
                self._thread.start()
        return taking

    def of(self, officer: Officer, case_id: str) -> Taking | None:
        """As it is now; None where this session gave nothing to this case, or it was forgotten."""
        with self._lock:
            taking = self._takings.get((digest_of(officer.session), case_id))
            return _as_it_is(taking) if taking else None

    def under_way(self, session: str) -> Taking | None:
        """What this session gave last of which some still waits."""
        with self._lock:
            waits = [one for key, one in self._takings.items() if key[0] == session and one.waits]
            return _as_it_is(waits[-1]) if waits else None

    def finish(self) -> None:
        """Return when nothing waits any more."""
        while (thread := self._thread) is not None:
            thread.join()

    def stop(self) -> None:
        """The photograph that is being taken in is finished; the others are let go."""
        with self._lock:
            self._stop = True
            self._jobs.clear()
        self.finish()

    def _run(self) -> None:
        while True:
            with self._lock:
                if self._stop or not self._jobs:
                    self._thread = None
                    return
                job = self._jobs.popleft()
            stopped = _take_in(job)
            with self._lock:
                job.answer.stopped_by = stopped
                job.answer.fate = _fate(stopped)
                job.taking.waits -= 1
                job.taking.bytes -= len(job.content)
                job.taking.last_at = job.system.clock.now()

    def _sizes(self) -> list[int]:
        return [one.bytes for one in self._takings.values()]

    def _forget(self, now: datetime) -> None:
        for key, one in list(self._takings.items()):
            if not one.waits and one.last_at is not None and now - one.last_at >= ANSWERED_FOR:
                del self._takings[key]


def _as_it_is(taking: Taking) -> Taking:
    """For who reads it while others are added."""
    return replace(taking, answers=deque(taking.answers, maxlen=MOST_ANSWERS))


def _take_in(job: _Job) -> BeholdenError | None:
    """As the person who gave it, by an act of its own; what stopped it is on record as for a single one."""
    try:
        _, faces = exhibits.add_exhibit(
            job.system,
            job.officer,
            job.content,
            case_id=job.taking.case_id,
            file=job.answer.file,
            origin=job.given.origin,
            why=job.given.why,
            intake=job.given.intake,
            captured_at=job.given.captured_at,
            even_without_faces=job.given.even_without_faces,
        )
    except BeholdenError as error:
        return error
    except Exception as error:  # noqa: BLE001 - the others still wait for this thread; the act has put it on record
        note_fault(error)
        return Fault(named("something went wrong here; it is on record, and the other files go on"))
    job.answer.faces = len(faces)
    return None


def _fate(stopped: BeholdenError | None) -> Fate:
    if stopped is None:
        return Fate.ADDED
    return Fate.KNOWN if isinstance(stopped, BadInput) and str(stopped) == exhibits.ALREADY else Fate.REFUSED


def uptake(state: Any) -> Uptake:
    """The one of this process: `state` is the application's."""
    return the_one(state, "uptake", Uptake)


def told(request: Request) -> Taking | None:
    """What the person who sits here gave and still waits, for the head of every page; None where nothing does."""
    secret = request.cookies.get(COOKIE, "")
    if not secret or not hasattr(request.app.state, "uptake"):
        return None
    return uptake(request.app.state).under_way(digest_of(secret))
