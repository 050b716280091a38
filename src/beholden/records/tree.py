"""The Merkle tree of RFC 6962: its root, proofs that an entry is in it, and proofs that it only ever grew."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

Node = Callable[[int, int], bytes]  # (height, index) → hash of the complete subtree of 2**height leaves

EMPTY = hashlib.sha256(b"").digest()  # the root of no leaves
HASH_BYTES = 32


def leaf_hash(leaf: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def root(hashes: Sequence[bytes]) -> bytes:
    """The root over leaf hashes. Pairing row by row, an odd last one moving up, gives the shape of RFC 6962 § 2.1."""
    if not hashes:
        return EMPTY
    row = list(hashes)
    while len(row) > 1:
        odd = row[len(row) & ~1 :]
        row = [node_hash(row[i], row[i + 1]) for i in range(0, len(row) - 1, 2)] + odd
    return row[0]


@dataclass(frozen=True, slots=True)
class Frontier:
    """A tree reduced to what appending needs: the roots of its complete subtrees, one a bit of `size`, largest first."""

    size: int = 0
    peaks: tuple[bytes, ...] = ()

    def append(self, hashes: Iterable[bytes]) -> Frontier:
        """The tree with these leaf hashes added: one node hash a leaf, on average."""
        size, peaks = self.size, list(self.peaks)
        for added in hashes:
            size += 1
            peak, complete = added, size
            while complete & 1 == 0:
                peak = node_hash(peaks.pop(), peak)
                complete >>= 1
            peaks.append(peak)
        return Frontier(size, tuple(peaks))

    @property
    def root(self) -> bytes:
        return _fold(self.peaks) if self.peaks else EMPTY


def inclusion(n: int, size: int, node: Node) -> list[bytes]:
    """The proof that leaf `n` is one of `size`, nearest the leaf first. Raises ValueError if it cannot be."""
    if not 0 <= n < size:
        raise ValueError(f"there is no entry {n} in a log of {size}")
    ranges: list[tuple[int, int]] = []
    low, high = 0, size
    while high - low > 1:
        middle = low + _split(high - low)
        if n < middle:
            ranges.append((middle, high))
            high = middle
        else:
            ranges.append((low, middle))
            low = middle
    return [range_hash(low, high, node) for low, high in reversed(ranges)]


def consistency(old: int, new: int, node: Node) -> list[bytes]:
    """The proof (RFC 6962 § 2.1.2) that the first `old` of `new` leaves are the same. Raises ValueError unless old ≤ new."""
    if not 0 <= old <= new:
        raise ValueError(f"a log of {new} entries cannot have grown out of one of {old}")
    if old in (0, new):
        return []  # nothing to prove: every log grew out of the empty one, and out of itself
    ranges: list[tuple[int, int]] = []
    low, high = 0, new
    while old < high:
        middle = low + _split(high - low)
        if old <= middle:
            ranges.append((middle, high))
            high = middle
        else:
            ranges.append((low, middle))
            low = middle
    if low > 0:
        ranges.append((low, high))  # else the old tree is itself a subtree of the new, and its root is known
    return [range_hash(low, high, node) for low, high in reversed(ranges)]


def inclusion_holds(hashed: bytes, n: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether `proof` leads from the leaf hash at `n` to the root of `size` leaves (RFC 9162 § 2.1.3.2)."""
    if not 0 <= n < size or any(len(step) != HASH_BYTES for step in proof):
        return False
    reached, at, last = hashed, n, size - 1
    for step in proof:
        if last == 0:
            return False
        if at & 1 or at == last:
            reached = node_hash(step, reached)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            reached = node_hash(reached, step)
        at, last = at >> 1, last >> 1
    return last == 0 and reached == root


def consistency_holds(old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether `proof` shows that the tree of `new` leaves begins with that of `old` (RFC 9162 § 2.1.4.2)."""
    if not 0 <= old <= new or any(len(step) != HASH_BYTES for step in proof):
        return False
    if old in (0, new):
        return not proof and old_root == (EMPTY if old == 0 else new_root)
    steps = [old_root, *proof] if old & (old - 1) == 0 else list(proof)
    if not steps:
        return False
    at, last = old - 1, new - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    reached_old = reached_new = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            reached_old, reached_new = node_hash(step, reached_old), node_hash(step, reached_new)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            reached_new = node_hash(reached_new, step)
        at, last = at >> 1, last >> 1
    return last == 0 and reached_old == old_root and reached_new == new_root


def range_hash(low: int, high: int, node: Node) -> bytes:
    """The hash over leaves `low` to `high` (not included); `low` is a multiple of its greatest complete subtree."""
    peaks: list[bytes] = []
    while low < high:
        height = (high - low).bit_length() - 1
        peaks.append(node(height, low >> height))
        low += 1 << height
    return _fold(peaks)


def nodes_of(hashes: Sequence[bytes]) -> Node:
    """The `node` of a tree that is held whole, as a list of leaf hashes."""
    return lambda height, index: root(hashes[index << height : (index + 1) << height])


def _split(size: int) -> int:
    """The greatest power of two less than `size`."""
    return 1 << ((size - 1).bit_length() - 1)


def _fold(peaks: Sequence[bytes]) -> bytes:
    folded = peaks[-1]
    for peak in reversed(peaks[:-1]):
        folded = node_hash(peak, folded)
    return folded
