"""Keys and counted calls that several threads wait for are made durable together, and each hears what is wrong with its own."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from beholden.errors import Fault, KeyDestroyed, NoRoom
from beholden.index.calls import Calls
from beholden.keys.memory import MemoryKeys
from beholden.keys.vault import Vault
from beholden.keys.wrapping import KeyFile
from beholden.ports.keys import Keys


@pytest.fixture
def vault(tmp_path: Path) -> Iterator[Vault]:
    made = Vault.make(tmp_path / "keys", KeyFile.make(tmp_path / "key-file"))
    yield made
    made.close()


def at_once(count: int, do: Callable[[int], object]) -> list[object]:
    ends: list[object] = [None] * count

    def one(number: int) -> None:
        try:
            do(number)
            ends[number] = "done"
        except Exception as error:  # noqa: BLE001 - the test looks at it
            ends[number] = error

    threads = [threading.Thread(target=one, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return ends


def test_keys_that_several_wait_for_are_made_in_one_commit(vault: Vault) -> None:
    with vault._making:
        waiting = threading.Thread(
            target=lambda: at_once(8, lambda number: vault.create([f"one {number}", f"two {number}"]))
        )
        waiting.start()
        while len(vault._wanted) < 8:
            pass
        made: list[int] = []
        before, vault._make = vault._make, lambda names: (made.append(len(names)), before(names))[1]  # type: ignore[method-assign]
    waiting.join(30)
    assert made == [16]
    assert vault.names() >= {f"{word} {number}" for word in ("one", "two") for number in range(8)}


def test_one_name_that_was_used_before_stops_nobody_else(vault: Vault) -> None:
    vault.create(["known"])
    results: list[list[object]] = []
    with vault._making:
        waiting = threading.Thread(
            target=lambda: results.append(
                at_once(6, lambda number: vault.create(["known"] if number == 2 else [f"key {number}"]))
            )
        )
        waiting.start()
        while len(vault._wanted) < 6:
            pass
    waiting.join(30)
    (ends,) = results
    assert [end for number, end in enumerate(ends) if number != 2] == ["done"] * 5
    assert isinstance(ends[2], Fault)
    assert {f"key {number}" for number in (0, 1, 3, 4, 5)} <= vault.names()


@pytest.mark.parametrize("kind", ["vault", "memory"])
def test_what_is_sealed_together_opens_one_by_one_and_nothing_is_sealed_for_a_key_that_is_gone(
    kind: str, vault: Vault
) -> None:
    keys: Keys = vault if kind == "vault" else MemoryKeys()
    keys.create(["a", "b"])
    sealed = keys.seal_many([("a", b"1", "here"), ("b", b"2", "there"), ("a", b"3", "here")])
    assert [
        keys.open(name, one, context)
        for name, one, context in zip("aba", sealed, ("here", "there", "here"), strict=True)
    ] == [
        b"1",
        b"2",
        b"3",
    ]
    assert keys.seal_many([]) == []
    keys.destroy(["b"])
    with pytest.raises(KeyDestroyed, match="'b'"):
        keys.seal_many([("a", b"1", "here"), ("b", b"2", "there")])


def test_every_call_is_counted_and_durable_before_its_thread_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls, synced = Calls(tmp_path / "engine" / "calls"), []
    sync = os.fsync

    def counted(handle: int) -> None:
        size = os.fstat(handle).st_size
        sync(handle)
        synced.append(size)

    monkeypatch.setattr(os, "fsync", counted)
    seen: list[bool] = []

    def one(number: int) -> None:
        calls.add(number)
        seen.append(bool(synced) and max(synced) >= 27 * (list(calls.entries()).index(number) + 1))

    assert at_once(40, one) == ["done"] * 40
    assert all(seen)
    assert sorted(calls.entries()) == list(range(40))


def test_a_call_whose_line_cannot_be_made_durable_is_refused_each_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = Calls(tmp_path / "engine" / "calls")
    calls.add(1)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as during:
        during.setattr(os, "fsync", full)
        ends = at_once(5, lambda number: calls.add(2 + number))
    assert all(isinstance(end, NoRoom) for end in ends)
    calls.add(9)
    assert calls.entries()[-1] == 9
