"""A start takes the sealed copy up by what indexes of the records say, and reads no record of a face for it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from beholden.actions import follow
from beholden.database.looks import SqlLook
from beholden.records.faces import Face
from tests.actions.test_index_on_disk import OnDisk, disk

__all__ = ["disk"]  # a fixture


def test_a_start_reads_no_record_of_a_face_that_the_segments_hold(
    disk: OnDisk, monkeypatch: pytest.MonkeyPatch
) -> None:
    again = disk.again()
    plans: dict[str, list[str]] = {}
    opened = again.system.database.look

    @contextmanager
    def watched() -> Iterator[SqlLook]:
        asked: list[str] = []
        with opened() as look:
            assert isinstance(look, SqlLook)
            connection: Any = look._driver
            connection = getattr(connection, "connection", connection)
            connection.set_trace_callback(asked.append)
            yield look
            connection.set_trace_callback(None)
            for text in {text for text in asked if "FROM faces" in text.replace("\n", " ")}:
                plans[text] = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {text}")]

    monkeypatch.setattr(again.system.database, "look", watched)
    follow.bring_up(again.system)
    again.system.close()
    assert len(plans) >= 4
    for text, plan in plans.items():
        # What changed since the copy was written is read, by its number: none here.
        reads = [step for step in plan if step.startswith(("SCAN", "SEARCH"))]
        assert reads, text
        assert all("COVERING INDEX" in step or "(change_no>?)" in step for step in reads), (text, reads)


def test_live_shelves_are_those_that_hold_a_live_reference(disk: OnDisk) -> None:
    system = disk.agency.system
    with system.database.look() as look:
        assert follow.live_shelves(look) == system.index.shelves()
    disk.agency.erase(*[face.id for face in disk.agency.find(Face)])
    with system.database.look() as look:
        assert follow.live_shelves(look) == []
