"""Incidents at a terminal: reported by anybody, answered for by a privacy officer."""

from __future__ import annotations

from tests.edges.terminal import Office

WORDS = "a packet went to another unit than the one it named"


def test_req_130_an_incident_goes_through_commands_to_its_end(office: Office) -> None:
    office.people("ines", "pia", "paul", "aude")
    made = office.does("ines", "incident", "report", "--words", WORDS)
    assert office.does("ines", "incident", "list") == {"incidents": []}
    short = made["id"][:8]
    assert office.run("pia", "incident", "close", short, "--lessons", WORDS).code == 3
    assert office.does("pia", "incident", "contain", short, "--words", WORDS, "--affected", "1")["affected"] == 1
    judged = office.does("paul", "incident", "judge", short, "not-material", "--words", WORDS)
    assert judged["materiality"] == "not_material"
    closed = office.does("pia", "incident", "close", short, "--lessons", WORDS)
    assert office.does("aude", "incident", "show", made["id"]) == closed
    assert "reported" in office.run("aude", "incident", "list").out
