"""The published log in a folder, which a web server, a share or a stick can carry to outsiders."""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from beholden.errors import Fault, Missing, NoRoom
from beholden.witness.paths import check_path, full_path, is_path, published_order

UNFINISHED = ".unfinished"  # where files are written before they get their name; no published path begins with a dot
FULL_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class FileWitness:
    """`log:/absolute/folder`. One process publishes at a time; any number read."""

    def __init__(self, address: str) -> None:
        scheme, _, folder = address.partition(":")
        if scheme != "log" or not folder.startswith("/"):
            raise Fault(f"{address!r} is no address of a published log: write log:/the/absolute/folder")
        self._folder = Path(folder)
        with _as_faults("opened"):
            (self._folder / UNFINISHED).mkdir(parents=True, exist_ok=True)

    def read(self, path: str) -> bytes:
        if not is_path(path):
            raise Missing(f"{path!r} is not published")
        try:
            return (self._folder / path).read_bytes()
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError) as wrong:
            raise Missing(f"{path} is not published") from wrong
        except OSError as wrong:
            raise Fault(f"{path} of the published log cannot be read ({wrong.strerror}): check the disk") from wrong

    def publish(self, files: Mapping[str, bytes]) -> None:
        for path in files:
            check_path(path)
        with _as_faults("written"), self._alone():
            touched: set[Path] = set()
            for path in published_order(files):
                if path == "checkpoint":
                    self._settle(touched)  # all it speaks of lies on the disk before it does
                self._put(path, files[path], touched)
            self._settle(touched)
            for path in files:
                if full_path(path) == path:
                    shutil.rmtree(self._folder / f"{path}.p", ignore_errors=True)

    def paths(self) -> list[str]:
        found = (entry.relative_to(self._folder).as_posix() for entry in self._folder.rglob("*") if entry.is_file())
        return sorted(path for path in found if is_path(path))

    def _put(self, path: str, content: bytes, touched: set[Path]) -> None:
        target, new = self._folder / path, self._folder / UNFINISHED / "file"
        for folder in reversed(target.parents):
            if not folder.exists():
                folder.mkdir()
                touched.add(folder.parent)
        with new.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        new.replace(target)
        touched.add(target.parent)

    def _settle(self, touched: set[Path]) -> None:
        """A renamed file survives a power cut only once its folder is on the disk too."""
        for folder in touched:
            opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
            try:
                os.fsync(opened)
            finally:
                os.close(opened)
        touched.clear()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        unfinished = self._folder / UNFINISHED
        opened = os.open(unfinished, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(opened, fcntl.LOCK_EX)
            yield
        finally:
            (unfinished / "file").unlink(missing_ok=True)
            os.close(opened)


@contextmanager
def _as_faults(done: str) -> Iterator[None]:
    try:
        yield
    except OSError as wrong:
        if wrong.errno in FULL_DISK:
            raise NoRoom(
                f"the published log could not be {done}: the disk is full; make room, and try again"
            ) from wrong
        raise Fault(f"the published log could not be {done} ({wrong.strerror}): check its folder") from wrong
