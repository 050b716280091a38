"""A terminal that is set to French is answered in French, as far as there are words."""

from __future__ import annotations

import pytest

from tests.edges.terminal import Office

HOW = "Demandez à un vérificateur ou à un responsable de la vie privée."


def test_req_19_a_command_refuses_in_the_language_of_the_terminal(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "fr_CA.UTF-8")
    refused = office.run("ada", "log", "read")
    assert refused.code == 3
    assert HOW in refused.err
    problem = office.run("ada", "log", "read", "--json").document
    assert [reason["how_to_proceed"] for reason in problem["reasons"]] == [HOW]
    monkeypatch.setenv("LC_ALL", "C")
    assert "Ask an auditor or a privacy officer." in office.run("ada", "log", "read").err
