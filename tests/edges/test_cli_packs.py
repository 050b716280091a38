"""`beholden policy check|explain|diff`: what a pack has, what a rule says, and what is looser in another."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from beholden.errors import BadInput
from beholden.policy.files import FLOOR
from beholden.policy.pinned import given
from tests.edges.terminal import Office, run
from tests.edges.test_own_packs import edit, init, own


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """A system with a pack of the agency's own."""
    assert init(tmp_path, own(tmp_path)).code == 0
    return Office(tmp_path)


def test_check_names_everything_that_is_looser_than_every_pack_must_be(tmp_path: Path) -> None:
    pack = own(tmp_path)
    assert run("policy", "check", str(pack)).code == 0
    edit(pack / "pack.toml", "max_leads = 2", "max_leads = 3\ntraining_days = 400\nnotice_days = 13")
    edit(pack / "pack.toml", 'victim-id-cse = ["victim"]', 'victim-id-cse = ["victim", "suspect"]')
    edit(pack / "pack.toml", 'crop_on_intake = ["victim-id-cse"]\n', "")
    ran = run("policy", "check", str(pack))
    assert ran.code == 1
    for loose in ("'max_leads': 3", "'training_days': 400", "'notice_days': 13", "'suspect'", "whole frames"):
        assert loose in ran.err, loose


def test_check_tells_what_a_pack_has_and_whether_its_name_is_free(tmp_path: Path) -> None:
    document = run("policy", "check", "us-md-2024", "--json").document
    assert document["purposes"]["listed-crime"] == {
        "roles": ["victim", "suspect", "other"],
        "required_fields": ["offence", "corroboration"],
    }
    assert (document["exigent_grounds"], document["can_be_adopted"]) == ([], True)
    pack = own(tmp_path, "unit-4", lambda one: edit(one / "pack.toml", 'name = "unit-4"', 'name = "eu-aia"'))
    assert run("policy", "check", str(pack), "--json").document["can_be_adopted"] is False
    assert "it needs a name of its own" in run("policy", "check", str(pack)).out
    assert run("policy", "check", str(tmp_path / "nowhere")).code == 4


def test_explain_says_a_rule_in_words_with_its_source_and_facts_and_all_rules_of_an_act() -> None:
    [rule] = run("policy", "explain", "list-is-short", "--json").document["rules"]
    assert (rule["effect"], rule["acts"], rule["facts"]) == ("forbid", ["search.started"], ["limit", "max_limit"])
    assert rule["source"].startswith("REQ 31")
    rules = run("policy", "explain", "search.started", "--json").document["rules"]
    assert rules[0]["effect"] == "permit"
    assert {rule["rule_id"] for rule in rules} >= {"list-is-short", "authority-is-active", "person-is-active"}
    french = run("policy", "explain", "person-is-active", "--language", "fr", "--json").document["rules"]
    english = run("policy", "explain", "person-is-active", "--json").document["rules"]
    assert french[0]["rule_id"] == english[0]["rule_id"]
    assert "the person.active" in english[0]["facts"]
    assert "how to proceed:" in run("policy", "explain", "list-is-short").out
    assert run("policy", "explain", "nothing-of-the-kind").code == 5


def test_diff_exits_with_8_where_anything_is_looser(office: Office) -> None:
    pack = office.folder / "packs" / "unit-4-0"
    assert run("policy", "diff", "ca-2020", str(pack)).code == 0
    back = run("policy", "diff", str(pack), "ca-2020")
    assert back.code == 8
    assert "our-lists-are-short" in back.out
    assert "14 days" in back.out
    assert run("policy", "diff", str(pack), str(pack)).out.endswith("Nothing differs.\n")
    since = run("policy", "diff", "ca-2020", "--data", str(office.data), "--json").document
    assert (since["differences"][0]["way"], since["differences"][0]["name"]) == ("looser", "our-lists-are-short")


def test_a_pack_in_the_floor_of_another_version_is_compared_and_not_adopted(office: Office) -> None:
    pack = own(office.folder, "unit-5")
    shutil.copytree(FLOOR, pack / "floor")
    edit(pack / "floor" / "searches.cedar", "context.limit > 50", "context.limit > 60")
    ran = run("policy", "diff", "ca-2020", str(pack), "--json")
    assert ran.code == 8
    assert ("rule", "list-is-short") in [(one["kind"], one["name"]) for one in ran.document["differences"]]
    assert run("policy", "check", str(pack)).code == 1


def test_a_shipped_name_or_a_folder_is_what_a_pack_is_named_by() -> None:
    with pytest.raises(BadInput, match="ca-2020, eu-aia, us-md-2024"):
        given("ca-2021")
