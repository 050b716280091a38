"""Who may do what under the pack ca-2020: every act by every role, by hand, and what each requirement asks of the rules."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beholden.policy.cedar import CedarPolicy
from beholden.policy.files import FLOOR
from beholden.policy.packs import SHIPPED, read, shipped
from beholden.ports.policy import Asker, Decision, Fact
from beholden.records.audit import OPERATIONS
from beholden.records.people import Role
from beholden.records.sources import AuthorityKind
from beholden.testing.good_requests import BOSS, GOOD, HOUR, ME, NOW, OTHER, PURPOSES, THIRD
from beholden.testing.policy_contract import PolicyContract

ROLES = tuple(role.value for role in Role)
# A score is a lead, and what a court says is a court's to say (REQ 30).
NEVER_SAID = {
    "en": r"match|identity|\bhit\b|complian|lawful",
    "fr": r"concordance|\bsonde|\bidentité|\bconforme|\blégalité|\blicite",
}


@cache
def ca_2020() -> CedarPolicy:
    return CedarPolicy(shipped("ca-2020"))


class TestCedarWithThePackCa2020(PolicyContract):
    def policy(self) -> CedarPolicy:
        return ca_2020()


def ask(act: str, *roles: str, person: str = ME, active: bool = True, **changes: Fact) -> Decision:
    return ask_as(Asker(person, roles, active), act, changes)


def ask_as(asker: Asker, act: str, changes: Mapping[str, Fact]) -> Decision:
    return ca_2020().decide(act, asker, {**GOOD[act], **changes})


def denied_by(decision: Decision) -> list[str]:
    assert decision.error == ""
    assert decision.allowed is (decision.reasons == ())
    return [reason.rule_id for reason in decision.reasons]


# rule that tells whose act it is → who that is, and their acts
MAY: Mapping[str, tuple[str, str]] = {
    "role-administrator-keeps-people": (
        "administrator",
        "person.added person.changed person.suspended person.resumed person.replaced person.token_renewed "
        "person.signed_out person.linked person.unlinked",
    ),
    "role-administrator-enters-certificates": ("administrator", "certificate.entered certificate.revoked"),
    "role-administrator-makes-links": ("administrator", "link.made"),
    "role-keeps-own-account": (
        " ".join(ROLES),
        "passkey.added passkey.removed totp.begun totp.confirmed totp.removed session.refreshed "
        "api_key.made api_key.revoked person.link_confirmed",
    ),
    "role-custodian-pins-own-key": ("key_custodian", "recovery_key.pinned recovery_key.removed"),
    "role-steward-proposes-sources": ("steward", "source.proposed"),
    "role-privacy-officer-decides-sources": (
        "privacy_officer",
        "source.approved source.refused source.suspended source.resumed",
    ),
    "role-privacy-officer-keeps-galleries": (
        "privacy_officer",
        "gallery.opened gallery.closed gallery.certified gallery.turned",
    ),
    "role-supervisor-reviews-exigent": ("supervisor", "exigent.upheld exigent.refused exigent.lapse_closed"),
    "role-steward-enrols": ("steward", "image.enrolled archive.read"),
    "role-privacy-officer-judges-images": ("privacy_officer", "aside.shown image.judged"),
    "role-tells-images-apart": ("steward examiner", "image.told_apart"),
    "role-investigator-opens-cases": ("investigator", "case.opened"),
    "role-supervisor-assigns": ("supervisor", "case.assigned case.reopened"),
    "role-closes-cases": ("investigator supervisor", "case.closed"),
    "role-investigator-works-on-the-case": (
        "investigator",
        "exhibit.added exhibit.face_drawn exhibit.face_edited exhibit.shown exhibit.frame_shown exhibit.removed sought.declared "
        "sought.withdrawn "
        "authority.drafted authority.requested authority.withdrawn search.started comparison.made "
        "exigent.begun disclosure.made disclosure.previewed disclosure.read",
    ),
    "role-supervisor-decides-authority": (
        "supervisor",
        "authority.approved authority.refused authority.returned probe.shown",
    ),
    "role-sends-notices": ("supervisor privacy_officer auditor", "notice.sent"),
    "role-registers-evidence": ("steward supervisor", "evidence.imported"),
    "role-revokes-authority": ("supervisor privacy_officer", "authority.revoked"),
    "role-reads-comparisons": ("investigator supervisor auditor", "comparison.read"),
    "role-reads-leads": ("investigator supervisor examiner auditor", "search.read"),
    "role-sees-leads": ("investigator supervisor examiner", "lead.shown"),
    "role-examiner-reviews": ("examiner", "review.opened review.shown review.decided review.finished"),
    "role-examiner-examines": (
        "examiner",
        "examination.opened examination.shown examination.described examination.viewed examination.locked examination.revised",
    ),
    "role-privacy-officer-answers-requests": (
        "privacy_officer",
        "reference.found request.received request.read request.identity_checked request.records_chosen request.granted "
        "request.refused request.withdrawn",
    ),
    "role-privacy-officer-keeps-photographs": (
        "privacy_officer",
        "photograph.given photograph.shown photograph.compared photograph.taken_back reference.shown",
    ),
    "role-privacy-officer-reviews-restrictions": ("privacy_officer", "restriction.kept restriction.ended"),
    "role-starts-erasure": ("privacy_officer steward supervisor", "erasure.started request.restricted"),
    "role-auditor-reads-erasures": ("auditor", "erasure.read"),
    "role-supervisor-sends-examinations": (
        "supervisor",
        "examination.sent examination.taken_back",
    ),
    "role-privacy-officer-registers-examiners": ("privacy_officer", "examiner.registered"),
    "role-supervisor-recalls": ("supervisor", "disclosure.recalled"),
    "role-refutes-leads": ("investigator supervisor", "lead.refuted"),
    "role-auditor-opens-sequestrations": ("auditor", "sequestration.opened"),
    "role-auditor-reveals-pictures": ("auditor", "picture.revealed"),
    "role-reveals-chips": ("investigator supervisor examiner privacy_officer", "chip.revealed"),
    "role-reads-outcomes": ("steward privacy_officer investigator supervisor examiner", "outcome.read"),
    "role-measures-model": (
        "steward privacy_officer",
        "evaluation.started evaluation.finished calibration.proposed",
    ),
    "role-privacy-officer-decides-calibrations": ("privacy_officer", "calibration.accepted calibration.refused"),
    "role-auditor-looks-for-patterns": (
        "auditor",
        "pattern.read reference.planted reference.unplanted sample.drawn sample.judged sample.read",
    ),
    "role-auditor-replays-searches": ("auditor", "search.replayed"),
    "role-reports-incidents": (" ".join(ROLES), "incident.reported"),
    "role-privacy-officer-answers-for-incidents": (
        "privacy_officer",
        "incident.contained incident.judged incident.closed",
    ),
    "role-reads-log": ("auditor privacy_officer", "log.read log.verified"),
    "role-witnesses-on-paper": ("auditor privacy_officer", "log.witnessed_on_paper"),
    "role-exports-log": ("auditor privacy_officer", "log.exported entry.proven statement.made"),
    "role-checks-system": ("administrator auditor", "system.checked index.checked"),
    "role-administrator-adds-models": (
        "administrator",
        "model.added upgrade.begun upgrade.switched upgrade.returned upgrade.purged",
    ),
    "role-privacy-officer-disposes": ("privacy_officer", "disposal.run"),
    "role-administrator-keeps-stores": ("administrator", "index.rebuilt epoch.begun custodians.changed backup.made"),
}
CELLS = [
    (act, role, rule, role in who.split())
    for rule, (who, acts) in MAY.items()
    for act in acts.split()
    for role in ROLES
]
# What is good for the first of those roles and not for this one: another face is theirs to see.
OTHERWISE = {("chip.revealed", "privacy_officer"): {"of": "given"}}
DOER = {act: who.split()[0] for who, acts in MAY.values() for act in acts.split()}


@pytest.mark.parametrize(("act", "role", "rule", "may"), CELLS)
def test_each_act_is_open_to_its_roles_and_closed_to_every_other(act: str, role: str, rule: str, may: bool) -> None:
    assert denied_by(ask(act, role, **OTHERWISE.get((act, role), {}))) == ([] if may else [rule])


def test_the_table_has_every_act_that_the_schema_knows() -> None:
    schema = (FLOOR / "schema.cedarschema").read_text()
    acts = [
        act for line in re.findall(r"^action (.+) appliesTo", schema, re.M) for act in re.findall(r'"([^"]+)"', line)
    ]
    assert sorted(acts) == sorted(GOOD) == sorted(DOER)
    assert set(acts) <= set(OPERATIONS)  # an act has the name that it has in the log


def test_every_act_has_exactly_one_permit() -> None:
    permits = re.findall(r"^permit \((.*?)\)\s*when", (FLOOR / "roles.cedar").read_text(), re.M | re.S)
    assert sorted(act for permit in permits for act in re.findall(r'Action::"([^"]+)"', permit)) == sorted(GOOD)
    assert not any("permit (" in file.read_text() for file in FLOOR.glob("*.cedar") if file.stem != "roles")


@pytest.mark.parametrize("act", sorted(GOOD))
def test_whoever_has_no_role_may_do_nothing(act: str) -> None:
    assert not ask(act).allowed
    assert not ask(act, "chief").allowed


def test_all_reasons_are_given_at_once_in_the_order_of_the_rules() -> None:
    refusal = ask("search.started", "auditor", active=False, case_state="closed", assigned=(), used=3, limit=51)
    assert denied_by(refusal) == [
        "case-is-open",
        "investigator-is-assigned",
        "person-is-active",
        "role-investigator-works-on-the-case",
        "a-search-is-left",
        "list-is-short",
    ]


def test_a_rule_that_cannot_be_evaluated_denies_what_the_others_allow() -> None:
    decision = ask("authority.requested", "investigator", max_hours=2**62)
    assert not decision.allowed
    assert "window-is-short" in decision.error
    assert "overflow" in decision.error
    assert [reason.rule_id for reason in decision.reasons] == ["no-rule-allows"]


def test_a_rule_that_cannot_be_evaluated_does_not_hide_the_other_reasons() -> None:
    decision = ask("authority.requested", "investigator", max_hours=2**62, necessity_repeats=True)
    assert decision.error
    assert [reason.rule_id for reason in decision.reasons] == ["necessity-is-new"]


@pytest.mark.parametrize("act", ["source.approved", "source.refused"])
def test_req_02_whoever_proposed_a_source_does_not_decide_about_it(act: str) -> None:
    assert denied_by(ask(act, "privacy_officer", "steward", proposed_by=ME)) == ["source-decider-is-not-proposer"]
    assert ask(act, "privacy_officer", "steward", proposed_by=OTHER).allowed


@pytest.mark.parametrize(
    "kind", ["consent-of-platform", "publicly-available", "scraped", "", "Warrant", "it was online"]
)
def test_req_06_a_kind_of_authority_that_is_not_on_the_list_is_refused(kind: str) -> None:
    assert denied_by(ask("source.proposed", "steward", authority_kind=kind)) == ["source-kind-is-known"]


@pytest.mark.parametrize("kind", list(AuthorityKind))
@pytest.mark.parametrize("profile", ["synthetic", "operational"])
def test_req_06_a_synthetic_system_takes_synthetic_sources_only_and_every_other_takes_none(
    kind: AuthorityKind, profile: str
) -> None:
    fits = (kind is AuthorityKind.SYNTHETIC) == (profile == "synthetic")
    rule = "only-synthetic-sources-here" if profile == "synthetic" else "synthetic-source-in-synthetic-system"
    denied = denied_by(ask("source.proposed", "steward", authority_kind=kind.value, profile=profile))
    assert denied == ([] if fits else [rule])


def test_req_10_the_pack_has_two_purposes_and_no_other_opens_anything() -> None:
    assert sorted(ca_2020().pack.purposes) == ["imminent-threat", "victim-id-cse"]
    titles = read(shipped("ca-2020")).pack.titles
    assert {language: sorted(said) for language, said in titles.items()} == {
        "en": ["imminent-threat", "victim-id-cse"],
        "fr": ["imminent-threat", "victim-id-cse"],
    }
    for purpose in ("fraud", "trial", "", "victim-id-CSE"):
        assert denied_by(ask("case.opened", "investigator", purpose=purpose)) == ["case-purpose-of-pack"]
        assert denied_by(ask("search.started", "investigator", purpose=purpose)) == ["search-purpose-of-pack"]
        for act, role, rule in (
            ("source.proposed", "steward", "source-purposes-of-pack"),
            ("gallery.opened", "privacy_officer", "gallery-purposes-of-pack"),
        ):
            assert denied_by(ask(act, role, purposes=("victim-id-cse", purpose))) == [rule]


_people = st.sampled_from([ME, OTHER, BOSS, "", "system"])


@settings(max_examples=400, deadline=None)
@given(
    role=st.sampled_from(["investigator", "supervisor"]),
    active=st.booleans(),
    facts=st.fixed_dictionaries(
        {},
        optional={
            "now": st.integers(NOW - 1, NOW + HOUR + 1),
            "case_state": st.sampled_from(["open", "closed"]),
            "assigned": st.sampled_from([(ME,), (OTHER,), (ME, OTHER), (ME, BOSS), ()]),
            "purpose": st.sampled_from([*PURPOSES, "fraud"]),
            "authority_state": st.sampled_from(["active", "requested", "refused", "revoked", "withdrawn"]),
            "authority_of_case": st.booleans(),
            "authority_names_sought": st.booleans(),
            "requested_by": _people,
            "approved_by": _people,
            "used": st.integers(0, 5),
            "searches": st.integers(-1, 5),
            "sought_state": st.sampled_from(["declared", "withdrawn"]),
            "removed_faces": st.integers(0, 1),
            "subject_role": st.sampled_from(["victim", "other", "undeclared"]),
            "unfit_galleries": st.integers(0, 1),
            "limit": st.integers(-1, 60),
        },
    ),
)
def test_req_11_no_search_starts_unless_case_authority_and_sought_all_hold(
    role: str, active: bool, facts: dict[str, Fact]
) -> None:
    f = {**GOOD["search.started"], **facts}
    assigned, approver = f["assigned"], f["approved_by"]
    assert isinstance(assigned, tuple)
    holds = (
        (role, active, f["case_state"], ME in assigned) == ("investigator", True, "open", True)
        and f["purpose"] in PURPOSES
        and (f["authority_state"], f["authority_of_case"], f["authority_names_sought"]) == ("active", True, True)
        and approver not in (f["requested_by"], ME, "", "system", *assigned)
        and int(f["starts_at"]) <= int(f["now"]) < int(f["ends_at"])  # type: ignore[arg-type]
        and int(f["used"]) < int(f["searches"])  # type: ignore[arg-type]
        and (f["sought_state"], f["removed_faces"], f["subject_role"]) == ("declared", 0, "victim")
        and f["unfit_galleries"] == 0
        and 1 <= int(f["limit"]) <= 50  # type: ignore[arg-type]
    )
    assert ask_as(Asker(ME, (role,), active), "search.started", facts).allowed is holds


@pytest.mark.parametrize("act", ["authority.approved", "authority.refused"])
def test_req_11_nobody_decides_about_their_own_request_or_their_own_case(act: str) -> None:
    assert denied_by(ask(act, "supervisor", requested_by=ME)) == ["approver-is-not-requester"]
    assert denied_by(ask(act, "supervisor", assigned=(OTHER, ME))) == ["approver-is-not-assigned"]


@pytest.mark.parametrize("act", ["sought.declared", "search.started"])
def test_req_12_finding_victims_means_searching_for_victims(act: str) -> None:
    roles = ca_2020().pack.roles_by_purpose
    assert dict(roles) == {"victim-id-cse": ("victim",), "imminent-threat": ("victim", "other")}
    for role in ("other", "undeclared", "suspect", ""):
        refusal = ask(act, "investigator", subject_role=role, permitted_roles=roles["victim-id-cse"])
        assert denied_by(refusal) == ["subject-role-is-permitted"]
    assert ask(act, "investigator", subject_role="other", permitted_roles=roles["imminent-threat"]).allowed


def test_req_13_a_crowd_is_not_searched_whatever_number_the_caller_gives() -> None:
    refusal = ask("sought.declared", "investigator", subjects_of_image=3, max_subjects_of_image=100)
    assert denied_by(refusal) == ["subjects-of-image-are-few"]


def test_req_14_the_necessity_is_written_out_and_new() -> None:
    assert denied_by(ask("authority.requested", "investigator", necessity_chars=29)) == ["necessity-is-written"]
    assert denied_by(ask("authority.requested", "investigator", necessity_chars=0, min_necessity_chars=0)) == [
        "necessity-is-written"
    ]
    assert denied_by(ask("authority.requested", "investigator", necessity_repeats=True)) == ["necessity-is-new"]


def test_req_15_the_search_after_the_last_one_is_refused() -> None:
    answers = [ask("search.started", "investigator", searches=3, used=used).allowed for used in range(5)]
    assert answers == [True, True, True, False, False]


@pytest.mark.parametrize(
    ("wider", "rule"),
    [
        ({"galleries_not_requested": 1}, "no-gallery-is-added"),
        ({"searches": 4}, "no-search-is-added"),
        ({"starts_at": NOW - 1}, "window-begins-no-earlier"),
        ({"ends_at": NOW + 24 * HOUR + 1}, "window-ends-no-later"),
    ],
)
def test_req_16_an_approval_gives_nothing_that_was_not_asked_for(wider: dict[str, Fact], rule: str) -> None:
    assert denied_by(ask_as(Asker(ME, ("supervisor",), True), "authority.approved", wider)) == [rule]


def test_req_16_an_approval_may_give_less() -> None:
    assert ask("authority.approved", "supervisor", searches=1, starts_at=NOW + HOUR, ends_at=NOW + 2 * HOUR).allowed


def test_req_16_an_authority_that_was_decided_is_not_decided_again() -> None:
    for state in ("active", "refused", "revoked", "withdrawn"):
        for act in ("authority.approved", "authority.refused"):
            assert denied_by(ask(act, "supervisor", state=state)) == ["request-waits-for-decision"]


def rules_of_the_files(folder: Path) -> dict[str, tuple[str, dict[str, str]]]:
    """id → (effect, annotations), read without Cedar."""
    rules: dict[str, tuple[str, dict[str, str]]] = {}
    for file in sorted(folder.glob("*.cedar")):
        for notes, effect in re.findall(r'((?:^@\w+\(".*"\)\n)*)^(permit|forbid) \(', file.read_text(), re.M):
            said = dict(re.findall(r'^@(\w+)\("(.*)"\)$', notes, re.M))
            assert said["id"] not in rules, said["id"]
            rules[said["id"]] = (effect, said)
    return rules


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("folder", [FLOOR, *(shipped(name) for name in SHIPPED)], ids=lambda folder: folder.name)
def test_req_19_every_rule_says_why_by_which_source_and_what_to_do_next(folder: Path, language: str) -> None:
    rules = rules_of_the_files(folder)
    words = tomllib.loads((folder / f"words.{language}.toml").read_text())["rules"] if rules else {}
    assert len(rules) > 100 or folder != FLOOR
    assert set(words) == set(rules)
    for rule_id, (effect, said) in rules.items():
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*", rule_id)
        assert set(said) == {"id", "source"}, rule_id
        assert re.match(r"REQ \d{2,3}(; |$)", said["source"]), rule_id
        assert set(words[rule_id]) == ({"why", "how"} if effect == "forbid" else {"why"}), rule_id
        for name, text in words[rule_id].items():
            assert text[0].isupper() and text.endswith(".") and len(text) > 15, (rule_id, name)
            assert not re.search(NEVER_SAID[language], text, re.I), (rule_id, name)


def test_req_31_a_list_has_fifty_places_at_most_and_two_leads_leave_whatever_number_the_caller_gives() -> None:
    assert denied_by(ask("search.started", "investigator", limit=51, max_limit=1000)) == ["list-is-short"]
    assert denied_by(ask("search.started", "investigator", limit=21, max_limit=20)) == ["list-is-short"]
    assert denied_by(ask("disclosure.made", "investigator", leads=3, max_leads=1000)) == ["leads-are-few"]
    assert denied_by(ask("disclosure.made", "investigator", leads=2, max_leads=1)) == ["leads-are-few"]


def test_req_36_only_potential_candidates_go_to_examination_and_two_at_most() -> None:
    for outcome in ("no", "inconclusive", "pending", ""):
        assert denied_by(ask("examination.opened", "examiner", outcome=outcome)) == ["candidate-is-potential"]
    for most in (2, 1000):
        refusal = ask("review.finished", "examiner", potential=3, max_potential=most)
        assert denied_by(refusal) == ["potential-candidates-are-few"]


@pytest.mark.parametrize(
    ("part", "reviewer", "examiners", "disagreement", "rules"),
    [
        ("first", OTHER, (), False, []),
        ("first", ME, (), False, []),  # the reviewer may be the first examiner …
        ("second", ME, (OTHER,), False, ["second-examiner-is-not-reviewer"]),  # … and never the second
        ("second", OTHER, (OTHER,), False, []),
        ("second", OTHER, (ME,), False, ["examiner-is-new-to-candidate"]),
        ("second", ME, (ME,), False, ["examiner-is-new-to-candidate", "second-examiner-is-not-reviewer"]),
        ("consultation", OTHER, (OTHER, THIRD), True, []),
        ("consultation", OTHER, (OTHER, THIRD), False, ["consultation-needs-disagreement"]),
        ("consultation", OTHER, (OTHER, ME), True, ["examiner-is-new-to-candidate"]),
        ("consultation", OTHER, (ME, THIRD), True, ["examiner-is-new-to-candidate"]),
        ("consultation", ME, (OTHER, THIRD), True, ["consultant-is-not-reviewer"]),
        ("fourth", OTHER, (OTHER, THIRD), True, ["part-is-known"]),
    ],
)
def test_req_38_each_opinion_is_another_persons(
    part: str, reviewer: str, examiners: tuple[str, ...], disagreement: bool, rules: list[str]
) -> None:
    facts: dict[str, Fact] = {"reviewer": reviewer, "examiners": examiners, "disagreement": disagreement, "part": part}
    assert denied_by(ask_as(Asker(ME, ("examiner",), True), "examination.opened", facts)) == rules


@pytest.mark.parametrize("act", ["review.opened", "examination.opened"])
@pytest.mark.parametrize("had", ["requested_by", "searched_by", "approved_by", "assigned"])
def test_req_38_nobody_judges_a_search_in_which_they_had_a_part(act: str, had: str) -> None:
    changed: dict[str, Fact] = {had: (ME,) if had == "assigned" else ME}
    refusal = ask_as(Asker(ME, ("examiner", "investigator"), True), act, changed)
    part = {"requested_by": "requester", "searched_by": "searcher", "approved_by": "approver", "assigned": "assigned"}
    assert denied_by(refusal) == [f"examiner-is-not-{part[had]}"]


def test_req_39_what_was_decided_or_locked_stays() -> None:
    assert denied_by(ask("review.decided", "examiner", pair_state="decided")) == ["pair-is-undecided"]
    assert denied_by(ask("review.decided", "examiner", review_state="finished")) == ["review-is-open"]
    assert denied_by(ask("examination.locked", "examiner", state="locked")) == ["examination-is-open"]
    assert denied_by(ask("examination.revised", "examiner", search_state="reviewed")) == ["search-is-unsealed"]


@pytest.mark.parametrize("roles", [roles for n in range(1, 8) for roles in combinations(ROLES, n)], ids="+".join)
def test_req_94_no_set_of_roles_both_searches_and_approves(roles: tuple[str, ...]) -> None:
    may = {act for act in GOOD if ask(act, *roles).allowed}
    assert not {"search.started", "authority.approved"} <= may
    assert not may or len(roles) == 1 or not {"administrator", "auditor"} & set(roles)
    may_be_given = ask("person.added", "administrator", roles_given=roles).allowed
    assert may_be_given is bool(may)


@pytest.mark.parametrize("act", sorted(GOOD))
def test_req_103_nothing_is_done_by_nobody_in_particular(act: str) -> None:
    for person in ("", "system"):
        assert "person-is-named" in denied_by(ask(act, DOER[act], person=person))
    assert denied_by(ask(act, DOER[act], active=False)) == ["person-is-active"]
