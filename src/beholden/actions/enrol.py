"""Enrol: take an image of a source into a gallery, with its provenance, and make its faces findable."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace

from beholden.actions import audit
from beholden.actions.alike import (
    COUNTER,
    IMAGE,
    Asked,
    Changes,
    ask_memory,
    changed_since,
    follow_prints,
    seal_fingerprint,
    sure,
    what_looks_like,
)
from beholden.actions.audit import Act, millis
from beholden.actions.marks import mark_of_digest, page_mark_of, person_mark_of
from beholden.actions.model_in_force import check_model
from beholden.actions.preparing import Prepared, prepare
from beholden.actions.unmade import Sealed, taken_back
from beholden.errors import BadInput, BeholdenError, Changed, Missing, Refused, Untrusted
from beholden.ports.database import Look, OneOf, Transaction
from beholden.ports.model import Embedded
from beholden.ports.policy import Fact
from beholden.ports.system import System
from beholden.records.audit import canonical
from beholden.records.faces import Face, FaceState, RejectedFace
from beholden.records.galleries import Gallery
from beholden.records.images import Aside, AsideState, Block, Image, ImageState, Provenance, is_capture_date
from beholden.records.metadata import no_reference
from beholden.records.people import Officer
from beholden.records.sources import Source

PICTURE, PROVENANCE, TEMPLATE = "image/picture", "image/provenance", "face/template"

HELD_ASIDE = "put aside for the privacy officer; nothing more is to be done"


@dataclass(frozen=True, slots=True)
class TakenFrom:
    """What the source says of one file."""

    file: str
    received_from: str = ""
    manifest_sha256: str = ""
    person_ref: str = ""
    captured_at: str = ""
    image_url: str = ""
    page_url: str = ""
    page_title: str = ""
    caption: str = ""
    # of a web archive, as in `Provenance`
    archived_at: str = ""
    alt: str = ""
    http_date: str = ""
    headers: tuple[str, ...] = ()
    record_id: str = ""
    checked: tuple[str, ...] = ()
    opt_outs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Given:
    """A file as it came. One that could not be had has a `fault` in place of its bytes, and that is its answer.

    A fault that is on record already, so that its `entry` is set, is not put there again.
    """

    content: bytes
    taken_from: TakenFrom
    fault: BadInput | None = None


@dataclass(frozen=True, slots=True)
class Enrolled:
    """What became of one file: an image with its faces; or it was put aside, and then there is no image and nothing to tell."""

    image: Image | None
    faces: tuple[Face, ...]
    rejected: tuple[RejectedFace, ...]
    already_held: bool = False
    frames_in_file: int = 1  # of an animation or pages; the image is the first
    looks_like: str = ""  # the id of the nearest image of this gallery and source that looks the same, if one is held


def enrol_image(
    system: System,
    officer: Officer,
    content: bytes,
    *,
    source_id: str,
    gallery_id: str,
    taken_from: TakenFrom,
    embed_now: bool = True,
) -> Enrolled:
    """Decode, detect, align, embed, seal, record, index. With `embed_now=False` the worker embeds later.

    Raises `Refused` (the source or gallery does not allow it), `Missing` (there is none such), `BadInput` (the capture
    date is no date), `UnreadableImage`, `NoUsableFace`, `NoRoom`. A file that is held already in this gallery from this
    source gives the image that is held.
    """
    batch = Batch(system, officer, [Given(content, taken_from)], source_id=source_id, gallery_id=gallery_id)
    for number in batch.look_up():
        with batch.reading(number):
            batch.take(number, prepare(system.media, system.model, system.rules, content, embed_now=embed_now))
    [outcome] = batch.record()
    if isinstance(outcome, BeholdenError):
        raise outcome
    return outcome


def seal_template(system: System, face_id: str, embedded: Embedded) -> bytes:
    return system.keys.seal(face_id, embedded.template.astype("<f4").tobytes(), TEMPLATE)


def may_enrol(act: Act, look: Look, source_id: str, gallery_id: str) -> Gallery:
    """Ask the policy for this source and this gallery. Raises `Refused`, and `Missing` where one of them is not there."""
    source, gallery = look.get(Source, source_id), look.get(Gallery, gallery_id)
    act.permit(**facts_of_intake(source, gallery))
    return gallery


def facts_of_intake(source: Source, gallery: Gallery) -> dict[str, Fact]:
    """What the policy is told of whatever brings images of this source into this gallery."""
    return {
        "source_state": str(source.state),
        "valid_from": millis(source.valid_from),
        "valid_until": millis(source.valid_until),
        "gallery_state": str(gallery.state),
        "source_purposes": source.purposes,
        "gallery_purposes": gallery.purposes,
    }


@dataclass(slots=True, eq=False)
class _Way:
    """One file on its way in: what is known of it so far, and the keys and the blob that were made for it."""

    act: Act
    given: Given
    digest: bytes
    mark: str
    fault: BadInput | None
    prepared: Prepared | None = None
    sealed: Sealed = field(default_factory=Sealed)
    asked: Asked | None = None
    written: bool = False


@dataclass(slots=True)
class _Moment:
    """What one moment's records say of all files of a batch. In a transaction nothing else can change it."""

    held: dict[str, list[Image]]  # by mark, those of this gallery and source first
    blocked: set[str]  # marks
    first: Act | None = None
    gallery: Gallery | None = None
    changes: Changes | None = None  # in what looks how

    def knows(self, mark: str) -> bool:
        return mark in self.held or mark in self.blocked


class Batch:
    """Files that are recorded together, each an act with an entry and an outcome of its own, in one transaction.

    `look_up` says which must be read. What `prepare` makes of these, here or elsewhere, goes to `take`, in `reading`.
    """

    def __init__(
        self, system: System, officer: Officer, given: Sequence[Given], *, source_id: str, gallery_id: str
    ) -> None:
        self._system, self._source_id, self._gallery_id = system, source_id, gallery_id
        self._ways = [self._way(officer, one) for one in given]

    def look_up(self) -> list[int]:
        """The places of the files that must be read: those that are neither held nor to be put aside.

        Raises `Refused` or `Missing` if the source or gallery do not allow it or are not there, and `NoRoom`.
        """
        first = self._ways[0].act
        with self._on_record(first), first.look() as look:
            may_enrol(first, look, self._source_id, self._gallery_id)
            moment = self._moment(look)
            unread = [n for n, way in enumerate(self._ways) if way.fault is None and not moment.knows(way.mark)]
            if unread:
                audit.check_room(self._system)
            return unread

    @contextmanager
    def reading(self, number: int) -> Iterator[None]:
        """While a file is read. Its own fault is its answer; anything else is put on record before it is raised."""
        way = self._ways[number]
        with self._on_record(way.act):
            try:
                yield
            except BadInput as error:
                way.fault = error

    def take(self, number: int, prepared: Prepared) -> None:
        """Raises `BadInput` for a picture that says of itself that it is none of a camera (REQ 09), and `Untrusted` where
        another model prepared it than the one in whose name its templates would be recorded."""
        if prepared.space_id != (ours := self._system.model.card.space_id):
            raise Untrusted(
                f"a file was prepared by another model (space {prepared.space_id}) than the one of this system ({ours}); "
                "nothing of it was recorded. Find out who changed the pack or the settings, and give the files again"
            )
        if self._system.profile != "synthetic" and (why := no_reference(prepared.seen.picture.metadata)):
            raise BadInput(why)
        self._ways[number].prepared = prepared

    def record(self) -> list[Enrolled | BeholdenError]:
        """What became of each file, in their order.

        `BadInput` or `Changed` is about one file alone. Any other error is the last of the list: what came after it was
        not recorded, as if it had not been given. Raises what stops all of them, after which none is recorded.
        """
        outcomes: list[Enrolled | BeholdenError] = []
        with self._on_record(self._ways[0].act), taken_back(self._system, *(way.sealed for way in self._ways)):
            self._seal()
            with self._system.database.begin() as tx:
                check_model(self._system, tx)
                moment = self._moment(tx)
                for way in self._ways:
                    outcomes.append(self._outcome(way, tx, moment))
                    if isinstance(outcomes[-1], Refused | Missing):
                        break
                for way in self._ways:
                    way.sealed.stands = way.written
        return outcomes

    def _way(self, officer: Officer, given: Given) -> _Way:
        fault = given.fault
        if fault is None and not is_capture_date(given.taken_from.captured_at):  # blind readers see it
            fault = BadInput("the capture date must be a year, a month or a day: 2019, 2019-05 or 2019-05-04")
        digest = hashlib.sha256(given.content).digest()
        act = audit.Act(self._system, "image.enrolled", officer)
        return _Way(act, given, digest, mark_of_digest(self._system, digest), fault)

    @contextmanager
    def _on_record(self, act: Act) -> Iterator[None]:
        try:
            yield
        except Exception as error:
            if not isinstance(error, BeholdenError) or error.entry is None:
                act.stopped(error)
            raise

    def _moment(self, look: Look) -> _Moment:
        marks = OneOf(sorted({way.mark for way in self._ways if way.fault is None}))
        images = look.find(Image, mark=marks, state=ImageState.HELD)
        held: dict[str, list[Image]] = {}
        for image in sorted(images, key=lambda one: not self._is_here(one)):
            held.setdefault(image.mark, []).append(image)
        return _Moment(held, {block.mark for block in look.find(Block, mark=marks)})

    def _is_here(self, image: Image) -> bool:
        return (image.gallery_id, image.source_id) == (self._gallery_id, self._source_id)

    def _seal(self) -> None:
        """Make all keys at once, and lay down every picture, before the transaction that others wait for."""
        follow_prints(self._system)
        ready = [(way, way.prepared) for way in self._ways if way.prepared is not None]
        for way, prepared in ready:
            way.sealed.keys = [self._system.clock.new_id() for _ in range(2 + len(prepared.found))]
            way.act.made(way.sealed.keys)
        if ready:
            self._system.keys.create([name for way, _ in ready for name in way.sealed.keys])
        for way, prepared in ready:
            sealed = self._system.keys.seal(way.sealed.keys[1], prepared.kept(way.given.content), PICTURE)
            way.sealed.blob = self._system.blobs.put(sealed)
            way.asked = ask_memory(self._system, prepared.seen.fingerprint)

    def _outcome(self, way: _Way, tx: Transaction, moment: _Moment) -> Enrolled | BeholdenError:
        if way.fault is not None and way.fault.entry is not None:
            return way.fault
        try:
            with way.act.within(tx, moment.first):
                moment.first = way.act
                return self._taken_in(way, tx, moment)
        except (BadInput, Changed, Missing, Refused) as error:
            if way.written:  # what it wrote cannot stay without its entry: then nothing of the others does
                raise
            way.act.stopped(error, tx)
            return error

    def _taken_in(self, way: _Way, tx: Transaction, moment: _Moment) -> Enrolled:
        """Everything is asked anew: as things stand now, not as they stood before the model ran."""
        if moment.gallery is None:  # one transaction is one moment: what is permitted to one file is to all
            moment.gallery = may_enrol(way.act, tx, self._source_id, self._gallery_id)
        if way.fault is not None:
            raise way.fault
        held = moment.held.get(way.mark)
        if held and self._is_here(held[0]):
            way.act.tell("already_held", held[0].id, held[0].id)
            return Enrolled(held[0], tuple(tx.find(Face, image_id=held[0].id)), (), already_held=True)
        if moment.knows(way.mark):
            return self._put_aside(way, tx)
        if way.prepared is None or way.asked is None:
            raise Changed("the file was held or blocked a moment ago and is no longer; give it again")
        if moment.changes is None:
            applied = min(one.asked.applied for one in self._ways if one.asked is not None)
            moment.changes = changed_since(self._system, tx, applied)
        alike = what_looks_like(self._system, tx, way.asked, moment.changes)
        if alike.goes_aside(self._gallery_id, self._source_id):
            return self._put_aside(way, tx)
        enrolled = self._added(way, way.prepared, moment.gallery, tx)
        if enrolled.image:
            moment.held[way.mark] = [enrolled.image]
            moment.changes.append((enrolled.image.id, sure(way.asked.fingerprint)))
        return replace(enrolled, looks_like=alike.images[0].id) if alike.images else enrolled

    def _put_aside(self, way: _Way, tx: Transaction) -> Enrolled:
        """Erased before, or held elsewhere. Both get the same answer, so that neither can be asked for."""
        act = way.act
        aside = Aside(
            id=act.new_id(),
            version=0,
            kept=act.keep("aside"),
            source_id=self._source_id,
            gallery_id=self._gallery_id,
            mark=way.mark,
            state=AsideState.WAITING,
        )
        tx.add(aside)
        act.tell("aside", aside.id, aside.id)
        act.tell("source", self._source_id, self._source_id)
        return Enrolled(None, (), ())

    def _added(self, way: _Way, prepared: Prepared, gallery: Gallery, tx: Transaction) -> Enrolled:
        system, act, taken_from = self._system, way.act, way.given.taken_from
        image_id, blob_key, *face_ids = way.sealed.keys
        picture = prepared.seen.picture
        told = asdict(taken_from) | asdict(picture.metadata)
        provenance = Provenance(sha256=way.digest.hex(), frames_in_file=picture.frames, **told)
        image = Image(
            id=image_id,
            version=0,
            kept=act.keep("reference"),
            gallery_id=gallery.id,
            source_id=self._source_id,
            mark=way.mark,
            person_mark=person_mark_of(system, self._source_id, taken_from.person_ref),
            page_mark=page_mark_of(system, taken_from.page_url),
            blob=way.sealed.blob,
            blob_key=blob_key,
            kind=prepared.seen.picture.kind,
            width=prepared.width,
            height=prepared.height,
            provenance=system.keys.seal(image_id, canonical(asdict(provenance)), PROVENANCE),
            state=ImageState.HELD,
            fingerprint=seal_fingerprint(system, blob_key, prepared.seen.fingerprint, IMAGE),
            print_no=tx.next(COUNTER),
        )
        # One person's name belongs to one face: in a group photograph the reference does not say which.
        person_mark = image.person_mark if len(face_ids) == 1 else ""
        first_no, first_change = tx.next("faces", len(face_ids)), tx.next("changes", len(face_ids))
        way.written = True
        embedded = prepared.embedded
        faces = tuple(
            Face(
                id=face_id,
                version=0,
                kept=act.keep("reference"),
                face_no=first_no + i,
                image_id=image.id,
                gallery_id=gallery.id,
                source_id=self._source_id,
                space_id=system.model.card.space_id,
                person_mark=person_mark,
                box=face.box,
                landmarks=face.landmarks,
                quality=embedded[i].quality if embedded else face.quality,
                template=seal_template(system, face_id, embedded[i]) if embedded else b"",
                state=FaceState.LIVE if embedded else FaceState.WAITING,
                change_no=first_change + i,
                frames=face.frames,
            )
            for i, (face_id, face) in enumerate(zip(face_ids, prepared.found, strict=True))
        )
        tx.add(image, *faces)
        act.tell("image", image.id, image.id)
        act.tell("source", self._source_id, self._source_id)
        act.tell("gallery", gallery.id, gallery.id)
        act.tell("file_sha256", provenance.sha256, image.id)
        for face in faces:
            act.tell("face", face.id, face.id)
        if prepared.rejected:
            act.tell("rejected_faces", len(prepared.rejected), image.id)
        return Enrolled(image, faces, prepared.rejected, frames_in_file=picture.frames)
