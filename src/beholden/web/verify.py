"""Verifying the log from a page: behind it, with how far it is; and what to take away to check it without this server."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from threading import Event, Lock, Thread
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from beholden.actions import desk, proofs, verify
from beholden.errors import BeholdenError, Fault, Missing
from beholden.ports.system import System
from beholden.records.people import Officer
from beholden.serving.telling import note_fault
from beholden.web.forms import Form, Typed
from beholden.web.naming import people_names
from beholden.web.of_process import the_one
from beholden.web.page import NOTHING, download, render, said_of, see_other
from beholden.web.watched import KINDS, words_of_tail
from beholden.web.who import Seat
from beholden.web.words import _, named

router = APIRouter(include_in_schema=False)

PATIENCE_S = 1.0  # a log that is verified within it needs no page that tells how far it is
TEXT = "text/plain; charset=utf-8"
EXPORT = "beholden log export --out bundle"


@dataclass(slots=True)
class Run:
    """One verification, as far as it is."""

    by: str  # id of who asked for it
    begun_at: datetime
    done: int = 0
    of: int = -1  # entries; -1 until the rules let it begin
    made: verify.Verified | None = None
    stopped_by: BeholdenError | None = None
    let_in: Event = field(default_factory=Event)
    ended: Event = field(default_factory=Event)


class Verifying:
    """One at a time in a process. What the last one said is kept in memory; the log has it for good."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._now: Run | None = None
        self._last: Run | None = None
        self._stopped_by: BeholdenError | None = None
        self._stop = False

    def begin(self, system: System, officer: Officer) -> Run:
        """The one that is under way, or a new one. Raises what refuses it."""
        with self._lock:
            if self._now is not None:
                verify.show_published(system, officer)  # who has no part in the log learns not even that
                return self._now
            by = desk.oneself(system, officer).id
            run = self._now = Run(by, system.clock.now())
            Thread(target=self._run, args=(system, officer, run), name="beholden verify", daemon=True).start()
        run.let_in.wait()
        if run.stopped_by is not None and run.of < 0:
            raise run.stopped_by
        run.ended.wait(PATIENCE_S)
        return run

    def last(self) -> tuple[Run | None, BeholdenError | None]:
        """The one under way, else the last that was finished, and what stopped one since; None where there was none."""
        with self._lock:
            if self._now is not None and self._now.of >= 0:
                return self._now, None
            return self._last, self._stopped_by

    def stop(self) -> None:
        """One that is under way ends at its next step, and is on record as not finished."""
        self._stop = True
        with self._lock:
            run = self._now
        if run is not None:
            run.ended.wait()

    def _run(self, system: System, officer: Officer, run: Run) -> None:
        def tell(done: int, of: int) -> None:
            run.done, run.of = done, of
            run.let_in.set()
            if self._stop:
                raise Fault(named("the server ended before the log was verified; verify it again"))

        try:
            run.made = verify.verify_log(system, officer, told=tell)
        except BeholdenError as error:
            run.stopped_by = error
        except Exception as error:  # noqa: BLE001 - the page says so; the act has put it on record
            note_fault(error)
            run.stopped_by = Fault(named("something went wrong here; it is on record. Verify the log again"))
        finally:
            with self._lock:
                self._now = None
                if run.of >= 0:
                    self._last, self._stopped_by = (run if run.made else self._last), run.stopped_by
            run.let_in.set()
            run.ended.set()


def verifying(state: Any) -> Verifying:
    """The one of this process: `state` is the application's."""
    return the_one(state, "verifying", Verifying)


@router.get("/log/verify")
def show_verification(request: Request, seat: Seat) -> Response:
    return _page(request, seat)


@router.post("/log/verify")
def verify_log(request: Request, seat: Seat, _form: Form) -> Response:
    try:
        verifying(request.app.state).begin(*seat)
    except BeholdenError as error:
        return _page(request, seat, error)
    return see_other(request, "/log/verify")


@router.post("/log/proof")
def prove_entry(request: Request, seat: Seat, form: Form) -> Response:
    """One entry with its place under the signed checkpoint, for whoever has nothing else of the log."""
    try:
        n = form.number("n", "number of an entry")
        proof = proofs.prove_entry(*seat, n=n)
    except BeholdenError as error:
        return _page(request, seat, error, form)
    return download(proof, name=f"{n}.tlog-proof")


@router.get("/log/checkpoint")
def give_checkpoint(request: Request, seat: Seat) -> Response:  # noqa: ARG001
    shown = verify.show_published(*seat)
    if not shown.note:
        raise Missing("nothing of the log is sealed yet")
    return download(shown.note, name=_name(shown), kind=TEXT)


@router.get("/log/keys")
def give_keys(request: Request, seat: Seat) -> Response:  # noqa: ARG001
    keys = verify.show_published(*seat).vkeys
    return download("".join(f"{key}\n" for key in keys).encode(), name="keys.txt", kind=TEXT)


def _page(request: Request, seat: Seat, error: BeholdenError | None = None, typed: Typed | None = None) -> Response:
    system, officer = seat
    shown, broken = None, None
    try:
        shown = verify.show_published(system, officer)
    except Missing:
        if error is None:
            raise
    except BeholdenError as wrong:  # what is published is not what was signed: then all the more the page is needed
        broken = wrong
    run, stopped_by = verifying(request.app.state).last() if shown or broken else (None, None)
    by = people_names(system, officer, [run.by])[run.by] if run else ""
    return render(
        request,
        "log_verify.html.jinja",
        error=error or broken,
        typed=typed or NOTHING,
        shown=shown,
        broken=broken is not None,
        run=run,
        by=by,
        made=run.made if run else None,
        stopped=said_of(stopped_by) if stopped_by else "",
        under_way=run is not None and not run.ended.is_set(),
        kinds={reach: _(words) for reach, words in KINDS.items()},
        tail=words_of_tail(system),
        export=EXPORT,
        check=_check(shown) if shown else "",
    )


def _check(shown: verify.Published) -> str:
    """What is typed on another machine, beside what was taken away."""
    witnesses = f" --witnesses {shown.witnesses}" if shown.witnesses else ""
    since = f" --old-checkpoint {_name(shown)}" if shown.note else ""
    return f"python beholden_verify.py log bundle --keys keys.txt{witnesses}{since}"


def _name(shown: verify.Published) -> str:
    return f"checkpoint-{shown.size}.txt"
