"""What is looser in one pack than in another is found, and what cannot be shown to be tighter counts as looser."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path

import cedarpy
import pytest

from beholden.errors import Untrusted
from beholden.policy import packs
from beholden.policy.cedar import CedarPolicy
from beholden.policy.differences import Difference, Way, differences, is_looser
from beholden.policy.explaining import explain
from beholden.policy.files import FLOOR
from beholden.policy.packs import read, shipped
from beholden.policy.parsed import parsed
from beholden.ports.policy import Asker
from beholden.records.people import Role
from beholden.testing.good_requests import GOOD, ME, OTHER
from tests.contracts.test_packs import RULE, WORDS, edit

Edit = Callable[[Path], None]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return with_a_rule(Path(shutil.copytree(shipped("ca-2020"), tmp_path / "before")))


def with_a_rule(pack: Path) -> Path:
    (pack / "policy.cedar").write_text(RULE)
    words = pack / "words.en.toml"
    words.write_text(words.read_text() + WORDS)
    return pack


def found(folder: Path, change: Edit) -> list[tuple[str, str, Way]]:
    """What differs after the change: what, its name, and which way."""
    after = Path(shutil.copytree(folder, folder.with_name("after")))
    change(after)
    return [(one.kind, one.name, one.way) for one in differences(read(folder), read(after))]


def toml(old: str, new: str) -> Edit:
    return lambda pack: edit(pack / "pack.toml", old, new)


def rule(old: str, new: str) -> Edit:
    return lambda pack: edit(pack / "policy.cedar", old, new)


def words(old: str, new: str, language: str = "en") -> Edit:
    return lambda pack: edit(pack / f"words.{language}.toml", old, new)


def without_the_rule(pack: Path) -> None:
    (pack / "policy.cedar").write_text("")
    edit(pack / "words.en.toml", WORDS, "")


def with_a_purpose(pack: Path) -> None:
    toml('"imminent-threat"]', '"imminent-threat", "fraud"]')(pack)
    toml("[numbers]", 'fraud = ["other"]\n\n[required_fields]\nfraud = ["offence"]\n\n[numbers]')(pack)
    words("[purposes]", '[purposes]\nfraud = "Fraud"')(pack)


def with_required(*names: str) -> Edit:
    return toml("[numbers]", f"[required_fields]\nimminent-threat = {json.dumps(names)}\n\n[numbers]")


def without_french(pack: Path) -> None:
    (pack / "words.fr.toml").unlink()


@pytest.mark.parametrize(
    ("change", "differ"),
    [
        (toml("max_candidates = 50", "max_candidates = 40"), [("number", "max_candidates", Way.TIGHTER)]),
        (toml("candidates = 20", "candidates = 30"), [("number", "candidates", Way.LOOSER)]),
        (toml("min_probe_quality = 5", "min_probe_quality = 4"), [("number", "min_probe_quality", Way.LOOSER)]),
        (toml("min_probe_quality = 5", "min_probe_quality = 9"), [("number", "min_probe_quality", Way.TIGHTER)]),
        (toml("request_days = 30", "request_days = 30\nnotice_days = 20"), [("number", "notice_days", Way.TIGHTER)]),
        (toml("request_days = 30\n", ""), []),
        (toml("[numbers]", "[keep_days]\nlog = 1095\n[numbers]"), [("least days of", "log", Way.LOOSER)]),
        (toml("[numbers]", "[keep_days]\nlog = 730\n[numbers]"), []),
        (with_a_purpose, [("purpose", "fraud", Way.LOOSER), ("role", "fraud: other", Way.LOOSER)]),
        (toml('["victim", "other"]', '["victim"]'), [("role", "imminent-threat: other", Way.TIGHTER)]),
        (
            toml('crop_on_intake = ["victim-id-cse"]', 'crop_on_intake = ["victim-id-cse", "imminent-threat"]'),
            [("crop on intake", "imminent-threat", Way.TIGHTER)],
        ),
        (with_required("offence"), [("required field", "imminent-threat: offence", Way.TIGHTER)]),
        (
            toml("[numbers]", '[required_fields]\n"imminent-threat/other" = ["offence"]\n\n[numbers]'),
            [("required field", "imminent-threat/other: offence", Way.TIGHTER)],
        ),
        (rule("> 10", "> 9"), [("rule", "candidates-are-fewer", Way.LOOSER)]),
        (rule("> 10", ">   10"), []),
        (rule("REQ 31", "REQ 31; order 7"), [("source of rule", "candidates-are-fewer", Way.OTHER)]),
        (without_the_rule, [("rule", "candidates-are-fewer", Way.LOOSER)]),
        (words("Ask for ten at most.", "Ask for ten."), [("words of rule (en)", "candidates-are-fewer", Way.OTHER)]),
        (
            words("Imminent threat to life", "Any threat to life"),
            [("words of purpose (en)", "imminent-threat", Way.LOOSER)],
        ),
        (
            words("A child is being abused", "A child is hurt"),
            [("words of exigent ground (en)", "child-in-danger", Way.LOOSER)],
        ),
        (
            without_french,
            [
                *(("words of purpose (fr)", one, Way.OTHER) for one in ("victim-id-cse", "imminent-threat")),
                *(
                    ("words of exigent ground (fr)", one, Way.OTHER)
                    for one in ("child-in-danger", "threat-to-life", "bodily-harm")
                ),
            ],
        ),
        (
            lambda pack: (pack / "words.de.toml").write_text(""),
            [("language", "de", Way.OTHER)],
        ),
        (toml('version = "1"', 'version = "2"'), [("pack", "version", Way.OTHER)]),
        (toml("[numbers]", "[numbers]\n# a remark"), []),
        (
            toml("exigent_grounds = [", 'after_refusal = "destroy"\nexigent_grounds = ['),
            [("pack", "after_refusal", Way.LOOSER)],
        ),
    ],
)
def test_each_difference_is_found_and_classed(folder: Path, change: Edit, differ: list[tuple[str, str, Way]]) -> None:
    assert found(folder, change) == differ


def test_what_was_added_is_taken_out_on_the_way_back(folder: Path) -> None:
    after = Path(shutil.copytree(folder, folder.with_name("after")))
    with_a_purpose(after)
    without_the_rule(after)
    there, back = (differences(read(one), read(other)) for one, other in ((folder, after), (after, folder)))
    ways = {Way.LOOSER: Way.TIGHTER, Way.TIGHTER: Way.LOOSER, Way.OTHER: Way.OTHER}
    assert {(one.kind, one.name, one.before, one.after, ways[one.way]) for one in there} == {
        (one.kind, one.name, one.after, one.before, one.way) for one in back
    }
    assert is_looser(there)
    assert not is_looser(back)
    assert Difference("rule", "candidates-are-fewer", "", "forbid", Way.TIGHTER) in back
    assert [one.way for one in there] == sorted((one.way for one in there), key=list(ways).index)


def test_the_same_pack_differs_in_nothing(folder: Path) -> None:
    assert differences(read(folder), read(folder)) == ()


def test_a_permit_of_another_versions_floor_is_looser_and_one_that_is_gone_is_tighter(folder: Path) -> None:
    after = Path(shutil.copytree(folder, folder.with_name("after")))
    shutil.copytree(FLOOR, after / "floor")
    roles = after / "floor" / "roles.cedar"
    roles.write_text(roles.read_text() + '@id("all-may")\n@source("REQ 1")\npermit (principal, action, resource);\n')
    with pytest.raises(Untrusted, match=r"floor/roles\.cedar"):
        read(after)
    was, now = read(folder), read(after, as_it_was=True)
    added = [one for one in differences(was, now) if one.kind == "rule"]
    assert Difference("rule", "all-may", "", "permit", Way.LOOSER) in added
    gone = [one for one in differences(now, was) if one.kind == "rule"]
    assert Difference("rule", "all-may", "permit", "", Way.TIGHTER) in gone
    edit(after / "floor" / "schema.cedarschema", "entity System;", "entity System; // one")
    assert ("floor", "schema", Way.LOOSER) in [
        (one.kind, one.name, one.way) for one in differences(was, read(after, as_it_was=True))
    ]


def test_rules_that_cannot_be_read_are_not_compared(folder: Path) -> None:
    after = Path(shutil.copytree(folder, folder.with_name("after")))
    edit(after / "policy.cedar", "> 10 }", "> 10")
    with pytest.raises(Untrusted, match="'ca-2020' cannot be compared"):
        differences(read(folder), read(after))


def test_as_it_was_is_as_it_is_for_a_folder_without_a_floor(folder: Path) -> None:
    assert read(folder, as_it_was=True) == read(folder)


def test_a_rule_tells_its_acts_and_every_fact_that_it_asks_for() -> None:
    [one, every] = parsed(
        '@id("one")\n@source(" REQ 1 ")\n'
        'forbid (principal, action in [Action::"x", Action::"y"], resource)\n'
        'when { context.a > 1 && (context has b || principal.roles.contains("c")) } unless { [context.d].contains(1) };\n'
        "permit (principal, action, resource) when { resource.name == 1 };"
    )
    assert (one.id, one.effect, one.source, one.acts) == ("one", "forbid", "REQ 1", ("x", "y"))
    assert one.facts == ("a", "b", "d", "the person.roles")
    assert (every.id, every.source, every.acts, every.facts) == ("", "", (), ())


def test_an_act_is_explained_by_who_may_first_and_in_the_language_that_there_is(folder: Path) -> None:
    content = read(folder)
    told = explain(content, "search.started", "fr")
    assert [one["effect"] for one in told] == sorted((one["effect"] for one in told), reverse=True)
    by_id = {one["rule_id"]: one for one in told}
    assert by_id["candidates-are-fewer"]["why"] == "More than ten candidates are asked for.", "there is no French of it"
    assert by_id["candidates-are-fewer"] == explain(content, "candidates-are-fewer")[0]
    assert explain(content, "candidates-are-fewer", "it")[0]["how_to_proceed"] == "Ask for ten at most."


@pytest.mark.parametrize("act", sorted(GOOD))
def test_the_rules_that_name_an_act_decide_as_all_rules_do(act: str) -> None:
    policy, whole = the_policy(), all_rules()
    changed = [{**GOOD[act], name: other(fact)} for name, fact in GOOD[act].items()]
    for role in Role:
        for active in (True, False):
            asker = Asker(ME, (role.value,), active)
            assert policy.decide(act, asker, GOOD[act]) == whole.decide(act, asker, GOOD[act])
    for facts in changed:
        asker = Asker(ME, tuple(role.value for role in Role), True)
        assert policy.decide(act, asker, facts) == whole.decide(act, asker, facts)


def other(fact: object) -> object:
    """Another value of the same type."""
    if isinstance(fact, bool):
        return not fact
    if isinstance(fact, int):
        return fact + 10**6
    return OTHER if isinstance(fact, str) else ()


@cache
def the_policy() -> CedarPolicy:
    return CedarPolicy(shipped("ca-2020"))


@cache
def all_rules() -> CedarPolicy:
    """The same, with every rule in every decision."""
    content = read(shipped("ca-2020"))
    rules = {rule.id: json.loads(rule.condition) for rule in parsed(f"{content.floor}\n{content.policy}")}
    every = cedarpy.PolicySet.from_json_str(json.dumps({"staticPolicies": rules, "templates": {}, "templateLinks": []}))
    whole = CedarPolicy(shipped("ca-2020"))
    whole._about = lambda _: every  # type: ignore[assignment]
    return whole


def test_the_shipped_packs_are_of_one_floor_and_have_no_permit() -> None:
    for name in packs.SHIPPED:
        assert all(rule.effect == "forbid" for rule in parsed(read(shipped(name)).policy))
