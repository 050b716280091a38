"""Lay: what lies before an examiner at each stage, cut now from the sealed photographs: one side alone, or both."""

from __future__ import annotations

from dataclasses import dataclass

from beholden.actions.desk import at_desk
from beholden.actions.review import cautions_of, probe_chips, reference_chip
from beholden.actions.use import probes_of
from beholden.actions.waiting import next_to_examine
from beholden.ports.database import Look
from beholden.ports.system import System
from beholden.records.edits import edit_words
from beholden.records.examination import Examination, ExaminationState, Stage, stage_of
from beholden.records.exhibits import ExhibitFace, with_original
from beholden.records.faces import Face, Quality
from beholden.records.people import Officer
from beholden.records.searches import Search
from beholden.records.sought import Sought

SIDE = 512  # pixels of a chip: an examination looks at pores and scars, a review does not


@dataclass(frozen=True, slots=True)
class Laid:
    """What a blind reader may see at this stage. The dates come with the pair: a side alone is judged by what it shows."""

    handle: str
    stage: Stage
    probes: tuple[bytes, ...]  # JPEG chips of SIDE pixels; none at the reference's stage
    reference: bytes  # JPEG; empty at the probe's stage
    reference_captured_at: str
    # Which probe was edited and how (REQ 42), wherever one is; with the pair the years between, by the dates alone (REQ 142).
    cautions: str
    # Pixels between the eyes in the original of each photograph given, the reference's last; 0: unknown.
    eyes: tuple[int, ...]


def lay(system: System, look: Look, examination: Examination, sought: Sought, face: Face) -> Laid:
    """Of an examination that is open."""
    stage = stage_of(examination)
    probes: tuple[bytes, ...] = ()
    eyes: list[int] = []
    reference, captured_at, cautions = b"", "", ""
    if stage is not Stage.REFERENCE:
        probes = probe_chips(system, look, sought, SIDE)
        eyes += _probe_eyes(look, sought)
        cautions = " ".join(edit_words([one for _, one in probes_of(look, sought)]))
    if stage is not Stage.PROBE:
        reference, captured_at = reference_chip(system, look, face, SIDE)
        eyes.append(_between(face.quality))
    if stage is Stage.PAIR:
        cautions = cautions_of(system, look, sought, captured_at)
    else:
        captured_at = ""
    return Laid(examination.id, stage, probes, reference, captured_at, cautions, tuple(eyes))


def lay_ahead(system: System, officer: Officer, *, after: str) -> None:
    """Cut what the next pair of this examiner shows first, while they look at one of the search `after`: it is kept where chips
    are cut, so that they do not wait for it. Nothing is taken, shown or told of it.
    """
    with at_desk(system, officer) as (look, person):
        own = look.find(Examination, examiner=person.id, search_id=after, state=ExaminationState.OPEN)
        if not own or stage_of(own[0]) is not Stage.PAIR:
            return
    search_id = next_to_examine(system, officer, after=after)
    if not search_id:
        return
    with at_desk(system, officer) as (look, _):
        sought = look.get(Sought, look.get(Search, search_id).sought_id)
        for chip in probe_chips(system, look, sought, SIDE):
            system.media.veiled(chip)
            system.media.blurred(chip)


def photographs_of(look: Look, sought: Sought) -> int:
    """How many the probe's side has: an edited one lies beside its original."""
    return sum(len(with_original(face)) for _, face in probes_of(look, sought))


def _probe_eyes(look: Look, sought: Sought) -> list[int]:
    """Of each photograph of the probe's side. An edit makes no pixels: one that was enlarged has those of its original."""
    eyes = []
    for _, face in probes_of(look, sought):
        original = look.get(ExhibitFace, face.edited_from) if face.edited_from else face
        eyes += [_between(original.quality)] * len(with_original(face))
    return eyes


def _between(quality: Quality) -> int:
    return max(0, round(quality.eyes_px))
