"""No byte of a bundle can be changed, and no entry dropped, swapped or repeated, without the verifier saying so."""

from __future__ import annotations

import functools
import hashlib
import random
import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import beholden_verify
from beholden.formats import tiles
from beholden.testing.sealed_log import SealedLog, Signer

Files = dict[str, bytes]
SEED = 20261122


@pytest.fixture(autouse=True)
def _each_signature_is_computed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """It depends on its arguments only, and takes 2 ms: ten thousand flips need it three times each."""
    monkeypatch.setattr(beholden_verify, "signature_holds", functools.cache(beholden_verify.signature_holds))


@dataclass
class Stopped:
    """What is left of a check that found no key or no signed root."""

    problems: list[str]
    notes: tuple[str, ...] = ()
    bad: frozenset[int] = frozenset()


def check(files: Files, keys: beholden_verify.Keys | None = None, old: bytes | None = None, wanted: int = 0) -> Any:
    try:
        return beholden_verify.LogCheck(set(files), lambda path: files.get(path, b""), keys or {}, old, wanted, {})
    except ValueError as wrong:
        return Stopped([str(wrong)])


def keys_of(*signers: Signer) -> beholden_verify.Keys:
    return beholden_verify.parse_keys("keys", "".join(f"{signer.vkey}\n" for signer in signers).encode(), comments=True)


def flipped(content: bytes, at: int, mask: int) -> bytes:
    return content[:at] + bytes([content[at] ^ mask]) + content[at + 1 :]


def sealed(*counts: int) -> SealedLog:
    log = SealedLog()
    for count in counts:
        log.add(count)
    return log


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return sealed(7, 6, 7).write(tmp_path / "bundle")


def entries_path(files: Files) -> str:
    return next(path for path in files if path.startswith("tile/entries/"))


def rearranged(files: Files, change: Callable[[list[bytes]], object]) -> Files:
    """The bundle with its entries changed, its tiles and checkpoint left."""
    path = entries_path(files)
    leaves = tiles.unpack_leaves(files[path])
    change(leaves)
    return {**files, path: b"".join(struct.pack(">H", len(leaf)) + leaf for leaf in leaves)}


def test_an_untouched_bundle_has_no_problem(files: Files) -> None:
    assert (check(files).problems, check(files, keys_of(Signer("example.org/log"))).problems) == ([], [])


def test_every_flipped_byte_of_a_bundle_is_noticed(files: Files) -> None:
    missed = [
        (path, at)
        for path, content in files.items()
        for at in range(len(content))
        if not check({**files, path: flipped(content, at, 1 << at % 8)}).problems
    ]
    assert missed == []
    assert sum(map(len, files.values())) > 8_000


def test_every_flipped_byte_of_a_bundle_is_noticed_with_keys_from_elsewhere_too(files: Files) -> None:
    keys = keys_of(Signer("example.org/log"), Signer("example.org/log/receipts"))
    for path in ("keys.txt", "checkpoint"):
        for at in range(len(files[path])):
            assert check({**files, path: flipped(files[path], at, 1 << at % 8)}, keys).problems, (path, at)


def test_every_flipped_bit_of_checkpoint_and_keys_is_noticed(files: Files) -> None:
    for path in ("checkpoint", "keys.txt"):
        for at in range(len(files[path])):
            for bit in range(8):
                assert check({**files, path: flipped(files[path], at, 1 << bit)}).problems, (path, at, bit)


def test_a_key_cannot_be_turned_into_a_comment(files: Files) -> None:
    files["keys.txt"] += f"{Signer('another').vkey}\n".encode()
    assert check(files).problems == []
    for start in (0, files["keys.txt"].index(b"\n") + 1):
        altered = files["keys.txt"][:start] + b"#" + files["keys.txt"][start + 1 :]
        assert check({**files, "keys.txt": altered}).problems


def test_flips_anywhere_in_a_log_of_three_levels_are_noticed(tmp_path: Path) -> None:
    chance = random.Random(SEED)
    files = sealed(300, 400).write(tmp_path / "bundle")
    for path, content in files.items():
        for at in chance.sample(range(len(content)), min(8, len(content))):
            assert check({**files, path: flipped(content, at, chance.randrange(1, 256))}).problems, (path, at, SEED)


@pytest.mark.parametrize("n", [0, 7, 17, 19])
def test_req_91_a_flipped_bit_names_its_entry(files: Files, n: int) -> None:
    def change(leaves: list[bytes]) -> None:
        leaves[n] = flipped(leaves[n], 40, 4)

    found = check(rearranged(files, change))
    assert found.report()["first_bad_entry"] == n
    assert any(f"entry {n} was altered" in problem for problem in found.problems)


@pytest.mark.parametrize("n", range(19))
def test_req_91_a_dropped_entry_is_named(files: Files, n: int) -> None:
    found = check(rearranged(files, lambda leaves: leaves.pop(n)))
    assert found.report()["first_bad_entry"] == n
    assert f"entry {n} was altered or is missing" in found.problems
    assert f"entry {n} calls itself {n + 1}: left out, repeated, moved or malformed" in found.problems


@pytest.mark.parametrize(("n", "m"), [(0, 19), (3, 4), (17, 18)])
def test_req_91_swapped_entries_are_named(files: Files, n: int, m: int) -> None:
    def change(leaves: list[bytes]) -> None:
        leaves[n], leaves[m] = leaves[m], leaves[n]

    found = check(rearranged(files, change))
    assert found.bad == {n, m}


@pytest.mark.parametrize("n", [0, 10, 19])
def test_req_91_a_repeated_entry_is_named(files: Files, n: int) -> None:
    found = check(rearranged(files, lambda leaves: leaves.insert(n, leaves[n])))
    assert found.report()["first_bad_entry"] == (n + 1 if n < 19 else None)
    assert "tile/entries/000.p/20 is missing, cut short, or goes on after its 20 entries" in found.problems


def test_every_truncation_and_every_byte_after_the_end_is_noticed(files: Files) -> None:
    chance = random.Random(SEED)
    for path, content in files.items():
        for length in {0, len(content) - 1, *(chance.randrange(len(content)) for _ in range(20))}:
            whole_lines = path == "opened.jsonl" and (not length or content[length - 1 : length] == b"\n")
            assert whole_lines or check({**files, path: content[:length]}).problems, (path, length)
        for more in (b"\0", b"\n", b" ", b"\x0b", b"\x1c", b"{}", b"\xff"):
            assert check({**files, path: content + more}).problems, (path, more)


def test_missing_files_are_named(files: Files) -> None:
    for path in files.keys() - {"checkpoints/7", "checkpoints/13", "checkpoints/20"}:  # as many as the reader may see
        found = check({name: content for name, content in files.items() if name != path})
        assert any(path in problem for problem in found.problems), path
    for path in ("checkpoints/7/x", "checkpoints/07"):
        found = check({**files, path: files["checkpoints/7"]})
        assert any(path in problem for problem in found.problems), path


def test_it_says_so_if_the_tile_was_altered_and_the_entry_was_not(files: Files) -> None:
    found = check({**files, "tile/0/000.p/20": flipped(files["tile/0/000.p/20"], 32 * 17 + 5, 1)})
    assert found.problems == ["tile/0/000.p/20 is missing, or not of the entries from 0 on"]
    assert found.bad == set()


def test_an_upper_tile_that_was_altered_is_named(tmp_path: Path) -> None:
    files = sealed(700).write(tmp_path / "bundle")
    found = check({**files, "tile/1/000.p/2": flipped(files["tile/1/000.p/2"], 32, 1)})
    assert found.problems == ["tile/1/000.p/2 is missing, or not of the entries from 0 on"]


def test_an_entry_altered_with_its_hash_is_narrowed_down_by_what_was_not(tmp_path: Path) -> None:
    files = sealed(300, 250, 150).write(tmp_path / "bundle")
    path = "tile/entries/001"
    altered = tiles.unpack_leaves(files[path])
    altered[10] = altered[10].replace(b"done", b"gone")
    files[path] = tiles.pack_leaves(altered)
    hashed = hashlib.sha256(b"\0" + altered[10]).digest()
    files["tile/0/001"] = files["tile/0/001"][:320] + hashed + files["tile/0/001"][352:]
    found = check(files)
    assert "neither the entries nor the hashes in tile/0 give the root that was signed" in found.problems
    assert "checkpoints/300: one of the first 300 entries was rewritten since it was signed" in found.problems
    assert any("tile/1/000.p/2" in problem for problem in found.problems)


def test_an_opened_value_that_was_not_the_one_is_named(files: Files) -> None:
    altered = files["opened.jsonl"].replace(b"image 17", b"image 18")
    found = check({**files, "opened.jsonl": altered})
    assert found.problems == ["opened.jsonl line 18: entry 17 committed to another value of 'image'"]


def test_opened_lines_are_neither_repeated_nor_moved(files: Files) -> None:
    lines = files["opened.jsonl"].split(b"\n")[:-1]
    for altered in ([lines[0], *lines], [lines[1], lines[0], *lines[2:]], [*lines, lines[0]], [*lines, b""]):
        assert check({**files, "opened.jsonl": b"\n".join(altered) + b"\n"}).problems
    assert check({**files, "opened.jsonl": b"\n".join(lines[5:]) + b"\n"}).problems == []  # a reader may see less


def rewritten(log: SealedLog, change: Callable[[list[bytes]], object]) -> SealedLog:
    """What somebody who holds the log's key can make of it: all entries numbered and sealed again."""
    leaves = list(log.leaves)
    change(leaves)
    again = SealedLog()
    again.opened = log.opened
    renumbered = [leaf.replace(b'"n":%d,' % _number(leaf), b'"n":%d,' % n) for n, leaf in enumerate(leaves)]
    again.seal(renumbered)
    again.opened = []
    return again


def _number(leaf: bytes) -> int:
    return int(leaf.split(b'"n":')[1].split(b",")[0])


@pytest.mark.parametrize("n", range(0, 20, 3))
def test_a_log_rewritten_with_its_own_key_is_found_by_a_checkpoint_that_somebody_kept(tmp_path: Path, n: int) -> None:
    log = sealed(7, 6, 7)
    files = rewritten(log, lambda leaves: leaves.pop(n)).write(tmp_path / "bundle")
    assert check(files).problems == []  # nobody can tell without one
    for kept in (7, 13):
        found = check(files, old=log.checkpoints[kept])
        seen = [f"the old checkpoint: one of the first {kept} entries was rewritten since it was signed"]
        assert found.problems == (seen if n < kept else [])
    assert check(files, old=log.checkpoints[20]).problems == [
        "the old checkpoint: it is of 20 entries: those after 18 were taken away"
    ]


def test_a_log_that_forked_is_found_by_a_checkpoint_of_the_other_branch(tmp_path: Path) -> None:
    def change(leaves: list[bytes]) -> None:
        leaves[19] = leaves[19].replace(b"done", b"gone")

    log = sealed(7, 6, 7)
    files = rewritten(log, change).write(tmp_path / "bundle")
    assert check(files, old=log.checkpoints[20]).problems == [
        "the old checkpoint: one of the first 20 entries was rewritten since it was signed"
    ]


@pytest.mark.parametrize("kept", ["garbage", "other", "unsigned"])
def test_an_old_checkpoint_counts_only_if_it_is_one_of_this_log(files: Files, kept: str) -> None:
    other = SealedLog("other.example/log")
    other.add(7)
    notes = {
        "garbage": b"",
        "other": other.checkpoints[7],
        "unsigned": files["checkpoint"].replace(b"log\n20", b"log\n19"),
    }
    assert check(files, keys_of(Signer("example.org/log"), other.signer), old=notes[kept]).problems


def test_entries_that_were_sealed_out_of_order_are_named(tmp_path: Path) -> None:
    log = SealedLog()
    leaves = [log.entry(n) for n in range(20)]
    log.opened = []
    log.seal(leaves[:7] + leaves[8:12] + leaves[11:])
    found = check(log.write(tmp_path / "bundle"))
    assert found.report()["first_bad_entry"] == 7
    assert found.problems[0] == "entry 7 calls itself 8: left out, repeated, moved or malformed"


@pytest.mark.parametrize(
    "leaf", [b"", b"{}", b"[]", b"[" * 5000, b'{"n":"1"}', b"\xff", b'{"n":true,"at":"","event":""}']
)
def test_a_leaf_that_is_no_entry_is_named_however_it_was_signed(tmp_path: Path, leaf: bytes) -> None:
    log = SealedLog()
    log.add(1)
    log.seal([leaf])
    assert check(log.write(tmp_path / "bundle")).report()["first_bad_entry"] == 1


def test_a_signature_by_an_unknown_key_proves_nothing_and_is_no_fault(files: Files) -> None:
    witness = Signer("commissioner.example")
    signed = witness.note(files["checkpoint"].decode().split("\n\n")[0] + "\n").split(b"\n\n")[1]
    cosigned = {**files, "checkpoint": files["checkpoint"] + signed}
    assert check(cosigned).problems == []
    assert check(cosigned, wanted=1).problems == ["checkpoint: 0 of 1 witnesses cosigned it"]


def test_an_empty_log_holds(tmp_path: Path) -> None:
    log = SealedLog()
    log.seal([])
    assert check(log.write(tmp_path / "bundle")).problems == []
