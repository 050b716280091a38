"""Whether a search could begin now: one answer, every reason why not, and what to do about each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from beholden.actions import check, log, orders, people, register, training
from beholden.actions.incidents import open_incident
from beholden.actions.readiness import NotReady, Readiness, readiness, with_findings
from beholden.errors import LogBroken, Missing, Refused
from beholden.policy.cedar import CedarPolicy
from beholden.ports.cosigners import Reach
from beholden.records.exigent import ExigentState
from beholden.records.faces import Face
from beholden.records.galleries import GalleryState
from beholden.records.incidents import IncidentKind
from beholden.records.people import Person, Role
from beholden.records.training import Certificate, CertificateState
from beholden.stores.memory import MemoryStores
from beholden.witness.memory import MemoryWitness
from tests.agency import PURPOSE, Agency, Ready
from tests.exigent_story import begun
from tests.oversight_body import order


@pytest.fixture
def ready(agency: Agency) -> Ready:
    made = agency.ready(1, 2)
    log.seal(agency.system)
    return made


def known(agency: Agency, who: str = "rosa") -> Readiness:
    return readiness(agency.system, agency[who])


def parts(agency: Agency) -> list[str]:
    now = known(agency)
    assert now.ready is not bool(now.because)
    assert now.ready is bool(now.purposes)
    assert all(one.why and one.what_to_do for one in now.because)
    return [one.part for one in now.because]


def only(agency: Agency) -> NotReady:
    [one] = known(agency).because
    return one


def later(agency: Agency, **time: float) -> None:
    """Time passes, and everybody signs in again."""
    agency.clock.pass_by(**time)
    for name in agency.officers:
        agency.officers[name] = people.sign_in_as(agency.system, name=name)


def test_what_is_ready_is_said_with_its_purposes_and_a_search_then_begins(agency: Agency, ready: Ready) -> None:
    entries = len(agency.leaves())
    assert known(agency) == Readiness((PURPOSE,), ())
    assert len(agency.leaves()) == entries, "asking leaves nothing on record"
    assert agency.search(ready.authority).people == 2


def test_everything_that_is_missing_is_told_at_once(agency: Agency) -> None:
    for role in ("investigator", "supervisor"):
        for one in [one for one in agency.find(Certificate) if one.role is Role(role)]:
            agency.change(one, state=CertificateState.REVOKED)
    stores = agency.system.stores
    assert isinstance(stores, MemoryStores)
    stores.room_bytes = 0
    told = known(agency).because
    purposes = agency.system.policy.pack.purposes
    assert [one.part for one in told] == ["people", "people", "room", *("gallery", "source") * len(purposes)]
    assert told[0].why == "nobody who is an investigator has a certificate of training that counts"
    assert told[1].what_to_do == "have an administrator enter one (`beholden people certify`)"
    assert f"no open gallery is held for {PURPOSE}" in {one.why for one in told}
    assert f"no active source allows {PURPOSE}" in {one.why for one in told}


def test_only_who_works_here_and_is_active_is_told(agency: Agency, ready: Ready) -> None:
    for name in agency.officers:
        assert readiness(agency.system, agency[name]).ready
    people.suspend_person(agency.system, agency["ada"], person_id=agency.ids["ivo"])
    with pytest.raises((Missing, Refused)):
        readiness(agency.system, agency["ivo"])


def _close_gallery(agency: Agency, ready: Ready) -> None:
    agency.change(ready.gallery, state=GalleryState.CLOSED)


def _suspend_source(agency: Agency, ready: Ready) -> None:
    register.suspend_source(agency.system, agency["pia"], source_id=ready.source.id, reason="under inquiry")


def _age_gallery(agency: Agency, ready: Ready) -> None:
    days = agency.system.rules.certification_days
    agency.change(ready.gallery, certified_at=agency.clock.at - timedelta(days=days))


def _fill_disk(agency: Agency, ready: Ready) -> None:
    stores = agency.system.stores
    assert isinstance(stores, MemoryStores)
    stores.room_bytes = agency.system.rules.min_room_bytes - 1


def _drop_from_index(agency: Agency, ready: Ready) -> None:
    readiness(agency.system, agency["ines"])  # the index has followed
    agency.system.index.drop([agency.find(Face, order="face_no")[0].face_no])


def _other_model(agency: Agency, ready: Ready) -> None:
    _drop_from_index(agency, ready)
    agency.change(agency.find(Face, order="face_no")[0], space_id="f" * 32)


def _stop(agency: Agency, ready: Ready) -> None:
    note = order("stop", "system", origin=agency.system.origin, given_at=agency.clock.at)
    orders.apply_order(agency.system, note)
    log.seal(agency.system)


def _revoke_supervisor(agency: Agency, ready: Ready) -> None:
    for one in agency.find(Certificate, role=Role.SUPERVISOR):
        training.revoke_certificate(agency.system, agency["ada"], certificate_id=one.id, reason="the course was void")


@pytest.mark.parametrize(
    ("happens", "part", "why", "what_to_do"),
    [
        (_close_gallery, "gallery", "no open gallery is held for", "beholden gallery open"),
        (
            _age_gallery,
            "gallery",
            "none of the 1 open galleries for victim-id-cse is certified anew",
            "gallery certify",
        ),
        (_suspend_source, "source", "no active source allows victim-id-cse", "beholden source list"),
        (_fill_disk, "room", "63 MiB are free, where 64 are asked for", "make room"),
        (
            _drop_from_index,
            "index",
            "the index holds 1 references of a shelf for which the records have 2",
            "made anew",
        ),
        (_other_model, "model", "1 of 2 references for victim-id-cse have templates of another model", "model renew"),
        (_stop, "stop", "searches outside cases, under inquiry", "only a later order"),
        (_revoke_supervisor, "people", "nobody who is a supervisor has a certificate", "beholden people certify"),
    ],
    ids=lambda one: one.__name__.strip("_") if callable(one) else None,
)
def test_each_thing_that_stands_in_the_way_is_said_with_what_to_do(
    agency: Agency, ready: Ready, happens: Callable[[Agency, Ready], None], part: str, why: str, what_to_do: str
) -> None:
    assert parts(agency) == []
    happens(agency, ready)
    told = [one for one in known(agency).because if PURPOSE in one.why or one.part not in ("gallery", "source", "stop")]
    told = told or list(known(agency).because)
    assert {one.part for one in told} == {part}
    assert why in told[0].why
    assert what_to_do in told[0].what_to_do


def test_one_purpose_is_enough_and_a_stop_of_it_leaves_none(agency: Agency, ready: Ready) -> None:
    others = [one for one in agency.system.policy.pack.purposes if one != PURPOSE]
    assert others
    assert known(agency).purposes == (PURPOSE,)
    note = order("stop", f"purpose:{PURPOSE}", origin=agency.system.origin, given_at=agency.clock.at)
    orders.apply_order(agency.system, note)
    told = {one.why for one in known(agency).because}
    assert any(why.startswith(f"the oversight body stopped searches for {PURPOSE}: order 1") for why in told)
    assert {f"no open gallery is held for {purpose}" for purpose in others} <= told


def test_a_gallery_of_nobody_is_nothing_to_compare_with(agency: Agency) -> None:
    agency.source()
    agency.gallery()
    [told] = [one for one in known(agency).because if one.part == "gallery" and "reference" in one.why]
    assert told.why == f"there is no reference to compare with for {PURPOSE}"


def test_who_approves_must_be_another_than_who_searches(agency: Agency, ready: Ready) -> None:
    for name in ("ivo", "sven"):
        people.suspend_person(agency.system, agency["ada"], person_id=agency.ids[name])
    told = only(agency)
    assert (told.part, told.why) == ("people", "nobody who is active is a supervisor")
    ines = agency.ids["ines"]
    agency.change(agency.get(Person, ines), roles=(Role.INVESTIGATOR, Role.SUPERVISOR))
    agency.certify(ines, "supervisor")
    told = only(agency)
    assert "are the same person" in told.why


def test_req_91_what_is_not_sealed_for_too_long_and_a_log_that_was_put_back_are_told(
    agency: Agency, ready: Ready
) -> None:
    later(agency, minutes=agency.system.rules.max_unwitnessed_minutes + 1)
    assert parts(agency) == [], "signing in is on record, and a moment old"
    later(agency, minutes=agency.system.rules.max_unwitnessed_minutes + 1)
    told = only(agency)
    assert told.part == "log"
    assert "has waited 61 minutes to be sealed" in told.why
    log.seal(agency.system)
    assert parts(agency) == []
    witness = agency.system.witness
    assert isinstance(witness, MemoryWitness)
    agency.system = replace(agency.system, witness=MemoryWitness())
    told = only(agency)
    assert (told.part, told.what_to_do) == ("log", "run `beholden log check`, and tell the auditor")
    assert "it was replaced" in told.why


class _Deaf:
    """A witness that answers nobody."""

    name, vkey, reach = "far away", "", Reach.OUTSIDE

    def add_checkpoint(self, body: bytes) -> Any:
        raise Missing("nobody is there")


def test_req_91_a_witness_that_is_missing_or_late_is_told(agency: Agency, ready: Ready) -> None:
    asked = replace(agency.system.rules, min_witnesses=1)
    agency.system = replace(agency.system, rules=asked, profile="operational")
    assert only(agency).why == "the log has 0 witnesses, where the policy asks for 1"
    agency.system = replace(agency.system, cosigners=(_Deaf(),))
    assert parts(agency) == []
    agency.clock.pass_by(minutes=agency.system.rules.max_unwitnessed_minutes + 1)
    agency.officers["rosa"] = people.sign_in_as(replace(agency.system, profile="synthetic"), name="rosa")
    told = only(agency)
    assert (told.part, told.why) == ("witness", "no witness has seen the end of the log for 61 minutes (60 at most)")


def test_a_cosignature_that_cannot_be_looked_up_is_told(
    agency: Agency, ready: Ready, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> object:
        raise LogBroken("entry 3 was altered")

    monkeypatch.setattr("beholden.actions.readiness.facts_of_witnesses", broken)
    assert only(agency) == NotReady("witness", "entry 3 was altered", "run `beholden log check`, and tell the auditor")


def test_req_22_a_review_that_nobody_wrote_in_time_stands_in_the_way(agency: Agency) -> None:
    exigent, _ = begun(agency, 1, 2)
    log.seal(agency.system)
    assert parts(agency) == []
    agency.change(exigent, state=ExigentState.LAPSED)
    told = only(agency)
    assert told.part == "review"
    assert "beholden exigent close-lapse" in told.what_to_do


def test_req_130_an_incident_that_nobody_judged_in_time_stands_in_the_way(agency: Agency, ready: Ready) -> None:
    with agency.system.database.begin() as tx:
        open_incident(agency.system, tx, IncidentKind.LOG, "", "entry 3 was altered")
    assert parts(agency) == []
    later(agency, days=agency.system.rules.incident_days, minutes=1)
    log.seal(agency.system)
    told = only(agency)
    assert told.part == "incidents"
    assert told.why == "1 incident waits beyond the term for somebody to say whether it is material"


def test_a_pack_without_purposes_permits_no_search(agency: Agency, ready: Ready) -> None:
    policy = agency.system.policy
    assert isinstance(policy, CedarPolicy)

    class Empty:
        pack = replace(policy.pack, purposes=())
        decide = policy.decide

    agency.system = replace(agency.system, policy=Empty())
    assert only(agency).part == "policy"


def test_what_a_check_finds_beside_it_counts_and_is_not_said_twice() -> None:
    ready = Readiness((PURPOSE,), ())
    broken = check.Finding("pictures", False, "1 pictures are damaged")
    beside = check.Finding("notices", False, "somebody waits")
    fine = check.Finding("log", True, "7 entries agree")
    assert with_findings(ready, [beside, fine]) == ready
    told = with_findings(ready, [broken, beside])
    assert (told.ready, told.purposes) == (False, ())
    assert [(one.part, one.why) for one in told.because] == [("pictures", "1 pictures are damaged")]
    again = with_findings(told, [broken])
    assert again == told


def test_the_published_log_says_which_entry_waits(agency: Agency) -> None:
    with agency.system.database.look() as look:
        first = log.unsealed(agency.system, look)
    assert first is not None
    assert first.n == 0
    log.seal(agency.system)
    with agency.system.database.look() as look:
        assert log.unsealed(agency.system, look) is None
