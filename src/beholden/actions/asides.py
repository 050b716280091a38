"""Files that were put aside at enrolment: listed and judged by the privacy officer."""

from __future__ import annotations

from beholden.actions import audit
from beholden.ports.system import System
from beholden.records.images import Aside, AsideState
from beholden.records.people import Officer


def asides(system: System, officer: Officer) -> list[Aside]:
    """The files that were put aside and wait for a decision."""
    with audit.act(system, "aside.shown", officer) as act, act.begin() as tx:
        act.permit()
        waiting = tx.find(Aside, state=AsideState.WAITING)
        for aside in waiting:
            act.tell("aside", aside.id, aside.id)
        return waiting


def judge_aside(system: System, officer: Officer, *, aside_id: str) -> Aside:
    """Close a file that was put aside. The block stays: the file can be given again, and would be put aside again."""
    with audit.act(system, "image.judged", officer) as act, act.begin() as tx:
        aside = tx.get(Aside, aside_id)
        act.tell("aside", aside.id, aside.id)
        act.permit(state=str(aside.state))
        return tx.change(aside, state=AsideState.REFUSED)
