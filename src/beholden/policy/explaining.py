"""A rule in words: what it refuses or lets pass, its source, the facts that it asks for; or every rule that an act meets."""

from __future__ import annotations

from typing import TypedDict

from beholden.errors import Missing
from beholden.policy.packs import Content
from beholden.policy.parsed import parsed


class Explained(TypedDict):
    """One rule, in the language that was asked for, else in English."""

    rule_id: str
    effect: str
    why: str
    how_to_proceed: str
    source: str
    acts: tuple[str, ...]
    facts: tuple[str, ...]


def explain(content: Content, name: str, language: str = "en") -> list[Explained]:
    """The rule of this id; or of an act all its rules, who may before what refuses. Raises `Missing` for what is neither."""
    rules = parsed(f"{content.floor}\n{content.policy}")
    found = [rule for rule in rules if rule.id == name]
    if not found and any(name in rule.acts for rule in rules):
        found = [rule for rule in rules if name in rule.acts or not rule.acts]
    if not found:
        raise Missing(
            f"no rule and no act is called {name!r}: give the rule_id of a refusal, or the event of a log entry"
        )
    words = content.words.get(language, content.words["en"]).rules
    said = {rule.id: words.get(rule.id, content.words["en"].rules[rule.id]) for rule in found}
    found.sort(key=lambda rule: rule.effect, reverse=True)
    return [
        Explained(
            rule_id=rule.id,
            effect=rule.effect,
            why=said[rule.id].why,
            how_to_proceed=said[rule.id].how,
            source=rule.source,
            acts=rule.acts,
            facts=rule.facts,
        )
        for rule in found
    ]
