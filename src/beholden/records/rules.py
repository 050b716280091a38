"""The numbers that an agency sets, within what its policy pack allows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

# class of record → (least, most) days. Two years at least for what decides about a person (Privacy Regulations s. 4),
# and for the log behind it.
RETENTION_DAYS: Mapping[str, tuple[int, int]] = MappingProxyType(
    {
        "person": (730, 3650),
        "source": (730, 3650),
        "gallery": (730, 3650),
        "reference": (0, 1825),
        "aside": (0, 90),
        "block": (730, 3650),
        "case": (730, 3650),
        "exhibit": (730, 3650),
        "authority": (730, 3650),
        "search": (730, 3650),
        "opinion": (730, 3650),
        "disclosure": (730, 3650),
        "request": (730, 1825),
        "photograph": (0, 60),
        "erasure": (730, 3650),
        "evaluation": (730, 3650),
        "notice": (30, 730),
        "log": (730, 3650),
    }
)


@dataclass(frozen=True, slots=True)
class Rules:
    candidates: int = 20  # people on a list (REQ 31)
    max_candidates: int = 50
    max_potential: int = 2  # candidates that go to examination (REQ 36)
    max_leads: int = 2  # candidates in one disclosure (REQ 31)
    min_detector_score: float = 0.6
    min_eyes_px: float = 10.0  # below it YuNet's landmarks are guesses (17-px faces: 80 % found)
    max_faces_an_image: int = 20
    max_missing_walls: int = (
        0  # around the process that reads strangers' files, of limits, Landlock and seccomp (REQ 113)
    )
    max_subjects_of_image: int = 2  # persons sought out of one photograph (REQ 13)
    max_comparisons_of_image: int = (
        5  # one to one, of a photograph with whatever references (REQ 13): a loop of them is a search
    )
    # Of a probe's best face (REQ 34): the scale's worst twentieth of LFW. Without the worst twentieth of its pairs FNMR at FMR 1e-4
    # falls from 1.41 to 0.54 % (docs/model-card.md): most misses are there. It says nothing good of what lies above.
    min_probe_quality: int = 5
    min_necessity_chars: int = 30  # for each of the three parts
    max_searches: int = 20
    max_authority_hours: int = 168
    session_minutes: int = 480
    idle_minutes: int = 30  # after which a session of the pages ends by itself (OWASP ASVS 5.0 7.3.1)
    fresh_minutes: int = 10  # after a sign-in or a confirmation, for acts that ask who acts anew (REQ 114)
    link_minutes: int = 60  # of a one-time link of a synthetic system
    invite_hours: int = 72
    training_days: int = 365  # how long a certificate of training counts at most (REQ 100)
    request_days: int = 30
    max_given_people: int = 20  # people whose references a comparison for a data subject lists, at most (REQ 71)
    max_given_comparisons: int = 3  # for one request
    max_evaluations: int = 10  # by all people within 30 days: two runs that differ in one photograph would tell of it
    min_evaluation_people: int = 30  # fewer would be a comparison of single people without authority
    calibration_days: int = 365  # how long an evaluation speaks for the present (REQ 50)
    # What one person does in a day (REQ 114). Nobody has measured a real day of work with this yet: each is a few times
    # what a busy desk would do by hand, so that it stops a program or a spree, and no diligent person.
    max_searches_a_day: int = 40
    max_comparisons_a_day: int = 20
    max_lists_read_a_day: int = 100  # lists and comparisons
    max_approvals_a_day: int = 60
    max_opinions_opened_a_day: int = 100
    max_pictures_shown_a_day: int = 1000  # times that faces of an exhibit, a list or a pair were shown
    max_pictures_revealed_a_day: int = 20
    max_images_judged_a_day: int = 500
    max_references_found_a_day: int = 100
    max_photographs_compared_a_day: int = 20
    max_disclosures_a_day: int = 20
    max_disclosures_read_a_day: int = 100
    max_log_exports_a_day: int = 10
    min_reveal_chars: int = 20  # of the reason for which an auditor is given a picture (REQ 90)
    min_room_bytes: int = 64 * 1024 * 1024
    retention_days: Mapping[str, tuple[int, int]] = field(default_factory=lambda: RETENTION_DAYS)


def rules_of(numbers: Mapping[str, int]) -> Rules:
    """The rules with a pack's numbers. Raises ValueError for a number that no rule has, or that loosens a hard limit."""
    hard = Rules()
    unknown = sorted(name for name in numbers if name not in Rules.__slots__ or name == "retention_days")
    loosened = sorted(
        name
        for name in (
            "max_candidates",
            "max_potential",
            "max_leads",
            "max_subjects_of_image",
            "max_comparisons_of_image",
            "max_given_people",
            "max_given_comparisons",
            "idle_minutes",
            "fresh_minutes",
            "training_days",
            *(name for name in Rules.__slots__ if name.endswith("_a_day")),
        )
        if numbers.get(name, 0) > getattr(hard, name)
    )
    if unknown or loosened:
        raise ValueError(
            "; ".join(
                [f"the pack sets {name!r}, which is no number of the rules" for name in unknown]
                + [f"the pack loosens {name!r}: it may only be tightened" for name in loosened]
            )
        )
    return replace(hard, **numbers)  # type: ignore[arg-type]  # a pack's numbers are ints; the two floats accept them
