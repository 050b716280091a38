"""Check a whole system: log, records, pictures, keys, index, model and room. It mends nothing and hides nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from beholden.actions import audit, log
from beholden.actions.account import checked, note_calls
from beholden.actions.enrol import PICTURE
from beholden.actions.exhibits import PICTURE as EXHIBIT_PICTURE
from beholden.actions.incidents import open_incident, overdue, unfinished
from beholden.actions.index import agrees
from beholden.actions.training import without_training
from beholden.errors import BeholdenError, Fault, NoRoom, NotProven
from beholden.ports.database import Look, OneOf
from beholden.ports.model import FIT_LICENCES
from beholden.ports.system import System
from beholden.records.disclosures import Notice
from beholden.records.erasure import Erasure, ErasureState
from beholden.records.exhibits import Exhibit, ExhibitState
from beholden.records.faces import Face, FaceState
from beholden.records.images import Image, ImageState
from beholden.records.incidents import IncidentKind
from beholden.records.people import Officer
from beholden.records.requests import Restriction, RestrictionState, is_overdue

# What does not hold of these parts is an incident: something was changed that nobody may change.
OPENS = {
    "log": IncidentKind.LOG,
    "pictures": IncidentKind.INTEGRITY,
    "templates": IncidentKind.INTEGRITY,
    "counts": IncidentKind.INTEGRITY,
    "index": IncidentKind.INTEGRITY,
    "engine": IncidentKind.UNACCOUNTED,
}
NAMED = 10  # people without training; the page of an administrator has the others


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: whether it holds, and in words what was seen or what to do."""

    part: str
    holds: bool
    words: str


def check(system: System, officer: Officer) -> list[Finding]:
    """Look at every part; one that does not hold does not keep the others from being looked at."""
    with audit.act(system, "system.checked", officer) as act:
        with act.look() as look:
            act.permit()
            note_calls(system)
            findings = look_over(system, look)
        with act.begin() as tx:
            for finding in findings:
                if not finding.holds:
                    act.tell("does_not_hold", finding.part, audit.SYSTEM)
                    if finding.part in OPENS:
                        open_incident(system, tx, OPENS[finding.part], "", finding.words, now=act.now)
    return findings


def look_over(system: System, look: Look) -> list[Finding]:
    """Look at every part and put nothing on record: for `check`, and for whoever tries out a backup."""
    parts: list[tuple[str, Callable[[System, Look], str]]] = [
        ("log", _log),
        ("pictures", _pictures),
        ("templates", _templates),
        ("counts", _counts),
        ("index", _index),
        ("engine", _engine),
        ("erasures", _erasures),
        ("restrictions", _restrictions),
        ("model", _model),
        ("reader", _reader),
        ("room", _room),
        ("notices", _notices),
        ("training", _training),
        ("incidents", _incidents),
    ]
    return [_look_at(part, look_at, system, look) for part, look_at in parts]


def _look_at(part: str, look_at: Callable[[System, Look], str], system: System, look: Look) -> Finding:
    try:
        return Finding(part, True, look_at(system, look))
    except BeholdenError as error:
        return Finding(part, False, str(error))


def _log(system: System, look: Look) -> str:
    return f"{log.check_log(system, look):,} entries agree with the signed checkpoints"


def _pictures(system: System, look: Look) -> str:
    """Every picture opens under its key: its bytes are those that were sealed."""
    images = look.find(Image, state=ImageState.HELD)
    exhibits = look.find(Exhibit, state=ExhibitState.HELD)
    damaged = []
    pictured: list[tuple[Image | Exhibit, str]] = [(image, PICTURE) for image in images]
    pictured += [(exhibit, EXHIBIT_PICTURE) for exhibit in exhibits]
    for one, context in pictured:
        try:
            system.keys.open(one.blob_key, system.blobs.get(one.blob), context)
        except BeholdenError as error:
            damaged.append(f"{one.id}: {error}")
    if damaged:
        raise NotProven(f"{len(damaged)} pictures are damaged, first {damaged[0]}; restore them from a backup")
    return f"{len(images):,} images and {len(exhibits):,} exhibits are whole"


def _templates(system: System, look: Look) -> str:
    faces = look.find(Face, state=FaceState.LIVE)
    for face in faces:
        system.keys.open(face.id, face.template, "face/template")
    waiting = look.count(Face, state=FaceState.WAITING)
    return f"{len(faces):,} templates open, {waiting:,} faces wait for theirs"


def _counts(system: System, look: Look) -> str:
    """By these a search knows which shelves hold a reference, and how many."""
    wrong = look.miscounted(Face)
    if wrong:
        (gallery_id, source_id, _, state), counted, there = wrong[0]
        raise NotProven(
            f"{len(wrong)} counts of references are not what the records hold, first of gallery {gallery_id} and source "
            f"{source_id}: {counted:,} are counted as {state}, and {there:,} are there. Whoever wrote to the database "
            "past Beholden did this; `beholden index rebuild` counts them anew"
        )
    return f"{look.count(Face):,} references are counted as they are"


def _index(system: System, look: Look) -> str:
    return f"{agrees(system, look)}; the scanner is {system.index.size().engine}"


def _engine(system: System, look: Look) -> str:
    return checked(system, look).words


def _erasures(system: System, look: Look) -> str:
    unfinished = look.count(Erasure, state=OneOf([ErasureState.ERASING, ErasureState.CLEAN]))
    if unfinished:
        raise NotProven(f"{unfinished} erasures are not finished; run `beholden worker --once`")
    return f"{look.count(Erasure):,} erasures, all with a receipt"


def _restrictions(system: System, look: Look) -> str:
    in_force = look.find(Restriction, state=RestrictionState.IN_FORCE)
    overdue = [one for one in in_force if is_overdue(one, system.clock.now())]
    records = sum(len(one.face_ids) for one in in_force)
    words = f"records held as evidence, restricted, not erased: {records:,} (requests: {len(in_force):,})"
    if overdue:
        raise Fault(
            f"{words}; of {len(overdue):,} requests nobody looked again in time whether they must be, first "
            f"{overdue[0].request_id}: a privacy officer does, with `beholden request keep-restricted` or `end-restriction`"
        )
    return words


def _model(system: System, look: Look) -> str:
    card = system.model.card
    live = look.count(Face, state=FaceState.LIVE)
    others = live - look.count(Face, state=FaceState.LIVE, space_id=card.space_id)
    if others:
        raise Fault(
            f"{others:,} of {live:,} references have templates of another model; they are not compared, and each search says "
            "how many wait"
        )
    fit = card.licence_kind in FIT_LICENCES
    unfit = "" if fit else f"; its licence is {card.licence_kind}: an operational system would not load it"
    return f"{card.name}, {card.dimension} dimensions, files as pinned{unfit}"


def _reader(system: System, look: Look) -> str:
    missing = system.media.missing_walls
    if missing and system.profile != "synthetic":
        raise Fault(
            f"strangers' files are read without {' and without '.join(missing)}; the policy goes on with "
            f"{system.rules.max_missing_walls} missing at most. Landlock and seccomp are parts of the Linux kernel (5.13 "
            "or later, with both switched on); seccomp needs the library libseccomp too"
        )
    return "strangers' files are read behind walls" + (f", without {', '.join(missing)}" if missing else "")


def _room(system: System, look: Look) -> str:
    free = system.stores.room()
    if free < system.rules.min_room_bytes:
        raise NoRoom(f"only {free // 2**20} MiB are free: make room, or nothing more can be taken in")
    return f"{free // 2**20:,} MiB are free for {look.count(Image):,} images"


def _training(system: System, look: Look) -> str:
    """Nothing is broken where somebody was not trained: it is said, since their acts are refused."""
    lacks = without_training(look, system.clock.now())
    if not lacks:
        return "everybody whose role asks for training has a certificate that counts"
    named = ", ".join(f"{person.name} ({role.replace('_', ' ')})" for person, role in lacks[:NAMED])
    more = f" and {len(lacks) - NAMED} more" if len(lacks) > NAMED else ""
    return f"no certificate counts for {named}{more}; `beholden people certify` enters one"


def _notices(system: System, look: Look) -> str:
    waiting = look.count(Notice, sent=False)
    return f"{waiting:,} notices wait to be sent"


def _incidents(system: System, look: Look) -> str:
    late = overdue(look, system.clock.now())
    if late:
        raise Fault(
            f"{len(late)} incidents wait beyond their term for somebody to say whether they are material, first {late[0].id}: "
            "a privacy officer says it (`beholden incident judge`)"
        )
    return f"{len(unfinished(look)):,} incidents are not closed"
