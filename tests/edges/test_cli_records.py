"""Everything else that is kept by commands: people, cases, sources, galleries, requests, and the folder itself."""

from __future__ import annotations

from beholden.testing.drawn import draw
from tests.edges.terminal import PURPOSE, SOURCE, Office


def test_cases_people_sources_and_requests_are_kept_by_commands(office: Office) -> None:
    office.people("ines", "sven", "stella", "pia")
    token = office.does("ada", "people", "token", "sven")["token"]
    assert len(token) > 20
    assert office.does("ada", "people", "suspend", "stella")["state"] == "suspended"
    assert office.run("stella", "source", "list").code == 3
    assert office.does("ada", "people", "resume", "stella")["state"] == "active"
    assert office.does("ada", "people", "roles", "stella", "--role", "steward", "--role", "examiner")["roles"] == (
        ["examiner", "steward"]
    )
    case, sought = office.case_with_sought()
    office.does("ada", "people", "add", "ivo", "--role", "investigator")
    assert office.does("ivo", "case", "list") == {"cases": []}
    assert len(office.does("sven", "case", "assign", "2026-117", "ivo")["assigned"]) == 2
    successor = office.does("ada", "people", "replace", "ivo", "--name", "ilse")
    assert successor["id"] in office.does("sven", "case", "show", case)["assigned"]
    assert ("ivo", "left") in {(one["name"], one["state"]) for one in office.does("ada", "people", "list")["people"]}
    wrong = office.folder / "wrong.png"
    wrong.write_bytes(draw(5))
    told = ("--origin", "synthetic", "--why", "by mistake")
    exhibit = office.does("ines", "exhibit", "add", "2026-117", str(wrong), *told)
    assert exhibit["thorough"]
    [found] = exhibit["faces"]
    where = f"{found['box']['left'] + 0.09},{found['box']['top']},{found['box']['width']},{found['box']['height']}"
    seen = office.does("ines", "exhibit", "draw", exhibit["id"][:8], where, "--why", "somebody behind her")
    assert (seen["position"], seen["landmarks_from"], found["drawn_by"], len(seen["drawn_by"])) == (2, "box", "", 32)
    assert "by hand" in office.run("ines", "exhibit", "list", "2026-117").out
    assert office.run("ines", "exhibit", "draw", exhibit["id"][:8], "here", "--why", "w").code == 4
    assert (
        office.does("ines", "exhibit", "remove", exhibit["id"][:8], "--reason", "of another case")["state"] == "removed"
    )
    assert "removed" in office.run("ines", "exhibit", "list", "2026-117").out
    shown = office.run("ines", "case", "show", "2026-117").out
    assert "waits for an authority to be requested" in shown
    assert office.does("ines", "sought", "list", case)["soughts"][0]["id"] == sought
    assert office.does("ines", "sought", "withdraw", sought[:6], "--reason", "two sisters")["state"] == "withdrawn"
    assert office.does("ines", "case", "close", "2026-117", "--outcome", "found")["state"] == "closed"
    assert "is closed" in office.run("ines", "case", "show", "2026-117").out
    assert office.does("sven", "case", "reopen", "2026-117")["state"] == "open"
    office.does("stella", "source", "propose", "rendered", *SOURCE)
    reason = ("--reason", "the agreement is contested")
    assert office.does("pia", "source", "approve", "rendered")["state"] == "active"
    assert office.does("pia", "source", "suspend", "rendered", *reason)["state"] == "suspended"
    assert office.does("pia", "source", "resume", "rendered")["state"] == "active"
    office.does("stella", "source", "propose", "another", *SOURCE)
    assert office.does("pia", "source", "refuse", "another", *reason)["state"] == "refused"
    assert [one["state"] for one in office.does("pia", "source", "list")["sources"]] == ["refused", "active"]
    office.does("pia", "gallery", "open", "references", "--purpose", PURPOSE)
    assert office.does("pia", "gallery", "close", "references")["state"] == "closed"
    assert office.does("pia", "gallery", "list")["galleries"][0]["state"] == "closed"
    assert office.does("pia", "request", "list") == {"requests": []}
    assert office.run("pia", "request", "receipt", "f" * 32, "--out", str(office.folder / "r.txt")).code == 5
    assert not (office.folder / "r.txt").exists()
    epoch = office.does("ada", "check", "--upgrade", "--new-key-epoch")
    assert (epoch["key_epoch"], epoch["holds"]) == (1, True)
    assert epoch["upgraded"]["before"] == epoch["upgraded"]["after"]


def test_req_71_a_photograph_given_is_compared_by_commands_and_destroyed_with_a_receipt(office: Office) -> None:
    office.people("ines", "sven", "stella", "pia", "paul")
    received = office.does(
        *("pia", "request", "receive", "--photograph"),
        *("--looked-for", "by a photograph given", "--subject", "A. Person, by letter"),
    )
    id = received["id"]
    assert received["face_ids"] == []
    portrait = office.folder / "portrait.png"
    portrait.write_bytes(draw(3))
    for name in ("ines", "sven", "stella"):
        for command in (("give", id, str(portrait)), ("compare", id, "--out", str(office.folder / "no")), ("list", id)):
            assert office.run(name, "photograph", *command).code == 5
    assert not (office.folder / "no").exists()
    assert office.run("ines", "request", "list").code == 5
    assert office.run("ines", "request", "find", "--person-ref", "a").code == 5
    assert office.does("pia", "photograph", "give", id[:8], str(portrait))["faces"] == 1
    faces = office.does("pia", "photograph", "faces", id, "--out", str(office.folder / "faces"))["faces"]
    assert len(faces) == 1
    office.does("pia", "request", "check", id, "--how", "passport seen")
    assert office.run("pia", "photograph", "compare", id, "--out", str(office.folder / "own")).code == 3
    found = office.does("paul", "photograph", "compare", id, "--out", str(office.folder / "nearest"))
    assert (found["listed"], found["references"], found["comparisons_left"]) == ([], 0, 2)
    assert office.does("pia", "request", "read", id)["subject"] == "A. Person, by letter"
    assert office.does("pia", "request", "refuse", id, "--reason", "no record is held")["state"] == "refused"
    [gone] = office.does("pia", "photograph", "list", id)["photographs"]
    assert gone["state"] == "destroyed"
    assert gone["entry"] > 0
    receipt = office.folder / "gone.txt"
    office.does("pia", "photograph", "receipt", id, "--out", str(receipt))
    assert receipt.read_bytes().startswith(b"beholden/receipt/v1")
