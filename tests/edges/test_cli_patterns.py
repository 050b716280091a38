"""An auditor at a terminal: what is unlike the rest, planted references, and samples drawn by lot."""

from __future__ import annotations

from tests.edges.terminal import Office


def test_req_90_an_auditor_reads_patterns_by_a_command_and_an_investigator_does_not(office: Office) -> None:
    office.people("ines", "aude")
    read = office.does("aude", "pattern", "read")
    assert read == {"uses": 0, "flagged": [], "by_person": [], "by_case": [], "pairs": [], "planted": []}
    assert "None is flagged." in office.run("aude", "pattern", "read").out
    refused = office.run("ines", "pattern", "read", "--json")
    assert refused.code == 3
    assert "role-auditor-looks-for-patterns" in refused.out


def test_a_planted_reference_and_a_sample_of_nothing_are_told_as_they_are(office: Office) -> None:
    office.people("aude")
    planted = office.run("aude", "pattern", "plant", "f" * 32, "--words", "of a colleague who agreed", "--json")
    assert planted.code == 5
    assert office.run("aude", "pattern", "unplant", "f" * 32).code == 5
    days = ("--from", "2026-01-01", "--until", "2026-01-02")
    nothing = office.run("aude", "sample", "draw", *days, "--share", "10", "--json")
    assert nothing.code == 4
    assert "no authority was used in that time" in nothing.out
    assert office.does("aude", "sample", "list") == {"samples": []}
    assert office.run("aude", "sample", "judge", "f" * 32, "f" * 32, "justified").code == 5
