"""A server that is told to end while it searches or enrols: the act ends, is on record, is answered; told again, likewise."""

from __future__ import annotations

import http.client
import json
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from beholden.testing.drawn import draw
from tests.agency import agency_on_disk
from tests.edges.terminal import run
from tests.server.running import Served, served

pytestmark = pytest.mark.enable_socket

# The model of this server stops at a gate, so that an act is surely under way when the signals come.
PROGRAM = """
import sys, time
from pathlib import Path
from beholden.cli import main
from beholden.testing.drawn import DrawnModel

gate, embed = Path(sys.argv.pop(1)), DrawnModel.embed

def at_the_gate(self, pixels, faces):
    (gate / "reached").touch()
    while not (gate / "open").exists():
        time.sleep(0.01)
    return embed(self, pixels, faces)

DrawnModel.embed = at_the_gate
sys.exit(main())
"""
TWICE = (signal.SIGTERM, signal.SIGTERM)
EVERY = (signal.SIGINT, signal.SIGTERM, signal.SIGINT, signal.SIGINT)
SEAM = "0123456789"


def searching(body: dict[str, str]) -> tuple[str, str, bytes]:
    told = {"authority_id": body["authority"], "sought_id": body["sought"]}
    return "/v1/searches", "application/json", json.dumps(told).encode()


def enrolling(body: dict[str, str]) -> tuple[str, str, bytes]:
    fields = {"source_id": body["source"], "gallery_id": body["gallery"]}
    parts = [f'--{SEAM}\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n' for k, v in fields.items()]
    head = (
        f'--{SEAM}\r\nContent-Disposition: form-data; name="file"; filename="9.png"\r\nContent-Type: image/png\r\n\r\n'
    )
    content = "".join(parts).encode() + head.encode() + draw(9) + f"\r\n--{SEAM}--\r\n".encode()
    return "/v1/images", f"multipart/form-data; boundary={SEAM}", content


@pytest.mark.parametrize(
    ("officer", "act", "signals"),
    [("ines", searching, TWICE), ("stella", enrolling, EVERY)],
    ids=["search", "enrolment"],
)
def test_told_to_end_it_ends_what_it_does_answers_and_seals(
    tmp_path: Path, officer: str, act: Any, signals: tuple[signal.Signals, ...]
) -> None:
    agency = agency_on_disk(tmp_path)
    ready = agency.ready(1, 2, 3)
    key = agency[officer].session
    ids = {
        "authority": ready.authority.id,
        "sought": ready.sought.id,
        "source": ready.source.id,
        "gallery": ready.gallery.id,
    }
    agency.system.close()
    gate = tmp_path / "gate"
    gate.mkdir()
    with served(tmp_path / "data", command=(sys.executable, "-c", PROGRAM, str(gate), "serve")) as server:
        asked = Asked(server, key, *act(ids))
        asked.start()
        _wait_for(gate / "reached", asked)
        server.process.send_signal(signals[0])
        assert server.takes_nothing_new()
        for one in signals[1:]:
            server.process.send_signal(one)
            time.sleep(0.1)
        assert server.process.poll() is None
        (gate / "open").touch()
        asked.join(timeout=30)
        assert asked.answer[0] == 201, asked.answer
        out, err = server.process.communicate(timeout=30)
        assert (server.process.returncode, out) == (0, ""), err
        assert [line for line in err.splitlines() if "beholden.access" not in line] == []
    with served(tmp_path / "data") as again:
        assert again.health["unsealed_entries"] == 0
        assert again.health["problems"] == []
        connection = http.client.HTTPConnection("127.0.0.1", again.port, timeout=30)
        made = asked.answer[1]
        path = f"/v1/searches/{made['id']}" if act is searching else f"/v1/galleries/{ids['gallery']}"
        connection.request("GET", path, headers=asked.headers)
        assert connection.getresponse().status == 200
        connection.close()
        assert again.ended(signal.SIGTERM)[0] == 0
    ran = run("check", "--data", str(tmp_path / "data"), "--as", "ada", "--json")
    assert (ran.code, ran.document["holds"]) == (0, True), ran


class Asked(threading.Thread):
    """One request, asked beside what the test does."""

    def __init__(self, server: Served, key: str, path: str, kind: str, content: bytes) -> None:
        super().__init__()
        self.answer: tuple[int, Any] = (0, None)
        self.headers = {"Host": f"localhost:{server.port}", "Authorization": f"Bearer {key}"}
        self._server, self._path, self._kind, self._content = server, path, kind, content

    def run(self) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self._server.port, timeout=60)
        connection.request("POST", self._path, self._content, self.headers | {"Content-Type": self._kind})
        answer = connection.getresponse()
        self.answer = (answer.status, json.loads(answer.read()))
        connection.close()


def _wait_for(file: Path, asked: Asked) -> None:
    deadline = time.monotonic() + 30
    while not file.exists():
        assert asked.is_alive(), asked.answer
        assert time.monotonic() < deadline
        time.sleep(0.02)
