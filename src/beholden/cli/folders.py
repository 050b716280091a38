"""Files that a command reads from the person's own folders, and those that it writes there."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from io import BufferedReader
from pathlib import Path

from beholden.errors import BadInput


def content_of(path: Path, *, most: int | None = None) -> bytes:
    """The bytes of a file. One of more than `most` is not read: `BadInput` says so."""
    with regular(path) as file:
        size = os.fstat(file.fileno()).st_size
        if most is None:
            return file.read()
        content = b"" if size > most else file.read(most + 1)  # it may grow while it is read
    if (size := max(size, len(content))) > most:
        raise BadInput(f"{path} has {size:,} bytes, more than the {most:,} that are read; export it smaller")
    return content


def sha256_of(path: Path) -> str:
    with regular(path) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def regular(path: Path) -> Iterator[BufferedReader]:
    """An open file of a disk: a pipe would be waited for, and a device has no end."""
    try:
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise BadInput(f"{path} is a pipe or a device, not a file; save it to a file first")
            yield file
    except OSError as error:
        raise BadInput(f"{path} cannot be read ({error.strerror}); check the path and its permissions") from error


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
