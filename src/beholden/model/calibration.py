"""What a pack was measured to do before it was shipped: a file beside its manifest, refused if one byte differs."""

from __future__ import annotations

import hashlib
from importlib.resources.abc import Traversable

from beholden.errors import Untrusted
from beholden.formats import calibrations
from beholden.model.catalogue import PACKS
from beholden.model.manifest import Manifest
from beholden.records.calibration import Measured

INSTALL = "install beholden again, from a source that you trust"


def calibration_of(manifest: Manifest, space_id: str, folder: Traversable | None = None) -> Measured | None:
    """None if the pack pins no calibration, or one of another space: figures of other templates say nothing of these.

    Raises `Untrusted` if the file is missing or is not the pinned one.
    """
    if not manifest.calibration_sha256:
        return None
    name = f"{manifest.name}.calibration.json"
    how = "put the file that the manifest pins beside it" if manifest.folder else INSTALL
    try:
        content = ((folder or manifest.folder or PACKS) / name).read_bytes()
    except OSError as error:
        raise Untrusted(f"the calibration {name} cannot be read ({error.strerror or error}); {how}") from error
    found = hashlib.sha256(content).hexdigest()
    if found != manifest.calibration_sha256:
        raise Untrusted(
            f"the calibration {name} is not the pinned one: its SHA-256 is {found}, pinned is "
            f"{manifest.calibration_sha256}; {how}, and find out who changed it"
        )
    measured = calibrations.measured_in(content)
    return measured if measured.space_id == space_id else None
