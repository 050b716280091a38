"""What every adapter of the `Blobs` port must do. Subclass `BlobsContract`, give it a fixture `blobs` and say how to damage one."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor

import pytest

from beholden.errors import Missing, NotProven
from beholden.ports.blobs import Blobs

UNKNOWN = hashlib.sha256(b"never put").hexdigest()
NO_ADDRESSES = (
    "",
    "/",
    "..",
    "../../etc/passwd",
    "ab",
    "ab/cd",
    UNKNOWN.upper(),
    f"{UNKNOWN}\n",
    f"{UNKNOWN}0",
    "\x00" * 64,
)


class BlobsContract:
    def damage(self, blobs: Blobs, address: str) -> None:
        """Change a byte of what is held, past the adapter."""
        raise NotImplementedError("say in the subclass how a byte of a blob is changed past the adapter")

    @pytest.mark.parametrize("sealed", [b"", b"\x00", bytes(range(256)), bytes(3_000_000)])
    def test_what_is_put_is_got_under_its_own_digest(self, blobs: Blobs, sealed: bytes) -> None:
        address = blobs.put(sealed)
        assert address == hashlib.sha256(sealed).hexdigest()
        assert blobs.get(address) == sealed

    def test_putting_twice_is_putting_once(self, blobs: Blobs) -> None:
        assert blobs.put(b"sealed") == blobs.put(b"sealed")
        assert list(blobs.addresses()) == [hashlib.sha256(b"sealed").hexdigest()]

    def test_an_unknown_address_is_missing(self, blobs: Blobs) -> None:
        blobs.put(b"another")
        with pytest.raises(Missing, match=UNKNOWN):
            blobs.get(UNKNOWN)

    @pytest.mark.parametrize("address", NO_ADDRESSES)
    def test_what_is_no_address_is_missing_and_purging_it_does_nothing(self, blobs: Blobs, address: str) -> None:
        blobs.put(b"another")
        with pytest.raises(Missing):
            blobs.get(address)
        blobs.purge(address)
        assert list(blobs.addresses()) == [hashlib.sha256(b"another").hexdigest()]

    def test_bytes_that_are_no_longer_those_of_the_address_are_not_given(self, blobs: Blobs) -> None:
        address = blobs.put(b"sealed bytes")
        self.damage(blobs, address)
        with pytest.raises(NotProven, match="backup"):
            blobs.get(address)

    def test_a_damaged_blob_can_be_put_again(self, blobs: Blobs) -> None:
        address = blobs.put(b"sealed bytes")
        self.damage(blobs, address)
        assert blobs.put(b"sealed bytes") == address
        assert blobs.get(address) == b"sealed bytes"

    def test_a_purged_blob_is_missing_and_the_others_are_not(self, blobs: Blobs) -> None:
        gone, stays = blobs.put(b"gone"), blobs.put(b"stays")
        blobs.purge(gone)
        with pytest.raises(Missing):
            blobs.get(gone)
        assert blobs.get(stays) == b"stays"
        assert list(blobs.addresses()) == [stays]

    def test_an_unknown_address_is_ignored_when_purged(self, blobs: Blobs) -> None:
        gone = blobs.put(b"gone")
        blobs.purge(gone)
        blobs.purge(gone)
        blobs.purge(UNKNOWN)
        assert list(blobs.addresses()) == []

    def test_a_purged_blob_can_be_put_again(self, blobs: Blobs) -> None:
        address = blobs.put(b"sealed")
        blobs.purge(address)
        assert blobs.put(b"sealed") == address
        assert blobs.get(address) == b"sealed"

    def test_all_addresses_that_are_held_are_told(self, blobs: Blobs) -> None:
        assert list(blobs.addresses()) == []
        put = {blobs.put(f"blob {i}".encode()) for i in range(40)}
        told = list(blobs.addresses())
        assert set(told) == put
        assert len(told) == len(put)

    def test_many_threads_may_put_the_same_and_different_blobs(self, blobs: Blobs) -> None:
        def work(own: int) -> None:
            for i in range(5):
                assert blobs.get(blobs.put(f"shared {i}".encode())) == f"shared {i}".encode()
                blobs.put(f"own {own} {i}".encode())

        with ThreadPoolExecutor(4) as threads:
            list(threads.map(work, range(4)))
        assert len(list(blobs.addresses())) == 5 + 4 * 5
