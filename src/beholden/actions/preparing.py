"""What one file gives before keys and records come to it: its usable faces and their templates. May run in any process."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from beholden.actions.seeing import Seen, see
from beholden.actions.templates import embed_seen
from beholden.errors import NoUsableFace, Untrusted
from beholden.ports.media import Media
from beholden.ports.model import Embedded, FoundFace, Model
from beholden.records.faces import RejectedFace, rejection, too_many
from beholden.records.rules import Rules

Parts = tuple[Media, Model]

AS_GIVEN = b""  # in place of what is kept, where that is the file itself: it need not come back from another process
NO_PIXELS = np.zeros((0, 0, 3), dtype=np.uint8)


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """All that is recorded of a file but for its ids. The pixels are gone: of them only their number is kept."""

    seen: Seen
    width: int
    height: int
    found: tuple[FoundFace, ...]
    rejected: tuple[RejectedFace, ...]
    embedded: tuple[Embedded, ...] | None  # None: the worker embeds later
    space_id: str  # of the model that found and embedded them

    def kept(self, content: bytes) -> bytes:
        """What of the file is sealed."""
        return self.seen.kept if self.seen.kept != AS_GIVEN else content


def checked_model(model: Model) -> tuple[str, str]:
    """By what another process knows the model again that was checked when the system was opened: manifest and space."""
    return model.card.manifest_sha256, model.card.space_id


def same_model(model: Model, checked: tuple[str, str] | None) -> Model:
    """The model, if it is the one of which `checked_model` said this; None asks for nothing. Raises `Untrusted`."""
    if checked is not None and checked_model(model) != checked:
        raise Untrusted(
            f"the model {model.card.name} is not the one that was checked when the system was opened: its folder or the "
            "settings were changed meanwhile, and nothing was read with it. Find out who did that, and open the system anew"
        )
    return model


@dataclass(frozen=True, slots=True)
class Order:
    """All that a process is told that prepares a file."""

    content: bytes
    rules: Rules
    embed_now: bool


def prepare_by(parts: Parts, order: Order) -> Prepared:
    """`prepare`, as a process does it that was given its parts when it began."""
    media, model = parts
    return prepare(media, model, order.rules, order.content, embed_now=order.embed_now)


def prepare(media: Media, model: Model, rules: Rules, content: bytes, *, embed_now: bool = True) -> Prepared:
    """Decode, find, choose, embed. Takes no system, so that it may run where there are neither keys nor records.

    Raises `UnreadableImage`, and `NoUsableFace` with the reason of the surest face that is not used.
    """
    seen = see(media, model, content)
    pixels = seen.picture.pixels
    found, rejected = usable(rules, seen)
    return Prepared(
        seen=replace(
            seen,
            picture=replace(seen.picture, pixels=NO_PIXELS),
            kept=AS_GIVEN if seen.kept is content else seen.kept,
        ),
        width=int(pixels.shape[1]),
        height=int(pixels.shape[0]),
        found=found,
        rejected=rejected,
        embedded=tuple(embed_seen(model, pixels, found)) if embed_now else None,
        space_id=model.card.space_id,
    )


def usable(rules: Rules, seen: Seen) -> tuple[tuple[FoundFace, ...], tuple[RejectedFace, ...]]:
    """The faces that are worth a template, and the others with their reasons. Raises `NoUsableFace` if there is none."""
    if reason := too_many(seen.faces, rules):
        raise NoUsableFace(reason)
    judged = [(face, rejection(face, rules)) for face in seen.faces]
    rejected = tuple(RejectedFace(face.box, reason) for face, reason in judged if reason)
    found = tuple(face for face, reason in judged if not reason)
    if not found:
        why = rejected[0].reason if rejected else "no face was found"
        raise NoUsableFace(f"{why}; give a photograph in which the face is larger, sharper or upright")
    return found, rejected
