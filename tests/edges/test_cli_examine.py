"""A pair is described side by side and locked by commands, and what lies on the disk at each stage is that stage alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from beholden.records.examination import COMPONENTS
from tests.edges.terminal import Office


@pytest.fixture
def search(office: Office) -> str:
    """Reviewed, with one potential candidate."""
    return office.reviewed()


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_req_37_a_pair_is_examined_step_by_step_by_commands(office: Office, search: str) -> None:
    def opened(stage: str) -> dict[str, object]:
        told: dict[str, object] = office.does("erik", "examine", "open", search, "--out", str(office.folder / stage))
        assert told["stage"] == stage
        return told

    pair = str(opened("probe")["handle"])
    assert names(office.folder / "probe") == ["sought-1.jpg"]
    unsaid = office.run("erik", "examine", "describe", pair, "--of", "probe", "--seen", "nose")
    assert unsaid.code == 2  # whether it is suitable is never assumed
    bare = office.run("erik", "examine", "describe", pair, "--of", "probe", "--not-suitable", "--json")
    assert (bare.code, bare.document["reasons"][0]["lacks"]) == (3, ["why it is not suitable, in at least 10 letters"])
    seen = ("--seen", "nose", "--seen", "ears")
    said = office.does(
        "erik", "examine", "describe", pair[:8], "--of", "probe", "--suitable", *seen, "--words", "low light"
    )
    assert (said["stage"], said["described"]) == (
        "reference",
        [{"of": "probe", "suitable": True, "seen": ["nose", "ears"], "words": "low light"}],
    )
    told = opened("reference")
    assert (names(office.folder / "reference"), told["sought"], told["cautions"]) == ([f"{pair}.jpg"], [], "")
    office.does("erik", "examine", "describe", pair, "--of", "reference", "--suitable", "--seen", "all")
    assert names(Path(str(opened("pair")["reference"])).parent) == sorted([f"{pair}.jpg", "sought-1.jpg"])
    lock = ("examine", "lock", pair, "--opinion", "1")
    both = ("--component", "nose=similar", "--component", "ears=similar")
    lacking = office.run("erik", *lock, *both)
    others = [name for name in COMPONENTS if name not in ("nose", "ears")]
    assert (lacking.code, f"missing: {', '.join(others)}" in lacking.err) == (3, True)
    rest = [word for name in others for word in ("--component", f"{name}=not-comparable")]
    for wrong in ("nose", "nose@left:1,1", "nose@probe:1.2.3,0", "nose@probe-0:0.5,0.5"):
        assert office.run("erik", *lock, *both, *rest, "--mark", wrong).code in (3, 4), wrong
    locked = office.does("erik", *lock, *both, *rest, "--mark", "nose@reference:0.5,0.62")
    mark = {"on": "reference", "photograph": 0, "component": "nose", "x": 0.5, "y": 0.62}
    assert (locked["marks"], locked["scale"], locked["tools"]) == ([mark], "support-7", {})
    edda = office.describes("edda", search)
    sure = [word for name in COMPONENTS for word in ("--component", f"{name}=similar")]
    office.does("edda", "examine", "lock", edda, "--opinion", "2", *sure)
    [lead] = [one for one in office.does("ines", "search", "leads", search)["leads"] if one["opinions"]]
    shown = office.run("ines", "search", "lead", search, str(lead["rank"]), "--out", str(office.folder / "lead")).out
    assert "the probe alone: suitable; nose, ears; low light" in shown
    assert "marked in the reference, photograph 1: nose" in shown
