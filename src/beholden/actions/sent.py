"""Packets that left for examiners of other agencies: what ends them, and that who has one is told to destroy it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from beholden.actions import audit
from beholden.actions.audit import SYSTEM, Told
from beholden.ports.database import Below, OneOf, Transaction
from beholden.ports.system import System
from beholden.records.candidates import Candidate
from beholden.records.disclosures import Notice
from beholden.records.examination import Examination, ExaminationState
from beholden.records.travel import OutsideExaminer, SentExamination, SentState

AT_A_TIME = 50
DESTROY = "destroy the packet {nonce} that was sent to you for an examination, and every photograph taken out of it"


def lapse_sent(system: System) -> int:
    """End those whose opinion did not come in time, in nobody's name; how many. The pair then waits for an examiner here.

    No late opinion passes because this came late: the policy asks for the time itself.
    """
    lapsed = 0
    while True:
        with system.database.begin() as tx:
            now = system.clock.now()
            late = tx.find(SentExamination, state=SentState.SENT, due_at=Below(now), limit=AT_A_TIME)
            for one in late:
                _end(system, tx, one, now)
                told = [Told("search", one.search_id, one.search_id), Told("sent", one.id, one.id)]
                audit.write(system, tx, "examination.lapsed", person=None, now=now, told=told)
        lapsed += len(late)
        if len(late) < AT_A_TIME:
            return lapsed


def forget_sent(system: System, tx: Transaction, face_ids: Sequence[str], now: datetime) -> None:
    """What an erasure does: nothing more is taken back about these references, what came says nothing of them any more, and
    whoever got their photographs is told to destroy them."""
    candidates = tx.find(Candidate, face_id=OneOf(face_ids))
    for one in tx.find(SentExamination, candidate_id=OneOf([candidate.id for candidate in candidates])):
        if one.state is SentState.SENT:
            _end(system, tx, one, now)
        else:
            tx.change(one, note="")
            _tell(system, tx, one, now)


def recall_sent(system: System, tx: Transaction, sent: Sequence[SentExamination], now: datetime) -> None:
    """What a sequestration does before the records leave: whoever has a packet of the search is told to destroy it."""
    for one in sent:
        if one.state is SentState.SENT:
            _tell(system, tx, one, now)


def address_of(examiner: OutsideExaminer) -> str:
    """How notices and entries name them."""
    return f"{examiner.name}, {examiner.agency}"


def _end(system: System, tx: Transaction, one: SentExamination, now: datetime) -> None:
    examination = tx.get(Examination, one.examination_id)
    if examination.state is ExaminationState.OPEN:
        tx.change(examination, state=ExaminationState.VOID)
    tx.change(one, state=SentState.LAPSED)
    _tell(system, tx, one, now)


def _tell(system: System, tx: Transaction, one: SentExamination, now: datetime) -> None:
    recipient = address_of(tx.get(OutsideExaminer, one.examiner_id))
    kept = audit.kept(system, "notice", SYSTEM, now)
    words = DESTROY.format(nonce=one.nonce)
    tx.add(Notice(system.clock.new_id(), 0, kept, recipient, one.id, words, sent=False))
