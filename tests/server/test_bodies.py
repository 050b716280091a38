"""How much may be sent, how fast, by whom, and where it lies meanwhile."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.responses import PlainTextResponse, Response
from starlette.types import Message, Receive, Scope, Send

from beholden.errors import BeholdenError
from beholden.serving.bodies import AT_ONCE, DOCUMENT, MORE, SMALL, Bodies
from tests.agency import Agency
from tests.server.door import HERE, client_of, signed_in

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
PICTURE = {"Content-Type": "multipart/form-data; boundary=x"}


def test_a_form_larger_than_any_is_turned_away_signed_in_or_not(agency: Agency) -> None:
    client = client_of(agency)
    for _ in range(2):
        assert client.post("/probe", content=b"x" * SMALL, headers=HERE | FORM).status_code == 200
        answer = client.post("/probe", content=b"x" * (SMALL + 1), headers=HERE | FORM)
        assert answer.status_code == 413
        assert f"{SMALL:,} bytes" in answer.text
        signed_in(client, agency, "ines")


def test_a_body_that_does_not_tell_its_length_is_counted(agency: Agency) -> None:
    def parts() -> Iterator[bytes]:
        for _ in range(100):
            yield b"x" * (SMALL // 50)

    assert client_of(agency).post("/probe", content=parts(), headers=HERE | FORM).status_code == 413


def test_req_113_only_who_is_signed_in_may_send_a_picture(agency: Agency) -> None:
    """A cookie of any value is no proof: four such senders would keep the memory for bodies from everybody."""
    client = client_of(agency)
    picture = {"picture": ("frame.png", b"x" * (3 * SMALL))}
    ended = {"Cookie": "beholden_session=ended"}
    borrowed = {"Authorization": f"Bearer {agency['ines'].session}"}  # opens the REST, and no page
    for shown in ({}, ended, {"Cookie": "a=b"}, borrowed):
        assert client.post("/probe/upload", files=picture, headers=HERE | shown).status_code == 413
    answer = client.post("/v1/images", files=picture, headers={"Authorization": "Bearer x"})
    assert (answer.status_code, answer.json()["type"]) == (413, "urn:beholden:TurnedAway")
    signed_in(client, agency, "ines")
    assert client.post("/probe/upload", files=picture, headers=HERE).json()["bytes"] == 3 * SMALL


def test_a_picture_larger_than_any_is_turned_away_by_its_length_alone(agency: Agency) -> None:
    client = client_of(agency)
    signed_in(client, agency, "ines")
    most = agency.system.media.max_bytes + MORE
    headers = HERE | {"Content-Type": "image/png", "Content-Length": str(most + 1)}
    answer = client.post("/probe/upload", content=b"", headers=headers)
    assert answer.status_code == 413
    assert f"{most:,} bytes" in answer.text


def test_a_document_of_rest_has_its_own_limit_and_a_problem(agency: Agency) -> None:
    headers = {"Authorization": f"Bearer {agency['ines'].session}", "Content-Type": "application/json"}
    answer = client_of(agency).post("/v1/cases", content=b" " * (DOCUMENT + 1), headers=headers)
    assert (answer.status_code, answer.json()["type"]) == (413, "urn:beholden:TurnedAway")


def test_req_113_an_upload_never_lies_in_a_temporary_file(
    agency: Agency, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The folder of temporary files is in no byte scan: what lay there would outlive its erasure."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    opened: list[object] = []
    monkeypatch.setattr(tempfile.SpooledTemporaryFile, "rollover", lambda self: opened.append(self))
    client = client_of(agency)
    signed_in(client, agency, "ines")
    sent = {"picture": ("frame.png", b"x" * 5_000_000)}
    assert client.post("/probe/upload", files=sent, headers=HERE).json() == {"bytes": 5_000_000, "on disk": False}
    assert opened == []
    assert list(tmp_path.iterdir()) == []


class _Sent:
    """A request that comes in the given pieces, each after its seconds; and what was answered."""

    def __init__(self, *pieces: tuple[float, Message]) -> None:
        self.pieces = list(pieces)
        self.status = 0
        self.reached: list[bytes] = []

    async def receive(self) -> Message:
        seconds, message = self.pieces.pop(0) if self.pieces else (3600.0, {"type": "http.disconnect"})
        await asyncio.sleep(seconds)
        return message

    async def send(self, message: Message) -> None:
        self.status = message.get("status", self.status)

    async def app(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.reached.append((await receive())["body"])
        await PlainTextResponse("taken")(scope, receive, send)

    def go(self, bodies: Bodies, headers: dict[str, str]) -> int:
        scope: dict[str, Any] = {
            "type": "http",
            "method": "POST",
            "path": "/",
            "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
        }
        asyncio.run(bodies(scope, self.receive, self.send))
        return self.status


def piece(body: bytes, more: bool) -> Message:
    return {"type": "http.request", "body": body, "more_body": more}


def _plain(_: object, error: BeholdenError) -> Response:
    return PlainTextResponse(str(error), error.status)


def bodies_of(sent: _Sent, **how: float) -> Bodies:
    return Bodies(sent.app, picture=1000, answer=_plain, known=lambda _: True, **how)


def test_a_body_comes_whole_or_not_at_all() -> None:
    sent = _Sent((0, piece(b"one ", True)), (0, piece(b"two", False)))
    assert sent.go(bodies_of(sent), {}) == 200
    assert sent.reached == [b"one two"]


def test_who_sends_slowly_is_not_waited_for() -> None:
    sent = _Sent((0, piece(b"one", True)), (5, piece(b"two", False)))
    assert sent.go(bodies_of(sent, chunk_s=0.02), {}) == 408
    drop_by_drop = _Sent(*[(0.02, piece(b"x", True)) for _ in range(100)])
    assert drop_by_drop.go(bodies_of(drop_by_drop, chunk_s=1, whole_s=0.1), {}) == 408
    assert sent.reached == drop_by_drop.reached == []


def test_a_form_has_a_minute_and_a_picture_that_comes_at_all_has_longer() -> None:
    form = _Sent(*[(0.02, piece(b"x", True)) for _ in range(100)])
    assert form.go(bodies_of(form, form_s=0.1), {}) == 408
    picture = _Sent((0, piece(b"x" * (SMALL + 1), True)), (0.3, piece(b"x", False)))
    assert picture.go(bodies_of(picture, form_s=0.1), PICTURE) == 200


@pytest.mark.parametrize("charset", ["punycode", "utf-7", '"UniCode_Escape"', "idna", "latin-1", ""])
def test_req_113_no_form_chooses_the_codec_that_reads_it(agency: Agency, charset: str) -> None:
    """Some of Python's take seconds for a few kilobytes, in the loop that answers everybody; some make no text."""
    kind = f"multipart/form-data; boundary=b; charset={charset}"
    part = b'--b\r\nContent-Disposition: form-data; name="name"\r\n\r\n%b\r\n--b--\r\n'
    client = client_of(agency)
    for content in (part % b"+2AA-", part % (b"-" + b"9" * 200_000)):
        answer = client.post("/sign-in", content=content, headers=HERE | {"Content-Type": kind})
        assert (answer.status_code, "UTF-8" in answer.text) == (415, True)
    rest = client.post("/v1/images", content=part, headers={"Content-Type": kind})
    assert (rest.status_code, rest.json()["type"]) == (415, "urn:beholden:TurnedAway")
    plain = client.post("/sign-in", content=part % b"ada", headers=HERE | {"Content-Type": kind.rpartition(";")[0]})
    assert plain.status_code == 401


def test_who_hangs_up_half_way_has_sent_nothing() -> None:
    sent = _Sent((0, piece(b"half", True)), (0, {"type": "http.disconnect"}))
    assert sent.go(bodies_of(sent), {}) == 0
    assert sent.reached == []


def test_the_memory_for_bodies_is_bounded_and_given_back() -> None:
    most = 1000 + MORE
    first = _Sent((0, piece(b"x" * most, False)))
    bodies = bodies_of(first)
    others = AT_ONCE * most - (most - SMALL)
    bodies._allowance.taken = others + 1  # as if others were sending
    assert first.go(bodies, PICTURE) == 503
    bodies._allowance.taken -= 1
    again = _Sent(*[(0.0, piece(b"x" * (most // 10), True))] * 10, (0, piece(b"", False)))
    bodies._app = again.app
    assert again.go(bodies, PICTURE) == 200
    assert bodies._allowance.taken == others


def test_req_113_a_form_comes_through_however_much_others_send() -> None:
    form = _Sent((0, piece(b"x" * SMALL, False)))
    bodies = bodies_of(form)
    bodies._allowance.taken = bodies._allowance.most
    assert form.go(bodies, {}) == 200
