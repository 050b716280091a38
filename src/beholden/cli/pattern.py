"""`beholden pattern`: for an auditor, which uses of authority are unlike the rest, and references that nobody should find."""

from __future__ import annotations

from typing import Annotated

from cyclopts import App, Parameter

from beholden.actions import names, patterns
from beholden.cli import printing
from beholden.cli.documents import document, documents
from beholden.cli.door import HERE, Door
from beholden.cli.printing import Told
from beholden.records.audit import instant
from beholden.records.patterns import Weighed

app = App(name="pattern")


@app.command
def read(*, door: Door = HERE) -> Told:
    """Weigh every use of authority against all others, the most unusual first. That you read it is on record.

    Example: beholden pattern read
    """
    with door.enter() as (system, officer):
        report = patterns.find_patterns(system, officer)
        ids = {one.of for one in report.by_person} | {id for *pair, _ in report.pairs for id in pair}
        called = names.people(system, officer, ids=ids)
    flagged = [
        (
            printing.short(one.use.id),
            printing.at(one.use.at),
            called.get(one.use.by, printing.short(one.use.by)),
            f"{one.bits:.1f}",
            ", ".join(sign.value.replace("_", " ") for sign, _ in one.signs),
        )
        for one in report.flagged
    ]
    rates = [
        (
            called.get(one.of, printing.short(one.of)),
            *(str(number) for number in (one.uses, one.unmanifested, one.disclosed)),
        )
        for one in report.by_person
    ]
    shown = {
        "uses": report.uses,
        "flagged": [_weighed(one) for one in report.flagged],
        "by_person": [_rates(one) for one in report.by_person],
        "by_case": [_rates(one) for one in report.by_case],
        "pairs": [{"requester": asked, "approver": gave, "uses": uses} for asked, gave, uses in report.pairs],
        "planted": documents(report.planted),
    }
    return Told(
        shown,
        (
            f"{report.uses:,} uses were weighed. A flag accuses nobody: it says where to look.",
            printing.rows(("use", "at", "by", "bits", "unlike the rest in"), flagged, "None is flagged."),
            printing.rows(("person", "uses", "no register", "disclosed"), rates, "Nobody used an authority."),
            printing.rows(
                ("planted", "reference", "words"),
                [(printing.short(one.id), printing.short(one.face_id), one.words) for one in report.planted],
                "No reference is planted.",
            ),
        ),
    )


@app.command
def plant(
    face: Annotated[str, Parameter(help="The whole id of a reference's face, as the log has it.")],
    /,
    *,
    words: Annotated[str, Parameter(help="Whose it is, and by what agreement.")],
    door: Door = HERE,
) -> Told:
    """Watch for a reference that no search has a reason to find, as an auditor; of a colleague who agreed.

    Example: beholden pattern plant 3fa9c1… --words "of a colleague who signed for it on 2 May"
    """
    with door.enter() as (system, officer):
        planted = patterns.plant_reference(system, officer, face_id=face, words=words)
    words = (
        f"A search on whose list it comes first is told to the oversight body. Planted as {printing.short(planted.id)}."
    )
    return Told(document(planted), (words,))


@app.command
def unplant(
    planted: Annotated[str, Parameter(help="The whole id, as `beholden pattern read --json` has it.")],
    /,
    *,
    door: Door = HERE,
) -> Told:
    """Watch for a planted reference no more.

    Example: beholden pattern unplant 3fa9c1…
    """
    with door.enter() as (system, officer):
        patterns.unplant_reference(system, officer, planted_id=planted)
    return Told({"id": planted}, (f"{printing.short(planted)} is watched for no more.",))


def _weighed(one: Weighed) -> dict[str, object]:
    use = one.use
    return {
        "use": use.id,
        "at": instant(use.at),
        "by": use.by,
        "case_id": use.case_id,
        "sought_id": use.sought_id,
        "bits": round(one.bits, 2),
        "signs": [{"sign": sign.value, "bits": round(bits, 2)} for sign, bits in one.signs],
    }


def _rates(one: patterns.Rates) -> dict[str, object]:
    return {"of": one.of, "uses": one.uses, "unmanifested": one.unmanifested, "disclosed": one.disclosed}
