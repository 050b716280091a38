"""What the command line tells of an intake: figures that need no more memory for a hundred thousand files than for a hundred."""

from __future__ import annotations

import io
import json
import signal
from pathlib import Path

import pytest

from beholden.actions.intake import Answer, Fate
from beholden.cli.tally import MOST_LISTED, MOST_REASONS, OTHER, Tally, ending_well, reason_of, written_to
from beholden.errors import BadInput


def rejected(number: int, why: str) -> Answer:
    return Answer(f"{number}.jpg", Fate.REJECTED, f"line {number}: {why}", "", 0, ())


def enrolled(number: int) -> Answer:
    return Answer(f"{number}.jpg", Fate.ENROLLED, "", f"id {number}", 1, ())


def test_rejects_are_counted_by_reasons_without_their_numbers_and_advice() -> None:
    tally = Tally()
    for number in range(1, 4):
        tally.add(rejected(number, f"the eyes are {number} pixels apart (at least 10); give a larger photograph"))
    tally.add(rejected(4, "no face was found; give another"))
    tally.add(enrolled(5))
    told = tally.told(manifest_sha256="f")
    document = told.document
    assert isinstance(document, dict)
    assert document["rejected_by_reason"] == {
        "the eyes are … pixels apart (at least …)": 3,
        "no face was found": 1,
    }
    assert document["counts"] == {"enrolled": 1, "already held": 0, "put aside": 0, "rejected": 4}
    assert (document["faces"], document["files_not_listed"], len(document["files"])) == (1, 0, 5)
    assert {"seconds", "files_per_s", "manifest_sha256"} <= set(document)
    assert "  3 rejected: the eyes are … pixels apart (at least …)" in told.lines
    assert told.exit_code == 0


def test_a_strangers_file_does_not_make_reasons_without_end() -> None:
    tally = Tally()
    for number in range(5 * MOST_REASONS):
        tally.add(rejected(number, "odd " + "x" * number))
    assert len(tally.reasons) == MOST_REASONS + 1
    assert tally.reasons[OTHER] == 4 * MOST_REASONS
    assert tally.told().exit_code == 4


def test_of_very_many_answers_those_with_a_reason_are_listed_and_all_are_in_the_file() -> None:
    out = io.StringIO()
    tally = Tally(out)
    for number in range(3 * MOST_LISTED):
        tally.add(rejected(number, "no face was found") if number % 100 == 0 else enrolled(number))
    document = tally.told().document
    assert isinstance(document, dict)
    assert [one["fate"] for one in document["files"]] == ["rejected"] * 30
    assert document["files_not_listed"] == 3 * MOST_LISTED - 30
    lines = [json.loads(line) for line in out.getvalue().splitlines()]
    assert len(lines) == 3 * MOST_LISTED
    assert lines[1] == {
        "file": "1.jpg",
        "fate": "enrolled",
        "reason": "",
        "image_id": "id 1",
        "faces": 1,
        "rejected_faces": [],
    }


def test_answers_are_never_written_over_a_file(tmp_path: Path) -> None:
    there = tmp_path / "answers.jsonl"
    there.write_text("kept")
    with pytest.raises(BadInput, match="is there already"), written_to(there):
        pass
    assert there.read_text() == "kept"


def test_the_first_ctrl_c_asks_for_an_end_and_the_second_does_not_wait_for_it() -> None:
    with ending_well() as asked:
        assert not asked()
        signal.raise_signal(signal.SIGINT)
        assert asked()
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    assert reason_of(rejected(7, "a; b")) == "a"
