"""The rules, evaluated by Cedar: `Policy` over a pack's folder. Whatever cannot be evaluated is refused."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import cedarpy

from beholden.errors import Reason, Said, Untrusted
from beholden.policy import packs
from beholden.policy.packs import Content
from beholden.policy.parsed import parsed
from beholden.ports.policy import Asker, Decision, Fact, Pack

NO_RULE_ALLOWS = Reason(
    rule_id="no-rule-allows",
    why="No rule of the policy allows this, and what no rule allows is refused.",
    source="REQ 19",
    how_to_proceed="Nothing was done. Show the administrator the log entry of this refusal.",
    also=(
        Said(
            "fr",
            "Aucune règle ne le permet, et ce qu’aucune règle ne permet est refusé.",
            "Rien n’a été fait. Montrez à l’administrateur l’entrée de ce refus au journal.",
        ),
    ),
)

_SYSTEM = {"type": "System", "id": "beholden"}
_ASKERS_KEPT = 256  # parsing the asker's entities is half of a decision's time; an agency has fewer people than this
_ACTS_KEPT = 256  # the schema knows fewer acts, and picking out the rules of one takes milliseconds


@dataclass(frozen=True, slots=True)
class _Rule:
    position: int  # in the pack's files, and so in a refusal
    reason: Reason


class CedarPolicy:
    """A pack's rules. Raises `Untrusted` for a pack that does not fit its schema, or has a rule without reasons."""

    def __init__(self, folder: Path) -> None:
        content = packs.read(folder)
        self._pack, self._content = content.pack, content
        try:
            text = f"{content.floor}\n{content.policy}"
            self._schema = _schema_that_fits(content.schema, text)
            self._rules = parsed(text)
            own = parsed(content.policy)
        except ValueError as wrong:
            raise _untrusted(content.pack.name, f"its rules do not fit its schema: {wrong}") from wrong
        if any(rule.effect != "forbid" for rule in own):
            raise _untrusted(
                content.pack.name, "its policy.cedar permits something: a pack only forbids what the floor lets pass"
            )
        self._forbids: dict[str, _Rule] = {}
        by_id: set[str] = set()
        for position, rule in enumerate(self._rules):
            if not rule.id or rule.id in by_id or rule.id == NO_RULE_ALLOWS.rule_id:
                raise _untrusted(content.pack.name, f"rule {position + 1} has no id of its own ({rule.id!r})")
            by_id.add(rule.id)
            reason = _reason(content, rule.id, rule.source, forbids=rule.effect == "forbid")
            if rule.effect == "forbid":
                self._forbids[rule.id] = _Rule(position, reason)
        for language, words in content.words.items():
            if unknown := sorted(words.rules.keys() - by_id):
                raise _untrusted(
                    content.pack.name, f"words.{language}.toml tells of a rule {unknown[0]!r} that there is not"
                )
        self._about = lru_cache(maxsize=_ACTS_KEPT)(self._rules_about)
        self._entities = lru_cache(maxsize=_ASKERS_KEPT)(self._entities_of)

    @property
    def pack(self) -> Pack:
        return self._pack

    @property
    def content(self) -> Content:
        """What the folder held when it was read."""
        return self._content

    def decide(self, act: str, asker: Asker, facts: Mapping[str, Fact]) -> Decision:
        """`act` is the event that would be logged. Facts that the schema does not know, or lacks, are a denial."""
        try:
            answer = cedarpy.is_authorized(
                {
                    "principal": {"type": "Person", "id": asker.person_id},
                    "action": {"type": "Action", "id": act},
                    "resource": _SYSTEM,
                    "context": dict(facts),
                },
                self._about(act),
                self._entities(asker),
                self._schema,
            )
        except Exception as problem:  # noqa: BLE001  # whatever it is: no answer is a no, and it is told as an incident
            return Decision(False, (NO_RULE_ALLOWS,), f"{type(problem).__name__}: {problem}")
        # Cedar skips a forbid that it cannot evaluate, and may then say Allow: an error outweighs the answer.
        undecided = "no decision" if answer.decision is cedarpy.Decision.NoDecision else ""
        error = "; ".join(answer.diagnostics.errors) or undecided
        if answer.decision is cedarpy.Decision.Allow and not error:
            return Decision(True, (), "")
        # With a Deny these are the forbids that said no; with an Allow that an error outweighs, they are permits.
        said_no = [self._forbids[rule] for rule in answer.diagnostics.reasons if rule in self._forbids]
        reasons = tuple(rule.reason for rule in sorted(said_no, key=lambda rule: rule.position))
        return Decision(False, reasons or (NO_RULE_ALLOWS,), error)

    def _rules_about(self, act: str) -> cedarpy.PolicySet:
        """The rules that name this act, and those that name none: no other can apply, and each costs time.

        Under their own ids, which the diagnostics then name: Cedar numbers those of a text.
        """
        there = {rule.id: json.loads(rule.condition) for rule in self._rules if not rule.acts or act in rule.acts}
        return cedarpy.PolicySet.from_json_str(
            json.dumps({"staticPolicies": there, "templates": {}, "templateLinks": []})
        )

    def _entities_of(self, asker: Asker) -> cedarpy.Entities:
        person = {"id": asker.person_id, "roles": asker.roles, "active": asker.active}
        return cedarpy.Entities.from_json_str(
            json.dumps(
                [
                    {"uid": {"type": "Person", "id": asker.person_id}, "attrs": person, "parents": []},
                    {"uid": _SYSTEM, "attrs": {}, "parents": []},
                ]
            ),
            self._schema,
        )


def _reason(content: Content, rule_id: str, source: str, *, forbids: bool) -> Reason:
    """What a person reads, in every language that the pack has words for. Raises `Untrusted` where English lacks any."""
    said = content.words["en"].rules.get(rule_id)
    if not source:
        raise _untrusted(content.pack.name, f"rule {rule_id!r} does not name its source")
    if said is None or not said.why or bool(said.how) is not forbids:
        lacks = "why and how" if forbids else "why, and nothing else"
        raise _untrusted(content.pack.name, f"words.en.toml does not say {lacks} of the rule {rule_id!r}")
    also = tuple(
        Said(language, words.rules[rule_id].why or said.why, words.rules[rule_id].how or said.how)
        for language, words in content.words.items()
        if language != "en" and rule_id in words.rules
    )
    return Reason(rule_id, said.why, source, said.how, also)


@lru_cache(maxsize=8)  # half of the time that opening a folder takes, and the same texts each time
def _schema_that_fits(text: str, rules: str) -> cedarpy.Schema:
    """The schema. Raises ValueError where it is none, or the rules do not fit it."""
    schema = cedarpy.Schema.from_str(text)
    valid = cedarpy.validate_policies(rules, schema)
    if not valid.validation_passed:
        raise ValueError("; ".join(error.error for error in valid.errors))
    return schema


def _untrusted(pack: str, what: str) -> Untrusted:
    return Untrusted(f"the policy pack {pack!r} cannot be used: {what}")
