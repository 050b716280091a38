"""What a use of an authority hangs on, be it a search or a comparison: the facts of it, and the template of who is sought."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

import numpy as np

from beholden.actions.audit import Act, millis
from beholden.actions.exhibits import PICTURE
from beholden.actions.seeing import as_edited
from beholden.actions.stops import co_signed, facts_of_stop
from beholden.actions.templates import embed_seen
from beholden.actions.witnessing import facts_of_witnesses
from beholden.errors import NoUsableFace
from beholden.ports.database import Look, OneOf
from beholden.ports.model import FoundFace, Template
from beholden.ports.policy import Fact
from beholden.ports.system import System
from beholden.records.authority import Authority, Urgency, state_at
from beholden.records.cases import Case
from beholden.records.exhibits import Exhibit, ExhibitFace, ExhibitState
from beholden.records.exigent import MAY_FREEZE, Exigent, ExigentState, freezes
from beholden.records.exigent import state_at as exigent_at
from beholden.records.galleries import Gallery, certify_by, is_fit
from beholden.records.quality_floor import best_of
from beholden.records.reveals import length_of_reason
from beholden.records.searches import Search
from beholden.records.sought import Sought

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Use:
    """Which authority is to be used for whom, and with which faces."""

    authority: Authority
    case: Case
    sought: Sought
    probes: list[tuple[Exhibit, ExhibitFace]]


def use_of(act: Act, look: Look, authority_id: str, sought_id: str) -> Use:
    """What is to be used, as the records know it now; told to the act, so that its refusal says of what."""
    authority, sought = look.get(Authority, authority_id), look.get(Sought, sought_id)
    case = look.get(Case, sought.case_id)
    act.purpose = authority.purpose
    act.tell("case", case.id, case.id)
    act.tell("authority", authority.id, authority.id)
    act.tell("sought", sought.id, sought.id)
    return Use(authority, case, sought, probes_of(look, sought))


def facts_of_use(
    act: Act, look: Look, use: Use, quality: Sequence[int], override: str, *, of_source: str = ""
) -> dict[str, Fact]:
    """What the policy is told of a use of an authority, be it a search or a comparison one to one, with one `of_source`."""
    system, authority, case, sought = act.system, use.authority, use.case, use.sought
    pack = system.policy.pack
    return {
        "case_state": str(case.state),
        "assigned": case.assigned,
        "purpose": authority.purpose,
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
            exhibit.state is not ExhibitState.HELD or exhibit.case_id != case.id for exhibit, _ in use.probes
        ),
        "subject_role": str(sought.subject_role),
        "permitted_roles": tuple(pack.roles_by_purpose.get(authority.purpose, ())),
        # An authority that names no gallery is one for none: nobody approves such, but nothing is to hang on that.
        "unfit_galleries": unfit(look, authority.gallery_ids, authority.purpose) if authority.gallery_ids else 1,
        "uncertified_galleries": len(uncertified(system, look, authority.gallery_ids, act.now)),
        **_facts_of_quality(act, sought, quality, override),
        **facts_of_urgency(act, look, authority.urgency, exigent_of(look, authority)),
        **facts_of_witnesses(system, look),
        **facts_of_stop(system, look, authority.purpose, authority.gallery_ids, act.now, of_source),
    }


def unfit(look: Look, gallery_ids: Sequence[str], purpose: str) -> int:
    """How many of these galleries are closed, unknown, or not held for the purpose."""
    fit = {gallery.id for gallery in look.find(Gallery, id=OneOf(gallery_ids)) if is_fit(gallery, purpose)}
    return len(set(gallery_ids) - fit)


def uncertified(system: System, look: Look, gallery_ids: Sequence[str], now: datetime) -> list[Gallery]:
    """Those of these galleries that nobody certified anew in time (REQ 08)."""
    days = system.rules.certification_days
    return [one for one in look.find(Gallery, id=OneOf(gallery_ids)) if now >= certify_by(one, days)]


def exigent_of(look: Look, authority: Authority) -> Exigent | None:
    """What the authority was begun with, where approval did not come before it."""
    there = look.find(Exigent, authority_id=authority.id) if authority.urgency is Urgency.EXIGENT else []
    return there[0] if there else None


def is_own_work(act: Act, look: Look, search: Search, authority: Authority) -> bool:
    """Whether somebody reviews and examines what they searched themselves: only before approval, and until it is reviewed."""
    exigent = exigent_of(look, authority)
    return (
        exigent is not None
        and exigent_at(exigent, act.now) is ExigentState.OPEN
        and search.searched_by == act.person.id
    )


def facts_of_urgency(act: Act, look: Look, urgency: Urgency, exigent: Exigent | None) -> dict[str, Fact]:
    """Whether it came before approval, how that stands, and whether a review that is overdue holds up what can wait."""
    frozen = any(freezes(one, act.now) for one in look.find(Exigent, state=OneOf([*MAY_FREEZE]), reviewed_by=""))
    return {
        "urgency": str(urgency),
        "exigent_state": str(exigent_at(exigent, act.now)) if exigent else "none",
        "frozen": frozen,
        "cosigned": frozen and co_signed(look, act.person, act.now),
    }


def _facts_of_quality(act: Act, sought: Sought, quality: Sequence[int], override: str) -> dict[str, Fact]:
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
    """The mean of the declared faces' unit templates, of unit length, and each face's quality.

    Unweighted: by quality, or the greatest score of several, found fewer (docs/why, "One mean for several photographs").
    """
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
