"""A comparison one to one: a declared sought with one reference, under an authority. It says how alike, and decides nothing."""

from __future__ import annotations

from dataclasses import dataclass

from beholden.records.calibration import Measured, pair_words
from beholden.records.retention import Kept
from beholden.records.sealed import Written
from beholden.records.searches import NOT_MEASURED

DECIDES_NOTHING = (
    "This says how alike a model finds two photographs. It says of nobody that they are the person sought, or that they "
    "are not, and must not be the only ground for any measure against anyone."
)
NO_CHANCE_OF_ONE_PERSON = (
    "Neither figure is a chance that the two are, or are not, one person: that depends on everything else that is known. "
    "The figures are of people taken at random; relatives, and whoever was chosen for looking alike, score higher."
)


@dataclass(frozen=True, slots=True)
class Comparison:
    id: str
    version: int
    kept: Kept
    case_id: str
    authority_id: str
    sought_id: str
    face_id: str  # the reference
    compared_by: str
    space_id: str
    model: str
    model_files: tuple[tuple[str, str], ...]  # name and SHA-256
    probe_quality: tuple[int, ...]  # unified quality of each fused face, 0–100
    calibration_id: str  # quoted in the statements; empty for the model's own figures, or none
    result: bytes  # score and statements, sealed under the reference's key; empty once that is erased
    quality_override: Written = ""  # why a probe below the floor was compared all the same; empty where it was not


def statements(
    *,
    score: float,
    probe_quality: tuple[int, ...],
    reference_quality: int,
    years: str,
    made_before: int,
    measured: Measured | None,
    own: bool,
) -> tuple[str, ...]:
    """What stands beside a score, always all of it. `score`: a cosine; `years`: between the photographs, in words;
    `made_before`: comparisons of this sought."""
    figures = pair_words(measured, quality=probe_quality, score=score, own=own) if measured else (NOT_MEASURED_PAIR,)
    return (
        DECIDES_NOTHING,
        *figures,
        NO_CHANCE_OF_ONE_PERSON,
        f"Quality, of 100: {', '.join(str(one) for one in probe_quality)} of the sought; {reference_quality} of the reference.",
        years,
        _one_of_several(made_before),
    )


NOT_MEASURED_PAIR = (
    f"{NOT_MEASURED.partition(':')[0]}: how often photographs of two people score as high, and those of one person lower, "
    "has not been established. Without that a score means nothing."
)


def _one_of_several(made_before: int) -> str:
    if not made_before:
        return "This sought was not compared one to one before; lists of searches are not counted here."
    times = "once" if made_before == 1 else f"{made_before:,} times"
    return (
        f"This sought was compared one to one {times} before, lists of searches not counted: the more references one "
        "tries, the likelier it is that one of somebody else scores high."
    )
