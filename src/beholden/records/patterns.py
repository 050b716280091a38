"""Off-pattern use: which uses of authority are unlike the rest, and by which signs. It accuses nobody; it says where to look.

A case number is no control: in Evansville (2024) an officer searched nine people over nine months under real case numbers,
and it was found because the use was out of line with what came of it. So each use is weighed by signs that a look-up for
oneself leaves and casework seldom does. A sign that few uses show says much, one that most show says little: it counts
log2(uses / uses that show it) bits, its surprise. An auditor is given those with the most, `BUDGET` of all at most.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from beholden.records.retention import Kept
from beholden.records.sealed import Noted

BUDGET = 0.01  # of the uses, at most, are flagged: what is flagged must be few enough to be read
LEAST_BITS = 8.0  # about one use in 256, were its signs independent
MOST_BITS = 8.0  # of one sign: one alone is never proof
SETTLED = timedelta(days=14)  # until then a use may still come to something
NEARBY = timedelta(days=10)  # what colleagues did in the case around a use
HASTY = timedelta(minutes=2)  # an approval that fast was hardly read
FEWEST = 30  # uses: of fewer, nothing is unusual yet


class Sign(StrEnum):
    UNMANIFESTED = "unmanifested"  # a probe stands in no register of the case's evidence
    LED_NOWHERE = "led_nowhere"  # no lead of it left, and it has had the time
    ONCE = "once"  # the person sought was compared this once, and never again
    OUT_OF_LINE = "out_of_line"  # its searcher sought far more people in these three ways together than colleagues
    ADDED_ALONE = "added_alone"  # its photograph came into the case with no other on that day
    OTHER_CASE = "other_case"  # the same photograph was used in another case
    ALONE_IN_CASE = "alone_in_case"  # nobody else did anything in the case around that time
    UNUSUAL_HOUR = "unusual_hour"  # an hour or day at which this person seldom searches
    HASTY_APPROVAL = "hasty_approval"
    USUAL_PAIR = "usual_pair"  # this requester is approved by this approver far more than by others
    MANY_SOUGHT = "many_sought"  # more persons were sought in the case than in nearly all others
    BUSY_DAY = "busy_day"  # more uses by this person within a day than is usual
    LOW_QUALITY = "low_quality"  # compared against the floor, for a reason in writing
    PLANTED = "planted"  # a planted reference came first on its list


@dataclass(frozen=True, slots=True)
class Use:
    """One use of an authority, be it a search or a comparison one to one, with what the records say around it."""

    id: str
    at: datetime
    by: str
    case_id: str
    sought_id: str
    requested_by: str
    approved_by: str  # empty where the search came before approval
    decided_within: timedelta  # of the request; the maximum where nobody decided
    photographs: tuple[str, ...]  # a photograph and its copies, over all cases, have one name
    unmanifested: bool
    added_alone: bool  # no other exhibit came into the case within a day of its own
    disclosed: bool  # a lead of it left
    overridden: bool  # the probe's quality lay below the floor
    planted: bool


@dataclass(frozen=True, slots=True)
class Planted:
    """A reference that no search has a reason to find: of a colleague who agreed to it. Only auditors know of it."""

    id: str
    version: int
    kept: Kept
    face_id: str
    words: Noted  # whose it is, and by what agreement
    planted_by: str


@dataclass(frozen=True, slots=True)
class Doing:
    """Something that somebody did in a case, other than using an authority."""

    case_id: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Weighed:
    """A use with its signs, each with its bits, the strongest first."""

    use: Use
    signs: tuple[tuple[Sign, float], ...]

    @property
    def bits(self) -> float:
        return sum(bits for _, bits in self.signs)


def weigh(uses: Sequence[Use], doings: Iterable[Doing], now: datetime) -> list[Weighed]:
    """Each use with its signs and their bits, the most unusual first; ties by id. Empty for fewer than `FEWEST`."""
    if len(uses) < FEWEST:
        return []
    shown = _signs(uses, list(doings), now)
    shares = {sign: -math.log2((len(ids) + 1) / (len(uses) + 1)) for sign, ids in shown.items()}
    of_kind = shown[Sign.UNMANIFESTED] & shown[Sign.LED_NOWHERE] & shown[Sign.ONCE]
    line = _out_of_line([one for one in uses if one.id in of_kind], uses)
    weighed = []
    for use in uses:
        bits = {sign: min(shares[sign], MOST_BITS) for sign, ids in shown.items() if use.id in ids}
        if use.id in of_kind:
            bits[Sign.OUT_OF_LINE] = min(line[use.by], MOST_BITS)
        signs = sorted(bits.items(), key=lambda one: (-one[1], one[0]))
        weighed.append(Weighed(use, tuple((sign, value) for sign, value in signs if value >= 0.05)))
    return sorted(weighed, key=lambda one: (-one.bits, one.use.id))


def flagged(weighed: Sequence[Weighed]) -> list[Weighed]:
    """Those to be looked at: `LEAST_BITS` at least, and of all uses the `BUDGET` at most; what found a planted reference always."""
    room = math.floor(BUDGET * len(weighed))
    return [one for place, one in enumerate(weighed) if one.use.planted or (place < room and one.bits >= LEAST_BITS)]


def _signs(uses: Sequence[Use], doings: Sequence[Doing], now: datetime) -> dict[Sign, set[str]]:
    """Which uses show which sign."""
    found: dict[Sign, set[str]] = {
        Sign.UNMANIFESTED: {one.id for one in uses if one.unmanifested},
        Sign.LED_NOWHERE: _led_nowhere(uses, now),
        Sign.ONCE: _once(uses),
        Sign.ADDED_ALONE: {one.id for one in uses if one.added_alone},
        Sign.OTHER_CASE: _in_other_cases(uses),
        Sign.ALONE_IN_CASE: _alone(uses, doings),
        Sign.UNUSUAL_HOUR: _unusual_hours(uses),
        Sign.HASTY_APPROVAL: {one.id for one in uses if one.approved_by and one.decided_within < HASTY},
        Sign.USUAL_PAIR: _usual_pairs(uses),
        Sign.MANY_SOUGHT: _above_most(uses, lambda one: one.case_id, lambda one: one.sought_id),
        Sign.BUSY_DAY: _above_most(uses, lambda one: (one.by, one.at.date()), lambda one: one.id),
        Sign.LOW_QUALITY: {one.id for one in uses if one.overridden},
        Sign.PLANTED: {one.id for one in uses if one.planted},
    }
    return found


def _led_nowhere(uses: Sequence[Use], now: datetime) -> set[str]:
    """A sought from whom a lead left in any of its uses was worth them all."""
    worth = {one.sought_id for one in uses if one.disclosed}
    return {one.id for one in uses if one.sought_id not in worth and now - one.at >= SETTLED}


def _once(uses: Sequence[Use]) -> set[str]:
    times = Counter(one.sought_id for one in uses)
    return {one.id for one in uses if times[one.sought_id] == 1}


def _in_other_cases(uses: Sequence[Use]) -> set[str]:
    cases: dict[str, set[str]] = defaultdict(set)
    for one in uses:
        for photograph in one.photographs:
            cases[photograph].add(one.case_id)
    return {one.id for one in uses if any(len(cases[photograph]) > 1 for photograph in one.photographs)}


def _alone(uses: Sequence[Use], doings: Sequence[Doing]) -> set[str]:
    """Uses around which nobody but the searcher and whoever decided about the request did anything in the case."""
    others: dict[str, list[tuple[datetime, str]]] = defaultdict(list)
    for one in [*doings, *(Doing(use.case_id, use.by, use.at) for use in uses)]:
        others[one.case_id].append((one.at, one.by))
    return {
        one.id
        for one in uses
        if all(by in (one.by, one.approved_by) or abs(at - one.at) > NEARBY for at, by in others[one.case_id])
    }


def _unusual_hours(uses: Sequence[Use]) -> set[str]:
    """In a quarter of the day, on a workday or a day of rest, that has a twentieth of this person's other uses at most."""

    def part(one: Use) -> tuple[bool, int]:
        return one.at.weekday() >= 5, one.at.hour // 6

    of: dict[str, Counter[tuple[bool, int]]] = defaultdict(Counter)
    for one in uses:
        of[one.by][part(one)] += 1
    return {
        one.id
        for one in uses
        if of[one.by].total() >= FEWEST and (of[one.by][part(one)] - 1) <= 0.05 * (of[one.by].total() - 1)
    }


def _usual_pairs(uses: Sequence[Use]) -> set[str]:
    """Requests that went to one approver so often that chance among all approvers would seldom do it (Poisson, 1 in 1,000)."""
    decided = [one for one in uses if one.approved_by]
    asked, approved = Counter(one.requested_by for one in decided), Counter(one.approved_by for one in decided)
    pairs = Counter((one.requested_by, one.approved_by) for one in decided)
    unusual = {
        pair
        for pair, count in pairs.items()
        if _surprise(count, asked[pair[0]] * approved[pair[1]] / len(decided)) >= math.log2(1000)
    }
    return {one.id for one in decided if (one.requested_by, one.approved_by) in unusual}


def _above_most(uses: Sequence[Use], group: Callable[[Use], object], counted: Callable[[Use], object]) -> set[str]:
    """Uses in groups whose count is above that of 95 of 100 groups, and above twice the middle one."""
    counts: dict[object, set[object]] = defaultdict(set)
    for one in uses:
        counts[group(one)].add(counted(one))
    sizes = sorted(len(held) for held in counts.values())
    most = max(sizes[min(len(sizes) - 1, math.floor(0.95 * len(sizes)))], 2 * sizes[len(sizes) // 2])
    return {one.id for one in uses if len(counts[group(one)]) > most}


def _out_of_line(kind: Sequence[Use], uses: Sequence[Use]) -> Mapping[str, float]:
    """Bits by person: how unlikely so many uses of a kind are, if each colleague's share were that of the others together."""
    of_kind, of_all = Counter(one.by for one in kind), Counter(one.by for one in uses)
    bits: dict[str, float] = {}
    for person, count in of_all.items():
        others = len(uses) - count
        share = (len(kind) - of_kind[person] + 1) / (others + 1)  # one more, so that it is never nothing
        bits[person] = _surprise(of_kind[person], share * count)
    return bits


def _surprise(count: int, expected: float) -> float:
    """−log2 of the chance of `count` or more where `expected` are (Poisson); 0 where it is no more than expected."""
    if count <= expected:
        return 0.0
    below = sum(math.exp(k * math.log(expected) - expected - math.lgamma(k + 1)) for k in range(count))
    return -math.log2(max(1.0 - below, 2.0**-40))
