"""Training: a certificate that ends is asked for at each act, and is entered by somebody else."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest

from beholden.actions import certified, people, training
from beholden.errors import BadInput
from beholden.records.audit import NEEDS_CERTIFICATE, OPERATIONS
from beholden.records.people import Person, Role
from beholden.records.training import NEVER, Certificate, CertificateState, days_lapsed
from tests.agency import Agency, last, rules_of


def entering(agency: Agency, name: str = "ines", role: str = "investigator", **told: object) -> Certificate:
    return training.enter_certificate(
        agency.system,
        agency["ada"],
        person_id=agency.ids[name],
        role=role,
        course="fr-101",
        number="2026-1",
        **told,  # type: ignore[arg-type]
    )


def without(agency: Agency, name: str) -> None:
    """Behind the actions' back: as if nobody had ever entered one."""
    with agency.system.database.begin() as tx:
        tx.remove(*tx.find(Certificate, person_id=agency.ids[name]))


def lapsed(agency: Agency, event: str, name: str = "ines") -> int | None:
    with agency.system.database.look() as look:
        person = look.get(Person, agency.ids[name])
        return certified.lapsed_days(look, person, event, agency.clock.now())


def test_req_100_a_certificate_that_ended_at_midnight_opens_nothing_a_minute_later(agency: Agency) -> None:
    ready = agency.ready(1, 2, 3)
    without(agency, "ines")
    midnight = agency.clock.at.replace(hour=0, minute=0) + timedelta(days=1)
    entering(agency, ends_at=midnight)
    assert agency.search(ready.authority)
    agency.clock.at = midnight - timedelta(milliseconds=1)
    assert lapsed(agency, "search.started") == 0
    agency.officers["ines"] = people.sign_in_as(agency.system, name="ines")
    assert agency.search(ready.authority)
    agency.clock.at = midnight + timedelta(minutes=1)
    assert rules_of(agency, agency.search, ready.authority) == ["training-is-current"]
    assert last(agency)[:2] == ("search.started", "refused")
    assert lapsed(agency, "search.started") == 1


def test_req_100_every_act_that_asks_for_training_names_the_role_that_does_it(agency: Agency) -> None:
    assert set(NEEDS_CERTIFICATE) <= set(OPERATIONS)
    assert {
        Role.STEWARD,
        Role.INVESTIGATOR,
        Role.SUPERVISOR,
        Role.EXAMINER,
        Role.PRIVACY_OFFICER,
    } == training.COURSES
    assert lapsed(agency, "case.opened") is None


def test_req_100_without_a_certificate_there_is_no_intake_no_approval_no_search_and_no_review(agency: Agency) -> None:
    ready = agency.ready(1, 2, 3)
    found = agency.search(ready.authority)
    asked = agency.request(ready.case, ready.sought, ready.gallery)
    for name in ("stella", "ines", "sven", "rosa"):
        without(agency, name)
    for tried in (
        partial(agency.enrol, ready.source, ready.gallery, 9),
        partial(agency.approve, asked),
        partial(agency.search, ready.authority),
        partial(agency.review, found),
    ):
        assert rules_of(agency, tried) == ["training-is-current"]
    with agency.system.database.look() as look:
        lacking = training.without_training(look, agency.clock.now())
    assert {(person.name, role) for person, role in lacking} == {
        ("stella", Role.STEWARD),
        ("ines", Role.INVESTIGATOR),
        ("sven", Role.SUPERVISOR),
        ("rosa", Role.EXAMINER),
    }


def test_a_certificate_for_another_role_opens_nothing(agency: Agency) -> None:
    ready = agency.ready(1, 2, 3)
    without(agency, "ines")
    entering(agency, role="examiner")
    assert rules_of(agency, agency.search, ready.authority) == ["training-is-current"]
    entering(agency)
    assert agency.search(ready.authority)


def test_a_revoked_certificate_counts_no_more_and_none_before_it_helps(agency: Agency) -> None:
    ready = agency.ready(1, 2, 3)
    without(agency, "ines")
    begun = agency.clock.at - timedelta(days=100)
    entering(agency, issued_at=begun, ends_at=agency.clock.at + timedelta(minutes=1))
    later = entering(agency)
    revoke = partial(training.revoke_certificate, agency.system, agency["ada"], certificate_id=later.id)
    assert rules_of(agency, revoke, reason="no") == ["certificate-revocation-has-reason"]
    revoke(reason="the course was not passed")
    assert agency.search(ready.authority)  # the first one counts for a minute yet
    agency.clock.pass_by(minutes=2)
    assert rules_of(agency, agency.search, ready.authority) == ["training-is-current"]
    assert lapsed(agency, "search.started") == NEVER
    assert rules_of(agency, revoke, reason="once more") == ["certificate-can-be-revoked"]


def test_days_since_a_certificate_ended_are_counted_as_begun(agency: Agency) -> None:
    without(agency, "ines")
    one = entering(agency, ends_at=agency.clock.at + timedelta(days=1))
    for after, days in ((-1, 0), (0, 1), (24 * 60 - 1, 1), (24 * 60, 2), (30 * 24 * 60 - 1, 30), (30 * 24 * 60, 31)):
        at = one.ends_at + timedelta(minutes=after)
        assert days_lapsed([one], Role.INVESTIGATOR, at) == days
    assert days_lapsed([one], Role.EXAMINER, one.issued_at) == NEVER


def test_nobody_enters_their_own_nor_anybody_but_an_administrator(agency: Agency) -> None:
    enter = partial(training.enter_certificate, agency.system, role="supervisor", course="a", number="1")
    assert rules_of(agency, enter, agency["sven"], person_id=agency.ids["sven"]) == [
        "role-administrator-enters-certificates",
        "certificate-is-not-ones-own",
    ]
    ada = next(one for one in agency.find(Person) if one.name == "ada")
    assert rules_of(agency, enter, agency["ada"], person_id=ada.id) == ["certificate-is-not-ones-own"]


@pytest.mark.parametrize(
    ("told", "rule"),
    [
        ({"days": 366}, "certificate-lasts-a-year"),
        ({"days": 0}, "certificate-is-not-over"),
        ({"begins": 1, "days": 2}, "certificate-has-begun"),
    ],
)
def test_a_certificate_has_begun_lasts_and_ends_within_a_year(agency: Agency, told: dict[str, int], rule: str) -> None:
    issued = agency.clock.at + timedelta(days=told.get("begins", 0))
    ends = agency.clock.at + timedelta(days=told["days"])
    assert rules_of(agency, entering, agency, issued_at=issued, ends_at=ends) == [rule]


@pytest.mark.parametrize(
    "wrong", [{"course": " "}, {"number": "a\nb"}, {"number": "x" * 201}, {"bands": ["0-5"] * 21}, {"role": "auditor"}]
)
def test_what_is_empty_too_long_or_of_no_course_is_not_entered(agency: Agency, wrong: dict[str, object]) -> None:
    before = len(agency.find(Certificate))
    told = {"role": "investigator", "course": "fr-101", "number": "1"} | wrong
    with pytest.raises(BadInput):
        training.enter_certificate(agency.system, agency["ada"], person_id=agency.ids["ines"], **told)
    assert len(agency.find(Certificate)) == before


def test_one_sees_ones_own_and_an_administrator_everybodys(agency: Agency) -> None:
    see = partial(training.certificates, agency.system, person_id=agency.ids["ines"])
    assert [one.role for one in see(agency["ines"])] == [Role.INVESTIGATOR] == [one.role for one in see(agency["ada"])]
    assert see(agency["ivo"]) == ()


def test_what_ends_within_thirty_days_is_told_beforehand(agency: Agency) -> None:
    def own() -> tuple[training.Training, ...]:
        with agency.system.database.look() as look:
            return training.trainings(look, look.get(Person, agency.ids["ines"]), agency.clock.now())

    assert [(one.role, one.soon) for one in own()] == [(Role.INVESTIGATOR, False)]
    agency.clock.pass_by(days=335)
    assert [one.soon for one in own()] == [True]
    agency.clock.pass_by(days=30)
    assert [(one.certificate, one.soon) for one in own()] == [(None, False)]
    assert {one.state for one in agency.find(Certificate)} == {CertificateState.ENTERED}
