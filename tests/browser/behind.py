"""A look at the records behind everybody's back, while the server runs: what only a test may know."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from beholden.actions.enrol import PROVENANCE
from beholden.actions.examine import leads_of
from beholden.demo.photographs import person_in
from beholden.demo.stage import INES, STELLA, SVEN
from beholden.opening import open_folder
from beholden.ports.database import Look
from beholden.ports.system import System
from beholden.records.authority import Authority
from beholden.records.candidates import Candidate
from beholden.records.cases import Case
from beholden.records.exhibits import Exhibit, ExhibitFace
from beholden.records.faces import Face
from beholden.records.galleries import Gallery
from beholden.records.images import Image
from beholden.records.review import Pair
from beholden.records.searches import Search
from beholden.records.sought import Sought
from beholden.records.sources import Source

TOLD = (
    "file",
    "person_ref",
    "image_url",
    "page_url",
    "page_title",
    "caption",
    "sha256",
)  # of where an image comes from
KINDS: tuple[type[Any], ...] = (Image, Face, ExhibitFace, Candidate, Gallery, Source, Case, Exhibit, Sought, Authority)
NAMES = (INES.name, SVEN.name, STELLA.name, "2026-117", "attic", "exhibit-1", "exhibit-2", "seized disk")
REGISTER = ("Rendered people", "References", "rendered.example", "Rendered person", "Portrait ")


@contextmanager
def behind(data: Path) -> Iterator[tuple[System, Look]]:
    with closing(open_folder(data, recover=False)) as system, system.database.look() as look:
        yield system, look


def people_behind(data: Path) -> dict[str, str]:
    """Whom a reviewer would take each reference for, by the handle of its pair."""
    with behind(data) as (system, look):
        images = {one.id: look.get(Image, one.image_id) for one in look.find(Candidate)}
        return {
            pair.handle: person_in(_provenance(system, images[pair.candidate_id])["file"]) for pair in look.find(Pair)
        }


def hidden_of(data: Path) -> list[str]:
    """All that a blind reviewer and a blind examiner of the system's only search must not be given, in any form."""
    with behind(data) as (system, look):
        hidden = [*NAMES, *REGISTER]
        for image in look.find(Image):
            told = _provenance(system, image)
            hidden += [told[name] for name in TOLD]
        for kind in KINDS:
            hidden += [record.id for record in look.find(kind)]
        for search in look.find(Search):
            for lead in leads_of(system, look, search):
                hidden += [f"{lead.score:.{digits}f}" for digits in (3, 4)]
    return list(dict.fromkeys(hidden))


def _provenance(system: System, image: Image) -> dict[str, str]:
    told: dict[str, str] = json.loads(system.keys.open(image.id, image.provenance, PROVENANCE))
    return told
