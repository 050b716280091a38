"""The Merkle tree: known vectors of RFC 6962, and proofs of every entry, none of which survives a change."""

from __future__ import annotations

import hashlib
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beholden.records import tree

# The test data of Certificate Transparency: eight leaves, and the root over the first one, two, … of them.
LEAVES = [
    bytes.fromhex(leaf)
    for leaf in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
A = "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"
B = "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e"
C = "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"
D = "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"
E = "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0"
F = "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a"

HASHES = [tree.leaf_hash(leaf) for leaf in LEAVES]
MANY = [tree.leaf_hash(str(i).encode()) for i in range(70)]


def test_no_leaves_have_the_hash_of_nothing() -> None:
    assert tree.root([]) == tree.EMPTY == tree.Frontier().root == hashlib.sha256(b"").digest()


@pytest.mark.parametrize("size", range(1, 9))
def test_the_roots_are_those_of_the_known_vectors(size: int) -> None:
    assert tree.root(HASHES[:size]).hex() == ROOTS[size - 1]
    assert tree.Frontier().append(HASHES[:size]).root.hex() == ROOTS[size - 1]
    assert tree.range_hash(0, size, tree.nodes_of(HASHES)).hex() == ROOTS[size - 1]


@pytest.mark.parametrize(("n", "size", "proof"), [(0, 1, []), (0, 8, [A, B, C]), (5, 8, [D, E, ROOTS[3]])])
def test_inclusion_proofs_are_those_of_the_known_vectors(n: int, size: int, proof: list[str]) -> None:
    assert [step.hex() for step in tree.inclusion(n, size, tree.nodes_of(HASHES))] == proof


@pytest.mark.parametrize(
    ("old", "new", "proof"), [(1, 1, []), (1, 8, [A, B, C]), (6, 8, [F, E, ROOTS[3]]), (2, 5, [B, D])]
)
def test_consistency_proofs_are_those_of_the_known_vectors(old: int, new: int, proof: list[str]) -> None:
    assert [step.hex() for step in tree.consistency(old, new, tree.nodes_of(HASHES))] == proof


def test_every_entry_of_every_small_tree_is_proven_and_no_other_place_or_size_is() -> None:
    node = tree.nodes_of(MANY)
    roots = [tree.root(MANY[:size]) for size in range(71)]
    for size in range(1, 71):
        for n in range(size):
            proof = tree.inclusion(n, size, node)
            assert tree.inclusion_holds(MANY[n], n, size, proof, roots[size])
            assert not tree.inclusion_holds(MANY[n], (n + 1) % 71, size, proof, roots[size])
            assert not tree.inclusion_holds(MANY[n], n, size, proof, roots[size - 1])


def test_every_growth_of_every_small_tree_is_proven_and_no_other_is() -> None:
    node = tree.nodes_of(MANY)
    roots = [tree.root(MANY[:size]) for size in range(71)]
    for new in range(71):
        for old in range(new + 1):
            proof = tree.consistency(old, new, node)
            assert tree.consistency_holds(old, new, roots[old], roots[new], proof)
            if 0 < old < new:
                assert not tree.consistency_holds(old, new, roots[old - 1], roots[new], proof)
                assert not tree.consistency_holds(old, new, roots[old], roots[new - 1], proof)
                assert not tree.consistency_holds(old, new, roots[old], roots[new], [*proof, MANY[0]])
                assert not tree.consistency_holds(old, new, roots[old], roots[new], proof[:-1])


def broken(proof: list[bytes], at: random.Random) -> list[bytes]:
    """One bit changed, a step left out, repeated or added, or two swapped."""
    i = at.randrange(len(proof))
    step = bytearray(proof[i])
    step[at.randrange(32)] ^= 1 << at.randrange(8)
    return at.choice(
        [
            [*proof[:i], bytes(step), *proof[i + 1 :]],
            [*proof[:i], *proof[i + 1 :]],
            [*proof[:i], proof[i], *proof[i:]],
            [*proof, bytes(32)],
            [*proof[:i], proof[i][:31], *proof[i + 1 :]],
        ]
    )


@settings(max_examples=300)
@given(st.integers(2, 70), st.data())
def test_a_changed_proof_proves_nothing(size: int, data: st.DataObject) -> None:
    n, at = data.draw(st.integers(0, size - 1)), data.draw(st.randoms(use_true_random=False))
    node, root = tree.nodes_of(MANY), tree.root(MANY[:size])
    assert not tree.inclusion_holds(MANY[n], n, size, broken(tree.inclusion(n, size, node), at), root)
    old = data.draw(st.integers(1, size - 1))
    proof = broken(tree.consistency(old, size, node), at)
    assert not tree.consistency_holds(old, size, tree.root(MANY[:old]), root, proof)


@settings(max_examples=100)
@given(st.lists(st.integers(0, 700), max_size=5))
def test_leaves_appended_by_lots_give_the_root_of_all(lots: list[int]) -> None:
    frontier, hashes = tree.Frontier(), list[bytes]()
    for lot in lots:
        added = [tree.leaf_hash(i.to_bytes(4, "big")) for i in range(len(hashes), len(hashes) + lot)]
        frontier = frontier.append(added)
        hashes += added
    assert (frontier.size, frontier.root) == (len(hashes), tree.root(hashes))
    assert len(frontier.peaks) == len(hashes).bit_count()


@pytest.mark.parametrize(("n", "size"), [(0, 0), (5, 5), (-1, 5)])
def test_an_entry_that_is_not_there_cannot_be_proven(n: int, size: int) -> None:
    with pytest.raises(ValueError, match=f"no entry {n} in a log of {size}"):
        tree.inclusion(n, size, tree.nodes_of(MANY))
    assert not tree.inclusion_holds(MANY[0], n, size, [], MANY[0])


@pytest.mark.parametrize(("old", "new"), [(2, 1), (-1, 3)])
def test_a_log_cannot_have_shrunk(old: int, new: int) -> None:
    with pytest.raises(ValueError, match="cannot have grown"):
        tree.consistency(old, new, tree.nodes_of(MANY))
    assert not tree.consistency_holds(old, new, MANY[0], MANY[0], [])
