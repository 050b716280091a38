"""The published log: grown by any lots it has the same files, and every proof read back from tiles holds."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beholden.errors import LogBroken, Missing, Untrusted
from beholden.formats import tiles
from beholden.records import tree
from beholden.testing.sealed_log import SealedLog, Signer
from beholden.witness.memory import MemoryWitness

LEAVES = [f"leaf {i}".encode() for i in range(70_000)]
HASHES = [tree.leaf_hash(leaf) for leaf in LEAVES[:1500]]


def grown_to(*sizes: int) -> tuple[MemoryWitness, bytes]:
    witness, root, size = MemoryWitness(), tree.EMPTY, 0
    for new in sizes:
        grown = tiles.grow(witness.read, size, LEAVES[size:new], root=root)
        witness.publish(grown.files)
        size, root = grown.size, grown.root
        assert size == new
    return witness, root


def test_paths_are_those_of_the_specification() -> None:
    assert tiles.tile_path(0, 1234067) == "tile/0/x001/x234/067"
    assert tiles.tile_path(1, 999) == "tile/1/999"
    assert tiles.tile_path(0, 1000) == "tile/0/x001/000"
    assert tiles.tile_path(tiles.ENTRIES, 0, 17) == "tile/entries/000.p/17"


def test_a_tree_of_70000_has_the_tiles_that_the_specification_counts() -> None:
    witness, root = grown_to(70_000)
    paths = witness.paths()
    assert paths == sorted(tiles.tile_paths(70_000))
    of_level = {
        level: [path for path in paths if path.startswith(f"tile/{level}/")] for level in ("0", "1", "2", "entries")
    }
    assert {level: len(held) for level, held in of_level.items()} == {"0": 274, "1": 2, "2": 1, "entries": 274}
    assert of_level["0"][-1] == "tile/0/273.p/112"
    assert of_level["1"] == ["tile/1/000", "tile/1/001.p/17"]
    assert of_level["2"] == ["tile/2/000.p/1"]
    assert len(witness.read("tile/1/000")) == 8192
    assert root == tree.root([tree.leaf_hash(leaf) for leaf in LEAVES])
    assert tiles.published_root(witness.read, 70_000) == root
    for n in (0, 255, 256, 65_535, 65_536, 69_999):
        proof = tiles.inclusion(witness.read, n, 70_000)
        assert tree.inclusion_holds(tree.leaf_hash(LEAVES[n]), n, 70_000, proof, root)


def test_256_entries_are_a_full_tile_and_one_hash_above_it() -> None:
    assert sorted(tiles.tile_paths(256)) == ["tile/0/000", "tile/1/000.p/1", "tile/entries/000"]
    assert tiles.tile_paths(0) == []


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 1500), max_size=6))
def test_however_it_grew_the_files_of_its_size_and_its_root_are_the_same(sizes: list[int]) -> None:
    sizes = [*sorted(sizes), 1500]
    witness, root = grown_to(*sizes)
    at_once, same_root = grown_to(1500)
    assert root == same_root == tree.root(HASHES)
    assert {path: witness.read(path) for path in tiles.tile_paths(1500)} == {
        path: at_once.read(path) for path in at_once.paths()
    }


def test_growing_reads_and_writes_the_right_edge_only() -> None:
    witness, root = grown_to(70_000)
    asked: list[str] = []

    def read(path: str) -> bytes:
        asked.append(path)
        return witness.read(path)

    grown = tiles.grow(read, 70_000, [b"one more"], root=root)
    assert sorted(asked) == ["tile/0/273.p/112", "tile/1/001.p/17", "tile/2/000.p/1", "tile/entries/273.p/112"]
    assert sorted(grown.files) == ["tile/0/273.p/113", "tile/entries/273.p/113"]


def test_growing_by_nothing_publishes_nothing() -> None:
    witness, root = grown_to(300)
    assert tiles.grow(witness.read, 300, [], root=root) == tiles.Grown({}, 300, root)
    assert tiles.grow(witness.read, 0, [], root=tree.EMPTY) == tiles.Grown({}, 0, tree.EMPTY)


@pytest.mark.parametrize("path", ["tile/0/001.p/44", "tile/1/000.p/1", "tile/entries/001.p/44"])
def test_nothing_is_built_on_a_log_that_was_altered(path: str) -> None:
    witness, root = grown_to(300)
    altered = bytearray(witness.read(path))
    altered[17] ^= 1
    witness.publish({path: bytes(altered)})
    with pytest.raises(LogBroken, match="not what was signed at 300 entries"):
        tiles.grow(witness.read, 300, [b"new"], root=root)


@pytest.mark.parametrize("path", ["tile/0/001.p/44", "tile/entries/001.p/44"])
def test_nothing_is_built_on_a_log_that_was_cut(path: str) -> None:
    witness, root = grown_to(300)
    witness.publish({path: witness.read(path)[:-1]})
    with pytest.raises(LogBroken):
        tiles.grow(witness.read, 300, [b"new"], root=root)


def test_every_leaf_and_its_hash_can_be_read_back() -> None:
    witness, _ = grown_to(200, 600)
    for n in range(600):
        assert tiles.leaf(witness.read, n, 600) == LEAVES[n]
        assert tiles.leaf_hash(witness.read, n, 600) == HASHES[n]


def test_proofs_from_tiles_are_those_from_all_leaves_also_for_sizes_that_went_by() -> None:
    witness, _ = grown_to(100, 257, 600)
    node = tree.nodes_of(HASHES)
    for size in (100, 257, 600):
        assert tiles.published_root(witness.read, size) == tree.root(HASHES[:size])
        for n in range(0, size, 19):
            assert tiles.inclusion(witness.read, n, size) == tree.inclusion(n, size, node)
    for old in (0, 1, 100, 256, 257, 300, 512, 599, 600):
        assert tiles.consistency(witness.read, old, 600) == tree.consistency(old, 600, node)


def test_a_size_that_went_by_can_be_read_from_the_full_tile_once_its_partial_one_is_gone() -> None:
    witness, _ = grown_to(100, 300)
    assert "tile/0/000.p/100" not in witness.paths()
    assert tiles.published_root(witness.read, 100) == tree.root(HASHES[:100])
    assert tiles.leaf(witness.read, 99, 100) == LEAVES[99]
    assert tiles.inclusion(witness.read, 99, 100) == tree.inclusion(99, 100, tree.nodes_of(HASHES))


@pytest.mark.parametrize("n", [-1, 300, 10**9])
def test_an_entry_that_is_not_there_is_missing(n: int) -> None:
    witness, _ = grown_to(300)
    for ask in (tiles.leaf, tiles.leaf_hash, tiles.inclusion):
        with pytest.raises(Missing, match="counted from 0"):
            ask(witness.read, n, 300)


def test_a_leaf_of_65535_bytes_fits_and_a_longer_one_is_refused() -> None:
    longest = bytes(65_535)
    assert tiles.unpack_leaves(tiles.pack_leaves([longest, b"", b"x"])) == [longest, b"", b"x"]
    with pytest.raises(ValueError, match="at most 65535"):
        tiles.grow(MemoryWitness().read, 0, [bytes(65_536)], root=tree.EMPTY)


def test_a_checkpoint_says_origin_size_and_root() -> None:
    head = tiles.TreeHead("example.org/log", 20_852_163, bytes(range(32)))
    assert tiles.head_text(head) == "example.org/log\n20852163\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n"
    assert tiles.read_head(tiles.head_text(head)) == head


@pytest.mark.parametrize(
    "text",
    [
        "",
        "origin\n1\n",
        "\n1\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n",
        "origin\n01\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n",
        "origin\n-1\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n",
        "origin\n1\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh9=\n",
        "origin\n1\nAAEC\n",
        "origin\n1\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\nextension\n",
        "origin\n1\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
    ],
)
def test_a_text_that_differs_in_form_is_no_checkpoint(text: str) -> None:
    with pytest.raises(Untrusted, match="origin, size and root"):
        tiles.read_head(text)


def test_a_checkpoint_counts_only_if_the_log_itself_signed_it() -> None:
    log, other = SealedLog(), Signer("witness.example")
    log.add(3)
    head = tiles.TreeHead(log.signer.name, 3, log.root)
    assert tiles.open_head(log.checkpoints[3], [other.vkey, log.signer.vkey]) == head
    with pytest.raises(Untrusted, match="not signed by the key of that name"):
        tiles.open_head(other.note(tiles.head_text(head)), [other.vkey, log.signer.vkey])
