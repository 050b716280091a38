"""Describe: an examiner says of one side alone whether it can be compared and what can be judged in it. It is never changed."""

from __future__ import annotations

from collections.abc import Sequence

from beholden.actions import audit
from beholden.actions.examine import is_held, permit_whole
from beholden.actions.review import find_search, parts_in
from beholden.errors import BadInput
from beholden.ports.system import System
from beholden.records.candidates import Candidate
from beholden.records.examination import Description, Examination, ExaminationState, Side, stage_of, wrong_in
from beholden.records.people import Officer


def describe_side(
    system: System, officer: Officer, *, handle: str, of: str, suitable: bool, seen: Sequence[str], words: str
) -> Examination:
    """The probe first, then the reference, each once and before the other side was to be seen (REQ 37).

    Raises `Refused` with everything that the description lacks, and for a side whose turn it is not.
    """
    with audit.act(system, "examination.described", officer) as act, act.begin() as tx:
        examination = tx.get(Examination, handle)
        search, case, authority = find_search(act, tx, examination.search_id)
        there = is_held(tx, tx.get(Candidate, examination.candidate_id))
        if of not in set(Side):
            raise BadInput(f"{of!r} is no side of a pair; it must be {' or '.join(Side)}")
        description = Description(Side(of), suitable, tuple(seen), words.strip())
        permit_whole(
            act,
            wrong_in(description) if there else (),
            **parts_in(act, tx, search, case, authority),
            examiner=examination.examiner,
            state=str(examination.state if there else ExaminationState.VOID),
            stage=str(stage_of(examination)),
            side=str(description.of),
        )
        described = tx.change(examination, described=(*examination.described, description))
        act.tell("examination", examination.id, examination.id)
        act.tell("side", str(description.of), examination.id)
        act.tell("suitable", suitable, examination.id)
    return described
