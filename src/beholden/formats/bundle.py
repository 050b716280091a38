"""The bundle: a folder that lets anybody check the log with `beholden-verify`, and read what was opened to them."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from beholden.errors import BadInput, LogBroken, NoRoom
from beholden.formats import tiles
from beholden.records.audit import Value, canonical

OPENED = "opened.jsonl"
KEYS = "keys.txt"


@dataclass(frozen=True, slots=True)
class Opened:
    """A value of an entry with its salt: who has both can check it against the commitment in the leaf."""

    n: int
    name: str
    salt: bytes
    value: Value


def write_bundle(
    folder: Path,
    read: tiles.Read,
    paths: Collection[str],
    opened: Iterable[Opened],
    vkeys: Sequence[str],
    checkpoints: Mapping[int, bytes],
) -> int:
    """Write the bundle of the published log and return how many entries it holds.

    `read` and `paths` are those of the published log, `checkpoints` earlier ones (size → note): one an hour is enough.
    Raises `Untrusted` if the published checkpoint, or one of these, is not signed by the log's key among `vkeys`,
    `LogBroken` if a tile is missing, `BadInput` if the folder holds anything already, `NoRoom` if the disk is full.
    Nothing is left of a bundle that could not be written whole, and `checkpoint` is its last file.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise BadInput(f"{folder} is not an empty folder: name a new one for the bundle")
    note = read(tiles.CHECKPOINT)
    head = tiles.open_head(note, vkeys)
    files: dict[str, bytes] = {}
    for size, earlier in checkpoints.items():
        if tiles.open_head(earlier, vkeys).size != size:
            raise LogBroken(f"the checkpoint kept for {size} entries is of another size: run `beholden-verify`")
        files[f"checkpoints/{size}"] = earlier
    files[f"checkpoints/{head.size}"] = note
    # Every byte of a bundle is covered: so its keys.txt has no comment, in which a changed byte would mean nothing.
    files[KEYS] = "".join(f"{key}\n" for key in vkeys).encode()
    files[OPENED] = b"".join(_line(item) for item in sorted(opened, key=lambda item: item.n) if item.n < head.size)
    wanted = tiles.tile_paths(head.size)
    lacking = [path for path in wanted if path not in paths and path.partition(".p/")[0] not in paths]
    if lacking:
        raise LogBroken(f"the published log lacks {lacking} (of {len(wanted)} files): publish it again")
    written: list[Path] = []
    try:
        for path, content in files.items():
            _write(folder / path, content, written)
        for path in wanted:
            _write(folder / path, read(path) if path in paths else _cut(read, path), written)
        _write(folder / tiles.CHECKPOINT, note, written)
    except BaseException as wrong:
        for done in written:
            done.unlink(missing_ok=True)
        if isinstance(wrong, OSError):
            raise NoRoom(f"the bundle could not be written ({wrong.strerror}): choose another disk") from wrong
        raise
    return head.size


def _line(item: Opened) -> bytes:
    return canonical({"n": item.n, "name": item.name, "salt": item.salt.hex(), "value": item.value}) + b"\n"


def _cut(read: tiles.Read, path: str) -> bytes:
    """A partial tile out of the full one that took its place."""
    full, _, width = path.partition(".p/")
    if path.startswith(f"tile/{tiles.ENTRIES}/"):
        return tiles.pack_leaves(tiles.unpack_leaves(read(full))[: int(width)])
    return read(full)[: 32 * int(width)]


def _write(path: Path, content: bytes, written: list[Path]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    written.append(path)
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
