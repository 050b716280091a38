"""Calibrate: what lists quote of unrelated and of missed people, proposed from an evaluation by one and accepted by another."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import date, datetime, timedelta

from beholden.actions import audit, log
from beholden.actions.audit import Act, millis
from beholden.actions.model_in_force import measurable
from beholden.errors import BadInput, Untrusted
from beholden.formats import calibrations
from beholden.formats.calibrations import Decision
from beholden.ports.database import Look
from beholden.ports.system import System
from beholden.records.calibration import Measured
from beholden.records.evaluation import Calibration, CalibrationState, Evaluation, EvaluationState
from beholden.records.people import Officer


def propose_calibration(system: System, officer: Officer, *, report: bytes, measured_on: str = "") -> Calibration:
    """From the `report.json` of an evaluation of this system; `measured_on` says in words what its
    photographs are, better than the report, which counts them.

    Raises `BadInput` for a report that cannot be read or carries too little, `Refused` for one that this system did not
    make, byte for byte.
    """
    with audit.act(system, "calibration.proposed", officer) as act:
        with act.look() as look:
            digest = hashlib.sha256(report).hexdigest()
            known = [one for one in look.find(Evaluation) if one.report_sha256 == digest]
        measured = _measured_in(report, measured_on)
        with act.begin() as tx:
            if known:
                act.tell("evaluation", known[0].id, known[0].id)
            ends = [one.ended_at + timedelta(days=system.rules.calibration_days) for one in known if one.ended_at]
            act.permit(
                report_is_known=bool(known),
                state=str(known[0].state) if known else str(EvaluationState.FINISHED),  # one reason is enough
                of_this_model=measured.space_id in measurable(system, tx),
                valid_until=millis(ends[0] if ends else act.now + timedelta(days=1)),
            )
            calibration = _signed(act, known[0], ends[0], measured)
            tx.add(calibration)
            act.tell("calibration", calibration.id, calibration.id)
            act.tell("note_sha256", calibrations.digest_of(calibration.note), calibration.id)
    return calibration


def _signed(act: Act, evaluation: Evaluation, valid_until: datetime, measured: Measured) -> Calibration:
    return Calibration(
        id=act.new_id(),
        version=0,
        kept=act.keep("evaluation"),
        evaluation_id=evaluation.id,
        space_id=measured.space_id,
        model=measured.model,
        measured_on=measured.measured_on,
        proposed_by=act.person.id,
        decided_by="",
        reason="",
        valid_until=valid_until,
        note=calibrations.sign_calibration(
            calibrations.content_of(measured, evaluation=evaluation.report_sha256),
            *log.receipt_key(act.system),
        ),
        decision=b"",
        state=CalibrationState.PROPOSED,
    )


def accept_calibration(system: System, officer: Officer, *, calibration_id: str) -> Calibration:
    """From now on lists quote it, until its year ends or another one is accepted."""
    with audit.act(system, "calibration.accepted", officer) as act, act.begin() as tx:
        calibration = tx.get(Calibration, calibration_id)
        act.tell("calibration", calibration.id, calibration.id)
        act.permit(
            state=str(calibration.state),
            proposed_by=calibration.proposed_by,
            of_this_model=calibration.space_id in measurable(system, tx),
            valid_until=millis(calibration.valid_until),
        )
        _read(system, calibration)  # a note that was changed is not put in force
        for other in tx.find(Calibration, space_id=calibration.space_id, state=CalibrationState.IN_FORCE):
            tx.change(other, state=CalibrationState.REPLACED)
            act.tell("replaced", other.id, other.id)
        return tx.change(
            calibration,
            decided_by=act.person.id,
            decision=_signed_decision(act, calibration),
            state=CalibrationState.IN_FORCE,
        )


def _signed_decision(act: Act, calibration: Calibration) -> bytes:
    """A row can be edited without anybody's word; what is signed here cannot."""
    decision = Decision(
        calibration_id=calibration.id,
        note_sha256=calibrations.digest_of(calibration.note),
        decided_by=act.person.id,
        decided_at=act.now,
        valid_until=calibration.valid_until,
    )
    return calibrations.sign_decision(
        decision,
        *log.receipt_key(act.system),
    )


def refuse_calibration(system: System, officer: Officer, *, calibration_id: str, reason: str) -> Calibration:
    with audit.act(system, "calibration.refused", officer) as act, act.begin() as tx:
        calibration = tx.get(Calibration, calibration_id)
        act.tell("calibration", calibration.id, calibration.id)
        act.permit(state=str(calibration.state), proposed_by=calibration.proposed_by, reason_chars=len(reason.strip()))
        act.tell("reason", reason.strip(), calibration.id)
        return tx.change(calibration, decided_by=act.person.id, reason=reason.strip(), state=CalibrationState.REFUSED)


def quoted(system: System, look: Look) -> tuple[str, Measured | None]:
    """What lists quote now: the id of the calibration in force and its figures; else no id and the model's own figures.

    In force is what was accepted last, by the signed decisions: what a row says of its state or its end can be edited.
    Raises `Untrusted` for a calibration whose signature does not hold, or that is in force without a decision.
    """
    now = system.clock.now()
    card = system.model.card
    decided = [
        (_decision(system, calibration), calibration)
        for calibration in look.find(Calibration, space_id=card.space_id)
        if calibration.decision or calibration.state is CalibrationState.IN_FORCE
    ]
    if decided:
        decision, calibration = max(decided, key=lambda one: (one[0].decided_at, one[1].id))
        if now < decision.valid_until:
            measured = _read(system, calibration)
            # a row that was edited before the decision gave it another end; the day of the evaluation is signed
            if now.date() <= date.fromisoformat(measured.measured_at) + timedelta(days=system.rules.calibration_days):
                return calibration.id, measured
    return "", card.calibration


def quoted_by(system: System, look: Look, calibration_id: str, space_id: str) -> Measured | None:
    """The figures that a search quoted, also when its calibration was replaced since."""
    if calibration_id:
        calibration = look.get(Calibration, calibration_id)
        _decision(system, calibration)
        return _read(system, calibration)
    card = system.model.card
    return card.calibration if card.space_id == space_id else None


def _decision(system: System, calibration: Calibration) -> Decision:
    """Who put it in force, and until when. Raises `Untrusted` unless that was signed, of exactly this calibration."""
    try:
        if not calibration.decision:
            raise Untrusted("nobody's decision was signed")
        decision = calibrations.read_decision(calibration.decision, log.vkeys(system))
        if decision.calibration_id != calibration.id:
            raise Untrusted("the decision is about another calibration")
        if decision.note_sha256 != calibrations.digest_of(calibration.note):
            raise Untrusted("the decision is about other figures: it is not what was signed")
        return decision
    except Untrusted as error:
        raise Untrusted(
            f"the calibration {calibration.id} was not put in force by anybody who may ({error}): nothing is quoted; "
            "find out who changed its row, and put a new one in force"
        ) from error


def _read(system: System, calibration: Calibration) -> Measured:
    try:
        measured = calibrations.read_calibration(calibration.note, log.vkeys(system))
        if measured.space_id != calibration.space_id:
            raise Untrusted("it was signed for another model")
        return measured
    except Untrusted as error:
        raise Untrusted(
            f"the calibration {calibration.id} is not what was signed ({error}): nothing is quoted from it; "
            "find out who changed it, and put a new one in force"
        ) from error


def _measured_in(report: bytes, measured_on: str) -> Measured:
    try:
        told = json.loads(report)
        document = told["calibration"]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise BadInput("the file is no report of `beholden evaluate`; give its report.json") from None
    if document is None:
        raise BadInput(
            "the evaluation measured too little for a calibration (30 people and 10,000 comparisons of different "
            "people at least); run it on more photographs"
        )
    measured = calibrations.measured_from(document)
    words = measured_on.strip()
    if not words.isprintable() or len(words) > calibrations.MOST_TEXT:
        raise BadInput(
            f"what the photographs are does not fit on a line of a list: write at most {calibrations.MOST_TEXT} characters, "
            "without line breaks"
        )
    return replace(measured, measured_on=words) if words else measured
