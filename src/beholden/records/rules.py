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
        "incident": (730, 3650),
        "log": (730, 3650),
    }
)


@dataclass(frozen=True, slots=True)
class Rules:
    candidates: int = 20  # people on a list (REQ 31)
    max_candidates: int = 50
    max_potential: int = 2  # candidates that go to examination (REQ 36)
    max_leads: int = 2  # candidates in one disclosure (REQ 31)
    # Two opinions for one side that are further apart than this disagree as well, and a third is asked for (REQ 38). The scale has
    # no more steps than this: the default leaves it at the side.
    max_steps_apart: int = 6
    max_provisional_recipients: int = 5  # of a disclosure on one opinion: each must be reached again if it is recalled
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
    # Of the log (REQ 91). The exposure of an entry is the time until a witness has seen it: minutes where one can be asked; a
    # pack may give as much as 26 hours, to sites that print a checkpoint a day.
    min_witnesses: int = 0
    max_unwitnessed_minutes: int = 60
    session_minutes: int = 480
    idle_minutes: int = 30  # after which a session of the pages ends by itself (OWASP ASVS 5.0 7.3.1)
    fresh_minutes: int = 10  # after a sign-in or a confirmation, for acts that ask who acts anew (REQ 114)
    link_minutes: int = 60  # of a one-time link of a synthetic system
    invite_hours: int = 72
    min_recovery_custodians: int = 2  # that together bring back a lost last administrator
    key_days: int = 90  # of a key for programs, at most
    training_days: int = 365  # how long a certificate of training counts at most (REQ 100)
    # Searches before approval (REQ 22, 24): hours to the review, and to the second examination; incidents of one person in
    # 24 hours, and persons sought in one incident; characters of the reason.
    exigent_review_hours: int = 24
    exigent_second_hours: int = 24
    max_exigent_incidents_a_day: int = 3
    max_exigent_persons: int = 5
    min_exigent_chars: int = 20
    certification_days: int = 90  # after which a gallery that nobody certified anew is not searched (REQ 08)
    request_days: int = 30
    max_restriction_days: int = 180  # until somebody looks again at records that were restricted, not erased (REQ 74)
    incident_days: int = 7  # until somebody must have said whether an incident is material (REQ 130)
    notice_days: int = 14  # from the record of a looser policy pack to the day on which it may come into force
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
    max_frames_shown_a_day: int = 50  # whole pictures of exhibits, with what is around the faces
    max_chips_revealed_a_day: int = 3000  # faces that were veiled and are seen clear, one at a time
    # When a break is proposed (REQ 144), and how long one is: numbers of our own, for no study has one that holds for all.
    break_after_reveals: int = 120
    min_break_minutes: int = 10
    max_images_judged_a_day: int = 500
    max_references_found_a_day: int = 100
    max_photographs_compared_a_day: int = 20
    max_disclosures_a_day: int = 20
    max_disclosures_read_a_day: int = 100
    max_log_exports_a_day: int = 10
    min_reveal_chars: int = 20  # of the reason for which an auditor is given a picture (REQ 90)
    min_room_bytes: int = 64 * 1024 * 1024
    retention_days: Mapping[str, tuple[int, int]] = field(default_factory=lambda: RETENTION_DAYS)


# The loosest value that a pack may set, where it is not the default: the least where more is tighter, else the greatest.
FURTHEST: Mapping[str, int] = MappingProxyType(
    {
        "candidates": 50,
        "exigent_review_hours": 48,  # AI Act Art. 26(10)
        "exigent_second_hours": 48,
        "invite_hours": 168,
        "max_authority_hours": 744,  # a month; what an inquiry needs longer is asked for anew (REQ 16)
        "max_faces_an_image": 100,
        "max_searches": 50,
        "max_unwitnessed_minutes": 1560,
        "min_eyes_px": 1,
        "min_necessity_chars": 10,  # the policy may set it (REQ 14); a word is no reason
        "min_probe_quality": 1,
        "min_room_bytes": 1,
    }
)

_MORE_IS_TIGHTER = ("min_", "notice_")


def more_is_tighter(name: str) -> bool:
    """Whether a greater number of this name permits less: of a least, and of a notice period. Of all others a smaller one does."""
    return name.startswith(_MORE_IS_TIGHTER)


def furthest(name: str) -> int | float:
    """The loosest value of a number that a pack may set. Raises `KeyError` for what is no number of the rules."""
    if name not in Rules.__slots__ or name == "retention_days":
        raise KeyError(name)
    value: int | float = FURTHEST.get(name, getattr(Rules(), name))
    return value


def loosened(numbers: Mapping[str, int]) -> tuple[str, ...]:
    """Of a pack's numbers those beyond what any pack may set, each with its limit, in words."""
    told = []
    for name, number in sorted(numbers.items()):
        limit = furthest(name)
        if number < limit if more_is_tighter(name) else number > limit:
            bound = "at least" if more_is_tighter(name) else "at most"
            told.append(f"the pack loosens {name!r}: {number}, where {bound} {limit:g} is allowed")
    return tuple(told)


def rules_of(numbers: Mapping[str, int], keep_days: Mapping[str, int] = MappingProxyType({})) -> Rules:
    """The rules with a pack's numbers, and the least days that it keeps a class of record, where longer than the least of all.

    Raises ValueError, with all of them, for numbers that no rule has or that are too loose, and for terms out of bounds.
    """
    unknown = sorted(name for name in numbers if name not in Rules.__slots__ or name == "retention_days")
    known = {name: number for name, number in numbers.items() if name not in unknown}
    wrong = [*(f"the pack sets {name!r}, which is no number of the rules" for name in unknown), *loosened(known)]
    for name, days in sorted(keep_days.items()):
        least, most = RETENTION_DAYS.get(name, (0, 0))
        if not least <= days <= most:
            wrong.append(f"the pack keeps {name!r} at least {days} days, where {least} to {most} are allowed")
    if wrong:
        raise ValueError("; ".join(wrong))
    terms = {name: (keep_days.get(name, least), most) for name, (least, most) in RETENTION_DAYS.items()}
    rules = replace(Rules(), **numbers)  # type: ignore[arg-type]  # a pack's numbers are ints; the two floats accept them
    return replace(rules, retention_days=MappingProxyType(terms)) if keep_days else rules
