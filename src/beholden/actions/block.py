"""Block what was erased: neither its file nor a copy that looks the same is taken in again."""

from __future__ import annotations

from contextlib import suppress

from beholden.actions import audit
from beholden.actions.alike import BLOCK, COUNTER, IMAGE, open_fingerprint, seal_fingerprint
from beholden.actions.audit import Act
from beholden.actions.enrol import PICTURE
from beholden.errors import BadInput, Missing, NotProven
from beholden.ports.database import Transaction
from beholden.ports.system import System
from beholden.records.images import Block, Image
from beholden.records.near import SURE, Fingerprint


def block(act: Act, tx: Transaction, image: Image, erasure_id: str) -> None:
    """The list holds a keyed mark and a sealed fingerprint of the whole picture, and nothing biometric.

    The fingerprint is sealed anew under a key of its own, for the image's is about to be destroyed.
    """
    if tx.count(Block, mark=image.mark):
        return
    key, sealed = "", b""
    fingerprint = _fingerprint_of(act.system, image)
    if fingerprint is not None and fingerprint.quality >= SURE:
        key = act.new_id()
        sealed = seal_fingerprint(act.system, key, fingerprint, BLOCK)
    tx.add(
        Block(
            mark=image.mark,
            kept=audit.kept(act.system, "block", audit.SYSTEM, act.now),
            erasure_id=erasure_id,
            fingerprint=sealed,
            print_key=key,
            print_no=tx.next(COUNTER),
        )
    )


def _fingerprint_of(system: System, image: Image) -> Fingerprint | None:
    """None for a picture that is damaged or gone: that must not keep a person from being erased."""
    if known := open_fingerprint(system, image.blob_key, image.fingerprint, IMAGE):
        return known
    with suppress(Missing, NotProven, BadInput):  # of an image that was enrolled before fingerprints were made
        content = system.keys.open(image.blob_key, system.blobs.get(image.blob), PICTURE)
        return system.media.fingerprint(system.media.decode(content).pixels)
    return None
