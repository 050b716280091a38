"""Every set of roles under the policy's floor: which may be given, who may act with them, and that none touches the log."""

from __future__ import annotations

import re
from functools import cache
from itertools import chain, combinations
from pathlib import Path

import pytest

import beholden
from beholden.policy.cedar import CedarPolicy
from beholden.policy.packs import shipped
from beholden.ports.policy import Asker
from beholden.records.audit import ALTERATION, ERASURE, OPERATIONS
from beholden.records.people import TOXIC, Role
from beholden.testing.good_requests import GOOD, ME

KEPT_BY_ALL = {"passkey", "totp", "session", "api_key"}  # one's own account
OF_CUSTODIANS = {"recovery_key", "sequestration"}  # what custodians open together, and none of them alone
SETS = tuple(chain.from_iterable(combinations(Role, size) for size in range(1, len(Role) + 1)))


@cache
def policy() -> CedarPolicy:
    return CedarPolicy(shipped("ca-2020"))


def toxic(roles: tuple[Role, ...]) -> bool:
    return any(pair <= set(roles) for pair in TOXIC)


@pytest.mark.parametrize("act", ["person.added", "person.changed"])
def test_req_94_a_set_of_roles_is_given_if_and_only_if_no_two_of_it_exclude_each_other(act: str) -> None:
    for roles in SETS:
        facts = {**GOOD[act], "roles_given": tuple(str(role) for role in roles)}
        assert policy().decide(act, Asker(ME, ("administrator",), True), facts).allowed is not toxic(roles), roles


def test_req_94_whoever_has_two_roles_that_exclude_each_other_does_nothing_at_all() -> None:
    for pair in TOXIC:
        for act, facts in GOOD.items():
            assert not policy().decide(act, Asker(ME, tuple(sorted(pair)), True), facts).allowed, (pair, act)


def test_req_94_a_custodian_of_keys_keeps_their_own_account_and_does_nothing_else() -> None:
    may = {
        act for act, facts in GOOD.items() if policy().decide(act, Asker(ME, ("key_custodian",), True), facts).allowed
    }
    may -= {"incident.reported", "person.link_confirmed"}  # by anybody who works here; of one's own account
    assert {act.partition(".")[0] for act in may} <= KEPT_BY_ALL | OF_CUSTODIANS


def test_req_94_no_act_of_anybody_alters_or_erases_an_entry_of_the_log() -> None:
    of_the_log = {act for act in OPERATIONS if act.partition(".")[0] in ("log", "entry", "checkpoint", "witness")}
    assert {"log.read", "log.exported"} <= of_the_log
    assert not {act for act in of_the_log if OPERATIONS[act] in (ALTERATION, ERASURE)}
    for roles in SETS:
        if Role.AUDITOR not in roles and Role.PRIVACY_OFFICER not in roles:
            for act in ("log.read", "log.exported"):
                assert not policy().decide(act, Asker(ME, tuple(roles), True), GOOD[act]).allowed, (roles, act)


def test_req_94_no_code_changes_or_removes_an_entry_or_a_checkpoint() -> None:
    source = Path(beholden.__file__).parent
    changed = re.compile(r"tx\.(change|remove)\([^)]*\b(Entry|Checkpoint)\b")
    assert [path for path in source.rglob("*.py") if changed.search(path.read_text())] == []


def test_req_94_no_set_of_roles_that_may_be_given_both_searches_and_approves() -> None:
    for roles in SETS:
        may = {
            act
            for act in ("search.started", "comparison.made", "authority.approved")
            if policy().decide(act, Asker(ME, tuple(roles), True), GOOD[act]).allowed
        }
        assert not (may - {"authority.approved"} and "authority.approved" in may), roles


def test_req_94_an_administrator_sees_no_face_starts_no_search_and_only_reads_whether_the_log_holds() -> None:
    may = {
        act for act, facts in GOOD.items() if policy().decide(act, Asker(ME, ("administrator",), True), facts).allowed
    }
    nouns = {act.partition(".")[0] for act in may}
    closed = {"search", "comparison", "image", "exhibit", "lead", "picture", "review", "examination", "disclosure"}
    closed |= {"authority", "case", "sought", "log", "reference", "photograph", "request", "aside", "archive", "source"}
    assert not nouns & closed
    assert {"person", "certificate", "session", "system"} <= nouns
