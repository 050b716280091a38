"""What every `Policy` must do, whichever engine evaluates it and whatever pack it holds."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pytest

from beholden.ports.policy import Asker, Decision, Fact, Policy
from beholden.testing.good_requests import GOOD, ME


class PolicyContract:
    """Subclass it and give `policy`; `act` and `role` say which good request the policy allows."""

    act = "search.started"
    role = "investigator"

    def policy(self) -> Policy:
        raise NotImplementedError("a contract is run by a subclass that says what is held to it")

    def ask(self, **changes: Fact) -> Decision:
        return self.policy().decide(self.act, Asker(ME, (self.role,), True), {**GOOD[self.act], **changes})

    def test_what_is_allowed_has_no_reason_and_no_error(self) -> None:
        assert self.ask() == Decision(allowed=True, reasons=(), error="")

    def test_a_denial_gives_reasons_that_say_everything_and_no_error(self) -> None:
        decision = self.policy().decide(self.act, Asker(ME, (), False), GOOD[self.act])
        assert (decision.allowed, decision.error) == (False, "")
        assert len({reason.rule_id for reason in decision.reasons}) == len(decision.reasons) >= 2
        for reason in decision.reasons:
            assert all((reason.rule_id, reason.why, reason.source, reason.how_to_proceed))

    def test_a_fact_that_the_schema_does_not_know_is_a_denial_and_an_incident(self) -> None:
        _denied_by_error(self.ask(is_urgent=True))

    @pytest.mark.parametrize("lacking", sorted(GOOD["search.started"]))
    def test_a_fact_that_is_lacking_is_a_denial_and_an_incident(self, lacking: str) -> None:
        facts = {name: fact for name, fact in GOOD["search.started"].items() if name != lacking}
        _denied_by_error(self.policy().decide("search.started", Asker(ME, ("investigator",), True), facts))

    @pytest.mark.parametrize("fact", sorted(GOOD["search.started"]))
    @pytest.mark.parametrize("wrong", [1.5, None, b"x", {"a": 1}, [None], 2**63, "\ud800", range(3)], ids=repr)
    def test_a_fact_of_another_type_is_a_denial_and_an_incident(self, fact: str, wrong: object) -> None:
        facts: Mapping[str, object] = {**GOOD["search.started"], fact: wrong}
        _denied_by_error(self.policy().decide("search.started", Asker(ME, ("investigator",), True), facts))  # type: ignore[arg-type]  # on purpose

    @pytest.mark.parametrize("act", ["", "search.start", "Search.started", 'search.started"', "search.*"])
    def test_an_act_that_the_schema_does_not_know_is_a_denial_and_an_incident(self, act: str) -> None:
        _denied_by_error(self.policy().decide(act, Asker(ME, (self.role,), True), GOOD[self.act]))

    def test_an_asker_who_cannot_be_read_is_a_denial_and_an_incident(self) -> None:
        for asker in (Asker("\ud800", (self.role,), True), Asker(ME, (self.role,), "yes"), Asker(ME, (3,), True)):  # type: ignore[arg-type]  # on purpose
            _denied_by_error(self.policy().decide(self.act, asker, GOOD[self.act]))

    def test_the_answer_follows_the_asker_as_they_are_now(self) -> None:
        answers = [
            self.policy().decide(self.act, Asker(ME, roles, active), GOOD[self.act]).allowed
            for roles, active in (((self.role,), True), ((self.role,), False), ((), True), ((self.role,), True))
        ]
        assert answers == [True, False, False, True]

    def test_the_pack_says_which_it_is(self) -> None:
        assert self.policy().pack.name
        assert re.fullmatch(r"[0-9a-f]{64}", self.policy().pack.digest)
        assert set(self.policy().pack.roles_by_purpose) == set(self.policy().pack.purposes)
        assert all(type(number) is int for number in self.policy().pack.numbers.values())


def _denied_by_error(decision: Decision) -> None:
    assert not decision.allowed
    assert decision.error
    assert len(decision.reasons) >= 1
