"""The rules, evaluated by Cedar: `Policy` over a pack's folder. Whatever cannot be evaluated is refused."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import cedarpy

from beholden.errors import Reason, Untrusted
from beholden.policy import packs
from beholden.ports.policy import Asker, Decision, Fact, Pack

NO_RULE_ALLOWS = Reason(
    rule_id="no-rule-allows",
    why="No rule of the policy allows this, and what no rule allows is refused.",
    source="REQ 19",
    how_to_proceed="Nothing was done. Show the administrator the log entry of this refusal.",
)

_SYSTEM = {"type": "System", "id": "beholden"}
_REFUSES = ("why", "source", "how")  # what every forbid must tell the person, besides its id
_ALLOWS = ("why", "source")
_ASKERS_KEPT = 256  # parsing the asker's entities is half of a decision's time; an agency has fewer people than this


@dataclass(frozen=True, slots=True)
class _Rule:
    position: int  # in the pack's files, and so in a refusal
    reason: Reason


class CedarPolicy:
    """A pack's rules. Raises `Untrusted` for a pack that does not fit its schema, or has a rule without reasons."""

    def __init__(self, folder: Path) -> None:
        content = packs.read(folder)
        self._pack = content.pack
        try:
            self._schema = cedarpy.Schema.from_str(content.schema)
            valid = cedarpy.validate_policies(content.policy, self._schema)
            if not valid.validation_passed:
                raise ValueError("; ".join(error.error for error in valid.errors))
            parsed = json.loads(cedarpy.policies_to_json_str(content.policy))
        except ValueError as wrong:
            raise _untrusted(content.pack.name, f"its rules do not fit its schema: {wrong}") from wrong
        if parsed["templates"]:
            raise _untrusted(content.pack.name, "it holds a template: write rules out")
        # Cedar numbers rules policy0, policy1, … ; under their own @id the diagnostics name the rule itself.
        numbered = sorted(parsed["staticPolicies"].items(), key=lambda item: int(item[0].removeprefix("policy")))
        self._forbids: dict[str, _Rule] = {}
        by_id: dict[str, object] = {}
        for position, (_, rule) in enumerate(numbered):
            notes: dict[str, str | None] = rule.get("annotations") or {}
            rule_id = notes.get("id") or ""
            forbids = rule["effect"] == "forbid"
            silent = [name for name in (_REFUSES if forbids else _ALLOWS) if not (notes.get(name) or "").strip()]
            if not rule_id or rule_id in by_id or rule_id == NO_RULE_ALLOWS.rule_id:
                raise _untrusted(content.pack.name, f"rule {position + 1} has no id of its own ({rule_id!r})")
            if silent:
                raise _untrusted(content.pack.name, f"rule {rule_id!r} does not say {', '.join(silent)}")
            by_id[rule_id] = rule
            if forbids:
                why, source, how = (str(notes[name]) for name in _REFUSES)
                self._forbids[rule_id] = _Rule(position, Reason(rule_id, why, source, how))
        self._policies = cedarpy.PolicySet.from_json_str(json.dumps({**parsed, "staticPolicies": by_id}))
        self._entities = lru_cache(maxsize=_ASKERS_KEPT)(self._entities_of)

    @property
    def pack(self) -> Pack:
        return self._pack

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
                self._policies,
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


def _untrusted(pack: str, what: str) -> Untrusted:
    return Untrusted(f"the policy pack {pack!r} cannot be used: {what}")
