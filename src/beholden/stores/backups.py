"""Copies of the two folders while they are in use: keys and data never in one place, and never what unlocks the keys."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from pysqlite3 import dbapi2 as sqlite

from beholden.durable import sync_folder, told, write_whole
from beholden.errors import BadInput, Fault, NotProven

MANIFEST = "manifest.note"
RECORDS, KEYS, SETTINGS = "records.db", "keys.db", "beholden.toml"
DATA, VAULT = "data", "keys"  # what the names in a manifest begin with
# Never copied: what each system makes for itself (the segments of the index are made of the records), what SQLite keeps beside a
# database, and what would unlock the keys.
LEFT_OUT = ("ballast", "lock", "serve.lock", "kek.json", "kek-next.json", "handover", "segments", MANIFEST)
ENDINGS = (".db", ".db-wal", ".db-shm", ".db-journal", ".part")
PAGES = 4096  # of a database, copied between two looks at whoever waits
CHUNK = 1 << 20


class DiskCopying:
    """Implements `ports.stores.Copying`."""

    def __init__(self, data: Path, keys: Path, to: Path, keys_to: Path) -> None:
        """Begun while nobody writes a record: the keys as they are now, and one moment of the records.

        Raises `BadInput` for two places that are one, that are not empty, or that lie in a folder of the system.
        """
        self._data, self._to, self._keys_to = data, to.resolve(), keys_to.resolve()
        _check_places(data, keys, self._to, self._keys_to)
        self._made = [folder for folder in (self._to, self._keys_to) if not folder.exists()]
        self._records: Any = None
        try:
            for folder in (self._to, self._keys_to):
                _folder(folder)
            source = _database(keys / KEYS)
            try:
                _copy_database(source, self._keys_to / KEYS)
            finally:
                source.close()
            for path in _files(keys):
                _copy(keys / path, self._keys_to / path)
            self._records = _database(data / RECORDS)
            self._records.execute("BEGIN")
            self._records.execute("SELECT 1 FROM sqlite_schema LIMIT 1").fetchall()  # the moment: SQLite takes it here
            for path in _files(data):
                if path.parts[0] != "blobs":
                    _copy(data / path, self._to / path)
        except BaseException as error:
            self.take_back()
            raise _ours(error, self._to) from error

    def finish(self) -> dict[str, str]:
        try:
            _copy_database(self._records, self._to / RECORDS)
            self._close()
            for path in _files(self._data):
                if path.parts[0] == "blobs":
                    try:
                        _copy(self._data / path, self._to / path)
                    except FileNotFoundError:  # erased since the moment of the records
                        (self._to / path).unlink(missing_ok=True)
            return digests(self._to, self._keys_to)
        except BaseException as error:
            raise _ours(error, self._to) from error

    def sign(self, manifest: bytes) -> None:
        for folder in (self._to, self._keys_to):
            write_whole(folder / MANIFEST, manifest)

    def take_back(self) -> None:
        self._close()
        for folder in (self._to, self._keys_to):
            if not folder.is_dir():
                continue
            for entry in list(folder.iterdir()):
                shutil.rmtree(entry, ignore_errors=True) if entry.is_dir() else entry.unlink(missing_ok=True)
            if folder in self._made:
                shutil.rmtree(folder, ignore_errors=True)

    def _close(self) -> None:
        if self._records is not None:
            self._records.close()
            self._records = None


def check_there(source: Path, keys_from: Path, kek: Path, data: Path, keys: Path) -> None:
    """Raises `BadInput` for what is no backup, or for places that are not empty; `NotProven` for parts of two backups."""
    wrong = [f"there is no backup in {folder}" for folder in (source, keys_from) if not (folder / MANIFEST).is_file()]
    if not kek.is_file():
        wrong.append(f"there is no {kek}: give the copy of kek.json of the time of the backup")
    for one in (data, keys):
        if one.exists() and (not one.is_dir() or any(one.iterdir())):
            wrong.append(f"{one} is not empty; name a new folder")
    if wrong:
        raise BadInput("; ".join(wrong))
    if (source / MANIFEST).read_bytes() != (keys_from / MANIFEST).read_bytes():
        raise NotProven(f"{source} and {keys_from} are of two backups: their manifests differ; give two of one")


def put_back(source: Path, keys_from: Path, kek: Path, data: Path, keys: Path) -> dict[str, str]:
    """Copy a backup into two new folders, with the file that wraps its keys; the digests of what lies there now."""
    try:
        for folder, to in ((source, data), (keys_from, keys)):
            _folder(to)
            for path in sorted(one for one in folder.rglob("*") if one.is_file() and one.name != MANIFEST):
                _copy(path, to / path.relative_to(folder))
        found = digests(data, keys)
        _copy(kek, keys / "kek.json")
    except OSError as error:
        raise told(error, data) from error
    return found


def check_digests(found: Mapping[str, str], promised: Mapping[str, str]) -> None:
    """Raises `NotProven` unless the files are exactly those of the manifest."""
    wrong = [f"{name} is missing" for name in sorted(promised.keys() - found.keys())]
    wrong += [f"{name} was added" for name in sorted(found.keys() - promised.keys())]
    wrong += [f"{name} was altered" for name in sorted(found) if name in promised and found[name] != promised[name]]
    if wrong:
        more = f", and {len(wrong) - 3} more" if len(wrong) > 3 else ""
        raise NotProven(f"this is not what was backed up: {', '.join(wrong[:3])}{more}; take another backup")


def digests(data: Path, keys: Path) -> dict[str, str]:
    """SHA-256 of each file in hex, by its name in a manifest."""
    found = {}
    for name, folder in ((DATA, data), (VAULT, keys)):
        for path in sorted(folder.rglob("*")):
            if path.is_file() and path.name not in LEFT_OUT:
                with path.open("rb") as file:
                    found[f"{name}/{path.relative_to(folder).as_posix()}"] = hashlib.file_digest(
                        file, "sha256"
                    ).hexdigest()
    return found


def _check_places(data: Path, keys: Path, to: Path, keys_to: Path) -> None:
    wrong = []
    if to == keys_to or to.is_relative_to(keys_to) or keys_to.is_relative_to(to):
        wrong.append(
            "data and keys would lie in one place: who takes the one would have both; name two, best on two disks"
        )
    for place in (to, keys_to):
        for own in (data.resolve(), keys.resolve()):
            if place == own or place.is_relative_to(own) or own.is_relative_to(place):
                wrong.append(f"{place} and {own} are one inside the other: a backup lies elsewhere")
        if place.exists() and (not place.is_dir() or any(place.iterdir())):
            wrong.append(f"{place} is not empty; name a new folder")
    if wrong:
        raise BadInput("; ".join(wrong))


def _files(folder: Path) -> Iterator[Path]:
    """What is copied as it lies, as paths below the folder: never a database, which SQLite copies."""
    for path in sorted(folder.rglob("*")):
        below = path.relative_to(folder)
        if path.is_file() and not path.name.endswith(ENDINGS) and not set(below.parts) & set(LEFT_OUT):
            yield below


def _folder(path: Path) -> None:
    """A folder that only its owner looks into, and those above it that are missing: `mkdir` gives these no mode."""
    if not path.is_dir():
        _folder(path.parent)
        path.mkdir(mode=0o700)


def _copy(source: Path, to: Path) -> None:
    _folder(to.parent)
    handle = os.open(to, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with open(handle, "wb") as copy, source.open("rb") as file:
        shutil.copyfileobj(file, copy, CHUNK)
        copy.flush()
        os.fsync(handle)
    sync_folder(to.parent)


def _database(path: Path) -> Any:  # the driver has no types
    return sqlite.connect(f"file:{quote(str(path))}?mode=rw", uri=True, isolation_level=None)


def _copy_database(source: Any, to: Path) -> None:
    os.close(os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    copy = sqlite.connect(str(to), isolation_level=None)
    try:
        source.backup(copy, pages=PAGES)
        copy.execute("PRAGMA journal_mode = DELETE")  # one file, without a log beside it
    finally:
        copy.close()
    handle = os.open(to, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
    sync_folder(to.parent)


def _ours(error: BaseException, place: Path) -> BaseException:
    if isinstance(error, OSError):
        return told(error, place)
    if isinstance(error, sqlite.Error):
        return Fault(f"the backup in {place} was not made ({error}): check both disks, and that there is room")
    return error
