"""What is tighter, looser or otherwise different in one policy pack than in another.

What cannot be shown to be tighter counts as looser: a rule whose condition changed, a purpose that is said in other words.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from enum import StrEnum

from beholden.errors import Untrusted
from beholden.policy.packs import Content
from beholden.policy.parsed import Rule, parsed
from beholden.records.rules import Rules, more_is_tighter


class Way(StrEnum):
    TIGHTER = "tighter"
    LOOSER = "looser"
    OTHER = "other"  # it permits neither more nor less


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that differs. `before` is empty for what was added, `after` for what was taken out."""

    kind: str
    name: str
    before: str
    after: str
    way: Way


def differences(before: Content, after: Content) -> tuple[Difference, ...]:
    """Everything that differs, what is looser first."""
    found = (
        *_named(before, after),
        *_lists(before, after),
        *_numbers(before.rules, after.rules),
        *_rules(before, after),
        *_words(before, after),
    )
    order = (Way.LOOSER, Way.TIGHTER, Way.OTHER)
    return tuple(sorted(found, key=lambda one: order.index(one.way)))


def is_looser(found: tuple[Difference, ...]) -> bool:
    return any(one.way is Way.LOOSER for one in found)


def _named(before: Content, after: Content) -> Iterator[Difference]:
    for name, was, now in (
        ("name", before.pack.name, after.pack.name),
        ("version", before.version, after.version),
        ("description", before.description, after.description),
    ):
        if was != now:
            yield Difference("pack", name, was, now, Way.OTHER)
    if (
        before.pack.after_refusal != after.pack.after_refusal
    ):  # the one leaves evidence, the other leaves data: no order
        yield Difference("pack", "after_refusal", before.pack.after_refusal, after.pack.after_refusal, Way.LOOSER)
    if before.schema != after.schema:
        yield Difference("floor", "schema", "one", "another", Way.LOOSER)


def _lists(before: Content, after: Content) -> Iterator[Difference]:
    was, now = before.pack, after.pack
    yield from _members("purpose", was.purposes, now.purposes, added=Way.LOOSER)
    yield from _members("role", _pairs(was.roles_by_purpose), _pairs(now.roles_by_purpose), added=Way.LOOSER)
    yield from _members("exigent ground", was.exigent_grounds, now.exigent_grounds, added=Way.LOOSER)
    # Of a purpose that came or went with its lists, the purpose itself is what differs.
    both = {*was.purposes} & {*now.purposes}
    yield from _members(
        "crop on intake",
        [one for one in was.crop_on_intake if one in both],
        [one for one in now.crop_on_intake if one in both],
        added=Way.TIGHTER,
    )
    required = (
        {place: names for place, names in table.items() if place.partition("/")[0] in both}
        for table in (was.required_fields, now.required_fields)
    )
    yield from _members("required field", *(_pairs(table) for table in required), added=Way.TIGHTER)


def _pairs(table: Mapping[str, tuple[str, ...]]) -> list[str]:
    return [f"{name}: {one}" for name, several in table.items() for one in several]


def _members(kind: str, was: Sequence[str], now: Sequence[str], *, added: Way) -> Iterator[Difference]:
    removed = Way.LOOSER if added is Way.TIGHTER else Way.TIGHTER
    yield from (Difference(kind, one, "", "there", added) for one in now if one not in was)
    yield from (Difference(kind, one, "there", "", removed) for one in was if one not in now)


def _numbers(before: Rules, after: Rules) -> Iterator[Difference]:
    for one in fields(Rules):
        was, now = getattr(before, one.name), getattr(after, one.name)
        if was != now and one.name != "retention_days":
            less = now < was
            way = Way.LOOSER if less is more_is_tighter(one.name) else Way.TIGHTER
            yield Difference("number", one.name, str(was), str(now), way)
    for name, (least, _) in before.retention_days.items():
        if (
            then := after.retention_days[name][0]
        ) != least:  # longer for the one who checks, later for the one concerned
            yield Difference("least days of", name, str(least), str(then), Way.LOOSER)


def _rules(before: Content, after: Content) -> Iterator[Difference]:
    was, now = _by_id(before), _by_id(after)
    for rule_id in dict.fromkeys((*was, *now)):
        one, other = was.get(rule_id), now.get(rule_id)
        if other is None:
            effect = was[rule_id].effect
            yield Difference("rule", rule_id, effect, "", Way.LOOSER if effect == "forbid" else Way.TIGHTER)
        elif one is None:
            yield Difference("rule", rule_id, "", other.effect, Way.TIGHTER if other.effect == "forbid" else Way.LOOSER)
        else:
            if one.condition != other.condition:
                yield Difference("rule", rule_id, "one condition", "another", Way.LOOSER)
            if one.source != other.source:
                yield Difference("source of rule", rule_id, one.source, other.source, Way.OTHER)


def _by_id(content: Content) -> dict[str, Rule]:
    try:
        return {rule.id: rule for rule in parsed(f"{content.floor}\n{content.policy}")}
    except ValueError as wrong:
        raise Untrusted(f"the policy pack {content.pack.name!r} cannot be compared: its rules say {wrong}") from wrong


def _words(before: Content, after: Content) -> Iterator[Difference]:
    was_there, is_there = ({*one.pack.purposes, *one.pack.exigent_grounds} for one in (before, after))
    both = was_there & is_there
    for language in dict.fromkeys((*before.words, *after.words)):
        one, other = before.words.get(language), after.words.get(language)
        if one is None or other is None:
            yield Difference("language", language, "there" if one else "", "there" if other else "", Way.OTHER)
            continue
        # What a purpose or a ground is, only its words say: with other words it may be another.
        for kind, was, now in (
            ("purpose", one.purposes, other.purposes),
            ("exigent ground", one.grounds, other.grounds),
        ):
            for name in [name for name in {**was, **now} if name in both]:
                said, says = was.get(name, ""), now.get(name, "")
                if said != says:
                    way = Way.LOOSER if said and says else Way.OTHER  # another language says what English does
                    yield Difference(f"words of {kind} ({language})", name, said, says, way)
        for rule_id in sorted(one.rules.keys() & other.rules.keys()):
            if one.rules[rule_id] != other.rules[rule_id]:
                yield Difference(
                    f"words of rule ({language})", rule_id, one.rules[rule_id].why, other.rules[rule_id].why, Way.OTHER
                )
