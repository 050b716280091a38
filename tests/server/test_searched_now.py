"""What a running server compares is what the records allow at that moment, whoever changed them, and by which door."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from beholden.actions import register
from beholden.opening import open_folder
from beholden.records.candidates import Candidate
from beholden.records.faces import Face
from beholden.records.searches import Search, SearchState
from beholden.records.sources import Source
from tests.agency import Agency, Ready, agency_on_disk
from tests.edges.terminal import run
from tests.parts import PlainCredentials
from tests.server.running import Served, served

pytestmark = pytest.mark.enable_socket
WHY = "the agreement is in doubt"


@dataclass
class Running:
    """A server on a folder, and the same people beside it, in another process and by its REST."""

    server: Served
    agency: Agency  # this process's own: it has the folder open beside the server
    ready: Ready
    second: Source

    def asks(self, name: str, method: str, path: str, body: object = None) -> tuple[int, Any]:
        """As a program asks: the status, and the document."""
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=60)
        try:
            headers = {"Authorization": f"Bearer {self.agency[name].session}", "Content-Type": "application/json"}
            headers["Host"] = f"localhost:{self.server.port}"
            connection.request(method, f"/v1{path}", json.dumps(body or {}), headers)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            connection.close()

    def compared(self) -> int:
        """With how many references the next search is compared."""
        told = {"authority_id": self.ready.authority.id, "sought_id": self.ready.sought.id}
        status, found = self.asks("ines", "POST", "/searches", told)
        assert status in (200, 201), found
        assert found["coverage"]["proven"]
        assert found["coverage"]["engine"]
        return int(found["coverage"]["references"])


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    agency = agency_on_disk(tmp_path)
    ready = agency.ready(1, 2, 3)
    authority = agency.approve(agency.request(ready.case, ready.sought, ready.gallery, searches=20))
    second = agency.source(name="a second register")
    agency.enrol(second, ready.gallery, 4)
    agency.system.close()
    with served(tmp_path / "data") as server:
        beside = replace(open_folder(tmp_path / "data"), clock=agency.clock, credentials=PlainCredentials())
        try:
            yield Running(
                server,
                replace(agency, system=beside),
                replace(ready, authority=authority),
                second,
            )
        finally:
            beside.close()


def by_python(running: Running, act: str) -> None:
    acts: dict[str, Callable[..., object]] = {"suspend": register.suspend_source, "resume": register.resume_source}
    more = {"reason": WHY} if act == "suspend" else {}
    acts[act](running.agency.system, running.agency["pia"], source_id=running.ready.source.id, **more)


def by_commands(running: Running, act: str) -> None:
    more = ("--reason", WHY) if act == "suspend" else ()
    to = ("--data", str(running.server.data), "--as", "pia")
    assert run(*to, "source", act, running.ready.source.id, *more).code == 0


def by_rest(running: Running, act: str) -> None:
    body = {"reason": WHY} if act == "suspend" else None
    assert running.asks("pia", "POST", f"/sources/{running.ready.source.id}/{act}", body)[0] == 200


def test_req_04_a_source_suspended_by_any_door_is_not_compared_by_the_next_search_of_a_running_server(
    running: Running,
) -> None:
    assert running.compared() == 4
    for door in (by_python, by_commands, by_rest):
        door(running, "suspend")
        assert running.compared() == 1, door.__name__
        door(running, "resume")
        assert running.compared() == 4, door.__name__


def test_req_04_a_gallery_closed_beside_a_running_server_is_not_searched(running: Running) -> None:
    assert running.compared() == 4
    register.close_gallery(running.agency.system, running.agency["pia"], gallery_id=running.ready.gallery.id)
    told = {"authority_id": running.ready.authority.id, "sought_id": running.ready.sought.id}
    status, said = running.asks("ines", "POST", "/searches", told)
    assert status == 403
    assert "galleries-are-fit" in [reason["rule_id"] for reason in said["reasons"]]


def test_req_04_while_searches_run_none_that_begins_after_the_suspension_shows_what_was_suspended(
    running: Running,
) -> None:
    """Three programs search at once, a fourth suspends: by the records, not one list has more than it may."""
    running.compared()
    stop = threading.Event()
    failed: list[object] = []

    def searching() -> None:
        told = {"authority_id": running.ready.authority.id, "sought_id": running.ready.sought.id}
        while not stop.is_set():
            status, found = running.asks("ines", "POST", "/searches", told)
            if status == 403:
                return  # the last use is used
            if status not in (200, 201):
                failed.append((status, found))
                return

    threads = [threading.Thread(target=searching) for _ in range(3)]
    for one in threads:
        one.start()
    suspended = False
    until = time.monotonic() + 60
    while time.monotonic() < until and any(one.is_alive() for one in threads):
        if not suspended and len(running.agency.find(Search)) >= 4:
            by_python(running, "suspend")
            suspended, begun = True, len(running.agency.find(Search))
        if suspended and len(running.agency.find(Search)) >= begun + 8:
            break
        time.sleep(0.02)
    stop.set()
    for one in threads:
        one.join(timeout=60)
    assert failed == []
    assert suspended
    entries = running.agency.leaves()
    [at] = [leaf["n"] for leaf in entries if leaf["event"] == "source.suspended"]
    ended = {
        running.agency.told(leaf["n"])["search"][0]: leaf["n"] for leaf in entries if leaf["event"] == "search.finished"
    }
    after = [one for one in running.agency.find(Search, state=SearchState.LISTED) if ended[one.id] > at]
    assert len(after) >= 5
    for search in after:
        shown = [running.agency.get(Face, one.face_id) for one in running.agency.find(Candidate, search_id=search.id)]
        assert [face.source_id for face in shown] == [running.second.id]
