"""What goes wrong on the server is the same error here, with every reason; what is not sent is said to be not sent."""

from __future__ import annotations

import asyncio
import ssl
from datetime import datetime

import pytest

from beholden.api.shapes.casework import GivenNecessity
from beholden.client import AsyncClient, Client
from beholden.errors import (
    BadInput,
    BeholdenError,
    Changed,
    Fault,
    Missing,
    Refused,
    SignInRefused,
    TurnedAway,
    UnreadableImage,
)
from tests.agency import PURPOSE
from tests.client.conftest import Staffed

NOWHERE = "http://localhost:1"
served = pytest.mark.enable_socket


@served
def test_a_refusal_has_every_reason_and_the_entry_of_the_log(staffed: Staffed) -> None:
    with staffed.client("aude") as aude, pytest.raises(Refused) as caught:
        aude.cases.open(reference="2026-1", purpose="curiosity")
    refused = caught.value
    assert type(refused) is Refused
    assert (refused.status, refused.exit_code) == (403, 3)
    assert len(refused.reasons) > 1
    assert all(one.rule_id and one.why and one.source and one.how_to_proceed for one in refused.reasons)
    assert str(refused) == "; ".join(one.why for one in refused.reasons)
    with staffed.client("aude") as aude:
        told = next(entry for entry in aude.log.entries(event="case.opened") if entry.n == refused.entry)
    assert (told.outcome, told.rules) == ("refused", [one.rule_id for one in refused.reasons])


@served
def test_who_is_not_signed_in_is_told_so(staffed: Staffed) -> None:
    with Client(staffed.address) as nobody:
        with pytest.raises(SignInRefused) as caught:
            nobody.whoami()
        assert caught.value.status == 401
        assert caught.value.reasons
        with pytest.raises(SignInRefused):
            nobody.sign_in(name="nobody", passphrase="not a passphrase of anybody")
    closed = staffed.client("ines")
    closed.close()
    assert closed._line.exchange.bearer == ""
    assert staffed.bearers["ines"] not in repr(closed)


@served
def test_what_is_not_there_is_missing_whatever_its_id_looks_like(staffed: Staffed) -> None:
    with staffed.client("ines") as ines:
        for id in ("0" * 32, "../people", "a/b", "ä ö?x=1#y", "%2e%2e", "a\nb", "x" * 150):
            with pytest.raises(Missing):
                ines.cases.show(id)
        for id in ("", ".", ".."):
            with pytest.raises(BadInput, match=r"is no id: .* nothing was sent"):
                ines.cases.show(id)
        with pytest.raises(BadInput, match="a character that is none"):
            ines.cases.show("half \ud800")
        with pytest.raises(BadInput, match="longer than any server takes"):
            ines.cases.show("x" * 100_000)


@served
def test_a_record_that_changed_meanwhile_is_told_under_the_version_that_was_read(staffed: Staffed) -> None:
    with staffed.client("ines") as ines, staffed.client("sven") as sven:
        case = ines.cases.open(reference="2026-2", purpose=PURPOSE)
        assigned = sven.cases.assign(case.id, person_id=staffed.ids["ivo"], version=case.version)
        assert assigned.version == case.version + 1
        with pytest.raises(Changed) as caught:
            ines.cases.close(case.id, outcome="found", version=case.version)
        assert caught.value.status == 412
        assert ines.cases.close(case.id, outcome="found", version=assigned.version).state == "closed"


@served
def test_a_file_that_is_no_picture_is_an_unreadable_image(staffed: Staffed) -> None:
    with staffed.client("ines") as ines:
        case = ines.cases.open(reference="2026-3", purpose=PURPOSE)
        with pytest.raises(UnreadableImage) as caught:
            ines.exhibits.add(case.id, b"no picture", origin="synthetic", why="a trial", file_name="bild ä.png")
        assert caught.value.status == 422
        with pytest.raises(TurnedAway, match="send a smaller file"):
            ines.exhibits.add(case.id, b"x" * (70 * 2**20), origin="synthetic", why="too large")


@served
def test_a_body_that_only_the_server_finds_wrong_keeps_its_reasons(staffed: Staffed) -> None:
    with staffed.client("ines", page=201) as ines, pytest.raises(BadInput) as caught:
        list(ines.cases.list())
    (reason,) = caught.value.reasons
    assert reason.rule_id == "request.as-described"
    assert "limit" in reason.why


def test_a_body_that_is_not_as_described_is_not_sent_and_not_said_back() -> None:
    necessity = GivenNecessity(less_intrusive="a", why_person="b", why_now="c")
    with Client(NOWHERE) as client, pytest.raises(BadInput, match="starts_at") as caught:
        client.authorities.request(
            case_id="1" * 300,
            sought_id="2",
            gallery_ids=["3"],
            necessity=necessity,
            starts_at=datetime(2026, 11, 22),  # noqa: DTZ001 - without its offset
            ends_at=datetime(2026, 11, 23),  # noqa: DTZ001
            searches=2**40,
        )
    assert {one.rule_id for one in caught.value.reasons} == {"request.as-described"}
    assert sorted(one.why.partition(":")[0] for one in caught.value.reasons) == [
        "case_id",
        "ends_at",
        "searches",
        "starts_at",
    ]
    assert "111" not in str(caught.value)
    with Client(NOWHERE) as client:
        for wrong in ("x" * 5000, "half \ud800"):
            with pytest.raises(BadInput):
                client.cases.open(reference=wrong, purpose=PURPOSE)
        with pytest.raises(BadInput, match="a character that is none"):
            client.images.enrol(b"", source_id="1", gallery_id="2", caption="half \ud800")


@served
def test_where_nothing_answers_one_is_told_to_start_the_server() -> None:
    words = r"nothing answers at http://localhost:1 .*nothing was sent. Start the server with `beholden serve`"
    with Client(NOWHERE) as client, pytest.raises(Fault, match=words):
        client.cases.open(reference="2026-1", purpose=PURPOSE)

    async def awaited() -> None:
        async with AsyncClient(NOWHERE) as client:
            await client.cases.open(reference="2026-1", purpose=PURPOSE)

    with pytest.raises(Fault, match=words):
        asyncio.run(awaited())


@pytest.mark.parametrize(
    "address",
    [
        "",
        "localhost:8000",
        "ftp://localhost",
        "http://",
        "http://localhost:8000/v1",
        "http://a@localhost",
        "http://localhost?x",
    ],
)
def test_what_is_no_address_of_a_server_is_refused(address: str) -> None:
    with pytest.raises(BadInput, match="is no address of a server"):
        Client(address)


@pytest.mark.parametrize("host", ["faces.example.org", "10.0.0.5", "0.0.0.0", "localhost.example.org", "[2001:db8::1]"])
def test_passphrases_and_keys_never_cross_a_network_unencrypted(host: str) -> None:
    for kind in (Client, AsyncClient):
        with pytest.raises(BadInput, match="unencrypted; use the https:// address"):
            kind(f"http://{host}:8000")


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.8.9.1", "[::1]"])
def test_this_machine_itself_needs_no_encryption(host: str) -> None:
    with Client(f"http://{host}:8000/") as client:
        assert repr(client) == f"Client('http://{host}:8000')"


def test_certificates_are_always_checked() -> None:
    trusting = ssl.create_default_context()
    trusting.check_hostname = False
    with pytest.raises(BadInput, match="anybody who claims to be the server"):
        Client("https://faces.example.org", tls=trusting)
    with Client("https://faces.example.org", tls=ssl.create_default_context()):
        pass


@pytest.mark.parametrize("bearer", ["a b", "a\nb", "ä"])
def test_what_is_no_bearer_key_is_refused_without_saying_it(bearer: str) -> None:
    with pytest.raises(BadInput, match="this is no bearer key") as caught:
        Client("http://localhost:8000", bearer=bearer)
    assert bearer not in str(caught.value)


def test_every_error_of_the_tree_has_its_class_here() -> None:
    from beholden.client.errors import CLASSES

    tree, left = {BeholdenError}, [BeholdenError]
    while left:
        below = left.pop().__subclasses__()
        left += [one for one in below if one.__module__ == "beholden.errors"]
        tree |= set(left)
    assert set(CLASSES.values()) == tree
