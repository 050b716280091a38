"""A real server process: it starts, answers, is alone, and ends without breaking anything off, however it is told to."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from beholden.errors import Fault
from beholden.serving import process
from tests.edges.terminal import Office, make, run
from tests.server.running import Served, served

pytestmark = pytest.mark.enable_socket
FORM = {"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin"}


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    folder = tmp_path_factory.mktemp("office")
    make(folder)
    office = Office(folder)
    office.people("ines", "sven", "stella", "pia")
    return office


def test_a_server_answers_is_alone_and_ends_at_ctrl_c(office: Office) -> None:
    with served(office.data) as server:
        assert re.fullmatch(r"http://localhost:\d+", server.address)
        told = server.health
        assert (told["ok"], told["problems"], told["unsealed_entries"]) == (True, [], 0)
        assert told["worker_age_s"] < 60
        assert server.get("/metrics")[0] == 200
        assert server.get("/sign-in")[0] == 200
        assert server.get("/v1/cases")[0] == 401
        assert server.get("/probe", Host="evil.example")[0] == 421
        assert server.get("/sign-in", "::1")[0] == 200
        # Nobody is in front of this server, so nobody is believed who says for whom he asks.
        assert server.get("/metrics", **{"X-Forwarded-For": "127.0.0.1"})[0] == 404

        second = run("serve", "--data", str(office.data), "--port", "0")
        assert second.code == 1
        assert f"is served already, by process {server.process.pid} at {server.address}" in second.err
        assert second.out == ""

        office.does("ines", "case", "open", "2026-1", "--purpose", "victim-id-cse")  # other commands go on beside it
        code, out, err = server.ended(signal.SIGINT)
    assert (code, out) == (0, "")
    lines = [line for line in err.splitlines() if "beholden.access" in line]
    assert len(lines) == 7
    assert err.splitlines() == lines


def test_a_request_that_runs_is_finished_before_the_server_ends(office: Office) -> None:
    body = b"name=nobody&passphrase=wrong&next=/"
    with served(office.data) as server:
        slow = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
        slow.putrequest("POST", "/sign-in", skip_host=True)
        for name, value in {**FORM, "Host": f"localhost:{server.port}", "Content-Length": str(len(body))}.items():
            slow.putheader(name, value)
        slow.endheaders()
        slow.send(body[:10])
        server.health  # noqa: B018 - until it answers this one, it may not have seen the other
        server.process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + 10
        while True:  # nothing new is taken in
            try:
                server.get("/health")
            except OSError:
                break
            assert time.monotonic() < deadline
            time.sleep(0.02)
        assert server.process.poll() is None
        slow.send(body[10:])
        answer = slow.getresponse()
        assert answer.status in (200, 401)
        assert "do not belong together" in answer.read().decode()
        slow.close()
        _, err = server.process.communicate(timeout=30)
        assert server.process.returncode == 0, err
    said = office.does("ada", "check")
    assert said["holds"], said


def test_after_a_kill_it_starts_again_and_what_was_done_is_sealed(office: Office) -> None:
    with served(office.data) as server:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
        given = json.dumps({"name": "nobody", "passphrase": "wrong"})
        headers = {"Host": f"localhost:{server.port}", "Content-Type": "application/json"}
        connection.request("POST", "/v1/sessions", given, headers)
        assert connection.getresponse().status == 401  # and on record
        connection.close()
        assert server.ended(signal.SIGKILL)[0] == -signal.SIGKILL
    with served(office.data) as server:
        assert server.health["unsealed_entries"] == 0
        assert server.ended(signal.SIGTERM)[0] == 0
    assert office.does("ada", "check")["holds"]


def test_localhost_is_ours_by_both_of_its_numbers_and_a_port_that_is_taken_is_told() -> None:
    """Browsers try either for "localhost": whoever had the other one would be given what people type."""
    sockets = process.listen("127.0.0.1", 0)
    try:
        bound = [one.getsockname()[:2] for one in sockets]
        port = bound[0][1]
        assert bound == [("127.0.0.1", port), ("::1", port)]
        with pytest.raises(Fault, match=f"127.0.0.1 port {port} cannot be had .*; choose another --port"):
            process.listen("127.0.0.1", port)
        sockets.pop(0).close()
        with pytest.raises(Fault, match=f"::1 port {port} cannot be had"):
            process.listen("localhost", port)
    finally:
        for one in sockets:
            one.close()


def test_behind_a_proxy_it_is_reached_encrypted_and_by_its_name(office: Office, tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_text("a key that nobody guesses\n")
    proxied = ("--behind-proxy", "127.0.0.1", "--public-name", "faces.example.org", "--metrics-key", str(key))
    with served_by_name(office.data, *proxied) as (server, port):
        server = Served(server.process, f"http://localhost:{port}", server.data)
        by_proxy = {"Host": "faces.example.org", "X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.7"}
        assert server.get("/sign-in", **by_proxy)[0] == 200
        assert server.get("/sign-in", Host="faces.example.org")[0] == 403
        assert server.get("/metrics", **by_proxy)[0] == 404
        assert server.get("/metrics", **by_proxy, Authorization="Bearer a key that nobody guesses")[0] == 200
        assert server.ended(signal.SIGTERM)[0] == 0


@contextmanager
def served_by_name(data: Path, *arguments: str) -> Iterator[tuple[Served, int]]:
    """Its address is the proxy's; the port is that of its socket."""
    with served(data, *arguments) as server:
        assert server.address == "https://faces.example.org"
        yield server, _port_of(server.process.pid)


def _port_of(pid: int) -> int:
    """Of the IPv4 socket on which this process listens."""
    inodes = {
        os.readlink(link).removeprefix("socket:[").removesuffix("]")
        for link in Path(f"/proc/{pid}/fd").iterdir()
        if os.readlink(link).startswith("socket:")
    }
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        columns = line.split()
        if columns[9] in inodes and columns[3] == "0A":  # listening
            return int(columns[1].partition(":")[2], 16)
    raise AssertionError("it listens nowhere")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--host", "0.0.0.0"), "this server does not encrypt"),
        (("--host", "192.0.2.1"), "this server does not encrypt"),
        (("--behind-proxy", "127.0.0.1"), "give it with --public-name"),
        (("--port", "70000"), "is no port"),
    ],
    ids=str,
)
def test_passphrases_never_cross_a_network_in_the_clear(office: Office, arguments: tuple[str, ...], words: str) -> None:
    ran = run("serve", "--data", str(office.data), *arguments)
    assert ran.code == 2
    assert words in ran.err


def test_a_key_that_can_be_guessed_is_not_taken(office: Office, tmp_path: Path) -> None:
    short = tmp_path / "key"
    short.write_text("short\n")
    ran = run("serve", "--data", str(office.data), "--metrics-key", str(short))
    assert ran.code == 4
    assert "at least 20 characters" in ran.err
