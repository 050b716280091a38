"""`beholden dispose`: tried dry, run, and refused for what is too early or for whoever may not, by commands."""

from __future__ import annotations

from typing import Any

from tests.edges.terminal import PURPOSE, SOURCE, Office, intake

LATER = ("--made-before", "2999-01-01")


def kinds(document: Any) -> dict[str, int]:
    return {one["kind"]: one["taken"] for one in document["kinds"] if one["taken"]}


def test_req_65_a_run_is_tried_dry_and_then_removes_what_it_said(office: Office) -> None:
    office.people("stella", "pia", "ines", "aude")
    office.does("stella", "source", "propose", "rendered people", *SOURCE)
    office.does("pia", "source", "approve", "rendered people")
    folder = office.folder / "intake"
    intake(folder, 1)
    for name in ("references", "others"):
        office.does("pia", "gallery", "open", name, "--purpose", PURPOSE)
        office.does("stella", "enrol", str(folder), "--source", "rendered people", "--gallery", name)
    waiting = office.does("pia", "aside", "list")["asides"]
    assert waiting, "held elsewhere"
    office.does("pia", "aside", "judge", waiting[0]["id"])

    turned = office.does("pia", "gallery", "turn", "references")
    assert turned["references"] == len(waiting), "of these two files"
    assert "another secret" in office.run("pia", "gallery", "turn", "others").out
    assert office.run("stella", "gallery", "turn", "references").code == 3

    now = office.does("pia", "dispose", "--dry-run")
    assert (now["dry_run"], now["taken"]) == (True, 0)
    early = office.does("aude", "dispose", "--dry-run", *LATER)
    assert kinds(early) == {"asides": 1}
    shown = office.run("pia", "dispose", "--dry-run", *LATER)
    assert (shown.code, "1 would go" in shown.out, "Nothing was removed" in shown.out) == (0, True, True)
    assert office.run("ines", "dispose", "--dry-run").code == 5
    assert office.run("aude", "dispose").code == 3
    assert office.run("pia", "dispose", "--made-before", "soon").code == 4

    done = office.does("pia", "dispose", *LATER)
    assert (done["dry_run"], kinds(done)) == (False, {"asides": 1})
    assert "0 are gone" in office.run("pia", "dispose", *LATER).out
    assert len(office.does("pia", "aside", "list")["asides"]) == len(waiting) - 1
    entries = office.does("aude", "log", "read", "--event", "disposal.run")
    assert len(entries["entries"]) >= 2
    assert office.run("aude", "check").code in (0, 7)
