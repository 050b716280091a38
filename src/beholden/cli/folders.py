"""Files that a command reads from the person's own folders, and those that it writes there."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from beholden.errors import BadInput


def content_of(path: Path, *, most: int | None = None) -> bytes:
    """The bytes of a file. One of more than `most` is not read: `BadInput` says so."""
    try:
        if most is not None and (size := path.stat().st_size) > most:
            raise BadInput(f"{path} has {size:,} bytes, more than the {most:,} that are read; export it smaller")
        return path.read_bytes()
    except OSError as error:
        raise BadInput(f"{path} cannot be read ({error.strerror}); check the path and its permissions") from error


def sha256_of(path: Path) -> str:
    return hashlib.sha256(content_of(path)).hexdigest()


@contextmanager
def new_folder(path: Path) -> Iterator[Path]:
    """A private folder to write into, made before the act that fills it; gone again if the act is not done."""
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise BadInput(f"{path} is not an empty folder; name a new one")
    there = path.exists()
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise BadInput(f"{path} cannot be made ({error.strerror}); name another folder") from error
    try:
        yield path
    except BaseException:
        if not there and not any(path.iterdir()):
            path.rmdir()
        raise


@contextmanager
def new_file(path: Path) -> Iterator[Path]:
    """A private file to write into, made before the act that fills it; gone again if the act is not done."""
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except OSError as error:
        raise BadInput(f"{path} cannot be made ({error.strerror}); name a new file") from error
    try:
        yield path
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def write(folder: Path, files: Mapping[str, bytes]) -> list[str]:
    """Write the files, each readable by its owner only; their paths."""
    for name, content in files.items():
        handle = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
    return [str(folder / name) for name in files]
