"""`beholden statement-of-use`: a signed note that the verifier recounts, on a folder, by commands alone."""

from __future__ import annotations

import json

import beholden_verify
from beholden.index.calls import LINE
from beholden.index.exact import ExactIndex
from beholden.testing.index_contract import unit
from tests.edges.terminal import Office


def test_req_82_the_statement_of_a_year_is_written_by_a_command_and_recounted(office: Office) -> None:
    office.people("ines", "aude")
    note, bundle = office.folder / "year.note", office.folder / "bundle"
    made = office.does("aude", "statement-of-use", "--out", str(note), "--people")
    assert made["figures"]["searches"] == 0
    assert made["engine"]["accounted_ratio"] == "none"
    assert note.stat().st_mode & 0o077 == 0
    office.does("aude", "log", "export", "--out", str(bundle))
    arguments = ["log", str(bundle), "--keys", str(bundle / "keys.txt"), "--statement", str(note), "--json"]
    assert beholden_verify.main(arguments) == 0
    note.write_bytes(note.read_bytes().replace(b'"size":', b'"size":1'))
    assert beholden_verify.main(arguments) == 7
    assert office.run("aude", "statement-of-use", "--out", str(note)).code == 4, "it is there"
    assert office.run("ines", "statement-of-use", "--out", str(office.folder / "other.note")).code == 3
    assert not (office.folder / "other.note").exists()


def test_req_84_whoever_asks_the_engine_of_a_folder_directly_is_told_of_by_the_check(office: Office) -> None:
    office.people("aude")
    counted = office.data / "engine" / "calls"
    assert not counted.exists()
    ExactIndex(f"exact:{counted}").nearest([unit(1)], 3, [])
    assert counted.stat().st_size == LINE
    ran = office.run("aude", "check", "--json")
    engine = next(one for one in json.loads(ran.out)["findings"] if one["part"] == "engine")
    assert (ran.code, engine["holds"]) == (7, False)
    assert "1 unaccounted" in engine["words"]
