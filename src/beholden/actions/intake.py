"""Enrol files with their manifest, of a folder or as they are sent: each gets an answer, and one bad file stops nothing."""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain
from pathlib import Path

from beholden.actions import audit, log
from beholden.actions.enrol import HELD_ASIDE, Enrolled, Given, TakenFrom, may_enrol
from beholden.actions.pipeline import Into, Preparers, enrol_in_turn
from beholden.errors import BadInput, BadManifest, BeholdenError, Changed
from beholden.formats.manifest import Row, check_size, read_manifest
from beholden.ports.media import Media
from beholden.ports.system import System
from beholden.records.people import Officer

MANIFEST = "manifest.csv"
FIRST_OF = "it has {} frames, of which the first is taken"
LOOKS_LIKE = (
    "it looks like the image {other}, which is held here: lists take both for one picture; if they are two, a steward or "
    "an examiner says so: beholden gallery tell-apart {image} {other}"
)
NO_ROW = "the manifest has no row for it"
MOST_NAMES = 5_000  # without a file, in one sending: as many as a form has files; each takes an answer, and memory
HEAD = 4096  # bytes that tell a video
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
class Named:
    """A file as it is answered for: with the line of its row, or 0."""

    file: str
    line: int = 0


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
    preparers: Preparers | None = None,
    stop: Callable[[], bool] = lambda: False,
) -> Iterator[Answer]:
    """Enrol row by row, giving an answer for each row and for each file without one, once it is recorded.

    Raises `Refused` or `Missing` before the first row if source or gallery do not allow it or are not there, and `NoRoom`
    when the disk is full: what was answered before is enrolled, and the rest can be given again. With `preparers` the
    files are read by other processes. Ends early once `stop` says so.
    """
    _ask(system, officer, source_id, gallery_id)

    def give(row: Row, again: bool) -> bytes:
        return _content(intake.folder, row, again, system.media)

    manifest = Manifest(intake.manifest_sha256, intake.rows)
    into = Into(source_id, gallery_id, embed_now)
    files = _given(manifest, give, received_from=received_from)
    strangers = ((Named(name), Given(b"", TakenFrom(name), BadInput(NO_ROW))) for name in intake.without_row)
    yield from _answered(system, officer, chain(files, strangers), into, preparers, stop)


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
    entry = None
    if why or strangers:
        entry = _reject(system, officer, "these names have no file or no row", count=len(why) + len(strangers))

    def give(row: Row, _again: bool) -> bytes:
        if row.line in why:
            raise BadInput(why[row.line], entry=entry)
        return files[row.file]

    sent = _given(Manifest(manifest.sha256, rows), give, received_from=received_from)
    yield from _answered(system, officer, sent, Into(source_id, gallery_id))
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


def _given(
    manifest: Manifest, give: Callable[[Row, bool], bytes], *, received_from: str
) -> Iterator[tuple[Named, Given]]:
    """The files of the rows, each read when it is asked for.

    `give` has the bytes of a row's file, told whether an earlier row had them; or raises why it has none, with the number
    of the entry if that is on record already.
    """
    seen: set[str] = set()
    for row in manifest.rows:
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
            given = Given(give(row, row.file in seen), taken_from)
            seen.add(row.file)
        except BadInput as error:
            given = Given(b"", taken_from, error)
        yield Named(row.file, row.line), given


def _answered(
    system: System,
    officer: Officer,
    files: Iterable[tuple[Named, Given]],
    into: Into,
    preparers: Preparers | None = None,
    stop: Callable[[], bool] = lambda: False,
) -> Iterator[Answer]:
    waiting: deque[Named] = deque()
    answered = 0

    def given() -> Iterator[Given]:
        for name, one in files:
            waiting.append(name)
            yield one

    for outcomes in enrol_in_turn(system, officer, given(), into, preparers=preparers, stop=stop):
        for outcome in outcomes:
            if answered % SEALED_EVERY == 0:
                log.seal(system)
            answered += 1
            yield answer_of(waiting.popleft(), outcome)


def answer_of(named: Named, outcome: Enrolled | BeholdenError) -> Answer:
    """Raises what is no answer about one file."""
    if isinstance(outcome, BadInput | Changed):  # the file's own fault
        line = f"line {named.line}: " if named.line else ""
        return Answer(named.file, Fate.REJECTED, f"{line}{outcome}", "", 0, ())
    if isinstance(outcome, BeholdenError):
        raise outcome
    if outcome.image is None:
        return Answer(named.file, Fate.ASIDE, HELD_ASIDE, "", 0, ())
    fate = Fate.ALREADY_HELD if outcome.already_held else Fate.ENROLLED
    rejected = tuple(face.reason for face in outcome.rejected)
    noted = [FIRST_OF.format(outcome.frames_in_file)] if outcome.frames_in_file > 1 else []
    if outcome.looks_like:
        noted.append(LOOKS_LIKE.format(image=outcome.image.id, other=outcome.looks_like))
    return Answer(named.file, fate, "; ".join(noted), outcome.image.id, len(outcome.faces), rejected)


def _content(folder: Path, row: Row, again: bool, media: Media) -> bytes:
    """The bytes of a row's file. Raises `BadInput` for one that cannot be had."""
    path = folder / row.file
    if not row.file:
        raise BadInput("the row names no file")
    if again:
        raise BadInput("an earlier row names the same file")
    try:
        if "\x00" in row.file or not path.resolve().is_relative_to(folder.resolve()):
            raise BadInput("the file lies outside the folder; copy it into the folder")
        if not path.is_file():
            raise BadInput("there is no such file in the folder")
        size = path.stat().st_size
        if size > media.max_bytes and size > (most := _most(path, media)):  # it is not read into memory to be refused
            raise BadInput(_too_large(size, most))
        return path.read_bytes()
    except (OSError, RuntimeError) as error:  # RuntimeError: links in a circle
        why = getattr(error, "strerror", None) or "its links go in a circle"
        raise BadInput(f"the file cannot be read ({why}); check its name and permissions") from error


def _most(path: Path, media: Media) -> int:
    """How many bytes are read of a file that is too large for a picture."""
    with path.open("rb") as file:
        return media.max_video_bytes if media.video_kind(file.read(HEAD)) else media.max_bytes


def _too_large(size: int, most: int) -> str:
    return f"the file has {size:,} bytes, more than the {most:,} that are read; export it smaller"


def _reject(system: System, officer: Officer, why: str, *, count: int) -> int | None:
    """Log that so many rows or files were rejected together; the number of the entry."""
    error = BadInput(why)
    try:
        with audit.act(system, "image.enrolled", officer) as act, act.look():
            if count > 1:
                act.tell("rejected_files", count, audit.SYSTEM)
            raise error
    except BadInput:
        return error.entry
