"""`beholden calibrate`: propose what lists quote from an evaluation's report, and accept or refuse it as somebody else."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from beholden.actions import calibrate, desk
from beholden.cli import naming, printing
from beholden.cli.documents import document
from beholden.cli.door import HERE, Door
from beholden.cli.folders import content_of
from beholden.cli.printing import Told
from beholden.records.evaluation import CalibrationState

app = App(name="calibrate")
Which = Annotated[str, Parameter(name="calibration", help="A calibration's id, or its beginning.")]
MOST = 64 * 2**20  # bytes of a report


@app.default
def propose(
    report: Annotated[Path, Parameter(help="The report.json of an evaluation that was run in this system.")],
    /,
    *,
    on: Annotated[str, Parameter(help="What the photographs are, in words that lists will quote.")] = "",
    door: Door = HERE,
) -> Told:
    """Propose that lists quote this evaluation, as a steward or a privacy officer.

    Example: beholden calibrate ./report/report.json --on "2,000 portraits of our own records, 2015 to 2025"
    """
    with door.enter() as (system, officer):
        made = calibrate.propose_calibration(system, officer, report=content_of(report, most=MOST), measured_on=on)
    words = f"The calibration {printing.short(made.id)} waits for a privacy officer who did not propose it."
    return Told(document(made), (words,))


@app.command
def accept(which: Which, /, *, door: Door = HERE) -> Told:
    """Put a calibration in force, as a privacy officer who did not propose it.

    Example: beholden calibrate accept 3fa9c1
    """
    with door.enter() as (system, officer):
        id = naming.calibration(system, officer, which)
        made = calibrate.accept_calibration(system, officer, calibration_id=id)
    until = printing.at(made.valid_until)
    words = f"Lists of the model {made.model} quote the calibration {printing.short(made.id)} until {until}."
    return Told(document(made), (words,))


@app.command
def refuse(
    which: Which, /, *, reason: Annotated[str, Parameter(help="Why, for those who come after.")], door: Door = HERE
) -> Told:
    """Refuse a calibration, with the reason.

    Example: beholden calibrate refuse 3fa9c1 --reason "half of the photographs are of passports"
    """
    with door.enter() as (system, officer):
        id = naming.calibration(system, officer, which)
        made = calibrate.refuse_calibration(system, officer, calibration_id=id, reason=reason)
    return Told(document(made), (f"The calibration {printing.short(made.id)} is refused.",))


@app.command(name="list")
def list_calibrations(*, door: Door = HERE) -> Told:
    """List the calibrations, and the evaluations that were run here.

    Example: beholden calibrate list
    """
    with door.enter() as (system, officer):
        there, runs = desk.calibrations(system, officer), desk.evaluations(system, officer)
        now = system.clock.now()
    found = [
        (
            printing.short(one.id),
            "ended" if one.state is CalibrationState.IN_FORCE and now >= one.valid_until else one.state.value,
            printing.at(one.valid_until),
            one.model,
            one.measured_on,
        )
        for one in there
    ]
    measured = [
        (printing.short(one.id), one.state.value, printing.at(one.started_at), f"{one.images:,}", f"{one.people:,}")
        for one in runs
    ]
    shown = {"calibrations": [document(one) for one in there], "evaluations": [document(one) for one in runs]}
    return Told(
        shown,
        (
            printing.rows(
                ("calibration", "state", "until", "model", "measured on"), found, "No calibration: lists are headed so."
            ),
            printing.rows(("evaluation", "state", "started", "images", "people"), measured, "No evaluation was run."),
        ),
    )
