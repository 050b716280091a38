"""Enrol files with their manifest, of a folder or as they are sent: each gets an answer, and one bad file stops nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from beholden.actions import audit, log
from beholden.actions.enrol import HELD_ASIDE, Enrolled, TakenFrom, enrol_image, may_enrol
from beholden.errors import BadInput, BadManifest, Changed
from beholden.formats.manifest import Row, check_size, read_manifest
from beholden.ports.system import System
from beholden.records.people import Officer

MANIFEST = "manifest.csv"
NO_ROW = "the manifest has no row for it"
MOST_NAMES = 5_000  # without a file, in one sending: as many as a form has files; each takes an answer, and memory
SEALED_EVERY = 64  # rows: what is sealed cannot be undone by putting back an older data folder


class Fate(StrEnum):
    ENROLLED = "enrolled"
    ALREADY_HELD = "already held"
    ASIDE = "put aside"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one file or row, and why."""

    file: str
    fate: Fate
    reason: str
    image_id: str
    faces: int
    rejected_faces: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Manifest:
    """What the source says of the files that are sent."""

    sha256: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Intake:
    """A folder that is ready to be enrolled."""

    folder: Path
    manifest_sha256: str
    rows: tuple[Row, ...]
    without_row: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.rows) + len(self.without_row)


def read_folder(system: System, officer: Officer, folder: Path, *, manifest: Path | None = None) -> Intake:
    """Read the manifest and see which files have no row. Raises `BadManifest`, logged, before anything is enrolled."""
    with audit.act(system, "image.enrolled", officer) as act:
        with act.look():
            path = manifest or folder / MANIFEST
        if not folder.is_dir():
            raise BadManifest(f"{folder} is no folder; give the folder that holds the photographs")
        if not path.is_file():
            raise BadManifest(f"there is no {path}; write a CSV with one row for each file (`file` is required)")
        check_size(path.stat().st_size)
        content = path.read_bytes()
        act.tell("manifest_sha256", hashlib.sha256(content).hexdigest(), audit.SYSTEM)
        rows = read_manifest(content)
        named = {row.file for row in rows}
        there = sorted(
            str(file.relative_to(folder))
            for file in folder.rglob("*")
            if not file.is_dir() and file.absolute() != path.absolute()
        )
    digest = hashlib.sha256(content).hexdigest()
    return Intake(folder, digest, tuple(rows), tuple(file for file in there if file not in named))


def read_sent(system: System, officer: Officer, content: bytes, *, source_id: str, gallery_id: str) -> Manifest:
    """Read a manifest that was sent ahead of its files. Raises `Refused` or `Missing` before a line of it is read, if source
    or gallery do not allow it or are not there; then `BadManifest`; each logged."""
    digest = hashlib.sha256(content).hexdigest()
    with audit.act(system, "image.enrolled", officer) as act:
        with act.look() as look:
            act.tell("manifest_sha256", digest, audit.SYSTEM)
            may_enrol(act, look, source_id, gallery_id)
        return Manifest(digest, tuple(read_manifest(content)))


def enrol_folder(
    system: System,
    officer: Officer,
    intake: Intake,
    *,
    source_id: str,
    gallery_id: str,
    received_from: str,
    embed_now: bool = True,
) -> Iterator[Answer]:
    """Enrol row by row, giving an answer for each row and for each file without one.

    Raises `Refused` or `Missing` before the first row if source or gallery do not allow it or are not there, and `NoRoom`
    when the disk is full: what was answered before is enrolled, and the rest can be given again.
    """
    _ask(system, officer, source_id, gallery_id)

    def give(row: Row, again: bool) -> bytes:
        return _content(system, officer, intake.folder, row, again)

    manifest = Manifest(intake.manifest_sha256, intake.rows)
    into = (source_id, gallery_id)
    yield from _rows(system, officer, manifest, give, *into, received_from=received_from, embed_now=embed_now)
    yield from _without_row(system, officer, intake.without_row)


def enrol_sent(
    system: System,
    officer: Officer,
    manifest: Manifest,
    files: Mapping[str, bytes],
    *,
    absent: Collection[str] = (),
    without_row: Sequence[str] = (),
    source_id: str,
    gallery_id: str,
    received_from: str,
) -> Iterator[Answer]:
    """Enrol the files of one sending, by their names in the manifest; its other rows wait for theirs.

    `absent` are names of rows whose file will not come; `without_row` are names of files that were kept back, for the
    manifest does not speak of them. Both get their answer here: all that is rejected for its name alone is one entry in
    the log, which says how many there were. Raises as `enrol_folder` does, and `BadInput` for more than `MOST_NAMES`.
    """
    unseen = dict.fromkeys([*absent, *without_row])
    _ask(system, officer, source_id, gallery_id, names=len(unseen))
    rows = tuple(row for row in manifest.rows if row.file in files or row.file in unseen)
    named = {row.file for row in rows}
    strangers = [name for name in dict.fromkeys([*files, *without_row]) if name not in named]
    why = _why_not(rows, files, system.media.max_bytes)
    if why or strangers:
        _reject(system, officer, "these names have no file or no row", count=len(why) + len(strangers))

    def give(row: Row, _again: bool) -> bytes:
        if row.line in why:
            raise BadInput(why[row.line])
        return files[row.file]

    sent = Manifest(manifest.sha256, rows)
    yield from _rows(system, officer, sent, give, source_id, gallery_id, received_from=received_from, embed_now=True)
    for name in strangers:
        yield Answer(name, Fate.REJECTED, NO_ROW, "", 0, ())


def _ask(system: System, officer: Officer, source_id: str, gallery_id: str, *, names: int = 0) -> None:
    """Ask the policy once for all that is sent; an entry only where it does not go on."""
    with audit.act(system, "image.enrolled", officer) as act, act.look() as look:
        may_enrol(act, look, source_id, gallery_id)
        if names > MOST_NAMES:
            raise BadInput(
                f"{names:,} names came without a file, more than the {MOST_NAMES:,} of one sending; send fewer"
            )


def _why_not(rows: Sequence[Row], files: Mapping[str, bytes], most_bytes: int) -> dict[int, str]:
    """What is rejected before any file is looked into: the line of the row, and why."""
    why: dict[int, str] = {}
    seen: set[str] = set()
    for row in rows:
        if not row.file:
            why[row.line] = "the row names no file"
        elif row.file in seen:
            why[row.line] = "an earlier row names the same file"
        elif row.file not in files:
            why[row.line] = "no file of this name was sent"
        elif (size := len(files[row.file])) > most_bytes:
            why[row.line] = _too_large(size, most_bytes)
        else:
            seen.add(row.file)
    return why


def _rows(
    system: System,
    officer: Officer,
    manifest: Manifest,
    give: Callable[[Row, bool], bytes],
    source_id: str,
    gallery_id: str,
    *,
    received_from: str,
    embed_now: bool,
) -> Iterator[Answer]:
    """`give` has the bytes of a row's file, told whether an earlier row had them; or raises why it has none."""
    seen: set[str] = set()
    for number, row in enumerate(manifest.rows):
        if number % SEALED_EVERY == 0:
            log.seal(system)
        taken_from = TakenFrom(
            file=row.file,
            received_from=received_from,
            manifest_sha256=manifest.sha256,
            person_ref=row.person_ref,
            captured_at=row.captured_at,
            image_url=row.image_url,
            page_url=row.page_url,
            page_title=row.page_title,
            caption=row.caption,
        )
        try:
            content = give(row, row.file in seen)
            seen.add(row.file)
            enrolled = enrol_image(
                system,
                officer,
                content,
                source_id=source_id,
                gallery_id=gallery_id,
                taken_from=taken_from,
                embed_now=embed_now,
            )
        except (BadInput, Changed) as error:  # the file's own fault; anything else is no answer about one file
            yield Answer(row.file, Fate.REJECTED, f"line {row.line}: {error}", "", 0, ())
        else:
            yield _answer(row.file, enrolled)


def _without_row(system: System, officer: Officer, files: Sequence[str]) -> Iterator[Answer]:
    for file in files:
        yield Answer(file, Fate.REJECTED, str(_reject(system, officer, NO_ROW)), "", 0, ())


def _answer(file: str, enrolled: Enrolled) -> Answer:
    if enrolled.image is None:
        return Answer(file, Fate.ASIDE, HELD_ASIDE, "", 0, ())
    fate = Fate.ALREADY_HELD if enrolled.already_held else Fate.ENROLLED
    rejected = tuple(face.reason for face in enrolled.rejected)
    return Answer(file, fate, "", enrolled.image.id, len(enrolled.faces), rejected)


def _content(system: System, officer: Officer, folder: Path, row: Row, again: bool) -> bytes:
    """The bytes of a row's file. A file that cannot be had is a logged rejection, like one that cannot be used."""
    path = folder / row.file
    if not row.file:
        raise _reject(system, officer, "the row names no file")
    if again:
        raise _reject(system, officer, "an earlier row names the same file")
    try:
        if "\x00" in row.file or not path.resolve().is_relative_to(folder.resolve()):
            raise _reject(system, officer, "the file lies outside the folder; copy it into the folder")
        if not path.is_file():
            raise _reject(system, officer, "there is no such file in the folder")
        if (size := path.stat().st_size) > system.media.max_bytes:  # a video, say: not read into memory to be refused
            raise _reject(system, officer, _too_large(size, system.media.max_bytes))
        return path.read_bytes()
    except (OSError, RuntimeError) as error:  # RuntimeError: links in a circle
        why = getattr(error, "strerror", None) or "its links go in a circle"
        raise _reject(system, officer, f"the file cannot be read ({why}); check its name and permissions") from error


def _too_large(size: int, most: int) -> str:
    return f"the file has {size:,} bytes, more than the {most:,} that are read; export it smaller"


def _reject(system: System, officer: Officer, why: str, *, count: int = 1) -> BadInput:
    """Log that a row or file was rejected, or so many together, and give the error that says why."""
    error = BadInput(why)
    try:
        with audit.act(system, "image.enrolled", officer) as act, act.look():
            if count > 1:
                act.tell("rejected_files", count, audit.SYSTEM)
            raise error
    except BadInput:
        return error
