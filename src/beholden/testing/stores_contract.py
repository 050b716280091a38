"""What every set of stores must do. Subclass `StoresContract` as `Test…`, and say how stores that hold files are had."""

from __future__ import annotations

import random
from collections.abc import Mapping

import pytest

from beholden.errors import Fault
from beholden.ports.stores import Stores

# Around the chunk in which a scan reads: needles must be found across its border, wherever that lies.
BIG = (1 << 21) + 4096


def chance(seed: int, length: int) -> bytes:
    return random.Random(seed).randbytes(length)  # noqa: S311 - only to differ, and the same in each run


class StoresContract:
    def stores_with(self, files: Mapping[str, bytes]) -> Stores:
        """Stores whose folders "data" and "keys" hold these files ("data/blobs/one": its bytes), and none of our own."""
        raise NotImplementedError

    def places(self, files: Mapping[str, bytes], needles: list[bytes]) -> tuple[str, ...]:
        stores = self.stores_with(files)
        try:
            return stores.scan(needles).found
        finally:
            stores.close()

    def test_a_scan_says_what_it_looked_at(self) -> None:
        files = {"data/a": b"x" * 100, "data/deep/er/b": b"", "keys/c": b"y" * 50}
        stores = self.stores_with({})
        before = stores.scan([chance(0, 16)])
        stores.close()
        stores = self.stores_with(files)
        scan = stores.scan([chance(0, 16), chance(1, 40)])
        stores.close()
        assert set(scan.stores) == {"data", "keys"}
        assert scan.files == before.files + 3
        assert scan.scanned_bytes == before.scanned_bytes + 150
        assert scan.needles == 2
        assert scan.found == ()

    @pytest.mark.parametrize("length", [7, 8, 14, 15, 16, 17, 24, 40, 512, 3000])
    def test_a_needle_is_found_however_it_lies(self, length: int) -> None:
        needle = chance(2, length - 1) + b"\xfe"
        for at in range(17):
            hay = bytes(at) + needle + bytes(9)
            assert self.places({"data/a": hay}, [needle]) == (f"data/a at byte {at}",)

    @pytest.mark.parametrize("length", [16, 40, 2048])
    def test_a_needle_across_the_border_of_a_chunk_is_found_once(self, length: int) -> None:
        needle = chance(3, length)
        for at in (*range((1 << 21) - length - 3, (1 << 21) + 3, max(1, length // 5)), BIG - length):
            hay = bytearray(BIG)
            hay[at : at + length] = needle
            assert self.places({"keys/a": bytes(hay)}, [chance(4, 2048), needle]) == (f"keys/a at byte {at}",)

    def test_each_of_a_thousand_needles_is_found(self) -> None:
        needles = [chance(number, 16 + number % 60) for number in range(1000)]
        hay, wanted = bytearray(), []
        for number, needle in enumerate(needles):
            hay += chance(10_000 + number, number % 23)
            wanted.append(f"data/a at byte {len(hay)}")
            hay += needle
        assert self.places({"data/a": bytes(hay), "data/b": chance(5, 50_000)}, needles) == tuple(wanted)

    def test_a_needle_that_lies_twice_or_in_two_files_is_told_each_time(self) -> None:
        needle = chance(6, 32)
        assert sorted(self.places({"data/a": needle + b"-" + needle, "keys/b": b"+" + needle}, [needle, needle])) == [
            "data/a at byte 0",
            "data/a at byte 33",
            "keys/b at byte 1",
        ]

    def test_needles_that_overlap_or_hold_one_another_are_found(self) -> None:
        whole = chance(7, 64)
        assert self.places({"data/a": b"..." + whole}, [whole, whole[10:40], whole[:20], whole[30:]]) == (
            "data/a at byte 3",
            "data/a at byte 13",
            "data/a at byte 33",
        )

    def test_all_but_the_last_byte_is_no_find(self) -> None:
        needle = chance(8, 40)
        assert self.places({"data/a": needle[:-1], "data/b": needle[1:], "keys/c": needle[:-1] + b"?"}, [needle]) == ()

    def test_a_needle_with_many_zeros_is_found_among_zeros(self) -> None:
        needle = bytes(30) + b"\x01" + bytes(30)
        hay = bytes(70_001) + b"\x01" + bytes(70_000)
        assert self.places({"data/a": hay}, [needle]) == (f"data/a at byte {70_001 - 30}",)

    def test_nothing_but_zeros_is_told_without_end_to_the_telling(self) -> None:
        assert 1 <= len(self.places({"data/a": bytes(BIG)}, [bytes(40)])) <= 1000

    def test_a_needle_without_bytes_is_a_fault(self) -> None:
        with pytest.raises(Fault):
            self.places({"data/a": b"x"}, [b""])

    def test_no_needles_find_nothing(self) -> None:
        assert self.places({"data/a": b"x"}, []) == ()

    def test_there_is_room_and_nobody_else(self) -> None:
        stores = self.stores_with({})
        assert stores.room() > 0
        for _ in range(2):
            with stores.alone() as alone:
                assert alone
        stores.close()

    def test_the_ballast_is_dropped_once_and_put_back(self) -> None:
        stores = self.stores_with({})
        assert stores.drop_ballast()
        assert not stores.drop_ballast()
        assert stores.restore_ballast()
        assert stores.restore_ballast()
        assert stores.drop_ballast()
        stores.close()
