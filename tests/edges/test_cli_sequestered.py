"""What is sequestered is listed, opened with the oversight body's key and destroyed by its order, on the command line."""

from __future__ import annotations

import json
from pathlib import Path

from beholden.actions import exigent_review
from beholden.settings import read_settings
from tests.agency import agency_on_disk
from tests.edges.terminal import run
from tests.exigent_story import begun


def test_req_23_it_is_listed_opened_for_a_reason_and_destroyed_on_an_order(tmp_path: Path) -> None:
    agency = agency_on_disk(tmp_path)
    exigent, found = begun(agency, 1, 2, 3)
    exigent_review.refuse_exigent(
        agency.system, agency["sven"], exigent_id=exigent.id, reason="nobody had asked the neighbours first"
    )
    agency.system.close()
    data, pem = tmp_path / "data", tmp_path / "keys" / "handover" / "oversight.pem"

    def does(who: str, *arguments: str) -> object:
        ran = run("--data", str(data), "--as", who, "oversight", *arguments, "--json")
        assert ran.code == 0, ran
        return ran.document

    [one] = does("aude", "sequestrations")  # type: ignore[misc]
    assert (one["state"], one["records"], one["exigent_id"]) == ("sealed", 4, exigent.id)
    assert "beholden/receipt/v1" in one["receipt"]
    out = tmp_path / "opened.json"
    opened = ("open", one["id"], "--key", str(pem), "--reason", "complaint 12 of the ombudsman", "--out", str(out))
    assert run("--data", str(data), "--as", "ines", "oversight", *opened).code == 3
    assert not out.exists()
    for whole_or_begun in (found.id, found.id[:8], found.id[:8].upper()):
        asked = run("--data", str(data), "--as", "ines", "search", "show", whole_or_begun, "--json")
        assert [reason["rule_id"] for reason in asked.document["reasons"]] == ["sequestered"], asked
    assert run("--data", str(data), "--as", "ines", "search", "show", "zzzzzzzz").code == 5, "and nothing else is"
    assert run("--data", str(data), "--as", "aude", "oversight", "open", one["id"][:3], *opened[2:]).code == 4
    does("aude", "open", one["id"][:8], *opened[2:])
    told = json.loads(out.read_text())
    assert [search["id"] for search in told["records"]["Search"]] == [found.id]
    assert len(told["leads"]) == 3
    order = tmp_path / "destroy.note"
    written = run(
        *("oversight", "write-order", "destroy", str(order), "--scope", f"sequestration:{one['id']}"),
        *("--origin", read_settings(data).origin, "--key", str(pem), "--reason", "the inquiry is closed"),
    )
    assert written.code == 0, written
    assert run("oversight", "apply", str(order), "--data", str(data)).code == 0
    [after] = does("aude", "sequestrations")  # type: ignore[misc]
    assert after["state"] == "destroyed"
    out.unlink()
    assert run("--data", str(data), "--as", "aude", "oversight", *opened).code == 3
