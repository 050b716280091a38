"""`beholden request restrict` and what follows it, by commands: held as evidence, looked at again, and erased at last."""

from __future__ import annotations

from tests.edges.terminal import PURPOSE, SOURCE, Office, intake, run

WHY = ("--reason", "evidence in the proceedings 2026-88")


def test_req_74_records_are_restricted_kept_and_let_go_and_the_receipt_is_checked_by_an_outsider(
    office: Office,
) -> None:
    office.people("stella", "pia", "paul", "aude")
    office.does("stella", "source", "propose", "rendered people", *SOURCE)
    office.does("pia", "source", "approve", "rendered people")
    office.does("pia", "gallery", "open", "references", "--purpose", PURPOSE)
    intake(office.folder / "intake", 2)
    office.does(
        "stella", "enrol", str(office.folder / "intake"), "--source", "rendered people", "--gallery", "references"
    )
    records = [one["record"] for one in office.does("pia", "request", "find", "--person-ref", "person 1")["records"]]
    named = [part for record in records for part in ("--record", record)]
    told = ("--looked-for", "by the register's number", "--subject", "by letter")
    asked = office.does("pia", "request", "receive", *named, *told)["id"]
    office.does("pia", "request", "grant", asked, "--identity-checked", "--reason", "passport seen")
    first, second = office.folder / "first.txt", office.folder / "second.txt"

    assert office.run("pia", "request", "restrict", asked, *WHY).code == 3
    made = office.does("stella", "request", "restrict", asked, *WHY, "--days", "30", "--out", str(first))
    assert (made["state"], made["reason"]) == ("in force", WHY[1])
    assert sorted(made["face_ids"]) == sorted(records)
    assert b"restricted, not erased" in first.read_bytes()
    [row] = office.does("pia", "request", "list")["requests"]
    assert (row["state"], "restricted, not erased" in row["waits"]) == ("restricted", True)
    assert office.run("stella", "erase", asked).code == 3

    kept = office.run("paul", "request", "keep-restricted", asked, *WHY)
    assert (kept.code, "A privacy officer looks at that again by" in kept.out) == (0, True)
    office.does("aude", "request", "receipt", asked, "--out", str(second))
    assert second.read_bytes() != first.read_bytes()
    assert run("--data", str(office.data), "--as", "stella", "request", "end-restriction", asked, *WHY).code == 3
    ended = office.run("pia", "request", "end-restriction", asked, "--reason", "the judgment is final since May")
    assert (ended.code, "beholden erase" in ended.out) == (0, True)
    office.does("stella", "erase", asked)
    assert office.does("ada", "check")["holds"]
