"""A witness as others reach it: over HTTP and at a socket, with what it refuses; and the one that a server keeps beside it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import httpx2
import pytest
from starlette.testclient import TestClient

import beholden
from beholden.actions import log
from beholden.actions.vital import vital
from beholden.errors import BadInput, Fault
from beholden.formats import cosignatures, tiles
from beholden.formats.add_checkpoint import MAX_BODY, question
from beholden.ports.cosigners import Reach
from beholden.server import make_app
from beholden.serving.bundled import Bundled
from beholden.serving.figures import Figures
from beholden.serving.upkeep import Upkeep
from beholden.testing.sealed_log import SealedLog
from beholden.witness.asking import AskedWitness
from beholden.witness.keeper import Keeper
from beholden.witness.serving import SOCKET, Witness
from tests.agency import Agency

pytestmark = pytest.mark.enable_socket
NAME = "witness.example/w1"
SRC = Path(beholden.__file__).parents[1]


@pytest.fixture
def sealed() -> SealedLog:
    made = SealedLog()
    made.add(5)
    return made


@pytest.fixture
def keeper(tmp_path: Path, sealed: SealedLog) -> Keeper:
    made = Keeper.make(tmp_path / "witness", NAME)
    made.trust(sealed.signer.vkey)
    return made


@contextmanager
def answering(keeper: Keeper, listen: str) -> Iterator[str]:
    served = Witness(keeper, listen)
    thread = threading.Thread(target=served.run)
    thread.start()
    try:
        yield served.address
    finally:
        served.stop()
        thread.join()


def wait_for(so: Callable[[], bool]) -> None:
    until = time.monotonic() + 20
    while not so():
        assert time.monotonic() < until
        time.sleep(0.02)


def test_the_same_witness_answers_over_http_at_a_socket_and_once(
    keeper: Keeper, sealed: SealedLog, tmp_path: Path
) -> None:
    body = question(0, (), sealed.checkpoints[5])
    again = question(5, (), sealed.checkpoints[5])
    folder = str(tmp_path / "witness")
    with answering(keeper, "127.0.0.1:0") as address:
        first = AskedWitness(NAME, keeper.key.vkey, address).add_checkpoint(body)
        assert AskedWitness(NAME, keeper.key.vkey, address).add_checkpoint(body).status == 409
    with answering(keeper, f"unix:{tmp_path / 'witness' / SOCKET}") as address:
        second = AskedWitness(NAME, keeper.key.vkey, address).add_checkpoint(again)
        assert (tmp_path / "witness" / SOCKET).stat().st_mode & 0o777 == 0o600
        with pytest.raises(Fault, match="answers at"):
            Witness(keeper, address)
    assert not (tmp_path / "witness" / SOCKET).exists()
    third = AskedWitness(NAME, keeper.key.vkey, folder=folder).add_checkpoint(again)
    for answer in (first, second, third):
        assert (answer.status, answer.kind) == (200, "text/plain; charset=utf-8")
        assert [one.name for one in cosignatures.read(sealed.checkpoints[5] + answer.body, [keeper.key.vkey])] == [NAME]


def test_a_socket_that_a_crash_left_is_taken_over_however_long_its_path(keeper: Keeper, tmp_path: Path) -> None:
    folder = tmp_path / ("deep" * 30)
    folder.mkdir()
    left = socket.socket(socket.AF_UNIX)
    os.chdir(folder)
    try:
        left.bind(SOCKET)
    finally:
        os.chdir("/")
        left.close()
    with answering(keeper, f"unix:{folder / SOCKET}") as address:
        assert AskedWitness(NAME, keeper.key.vkey, address).add_checkpoint(b"").status == 400


def test_whatever_is_no_question_is_refused_and_the_witness_goes_on(keeper: Keeper, sealed: SealedLog) -> None:
    with answering(keeper, "127.0.0.1:0") as address:
        for path, content, status in (
            ("/", b"", 404),
            ("/add-checkpoint", b"", 400),
            ("/add-checkpoint", b"x" * (MAX_BODY + 1), 413),
            ("/add-checkpoint/", question(0, (), sealed.checkpoints[5]), 404),
        ):
            assert httpx2.post(f"{address}{path}", content=content, trust_env=False).status_code == status
        assert httpx2.get(f"{address}/add-checkpoint", trust_env=False).status_code == 404
        host, port = address.removeprefix("http://").split(":")
        for raw in (b"POST /add-checkpoint HTTP/1.1\r\nHost: a\r\n\r\n", b"\x00\xff\r\n\r\n", b"POST"):
            with socket.create_connection((host, int(port)), timeout=20) as there:
                there.sendall(raw)
                there.shutdown(socket.SHUT_WR)
                there.recv(4096)
        there = AskedWitness(NAME, keeper.key.vkey, address)
        assert there.add_checkpoint(question(0, (), sealed.checkpoints[5])).status == 200


def test_a_witness_that_is_at_fault_cosigns_nothing_and_one_that_is_away_is_told_of(
    keeper: Keeper, sealed: SealedLog, tmp_path: Path
) -> None:
    [place] = (tmp_path / "witness" / "logs").glob("*.json")
    place.write_bytes(b"{")
    body = question(0, (), sealed.checkpoints[5])
    with answering(keeper, "127.0.0.1:0") as address:
        asked = AskedWitness(NAME, keeper.key.vkey, address)
        assert asked.add_checkpoint(body).status == 500
    with pytest.raises(Fault, match="cannot be asked"):
        asked.add_checkpoint(body)
    with pytest.raises(Fault, match="cannot be asked"):
        AskedWitness(NAME, keeper.key.vkey, f"unix:{tmp_path / 'nobody'}").add_checkpoint(body)
    with pytest.raises(Fault, match="cannot answer"):
        AskedWitness(NAME, keeper.key.vkey, folder=str(tmp_path)).add_checkpoint(body)
    with pytest.raises(Fault, match="asked by hand"):
        AskedWitness(NAME, keeper.key.vkey).add_checkpoint(body)


@pytest.mark.parametrize("answer", [b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 20_000, b"nonsense\r\n\r\n", b""])
def test_an_answer_without_an_end_or_a_form_is_a_fault(tmp_path: Path, answer: bytes) -> None:
    with socket.socket(socket.AF_UNIX) as there:
        there.bind(str(tmp_path / "s"))
        there.listen()

        def once() -> None:
            taken, _ = there.accept()
            with taken:
                taken.recv(100_000)
                taken.sendall(answer)

        thread = threading.Thread(target=once)
        thread.start()
        with pytest.raises(Fault, match=r"cannot be asked|more than"):
            AskedWitness(NAME, "", f"unix:{tmp_path / 's'}").add_checkpoint(b"old 0\n\n")
        thread.join()


@pytest.mark.parametrize("listen", ["0.0.0.0:0", "localhost:0", "[::1]:0", "127.0.0.1:99999", "nothing"])
def test_a_witness_listens_on_this_machine_alone(keeper: Keeper, listen: str) -> None:
    with pytest.raises(BadInput, match="no address of this machine"):
        Witness(keeper, listen)


def test_an_address_that_is_taken_is_said(keeper: Keeper) -> None:
    with answering(keeper, "127.0.0.1:0") as address, pytest.raises(Fault, match="cannot be listened on"):
        Witness(keeper, address.removeprefix("http://"))


@pytest.mark.parametrize(
    ("url", "folder", "reach"),
    [
        ("https://witness.example", "", Reach.OUTSIDE),
        ("http://127.0.0.1:8443", "", Reach.BUNDLED),
        ("unix:/run/witness", "", Reach.BUNDLED),
        ("", "/srv/witness", Reach.BUNDLED),
        ("", "", Reach.STICK),
    ],
)
def test_a_witness_of_this_machine_is_never_taken_for_an_independent_one(url: str, folder: str, reach: Reach) -> None:
    assert AskedWitness(NAME, "", url, folder).reach is reach


def test_the_command_serves_until_it_is_told_to_end(keeper: Keeper, sealed: SealedLog, tmp_path: Path) -> None:
    code = "import sys; from beholden.cli import main; sys.exit(main())"
    command = [sys.executable, "-c", code, "witness", "serve", str(tmp_path / "witness"), "--listen", "127.0.0.1:0"]
    with subprocess.Popen(
        command, env={**os.environ, "PYTHONPATH": str(SRC)}, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        asked = AskedWitness(NAME, keeper.key.vkey, address)
        assert asked.add_checkpoint(question(0, (), sealed.checkpoints[5])).status == 200
        process.terminate()
        assert process.wait(20) == 0


@pytest.fixture
def bundled(agency: Agency, tmp_path: Path) -> Path:
    keeper = Keeper.make(tmp_path / "bundled", NAME)
    keeper.trust(log.vkeys(agency.system)[0])
    witness = AskedWitness(NAME, keeper.key.vkey, folder=str(tmp_path / "bundled"))
    agency.system = replace(agency.system, cosigners=(witness,))
    return tmp_path / "bundled"


def test_a_bundled_witness_that_was_killed_is_started_anew_and_ends_with_the_server(bundled: Path) -> None:
    one = Bundled(str(bundled))
    assert one.pid == 0
    one.keep()
    first = one.pid
    one.keep()
    assert one.pid == first > 0
    os.kill(first, 9)
    wait_for(lambda: one.pid == 0)
    one.keep()
    second = one.pid
    assert second not in (0, first)
    one.stop()
    assert one.pid == 0
    with pytest.raises(ProcessLookupError):
        os.kill(second, 0)
    one.stop()


def test_req_91_while_a_server_runs_every_act_is_sealed_and_cosigned_within_moments(
    agency: Agency, bundled: Path
) -> None:
    upkeep = Upkeep(agency.system, Figures(lambda: vital(agency.system)), seal_s=0.05, work_s=3600)
    upkeep.start()
    try:
        for _ in range(3):
            agency.case()
            wait_for(lambda: vital(agency.system).unwitnessed == 0)
        assert (bundled / SOCKET).exists()
        assert [task.problem for task in upkeep.tasks] == ["", "", "", ""]
    finally:
        upkeep.stop()
    assert not (bundled / SOCKET).exists()
    note = agency.system.witness.read(tiles.CHECKPOINT)
    assert [one.name for one in cosignatures.read(note, log.vkeys(agency.system))] == [NAME]


def test_a_witness_that_is_silent_is_told_of_once_and_health_says_when_it_is_late(
    agency: Agency, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    key = Keeper.make(tmp_path / "w", NAME).key
    away = AskedWitness(NAME, key.vkey, f"unix:{tmp_path / 'nobody'}")
    agency.system = replace(agency.system, cosigners=(away,))
    log.seal(agency.system)
    upkeep = Upkeep(agency.system, Figures(lambda: vital(agency.system)))
    for _ in range(3):
        upkeep._ask_at = 0.0
        upkeep.ask()
    assert len([one for one in caplog.records if "not every witness" in one.message]) == 1
    upkeep.ask()  # left alone for a while
    agency.clock.pass_by(minutes=61)
    told = vital(agency.system)
    assert (told.witnesses, told.unwitnessed, told.unwitnessed_s) == (1, len(agency.leaves()), 3660)
    there = TestClient(make_app(agency.system), base_url="http://localhost", client=("127.0.0.1", 50_000)).get(
        "/health"
    )
    assert (there.status_code, there.json()["unwitnessed_age_s"]) == (503, 3660)
    assert there.json()["problems"] == [
        "no witness has seen the log for longer than the policy allows: nothing is searched"
    ]
