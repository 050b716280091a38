"""Which images look alike. Fingerprints are sealed on disk, open in memory only, and follow the records like the index."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from threading import Lock

from beholden.errors import KeyDestroyed
from beholden.ports.database import Above, Look, OneOf
from beholden.ports.system import System
from beholden.records.exhibits import Exhibit, ExhibitState
from beholden.records.faces import Face
from beholden.records.images import Block, Image, ImageState
from beholden.records.near import NEAR, SURE, Alike, Fingerprint, ToldApart, alike, distance, packed, unpacked

IMAGE, BLOCK, EXHIBIT = "image/fingerprint", "block/fingerprint", "exhibit/fingerprint"
Pictured = Image | Block | Exhibit
CONTEXTS: dict[type[Pictured], str] = {Image: IMAGE, Block: BLOCK, Exhibit: EXHIBIT}
COUNTER = "prints"
AT_ONCE = 5000  # records in memory at one time

# One at a time in a process: an older snapshot that is applied late would bring back what a newer one had dropped.
_FOLLOWING = Lock()


Changes = list[tuple[str, Fingerprint | None]]


@dataclass(frozen=True, slots=True)
class Asked:
    """What memory said of a fingerprint, and up to which change it knew."""

    fingerprint: Fingerprint
    apart: Mapping[str, int]  # bits that differ, by image id and by block's mark
    applied: int


@dataclass(frozen=True, slots=True)
class LooksLike:
    """What is held or blocked that looks like a picture, as one moment of the records has it."""

    images: tuple[Image, ...]  # held, the nearest first
    blocked: bool

    def goes_aside(self, gallery_id: str, source_id: str) -> bool:
        """Erased before, or held elsewhere: both, so that neither can be asked for with a copy (as with the file itself)."""
        here = (gallery_id, source_id)
        return self.blocked or any((image.gallery_id, image.source_id) != here for image in self.images)


def seal_fingerprint(system: System, key: str, fingerprint: Fingerprint, context: str) -> bytes:
    """Under the key of the picture that it was made of: it lives exactly as long."""
    return system.keys.seal(key, packed(fingerprint), context)


def open_fingerprint(system: System, key: str, sealed: bytes, context: str) -> Fingerprint | None:
    """None where there is none, or its key is destroyed."""
    if not sealed:
        return None
    try:
        return unpacked(system.keys.open(key, sealed, context))
    except KeyDestroyed:
        return None


def follow_prints(system: System) -> None:
    """Hold in memory every fingerprint that the records have now. Not within a write, which may yet come to nothing."""
    with _FOLLOWING, system.database.look() as look:
        last = begun = system.prints.applied
        for kind in CONTEXTS:
            above = begun
            while changed := _changed(look, kind, above, AT_ONCE):
                opened = _opened(system, kind, changed)
                system.prints.drop([id for id, known in opened if known is None])
                there = [(id, known.bits) for id, known in opened if known is not None]
                system.prints.hold([id for id, _ in there], [bits for _, bits in there])
                above = changed[-1].print_no
            last = max(last, above)
        system.prints.reached(last)


def ask_memory(system: System, fingerprint: Fingerprint) -> Asked:
    """Ask before the transaction that others wait for [100,000 fingerprints: 2 ms]; it may know less than the records."""
    applied = system.prints.applied
    near = system.prints.near(fingerprint.bits, NEAR) if fingerprint.quality >= SURE else []
    return Asked(fingerprint, dict(near), applied)


def changed_since(system: System, look: Look, applied: int) -> Changes:
    """By id, the fingerprints that came after memory had seen the records, and None for those that are to be held no more."""
    return [one for kind in CONTEXTS for one in _opened(system, kind, _changed(look, kind, applied, None))]


def what_looks_like(system: System, look: Look, asked: Asked, changes: Changes | None = None) -> LooksLike:
    """What is held in galleries or blocked, as `look` has the records, that looks like this.

    Who asks for several at one moment reads `changed_since` once, of the least `applied`, and adds what comes meanwhile.
    """
    apart = _apart(system, look, asked, changes)
    ids = OneOf(sorted(apart))
    held = look.find(Image, id=ids, state=ImageState.HELD) if apart else []
    blocked = bool(apart) and look.count(Block, mark=ids) > 0
    return LooksLike(tuple(sorted(held, key=lambda image: (apart[image.id], image.id))), blocked)


def images_of(look: Look, faces: Iterable[Face]) -> list[Image]:
    """The images that these faces are in."""
    return look.find(Image, id=OneOf(sorted({face.image_id for face in faces})))


def alike_of(system: System, look: Look, faces: Sequence[Face], images: Iterable[Image]) -> Alike:
    """What a list of these references, which are in these images, has to know to give one place to one picture in two files."""
    ids = OneOf(sorted({face.image_id for face in faces}))
    if len(ids.values) < 2:
        return Alike()
    sealed = [image for image in images if image.fingerprint and image.id in ids.values]
    opened = system.keys.open_many([(image.blob_key, image.fingerprint) for image in sealed], IMAGE)
    prints = {image.id: unpacked(plain) for image, plain in zip(sealed, opened, strict=True) if plain is not None}
    return alike(prints, look.find(ToldApart, image_id=ids))


def stack_of(system: System, look: Look, case_id: str, asked: Asked) -> str:
    """The id of the exhibit of this case whose stack a picture joins: the first of those that look the same; else empty."""
    nearest = _nearest(system, look, asked, case_id=case_id)
    return (nearest.stack or nearest.id) if nearest else ""


def first_of(system: System, look: Look, pixel_mark: str, asked: Asked) -> str:
    """The id of the first exhibit, of whatever case, that shows this photograph; empty where it is the first.

    It has the same pixels, and may be removed; or it looks the same. Everything that is rationed by photograph counts so.
    """
    same = look.find(Exhibit, pixel_mark=pixel_mark, order="created_at", limit=1)
    nearest = same[0] if same else _nearest(system, look, asked)
    return nearest.copy_of_id if nearest else ""


def sure(fingerprint: Fingerprint) -> Fingerprint | None:
    return fingerprint if fingerprint.quality >= SURE else None


def _nearest(system: System, look: Look, asked: Asked, case_id: str = "") -> Exhibit | None:
    """Of the exhibits that are held, in this case or any, the one that looks most like this."""
    apart = _apart(system, look, asked)
    held = look.find(Exhibit, id=OneOf(sorted(apart)), state=ExhibitState.HELD) if apart else []
    among = [exhibit for exhibit in held if case_id in ("", exhibit.case_id)]
    return min(among, key=lambda exhibit: (apart[exhibit.id], exhibit.id), default=None)


def _apart(system: System, look: Look, asked: Asked, changes: Changes | None = None) -> dict[str, int]:
    """By id, how many bits differ of what looks like this: by what memory said, and by what changed since."""
    if asked.fingerprint.quality < SURE:
        return {}
    apart = dict(asked.apart)
    for id, known in changed_since(system, look, asked.applied) if changes is None else changes:
        apart.pop(id, None)
        if known is not None and (bits := distance(known.bits, asked.fingerprint.bits)) <= NEAR:
            apart[id] = bits
    return apart


def _changed(look: Look, kind: type[Pictured], above: int, limit: int | None) -> Sequence[Pictured]:
    return look.find(kind, print_no=Above(above), order="print_no", limit=limit)


def _opened(system: System, kind: type[Pictured], changed: Sequence[Pictured]) -> list[tuple[str, Fingerprint | None]]:
    """By id, and of a block by its mark, which is no id: the fingerprint, or None where none is to be held."""
    sealed = [_sealed(one) for one in changed]
    there = [(id, key, fingerprint) for id, key, fingerprint in sealed if fingerprint]
    plain = system.keys.open_many([(key, fingerprint) for _, key, fingerprint in there], CONTEXTS[kind])
    known = {id: unpacked(bits) for (id, _, _), bits in zip(there, plain, strict=True) if bits is not None}
    return [(id, held if (held := known.get(id)) and held.quality >= SURE else None) for id, _, _ in sealed]


def _sealed(one: Pictured) -> tuple[str, str, bytes]:
    """Its id, the name of its key, and its sealed fingerprint: none of what is held no more."""
    if isinstance(one, Block):
        return one.mark, one.print_key, one.fingerprint
    held = one.state in (ImageState.HELD, ExhibitState.HELD)
    return one.id, one.blob_key, one.fingerprint if held else b""
