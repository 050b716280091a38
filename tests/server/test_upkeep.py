"""What a server does by itself: rounds of the worker, the log sealed behind every act, and no end to either by an error."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import replace

import pytest

from beholden.actions.vital import unsealed, vital
from beholden.errors import Fault
from beholden.records.faces import Face, FaceState
from beholden.serving.figures import Figures
from beholden.serving.upkeep import Task, Upkeep
from beholden.stores.memory import MemoryStores
from tests.agency import Agency


def figures_of(agency: Agency) -> Figures:
    return Figures(lambda: vital(agency.system))


def wait_for(so: Callable[[], bool]) -> None:
    until = time.monotonic() + 10
    while not so():
        assert time.monotonic() < until
        time.sleep(0.01)


def test_the_log_is_sealed_soon_after_an_act_and_at_the_end(agency: Agency) -> None:
    upkeep = Upkeep(agency.system, figures_of(agency), seal_s=0.01, work_s=3600)
    assert unsealed(agency.system) == len(agency.leaves())
    upkeep.start()
    wait_for(lambda: unsealed(agency.system) == 0)
    agency.case()
    wait_for(lambda: unsealed(agency.system) == 0)
    upkeep.worker.stop()  # its first round seals at its end, and may be slow
    upkeep.sealer.stop()
    agency.case()
    assert unsealed(agency.system) == 1
    upkeep.stop()
    assert unsealed(agency.system) == 0


def test_faces_that_wait_get_their_templates(agency: Agency) -> None:
    ready = agency.ready(1, 2)
    for face in agency.find(Face):
        agency.change(face, state=FaceState.WAITING)
    assert vital(agency.system).waiting == 2
    upkeep = Upkeep(agency.system, figures_of(agency), seal_s=3600, work_s=0.01)
    upkeep.start()
    wait_for(lambda: vital(agency.system).waiting == 0)
    upkeep.stop()
    assert vital(agency.system).references == 2
    assert agency.search(ready.authority).coverage.references == 2


def test_a_round_that_fails_is_told_once_and_the_next_one_is_tried(
    agency: Agency, caplog: pytest.LogCaptureFixture
) -> None:
    outcomes: list[Exception | None] = [Fault("broken /secret"), Fault("broken /secret"), ValueError("secret"), None]

    def do() -> None:
        if outcomes and (error := outcomes.pop(0)):
            raise error

    figures = figures_of(agency)
    task = Task("worker", do, every_s=0.0, figures=figures)
    assert not task.started
    seen = []
    for _ in range(4):
        task.round()
        seen.append(task.failure)
    assert seen == ["Fault: The machine is at fault", "Fault: The machine is at fault", "ValueError", ""]
    told = [one.getMessage() for one in caplog.records if one.name == "beholden.upkeep"]
    assert [line.split(";")[0] for line in told] == [
        "the worker failed: Fault: The machine is at fault",
        "the worker failed: ValueError",
    ]
    assert "secret" not in caplog.text
    counted = figures.text().decode()
    assert 'beholden_rounds_total{outcome="failed",task="worker"} 3.0' in counted
    assert 'beholden_rounds_total{outcome="done",task="worker"} 1.0' in counted


def test_a_task_that_stopped_failed_or_is_stuck_is_a_problem(agency: Agency, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def do() -> None:
        begun.set()
        go_on.wait(10)

    task = Task("worker", do, every_s=3600, figures=figures_of(agency))
    task.start()
    begun.wait(10)
    assert task.problem == ""
    monkeypatch.setattr("beholden.serving.upkeep.LATE_S", 0.0)
    assert "has not ended a round" in task.problem
    monkeypatch.setattr("beholden.serving.upkeep.LATE_S", 600.0)
    task.failure = "Fault: The machine is at fault"
    assert task.problem == "the worker failed: Fault: The machine is at fault"
    go_on.set()
    task.stop()
    assert task.problem == "the worker has stopped"


def test_a_disk_that_fills_up_is_told_once_and_again_when_there_is_room(
    agency: Agency, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, "beholden.upkeep")

    class Filling(MemoryStores):
        free = 1 << 40

        def room(self) -> int:
            return self.free

    stores = Filling()
    upkeep = Upkeep(replace(agency.system, stores=stores), figures_of(agency))
    for free in (1 << 40, 1000, 900, 1 << 40):
        stores.free = free
        upkeep.work()
    assert [one.getMessage() for one in caplog.records] == [
        "0 MiB are free on the disk of the data folder: nothing more is taken in below 64 MiB; make room",
        "1048576 MiB are free on the disk of the data folder: things are taken in again",
    ]
