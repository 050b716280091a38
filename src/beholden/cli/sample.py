"""`beholden sample`: for an auditor, uses of authority drawn by lot, each judged once."""

from __future__ import annotations

from typing import Annotated

from cyclopts import App, Parameter

from beholden.actions import sample
from beholden.cli import printing
from beholden.cli.dates import instant
from beholden.cli.documents import document, documents
from beholden.cli.door import HERE, Door
from beholden.cli.naming import Known, resolve
from beholden.cli.printing import Told

app = App(name="sample")


@app.command
def draw(
    *,
    begins: Annotated[str, Parameter(name="--from", help="The first moment, as 2026-11-01 (UTC).")],
    ends: Annotated[str, Parameter(name="--until", help="The last one, in the past.")],
    share: Annotated[int, Parameter(help="How many of a hundred uses, 1 to 100.")] = 10,
    door: Door = HERE,
) -> Told:
    """Draw uses of authority by lot. The log is signed first, the seed made then and put on record.

    Example: beholden sample draw --from 2026-11-01 --until 2026-11-22 --share 10
    """
    with door.enter() as (system, officer):
        found = sample.draw_sample(
            system,
            officer,
            begins_at=instant(begins, "time to draw from"),
            ends_at=instant(ends, "time to draw until"),
            share=share,
        )
    return Told(_document(found), _lines(found))


@app.command(name="list")
def list_samples(*, door: Door = HERE) -> Told:
    """List the samples with what each took and what was said of it, the newest first. Reading is on record.

    Example: beholden sample list
    """
    with door.enter() as (system, officer):
        every = sample.read_samples(system, officer)
    lines = [line for found in every for line in _lines(found)]
    return Told({"samples": [_document(found) for found in every]}, tuple(lines) or ("No sample was drawn.",))


@app.command
def judge(
    named: Annotated[str, Parameter(name="sample", help="A sample's id, or its beginning.")],
    use: Annotated[str, Parameter(help="The id of a use that it took, or its beginning.")],
    verdict: Annotated[str, Parameter(help="justified, not-justified, or cannot-tell.")],
    /,
    *,
    words: Annotated[str, Parameter(help="Why; needed but for justified.")] = "",
    door: Door = HERE,
) -> Told:
    """Say of one use whether it was justified. It stands; of one that was not, the oversight body is told.

    Example: beholden sample judge 3fa9c1 77ab02 justified
    """
    with door.enter() as (system, officer):
        every = sample.read_samples(system, officer)
        sample_id = resolve(named, "sample", (Known(one.sample.id) for one in every))
        taken = (each for one in every if one.sample.id == sample_id for each in one.taken)
        use_id = resolve(use, "use", (Known(each.use_id) for each in taken))
        judged = sample.judge_use(
            system, officer, sample_id=sample_id, use_id=use_id, verdict=verdict.replace("-", "_"), words=words
        )
    return Told(document(judged), (f"{printing.short(use_id)}: {judged.verdict.replace('_', ' ')}. It stands.",))


def _document(found: sample.Found) -> dict[str, object]:
    return document(
        found.sample,
        taken=documents(found.taken),
        verdicts={verdict.value: count for verdict, count in found.verdicts.items()},
        not_justified_at_most=round(found.not_justified_at_most, 4),
    )


def _lines(found: sample.Found) -> tuple[str | printing.Rows, ...]:
    one = found.sample
    rows = [
        (printing.short(each.use_id), str(each.entry), each.verdict.value.replace("_", " "), each.words)
        for each in found.taken
    ]
    return (
        f"Sample {printing.short(one.id)}: {len(found.taken)} of {one.uses:,} uses from {printing.at(one.begins_at)} to "
        f"{printing.at(one.ends_at)}, with the seed {one.seed} made when the log had {one.size:,} entries.",
        f"By what was judged, at most {found.not_justified_at_most:.1%} of all uses of that time are not justified "
        "(95 % sure).",
        printing.rows(("use", "entry", "verdict", "words"), rows, "It took none that is still kept."),
    )
