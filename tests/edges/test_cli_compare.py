"""`beholden compare`: made, shown and listed by commands, and refused with every reason."""

from __future__ import annotations

from contextlib import closing

import pytest

from beholden.opening import open_folder
from beholden.records.comparisons import DECIDES_NOTHING
from beholden.records.faces import Face
from beholden.testing.drawn import DrawnModel
from tests.edges.terminal import NECESSITY, PURPOSE, SOURCE, Office, intake
from tests.parts import poorly


def references(office: Office) -> list[str]:
    with closing(open_folder(office.data, recover=False)) as system, system.database.look() as look:
        return [face.id for face in look.find(Face, order="face_no")]


def test_a_comparison_is_made_shown_and_listed_by_commands(office: Office) -> None:
    office.people("stella", "pia", "ines", "ivo", "sven")
    office.does("stella", "source", "propose", "rendered people", *SOURCE)
    office.does("pia", "source", "approve", "rendered people")
    office.does("pia", "gallery", "open", "references", "--purpose", PURPOSE)
    folder = office.folder / "intake"
    intake(folder, 3)
    office.does("stella", "enrol", str(folder), "--source", "rendered people", "--gallery", "references")
    case, sought = office.case_with_sought()
    wanted = ("--sought", sought, "--gallery", "references", "--searches", "2", "--hours", "24", *NECESSITY)
    authority = office.does("ines", "authority", "request", case, *wanted)["id"]
    reference = references(office)[-1]
    run = ("compare", "run", "--authority", authority[:8], "--reference")
    early = office.run("ines", *run, reference)
    assert (early.code, "authority-is-active" in early.err) == (3, True)
    office.looks("sven", authority)
    office.does("sven", "authority", "approve", authority)
    made = office.does("ines", *run, reference)
    assert (made["face_id"], made["sought_id"], made["statements"][0]) == (reference, sought, DECIDES_NOTHING)
    assert office.does("ines", "compare", "show", made["id"][:8]) == made
    said = office.run("ines", "compare", "show", made["id"])
    assert all(words in said.out.replace("\n", " ") for words in (f"{made['score']:.4f}", "Neither figure is a chance"))
    [listed] = office.does("sven", "compare", "list")["comparisons"]
    assert listed == {name: value for name, value in made.items() if name not in ("score", "statements")}
    assert office.does("ivo", "compare", "list") == {"comparisons": []}
    assert office.run("ivo", "compare", "show", made["id"]).code == 3
    foreign = office.run("ines", *run, "0" * 32)
    assert (foreign.code, "comparison-gallery-is-named" in foreign.err) == (3, True)
    office.does("pia", "source", "suspend", "rendered people", "--reason", "the agreement is contested")
    refused = office.run("ines", *run, reference, "--json")
    assert [one["rule_id"] for one in refused.document["reasons"]] == ["comparison-source-is-searchable"]
    office.does("pia", "source", "resume", "rendered people")
    office.does("ines", *run, references(office)[0])
    assert "a-search-is-left" in office.run("ines", *run, reference).err


def test_req_42_a_face_is_edited_by_a_command_and_said_to_be_edited(office: Office) -> None:
    office.people("ines")
    office.case_with_sought()
    [exhibit] = office.does("ines", "exhibit", "list", "2026-117")["exhibits"]
    edit = ("exhibit", "edit", exhibit["id"][:8], "1", "--why", "haze")
    made = office.does("ines", *edit, "--edit", "contrast=1.1", "--edit", "deblock=1")
    assert (made["edited_from"], made["edits"]) == (exhibit["faces"][0]["id"], ["contrast 1.1", "deblock 1"])
    assert "edited: contrast 1.1" in " ".join(office.run("ines", "exhibit", "list", "2026-117").out.split())
    refused = office.run("ines", *edit, "--edit", "sketch=1")
    assert (refused.code, "'sketch' is no edit" in " ".join(refused.err.split())) == (4, True)


def test_req_34_a_probe_below_the_floor_is_compared_by_commands_for_a_reason_only(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.people("stella", "pia", "ines", "sven")
    office.does("stella", "source", "propose", "rendered people", *SOURCE)
    office.does("pia", "source", "approve", "rendered people")
    office.does("pia", "gallery", "open", "references", "--purpose", PURPOSE)
    folder = office.folder / "intake"
    intake(folder, 3)
    office.does("stella", "enrol", str(folder), "--source", "rendered people", "--gallery", "references")
    case, sought = office.case_with_sought()
    wanted = ("--sought", sought, "--gallery", "references", "--searches", "2", "--hours", "24", *NECESSITY)
    authority = office.does("ines", "authority", "request", case, *wanted)["id"]
    office.looks("sven", authority)
    office.does("sven", "authority", "approve", authority)
    embed = DrawnModel.embed
    monkeypatch.setattr(DrawnModel, "embed", lambda *given: [poorly(made, 4) for made in embed(*given)])
    why = "No other picture of this child is known."
    run = ("compare", "run", "--authority", authority, "--reference", references(office)[-1])
    for command in (run, ("search", "run", "--authority", authority)):
        refused = office.run("ines", *command, "--json")
        assert refused.code == 3
        assert [one["rule_id"] for one in refused.document["reasons"]] == ["probe-above-floor"]
        made = office.does("ines", *command, "--override-quality", why)
        assert (made["quality_override"], made["probe_quality"]) == (why, [4])
        assert any(why in line for line in made["statements"])
    assert why in " ".join(office.run("ines", "search", "show", made["id"]).out.split())
