"""What a server does by itself: rounds of the worker, the log sealed behind every act, and no end to either by an error."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from beholden.actions import follow
from beholden.actions.vital import unsealed, vital
from beholden.errors import Fault, NoRoom
from beholden.index.exact import ExactIndex
from beholden.index.segments import Segments
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


@pytest.fixture
def kept(agency: Agency, tmp_path: Path) -> Agency:
    """The same agency, whose index has a sealed copy."""
    return agency.with_parts(index=ExactIndex("exact:", Segments(tmp_path / "segments", agency.system.keys)))


def test_the_index_is_loaded_at_the_start_and_kept_at_the_end(kept: Agency) -> None:
    ready = kept.ready(1, 2)
    upkeep = Upkeep(kept.system, figures_of(kept), seal_s=3600, work_s=3600)
    upkeep.start()
    wait_for(lambda: kept.system.index.size().rows == 2)
    assert kept.system.index.size().sealed_rows == 0, "so few changes are not worth a file"
    upkeep.stop()
    assert kept.system.index.size().sealed_rows == 2
    assert kept.search(ready.authority).people == 2


def test_the_index_is_kept_after_enough_changes(kept: Agency, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("beholden.serving.upkeep.KEEP_CHANGES", 2)
    kept.ready(1, 2)
    upkeep = Upkeep(kept.system, figures_of(kept))
    upkeep.keep()
    assert kept.system.index.size().sealed_rows == 2
    ready = kept.ready(4)
    upkeep.keep()
    assert (kept.system.index.size().rows, kept.system.index.size().sealed_rows) == (3, 2)
    kept.enrol(ready.source, ready.gallery, 5)
    upkeep.keep()
    assert kept.system.index.size().sealed_rows == 4


def test_a_start_that_makes_very_many_from_the_records_keeps_them_on_the_way(
    kept: Agency, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follow, "KEEP_EACH", 3)
    ready = kept.ready(1, 2)
    upkeep = Upkeep(kept.system, figures_of(kept))
    upkeep.keep()
    assert kept.system.index.size().sealed_rows == 0, "so few are not worth a file"
    kept.enrol(ready.source, ready.gallery, 5)
    kept.system.index.forget()
    upkeep.keep()
    assert kept.system.index.size().sealed_rows == 3
    assert kept.search(ready.authority).people == 3


def test_a_disk_that_is_too_full_for_the_index_is_told_once_and_keeps_nobody_from_searching(
    kept: Agency, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "beholden.upkeep")
    monkeypatch.setattr("beholden.serving.upkeep.KEEP_CHANGES", 1)
    monkeypatch.setattr("beholden.serving.upkeep.KEEP_AGAIN_S", 0.0)
    ready = kept.ready(1, 2)
    upkeep = Upkeep(kept.system, figures_of(kept))

    def full(*_: object) -> None:
        raise NoRoom("The disk is full: make room, then do the same again.")

    with monkeypatch.context() as filled:
        filled.setattr(Segments, "write", full)
        for _ in range(3):
            upkeep.keeper.round()
        assert kept.search(ready.authority).people == 2
        assert upkeep.keeper.failure == ""
    upkeep.keeper.round()
    assert kept.system.index.size().sealed_rows == 2
    assert [one.getMessage() for one in caplog.records] == [
        "the sealed copy of the index cannot be written: The disk is full: make room, then do the same again. "
        "A start takes longer without it.",
        "the sealed copy of the index is written again",
    ]


def test_after_a_copy_could_not_be_written_it_is_left_alone_for_a_while(
    kept: Agency, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("beholden.serving.upkeep.KEEP_CHANGES", 1)
    kept.ready(1, 2)
    upkeep, tried = Upkeep(kept.system, figures_of(kept)), []

    def full(*_: object) -> None:
        tried.append(1)
        raise NoRoom("The disk is full: make room, then do the same again.")

    monkeypatch.setattr(Segments, "write", full)
    upkeep.keep()
    upkeep.keep()
    assert len(tried) == 1
