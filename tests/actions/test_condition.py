"""How the system is, for whoever keeps it running: numbers and dates as they are, and of nobody."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest

from beholden.actions import backup, check, condition, log, people, version
from beholden.errors import Missing
from beholden.records.faces import Face, FaceState
from beholden.records.people import Person, Role
from beholden.records.training import Certificate
from tests.actions.test_exigent import again
from tests.agency import Agency, agency_on_disk


def look(agency: Agency, name: str = "ada") -> condition.Condition:
    return condition.condition(agency.system, agency[name])


def test_it_tells_numbers_and_dates_of_a_system_that_is_well(agency: Agency) -> None:
    agency.ready(1, 2, 3)
    log.seal(agency.system)
    seen = look(agency)
    assert seen.ready.ready
    assert (seen.vital.references, seen.vital.unsealed, seen.sized.rows) == (3, 0, 3)
    assert (seen.waiting_since, seen.backed_up_at, seen.checked_at) == (None, None, None)
    assert (seen.sealed_at, seen.least_room) == (agency.clock.at, agency.system.rules.min_room_bytes)
    assert (seen.model, seen.two_models, seen.follows) == (agency.system.model.card.name, False, None)
    assert seen.pack == f"{agency.system.policy.pack.name}@{agency.system.policy.pack.digest}"
    assert (seen.untrained, seen.ending) == (0, 0)


def test_req_94_it_names_nobody_and_is_no_act(agency: Agency) -> None:
    agency.ready(1, 2)
    before = len(agency.leaves())
    told = repr(look(agency))
    assert len(agency.leaves()) == before
    assert not [one.name for one in agency.find(Person) if re.search(rf"\b{one.name}\b", told)]
    assert not [one.id for one in agency.find(Person) if one.id in told]


@pytest.mark.parametrize("name", ["ines", "sven", "stella", "rosa", "pia"])
def test_others_are_told_nothing_of_the_machine(agency: Agency, name: str) -> None:
    with pytest.raises(Missing):
        look(agency, name)
    assert look(agency, "aude").pack == look(agency).pack


def test_a_face_that_waits_is_told_with_its_time(agency: Agency) -> None:
    agency.ready(1, 2)
    face = agency.find(Face)[0]
    agency.change(face, state=FaceState.WAITING)
    seen = look(agency)
    assert (seen.vital.waiting, seen.waiting_since) == (1, face.kept.created_at)


def test_the_last_backup_and_the_last_check_are_known_by_the_log_and_only_those_that_were_done(tmp_path: Path) -> None:
    agency = agency_on_disk(tmp_path)
    at = agency.clock.at
    backup.make_backup(agency.system, agency["ada"], to=tmp_path / "a", keys_to=tmp_path / "b")
    check.check(agency.system, agency["aude"])
    agency.clock.pass_by(minutes=1)
    for _ in range(3):
        with pytest.raises(Exception, match="empty"):
            backup.make_backup(agency.system, agency["ada"], to=tmp_path / "a", keys_to=tmp_path / "b")
    seen = look(agency)
    assert (seen.backed_up_at, seen.checked_at) == (at, at)


def test_certificates_that_end_and_roles_without_one_are_counted(agency: Agency) -> None:
    there = agency.find(Certificate, order="ends_at")
    assert (look(agency).untrained, look(agency).ending) == (0, 0)
    people.change_roles(
        agency.system, agency["ada"], person_id=agency.ids["sven"], roles=[Role.SUPERVISOR, Role.EXAMINER]
    )
    assert look(agency).untrained == 1
    agency.clock.at = there[0].ends_at - timedelta(days=20)
    again(agency, "ada")
    assert look(agency).ending == len([one for one in there if one.ends_at <= agency.clock.at + timedelta(days=30)])


def test_a_looser_policy_that_waits_is_told(agency: Agency) -> None:
    version.announce(agency.system, after="ca-2021@" + "0" * 64, looser=["a rule"], days=14)
    waits = look(agency).follows
    assert waits is not None
    assert waits.begins_at == agency.clock.at + timedelta(days=14)
