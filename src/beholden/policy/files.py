"""The files of a policy pack together with the floor's, which every pack stands on, and the digest over all of them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from beholden.errors import Untrusted

FLOOR = Path(__file__).parent / "floor"  # the schema, the rules that every pack has, and their words
BELOW = "floor/"  # before the names of its files, among those of a pack


def whole(folder: Path) -> dict[str, bytes]:
    """The files of a pack and of the floor, by name, sorted. Raises `Untrusted` for a folder that is not wholly a pack.

    A folder may hold a copy of the floor, so that it can be read by itself; another floor than this version's is refused.
    """
    files = as_kept(folder)
    floor = {f"{BELOW}{name}": content for name, content in _plain(FLOOR).items()}
    if has_floor(files) and not is_of_this_version(files):
        copied = {name: content for name, content in files.items() if name.startswith(BELOW)}
        names = sorted(name for name in {*copied, *floor} if copied.get(name) != floor.get(name))
        raise Untrusted(
            f"the policy pack in {folder.name!r} cannot be used: the floor that it holds is another version's, or was "
            f"edited ({', '.join(names)}); read what changed with `beholden policy diff`, take its folder floor out, and "
            "have the pack signed anew"
        )
    return _sorted(files | floor)


def as_kept(folder: Path) -> dict[str, bytes]:
    """The files of a folder as they are, with its own copy of a floor, which may be another version's."""
    files = _plain(folder)
    if "pack.toml" not in files:
        raise unusable(folder, "there is no pack.toml")
    return _sorted(files)


def is_of_this_version(files: Mapping[str, bytes]) -> bool:
    """Whether the copy of the floor among these files is this version's, byte for byte."""
    copied = {name.removeprefix(BELOW): content for name, content in files.items() if name.startswith(BELOW)}
    return copied == _plain(FLOOR)


def has_floor(files: Mapping[str, bytes]) -> bool:
    return any(name.startswith(BELOW) for name in files)


def digest_of(files: Mapping[str, bytes]) -> str:
    """SHA-256, in hex, of the lines `sha256␠␠name`, one a file."""
    lines = "".join(f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in files.items())
    return hashlib.sha256(lines.encode()).hexdigest()


def unusable(folder: Path, what: str) -> Untrusted:
    return Untrusted(f"the policy pack in {folder.name!r} cannot be used: {what}; restore the files that were signed")


def _sorted(files: Mapping[str, bytes]) -> dict[str, bytes]:
    return dict(sorted(files.items(), key=lambda item: item[0].encode()))


def _plain(folder: Path) -> dict[str, bytes]:
    try:
        found = sorted(folder.rglob("*"), key=lambda path: path.relative_to(folder).as_posix().encode())
        if any(path.is_symlink() or not (path.is_file() or path.is_dir()) for path in found):
            raise unusable(folder, "it holds something that is no plain file")
        files = {path.relative_to(folder).as_posix(): path.read_bytes() for path in found if path.is_file()}
    except OSError as wrong:
        raise unusable(folder, wrong.strerror or "it cannot be read") from wrong
    if any(not name.isprintable() for name in files):
        raise unusable(folder, "the name of a file has characters that cannot be seen")
    return files
