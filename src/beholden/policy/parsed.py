"""The rules of a pack one by one, as Cedar reads them: which acts each is about, and which facts it asks for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import cedarpy

SUBJECT = "the person"  # what a rule asks of who acts, beside the facts of the act


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule without its words."""

    id: str  # empty where the rule has none
    effect: str  # "permit" or "forbid"
    source: str
    acts: tuple[str, ...]  # the events it is about; empty: every one
    facts: tuple[str, ...]  # of the act, and `SUBJECT.roles` and the like of who acts; sorted
    condition: str  # everything but its annotations, in one form whatever the file's spaces and remarks


@lru_cache(maxsize=8)  # a folder that is opened again brings the same text
def parsed(text: str) -> tuple[Rule, ...]:
    """The rules of a Cedar text in its order. Raises ValueError for what Cedar cannot read, and for a template."""
    whole = json.loads(cedarpy.policies_to_json_str(text))
    if whole["templates"]:
        raise ValueError("it holds a template: write rules out")
    # Cedar numbers rules policy0, policy1, …
    numbered = sorted(whole["staticPolicies"].items(), key=lambda item: int(item[0].removeprefix("policy")))
    return tuple(_rule(rule) for _, rule in numbered)


def _rule(rule: dict[str, Any]) -> Rule:
    notes: dict[str, str | None] = rule.pop("annotations", {})
    action: dict[str, Any] = rule["action"]
    named = [action["entity"]] if "entity" in action else action.get("entities", [])
    return Rule(
        id=notes.get("id") or "",
        effect=rule["effect"],
        source=(notes.get("source") or "").strip(),
        acts=tuple(one["id"] for one in named),
        facts=tuple(sorted(set(_facts(rule.get("conditions"))))),
        condition=json.dumps(rule, sort_keys=True, ensure_ascii=False),
    )


def _facts(node: object) -> Iterator[str]:
    """Every `context.name`, `context has name` and `principal.name` below this node."""
    if isinstance(node, list):
        for one in node:
            yield from _facts(one)
    if not isinstance(node, dict):
        return
    for operator, said in node.items():
        if operator in (".", "has") and isinstance(said, dict) and isinstance(said["left"], dict):
            whose = said["left"].get("Var")
            if whose == "context":
                yield str(said["attr"])
            elif whose == "principal":
                yield f"{SUBJECT}.{said['attr']}"
        yield from _facts(said)
