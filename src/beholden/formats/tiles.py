"""The published log as C2SP has it (tlog-checkpoint, tlog-tiles): what to write as entries come, and proofs out of it."""

from __future__ import annotations

import base64
import binascii
import functools
import re
import struct
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from beholden.errors import LogBroken, Missing, Untrusted
from beholden.formats import notes
from beholden.records import tree

Read = Callable[[str], bytes]  # published path → bytes; raises `Missing`

HEIGHT = 8  # a tile is a subtree of 8 rows: 256 hashes wide
WIDTH = 1 << HEIGHT
ENTRIES = "entries"  # stands where the level would, for the leaves themselves
MAX_LEAF = 65_535  # a leaf's length is two bytes
CHECKPOINT = "checkpoint"


@dataclass(frozen=True, slots=True)
class TreeHead:
    """What a checkpoint says: this log, with so many entries, has this root."""

    origin: str
    size: int
    root: bytes


@dataclass(frozen=True, slots=True)
class Grown:
    """The log with new entries: the files to publish (but for the checkpoint, to be signed), and its new head."""

    files: Mapping[str, bytes]
    size: int
    root: bytes


def head_text(head: TreeHead) -> str:
    """The text of a checkpoint, to be signed by a key named as the origin. Raises ValueError for what it cannot say."""
    if not head.origin or any(c < " " for c in head.origin) or len(head.root) != tree.HASH_BYTES or head.size < 0:
        raise ValueError("a checkpoint has an origin of one line, a size and a root of 32 bytes")
    return f"{head.origin}\n{head.size}\n{base64.b64encode(head.root).decode()}\n"


def read_head(text: str) -> TreeHead:
    """What the text of a note says as a checkpoint. Raises `Untrusted` if it is none, or has extension lines."""
    lines = text.split("\n")
    if len(lines) == 4 and lines[0] and re.fullmatch(r"0|[1-9][0-9]{0,17}", lines[1]) and not lines[3]:
        try:
            head = TreeHead(lines[0], int(lines[1]), base64.b64decode(lines[2], validate=True))
            if head_text(head) == text:
                return head
        except (binascii.Error, ValueError):
            pass  # said below, with every other way to be none
    raise Untrusted("the note does not say origin, size and root, as a checkpoint does: check what file you gave")


def open_head(note: bytes, vkeys: Sequence[str]) -> TreeHead:
    """The head in a checkpoint that the log itself signed, by a key of `vkeys` named as the origin. Raises `Untrusted`."""
    text, signers = notes.open_note(note, vkeys)
    head = read_head(text)
    if head.origin not in signers:
        raise Untrusted(f"the checkpoint of {head.origin} is not signed by the key of that name: check your keys")
    return head


def tile_path(level: int | str, index: int, width: int = WIDTH) -> str:
    """`tile/0/x001/234`, with `.p/17` when it is 17 wide rather than 256. The level is 0–63 or `entries`."""
    digits = f"{index:03d}" if index < 1000 else f"{index:0{-(-len(str(index)) // 3) * 3}d}"
    parts = [digits[i : i + 3] for i in range(0, len(digits), 3)]
    named = "/".join(["x" + part for part in parts[:-1]] + parts[-1:])
    return f"tile/{level}/{named}" + (f".p/{width}" if width < WIDTH else "")


def tile_paths(size: int) -> list[str]:
    """Every tile and entry bundle that a log of `size` entries is made of."""
    paths = [tile_path(ENTRIES, index, width) for index, width in _row(size)]
    level, hashes = 0, size
    while hashes:
        paths += [tile_path(level, index, width) for index, width in _row(hashes)]
        level, hashes = level + 1, hashes >> HEIGHT
    return paths


def grow(read: Read, size: int, leaves: Sequence[bytes], *, root: bytes) -> Grown:
    """Add `leaves` to the published log of `size` entries, whose root is known to be `root` (`tree.EMPTY` for none).

    Reads the right edge only, so the work is in proportion to the new leaves, and the logarithm of the size. Raises
    `LogBroken` if what is published does not have that root: nothing is built on an altered log. Raises ValueError for
    a leaf of more than 65,535 bytes.
    """
    edge = _edge(read, size)
    frontier = _frontier(edge, size)
    old_leaves = _leaves(read, size // WIDTH, size % WIDTH) if size % WIDTH else []
    if frontier.root != root or [tree.leaf_hash(leaf) for leaf in old_leaves] != (edge[0] if edge else []):
        raise LogBroken(f"the published log is not what was signed at {size} entries: run `beholden-verify` on it")
    added = [tree.leaf_hash(leaf) for leaf in leaves]
    files = _bundles(size, old_leaves, leaves)
    files.update(_tiles(edge, size, added))
    grown = frontier.append(added)
    return Grown(files, grown.size, grown.root)


def leaf(read: Read, n: int, size: int) -> bytes:
    """Entry `n` as published. Raises `Missing` if the log has no such entry, `LogBroken` if its bundle is damaged."""
    _check_has(n, size)
    index, at = divmod(n, WIDTH)
    return _leaves(read, index, _width(size, index))[at]


def leaf_hash(read: Read, n: int, size: int) -> bytes:
    """The hash of entry `n`, from its tile."""
    _check_has(n, size)
    index, at = divmod(n, WIDTH)
    return _hashes(read, 0, index, _width(size, index))[at]


def published(read: Read, index: int, size: int) -> tuple[list[bytes], list[bytes]]:
    """The leaves and the leaf hashes of the `index`th 256 entries, each as it was published: not compared with each other.

    Raises `Missing` for a file that is not there, `LogBroken` for one that is damaged.
    """
    width = _width(size, index)
    return _leaves(read, index, width), _hashes(read, 0, index, width)


def published_root(read: Read, size: int) -> bytes:
    """The root of the log at `size` entries, from the tiles."""
    return tree.range_hash(0, size, _nodes(read, size)) if size else tree.EMPTY


def inclusion(read: Read, n: int, size: int) -> list[bytes]:
    """The proof that entry `n` is in the log of `size`, from a tile a level. Raises `Missing` if it has no such entry."""
    _check_has(n, size)
    return tree.inclusion(n, size, _nodes(read, size))


def consistency(read: Read, old: int, new: int) -> list[bytes]:
    """The proof that the log of `new` entries begins with that of `old`. Raises ValueError unless 0 ≤ old ≤ new."""
    return tree.consistency(old, new, _nodes(read, new))


def pack_leaves(leaves: Sequence[bytes]) -> bytes:
    """An entry bundle: each leaf after its length in two bytes. Raises ValueError for a leaf too long."""
    if any(len(leaf) > MAX_LEAF for leaf in leaves):
        raise ValueError(f"a leaf has at most {MAX_LEAF} bytes")
    return b"".join(struct.pack(">H", len(leaf)) + leaf for leaf in leaves)


def unpack_leaves(bundle: bytes) -> list[bytes]:
    """The leaves of an entry bundle. Raises `LogBroken` if it is cut short."""
    leaves: list[bytes] = []
    at = 0
    while at < len(bundle):
        end = at + 2 + int.from_bytes(bundle[at : at + 2], "big")
        if at + 2 > len(bundle) or end > len(bundle):
            raise LogBroken("an entry bundle is cut short: run `beholden-verify` on the published log")
        leaves.append(bundle[at + 2 : end])
        at = end
    return leaves


def _row(hashes: int) -> list[tuple[int, int]]:
    """(index, width) of the tiles that hold so many hashes."""
    return [(index, _width(hashes, index)) for index in range(-(-hashes // WIDTH))]


def _width(hashes: int, index: int) -> int:
    return min(WIDTH, hashes - index * WIDTH)


def _check_has(n: int, size: int) -> None:
    if not 0 <= n < size:
        raise Missing(f"the log has no entry {n}: its {size} entries are counted from 0")


def _wide(read: Read, level: int | str, index: int, width: int) -> bytes:
    """A tile as it was at that width; a partial one may be gone once the full one is there (tlog-tiles)."""
    try:
        return read(tile_path(level, index, width))
    except Missing:
        if width == WIDTH:
            raise
        return read(tile_path(level, index))


def _hashes(read: Read, level: int, index: int, width: int) -> list[bytes]:
    content = _wide(read, level, index, width)
    length = tree.HASH_BYTES
    if len(content) not in (width * length, WIDTH * length):
        raise LogBroken(f"{tile_path(level, index, width)} has {len(content)} bytes: run `beholden-verify` on the log")
    return [content[i * length : (i + 1) * length] for i in range(width)]


def _leaves(read: Read, index: int, width: int) -> list[bytes]:
    leaves = unpack_leaves(_wide(read, ENTRIES, index, width))
    if len(leaves) not in (width, WIDTH):
        raise LogBroken(
            f"{tile_path(ENTRIES, index, width)} has {len(leaves)} entries: run `beholden-verify` on the log"
        )
    return leaves[:width]


def _edge(read: Read, size: int) -> list[list[bytes]]:
    """For each level, the hashes in its last tile that is not full (none, where all are)."""
    edge: list[list[bytes]] = []
    level, hashes = 0, size
    while hashes:
        index, width = divmod(hashes, WIDTH)
        edge.append(_hashes(read, level, index, width) if width else [])
        level, hashes = level + 1, index
    return edge


def _frontier(edge: Sequence[Sequence[bytes]], size: int) -> tree.Frontier:
    """A row of w hashes holds one complete subtree for each bit of w, and rows above hold greater ones."""
    peaks: list[bytes] = []
    for hashes in reversed(edge):
        at = 0
        for bit in reversed(range(HEIGHT)):
            if len(hashes) & (1 << bit):
                peaks.append(tree.root(hashes[at : at + (1 << bit)]))
                at += 1 << bit
    return tree.Frontier(size, tuple(peaks))


def _bundles(size: int, old: Sequence[bytes], leaves: Sequence[bytes]) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    row, first = [*old, *leaves], size // WIDTH
    for i in range(0, len(row) if leaves else 0, WIDTH):
        held = row[i : i + WIDTH]
        files[tile_path(ENTRIES, first + i // WIDTH, len(held))] = pack_leaves(held)
    return files


def _tiles(edge: Sequence[Sequence[bytes]], size: int, added: Sequence[bytes]) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    level, count = 0, size
    while added:
        row, first = [*(edge[level] if level < len(edge) else []), *added], count // WIDTH
        for i in range(0, len(row), WIDTH):
            held = row[i : i + WIDTH]
            files[tile_path(level, first + i // WIDTH, len(held))] = b"".join(held)
        # Only full tiles have a hash in the level above.
        added = [tree.root(row[i : i + WIDTH]) for i in range(0, len(row) - WIDTH + 1, WIDTH)]
        level, count = level + 1, first
    return files


def _nodes(read: Read, size: int) -> tree.Node:
    @functools.cache
    def row(level: int, index: int) -> list[bytes]:
        return _hashes(read, level, index, _width(size >> (HEIGHT * level), index))

    def node(height: int, index: int) -> bytes:
        level, rows = divmod(height, HEIGHT)
        tile, at = divmod(index << rows, WIDTH)
        return tree.root(row(level, tile)[at : at + (1 << rows)])

    return node
