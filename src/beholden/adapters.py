"""Which adapter serves which address. Only this file names adapters, and they are loaded when they are needed."""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import entry_points
from typing import Any

from beholden.errors import BadInput

ADAPTERS = {  # a plugin adds to these through the entry point group `beholden.adapters`
    "sqlite": "beholden.database.sql:SqlDatabase",
    "files": "beholden.blobs.files:FileBlobs",
    "memory": "beholden.blobs.memory:MemoryBlobs",
    "exact": "beholden.index.exact:ExactIndex",
    "pack": "beholden.model.pack:FacePack",
    "drawn": "beholden.testing.drawn:DrawnModel",
    "pillow": "beholden.media.pillow:PillowMedia",
    "sandbox": "beholden.media.sandbox:SandboxedMedia",
    "log": "beholden.witness.files:FileWitness",
    "typst": "beholden.documents.pages:TypstDocuments",
}


def open_address(address: str, *parts: Any) -> Any:
    """The adapter, with these parts, of an address such as `sqlite:///…` or `exact:`.

    Raises `BadInput` for a scheme that nobody serves.
    """
    scheme = address.partition(":")[0]
    place = ADAPTERS.get(scheme)
    if place is None:
        for plugin in entry_points(group="beholden.adapters"):
            if plugin.name == scheme:
                return plugin.load()(address, *parts)
        raise BadInput(f"no adapter serves {scheme!r}; known: {', '.join(sorted(ADAPTERS))}")
    module, _, name = place.partition(":")
    return getattr(import_module(module), name)(address, *parts)
