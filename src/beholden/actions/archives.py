"""Web archives: one is read whole and its answer logged before any image of it is enrolled, under what its source may bring.

The archive is a stranger's file, and is read in this process: by code of Python alone and zlib's, within the limits of
`formats.warc`. What it takes out is a file like any other, and is decoded behind walls. Nothing is ever fetched.
"""

from __future__ import annotations

import hashlib
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import BinaryIO

from beholden.actions import audit, log
from beholden.actions.audit import Act
from beholden.actions.enrol import Given, TakenFrom, facts_of_intake, may_enrol
from beholden.actions.intake import SEALED_EVERY, Answer, Fate, Named, answer_of
from beholden.actions.pipeline import Into, Preparers, enrol_in_turn
from beholden.errors import BadInput, Changed
from beholden.formats.warc import LIMITS, LeftOut, Limits, Survey, Taken, survey, taken_from
from beholden.ports.database import Look, Transaction
from beholden.ports.system import System
from beholden.records.archives import ArchiveCount, terms_of
from beholden.records.audit import canonical, instant
from beholden.records.galleries import Gallery
from beholden.records.people import Officer
from beholden.records.sources import Source
from beholden.records.web import Code

# What every archive has beside its images: counted in the answer, not listed one by one.
ORDINARY = frozenset({Code.NOT_A_RESPONSE, Code.PAGE, Code.SITE_RULES})
NAME = 200  # characters of the archive's name in an answer
MOST_WAITING = 1_000  # answers that are held while images before them are recorded
MOST_SENT = 5_000  # answers that a page or a program is given at once; the command line gives as many as there are

Days = Mapping[tuple[str, str], int]  # host and day → images taken


@dataclass(frozen=True, slots=True)
class Archive:
    """A web archive that was read, with what becomes of its records; its images can be enrolled."""

    file_name: str
    source_id: str
    gallery_id: str
    sha256: str  # of the file as it lies
    records: int
    pages: int  # that were read for what they say of images
    images: int  # records that hold an image, covered or not
    taken: int  # that the source's terms let in
    left_out: Mapping[Code, int]  # by the first reason of each
    damage: str  # empty if it could be read to its end
    read_at: datetime
    file: BinaryIO = field(repr=False)
    survey: Survey = field(repr=False)
    taken_before: Days = field(repr=False)
    seals: Mapping[int, bytes] = field(repr=False)  # of what is taken, by record: nothing else is enrolled

    def __len__(self) -> int:
        """How many answers there are."""
        return self.taken + sum(count for code, count in self.left_out.items() if code not in ORDINARY)


def read_archive(
    system: System,
    officer: Officer,
    file: BinaryIO,
    *,
    file_name: str,
    source_id: str,
    gallery_id: str,
    most_answers: int | None = None,
) -> Archive:
    """Read an archive to its end, decide about each record, and log the answer; no image is enrolled yet.

    `file` is read from its beginning, and again by `enrol_archive`. Raises `Refused` or `Missing` before a byte is read if
    source or gallery do not allow it or are not there; `BadInput` if it is no web archive, is larger than is read, or would
    have more than `most_answers`; `Changed` if another archive of the source was read meanwhile. Each is logged.
    """
    with audit.act(system, "archive.read", officer) as act:
        with act.look() as look:
            source = _may_read(act, look, source_id, gallery_id)
        surveyed = survey(file, terms_of(source), limits=_limits(system))
        mark = system.keys.hmac("archive", bytes.fromhex(surveyed.sha256)).hex()
        act.tell("archive_sha256", surveyed.sha256, source.id)
        with system.database.look() as look:
            before = _taken_before(look, source_id, mark)
        decided_at, seals = act.now, dict[int, bytes]()
        left_out: Counter[Code] = Counter()
        days: Counter[tuple[str, str]] = Counter()
        for one in taken_from(file, surveyed, now=decided_at, taken_before=before, limits=_limits(system)):
            if isinstance(one, Taken):
                seals[one.number] = _seal(one)
                days[one.host_and_day] += 1
            else:
                left_out[one.code] += 1
        answers = len(seals) + sum(count for code, count in left_out.items() if code not in ORDINARY)
        if most_answers is not None and answers > most_answers:
            raise BadInput(
                f"the archive has {answers:,} images and records to answer for, more than the {most_answers:,} that are "
                "given at once here; give it with `beholden enrol-archive`, or in parts"
            )
        with act.begin() as tx:
            _may_read(act, tx, source_id, gallery_id)  # as things stand now
            if _taken_before(tx, source_id, mark) != before:
                raise Changed("another archive of this source was read at this moment; give this one again")
            _count(act, tx, source_id, mark, days)
            act.tell("source", source_id, source_id)
            act.tell("gallery", gallery_id, gallery_id)
            act.tell("records", surveyed.records, source_id)
            act.tell("images", surveyed.images, source_id)
            act.tell("taken", len(seals), source_id)
            act.tell("left_out", [f"{code} {count}" for code, count in sorted(left_out.items())], source_id)
            if surveyed.damage:
                act.tell("damage", surveyed.damage, source_id)
    return Archive(
        file_name=file_name[:NAME],
        source_id=source_id,
        gallery_id=gallery_id,
        sha256=surveyed.sha256,
        records=surveyed.records,
        pages=surveyed.pages,
        images=surveyed.images,
        taken=len(seals),
        left_out=dict(left_out),
        damage=surveyed.damage,
        read_at=decided_at,
        file=file,
        survey=surveyed,
        taken_before=before,
        seals=seals,
    )


def enrol_archive(
    system: System,
    officer: Officer,
    archive: Archive,
    *,
    received_from: str = "",
    embed_now: bool = True,
    preparers: Preparers | None = None,
    stop: Callable[[], bool] = lambda: False,
) -> Iterator[Answer]:
    """Enrol what the archive gives: an answer for each image and for each record left out, apart from `ORDINARY` ones.

    Raises `Refused` or `Missing` before the first if source or gallery do not allow it or are not there; `NoRoom`; and
    `BadInput` where the file is no longer the one that was read: what was enrolled before is what had been read then. With
    `preparers` the images are read by other processes. Ends early once `stop` says so.
    """
    system = replace(system, sent="")  # the number of a form or request was for the archive, not for each image of it
    into = Into(archive.source_id, archive.gallery_id, embed_now)
    with audit.act(system, "image.enrolled", officer) as act, act.look() as look:
        may_enrol(act, look, into.source_id, into.gallery_id)
    found = taken_from(
        archive.file, archive.survey, now=archive.read_at, taken_before=archive.taken_before, limits=_limits(system)
    )
    listed = (one for one in found if isinstance(one, Taken) or one.code not in ORDINARY)
    waiting: deque[Named | Answer] = deque()
    answered = 0
    is_read = False

    def given() -> Iterator[Given]:
        nonlocal is_read
        for one in listed:
            file = f"{archive.file_name}#{one.number}"
            if isinstance(one, LeftOut):
                waiting.append(Answer(file, Fate.REJECTED, _why(one), "", 0, ()))
            else:
                waiting.append(Named(file))
                yield _as_read(archive, one, file, received_from)
            if len(waiting) >= MOST_WAITING:
                return
        is_read = True

    while not is_read and not stop():
        for outcomes in enrol_in_turn(system, officer, given(), into, preparers=preparers, stop=stop):
            for outcome in outcomes:
                if answered % SEALED_EVERY == 0:
                    log.seal(system)
                answered += 1
                yield from _left_out_first(waiting)
                named = waiting.popleft()
                assert isinstance(named, Named)  # one outcome for each that was given, in their order
                yield answer_of(named, outcome)
        yield from _left_out_first(waiting)


def _left_out_first(waiting: deque[Named | Answer]) -> Iterator[Answer]:
    """The answers that come before the next image's."""
    while waiting and isinstance(waiting[0], Answer):
        answer = waiting.popleft()
        assert isinstance(answer, Answer)
        yield answer


def _as_read(archive: Archive, taken: Taken, file: str, received_from: str) -> Given:
    """Raises `BadInput` if it is not what was read of this record before."""
    if archive.seals.get(taken.number) != _seal(taken):
        raise BadInput(
            f"the archive was changed after it was read; nothing from record {taken.number} on was enrolled: give it again"
        )
    told = replace(_told(taken), file=file, received_from=received_from, manifest_sha256=archive.sha256)
    return Given(taken.content, told)


def _may_read(act: Act, look: Look, source_id: str, gallery_id: str) -> Source:
    source, gallery = look.get(Source, source_id), look.get(Gallery, gallery_id)
    act.permit(**facts_of_intake(source, gallery), archive_places=len(source.places))
    return source


def _limits(system: System) -> Limits:
    """An image that the decoder would refuse for its bytes is not held either."""
    return replace(LIMITS, image=min(LIMITS.image, system.media.max_bytes))


def _taken_before(look: Look, source_id: str, mark: str) -> Days:
    """What other archives of this source gave: the same archive may be given again, after an interruption."""
    days: Counter[tuple[str, str]] = Counter()
    for one in look.find(ArchiveCount, source_id=source_id):
        if one.mark != mark:
            days[one.host, one.day] += one.taken
    return dict(days)


def _count(act: Act, tx: Transaction, source_id: str, mark: str, days: Days) -> None:
    there = {(one.host, one.day): one for one in tx.find(ArchiveCount, source_id=source_id, mark=mark)}
    for (host, day), taken in days.items():
        before = there.get((host, day))
        if before is None:
            id = f"{source_id}/{mark}/{host}/{day}"
            tx.add(ArchiveCount(id, 0, act.keep("source"), source_id, mark, host, day, taken))
        elif before.taken < taken:
            tx.change(before, taken=taken)


def _told(taken: Taken) -> TakenFrom:
    return TakenFrom(
        file="",
        image_url=taken.image_url,
        page_url=taken.page_url,
        page_title=taken.page_title,
        caption=taken.caption,
        archived_at=instant(taken.archived_at),
        alt=taken.alt,
        http_date=taken.http_date,
        headers=tuple(f"{name}: {value}" for name, value in taken.headers),
        record_id=taken.record_id,
        checked=taken.checked,
        opt_outs=tuple(f"{said.code}: {said.words} ({said.said_at})" for said in taken.opt_outs),
    )


def _seal(taken: Taken) -> bytes:
    """Of the image and of everything that is kept with it."""
    return hashlib.sha256(canonical([taken.sha256, asdict(_told(taken))])).digest()


def _why(left: LeftOut) -> str:
    """Every reason behind its code, each code once, and the address that it is about unless a reason names it."""
    by_code: dict[Code, list[str]] = {}
    for why in left.reasons:
        by_code.setdefault(why.code, []).append(why.words)
    reasons = "; ".join(f"{code}: {', '.join(words)}" for code, words in by_code.items())
    return f"{reasons} ({left.url})" if left.url.partition("://")[2] not in reasons else reasons
