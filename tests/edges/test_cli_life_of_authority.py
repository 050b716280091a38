"""The life of a request by commands: a register, a draft, questions and answers, a look, the notice of the approval."""

from __future__ import annotations

import hashlib

from beholden.testing.drawn import draw
from tests.edges.terminal import NECESSITY, PURPOSE, Office


def test_a_request_is_drafted_returned_answered_looked_at_and_its_notice_sent(office: Office) -> None:
    office.people("ines", "sven", "stella", "pia")
    office.does("pia", "gallery", "open", "references", "--purpose", PURPOSE)
    _, sought = office.case_with_sought()
    draft = office.does("ines", "authority", "draft", "2026-117", "--sought", sought, "--offence", "s. 163.1")
    assert (draft["state"], draft["grounds"]["offence"]) == ("draft", "s. 163.1")
    id = draft["id"]
    assert "waits for whoever drafted it" in draft["waits"]
    lacking = office.run("ines", "authority", "submit", id)
    assert (lacking.code, "necessity-is-written" in lacking.err, "gallery-is-named" in lacking.err) == (3, True, True)
    changed = office.does(
        *("ines", "authority", "edit", id[:8], "--gallery", "references", "--hours", "12", *NECESSITY),
        *("--external-ref", "W-7", "--from", "2030-01-01"),
    )
    assert changed["grounds"] == {"external_ref": "W-7", "offence": "s. 163.1", "corroboration": ""}
    assert (changed["starts_at"][:10], changed["ends_at"][:16]) == ("2030-01-01", "2030-01-01T12:00")
    moved = office.does(
        "ines",
        "authority",
        "edit",
        id,
        "--from",
        "2030-01-02",
        "--why-now",
        "New photographs of her came up this very week.",
    )
    assert (moved["ends_at"][:16], moved["necessity"]["why_now"]) == (
        "2030-01-02T12:00",
        "New photographs of her came up this very week.",
    )
    assert moved["necessity"]["why_person"] == changed["necessity"]["why_person"]
    assert office.does("ines", "authority", "submit", id)["state"] == "requested"
    assert office.run("ines", "authority", "return", id, "--questions", "which school?").code == 3
    returned = office.does("sven", "authority", "return", id, "--questions", "which school?")
    assert returned["questions"][0]["words"] == "which school?"
    assert office.run("ines", "authority", "submit", id).code == 3
    again = office.does("ines", "authority", "submit", id, "--answer", "the one in the next town")
    assert again["questions"][0]["answer"] == "the one in the next town"
    unseen = office.run("sven", "authority", "approve", id)
    assert (unseen.code, "unmanifested-probe-is-looked-at" in unseen.err) == (3, True)
    assert office.run("ines", "authority", "look", id, "--out", str(office.folder / "own")).code == 3
    assert not (office.folder / "own").exists()
    office.looks("sven", id)
    given = office.does("sven", "authority", "approve", id)
    assert (given["state"], given["unmanifested"]) == ("active", 1)
    like = office.does(
        *("ines", "authority", "request", "2026-117", "--sought", sought, "--gallery", "references"),
        *("--like", id, "--differs", "the second file of the series shows the face from the side"),
    )
    assert (like["like"], like["necessity"]) == (id, moved["necessity"])
    counted = {one["purpose"]: one for one in office.does("sven", "authority", "figures")["figures"]}
    assert (counted[PURPOSE]["requested"], counted[PURPOSE]["returned"], counted[PURPOSE]["approved"]) == (2, 1, 1)
    assert office.does("sven", "authority", "figures", "--until", "2020-01-01")["figures"][0]["requested"] == 0
    assert office.run("ines", "authority", "figures").code == 5
    (notice,) = [one for one in office.does("sven", "notices", "list")["notices"] if one["about"] == id]
    assert office.run("sven", "notices", "sent", notice["id"][:8], "--how", "x").code == 3
    assert office.does("sven", "notices", "sent", notice["id"][:8], "--how", "letter no. 14")["sent"]
    assert id not in [one["about"] for one in office.does("sven", "notices", "list")["notices"]]
    assert id in [one["about"] for one in office.does("sven", "notices", "list", "--every")["notices"]]


def test_a_register_is_imported_and_listed_by_commands(office: Office) -> None:
    office.people("ines", "sven", "stella")
    office.case_with_sought()
    register = office.folder / "register.csv"
    digest = hashlib.sha256(draw(3, seed=7)).hexdigest()
    register.write_text(f"sha256,exhibit_ref,origin\n{digest},E-1,synthetic\n{'0' * 64},E-2,synthetic\n")
    assert office.does("ines", "evidence", "list", "2026-117") == {"registers": [], "exhibits": {}}
    assert office.run("ines", "evidence", "import", "2026-117", str(register)).code == 3
    made = office.does("stella", "evidence", "import", "2026-117", str(register))
    assert (made["rows"], made["new"]) == (2, 2)
    assert office.run("stella", "evidence", "import", "2026-117", str(register)).code == 4
    assert office.run("stella", "evidence", "list", "2026-117").code == 5
    told = office.does("ines", "evidence", "list", "2026-117")
    assert told["registers"][0]["file"] == "register.csv"
    assert told["registers"][0]["sha256"] == hashlib.sha256(register.read_bytes()).hexdigest()
    assert list(told["exhibits"].values()) == ["synthetic"]
