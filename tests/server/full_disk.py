"""A program: on the small disk that it is given, an office is served while the disk fills up and is emptied again."""

from __future__ import annotations

import http.client
import json
import signal
import sys
import time
from pathlib import Path
from typing import Any

from tests.edges.terminal import Office, make
from tests.server.running import Served, served

OFFICER = ("ines", "a passphrase of ines")
SMALL = {"reference": "2026-1", "purpose": "victim-id-cse"}


def ask(server: Served, method: str, path: str, given: object = None, key: str = "") -> tuple[int, Any]:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    headers = {"Host": f"localhost:{server.port}", "Content-Type": "application/json"}
    if key:
        headers["Authorization"] = f"Bearer {key}"
    try:
        connection.request(method, path, json.dumps(given) if given is not None else None, headers)
        answer = connection.getresponse()
        content = answer.read()
        is_data = "json" in (answer.getheader("content-type") or "")
        return answer.status, json.loads(content) if is_data else content.decode()
    finally:
        connection.close()


def fill(disk: Path) -> Path:
    """Every block of it that is free now."""
    filler = disk / "filler"
    with filler.open("ab", buffering=0) as file:
        for size in (1 << 20, 4096, 512, 1):
            try:
                while file.write(bytes(size)):
                    pass
            except OSError:
                continue
    return filler


def full(disk: Path, server: Served) -> bool:
    """Whether not even a sign-in finds room, which is refused in words."""
    fill(disk)
    status, told = ask(server, "POST", "/v1/sessions", {"name": f"nobody {time.monotonic_ns()}", "passphrase": "-"})
    assert (status, told["title"]) in ((401, "Sign in first"), (507, "The disk is full"), (429, told["title"])), told
    time.sleep(1)
    return bool(status == 507)


def until(holds: Any) -> Any:
    """Upkeep has its own rounds: what it finds is told some seconds later."""
    deadline = time.monotonic() + 60
    while not (found := holds()):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    return found


def main(disk: Path) -> None:
    folder = disk / "office"
    folder.mkdir()
    make(folder)
    office = Office(folder)
    name, passphrase = OFFICER
    token = office.does("ada", "people", "add", name, "--role", "investigator")["token"]
    with served(office.data) as server:
        who = {"name": name, "token": token, "passphrase": passphrase}
        key = ask(server, "POST", "/v1/sessions/first", who)[1]["bearer"]
        status, case = ask(server, "POST", "/v1/cases", SMALL, key)
        assert status == 201, case
        assert server.health["warnings"] == []

        filler = fill(disk)
        told = ask(server, "POST", "/v1/cases", SMALL | {"reference": "2026-2"}, key)
        assert told[0] == 507, told
        assert "make room" in told[1]["detail"], told
        for _ in range(3):  # reading goes on
            status, listed = ask(server, "GET", "/v1/cases", None, key)
            assert (status, [one["id"] for one in listed["items"]]) == (200, [case["id"]]), listed
            assert ask(server, "GET", f"/v1/cases/{case['id']}", None, key)[0] == 200
            assert ask(server, "GET", "/v1/cases/" + "0" * 32, None, key)[0] in (404, 507)
            assert ask(server, "GET", "/sign-in")[0] == 200
        health = ask(server, "GET", "/health")
        assert "nearly full" in health[1]["warnings"][0], health
        assert "beholden_room_is_low 1.0" in ask(server, "GET", "/metrics")[1]

        while "ballast" in {path.name for path in office.data.iterdir()} or not full(disk, server):
            fill(disk)  # the log's own reserve as well
        # What a store lets go of meanwhile is filled again: the sealer's failure is told, or that there is no room at all.
        problems = until(lambda: fill(disk) and ask(server, "GET", "/health")[1]["problems"])
        assert any("The disk is full" in one for one in problems), problems
        assert ask(server, "GET", "/health")[0] == 503
        assert ask(server, "GET", f"/v1/cases/{case['id']}", None, key)[0] == 200
        assert ask(server, "GET", "/sign-in")[0] == 200

        filler.unlink()
        status, second = ask(server, "POST", "/v1/cases", SMALL | {"reference": "2026-2"}, key)
        assert status == 201, second
        assert ask(server, "POST", "/v1/sessions", {"name": name, "passphrase": passphrase})[0] == 201
        until(lambda: server.health == server.health | {"ok": True, "warnings": [], "unsealed_entries": 0})
        code, out, err = server.ended(signal.SIGTERM)
        assert (code, out) == (0, ""), err
        assert "Traceback" not in err, err
        assert "nobody foresaw" not in err, err
        assert "beholden.faults" not in err, err
    assert office.does("ada", "check")["holds"]
    print("as it should be")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
