"""The engine counts by itself what it is asked, and what the log does not bear out shows (REQ 84)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from beholden import worker
from beholden.actions import audit, check, compare_given, erase, request
from beholden.actions.account import Account, account
from beholden.actions.follow import shelf_of
from beholden.errors import IndexIncomplete, NotProven
from beholden.index.calls import LINE, Calls
from beholden.index.exact import ExactIndex
from beholden.records.faces import Face
from beholden.records.searches import Search, SearchState
from beholden.testing.drawn import draw
from beholden.testing.index_contract import unit
from tests.actions.test_given_photograph import asked, compared
from tests.agency import Agency, Ready, small_agency
from tests.parts import CountedIndex


@pytest.fixture
def ready(agency: Agency) -> Ready:
    return agency.ready(1, 2, 3)


def counted(agency: Agency) -> Account:
    with agency.system.database.look() as look:
        return account(agency.system, look)


def stopped(agency: Agency, event: str) -> dict[str, list[object]]:
    """What the one entry tells that says that this failed."""
    [n] = [leaf["n"] for leaf in agency.leaves() if (leaf["event"], leaf["outcome"]) == (event, "failed")]
    return agency.told(n)


def test_nothing_asked_is_nothing_to_account_for(agency: Agency) -> None:
    found = counted(agency)
    assert found == Account(0, 0, 0, 0, 0, 0, 0, 0)
    assert found.ratio is None


def test_req_84_a_search_counts_and_is_answered_for_when_its_last_opinion_is_locked(
    agency: Agency, ready: Ready
) -> None:
    found = agency.search(ready.authority)
    before = counted(agency)
    assert before.calls == before.searches > 0
    assert (before.answered, before.unaccounted, before.lost, before.ratio) == (0, 0, 0, 0.0)
    assert agency.review(found).state is SearchState.UNSEALED
    after = counted(agency)
    assert (after.calls, after.answered, after.ratio) == (before.calls, before.calls, 1.0)


def test_req_84_a_direct_call_of_the_engine_is_unaccounted_and_the_check_says_so(agency: Agency, ready: Ready) -> None:
    agency.search(ready.authority)
    face = agency.find(Face)[0]
    whole = check.check(agency.system, agency["aude"])
    assert next(one.holds for one in whole if one.part == "engine")
    agency.system.index.nearest([unit(5)], 3, [shelf_of(face)])
    found = counted(agency)
    assert (found.unaccounted, found.calls) == (1, found.searches + 1)
    said = next(one for one in check.check(agency.system, agency["aude"]) if one.part == "engine")
    assert not said.holds
    assert "1 unaccounted" in said.words
    assert "past the log" in said.words


@pytest.mark.parametrize("entry", [0, 10**9, "the search's own"])
def test_req_84_naming_an_entry_does_not_hide_a_direct_call(agency: Agency, ready: Ready, entry: int | str) -> None:
    agency.search(ready.authority)
    own = agency.system.index.calls()[-1]
    agency.system.index.nearest(
        [unit(5)], 3, [shelf_of(agency.find(Face)[0])], entry=own if isinstance(entry, str) else entry
    )
    assert counted(agency).unaccounted == 1


def test_req_84_a_refused_search_asks_nothing_of_the_engine(agency: Agency, ready: Ready) -> None:
    agency.change(ready.authority, used=ready.authority.searches)
    with pytest.raises(Exception, match="uses of this authority"):
        agency.search(agency.get(type(ready.authority), ready.authority.id))
    assert counted(agency).calls == 0


def test_req_84_a_search_that_fails_midway_is_counted_as_unfinished(agency: Agency, ready: Ready) -> None:
    def stop() -> None:
        raise IndexIncomplete("stopped")

    index = CountedIndex(agency.system.index)
    there = agency.with_parts(index=index)
    asked = index.real.nearest

    class Failing(CountedIndex):
        def nearest(self, *given: object, **named: object) -> object:  # type: ignore[override]
            asked(*given, **named)  # type: ignore[arg-type]
            raise IndexIncomplete("stopped")

    there = agency.with_parts(index=Failing(agency.system.index))
    with pytest.raises(IndexIncomplete):
        there.search(ready.authority)
    assert there.find(Search)[0].state is SearchState.FAILED
    found = counted(there)
    assert found.calls == found.unfinished > 0
    assert (found.searches, found.unaccounted, found.lost) == (0, 0, 0)
    failed = stopped(there, "search.finished")
    assert failed["engine_calls"] == [found.calls]
    for _ in range(100):
        agency.system.index.nearest([unit(5)], 3, [shelf_of(agency.find(Face)[0])], entry=failed["engine_entry"][0])
    after = counted(there)
    assert (after.unfinished, after.unaccounted) == (found.calls, 100), "a failed search hides nothing"


def test_req_84_a_given_comparison_that_fails_tells_its_calls_too(
    agency: Agency, monkeypatch: pytest.MonkeyPatch
) -> None:
    agency.ready(1, 2, 3)
    id = asked(agency, draw(3, seed=9))

    def stop(*_: object) -> None:
        raise IndexIncomplete("stopped")

    monkeypatch.setattr(compare_given, "_listed", stop)
    with pytest.raises(IndexIncomplete):
        compared(agency, id)
    failed = stopped(agency, "photograph.compared")
    before = counted(agency)
    assert before.calls == before.unfinished == failed["engine_calls"][0] > 0
    agency.system.index.nearest([unit(5)], 3, [shelf_of(agency.find(Face)[0])], entry=failed["engine_entry"][0])
    assert (counted(agency).unfinished, counted(agency).unaccounted, counted(agency).given) == (before.calls, 1, 0)


def test_req_84_calls_under_an_entry_that_never_ended_are_unaccounted_after_a_day_but_for_eight(agency: Agency) -> None:
    agency.ready(1)
    with agency.system.database.begin() as tx:
        entry = audit.write(
            agency.system, tx, "photograph.compared", person=None, now=agency.clock.now(), told=(), outcome="begun"
        )
    for _ in range(11):
        agency.system.index.nearest([unit(5)], 3, [shelf_of(agency.find(Face)[0])], entry=entry)
    assert (counted(agency).unfinished, counted(agency).unaccounted) == (11, 0)
    agency.clock.pass_by(days=1, seconds=1)
    assert (counted(agency).unfinished, counted(agency).unaccounted) == (8, 3)


def test_req_84_lines_that_were_cut_off_the_count_are_lost_by_what_the_keys_noted(tmp_path: Path) -> None:
    path = tmp_path / "engine" / "calls"
    agency = small_agency(index=f"exact:{path}")
    agency.search(agency.ready(1, 2, 3).authority)
    agency.system.index.nearest([unit(5)], 3, [shelf_of(agency.find(Face)[0])])
    worker.work(agency.system)
    assert counted(agency).unaccounted == 1
    path.write_bytes(path.read_bytes()[:-LINE])
    worker.work(agency.system)
    found = counted(agency)
    assert (found.unaccounted, found.lost) == (0, 1)
    path.write_bytes(b"x" * 3 * LINE)
    worker.work(agency.system)  # a count that was scribbled over stops no round: the check tells of it
    said = next(one for one in check.check(agency.system, agency["aude"]) if one.part == "engine")
    assert "not as the engine wrote it" in said.words


def test_req_84_the_self_test_of_an_erasure_is_accounted_for(agency: Agency, ready: Ready) -> None:
    [face] = request.find_references(agency.system, agency["pia"], person_ref="person 3")
    agency.erase(face.face_id)
    found = counted(agency)
    assert (found.calls, found.erasures, found.unaccounted, found.unfinished) == (1, 1, 0, 0)
    erase.finish_erasures(agency.system, alone=True)
    assert counted(agency) == found


def test_req_84_a_count_that_was_put_back_is_lost_and_said(agency: Agency, ready: Ready) -> None:
    agency.search(ready.authority)
    forgetful = agency.with_parts(index=ExactIndex())
    with forgetful.system.database.look() as look:
        assert account(forgetful.system, look).lost > 0
    said = next(one for one in check.check(forgetful.system, agency["aude"]) if one.part == "engine")
    assert not said.holds


def test_the_count_is_on_the_disk_before_the_comparison_and_outlives_the_process(tmp_path: Path) -> None:
    path = tmp_path / "engine" / "calls"
    first, other = ExactIndex(f"exact:{path}"), ExactIndex(f"exact:{path}")
    first.nearest([unit(1)], 3, [], entry=7)
    other.nearest([unit(1)], 3, [])
    assert list(first.calls()) == list(other.calls()) == [7, -1]
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(ExactIndex(f"exact:{path}").calls()) == [7, -1]


def test_a_line_that_a_crash_cut_is_taken_back_and_a_file_that_was_cut_is_read_anew(tmp_path: Path) -> None:
    path = tmp_path / "engine" / "calls"
    calls = Calls(path)
    for entry in (1, 2, 3):
        calls.add(entry)
    assert list(calls.entries()) == [1, 2, 3]
    whole = path.read_bytes()
    path.write_bytes(whole + whole[:5])
    assert list(calls.entries()) == [1, 2, 3]
    calls.add(4)
    assert list(calls.entries()) == [1, 2, 3, 4]
    assert len(path.read_bytes()) == 4 * LINE
    path.write_bytes(whole[:LINE])
    assert list(calls.entries()) == [1]


def test_a_count_that_was_scribbled_over_or_cannot_be_written_is_a_fault(tmp_path: Path) -> None:
    path = tmp_path / "engine" / "calls"
    Calls(path).add(1)
    path.write_bytes(b"x" * 3 * LINE)
    with pytest.raises(Exception, match="not as the engine wrote it"):
        Calls(path).entries()
    (tmp_path / "file").write_text("")
    with pytest.raises(Exception, match="cannot be written"):
        Calls(tmp_path / "file" / "calls").add(1)
    with pytest.raises(Exception, match="whole path"):
        ExactIndex("exact:somewhere")


def test_no_comparison_is_made_that_could_not_be_counted(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    index = ExactIndex(f"exact:{tmp_path / 'file' / 'calls'}")
    probe = unit(1)
    kept = np.array(probe)
    with pytest.raises(Exception, match="cannot be written"):
        index.nearest([probe], 1, [])
    assert np.array_equal(probe, kept)
    assert replace(Account(1, 0, 0, 0, 0, 0, 1, 0)).words.endswith(
        "0.0% were for searches whose last opinion is locked"
    )
    assert issubclass(NotProven, Exception)
