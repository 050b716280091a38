"""The main job through the command line, from `init` to a log that an outsider checks."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from beholden.records.examination import COMPONENTS
from tests.edges.terminal import NECESSITY, PURPOSE, SOURCE, Office, intake, run

SRC = Path(__file__).parents[2] / "src"


def verify(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(SRC / "beholden_verify.py"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def opinion(office: Office, search: str, who: str, step: int) -> None:
    seen = office.folder / "seen.json"
    seen.write_text(json.dumps(dict.fromkeys(COMPONENTS[1:], "similar")), encoding="utf-8")
    handle = office.describes(who, search)
    pair = office.does(who, "examine", "open", search, "--out", str(office.folder / f"pair-{who}"))
    assert (pair["handle"], pair["stage"]) == (handle, "pair")
    assert Path(pair["reference"]).read_bytes()[:2] == b"\xff\xd8"
    assert oct(Path(pair["reference"]).stat().st_mode & 0o777) == "0o600"
    told = ("--opinion", str(step), "--components-file", str(seen), "--component", f"{COMPONENTS[0]}=similar")
    locked = office.does(who, "examine", "lock", pair["handle"][:8], *told)
    assert locked["opinion"] == step
    assert "part" not in locked


def tells_of_no_lead(document: Any) -> bool:
    words = json.dumps(document)
    named = ('"score"', '"rank"', '"face_id"', '"image_id"', '"candidate"', "rendered.example", "caption")
    return not any(word in words for word in named)


def test_the_whole_story_by_commands(office: Office) -> None:
    folder = office.folder
    office.people()
    # a source, a gallery, and what goes into it
    proposed = office.does("stella", "source", "propose", "rendered people", *SOURCE)
    assert "privacy officer" in proposed["waits"]
    assert office.run("stella", "source", "approve", "rendered people").code == 3
    assert office.does("pia", "source", "approve", proposed["id"][:6])["state"] == "active"
    office.does("pia", "gallery", "open", "references", "--purpose", PURPOSE)
    intake(folder / "intake", 6)
    into = ("--source", "rendered people", "--gallery", "references")
    enrolled = office.does(
        "stella", "enrol", str(folder / "intake"), *into, "--received-from", "the project", "--defer"
    )
    assert enrolled["counts"] == {"enrolled": 12, "already held": 0, "put aside": 0, "rejected": 3}
    reasons = {one["file"]: one["reason"] for one in enrolled["files"] if one["fate"] == "rejected"}
    assert set(reasons) == {"cut.png", "gone.png", "stray.png"}
    assert "line 15" in reasons["gone.png"]
    assert run("worker", "--once", "--data", str(office.data), "--json").document == {"embedded": 12}
    # a case, its exhibits, who is sought
    case, sought = office.case_with_sought()
    # authority
    told = ("--sought", sought[:8], "--gallery", "references", "--searches", "2", "--hours", "24", *NECESSITY)
    asked = office.does("ines", "authority", "request", "2026-117", *told)
    own = office.run("ines", "authority", "approve", asked["id"], "--json")
    assert own.code == 3
    assert len(own.document["reasons"]) >= 2
    assert isinstance(own.document["entry"], int)
    office.looks("sven", asked["id"][:6])
    approved = office.does("sven", "authority", "approve", asked["id"][:6], "--hours", "12")
    assert (approved["state"], approved["searches"]) == ("active", 2)
    # the search
    found = office.does("ines", "search", "run", "--authority", asked["id"][:8])
    assert found["coverage"]["words"] == (
        "all 12 references of 1 gallery compared, proven exhaustive: no other of them is nearer"
    )
    assert found["people"] == 6
    assert tells_of_no_lead(found)
    assert tells_of_no_lead(office.does("ines", "search", "show", found["id"]))
    assert office.run("ines", "search", "leads", found["id"]).code == 3
    shown = office.run("sven", "case", "show", "2026-117")
    assert "waits for a reviewer" in shown.out
    # the blind steps
    taken = office.does("rosa", "review", "open", found["id"][:8], "--out", str(folder / "review"))
    assert tells_of_no_lead({**taken, "pairs": [{**pair, "reference": ""} for pair in taken["pairs"]]})
    assert len(taken["pairs"]) == 6
    assert sorted(path.name for path in (folder / "review").iterdir()) == sorted(
        [*(f"{pair['handle']}.jpg" for pair in taken["pairs"]), "sought-1.jpg"]
    )
    for pair in taken["pairs"]:
        outcome = "potential" if pair["position"] == 1 else "no"
        office.does("rosa", "review", "decide", pair["handle"][:10], outcome)
    assert office.run("rosa", "search", "show", found["id"]).code == 5
    assert office.does("rosa", "review", "finish", taken["review"][:6])["state"] == "reviewed"
    for who, step in (("erik", 2), ("edda", -1), ("emil", 1)):
        opinion(office, found["id"], who, step)
    # the leads, and what leaves
    leads = office.does("ines", "search", "leads", found["id"])["leads"]
    assert [lead["rank"] for lead in leads] == [1, 2, 3, 4, 5, 6]
    potential = next(lead for lead in leads if lead["outcome"] == "potential")
    assert [one["opinion"] for one in potential["opinions"]] == [2, -1, 1]
    assert potential["disagreement"] is True
    seen = office.does("ines", "search", "lead", found["id"], str(potential["rank"]), "--out", str(folder / "lead"))
    assert sorted(path.name for path in (folder / "lead").iterdir()) == ["reference.jpg", "sought-1.jpg"]
    assert (seen["candidate"], seen["source"]["authority_kind"]) == (potential["candidate"], "synthetic")
    other = next(lead for lead in leads if lead["outcome"] != "potential")  # nobody examined it
    assert office.run("ines", "search", "lead", found["id"], other["candidate"], "--out", str(folder / "no")).code == 3
    assert not (folder / "no").exists()
    to = ("--recipient", "Unit 4", "--basis", "s. 8(2)(f)")
    lead = ("--lead", potential["candidate"][:8])
    disclosed = office.does("ines", "disclose", found["id"], *lead, *to, "--out", str(folder / "packet"))
    assert {Path(path).name for path in disclosed["files"]} == {
        "disclosure.json",
        "contact-sheet.png",
        "disclosure.pdf",
        "manifest.note",
    }
    assert disclosed["left_out"] == []
    again = office.run("ines", "disclose", found["id"], *lead, *to, "--out", str(folder / "twice"))
    assert (again.code, (folder / "twice").exists()) == (6, False), "the same does not leave twice"
    [listed] = office.does("sven", "disclosure", "list", "--case", "2026-117")["disclosures"]
    assert listed == office.does("aude", "disclosure", "show", disclosed["disclosure"][:8])
    assert (listed["id"], listed["recipients"], listed["leads"]) == (disclosed["disclosure"], ["Unit 4"], 1)
    read = office.does("ines", "disclosure", "read", listed["id"][:8], "--out", str(folder / "again"))
    assert read["left_out"] == []
    for path in disclosed["files"]:
        assert (folder / "again" / Path(path).name).read_bytes() == Path(path).read_bytes()
    # somebody asks to be erased
    records = [one["record"] for one in office.does("pia", "request", "find", "--person-ref", "person 2")["records"]]
    assert len(records) == 2
    named = [word for record in records for word in ("--record", record)]
    asks = ("--looked-for", "by the source's reference", "--subject", "A. Person, by letter")
    received = office.does("pia", "request", "receive", *named, *asks)
    office.does("pia", "request", "grant", received["id"][:8], "--identity-checked", "--reason", "passport seen")
    alone = office.run("pia", "erase", received["id"], "--out", str(folder / "alone.txt"))
    assert alone.code == 3
    assert not (folder / "alone.txt").exists()
    erased = office.does("stella", "erase", received["id"][:8], "--out", str(folder / "receipt.txt"))
    assert erased["state"] == "erased"
    assert sorted(erased["face_ids"]) == sorted(records)
    listed = office.does("aude", "request", "listings", received["id"][:8])
    assert listed == {"request": received["id"], "searches": [found["id"]]}
    assert office.run("pia", "request", "listings", received["id"]).code == 3
    again = office.does("pia", "request", "receipt", received["id"], "--out", str(folder / "again.txt"))
    assert Path(again["receipt"]).read_bytes() == (folder / "receipt.txt").read_bytes()
    assert office.does("ines", "search", "run", "--authority", asked["id"])["coverage"]["references"] == 10
    # the same file is put aside, without a word why
    fates = {one["file"]: one["fate"] for one in office.does("stella", "enrol", str(folder / "intake"), *into)["files"]}
    assert (fates["2-0.png"], fates["1-0.png"]) == ("put aside", "already held")
    asides = office.does("pia", "aside", "list")["asides"]
    assert office.does("pia", "aside", "judge", asides[0]["id"][:8])["state"] == "refused"
    assert len(office.does("pia", "aside", "list")["asides"]) == len(asides) - 1
    # an outsider checks
    checked = office.does("aude", "check")
    assert checked["holds"] is True
    exported = office.does("aude", "log", "export", "--out", str(folder / "bundle"))
    assert exported["entries"] == office.does("aude", "log", "check")["entries"] - 1  # signing in again is one more
    keys = ("--keys", str(folder / "bundle" / "keys.txt"))
    for what, path in (("log", "bundle"), ("receipt", "receipt.txt"), ("manifest", "packet/manifest.note")):
        done = verify(what, str(folder / path), *(() if what == "log" else keys))
        assert done.returncode == 0, done
    assert case in {one["id"] for one in office.does("sven", "case", "list")["cases"]}
    assert not (os.stat(office.data).st_mode & 0o077)
