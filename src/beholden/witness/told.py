"""The witnesses that the settings of a system tell of; a system without any loads nothing of this."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from beholden.errors import BadInput
from beholden.ports.cosigners import Cosigner


class Told(Protocol):
    """What a table of `[[witnesses]]` says; empty texts where it says nothing."""

    @property
    def name(self) -> str: ...

    @property
    def vkey(self) -> str: ...

    @property
    def url(self) -> str: ...

    @property
    def folder(self) -> str: ...


def witnesses_of(told: Sequence[Told], *, apart: Sequence[Path]) -> tuple[Cosigner, ...]:
    """One for each table. Nothing is asked yet.

    Raises `Untrusted` for what is no witness's key, and `BadInput` for an address of no kind, for two of one name, and for
    a folder in one of `apart`: who puts back the log, its keys and what its witness remembers is noticed by nobody.
    """
    found: list[Cosigner] = []
    for one in told:
        for ours in apart:
            if one.folder and Path(one.folder).resolve().is_relative_to(ours.resolve()):
                raise BadInput(f"the folder of a witness must not lie in {ours}: move it to a place of its own")
        found.append(_witness_of(one))
    if len({one.name for one in found}) < len(found):
        raise BadInput("two of the [[witnesses]] in the settings have one name: take one of them out")
    return tuple(found)


def _witness_of(told: Told) -> Cosigner:
    from beholden.formats.cosignatures import cosigner
    from beholden.witness.asking import AskedWitness, PaperWitness, is_local

    if not told.vkey:
        if told.url or told.folder or not told.name:
            raise BadInput(
                "a witness has a vkey, or a name alone if it is on paper: correct [[witnesses]] in the settings"
            )
        return PaperWitness(told.name)
    if told.url and not told.url.startswith(("unix:/", "https://")) and not is_local(told.url):
        raise BadInput(
            f"{told.url!r} is no address of a witness: give https://…, unix:/path, or http://127.0.0.1:PORT on this machine"
        )
    return AskedWitness(cosigner(told.vkey).name, told.vkey, told.url.rstrip("/"), told.folder)
