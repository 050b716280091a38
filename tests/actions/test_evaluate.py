"""Measuring in a system: an act with a reason, counted, resumed where it was broken off, and put in force by two people."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import timedelta

import pytest

from beholden.actions import calibrate, evaluate, log, people
from beholden.actions import packet as says
from beholden.errors import BadInput, Changed, KeyDestroyed, Untrusted
from beholden.formats import calibrations
from beholden.formats.calibrations import document_of
from beholden.records.calibration import Cell, Curve, Measured, Tail
from beholden.records.evaluation import Calibration, CalibrationState, Evaluation, EvaluationState
from beholden.testing.drawn import DrawnModel
from tests.agency import Agency, rules_of, small_agency

FILES = tuple(f"person {n // 3}/{n}.jpg {1000 + n}" for n in range(120))
WHY = "portraits of our own records, to see how often the model errs"


def measured(**changes: object) -> Measured:
    scores = tuple(round(-1 + n / 100, 2) for n in range(151))
    fmr = tuple(max(1e-5, 10 ** (-5 * max(0.0, score) / 0.5)) for score in scores)
    whole = Measured(
        model="drawn",
        space_id=DrawnModel().card.space_id,
        measured_on="120 photographs of 40 people",
        measured_at="2026-11-22",
        people=40,
        images=120,
        references=40,
        curves=(Curve(1, scores, fmr, 1e-5, Tail(0.3, 1e-3, 0.01, 0.05)),),
        cells=(Cell(0, 100, 1, 40, 120, tuple(round(0.2 + n / 200, 4) for n in range(101))),),
    )
    return replace(whole, **changes)  # type: ignore[arg-type]


def report(**changes: object) -> bytes:
    return json.dumps({"format": "beholden/evaluation/v1", "calibration": document_of(measured(**changes))}).encode()


def start(agency: Agency, officer: str = "stella", **changes: object) -> Evaluation:
    told: dict[str, object] = {"reason": WHY, "files": FILES, "people": 40} | changes
    return evaluate.start_evaluation(agency.system, agency[officer], **told)  # type: ignore[arg-type]


def finish(agency: Agency, started: Evaluation, content: bytes, officer: str = "stella") -> Evaluation:
    return evaluate.finish_evaluation(agency.system, agency[officer], evaluation_id=started.id, report=content)


def in_force(agency: Agency, content: bytes) -> Calibration:
    finish(agency, start(agency), content)
    made = calibrate.propose_calibration(agency.system, agency["stella"], report=content, measured_on="our own records")
    return calibrate.accept_calibration(agency.system, agency["pia"], calibration_id=made.id)


@pytest.fixture
def agency() -> Agency:
    return small_agency()


@pytest.fixture
def operational(agency: Agency) -> Agency:
    return Agency(replace(agency.system, profile="operational"), agency.clock, agency.officers, agency.ids)


def test_req_51_measuring_is_on_record_with_its_reason_and_its_report(agency: Agency) -> None:
    started = start(agency)
    said = agency.told(len(agency.leaves()) - 1)
    assert (said["reason"], said["images"], said["people"]) == ([WHY], [120], [40])
    done = finish(agency, started, b"{}")
    assert done.state is EvaluationState.FINISHED
    assert done.report_sha256 == hashlib.sha256(b"{}").hexdigest()
    assert agency.told(len(agency.leaves()) - 1)["report_sha256"] == [done.report_sha256]


def test_an_evaluation_without_a_reason_or_by_somebody_else_is_refused(agency: Agency) -> None:
    assert rules_of(agency, start, agency, reason=" short  ") == ["evaluation-has-reason"]
    assert rules_of(agency, start, agency, "ines", reason="") == ["evaluation-has-reason", "role-measures-model"]
    started = start(agency)
    assert rules_of(agency, finish, agency, started, b"", "pia") == ["evaluation-is-ones-own"]


def test_a_folder_of_few_people_is_a_comparison_without_authority(operational: Agency) -> None:
    assert rules_of(operational, start, operational, people=29) == ["evaluation-has-people"]
    assert start(operational, people=30).people == 30


def test_the_eleventh_evaluation_within_thirty_days_is_refused(operational: Agency) -> None:
    for number in range(10):
        finish(operational, start(operational, files=[f"{number}.jpg 1"]), b"")
    assert rules_of(operational, start, operational) == ["evaluations-are-few"]
    operational.clock.pass_by(days=30, seconds=1)
    operational.officers["stella"] = people.sign_in_as(replace(operational.system, profile="synthetic"), name="stella")
    assert start(operational).state is EvaluationState.STARTED


def test_a_run_that_was_broken_off_goes_on_and_opens_what_it_had_sealed(operational: Agency) -> None:
    first = start(operational)
    sealed = evaluate.seal_for_later(operational.system, first, b"a template")
    again = start(operational)
    assert again == first
    assert evaluate.open_again(operational.system, again, sealed) == b"a template"
    assert len(operational.find(Evaluation)) == 1


def test_after_its_end_no_template_of_an_evaluation_can_be_opened(agency: Agency) -> None:
    for end in (lambda one: finish(agency, one, b""), lambda one: start(agency, files=["other.jpg 1"])):
        started = start(agency)
        sealed = evaluate.seal_for_later(agency.system, started, b"a template")
        end(started)
        with pytest.raises(KeyDestroyed):
            evaluate.open_again(agency.system, started, sealed)
    states = [one.state for one in agency.find(Evaluation, order="started_at")]
    assert EvaluationState.ABANDONED in states


def test_another_model_finishes_no_evaluation_of_this_one(agency: Agency) -> None:
    started = start(agency)
    agency.change(started, space_id="0" * 32)
    with pytest.raises(Changed, match="the model was changed"):
        finish(agency, started, b"")


def test_req_55_a_calibration_takes_two_people(agency: Agency) -> None:
    content = report()
    finish(agency, start(agency, "pia"), content, "pia")
    made = calibrate.propose_calibration(agency.system, agency["pia"], report=content, measured_on="our own records")
    assert (made.state, made.measured_on) == (CalibrationState.PROPOSED, "our own records")
    accept = calibrate.accept_calibration
    assert rules_of(agency, accept, agency.system, agency["pia"], calibration_id=made.id) == [
        "calibration-decider-is-not-proposer"
    ]
    assert rules_of(agency, accept, agency.system, agency["stella"], calibration_id=made.id) == [
        "role-privacy-officer-decides-calibrations"
    ]
    agency.change_roles("rosa", "privacy_officer")
    accepted = accept(agency.system, agency["rosa"], calibration_id=made.id)
    assert (accepted.state, accepted.decided_by) == (CalibrationState.IN_FORCE, agency.ids["rosa"])
    refuse = calibrate.refuse_calibration
    assert rules_of(
        agency, refuse, agency.system, agency["rosa"], calibration_id=made.id, reason="too late for that"
    ) == ["calibration-waits-for-decision"]


def test_req_50_a_report_that_this_system_did_not_make_byte_for_byte_is_no_ground(agency: Agency) -> None:
    content = report()
    finish(agency, start(agency), content)
    propose = calibrate.propose_calibration
    assert rules_of(agency, propose, agency.system, agency["stella"], report=content + b"\n") == [
        "calibration-report-is-known"
    ]
    assert rules_of(agency, propose, agency.system, agency["stella"], report=report(space_id="0" * 32)) == [
        "calibration-report-is-known",
        "calibration-is-of-this-model",
    ]
    for bad in (b"", b"[]", b"{}", b'{"calibration": null}', b'{"calibration": {"people": 3}}', b"\xff"):
        with pytest.raises(BadInput):
            propose(agency.system, agency["stella"], report=bad)
    assert agency.find(Calibration) == []


def test_req_50_a_list_is_headed_not_measured_on_your_data_until_a_calibration_is_in_force(agency: Agency) -> None:
    ready = agency.ready(*range(1, 40))
    before = agency.search(ready.authority)
    assert before.calibration_id == ""
    assert [words for words in before.statements if words.startswith("Not measured on your data")]
    made = in_force(agency, report())
    after = agency.search(ready.authority)
    assert after.calibration_id == made.id
    assert "Measured on our own records, 2026-11-22." in after.statements
    assert not [words for words in after.statements if "Not measured" in words]
    agency.clock.pass_by(days=365)
    with agency.system.database.look() as look:
        assert calibrate.quoted(agency.system, look) == ("", None), "a year later it says nothing any more"


def test_req_32_a_list_states_unrelated_and_missed_people_once_for_the_list_and_an_empty_one_too(
    agency: Agency,
) -> None:
    in_force(agency, report())
    ready = agency.ready(*range(1, 40))
    found = agency.search(ready.authority, limit=5)
    expected, missed = found.statements[3:5]
    assert "39 references" in expected
    assert "unrelated" in expected
    assert "not among the 5" in missed
    assert not [lead for lead in agency.ranks_by_person(found) if f"rank {lead}" in " ".join(found.statements)]


def test_the_newer_calibration_replaces_the_older_and_each_search_quotes_its_own(agency: Agency) -> None:
    ready = agency.ready(*range(1, 30))
    first = in_force(agency, report())
    found = agency.search(ready.authority)
    second = in_force(agency, report(people=41))
    assert agency.get(Calibration, first.id).state is CalibrationState.REPLACED
    assert agency.get(Calibration, second.id).state is CalibrationState.IN_FORCE
    leads = agency.unsealed(found, 1)
    assert all(lead.unrelated is not None for lead in leads)
    packet = json.loads(agency.disclose(found, leads[0]).files["disclosure.json"])
    assert packet["calibration"]["id"] == first.id
    assert packet["calibration"]["people"] == 40
    assert packet["leads"][0]["unrelated_expected"]["extrapolated"] is True
    assert says.NOT_MEASURED_HERE not in packet["limits"]


def test_a_packet_without_a_calibration_says_that_nothing_was_measured_here(agency: Agency) -> None:
    ready = agency.ready(1, 2, 3)
    found = agency.search(ready.authority)
    leads = agency.unsealed(found, 1)
    packet = json.loads(agency.disclose(found, leads[0]).files["disclosure.json"])
    assert (packet["calibration"], packet["leads"][0]["unrelated_expected"]) == (None, None)
    assert says.NOT_MEASURED_HERE in packet["limits"]


def test_a_calibration_that_was_changed_behind_the_systems_back_is_not_quoted(agency: Agency) -> None:
    ready = agency.ready(1, 2, 3)
    made = in_force(agency, report())
    note = agency.get(Calibration, made.id).note
    agency.change(agency.get(Calibration, made.id), note=note.replace(b'"people":40', b'"people":90'))
    with pytest.raises(Untrusted, match="not what was signed"):
        agency.search(ready.authority)


def test_a_calibration_of_an_old_evaluation_is_refused(agency: Agency) -> None:
    content = report()
    done = finish(agency, start(agency), content)
    agency.change(done, ended_at=agency.clock.at - timedelta(days=366))
    propose = calibrate.propose_calibration
    assert rules_of(agency, propose, agency.system, agency["stella"], report=content) == ["calibration-is-recent"]


def test_a_refused_calibration_says_why_and_is_never_quoted(agency: Agency) -> None:
    content = report()
    finish(agency, start(agency), content)
    made = calibrate.propose_calibration(agency.system, agency["stella"], report=content)
    refused = calibrate.refuse_calibration(
        agency.system, agency["pia"], calibration_id=made.id, reason="half of them are passports"
    )
    assert (refused.state, refused.reason) == (CalibrationState.REFUSED, "half of them are passports")
    ready = agency.ready(1, 2, 3)
    assert agency.search(ready.authority).calibration_id == ""


def test_a_row_that_says_more_than_what_was_signed_puts_nothing_in_force(agency: Agency) -> None:
    made = in_force(agency, report())
    agency.change(made, valid_until=made.valid_until + timedelta(days=3650))
    agency.clock.pass_by(days=400)
    with agency.system.database.look() as look:
        assert calibrate.quoted(agency.system, look) == ("", None), "the day of the evaluation is signed"


def test_a_note_of_another_model_is_not_quoted_because_a_row_says_it_is_of_this_one(agency: Agency) -> None:
    made = in_force(agency, report())
    theirs = calibrations.sign_calibration(
        calibrations.content_of(measured(space_id="0" * 32), evaluation="0" * 64),
        *log.receipt_key(agency.system),
    )
    decided = calibrations.sign_decision(
        calibrations.Decision(
            made.id, calibrations.digest_of(theirs), agency.ids["pia"], agency.clock.at, made.valid_until
        ),
        *log.receipt_key(agency.system),
    )
    agency.change(made, note=theirs, decision=decided)
    with agency.system.database.look() as look, pytest.raises(Untrusted, match="for another model"):
        calibrate.quoted(agency.system, look)


def quoted(agency: Agency) -> str:
    with agency.system.database.look() as look:
        return calibrate.quoted(agency.system, look)[0]


def test_req_55_a_row_edited_from_proposed_to_in_force_is_not_quoted_for_nobody_signed_its_decision(
    agency: Agency,
) -> None:
    content = report()
    finish(agency, start(agency), content)
    made = calibrate.propose_calibration(agency.system, agency["stella"], report=content)
    assert quoted(agency) == ""
    agency.change(made, state=CalibrationState.IN_FORCE, decided_by=agency.ids["pia"])
    with pytest.raises(Untrusted, match="nobody's decision was signed"):
        quoted(agency)


def test_req_55_the_decision_of_another_calibration_puts_nothing_in_force(agency: Agency) -> None:
    first = in_force(agency, report())
    content = report(people=41)
    finish(agency, start(agency), content)
    made = calibrate.propose_calibration(agency.system, agency["stella"], report=content)
    made = agency.change(made, decision=first.decision)
    with pytest.raises(Untrusted, match="about another calibration"):
        quoted(agency)
    decision = first.decision.replace(first.id.encode(), made.id.encode())
    agency.change(made, decision=decision, state=CalibrationState.IN_FORCE)
    with pytest.raises(Untrusted, match="altered"):
        quoted(agency)


def test_what_is_in_force_follows_from_the_signed_decisions_whatever_the_rows_say(agency: Agency) -> None:
    first = in_force(agency, report())
    agency.clock.pass_by(minutes=1)
    second = in_force(agency, report(people=41))
    agency.change(agency.get(Calibration, first.id), state=CalibrationState.IN_FORCE)
    agency.change(second, state=CalibrationState.REPLACED, valid_until=second.valid_until - timedelta(days=3650))
    assert quoted(agency) == second.id


def test_a_calibration_whose_decision_was_taken_away_is_quoted_by_no_packet(agency: Agency) -> None:
    ready = agency.ready(*range(1, 30))
    made = in_force(agency, report())
    found = agency.search(ready.authority)
    assert found.calibration_id == made.id
    agency.change(agency.get(Calibration, made.id), decision=b"", state=CalibrationState.PROPOSED)
    with pytest.raises(Untrusted, match="nobody's decision"), agency.system.database.look() as look:
        calibrate.quoted_by(agency.system, look, made.id, made.space_id)


@pytest.mark.parametrize("words", ["two\nlines", "x" * 501, "a\x00b"], ids=["line", "long", "nul"])
def test_words_that_do_not_fit_on_a_line_of_a_list_are_refused(agency: Agency, words: str) -> None:
    content = report()
    finish(agency, start(agency), content)
    with pytest.raises(BadInput, match="does not fit on a line"):
        calibrate.propose_calibration(agency.system, agency["stella"], report=content, measured_on=words)
