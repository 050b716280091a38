"""Erase references from every store, prove it by a byte scan, and sign a receipt. Finishes what a crash left half-done."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta

from beholden.actions import audit, log
from beholden.actions.account import tell_calls
from beholden.actions.alike import COUNTER, IMAGE, open_fingerprint
from beholden.actions.audit import Act
from beholden.actions.beside import empty_sides, sides_of, take_out_of_use
from beholden.actions.block import block
from beholden.actions.compare_given import chosen_by_face
from beholden.actions.desk import REQUESTS
from beholden.actions.disclose import forget_references
from beholden.actions.examine import unseal_finished, void_examinations
from beholden.actions.expunge import STORES as INDEX
from beholden.actions.expunge import expunge, numbers_of
from beholden.actions.follow import open_templates, shelf_of
from beholden.actions.hidden import there_only_for
from beholden.actions.reseal import reseal_others
from beholden.actions.sent import forget_sent
from beholden.errors import BadInput, Changed, IndexIncomplete, KeyDestroyed, Missing, NotProven, StoreNotClean
from beholden.formats import receipts
from beholden.ports.database import Look, OneOf, Transaction
from beholden.ports.model import Template
from beholden.ports.system import System
from beholden.records.audit import SALT_BYTES, Entry, Item, canonical, instant
from beholden.records.candidates import Candidate
from beholden.records.comparisons import Comparison
from beholden.records.disclosures import DisclosedReference, Notice
from beholden.records.erasure import HEAD, Erasure, ErasureState
from beholden.records.faces import HELD, Box, Face, FaceState, Quality
from beholden.records.images import Image, ImageState
from beholden.records.near import SURE, ToldApart
from beholden.records.patterns import Planted
from beholden.records.people import Officer
from beholden.records.requests import Request, RequestState
from beholden.records.upgrades import SideTemplate

SEARCHES = "erasure/searches"
HOLD = timedelta(minutes=30)  # longer than any scan of a disk that one machine has

BACKUPS = (
    "The keys of these records are destroyed here. A backup of the key folder made before may still hold them, wrapped "
    "for its key epoch. Such a backup opens nothing once the next epoch has begun (`beholden check --new-key-epoch`) "
    "and every copy of the earlier epoch's kek.json is destroyed."
)
BY_WORDS = "not estimated: records were looked up by what the source told, no faces were compared"
BY_FACE = "not estimated: a photograph of the person was compared, and a privacy officer said which of the nearest are of them"
SHARE_MISSED = "share_missed"
NO_BOX = Box(0.0, 0.0, 0.0, 0.0)
NO_QUALITY = Quality(None, 0.0, 0.0, 0.0, 0.0, 0.0)


@dataclass(slots=True)
class Remembered:
    """What only memory may hold while a thing is erased: its plain bytes, to show that they are nowhere."""

    needles: list[bytes] = field(default_factory=list)
    templates: list[tuple[Face | SideTemplate, Template]] = field(default_factory=list)
    there: int = 0  # templates; more than could be opened if a crash in the middle left their keys destroyed


@there_only_for(*REQUESTS)
def erase(system: System, officer: Officer, *, request_id: str) -> Erasure:
    """Carry out a granted request, as the second person. Returns when the receipt is made.

    Raises `StoreNotClean` if a store could not be shown to be clean: then there is no receipt, the records are out of
    use already, and `finish_erasures` (every start, and the worker) tries again.
    """
    with audit.act(system, "erasure.started", officer) as act, act.begin() as tx:
        request = tx.get(Request, request_id)
        act.tell("request", request.id, request.id)
        faces = tx.find(Face, id=OneOf(request.face_ids), order="face_no")
        there = [face for face in faces if face.state in HELD]
        gone = tuple(face.id for face in faces if face.state is FaceState.ERASED)
        images = tx.find(Image, id=OneOf([face.image_id for face in there]))
        act.permit(
            state=str(request.state),
            granted_by=request.decided_by,
            on_hold=sum(face.kept.legal_hold for face in there) + sum(image.kept.legal_hold for image in images),
        )
        if under_way := tx.count(Face, image_id=OneOf([face.image_id for face in faces]), state=FaceState.ERASING):
            raise Changed(
                f"{under_way} faces of these photographs are being erased at this moment; wait until that has its "
                "receipt (`beholden request list`), then start this one"
            )
        if not there:
            raise BadInput("none of these records is held any more: there is nothing to erase")
        erasure = _plan(act, tx, request, there, images, gone)
        tx.add(erasure)
        tx.change(request, state=RequestState.FULFILLED)
        act.tell("erasure", erasure.id, erasure.id)
        act.tell("records", len(there), erasure.id)
        for face in there:
            act.tell("face", face.id, erasure.id)  # under the erasure's key: the face's own is about to go
    return finish(system, erasure)


def finish_erasures(system: System, *, alone: bool) -> list[Erasure]:
    """Finish every erasure that a crash or an unclean store interrupted.

    One that somebody works on is left to them, unless nobody else has the folder open.
    """
    with system.database.look() as look:
        unfinished = look.find(Erasure, state=OneOf([ErasureState.ERASING, ErasureState.CLEAN]))
    taken = [_take(system, erasure, alone) for erasure in unfinished]
    return [finish(system, erasure) for erasure in taken if erasure is not None]


def finish(system: System, erasure: Erasure) -> Erasure:
    """Finish one that has no receipt yet. Every step can be done again, so that it may stop at any line."""
    if erasure.state is ErasureState.ERASING:
        with audit.act(system, "erasure.finished", None) as act:
            act.tell("erasure", erasure.id, erasure.id)
            try:
                erasure = _make_clean(act, erasure)
            except StoreNotClean:
                _let_go(system, erasure)
                raise
    return _give_receipt(system, erasure)


def _take(system: System, erasure: Erasure, alone: bool) -> Erasure | None:
    """The erasure, held by us from now on; None while somebody else holds it, or when it is finished."""
    now = system.clock.now()
    with system.database.begin() as tx:
        as_it_is = tx.get(Erasure, erasure.id)
        if as_it_is.state is ErasureState.ERASED or (now < as_it_is.held_until and not alone):
            return None
        return tx.change(as_it_is, held_until=now + HOLD)


def _let_go(system: System, erasure: Erasure) -> None:
    with system.database.begin() as tx:
        as_it_is = tx.get(Erasure, erasure.id)
        tx.change(as_it_is, held_until=system.clock.now())


def _plan(
    act: Act,
    tx: Transaction,
    request: Request,
    faces: Sequence[Face],
    images: Sequence[Image],
    already_erased: tuple[str, ...],
) -> Erasure:
    """Take the faces out of use and write down what goes, all in one transaction."""
    ids = {face.id for face in faces}
    whole: list[Image] = []
    part: list[Image] = []
    for image in images:
        others = [face for face in tx.find(Face, image_id=image.id) if face.id not in ids and face.state in HELD]
        (part if others else whole).append(image)
    change_no = tx.next("changes", len(faces)) if faces else 0
    for i, face in enumerate(faces):
        tx.change(face, state=FaceState.ERASING, change_no=change_no + i)
    take_out_of_use(tx, [face.id for face in faces], FaceState.ERASING)
    id = act.new_id()
    for image in whole:
        tx.change(image, state=ImageState.ERASING, print_no=tx.next(COUNTER))
        block(act, tx, image, id)  # from now on: an erasure may take days, and nobody may take it in again
    shown = sorted({candidate.search_id for face in faces for candidate in tx.find(Candidate, face_id=face.id)})
    forget_sent(act.system, tx, [face.id for face in faces], act.now)
    void_examinations(tx, [face.id for face in faces])
    unseal_finished(act, tx, shown)
    return Erasure(
        id=id,
        version=0,
        kept=act.keep("erasure"),
        request_id=request.id,
        face_ids=tuple(face.id for face in faces),
        whole_image_ids=tuple(image.id for image in whole),
        part_image_ids=tuple(image.id for image in part),
        keys=(
            *(face.id for face in faces),
            *(key for image in whole for key in (image.id, image.blob_key)),
            *(image.blob_key for image in part),
        ),
        blobs=tuple(image.blob for image in images),
        needles=tuple(needle.hex() for needle in _sealed_heads(act.system, tx, faces, images)),
        searches=act.system.keys.seal(id, canonical(shown), SEARCHES),
        summary=((SHARE_MISSED, BY_FACE),) if chosen_by_face(tx, request) else (),
        already_erased=already_erased,
        held_until=act.now + HOLD,
        started_by=act.person.id,
        confirmed_by=request.decided_by,
        receipt=b"",
        state=ErasureState.ERASING,
    )


def _sealed_heads(system: System, look: Look, faces: Sequence[Face], images: Sequence[Image]) -> list[bytes]:
    """Heads of everything sealed that must no longer lie anywhere, not even unreadable."""
    templates: list[Face | SideTemplate] = [*faces, *sides_of(look, [face.id for face in faces])]
    heads = [one.template[:HEAD] for one in templates if one.template]
    for image in images:
        if image.fingerprint:
            heads.append(image.fingerprint[:HEAD])
        with suppress(Missing, NotProven):  # a picture that is damaged or gone must not keep a person from being erased
            heads.append(system.blobs.get(image.blob)[:HEAD])
    ids = [face.id for face in faces]
    heads += [candidate.lead[:HEAD] for candidate in look.find(Candidate, face_id=OneOf(ids)) if candidate.lead]
    heads += [one.result[:HEAD] for one in look.find(Comparison, face_id=OneOf(ids)) if one.result]
    for kept in look.find(DisclosedReference, face_id=OneOf(ids)):
        heads += [sealed[:HEAD] for sealed in (kept.reference, kept.crop) if sealed]
    return heads


def _make_clean(act: Act, erasure: Erasure) -> Erasure:
    system = act.system
    remembered = _remember(system, erasure)
    damaged = reseal_others(system, erasure)
    ranks, self_test = _post_delete_ranks(system, erasure, remembered)
    wrapped = [*system.keys.destroy(erasure.keys)]
    wrapped += expunge(system, erasure.face_ids)
    for address in erasure.blobs:
        system.blobs.purge(address)
    _empty_rows(system, erasure)
    system.database.purge()
    system.keys.purge()
    needles = [*remembered.needles, *wrapped, *(bytes.fromhex(needle) for needle in erasure.needles)]
    scan = system.stores.scan(needles)
    if scan.found:
        raise StoreNotClean(
            f"the byte scan found something that was to be erased: {'; '.join(scan.found[:5])}. The records are out "
            "of use, and there is no receipt; close every other program that has the data folder open and run "
            "`beholden worker --once`"
        )
    summary = (
        *(one for one in erasure.summary if one[0] == SHARE_MISSED),
        ("stores", ", ".join((*scan.stores, *INDEX))),
        ("files_scanned", str(scan.files)),
        ("bytes_scanned", str(scan.scanned_bytes)),
        ("needles", str(scan.needles)),
        ("post_delete_rank", "null" if ranks == [] else json.dumps(ranks)),
        ("damaged_pictures", str(damaged)),
        ("self_test", self_test),
    )
    with act.begin() as tx:
        act.tell("needles", scan.needles, erasure.id)
        tell_calls(act, _started(tx, erasure))
        return tx.change(erasure, state=ErasureState.CLEAN, needles=(), summary=summary)


def _remember(system: System, erasure: Erasure) -> Remembered:
    """The plain bytes whose keys still live; after a crash in the middle there may be none left."""
    remembered = Remembered()
    with system.database.look() as look:
        faces: list[Face | SideTemplate] = [*look.find(Face, id=OneOf(erasure.face_ids))]
        faces += sides_of(look, erasure.face_ids)
        sealed = [face for face in faces if face.template]
        emptied = [one for one in faces if isinstance(one, Face) and one.state is FaceState.ERASED]  # before a crash
        remembered.there = len(sealed) + len(emptied)
        for face, template in zip(sealed, open_templates(system, sealed), strict=True):
            if template is not None:
                remembered.templates.append((face, template))
                remembered.needles.append(template.astype("<f4").tobytes()[: 2 * HEAD])
        for item in look.find(Item, record_id=OneOf(_records(erasure))):
            try:
                plain = system.keys.open(item.record_id, item.sealed, f"item/{item.id}")
            except KeyDestroyed:
                continue
            remembered.needles += [plain[:SALT_BYTES], item.sealed[:HEAD]]
        for image in look.find(Image, id=OneOf(erasure.whole_image_ids)):
            if image.provenance:
                remembered.needles.append(image.provenance[:HEAD])
        for image in look.find(Image, id=OneOf([*erasure.whole_image_ids, *erasure.part_image_ids])):
            looks = open_fingerprint(system, image.blob_key, image.fingerprint, IMAGE)
            if looks is not None and looks.quality >= SURE:
                remembered.needles.append(looks.bits)
        for image in look.find(Image, id=OneOf(erasure.part_image_ids)):
            if image.blob in erasure.blobs:
                remembered.needles.append(image.provenance[:HEAD])
    return remembered


def _records(erasure: Erasure) -> list[str]:
    """The records whose items go with them: a frame with others in it keeps its own."""
    return [*erasure.face_ids, *erasure.whole_image_ids]


def _post_delete_ranks(system: System, erasure: Erasure, remembered: Remembered) -> tuple[list[int], str]:
    """Places at which erased templates still come back when each is searched for: none, or the erasure has failed. And in
    words, how many were searched for."""
    numbers = numbers_of(system, erasure.face_ids)
    with system.database.look() as look:
        entry = _started(look, erasure)
    system.index.drop(numbers)
    system.prints.drop([*erasure.whole_image_ids, *erasure.part_image_ids])
    ranks, of = [], f"of {remembered.there} templates searched after removal"
    for searched, (face, template) in enumerate(remembered.templates):
        shelves = [shelf_of(face)]
        try:
            nearest = system.index.nearest([template], max(1, system.index.rows(shelves)), shelves, entry=entry)
        except IndexIncomplete:  # a segment is damaged: nothing of it is used again
            system.index.forget()
            return [], f"{searched} {of}; then the index was found damaged, and thrown away with all that it held"
        ranks += [place for place, number in enumerate(nearest.face_nos, 1) if number in numbers]
    if ranks:
        raise StoreNotClean(
            "the index still returns an erased reference; start again, and it is made anew from the records"
        )
    return ranks, f"{len(remembered.templates)} {of}"


def _empty_rows(system: System, erasure: Erasure) -> None:
    """Nothing is left of an erased record but its number and that it was erased."""
    with system.database.begin() as tx:
        for face in tx.find(Face, id=OneOf(erasure.face_ids)):
            tx.change(
                face,
                template=b"",
                person_mark="",
                box=NO_BOX,
                landmarks=(),
                quality=NO_QUALITY,
                frames=(),
                state=FaceState.ERASED,
            )
            empty_sides(tx, [face.id])
            for candidate in tx.find(Candidate, face_id=face.id):
                tx.change(candidate, lead=b"")
            for comparison in tx.find(Comparison, face_id=face.id):
                tx.change(comparison, result=b"")
        now = system.clock.now()
        for image in tx.find(Image, id=OneOf(erasure.whole_image_ids)):
            if image.state is ImageState.ERASING:
                tx.change(
                    image,
                    mark="",
                    person_mark="",
                    page_mark="",
                    blob="",
                    fingerprint=b"",
                    provenance=b"",
                    state=ImageState.ERASED,
                )
        tx.remove(*tx.find(Item, record_id=OneOf(_records(erasure))))
        gone = OneOf(erasure.whole_image_ids)
        tx.remove(*tx.find(ToldApart, image_id=gone), *tx.find(ToldApart, other_image_id=gone))
        tx.remove(*tx.find(Planted, face_id=OneOf(erasure.face_ids)))
        for disclosure in forget_references(tx, erasure.face_ids):
            for recipient in disclosure.recipients:
                words = "a reference that was disclosed to you has been erased; erase your copy of it"
                id = system.clock.new_id()
                kept = audit.kept(system, "notice", audit.SYSTEM, now)
                tx.add(Notice(id, 0, kept, recipient, disclosure.id, words, sent=False))


def _give_receipt(system: System, erasure: Erasure) -> Erasure:
    """Seal the log, and sign what was done with the proof that it is in there."""
    checkpoint = log.seal(system)
    with system.database.look() as look:
        n = _entry_of(look, erasure)
        request = look.get(Request, erasure.request_id)
    payload = {
        "erasure": erasure.id,
        "request": erasure.request_id,
        "statement": f"These {len(erasure.face_ids)} records were erased from every store named here.",
        "records": list(erasure.face_ids),
        "records_erased_before": list(erasure.already_erased),
        "images_erased_whole": list(erasure.whole_image_ids),
        "images_sealed_anew_without_them": list(erasure.part_image_ids),
        "looked_for": request.looked_for,
        SHARE_MISSED: BY_WORDS,  # unless the summary says otherwise
        "started_by": erasure.started_by,
        "confirmed_by": erasure.confirmed_by,
        "erased_at": instant(system.clock.now()),
        "backups": BACKUPS,
        "post_delete_rank": None,
        **{name: value for name, value in erasure.summary if name != "post_delete_rank"},
    }
    receipt = receipts.make_receipt(
        payload,
        receipts.prove(system.witness.read, n, checkpoint),
        *log.receipt_key(system),
    )
    with system.database.begin() as tx:
        return tx.change(erasure, state=ErasureState.ERASED, receipt=receipt)


def _started(look: Look, erasure: Erasure) -> int:
    """The number of the entry that tells that this erasure was started: the first that names it."""
    return min(item.n for item in look.find(Item, record_id=erasure.id, name="erasure"))


def _entry_of(look: Look, erasure: Erasure) -> int:
    """The number of the entry that tells that this erasure was finished; tries that failed have entries too."""
    numbers = [item.n for item in look.find(Item, record_id=erasure.id, name="erasure")]
    leaves = {entry.n: json.loads(entry.leaf) for entry in look.find(Entry, n=OneOf(numbers))}
    return max(n for n, leaf in leaves.items() if (leaf["event"], leaf["outcome"]) == ("erasure.finished", "done"))
