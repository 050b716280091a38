"""From one model to another at the terminal, as an agency lives it: begin, prepare, measure, approve, switch, back, purge."""

from __future__ import annotations

from pathlib import Path

import pytest

from beholden.settings import with_packs, without_packs
from beholden.testing.drawn import draw
from tests.edges.terminal import NECESSITY, PURPOSE, SOURCE, Office, intake, make, run

WHY = ("--reason", "drawn people of the generator manifest 1, before the switch")


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Office:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    make(tmp_path)
    office = Office(tmp_path)
    office.people("stella", "pia", "ines", "sven")
    office.does("stella", "source", "propose", "rendered", *SOURCE)
    office.does("pia", "source", "approve", "rendered")
    office.does("pia", "gallery", "open", "references", "--purpose", PURPOSE)
    intake(tmp_path / "intake", 3)
    told = ("--source", "rendered", "--gallery", "references")
    assert office.run("stella", "enrol", str(tmp_path / "intake"), *told).code == 0
    return office


def photographs(folder: Path) -> Path:
    for person in range(100):
        (folder / f"p{person:03}").mkdir(parents=True)
        for seed in range(2):
            (folder / f"p{person:03}" / f"{seed}.png").write_bytes(draw(person, width=192, seed=seed))
    return folder


def test_req_121_a_model_is_changed_side_by_side_measured_approved_switched_and_purged(office: Office) -> None:
    assert office.does("ada", "model", "progress") == {"state": "never"}
    early = office.run("stella", "evaluate", str(office.folder / "intake"), *WHY, "--beside")
    assert (early.code, "begin with `beholden model begin`" in early.err) == (4, True)
    begun = office.does("ada", "model", "begin", "drawn:other")
    assert (begun["in_force"], begun["beside"], begun["lacking"]) == ("drawn:", "drawn:other", 6)
    refused = office.run("ada", "model", "switch", "--json")
    assert refused.code == 3
    assert [one["rule_id"] for one in refused.document["reasons"]] == [
        "upgrade-has-every-template",
        "upgrade-is-measured",
        "upgrade-is-approved",
    ]
    assert run("model", "fill", "--data", str(office.data), "--json").document == {"settled": 6}
    out = office.folder / "report"
    told = ("--processes", "1", "--out", str(out))
    report = office.does("stella", "evaluate", str(photographs(office.folder / "in")), *WHY, "--beside", *told)
    assert report["model"]["name"] == "other"
    made = office.does("stella", "calibrate", str(out / "report.json"), "--on", "drawn people")
    assert "not in force" in office.run("ada", "model", "progress").out
    office.does("pia", "calibrate", "accept", made["id"][:8])
    found = _searched(office)
    assert (found["model"], found["calibration_id"]) == ("drawn", "")
    assert "6 of 6 references; 0 cannot have one; 0 still to do" in office.run("ada", "model", "progress").out
    assert office.does("ada", "model", "switch") == {"in_force": "drawn:other", "beside": "drawn:"}
    assert 'model = "drawn:other"' in (office.data / "beholden.toml").read_text()
    found = _again(office, found)
    assert (found["model"], found["calibration_id"]) == ("other", made["id"])
    assert office.does("ada", "check")["holds"]
    assert "Until `beholden model purge`" in office.run("ada", "model", "back").out
    assert _again(office, found)["model"] == "drawn"
    office.does("ada", "model", "switch")
    assert office.does("ada", "model", "purge") == {"destroyed": "drawn:", "in_force": "drawn:other"}
    assert "no other model lies beside it" in office.run("ada", "model", "progress").out
    assert office.run("ada", "model", "back").code == 3
    assert _again(office, found)["model"] == "other"
    assert office.does("ada", "check")["holds"]


def test_the_settings_follow_what_the_records_say_is_in_force(office: Office) -> None:
    office.does("ada", "model", "begin", "drawn:other")
    settings = office.data / "beholden.toml"
    settings.write_text(settings.read_text().replace('model = "drawn:"', 'model = "drawn:other"'))
    assert office.does("ada", "model", "progress")["in_force"] == "drawn:"
    assert 'model = "drawn:"\n' in settings.read_text(), "a switch is an act, and no edit of a file"


def test_measuring_what_lies_beside_is_for_a_system_only(tmp_path: Path) -> None:
    ran = run("evaluate", str(tmp_path), "--beside")
    assert ran.code == 2
    assert "--beside is for measuring in a system" in ran.err


def _searched(office: Office) -> dict[str, object]:
    _, sought = office.case_with_sought()
    told = ("--sought", sought, "--gallery", "references", "--searches", "9")
    asked = office.does("ines", "authority", "request", "2026-117", *told, *NECESSITY)
    office.looks("sven", asked["id"])
    office.does("sven", "authority", "approve", asked["id"])
    found: dict[str, object] = office.does("ines", "search", "run", "--authority", asked["id"])
    return found


def _again(office: Office, found: dict[str, object]) -> dict[str, object]:
    searched: dict[str, object] = office.does("ines", "search", "run", "--authority", str(found["authority_id"]))
    return searched


def test_an_address_is_kept_as_the_settings_have_it_wherever_the_data_folder_lies(tmp_path: Path) -> None:
    (tmp_path / "packs").mkdir()
    for address in ("pack:tiny", "pack:tiny?score=0.2"):
        assert with_packs(address, tmp_path).endswith(f"folder={tmp_path / 'packs'}")
        assert without_packs(with_packs(address, tmp_path), tmp_path) == address
    assert without_packs("drawn:", tmp_path) == "drawn:"
