"""Incidents open by themselves where something happened that must not, and are answered for by people."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from beholden.actions import audit, check, compare, people, recall, register, respond
from beholden.actions.exigent_review import lapse_overdue
from beholden.actions.follow import shelf_of
from beholden.errors import LogBroken, Missing, NotProven, Refused
from beholden.records.disclosures import OVERSIGHT, Notice
from beholden.records.faces import Face
from beholden.records.incidents import Incident, IncidentKind, IncidentState, Materiality, is_overdue
from beholden.testing.index_contract import unit
from tests.actions.test_exigent import again, begin, refuse, search_under
from tests.agency import Agency, rules_of, small_agency

WORDS = "a packet went to another unit than the one it named"


@pytest.fixture
def agency() -> Agency:
    return small_agency()


def kinds(agency: Agency) -> list[IncidentKind]:
    return [one.what for one in agency.find(Incident, order="created_at")]


def log_broken(agency: Agency) -> None:
    with pytest.raises(LogBroken), audit.act(agency.system, "log.read", agency["aude"]) as act, act.look():
        raise LogBroken("the log is not what was signed")


def integrity_broken(agency: Agency) -> None:
    with pytest.raises(NotProven), audit.act(agency.system, "case.opened", agency["ines"]) as act, act.look():
        raise NotProven("the bytes are not what they were")


def policy_error(agency: Agency) -> None:
    with pytest.raises(Refused), audit.act(agency.system, "case.opened", agency["ines"]) as act, act.look():
        act.permit()  # a fact is lacking: the rules cannot be evaluated


def exigent_refused(agency: Agency) -> None:
    begun = begin(agency, agency.ready(1, 2, 3))
    search_under(agency, begun)
    refuse(agency, begun)


def exigent_lapsed(agency: Agency) -> None:
    search_under(agency, begin(agency, agency.ready(1, 2, 3)))
    agency.clock.pass_by(hours=25)
    assert lapse_overdue(agency.system) == 1


def toxic_roles(agency: Agency) -> None:
    with pytest.raises(Refused):
        people.add_person(agency.system, agency["ada"], name="Nora Vale", roles=["investigator", "supervisor"])


def suspended_source(agency: Agency) -> None:
    ready = agency.ready(1, 2, 3)
    face = agency.unsealed(agency.search(ready.authority), 1)[0].candidate.face_id
    register.suspend_source(agency.system, agency["pia"], source_id=ready.source.id, reason="the agreement is in doubt")
    with pytest.raises(Refused):
        compare.compare(
            agency.system, agency["ines"], authority_id=ready.authority.id, sought_id=ready.sought.id, face_id=face
        )


def wrong_lead(agency: Agency) -> None:
    found = agency.search(agency.ready(1, 2, 3).authority)
    disclosed = agency.disclose(found, agency.unsealed(found, 1)[0]).disclosure
    recall.refute_lead(
        agency.system,
        agency["ines"],
        disclosure_id=disclosed.id,
        lead=1,
        reason="the person was in hospital on that day",
        source="the record of the hospital",
    )


FIXTURES: list[tuple[Callable[[Agency], None], IncidentKind]] = [
    (log_broken, IncidentKind.LOG),
    (integrity_broken, IncidentKind.INTEGRITY),
    (policy_error, IncidentKind.POLICY),
    (exigent_refused, IncidentKind.EXIGENT),
    (exigent_lapsed, IncidentKind.EXIGENT),
    (toxic_roles, IncidentKind.TOXIC_ROLES),
    (suspended_source, IncidentKind.SUSPENDED_SOURCE),
    (wrong_lead, IncidentKind.WRONG_LEAD),
]


@pytest.mark.parametrize(("happens", "kind"), FIXTURES, ids=lambda one: getattr(one, "__name__", ""))
def test_req_131_each_of_these_opens_exactly_one_by_itself(
    agency: Agency, happens: Callable[[Agency], None], kind: IncidentKind
) -> None:
    happens(agency)
    [one] = agency.find(Incident)
    assert (one.what, one.state, one.materiality, one.times) == (kind, IncidentState.OPEN, Materiality.UNDECIDED, 1)
    assert one.detection
    assert agency.leaves()[one.entry]["event"] == "incident.opened"
    assert agency.told(one.entry)["incident"] == [one.id]


def test_req_131_a_count_of_the_engine_that_the_log_does_not_tell_of_opens_one(agency: Agency) -> None:
    agency.search(agency.ready(1, 2, 3).authority)
    check.check(agency.system, agency["aude"])
    assert kinds(agency) == []
    agency.system.index.nearest([unit(5)], 3, [shelf_of(agency.find(Face)[0])])
    for _ in range(2):
        check.check(agency.system, agency["aude"])
    assert [(one.what, one.times) for one in agency.find(Incident)] == [(IncidentKind.UNACCOUNTED, 2)]


def test_the_same_again_within_a_day_is_counted_and_a_day_later_is_another(agency: Agency) -> None:
    for _ in range(3):
        log_broken(agency)
    assert [one.times for one in agency.find(Incident)] == [3]
    agency.clock.pass_by(minutes=1)
    integrity_broken(agency)
    agency.clock.pass_by(hours=25)
    again(agency, "aude")
    log_broken(agency)
    assert kinds(agency) == [IncidentKind.LOG, IncidentKind.INTEGRITY, IncidentKind.LOG]


def test_req_130_a_privacy_officer_answers_for_it_to_its_end(agency: Agency) -> None:
    made = respond.report_incident(agency.system, agency["rosa"], words=WORDS, about="some-record")
    pia, system = agency["pia"], agency.system
    close = (respond.close_incident, system, pia)
    lessons = "recipients are picked from a list now and are not typed"
    assert rules_of(agency, *close, incident_id=made.id, lessons=lessons) == [
        "incident-is-contained",
        "incident-is-judged",
    ]
    contained = respond.contain_incident(
        system, pia, incident_id=made.id, words="the unit destroyed it and said so", affected=2
    )
    assert (contained.state, contained.affected) == (IncidentState.CONTAINED, 2)
    judge = {"incident_id": made.id, "materiality": "material", "words": "a face of a stranger left the agency"}
    respond.judge_incident(system, pia, **judge)
    respond.judge_incident(system, pia, **judge)
    [notice] = [one for one in agency.find(Notice, recipient=OVERSIGHT) if one.about == made.id]
    assert notice.words == respond.MATERIAL
    assert rules_of(agency, *close, incident_id=made.id, lessons=lessons) == ["incident-notices-are-sent"]
    with system.database.begin() as tx:
        tx.change(notice, sent=True)
    closed = respond.close_incident(system, pia, incident_id=made.id, lessons=lessons)
    assert (closed.state, closed.lessons, closed.decided_by) == (IncidentState.CLOSED, lessons, agency.ids["pia"])
    assert rules_of(agency, respond.judge_incident, system, pia, **judge) == ["incident-is-not-closed"]


def test_req_130_one_that_nobody_judged_in_seven_days_is_overdue_and_the_check_says_so(agency: Agency) -> None:
    made = respond.report_incident(agency.system, agency["ines"], words=WORDS)
    assert not is_overdue(made, agency.clock.at)
    agency.clock.pass_by(days=7, minutes=1)
    assert is_overdue(made, agency.clock.at)
    with agency.system.database.look() as look:
        finding = next(one for one in check.look_over(agency.system, look) if one.part == "incidents")
    assert not finding.holds
    assert made.id in finding.words


def test_a_privacy_officer_does_not_call_immaterial_what_they_contained_nor_judge_what_is_about_them(
    agency: Agency,
) -> None:
    made = respond.report_incident(agency.system, agency["ines"], words=WORDS, about=agency.ids["pia"])
    respond.contain_incident(agency.system, agency["pia"], incident_id=made.id, words=WORDS)
    judge = {"incident_id": made.id, "materiality": "not_material", "words": WORDS}
    assert rules_of(agency, respond.judge_incident, agency.system, agency["pia"], **judge) == [
        "incident-is-not-about-oneself",
        "incident-is-judged-by-another",
    ]
    assert respond.judge_incident(agency.system, agency["paul"], **judge).decided_by == agency.ids["paul"]
    close = (respond.close_incident, agency.system, agency["pia"])
    assert rules_of(agency, *close, incident_id=made.id, lessons=WORDS) == ["incident-is-not-about-oneself"]


def test_another_cause_hides_behind_no_incident_that_is_open(agency: Agency) -> None:
    integrity_broken(agency)
    with pytest.raises(NotProven), audit.act(agency.system, "case.opened", agency["ines"]) as act, act.look():
        raise NotProven("a blob is not what was put there")
    assert [one.times for one in agency.find(Incident)] == [1, 1]


def test_others_see_none_and_answer_for_none(agency: Agency) -> None:
    made = respond.report_incident(agency.system, agency["ines"], words=WORDS)
    for name in ("ines", "sven", "rosa", "ada", "stella"):
        assert respond.incidents(agency.system, agency[name]) == []
        with pytest.raises(Missing):
            respond.incident(agency.system, agency[name], incident_id=made.id)
        with pytest.raises(Missing):
            respond.close_incident(agency.system, agency[name], incident_id=made.id, lessons=WORDS)
    assert respond.incidents(agency.system, agency["aude"]) == [replace(made)]
    assert rules_of(
        agency, respond.contain_incident, agency.system, agency["aude"], incident_id=made.id, words=WORDS
    ) == ["role-privacy-officer-answers-for-incidents"]
