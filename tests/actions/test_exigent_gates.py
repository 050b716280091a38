"""The gates that a search before approval passes with a record, and those that it never passes: a test for every row."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from beholden.actions import compare, register
from beholden.errors import NoRoom, Refused
from beholden.policy.files import FLOOR
from beholden.records.authority import Authority
from beholden.records.cases import Case
from beholden.records.exhibits import SubjectRole
from beholden.records.exigent import GATES, Exigent, Gate
from beholden.records.faces import Face
from beholden.records.galleries import Gallery
from beholden.records.searches import Search
from beholden.records.sought import Sought
from beholden.records.training import Certificate
from tests.actions.test_evaluate import in_force, report
from tests.actions.test_exigent import again, begin
from tests.actions.test_orders import give
from tests.actions.test_witnessing import watched
from tests.agency import Agency, Ready, rules_of, small_agency
from tests.docs.pages import bare, page, rows, section
from tests.parts import CountedIndex, FullDatabase, PoorModel


def late_witness(agency: Agency, ready: Ready, folder: Path) -> Agency:
    watched(agency, folder).away = True
    agency.clock.pass_by(minutes=agency.system.rules.max_unwitnessed_minutes + 1)
    again(agency, "ines")
    return agency


def no_witness(agency: Agency, ready: Ready, folder: Path) -> Agency:
    return agency.with_parts(profile="operational", rules=replace(agency.system.rules, min_witnesses=1))


def lapsed_training(agency: Agency, ready: Ready, folder: Path) -> Agency:
    for one in agency.find(Certificate, person_id=agency.ids["ines"]):
        agency.change(one, ends_at=agency.clock.at - timedelta(days=11, hours=1))
    return agency


def overdue_gallery(agency: Agency, ready: Ready, folder: Path) -> Agency:
    days = agency.system.rules.certification_days
    agency.change(agency.get(Gallery, ready.gallery.id), certified_at=agency.clock.at - timedelta(days=days))
    return agency


def poor_probe(agency: Agency, ready: Ready, folder: Path) -> Agency:
    return agency.with_parts(model=PoorModel(3))


def stale_calibration(agency: Agency, ready: Ready, folder: Path) -> Agency:
    in_force(agency, report(people=40))
    return agency.with_parts(
        rules=replace(agency.system.rules, calibration_days=-1000)
    )  # the same as a long time later


def other_purpose(agency: Agency, ready: Ready, folder: Path) -> Agency:
    agency.change(agency.get(Gallery, ready.gallery.id), purposes=("mugshots",))
    for one in agency.find(Authority):
        agency.change(one, purpose="mugshots")
    roles = {**agency.system.policy.pack.roles_by_purpose, "mugshots": ("victim",)}
    assert roles
    return agency


def other_role(agency: Agency, ready: Ready, folder: Path) -> Agency:
    agency.change(agency.get(Sought, ready.sought.id), subject_role=SubjectRole.OTHER)
    return agency


def closed_gallery(agency: Agency, ready: Ready, folder: Path) -> Agency:
    register.close_gallery(agency.system, agency["pia"], gallery_id=ready.gallery.id)
    return agency


def suspended_source(agency: Agency, ready: Ready, folder: Path) -> Agency:
    register.suspend_source(agency.system, agency["pia"], source_id=ready.source.id, reason="order")
    return agency


def ordered_to_stop(agency: Agency, ready: Ready, folder: Path) -> Agency:
    give(agency, "stop", "system")
    return agency


def full_disk(agency: Agency, ready: Ready, folder: Path) -> Agency:
    return agency.with_parts(database=FullDatabase(agency.system.database, lambda: True))


# What closes each gate for a search that was approved before, and for one that is exigent.
CLOSE: dict[str, Callable[[Agency, Ready, Path], Agency]] = {
    "witness": late_witness,
    "no-witness": no_witness,
    "training": lapsed_training,
    "certification": overdue_gallery,
    "quality": poor_probe,
    "calibration": stale_calibration,
    "purpose": other_purpose,
    "role": other_role,
    "galleries": closed_gallery,
    "source": suspended_source,
    "oversight": ordered_to_stop,
    "log": full_disk,
}
WORDS = {
    "training": "training ended 12 days ago",
    "certification": "1 gallery is not certified anew",
    "quality": "the best face has a quality of 3, under 5",
}


def use(agency: Agency, authority_id: str, gate: Gate) -> object:
    """A search; a comparison where the gate is one of comparisons."""
    authority = agency.get(Authority, authority_id)
    if not gate.rule.startswith("comparison-"):
        return agency.search(authority)
    return compare.compare(
        agency.system,
        agency["ines"],
        authority_id=authority.id,
        sought_id=authority.sought_id,
        face_id=agency.find(Face)[0].id,
    )


def refused(agency: Agency, authority_id: str, gate: Gate) -> list[str]:
    """The rules that say no; an incident may be opened behind the refusal."""
    with pytest.raises(Refused) as caught:
        use(agency, authority_id, gate)
    return [reason.rule_id for reason in caught.value.reasons]


@pytest.mark.parametrize("gate", GATES, ids=lambda gate: str(gate.code))
def test_req_22_each_gate_is_passed_with_a_record_or_not_at_all(gate: Gate, tmp_path: Path) -> None:
    whole = small_agency()
    ready = whole.ready(1, 2, 3)
    begun = begin(whole, ready)
    approved = whole.approve(whole.request(ready.case, ready.sought, ready.gallery))
    index = CountedIndex(whole.system.index)
    agency = CLOSE[gate.code](whole, ready, tmp_path).with_parts(index=index)
    if gate.code == "log":
        for authority_id in (approved.id, begun.authority_id):
            with pytest.raises(NoRoom):
                use(agency, authority_id, gate)
        assert (index.depths, agency.find(Search)) == ([], [])
        return
    if gate.rule:
        assert gate.rule in refused(agency, approved.id, gate)
        assert index.depths == []
    if not gate.passable:
        assert gate.rule in refused(agency, begun.authority_id, gate)
        assert (index.depths, agency.get(Exigent, begun.id).passed) == ([], ())
        return
    found = use(agency, begun.authority_id, gate)
    assert isinstance(found, Search)
    assert found.people == 3
    [passed] = agency.get(Exigent, begun.id).passed
    assert passed.gate == gate.code
    assert passed.words == WORDS.get(gate.code, passed.words)
    started = [leaf["n"] for leaf in agency.leaves() if leaf["event"] == "search.started"][-1]
    assert agency.told(started)["gate"] == [f"{passed.gate}: {passed.words}"]
    agency.search(agency.get(Authority, begun.authority_id))
    assert agency.get(Exigent, begun.id).passed == (passed,), "each gate once"


def test_every_gate_has_a_way_to_close_it_and_its_rule_is_one_of_the_floor() -> None:
    assert sorted(gate.code for gate in GATES) == sorted(CLOSE)
    rules = "".join(file.read_text() for file in FLOOR.glob("*.cedar"))
    for gate in GATES:
        assert not gate.rule or f'@id("{gate.rule}")' in rules


def test_req_22_a_rule_that_urgency_passes_is_in_the_table() -> None:
    """A rule that says `unless … "exigent"` and stands in no row would open without a record."""
    rules = "\n".join(file.read_text() for file in FLOOR.glob("*.cedar"))
    open_to_it = {
        rule.partition('"')[0]
        for rule in rules.split('@id("')[1:]
        if 'urgency == "exigent"' in rule.partition("unless")[2]
    }
    passable = {gate.rule for gate in GATES if gate.passable and gate.rule}
    assert open_to_it - passable == {"approver-is-named", "probe-is-to-be-decided-about"}
    assert passable - open_to_it == set()


def test_req_22_training_that_ended_longer_ago_is_not_passed(tmp_path: Path) -> None:
    agency = small_agency()
    ready = agency.ready(1, 2, 3)
    begun = begin(agency, ready)
    for one in agency.find(Certificate, person_id=agency.ids["ines"]):
        agency.change(one, ends_at=agency.clock.at - timedelta(days=30))
    assert rules_of(agency, agency.search, agency.get(Authority, begun.authority_id)) == ["training-is-current"]
    assert rules_of(agency, begin, agency, ready) == ["training-is-current"]


def test_req_22_who_begins_with_lapsed_training_has_that_on_record_from_the_beginning(tmp_path: Path) -> None:
    agency = small_agency()
    ready = agency.ready(1, 2, 3)
    begun = begin(lapsed_training(agency, ready, tmp_path), ready)
    assert [(one.gate, one.words) for one in begun.passed] == [("training", "training ended 12 days ago")]


def test_req_08_a_gallery_that_nobody_certified_in_time_is_not_searched_until_somebody_does() -> None:
    agency = small_agency()
    ready = agency.ready(1, 2, 3)
    agency.clock.pass_by(days=90, milliseconds=-1)
    again(agency, "ines", "sven", "pia")
    approved = agency.approve(agency.request(ready.case, ready.sought, ready.gallery))
    assert agency.search(approved)
    agency.clock.pass_by(milliseconds=1)
    assert rules_of(agency, agency.search, approved) == ["galleries-are-certified"]
    certified = register.certify_gallery(
        agency.system, agency["pia"], gallery_id=ready.gallery.id, words="orders and withdrawals; one erased"
    )
    assert (certified.certified_at, certified.certified_by) == (agency.clock.at, agency.ids["pia"])
    assert agency.search(approved)
    register.close_gallery(agency.system, agency["pia"], gallery_id=ready.gallery.id)
    assert rules_of(
        agency, register.certify_gallery, agency.system, agency["pia"], gallery_id=ready.gallery.id, words=""
    ) == ["gallery-to-certify-is-open", "certification-says-what-was-looked-at"]


def test_a_case_that_is_closed_has_no_search_before_approval() -> None:
    agency = small_agency()
    ready = agency.ready(1, 2, 3)
    agency.change(agency.get(Case, ready.case.id), assigned=())
    assert rules_of(agency, begin, agency, ready) == ["investigator-is-assigned"]


def test_the_gates_are_documented_as_they_are() -> None:
    told = rows(section(page("exigent.md"), "Gates"), 4)
    wanted = [
        [gate.code, gate.rule or "–", "with a record" if gate.passable else "never", gate.how_far] for gate in GATES
    ]
    assert [[bare(row[0]), bare(row[1]), row[2], row[3]] for row in told] == wanted
