"""Evaluate: measuring the model on a folder of photographs, as an act with a reason, counted, and finished with its report."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import timedelta

from beholden.actions import audit
from beholden.errors import Changed
from beholden.ports.system import System
from beholden.records.evaluation import Evaluation, EvaluationState
from beholden.records.people import Officer

TEMPLATE = "evaluation/template"
FOLDER = "evaluation/folder"
COUNTED = timedelta(days=30)


def start_evaluation(system: System, officer: Officer, *, reason: str, files: Sequence[str], people: int) -> Evaluation:
    """Permission to compare the photographs of a folder with each other, once, for a report.

    `files` are the folder's images, each with its size; `people` those whom its labels tell apart. A run of the same
    folder that was broken off is gone on with, and is not counted again. Raises `Refused` with every reason.
    """
    with audit.act(system, "evaluation.started", officer) as act, act.begin() as tx:
        mark = system.keys.hmac(FOLDER, "\n".join(files).encode(errors="surrogateescape")).hex()
        card = system.model.card
        broken_off = tx.find(Evaluation, state=EvaluationState.STARTED)
        own = [one for one in broken_off if one.started_by == act.person.id]
        same = [one for one in own if one.folder_mark == mark and one.space_id == card.space_id]
        recent = [one for one in tx.find(Evaluation) if one.started_at > act.now - COUNTED and one not in same]
        act.permit(
            reason_chars=len(reason.strip()),
            people=people,
            min_people=system.rules.min_evaluation_people,
            evaluations=len(recent),
            max_evaluations=system.rules.max_evaluations,
        )
        abandoned = [tx.change(one, state=EvaluationState.ABANDONED) for one in own if one not in same]
        if same:
            evaluation = same[0]
        else:
            id, cache_key = act.new_ids(2)
            evaluation = Evaluation(
                id=id,
                version=0,
                kept=act.keep("evaluation"),
                started_by=act.person.id,
                started_at=act.now,
                ended_at=None,
                images=len(files),
                people=people,
                folder_mark=mark,
                space_id=card.space_id,
                model=card.name,
                cache_key=cache_key,
                report_sha256="",
                state=EvaluationState.STARTED,
            )
            tx.add(evaluation)
        act.tell("evaluation", evaluation.id, evaluation.id)
        act.tell("reason", reason.strip(), evaluation.id)
        act.tell("images", len(files), evaluation.id)
        act.tell("people", people, evaluation.id)
    system.keys.destroy([one.cache_key for one in abandoned])
    return evaluation


def finish_evaluation(system: System, officer: Officer, *, evaluation_id: str, report: bytes) -> Evaluation:
    """The report is made: its digest is on record, and the key of the templates it was made from is destroyed."""
    with audit.act(system, "evaluation.finished", officer) as act:
        with act.begin() as tx:
            evaluation = tx.get(Evaluation, evaluation_id)
            act.tell("evaluation", evaluation.id, evaluation.id)
            act.permit(state=str(evaluation.state), started_by=evaluation.started_by)
            if evaluation.space_id != system.model.card.space_id:
                raise Changed("the model was changed while it was measured; start the evaluation anew")
            finished = tx.change(
                evaluation,
                ended_at=act.now,
                report_sha256=hashlib.sha256(report).hexdigest(),
                state=EvaluationState.FINISHED,
            )
            act.tell("report_sha256", finished.report_sha256, finished.id)
        system.keys.destroy([finished.cache_key])
    return finished


def ended(system: System, ids: Sequence[str]) -> list[str]:
    """Of these ids, those of evaluations that are over: what they had sealed can be opened no more, and may go."""
    with system.database.look() as look:
        over = {one.id for one in look.find(Evaluation) if one.state is not EvaluationState.STARTED}
    return [one for one in ids if one in over]


def seal_for_later(system: System, evaluation: Evaluation, content: bytes) -> bytes:
    """What a run keeps on disk until its end, so that it can go on where it was broken off."""
    return system.keys.seal(evaluation.cache_key, content, TEMPLATE)


def open_again(system: System, evaluation: Evaluation, sealed: bytes) -> bytes:
    """Raises `KeyDestroyed` after the run's end, `Fault` for what this run did not seal."""
    return system.keys.open(evaluation.cache_key, sealed, TEMPLATE)
