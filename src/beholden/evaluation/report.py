"""The report of an evaluation: every measure that the folder's labels allow, in one document that docs/evaluate.md describes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import numpy as np

from beholden.evaluation import errors_in_labels
from beholden.evaluation.ages import ages
from beholden.evaluation.calibrating import measured_of
from beholden.evaluation.cohorts import cohorts
from beholden.evaluation.comparisons import Comparisons, all_pairs_document, compare_all, level_name
from beholden.evaluation.crowds import with_copies_as_one, without_single_pairs
from beholden.evaluation.faces import Faces
from beholden.evaluation.identification import closed_set
from beholden.evaluation.images import LabelledImages
from beholden.evaluation.open_set import open_set
from beholden.evaluation.people import SEED
from beholden.evaluation.quality import error_against_discard
from beholden.evaluation.verification import verification
from beholden.formats.calibrations import document_of
from beholden.ports.model import ModelCard
from beholden.records.audit import instant

FORMAT = "beholden/evaluation/v1"


def report_of(
    images: LabelledImages,
    faces: Faces,
    unreadable: tuple[str, ...],
    *,
    card: ModelCard,
    version: str,
    made_at: datetime,
    named: bool,
    tell: Callable[[int, int], None],
) -> dict[str, Any]:
    """Plain JSON types only; `version` is that of Beholden, and `tell` hears how far the comparisons have come.

    With `named` false, as in an operational system, no pair of single photographs is named as a suspected error of the
    labels, no figure is that of one pair, and `BadInput` says where copies or empty pictures stand in for people.
    """
    faces = faces if named else with_copies_as_one(faces)
    compared = compare_all(faces, tell)
    thresholds = {level_name(level): compared.threshold_at(level) for level in compared.levels} if compared else {}
    by_cohort, no_cohorts = cohorts(faces, images, compared)
    by_age, no_ages = ages(faces, images, compared)
    missing = [*no_cohorts, *no_ages]
    report = {
        "format": FORMAT,
        "made_at": instant(made_at),
        "beholden": version,
        "seed": SEED,
        "model": {"name": card.name, "space_id": card.space_id, "files": dict(card.files)},
        "status": "incomplete" if missing else "complete",
        "missing": missing,
        "images": len(images.names),
        "people": len(images.identities),
        "unreadable": list(unreadable),
        "faces_not_found": [name for name, found in zip(faces.names, faces.found, strict=True) if not found],
        "verification": verification(faces, images.pairs, thresholds),
        "all_pairs": all_pairs_document(faces, compared) if compared else None,
        "identification": closed_set(faces),
        "open_set": open_set(faces),
        "cohorts": by_cohort,
        "age_gaps": by_age,
        "quality": error_against_discard(faces, compared),
        "suspected_label_errors": errors_in_labels.document(
            errors_in_labels.suspected_label_errors(faces, compared), withheld=not named
        ),
        "calibration": _calibration(faces, compared, card, made_at, grouped=not named),
    }
    return report if named else without_single_pairs(report)


def _calibration(
    faces: Faces, compared: Comparisons | None, card: ModelCard, made_at: datetime, *, grouped: bool
) -> dict[str, object] | None:
    measured = compared and measured_of(
        faces,
        compared,
        model=card.name,
        space_id=card.space_id,
        measured_on=f"{np.count_nonzero(faces.people >= 0):,} photographs of {len(faces.identities):,} people",
        at=made_at.date(),
        grouped=grouped,
    )
    return document_of(measured) if measured else None
