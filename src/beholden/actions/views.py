"""Views: what an examiner did to the picture, in batches, while the examination is open (REQ 37)."""

from __future__ import annotations

from collections.abc import Sequence

from beholden.actions import audit
from beholden.actions.examine import is_held
from beholden.actions.review import find_search, parts_in
from beholden.errors import BadInput
from beholden.ports.system import System
from beholden.records.candidates import Candidate
from beholden.records.examination import Examination, ExaminationState
from beholden.records.people import Officer
from beholden.records.views import View, Viewed, wrong_in_views


def note_views(system: System, officer: Officer, *, handle: str, views: Sequence[View]) -> None:
    """Keep them with the examination, under its key. Raises `BadInput` for what is no view, with everything wrong in it."""
    with audit.act(system, "examination.viewed", officer) as act, act.begin() as tx:
        examination = tx.get(Examination, handle)
        search, case, authority = find_search(act, tx, examination.search_id)
        there = is_held(tx, tx.get(Candidate, examination.candidate_id))
        act.permit(
            **parts_in(act, tx, search, case, authority),
            examiner=examination.examiner,
            state=str(examination.state if there else ExaminationState.VOID),
        )
        if wrong := wrong_in_views(views) or (() if views else ("at least one view",)):
            raise BadInput(f"these views cannot be noted: {'; '.join(wrong)}")
        tx.add(Viewed(act.new_id(), 0, act.keep("opinion"), examination.id, tuple(views)))
        act.tell("examination", examination.id, examination.id)
        act.tell("views", len(views), examination.id)
