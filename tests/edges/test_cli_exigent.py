"""`beholden exigent`: one command at three in the morning, the review the next day, and the figures, all by commands."""

from __future__ import annotations

import pytest

from beholden.records.exigent import UNREVIEWED
from beholden.testing.drawn import draw
from tests.edges.terminal import PURPOSE, SOURCE, Office, intake

WHY = ("--reason", "she is with the man of the photograph, who left an hour ago")
GROUND = ("--ground", "child-in-danger", *WHY)
REVIEW = ("--reason", "the message of the mother and its time were looked at")


@pytest.fixture
def held(office: Office) -> Office:
    office.people("stella", "pia", "ines", "ivo", "sven", "aude")
    office.does("stella", "source", "propose", "rendered people", *SOURCE)
    office.does("pia", "source", "approve", "rendered people")
    office.does("pia", "gallery", "open", "references", "--purpose", PURPOSE)
    folder = office.folder / "intake"
    intake(folder, 3)
    office.does("stella", "enrol", str(folder), "--source", "rendered people", "--gallery", "references")
    return office


def test_req_20_one_command_opens_the_case_and_searches_and_another_person_reviews(held: Office) -> None:
    photograph = held.folder / "frame.png"
    photograph.write_bytes(draw(3, seed=7))
    asked = ("exigent", "search", "2026-200", str(photograph), "--purpose", PURPOSE, "--role", "victim")
    refused = held.run("ines", *asked, "--origin", "synthetic", "--ground", "hunch", *WHY)
    assert (refused.code, "give one of child-in-danger" in " ".join(refused.err.split())) == (4, True)
    assert held.does("ines", "case", "list")["cases"] == [], "nothing was begun"
    made = held.does("ines", *asked, "--origin", "synthetic", *GROUND)
    assert (made["state"], made["place"], made["time"], made["passed"]) == ("open", "unknown", "unknown", [])
    assert (made["search"]["people"], made["search"]["statements"][0]) == (3, UNREVIEWED)
    [listed] = held.does("sven", "exigent", "list")["exigents"]
    assert (listed["id"], listed["searches"], listed["listed"]) == (made["id"], 1, 3)
    said = held.run("sven", "exigent", "show", made["id"][:8]).out
    assert "A child is being abused" in said
    assert "1 searches with 3 people" in said
    assert held.run("ivo", "exigent", "show", made["id"]).code == 5
    assert "role-supervisor-reviews-exigent" in held.run("ines", "exigent", "uphold", made["id"], *REVIEW).err
    assert "unmanifested-probe-is-looked-at" in held.run("sven", "exigent", "uphold", made["id"], *REVIEW).err
    assert f"beholden authority look {made['authority_id'][:10]}" in said
    held.does("sven", "authority", "look", made["authority_id"], "--out", str(held.folder / "faces"))
    done = held.does("sven", "exigent", "uphold", made["id"][:8], *REVIEW)
    assert (done["state"], done["decision"]) == ("upheld", REVIEW[1])
    found = held.does("ines", "search", "show", made["search"]["id"])
    assert UNREVIEWED not in found["statements"]
    assert "exigent-waits-for-review" in held.run("sven", "exigent", "refuse", made["id"], *REVIEW).err
    assert "exigent-lapse-is-open" in held.run("sven", "exigent", "close-lapse", made["id"], *REVIEW).err
    figures = {one["purpose"]: one for one in held.does("aude", "exigent", "figures")["purposes"]}
    assert figures[PURPOSE] == {
        "purpose": PURPOSE,
        "incidents": 1,
        "persons": 1,
        "upheld": 1,
        "refused": 0,
        "lapsed": 0,
        "upheld_percent": 100,
    }
    assert held.run("ines", "exigent", "figures").code == 5


def test_req_20_one_is_begun_for_somebody_declared_and_refused(held: Office) -> None:
    _, sought = held.case_with_sought()
    begin = ("exigent", "begin", "2026-117", "--sought", sought, "--gallery", "references", *GROUND)
    first = held.does("ines", *begin, "--place", "Halifax", "--time", "tonight")
    again = held.does("ines", *begin, "--incident", first["id"])
    assert (first["place"], first["time"], again["incident_id"]) == ("Halifax", "tonight", first["id"])
    authorities = held.does("ines", "authority", "list")["authorities"]
    authority = next(one for one in authorities if one["id"] == first["authority_id"])
    assert (authority["urgency"], authority["state"]) == ("exigent", "active")
    assert held.does("ines", "search", "run", "--authority", first["authority_id"])["people"] == 3
    assert held.does("sven", "exigent", "refuse", first["id"], *REVIEW)["state"] == "refused"
    stopped = held.run("ines", "search", "run", "--authority", first["authority_id"])
    assert (stopped.code, "exigent-stands" in stopped.err) == (3, True)


def test_req_20_of_a_photograph_without_a_chosen_face_the_exhibit_stays_and_the_same_command_takes_it_up(
    held: Office,
) -> None:
    photograph = held.folder / "two.png"
    photograph.write_bytes(draw(1, 2))
    asked = ("exigent", "search", "2026-200", str(photograph), "--purpose", PURPOSE, "--role", "victim")
    ran = held.run("ines", *asked, "--origin", "synthetic", *GROUND)
    assert (ran.code, "2 faces" in ran.err) == (4, True)
    assert "give the same command again with `--face`" in " ".join(ran.err.split())
    assert len(held.does("ines", "exhibit", "list", "2026-200")["exhibits"]) == 1
    made = held.does("ines", *asked, "--face", "2", "--origin", "synthetic", *GROUND)
    assert made["search"]["people"] == 3
    further = ("--face", "2", "--origin", "synthetic", *GROUND, "--incident", made["id"])
    again = held.does("ines", *asked, *further)
    assert again["case_id"] == made["case_id"]
    whole = held.does("ines", "exigent", "search", "2026-200", str(photograph), "--role", "victim", *further)
    assert whole["incident_id"] == made["id"], "the case is taken up without its purpose too"
    assert [one["reference"] for one in held.does("ines", "case", "list")["cases"]] == ["2026-200"]
    assert len(held.does("ines", "exhibit", "list", "2026-200")["exhibits"]) == 1
    assert len(held.does("ines", "sought", "list", "2026-200")["soughts"]) == 1


def test_req_20_what_cannot_be_begun_is_refused_with_every_reason_before_anything_is_added(held: Office) -> None:
    photograph = held.folder / "frame.png"
    photograph.write_bytes(draw(3, seed=7))
    asked = ("exigent", "search", "2026-200", str(photograph), "--role", "victim", "--origin", "synthetic")
    short = ("--ground", "child-in-danger", "--reason", "now", "--place", " ", "--time", "")
    refused = held.run("ines", *asked, "--purpose", PURPOSE, *short, "--json")
    rules = {reason["rule_id"] for reason in refused.document["reasons"]}
    assert rules == {"exigent-reason-is-written", "exigent-place-is-told", "exigent-time-is-told"}
    nowhere = held.run("ines", *asked, "--purpose", "imminent-threat", *GROUND, "--json")
    [reason] = nowhere.document["reasons"]
    assert (reason["rule_id"], reason["why"]) == (
        "gallery-is-named",
        "No open gallery is held for the purpose imminent-threat.",
    )
    assert "A privacy officer opens one" in reason["how_to_proceed"]
    assert held.run("ines", *asked, "--purpose", PURPOSE, *GROUND, "--incident", "f" * 32).code == 5
    assert held.does("ines", "case", "list")["cases"] == []
    held.case_with_sought()
    there = len(held.does("ines", "exhibit", "list", "2026-117")["exhibits"])
    of_it = ("exigent", "search", "2026-117", *asked[3:])
    assert "exigent-reason-is-written" in held.run("ines", *of_it, *short).err
    assert len(held.does("ines", "exhibit", "list", "2026-117")["exhibits"]) == there


def test_req_20_a_closed_case_of_the_same_reference_or_one_of_another_purpose_is_not_taken_up(held: Office) -> None:
    photograph = held.folder / "frame.png"
    photograph.write_bytes(draw(3, seed=7))
    asked = (str(photograph), "--role", "victim", "--origin", "synthetic", "--purpose", PURPOSE, *GROUND)
    closed = held.does("ines", "case", "open", "2026-200", "--purpose", PURPOSE)["id"]
    held.does("ines", "case", "close", "2026-200", "--outcome", "opened by mistake")
    other = held.does("ines", "case", "open", "2026-200", "--purpose", "imminent-threat")["id"]
    made = held.does("ines", "exigent", "search", "2026-200", *asked)
    assert made["case_id"] not in (closed, other)
    assert len(held.does("ines", "case", "list")["cases"]) == 3


def test_req_08_a_gallery_is_certified_by_a_command(held: Office) -> None:
    words = ("--words", "orders and withdrawals of the quarter; none erased")
    done = held.does("pia", "gallery", "certify", "references", *words)
    assert done["certified_at"]
    assert "is certified until" in held.run("pia", "gallery", "certify", "references", *words).out
    assert "role-privacy-officer-keeps-galleries" in held.run("ines", "gallery", "certify", "references", *words).err


def test_req_38_the_lone_searcher_is_told_who_may_go_through_the_list(held: Office) -> None:
    asked = (
        "exigent",
        "search",
        "2026-300",
        "PHOTOGRAPH",
        "--purpose",
        PURPOSE,
        "--role",
        "victim",
        "--origin",
        "synthetic",
    )
    photograph = held.folder / "frame.png"
    photograph.write_bytes(draw(3, seed=7))
    given = [str(photograph) if word == "PHOTOGRAPH" else word for word in asked]
    assert "You are no examiner: call one" in held.run("ines", *given, *GROUND).out
    held.does("ada", "people", "roles", "ines", "--role", "investigator", "--role", "examiner")
    held.certify("ines", "examiner")
    told = held.run("ines", *given, *GROUND).out
    [line] = [line for line in told.splitlines() if line.startswith("You are an examiner too")]
    command = line.partition("`beholden ")[2].partition("`")[0].split()
    assert len(held.does("ines", *command)["pairs"]) == 3, "what it says can be done, by her alone"
