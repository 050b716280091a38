"""The auditor's acts: reading what is unlike the rest, planted references, and a sample that anybody can draw again."""

from __future__ import annotations

from datetime import timedelta

import pytest

from beholden.actions import patterns, recover, sample
from beholden.errors import BadInput, Changed
from beholden.records.audit import Entry
from beholden.records.disclosures import OVERSIGHT, Notice
from beholden.records.exhibits import Exhibit
from beholden.records.faces import Face
from beholden.records.patterns import Planted
from beholden.records.samples import Verdict, drawn
from beholden.records.searches import Search
from tests.actions.test_exigent import begin, search_under
from tests.agency import Agency, rules_of


def notices(agency: Agency, words: str) -> list[str]:
    return [one.about for one in agency.find(Notice, recipient=OVERSIGHT) if one.words == words]


def test_what_the_records_tell_of_a_use_is_what_happened(agency: Agency) -> None:
    ready = agency.ready(1, 2, 3)
    found = agency.search(ready.authority)
    leads = agency.unsealed(found, 1)
    agency.disclose(found, leads[0])
    with agency.system.database.look() as look:
        (use,) = patterns.uses_of(look)
        doings = patterns.doings_of(look)
    assert (use.id, use.by, use.requested_by) == (found.id, agency.ids["ines"], agency.ids["ines"])
    assert (use.approved_by, use.case_id, use.sought_id) == (agency.ids["sven"], ready.case.id, ready.sought.id)
    assert use.decided_within == timedelta(0)  # the clock stood still
    assert use.photographs == (agency.find(Exhibit)[0].id,)
    assert (use.unmanifested, use.added_alone, use.disclosed, use.planted) == (True, True, True, False)
    assert {one.by for one in doings} == {agency.ids["ines"]}
    assert len(doings) == 4  # an exhibit, a sought, a request, a disclosure


def test_req_90_only_an_auditor_reads_patterns_and_that_they_did_is_on_record(agency: Agency) -> None:
    agency.search(agency.ready(1, 2, 3).authority)
    report = patterns.find_patterns(agency.system, agency["aude"])
    assert (report.uses, report.flagged) == (1, ())
    assert [(one.of, one.uses, one.unmanifested, one.disclosed) for one in report.by_person] == [
        (agency.ids["ines"], 1, 1, 0)
    ]
    assert report.pairs == ((agency.ids["ines"], agency.ids["sven"], 1),)
    assert agency.leaves()[-1]["event"] == "pattern.read"
    for name in ("ines", "sven", "ada", "pia", "rosa", "stella"):
        assert "role-auditor-looks-for-patterns" in rules_of(
            agency, patterns.find_patterns, agency.system, agency[name]
        )


def test_a_planted_reference_that_comes_first_is_told_to_oversight_at_once_and_to_nobody_else(agency: Agency) -> None:
    ready = agency.ready(1, 2, 3)
    found = agency.search(ready.authority)
    assert notices(agency, patterns.FIRST_ON_A_LIST) == []
    faces = {one.id for one in agency.find(Face)}
    for face_id in sorted(faces):
        patterns.plant_reference(agency.system, agency["aude"], face_id=face_id, words="a colleague who agreed")
    again = agency.search(ready.authority)
    assert notices(agency, patterns.FIRST_ON_A_LIST) == [again.id]
    assert (again.people, again.statements) == (found.people, found.statements)
    with pytest.raises(BadInput, match="already"):
        patterns.plant_reference(agency.system, agency["aude"], face_id=min(faces), words="a colleague who agreed")
    for one in agency.find(Planted):
        patterns.unplant_reference(agency.system, agency["aude"], planted_id=one.id)
    agency.search(ready.authority)
    assert notices(agency, patterns.FIRST_ON_A_LIST) == [again.id]


def test_upkeep_weighs_once_a_day_and_tells_of_no_use_twice(agency: Agency, monkeypatch: pytest.MonkeyPatch) -> None:
    ready = agency.ready(1, 2, 3)
    for face in agency.find(Face):
        patterns.plant_reference(agency.system, agency["aude"], face_id=face.id, words="a colleague who agreed")
    for _ in range(3):
        agency.search(ready.authority)
    monkeypatch.setattr("beholden.records.patterns.FEWEST", 3)
    assert patterns.tell_of_patterns(agency.system) == 3
    assert sorted(notices(agency, patterns.FLAGGED)) == sorted(one.id for one in agency.find(Search))
    assert patterns.tell_of_patterns(agency.system) == 0
    agency.clock.pass_by(days=1)
    assert patterns.tell_of_patterns(agency.system) == 0
    assert len(notices(agency, patterns.FLAGGED)) == 3


def test_a_sample_is_drawn_from_the_signed_log_by_a_seed_that_is_published_and_anybody_draws_the_same(
    agency: Agency,
) -> None:
    ready = agency.ready(1, 2, 3)
    every = [agency.search(ready.authority) for _ in range(3)]
    agency.clock.pass_by(minutes=1)
    found = sample.draw_sample(
        agency.system,
        agency["aude"],
        begins_at=agency.clock.at - timedelta(days=1),
        ends_at=agency.clock.at,
        share=50,
    )
    started = [
        n for n, leaf in enumerate(agency.leaves()) if (leaf["event"], leaf["outcome"]) == ("search.started", "done")
    ]
    assert found.sample.uses == len(started) == 3
    assert [one.entry for one in found.taken] == drawn(started, found.sample.seed, 50)
    assert {one.use_id for one in found.taken} <= {one.id for one in every}
    assert len(found.taken) == 2
    told = agency.told(len(agency.leaves()) - 1)
    assert told["seed"] == [found.sample.seed]
    assert (told["size"], told["root"]) == ([found.sample.size], [found.sample.root])
    assert max(started) < found.sample.size < agency.find(Entry, order="-n")[0].n + 1


def test_a_use_before_approval_is_always_taken_and_counts_for_no_bound(agency: Agency) -> None:
    ready = agency.ready(1, 2, 3)
    agency.search(ready.authority)
    more = agency.approve(agency.request(ready.case, ready.sought, ready.gallery))
    for _ in range(3):
        agency.search(more)
    exigent = search_under(agency, begin(agency, ready))
    agency.clock.pass_by(minutes=1)
    day = {"begins_at": agency.clock.at - timedelta(days=1), "ends_at": agency.clock.at}
    every = [sample.draw_sample(agency.system, agency["aude"], **day, share=20) for _ in range(12)]
    taken = [{one.use_id: one.by_lot for one in found.taken} for found in every]
    assert all(exigent.id in uses for uses in taken)
    assert {sum(uses.values()) for uses in taken} == {1}, "by lot one of five"
    [alone, *_] = [found for found, uses in zip(every, taken, strict=True) if not uses[exigent.id]]
    told = {"sample_id": alone.sample.id, "use_id": exigent.id, "verdict": "justified", "words": ""}
    sample.judge_use(agency.system, agency["aude"], **told)
    [read] = [one for one in sample.read_samples(agency.system, agency["aude"]) if one.sample.id == alone.sample.id]
    assert read.not_justified_at_most == 1, "nothing that was drawn by lot was judged yet"


def test_a_verdict_stands_and_one_that_is_not_justified_is_told_to_oversight(agency: Agency) -> None:
    ready = agency.ready(1, 2, 3)
    for _ in range(2):
        agency.search(ready.authority)
    day = {"begins_at": agency.clock.at - timedelta(days=1), "ends_at": agency.clock.at}
    found = sample.draw_sample(agency.system, agency["aude"], **day, share=100)
    one, other = (taken.use_id for taken in found.taken)
    told = {"sample_id": found.sample.id, "use_id": one}
    judge = (sample.judge_use, agency.system, agency["aude"])
    assert rules_of(agency, *judge, **told, verdict="not_justified", words="no") == ["sample-verdict-has-reason"]
    assert rules_of(agency, *judge, **told, verdict="fine", words="a reason that is long enough") == [
        "sample-verdict-is-known"
    ]
    words = "the person sought has nothing to do with the case"
    assert sample.judge_use(agency.system, agency["aude"], **told, verdict="not_justified", words=words).words == words
    with pytest.raises(Changed, match="stands"):
        sample.judge_use(agency.system, agency["aude"], **told, verdict="justified", words="")
    assert notices(agency, sample.NOT_JUSTIFIED) == [one]
    sample.judge_use(
        agency.system, agency["aude"], sample_id=found.sample.id, use_id=other, verdict="justified", words=""
    )
    (read,) = sample.read_samples(agency.system, agency["aude"])
    assert read.verdicts == {Verdict.NOT_JUSTIFIED: 1, Verdict.JUSTIFIED: 1}
    assert 0.9 < read.not_justified_at_most < 1  # one of two: next to nothing is known
    with pytest.raises(BadInput, match="did not take"):
        sample.judge_use(
            agency.system, agency["aude"], sample_id=found.sample.id, use_id="0", verdict="justified", words=""
        )


def test_a_time_without_a_use_and_one_that_is_not_over_give_no_sample(agency: Agency) -> None:
    now = agency.clock.at
    draw = (sample.draw_sample, agency.system, agency["aude"])
    with pytest.raises(BadInput, match="no authority was used"):
        sample.draw_sample(*draw[1:], begins_at=now - timedelta(days=1), ends_at=now, share=10)
    rules = rules_of(agency, *draw, begins_at=now + timedelta(days=2), ends_at=now + timedelta(days=1), share=0)
    assert rules == ["sample-runs-forward", "sample-is-of-the-past", "sample-has-a-share"]


def test_a_planted_reference_that_is_erased_is_watched_for_no_more_and_nothing_of_it_is_kept(agency: Agency) -> None:
    agency.ready(1, 2, 3)
    face = agency.find(Face)[0]
    patterns.plant_reference(agency.system, agency["aude"], face_id=face.id, words="a colleague who agreed")
    agency.erase(face.id)
    assert agency.find(Planted) == []


def test_the_worker_tells_of_what_is_flagged(agency: Agency, monkeypatch: pytest.MonkeyPatch) -> None:
    ready = agency.ready(1, 2, 3)
    for face in agency.find(Face):
        patterns.plant_reference(agency.system, agency["aude"], face_id=face.id, words="a colleague who agreed")
    found = agency.search(ready.authority)
    monkeypatch.setattr("beholden.records.patterns.FEWEST", 1)
    recover.tend(agency.system)
    assert notices(agency, patterns.FLAGGED) == [found.id]
