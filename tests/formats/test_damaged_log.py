"""A log with a file that is gone, cut or too long is told as such, and a writer that is stopped leaves no half bundle."""

from __future__ import annotations

from pathlib import Path

import pytest

from beholden.errors import LogBroken, Missing, Untrusted
from beholden.formats import tiles
from beholden.formats.add_checkpoint import size_in
from beholden.formats.bundle import write_bundle
from beholden.formats.statements import Figure, Statement, withheld
from beholden.formats.statements import read as read_statement
from beholden.formats.statements import written as written_statement
from beholden.records import tree
from beholden.testing.sealed_log import SealedLog, Signer
from tests.formats.test_tiles import HASHES, LEAVES, grown_to


def without(files: dict[str, bytes], path: str) -> tiles.Read:
    def read(asked: str) -> bytes:
        if asked == path or asked not in files:
            raise Missing(f"there is no {asked}")
        return files[asked]

    return read


def files_of(size: int) -> dict[str, bytes]:
    witness, _ = grown_to(size)
    return {path: witness.read(path) for path in witness.paths()}


def test_a_full_tile_that_is_gone_is_missing_and_a_partial_one_is_read_from_the_full() -> None:
    files = files_of(300)
    with pytest.raises(Missing, match="tile/0/000"):
        tiles.leaf_hash(without(files, "tile/0/000"), 7, 300)
    assert tiles.leaf_hash(without(files, "tile/0/000.p/9"), 7, 9) == HASHES[7], "as it was when the log had nine"


def test_a_tile_or_a_bundle_of_another_length_is_told_with_its_name() -> None:
    files = files_of(10)
    files["tile/0/000.p/10"] += bytes(32)
    files["tile/entries/000.p/10"] = tiles.pack_leaves(LEAVES[:11])
    read = without(files, "")
    with pytest.raises(LogBroken, match=r"tile/0/000\.p/10 has 352 bytes"):
        tiles.leaf_hash(read, 3, 10)
    with pytest.raises(LogBroken, match=r"tile/entries/000\.p/10 has 11 entries"):
        tiles.leaf(read, 3, 10)


def test_a_proof_of_no_steps_joins_no_two_trees() -> None:
    three, five = (tree.root(HASHES[:count]) for count in (3, 5))
    steps = tiles.consistency(without(files_of(5), ""), 3, 5)
    assert tree.consistency_holds(3, 5, three, five, steps)
    assert not tree.consistency_holds(3, 5, three, five, [])


@pytest.mark.parametrize("body", [b"", b"12", b"-1\n", b"012\n", b"1 \n", b"1\n2\n", b"9" * 19 + b"\n"])
def test_a_witness_that_answers_with_no_size_is_not_believed(body: bytes) -> None:
    assert size_in(b"12\n") == 12
    with pytest.raises(Untrusted, match="no size"):
        size_in(body)


@pytest.mark.parametrize("stop", [KeyboardInterrupt, MemoryError])
def test_a_bundle_whose_writing_is_stopped_leaves_no_file(tmp_path: Path, stop: type[BaseException]) -> None:
    made = SealedLog()
    made.add(3)

    def read(path: str) -> bytes:
        if path.startswith("tile/entries/"):
            raise stop
        return made.witness.read(path)

    with pytest.raises(stop):
        write_bundle(tmp_path / "out", read, made.witness.paths(), [], [made.signer.vkey], {})
    assert [path for path in (tmp_path / "out").rglob("*") if path.is_file()] == []


def test_a_statement_for_the_public_keeps_engine_figures_that_tell_nobody_apart() -> None:
    def engine_of(calls: int, answered: int) -> object:
        rows = {("search.started",): 9}
        engine = {"calls": calls, "answered": answered, "accounted_ratio": "1.000", "lost": 0}
        told = Statement("o", "a", "b", 9, "", ("event",), rows, (Figure("all", 9, ((),)),), engine)
        return withheld(told).engine

    assert engine_of(9, 9) == {"calls": 9, "answered": 9, "accounted_ratio": "1.000", "lost": 0}
    assert engine_of(14, 9) == {"calls": 14, "answered": 9, "accounted_ratio": "1.000", "lost": 0}
    for few in ((9, 8), (4, 4), (12, 9)):
        assert engine_of(*few) == {"calls": None, "answered": None, "accounted_ratio": None, "lost": 0}


def test_a_figure_of_one_withheld_row_is_withheld_with_it() -> None:
    rows = {("search.started",): None, ("log.read",): 9, ("log.exported",): 7}
    figures = (Figure("searches", 8, (("search.started",),)), Figure("readings", 9, (("log.read",),)))
    made = withheld(Statement("o", "a", "b", 24, "", ("event",), rows, figures))
    assert [one.count for one in made.figures] == [None, 9]
    assert made.rows == {("search.started",): None, ("log.read",): 9, ("log.exported",): None}, "the size would tell it"
    assert made.engine is None
    signer = Signer("example.org/log")
    note = written_statement(made, signer.name, signer.public, signer.sign)
    assert read_statement(note, [signer.vkey]) == made, "and is read again as it was, without what an engine counted"
