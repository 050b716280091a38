"""Connections: silent ones, slow ones, broken ones. A person's browser is answered beside all of them."""

from __future__ import annotations

import asyncio
import re
import signal
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, suppress
from typing import Any

import pytest
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn import Config
from uvicorn.server import ServerState

from beholden.serving.bodies import KNOWN
from beholden.serving.connections import MOST_OF_STRANGER, MOST_TOGETHER, Connection, Crowd
from tests.agency import Agency
from tests.edges.terminal import Office, make
from tests.server.door import SECRET, app_of
from tests.server.running import Served, served

pytestmark = pytest.mark.enable_socket
START = b"Host: localhost\r\n"
HEAD = b"POST /sign-in HTTP/1.1\r\n" + START + b"Sec-Fetch-Site: same-origin\r\n"
TYPED = HEAD + b"Content-Type: application/x-www-form-urlencoded\r\n"
FORM = TYPED + b"Content-Length: 1000\r\n\r\n"
GET = b"GET /sign-in HTTP/1.1\r\n" + START
LAST = b"Connection: close\r\n\r\n"


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    folder = tmp_path_factory.mktemp("office")
    make(folder)
    return Office(folder)


@pytest.fixture(scope="module")
def server(office: Office) -> Iterator[Served]:
    with served(office.data) as server:
        yield server
        code, _, err = server.ended(signal.SIGTERM)
        assert code == 0
        # Of all that strangers send, nothing but a line for each request that could be read.
        strange = [line for line in err.splitlines() if not re.search(r" beholden\.(access|connections) ", line)]
        assert strange == []


@pytest.fixture(scope="module")
def another(tmp_path_factory: pytest.TempPathFactory) -> Office:
    folder = tmp_path_factory.mktemp("another")
    make(folder)
    return Office(folder)


@pytest.fixture
def crowded(another: Office) -> Iterator[Served]:
    """One of its own: what comes from one address is counted, and this comes from ours."""
    with served(another.data) as server:
        yield server
        assert server.ended(signal.SIGTERM)[0] == 0


@pytest.mark.parametrize(
    "sent", [b"", GET, FORM, FORM + b"name="], ids=["silent", "half a head", "no body", "half a body"]
)
def test_req_113_a_browser_is_answered_beside_400_connections_that_send_nothing_more(
    crowded: Served, sent: bytes
) -> None:
    with ExitStack() as held:
        for _ in range(2 * MOST_TOGETHER):
            one = held.enter_context(crowded.connected())
            with suppress(OSError):  # cut off already
                one.sendall(sent)
        assert crowded.get("/sign-in")[0] == 200
        assert crowded.health["ok"]


def test_req_113_a_browser_is_answered_beside_250_connections_that_take_no_answer(crowded: Served) -> None:
    with ExitStack() as held:
        for _ in range(MOST_TOGETHER + 50):
            one = held.enter_context(socket.socket())
            one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            one.connect(("127.0.0.1", crowded.port))
            one.setblocking(False)
            with suppress(OSError):
                one.send(b"GET /v1/openapi.json HTTP/1.1\r\n" + START + b"\r\n")
        assert crowded.get("/sign-in")[0] == 200


def chunked(*chunks: bytes) -> bytes:
    return TYPED + b"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n" + b"".join(chunks)


BAD = {
    "two lengths": (TYPED + b"Content-Length: 5\r\nContent-Length: 6\r\n" + LAST + b"hello", 400),
    "a length and chunks": (TYPED + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n" + LAST + b"0\r\n\r\n", 400),
    "chunks in HTTP/1.0": (TYPED.replace(b"1.1", b"1.0") + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    "another coding": (TYPED + b"Transfer-Encoding: gzip, chunked\r\n" + LAST, 400),
    "a length below nothing": (TYPED + b"Content-Length: -5\r\n" + LAST, 400),
    "a length with a sign": (TYPED + b"Content-Length: +5\r\n" + LAST, 400),
    "a length without end": (TYPED + b"Content-Length: " + b"9" * 30 + b"\r\n" + LAST, 400),
    "a length in other digits": (TYPED + "Content-Length: \u0665\r\n".encode() + LAST, 400),
    "a chunk of no size": (chunked(b"zz\r\n\r\n"), 400),
    "a chunk below nothing": (chunked(b"-5\r\nhello\r\n0\r\n\r\n"), 400),
    "chunks without end": (chunked(*[b"10000\r\n" + b"x" * 65536 + b"\r\n"] * 8, b"0\r\n\r\n"), 413),
    "more than is taken": (TYPED + b"Content-Length: 600000\r\n\r\n" + b"x" * 600_000, 413),
    "a space before the colon": (GET + b"X-A : b\r\n" + LAST, 400),
    "a nought": (GET + b"X-A: b\0c\r\n" + LAST, 400),
    "2,000 headers": (GET + b"".join(b"X-%d: a\r\n" % i for i in range(2000)) + LAST, 431),
    "a huge cookie": (GET + b"Cookie: a=" + b"b" * 60_000 + b"\r\n" + LAST, 431),
    "a cookie of any bytes": (
        GET + b"Cookie: beholden_session=\xff; beholden_device=\xff; language=\xff\r\n" + LAST,
        200,
    ),
    "no host": (b"GET /sign-in HTTP/1.1\r\n" + LAST, 400),
    "no host in HTTP/1.0": (b"GET /sign-in HTTP/1.0\r\n\r\n", 421),
    "HTTP/1.0": (b"GET /sign-in HTTP/1.0\r\n" + START + b"\r\n", 200),
    "HTTP/0.9": (b"GET /sign-in\r\n\r\n", 400),
    "HTTP/2": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 421),
    "TLS": (bytes.fromhex("16030100c8010000c40303") + bytes(180), 400),
    "a host of any bytes": (b"GET / HTTP/1.1\r\nHost: l\xc3\xb6calhost\r\n" + LAST, 421),
    "a port of other digits": (b"GET / HTTP/1.1\r\nHost: localhost:\xb2\r\n" + LAST, 421),
    "an address elsewhere": (b"GET http://evil/sign-in HTTP/1.1\r\n" + START + LAST, 404),
    "a tunnel": (b"CONNECT localhost:80 HTTP/1.1\r\n" + START + LAST, 403),
    "bytes in the address": (b"GET /caf\xc3\xa9 HTTP/1.1\r\n" + START + LAST, 400),
    "no text in the address": (b"GET /%ff%fe%00%zz HTTP/1.1\r\n" + START + LAST, 404),
    "half a character": (b"GET /cases/%ed%a0%80 HTTP/1.1\r\n" + START + LAST, 303),
    "a line in the address": (b"GET /cases/%0d%0aSet-Cookie:a=b HTTP/1.1\r\n" + START + LAST, 303),
    "out of the folder": (b"GET /static/x/%2e%2e/%2e%2e/page.py HTTP/1.1\r\n" + START + LAST, 404),
    "a web socket": (
        GET + b"Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nConnection: Upgrade, close\r\n\r\n",
        200,
    ),
    "a key of any bytes": (b"GET /v1/cases HTTP/1.1\r\nAuthorization: Bearer \xff\r\n" + START + LAST, 401),
    "no boundary": (HEAD + b"Content-Type: multipart/form-data\r\nContent-Length: 5\r\n" + LAST + b"hello", 422),
    "100,000 fields": (TYPED + b"Content-Length: 200000\r\n" + LAST + b"a&" * 100_000, 422),
}


@pytest.mark.parametrize(("sent", "status"), BAD.values(), ids=BAD)
def test_whatever_bytes_come_the_answer_is_one_with_the_headers_of_all(
    server: Served, sent: bytes, status: int
) -> None:
    answer = server.raw(sent)
    head, _, body = answer.partition(b"\r\n\r\n")
    assert int(head.split()[1]) == status, answer[:300]
    assert answer.count(b"HTTP/1.1 ") == 1
    for name in (b"content-security-policy: default-src 'none'", b"x-frame-options: deny", b"cache-control: no-store"):
        assert name in head.lower()
    assert b"set-cookie: a=b" not in head.lower()
    assert b"Traceback" not in body
    assert server.health["ok"]


def test_requests_in_a_row_on_one_connection_are_answered_in_a_row(server: Served) -> None:
    answer = server.raw((GET + b"\r\n") * 20 + GET + LAST)
    assert re.findall(rb"HTTP/1.1 \d+", answer) == [b"HTTP/1.1 200"] * 21
    answer = server.raw(GET + b"\r\nnonsense\r\n\r\n")
    assert re.findall(rb"HTTP/1.1 (\d+)", answer) == [b"200", b"400"]


class _Clock:
    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


class _Line:
    """Both ends of connections to one application, in this process, by a clock that stands still."""

    def __init__(self, app: ASGIApp, **how: Any) -> None:
        self.clock = _Clock()
        self.crowd = Crowd(**({"proxy": "", "now": self.clock} | how))
        self.state = ServerState()
        self.writers: list[asyncio.StreamWriter] = []
        self.config = Config(app, ws="none", lifespan="off", log_config=None, access_log=False)
        self.config.load()

    async def connect(self) -> tuple[Connection, asyncio.StreamReader, asyncio.StreamWriter]:
        loop = asyncio.get_running_loop()
        ours, theirs = socket.socketpair()
        made: list[Connection] = []

        def make() -> Connection:
            made.append(Connection(self.crowd, self.config, self.state, {}))
            return made[0]

        await loop.connect_accepted_socket(make, ours)
        reader, writer = await asyncio.open_connection(sock=theirs)
        self.writers.append(writer)
        return made[0], reader, writer

    def after(self, seconds: float) -> None:
        self.clock.seconds += seconds
        self.crowd.look(self.state.connections)  # type: ignore[arg-type]  # all of them are ours


@asynccontextmanager
async def line(app: ASGIApp, **how: Any) -> AsyncIterator[_Line]:
    there = _Line(app, **how)
    try:
        yield there
    finally:
        for one in [*there.state.connections]:
            one.transport.abort()
        for writer in there.writers:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()


async def hello(scope: Scope, receive: Receive, send: Send) -> None:
    await PlainTextResponse("hello")(scope, receive, send)


async def large(scope: Scope, receive: Receive, send: Send) -> None:
    await PlainTextResponse("x" * 10_000_000)(scope, receive, send)


def test_who_does_not_finish_a_head_is_cut_off_and_who_does_is_not() -> None:
    async def go() -> None:
        async with line(hello, head_s=10) as there:
            silent, slow, quick = [await there.connect() for _ in range(3)]
            slow[2].write(b"GET / HT")
            quick[2].write(b"GET / HTTP/1.1\r\n" + START + b"\r\n")
            assert b"200" in await quick[1].readuntil(b"hello")
            there.after(9)
            assert len(there.state.connections) == 3
            slow[2].write(b"TP/1.1\r\n")  # a little more buys no time
            there.after(2)
            assert await silent[1].read() == b""
            with suppress(ConnectionError):
                assert await slow[1].read() == b""
            assert there.state.connections == {quick[0]}  # between two requests: another limit's, which is uvicorn's
            quick[2].write(b"GET / HT")
            while not quick[0]._came:
                await asyncio.sleep(0)
            there.after(9)
            assert there.state.connections == {quick[0]}
            there.after(2)
            assert there.state.connections == set()

    asyncio.run(go())


def test_who_takes_nothing_of_an_answer_is_cut_off_and_who_takes_it_slowly_is_not() -> None:
    async def go() -> None:
        async with line(large, stall_s=30) as there:
            deaf, slow = [await there.connect() for _ in range(2)]
            for one in (deaf, slow):
                one[2].write(b"GET / HTTP/1.1\r\n" + START + b"\r\n")
                while not one[0].transport.get_write_buffer_size():
                    await asyncio.sleep(0)
            for _ in range(5):
                left = slow[0].transport.get_write_buffer_size()
                while slow[0].transport.get_write_buffer_size() > left - 100_000:
                    await slow[1].read(65536)
                there.after(20)
            assert there.state.connections == {slow[0]}

    asyncio.run(go())


def sends(size: int) -> bytes:
    return b"POST / HTTP/1.1\r\n" + START + b"Content-Length: 9000000\r\n\r\n" + b"x" * size


Ends = tuple[Connection, asyncio.StreamReader, asyncio.StreamWriter]


async def came(to: Ends, sent: bytes) -> None:
    """Sent, and read by the server."""
    before = to[0]._came
    to[2].write(sent)
    while to[0]._came < before + len(sent):
        await asyncio.sleep(0)


async def waits(scope: Scope, receive: Receive, send: Send) -> None:
    """Takes a body, that of somebody who is signed in where the path says so, and answers nobody."""
    if scope["path"] == "/known":
        scope["state"][KNOWN] = True
    while (await receive()).get("more_body"):
        pass
    await asyncio.Event().wait()


def test_the_slowest_of_those_who_keep_us_waiting_makes_room() -> None:
    async def go() -> None:
        working = asyncio.Event()

        async def works(scope: Scope, receive: Receive, send: Send) -> None:
            while (await receive()).get("more_body"):
                pass
            await working.wait()
            await hello(scope, receive, send)

        async with line(works, most=4) as there:
            worked, upload, silent, drips = [await there.connect() for _ in range(4)]
            worked[2].write(b"GET / HTTP/1.1\r\n" + START + b"\r\n")
            while worked[0].keeps_us_waiting:
                await asyncio.sleep(0)
            there.clock.seconds = 4.5
            await came(upload, sends(60_000))
            await came(drips, b"GET / HTTP/1.1\r\n" + b"x: y\r\n" * 10)
            there.clock.seconds = 5.6
            new = await there.connect()
            assert there.state.connections == {worked[0], upload[0], drips[0], new[0]}
            newer = await there.connect()
            assert there.state.connections == {worked[0], upload[0], new[0], newer[0]}
            working.set()
            assert b"hello" in await worked[1].readuntil(b"hello")
            del silent

    asyncio.run(go())


def test_who_sent_much_at_once_and_stalls_makes_room_for_who_has_just_come() -> None:
    async def go() -> None:
        async with line(waits, most=10) as there:
            for _ in range(10):
                await came(await there.connect(), sends(250_000))
            there.clock.seconds = 1.5
            new = await there.connect()
            for _ in range(5):
                there.clock.seconds += 0.1
                await came(await there.connect(), sends(250_000))
            assert new[0] in there.state.connections
            assert len(there.state.connections) == 10

    asyncio.run(go())


def test_of_those_who_have_all_just_come_the_eldest_makes_room() -> None:
    async def go() -> None:
        async with line(waits, most=5) as there:
            made = []
            for number in range(9):
                there.clock.seconds = number * 0.1
                made.append((await there.connect())[0])
            assert there.state.connections == set(made[4:])

    asyncio.run(go())


def test_who_is_signed_in_and_sends_stays_before_strangers_and_before_who_has_just_come() -> None:
    async def go() -> None:
        async with line(waits, most=3) as there:
            signed_in, stranger = await there.connect(), await there.connect()
            for now in (0.0, 1.0, 2.0):
                there.clock.seconds = now
                await came(signed_in, (sends(5_000).replace(b"/ ", b"/known ", 1) if not now else b"x" * 10_000))
                await came(stranger, sends(50_000) if not now else b"x" * 50_000)
            while not signed_in[0]._is_known:
                await asyncio.sleep(0)
            first = await there.connect()
            there.clock.seconds = 2.1
            second = await there.connect()
            assert there.state.connections == {signed_in[0], first[0], second[0]}
            there.clock.seconds = 2.2
            third = await there.connect()
            assert there.state.connections == {signed_in[0], second[0], third[0]}
            there.clock.seconds = 9.0  # it stalls
            fourth = await there.connect()
            assert there.state.connections == {second[0], third[0], fourth[0]}

    asyncio.run(go())


def test_of_those_who_are_equally_slow_one_of_the_network_with_most_makes_room() -> None:
    async def go() -> None:
        async with line(waits, most=4) as there:
            made = []
            for address in ("192.0.2.1", "192.0.2.2", "192.0.2.2", "192.0.2.3"):
                one = (await there.connect())[0]
                one.client = (address, 1)
                made.append(one)
            there.clock.seconds = 5.0
            await there.connect()
            assert there.state.connections > {made[0], made[3]}
            assert len(there.state.connections & {made[1], made[2]}) == 1

    asyncio.run(go())


def test_behind_a_proxy_who_comes_past_it_gets_a_few_connections_and_the_proxy_as_many_as_there_are() -> None:
    async def go() -> None:
        async with line(hello, proxy="10.0.0.2") as there:
            for address in ("192.0.2.1", "10.0.0.2", "127.0.0.1", "2001:db8::1"):
                for _ in range(MOST_OF_STRANGER + 5):
                    connection, _, _ = await there.connect()
                    there.state.connections.discard(connection)
                    connection.client = (address, 1)
                    there.state.connections.add(connection)
                    there.crowd.make_room(connection, there.state.connections)  # type: ignore[arg-type]
            kept = [one.client[0] for one in there.state.connections if one.client]
            assert {one: kept.count(one) - MOST_OF_STRANGER for one in set(kept)} == {
                "192.0.2.1": 0,
                "10.0.0.2": 5,
                "127.0.0.1": 5,
                "2001:db8::1": 0,
            }

    asyncio.run(go())


def test_half_an_answer_is_broken_off_and_its_words_are_not_written_down(
    agency: Agency, caplog: pytest.LogCaptureFixture
) -> None:
    def halves() -> Iterator[bytes]:
        yield b"half"
        raise RuntimeError(SECRET)

    async def go() -> bytes:
        app = app_of(agency)
        app.add_api_route("/half", lambda: StreamingResponse(halves()))
        async with line(app) as there:
            _, reader, writer = await there.connect()
            writer.write(b"GET /half HTTP/1.1\r\n" + START + b"\r\n")
            return await reader.read()

    answer = asyncio.run(go())
    assert b"half" in answer
    assert not answer.endswith(b"0\r\n\r\n")  # the end of all chunks
    assert "RuntimeError at" in caplog.text
    assert SECRET not in caplog.text
