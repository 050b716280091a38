"""What a use of an authority hangs on, be it a search or a comparison: the facts of it, and the template of who is sought."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

import numpy as np

from beholden.actions.audit import Act, millis
from beholden.actions.exhibits import PICTURE
from beholden.actions.seeing import as_edited
from beholden.actions.templates import embed_seen
from beholden.errors import NoUsableFace
from beholden.ports.database import Look, OneOf
from beholden.ports.model import FoundFace, Template
from beholden.ports.policy import Fact
from beholden.ports.system import System
from beholden.records.authority import Authority, state_at
from beholden.records.cases import Case
from beholden.records.exhibits import Exhibit, ExhibitFace, ExhibitState
from beholden.records.galleries import Gallery, is_fit
from beholden.records.quality_floor import best_of
from beholden.records.reveals import length_of_reason
from beholden.records.sought import Sought

R = TypeVar("R")


def facts_of_use(
    system: System,
    look: Look,
    case: Case,
    authority: Authority,
    sought: Sought,
    probes: Sequence[tuple[Exhibit, ExhibitFace]],
) -> dict[str, Fact]:
    """What the policy is told of a use of an authority, be it a search or a comparison one to one."""
    pack = system.policy.pack
    return {
        "case_state": str(case.state),
        "assigned": case.assigned,
        "purpose": authority.purpose,
        "urgency": str(authority.urgency),
        "pack_purposes": pack.purposes,
        "authority_state": str(state_at(authority, system.clock.now())),
        "authority_of_case": authority.case_id == case.id,
        "authority_names_sought": authority.sought_id == sought.id,
        "requested_by": authority.requested_by,
        "approved_by": authority.decided_by,
        "starts_at": millis(authority.starts_at),
        "ends_at": millis(authority.ends_at),
        "searches": authority.searches,
        "used": authority.used,
        "sought_state": str(sought.state),
        "removed_faces": sum(
            exhibit.state is not ExhibitState.HELD or exhibit.case_id != case.id for exhibit, _ in probes
        ),
        "subject_role": str(sought.subject_role),
        "permitted_roles": tuple(pack.roles_by_purpose.get(authority.purpose, ())),
        # An authority that names no gallery is one for none: nobody approves such, but nothing is to hang on that.
        "unfit_galleries": unfit(look, authority.gallery_ids, authority.purpose) if authority.gallery_ids else 1,
    }


def unfit(look: Look, gallery_ids: Sequence[str], purpose: str) -> int:
    """How many of these galleries are closed, unknown, or not held for the purpose."""
    fit = {gallery.id for gallery in look.find(Gallery, id=OneOf(gallery_ids)) if is_fit(gallery, purpose)}
    return len(set(gallery_ids) - fit)


def facts_of_quality(act: Act, sought: Sought, quality: Sequence[int], override: str) -> dict[str, Fact]:
    """The floor under the best face, and how much was written against it; a probe below it is told to the log."""
    best, floor = best_of(quality), act.system.rules.min_probe_quality
    if best < floor:
        act.tell("probe_quality", best, sought.id)
    return {"probe_quality": best, "min_probe_quality": floor, "override_chars": length_of_reason(override)}


def probes_of(look: Look, sought: Sought) -> list[tuple[Exhibit, ExhibitFace]]:
    """The exhibit and the face of each declared face, in the order of the declaration."""
    faces = {face.id: face for face in look.find(ExhibitFace, id=OneOf(sought.face_ids))}
    return [(look.get(Exhibit, faces[id].exhibit_id), faces[id]) for id in sought.face_ids]


def with_template_of(
    system: System, probes: Sequence[tuple[Exhibit, ExhibitFace]], use: Callable[[Template], R]
) -> tuple[R, tuple[int, ...]]:
    """What `use` makes of the fused template of these faces, and each face's quality. The template lives no longer."""
    with fused_template(system, probes) as (template, quality):
        return use(template), quality


@contextmanager
def fused_template(
    system: System, probes: Sequence[tuple[Exhibit, ExhibitFace]]
) -> Iterator[tuple[Template, tuple[int, ...]]]:
    """The fused template, and each face's quality. The template lives as long as the block."""
    template, quality = _fused(system, probes)
    try:
        yield template, quality
    finally:
        template.fill(0)


def _fused(system: System, probes: Sequence[tuple[Exhibit, ExhibitFace]]) -> tuple[Template, tuple[int, ...]]:
    """The mean of the declared faces' unit templates, of unit length, and each face's quality."""
    templates, quality = [], []
    for exhibit, face in probes:
        content = system.keys.open(exhibit.blob_key, system.blobs.get(exhibit.blob), PICTURE)
        pixels = as_edited(system.media, system.media.decode(content).pixels, face)
        embedded = embed_seen(system.model, pixels, [FoundFace(face.box, face.landmarks, face.quality, face.frames)])[0]
        templates.append(embedded.template)
        quality.append(embedded.quality.unified or 0)
    mean = np.mean(np.stack(templates).astype(np.float64), axis=0)
    length = float(np.linalg.norm(mean))
    for template in templates:
        template.fill(0)
    if length < 1e-6:
        raise NoUsableFace("the declared faces cancel each other out: they are hardly one person; declare again")
    return (mean / length).astype(np.float32), tuple(quality)
