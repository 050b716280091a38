"""Enrol: take an image of a source into a gallery, with its provenance, and make its faces findable."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass

from beholden.actions import audit
from beholden.actions.audit import Act, millis
from beholden.actions.seeing import Seen, see
from beholden.errors import BadInput, Changed, Fault, KeyDestroyed, Missing, NotProven, NoUsableFace
from beholden.ports.database import Look
from beholden.ports.model import Embedded, FoundFace
from beholden.ports.system import System
from beholden.records.audit import canonical
from beholden.records.faces import Face, FaceState, RejectedFace, rejection, too_many
from beholden.records.galleries import Gallery
from beholden.records.images import Aside, AsideState, Block, Image, ImageState, Provenance, is_capture_date
from beholden.records.people import Officer
from beholden.records.sources import Source

PICTURE, PROVENANCE, TEMPLATE = "image/picture", "image/provenance", "face/template"

HELD_ASIDE = "put aside for the privacy officer; nothing more is to be done"


class _MustGoAside(Exception):
    """The file was erased, or enrolled elsewhere, while the model ran."""


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


@dataclass(frozen=True, slots=True)
class Enrolled:
    """What became of one file: an image with its faces; or it was put aside, and then there is no image and nothing to tell."""

    image: Image | None
    faces: tuple[Face, ...]
    rejected: tuple[RejectedFace, ...]
    already_held: bool = False


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
    with audit.act(system, "image.enrolled", officer) as act:
        mark = mark_of(system, content)
        with act.look() as look:
            gallery = may_enrol(act, look, source_id, gallery_id)
            if not is_capture_date(taken_from.captured_at):  # blind readers see it: it must not say anything else
                raise BadInput("the capture date must be a year, a month or a day: 2019, 2019-05 or 2019-05-04")
            held = look.find(Image, mark=mark, gallery_id=gallery_id, source_id=source_id, state=ImageState.HELD)
            aside = _must_go_aside(look, mark, gallery_id, source_id)
        if held:
            act.tell("already_held", held[0].id, held[0].id)
            with act.begin() as tx:
                return Enrolled(held[0], tuple(tx.find(Face, image_id=held[0].id)), (), already_held=True)
        if aside:
            return _put_aside(act, mark, source_id, gallery_id)
        audit.check_room(system)
        seen = see(system.media, system.model, content)
        found, rejected = _usable(system, seen)
        embedded = system.model.embed(seen.picture.pixels, found) if embed_now else None
        try:
            return _record(act, content, seen, found, embedded, rejected, gallery, source_id, mark, taken_from)
        except _MustGoAside:
            act.start_over()
            return _put_aside(act, mark, source_id, gallery_id)


def mark_of(system: System, content: bytes) -> str:
    """How a file is known again: a stolen disk must not confirm a known file, so it is no plain digest."""
    return system.keys.hmac("file", hashlib.sha256(content).digest()).hex()


def person_mark_of(system: System, source_id: str, person_ref: str) -> str:
    """How a source's word for a person is known again. Two sources that both say "1" do not speak of one person."""
    return system.keys.hmac("person_ref", canonical([source_id, person_ref])).hex() if person_ref else ""


def page_mark_of(system: System, page_url: str) -> str:
    return system.keys.hmac("page_url", page_url.encode()).hex() if page_url else ""


@contextmanager
def taken_back(system: System, keys: Sequence[str], blob: str) -> Iterator[None]:
    """What was sealed for a record that is then not made is destroyed again, as far as the disk allows."""
    try:
        yield
    except Exception:  # whatever stopped it, no key may outlive a record that was never made; it is raised again
        with suppress(Fault):  # the next start sweeps up what is left
            system.keys.destroy(keys)
            system.blobs.purge(blob)
        raise


def seal_template(system: System, face_id: str, embedded: Embedded) -> bytes:
    return system.keys.seal(face_id, embedded.template.astype("<f4").tobytes(), TEMPLATE)


def embed_waiting(system: System, *, failed: set[str] | None = None, limit: int = 32) -> int:
    """Make templates for faces that wait for one; how many were made. Safe to run again after a crash.

    A face that was erased meanwhile, or whose picture is damaged, is logged, added to `failed`, and does not keep the
    others waiting; those in `failed` already are left alone.
    """
    skipped = set() if failed is None else failed
    with system.database.look() as look:
        waiting = look.find(Face, state=FaceState.WAITING, order="face_no")
    made = 0
    for face in [face for face in waiting if face.id not in skipped][:limit]:
        try:
            _embed(system, face)
        except (BadInput, Changed, KeyDestroyed, Missing, NotProven):
            skipped.add(face.id)  # logged by the act
        else:
            made += 1
    return made


def _embed(system: System, face: Face) -> None:
    with audit.act(system, "face.embedded", None) as act:
        with system.database.look() as look:
            image = look.get(Image, face.image_id)
        content = system.keys.open(image.blob_key, system.blobs.get(image.blob), PICTURE)
        picture = system.media.decode(content)
        as_found = FoundFace(face.box, face.landmarks, face.quality)
        embedded = system.model.embed(picture.pixels, [as_found])[0]
        with act.begin() as tx:
            tx.change(  # `Changed` if it was erased meanwhile
                face,
                template=seal_template(system, face.id, embedded),
                quality=embedded.quality,
                space_id=system.model.card.space_id,
                state=FaceState.LIVE,
                change_no=tx.next("changes"),
            )
            act.tell("face", face.id, face.id)


def asides(system: System, officer: Officer) -> list[Aside]:
    """The files that were put aside and wait for a decision."""
    with audit.act(system, "aside.shown", officer) as act, act.begin() as tx:
        act.permit()
        waiting = tx.find(Aside, state=AsideState.WAITING)
        for aside in waiting:
            act.tell("aside", aside.id, aside.id)
        return waiting


def judge_aside(system: System, officer: Officer, *, aside_id: str) -> Aside:
    """Close a file that was put aside. The block stays: the file can be given again, and would be put aside again."""
    with audit.act(system, "image.judged", officer) as act, act.begin() as tx:
        aside = tx.get(Aside, aside_id)
        act.tell("aside", aside.id, aside.id)
        act.permit(state=str(aside.state))
        return tx.change(aside, state=AsideState.REFUSED)


def may_enrol(act: Act, look: Look, source_id: str, gallery_id: str) -> Gallery:
    """Ask the policy for this source and this gallery. Raises `Refused`, and `Missing` where one of them is not there."""
    source, gallery = look.get(Source, source_id), look.get(Gallery, gallery_id)
    act.permit(
        source_state=str(source.state),
        valid_from=millis(source.valid_from),
        valid_until=millis(source.valid_until),
        gallery_state=str(gallery.state),
        source_purposes=source.purposes,
        gallery_purposes=gallery.purposes,
    )
    return gallery


def _must_go_aside(look: Look, mark: str, gallery_id: str, source_id: str) -> bool:
    """Erased before, or held elsewhere already. Both get the same answer, so that neither can be asked for."""
    try:
        look.get(Block, mark)
    except Missing:
        elsewhere = look.find(Image, mark=mark, state=ImageState.HELD)
        return any((image.gallery_id, image.source_id) != (gallery_id, source_id) for image in elsewhere)
    return True


def _put_aside(act: Act, mark: str, source_id: str, gallery_id: str) -> Enrolled:
    with act.begin() as tx:
        aside = Aside(
            id=act.new_id(),
            version=0,
            kept=act.keep("aside"),
            source_id=source_id,
            gallery_id=gallery_id,
            mark=mark,
            state=AsideState.WAITING,
        )
        tx.add(aside)
        act.tell("aside", aside.id, aside.id)
        act.tell("source", source_id, source_id)
    return Enrolled(None, (), ())


def _usable(system: System, seen: Seen) -> tuple[list[FoundFace], list[RejectedFace]]:
    if reason := too_many(seen.faces, system.rules):
        raise NoUsableFace(reason)
    judged = [(face, rejection(face, system.rules)) for face in seen.faces]
    rejected = [RejectedFace(face.box, reason) for face, reason in judged if reason]
    usable = [face for face, reason in judged if not reason]
    if not usable:
        why = rejected[0].reason if rejected else "no face was found"
        raise NoUsableFace(f"{why}; give a photograph in which the face is larger, sharper or upright")
    return usable, rejected


def _record(
    act: Act,
    content: bytes,
    seen: Seen,
    found: Sequence[FoundFace],
    embedded: Sequence[Embedded] | None,
    rejected: Sequence[RejectedFace],
    gallery: Gallery,
    source_id: str,
    mark: str,
    taken_from: TakenFrom,
) -> Enrolled:
    system = act.system
    image_id, blob_key, *face_ids = act.new_ids(2 + len(found))
    blob = system.blobs.put(system.keys.seal(blob_key, seen.kept, PICTURE))
    provenance = Provenance(sha256=hashlib.sha256(content).hexdigest(), **asdict(taken_from))
    image = Image(
        id=image_id,
        version=0,
        kept=act.keep("reference"),
        gallery_id=gallery.id,
        source_id=source_id,
        mark=mark,
        person_mark=person_mark_of(system, source_id, taken_from.person_ref),
        page_mark=page_mark_of(system, taken_from.page_url),
        blob=blob,
        blob_key=blob_key,
        kind=seen.picture.kind,
        width=int(seen.picture.pixels.shape[1]),
        height=int(seen.picture.pixels.shape[0]),
        provenance=system.keys.seal(image_id, canonical(asdict(provenance)), PROVENANCE),
        state=ImageState.HELD,
    )
    # One person's name belongs to one face: in a group photograph the reference does not say which.
    person_mark = image.person_mark if len(found) == 1 else ""
    with act.begin() as tx, taken_back(system, [image_id, blob_key, *face_ids], blob):
        may_enrol(act, tx, source_id, gallery.id)  # as things stand now, not as they stood before the model ran
        if _must_go_aside(tx, mark, gallery.id, source_id):
            raise _MustGoAside
        if tx.find(Image, mark=mark, gallery_id=gallery.id, source_id=source_id, state=ImageState.HELD):
            raise NoUsableFace("the same file was enrolled by somebody else at this moment; nothing was added")
        first_no, first_change = tx.next("faces", len(found)), tx.next("changes", len(found))
        faces = tuple(
            Face(
                id=face_id,
                version=0,
                kept=act.keep("reference"),
                face_no=first_no + i,
                image_id=image.id,
                gallery_id=gallery.id,
                source_id=source_id,
                space_id=system.model.card.space_id,
                person_mark=person_mark,
                box=face.box,
                landmarks=face.landmarks,
                quality=embedded[i].quality if embedded else face.quality,
                template=seal_template(system, face_id, embedded[i]) if embedded else b"",
                state=FaceState.LIVE if embedded else FaceState.WAITING,
                change_no=first_change + i,
            )
            for i, (face_id, face) in enumerate(zip(face_ids, found, strict=True))
        )
        tx.add(image, *faces)
        act.tell("image", image.id, image.id)
        act.tell("source", source_id, source_id)
        act.tell("gallery", gallery.id, gallery.id)
        act.tell("file_sha256", provenance.sha256, image.id)
        for face in faces:
            act.tell("face", face.id, face.id)
        if rejected:
            act.tell("rejected_faces", len(rejected), image.id)
    return Enrolled(image, faces, tuple(rejected))
