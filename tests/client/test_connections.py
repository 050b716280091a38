"""Connections that break, servers that end, and what answers in a server's place."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from beholden import __version__
from beholden.client import AsyncClient, Client
from beholden.errors import BeholdenError, Changed, Fault, TooOften, TurnedAway, UnreadableImage
from tests.agency import PURPOSE
from tests.client.conftest import PASSPHRASE, Staffed
from tests.edges.terminal import make
from tests.server.test_process import served

pytestmark = pytest.mark.enable_socket
CASE = {
    "id": "1",
    "version": 1,
    "reference": "r",
    "title": "",
    "purpose": PURPOSE,
    "assigned": [],
    "state": "open",
    "outcome": "",
    "ended_as": "other",
    "kept_decision": "",
    "why_kept": "",
    "look_again_on": "",
}


def answer(status: int, body: object, kind: str = "application/json", *headers: str) -> bytes:
    content = body.encode() if isinstance(body, str) else json.dumps(body).encode()
    head = [f"HTTP/1.1 {status} X", f"Content-Type: {kind}", f"Content-Length: {len(content)}", *headers]
    return "\r\n".join([*head, "Connection: close", "", ""]).encode() + content


def problem(status: int, kind: str, *headers: str) -> bytes:
    told = {"type": kind, "title": "t", "status": status, "detail": "what happened", "reasons": [], "entry": None}
    return answer(status, told, "application/problem+json", *headers)


GOOD = answer(201, CASE)
HANGS = b"hangs"
ENDS = b"ends"


@contextmanager
def speaking(*answers: bytes) -> Iterator[tuple[str, list[bytes]]]:
    """A server that gives these answers, one a connection; an empty one breaks the connection. What it was sent."""
    got: list[bytes] = []
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

        def speak() -> None:
            for one in answers:
                connection, _ = listener.accept()
                with connection:
                    got.append(_read(connection))
                    if one == HANGS:
                        over.wait(10)
                    elif one == ENDS:
                        listener.close()
                    elif one:
                        connection.sendall(one)
            listener.close()

        thread = threading.Thread(target=speak, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{port}", got
        over.set()
        thread.join(10)
        assert not thread.is_alive(), "not every answer was asked for"


def _read(connection: socket.socket) -> bytes:
    read = b""
    while b"\r\n\r\n" not in read:
        read += connection.recv(65536)
    head, _, body = read.partition(b"\r\n\r\n")
    lengths = [line.split(b":")[1] for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")]
    while len(body) < int(lengths[0] if lengths else 0):
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


def header(request: bytes, name: str) -> str:
    lines = request.partition(b"\r\n\r\n")[0].decode().split("\r\n")[1:]
    return {line.partition(": ")[0].lower(): line.partition(": ")[2] for line in lines}.get(name.lower(), "")


def test_a_request_whose_connection_broke_is_sent_once_more_under_the_same_key() -> None:
    with speaking(b"", GOOD, GOOD) as (address, got), Client(address, bearer="abc") as client:
        assert client.cases.open(reference="r", purpose=PURPOSE).id == "1"
        client.cases.open(reference="r", purpose=PURPOSE)
    assert got[0] == got[1]
    keys = [header(one, "Idempotency-Key") for one in got]
    assert keys[0] == keys[1] != keys[2]
    assert all(len(key) >= 32 for key in keys)


def test_a_request_whose_connection_broke_is_sent_once_more_when_it_is_awaited() -> None:
    async def awaited(address: str) -> str:
        async with AsyncClient(address, bearer="abc") as client:
            return (await client.cases.open(reference="r", purpose=PURPOSE)).id

    with speaking(b"", GOOD) as (address, got):
        assert asyncio.run(awaited(address)) == "1"
    assert got[0] == got[1]


def test_a_photograph_is_sent_again_byte_for_byte() -> None:
    picture = bytes(range(256)) * 2000
    answers = (b"", problem(422, "urn:beholden:UnreadableImage"))
    with speaking(*answers) as (address, got), Client(address) as client, pytest.raises(UnreadableImage):
        client.exhibits.add("1", picture, origin="synthetic", why="ä", file_name="ö.png")
    assert got[0] == got[1]
    assert picture in got[0]


def opening(address: str, **how: float) -> str:
    """What is said of a case that could not be opened."""
    with Client(address, **how) as client, pytest.raises(Fault) as caught:  # type: ignore[arg-type]  # only its time
        client.cases.open(reference="r", purpose=PURPOSE)
    return str(caught.value)


def test_a_connection_that_breaks_twice_leaves_it_open_whether_it_was_done() -> None:
    with speaking(b"", b"") as (address, got):
        assert opening(address) == (
            f"the connection to {address} broke before its answer came; what was asked may have been done. "
            "Look before you ask for it again"
        )
    assert len(got) == 2


def test_a_server_that_ends_under_a_request_is_told_as_gone() -> None:
    with speaking(ENDS) as (address, _):
        said = opening(address)
    assert said.startswith(f"the connection to {address} broke, and nothing answers there now; what was asked may have")


def test_signing_in_and_out_is_never_sent_twice() -> None:
    with speaking(b"", b"") as (address, got), Client(address, bearer="abc") as client:
        with pytest.raises(Fault, match="may have been done") as caught:
            client.sign_in(name="ines", passphrase=PASSPHRASE)
        assert PASSPHRASE not in str(caught.value)
        with pytest.raises(Fault):
            client.sign_out()
    assert [header(one, "Authorization") for one in got] == ["", "Bearer abc"]
    assert [header(one, "Idempotency-Key") for one in got] == ["", ""]


def test_no_answer_in_time_is_told_and_not_asked_again() -> None:
    with speaking(HANGS) as (address, got):
        assert "did not answer in time; what was asked may have been done" in opening(address, timeout_s=0.2)
    assert len(got) == 1


def test_a_redirect_is_not_followed_and_the_key_goes_nowhere_else(monkeypatch: pytest.MonkeyPatch) -> None:
    with speaking(answer(201, CASE)) as (elsewhere, stolen):
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, elsewhere)
        monkeypatch.setenv("NO_PROXY", "")
        moved = answer(307, "", "text/html", f"Location: {elsewhere}/v1/cases")
        with speaking(moved) as (address, _):
            said = opening(address)
        assert "answered 307, and not as a server of Beholden does" in said
        assert said.endswith("A redirect is not followed")
        assert stolen == []
        with Client(elsewhere) as client:  # so that it ends
            client.cases.open(reference="r", purpose=PURPOSE)


@pytest.mark.parametrize(
    "strange",
    [
        answer(502, "<h1>Bad gateway</h1>", "text/html"),
        answer(500, "{}", "application/problem+json"),
        answer(201, "<h1>Please sign in to the network</h1>", "text/html"),
        answer(201, {"id": 3}),
    ],
    ids=["a proxy's page", "no problem", "a portal", "another program"],
)
def test_an_answer_of_something_else_is_told_as_that(strange: bytes) -> None:
    with speaking(strange) as (address, _):
        assert "not as a server of Beholden does; check the address" in opening(address)


def test_an_answer_of_another_version_names_both() -> None:
    newer = answer(201, {**CASE, "colour": "blue"}, "application/json", "Beholden-Version: 9.0")
    with speaking(newer) as (address, _):
        said = opening(address)
    assert f"the server is of version 9.0, the client of version {__version__}" in said


def test_what_a_guard_stops_says_how_long_to_wait() -> None:
    answers = (
        problem(429, "urn:beholden:TooOften", "Retry-After: 7"),
        problem(429, "urn:beholden:TooOften"),
        problem(421, "urn:beholden:TurnedAway"),
        problem(405, "about:blank"),
        problem(418, "urn:beholden:OfAnotherVersion"),
    )
    with speaking(*answers) as (address, _), Client(address) as client:
        seen = []
        for _ in answers:
            with pytest.raises(BeholdenError) as caught:
                client.cases.show("1")
            seen.append(caught.value)
    assert [type(one) for one in seen] == [TooOften, TooOften, TurnedAway, TurnedAway, BeholdenError]
    assert [one.status for one in seen] == [429, 429, 421, 405, 418]
    assert [one.wait_s for one in seen if isinstance(one, TooOften)] == [7, 60]
    assert {str(one) for one in seen} == {"what happened"}


def test_a_list_is_fetched_page_after_page_as_it_is_needed(staffed: Staffed) -> None:
    with staffed.client("ivo") as ivo, staffed.client("ivo", page=2) as by_two:
        opened = {ivo.cases.open(reference=f"paged {number}", purpose=PURPOSE).id for number in range(5)}
        assert [one.id for one in by_two.cases.list()] == [one.id for one in ivo.cases.list()]
        assert {one.id for one in by_two.cases.list(filter="paged")} == opened
        assert [one.reference for one in by_two.cases.list(filter="paged 3")] == ["paged 3"]
        assert list(by_two.cases.list(filter="nothing like it")) == []
        part = by_two.cases.list(filter="paged")
        assert next(part).id in opened

    async def awaited() -> set[str]:
        async with AsyncClient(staffed.address, bearer=staffed.bearers["ivo"], page=2) as client:
            return {one.id async for one in client.cases.list(filter="paged")}

    assert asyncio.run(awaited()) == opened


def test_a_key_repeated_by_hand_is_done_once_on_the_server(staffed: Staffed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("secrets.token_urlsafe", lambda _: "the same key again and again 123")
    with staffed.client("ivo") as ivo:
        first = ivo.cases.open(reference="once", purpose=PURPOSE)
        assert ivo.cases.open(reference="once", purpose=PURPOSE) == first
        assert [one.id for one in ivo.cases.list(filter="once")] == [first.id]
    with staffed.client("ada") as ada:
        ada.people.add(name="nora", roles=["examiner"])
        with pytest.raises(Changed, match="was sent before"):
            ada.people.add(name="nora", roles=["examiner"])


def test_a_server_that_was_killed_is_told_as_gone_and_back_again_it_is_used_on(tmp_path: Path) -> None:
    token = make(tmp_path)["token"]
    with served(tmp_path / "data") as server:
        client = Client(server.address)
        bearer = client.accept(name="ada", token=token, passphrase=PASSPHRASE).bearer
        assert [one.name for one in client.people.list()] == ["ada"]
        server.ended(signal.SIGKILL)
        began = time.monotonic()
        with pytest.raises(Fault, match=r"nothing answers (at|there).*"):
            client.people.add(name="ines", roles=["investigator"])
        assert time.monotonic() - began < 5
        client.close()
    with served(tmp_path / "data") as server, Client(server.address, bearer=bearer) as client:
        assert client.whoami().person.name == "ada"
        assert [one.name for one in client.people.list()] == ["ada"]
        server.ended(signal.SIGTERM)
