"""The story by commands, step for step that of `tests.api.story.by_acts`, leaves the same records and the same log."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

from beholden.actions.examine import leads_of
from beholden.database.tables import RECORDS
from beholden.opening import open_folder
from beholden.ports.database import Look
from beholden.ports.system import System
from beholden.records.audit import Entry
from beholden.records.review import Pair
from beholden.records.searches import Search
from beholden.testing.drawn import draw
from tests.agency import ALIKE, PURPOSE, small_agency
from tests.api import story
from tests.edges.terminal import NECESSITY, SOURCE, Office

BESIDE = {"session.opened"}  # a command of somebody else signs in as them
ONLY_HERE = {"Person", "Session", "Link", "Totp", "Notice", "Entry", "Item", "Checkpoint"}
HEADING = "file,person_ref,captured_at,image_url,page_url,page_title,caption"


@contextmanager
def behind(office: Office) -> Iterator[tuple[System, Look]]:
    """At the records, behind everybody's back."""
    with closing(open_folder(office.data, recover=False)) as system, system.database.look() as look:
        yield system, look


def ranks(office: Office, search_id: str) -> dict[str, int]:
    """The rank behind each handle, which no reviewer can see."""
    with behind(office) as (system, look):
        by_candidate = {one.candidate.id: one.rank for one in leads_of(system, look, look.get(Search, search_id))}
        return {pair.handle: by_candidate[pair.candidate_id] for pair in look.find(Pair)}


def enrol(office: Office, batch: str, *persons: int) -> list[str]:
    folder = office.folder / batch
    folder.mkdir()
    lines = [HEADING]
    for number, person in enumerate(persons):
        name, page = f"{number}.png", f"https://example.org/{person}"
        (folder / name).write_bytes(draw(person, seed=0))
        lines.append(f"{name},person {person},2019-05-04,{page}-0.png,{page},A rendered person,caption of {person}")
    (folder / "manifest.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    into = ("--source", "rendered people", "--gallery", "references", "--received-from", "the project")
    return [one["fate"] for one in office.does("stella", "enrol", str(folder), *into)["files"]]


def refused(office: Office, who: str, *arguments: str) -> None:
    assert office.run(who, *arguments).code == 3


def by_commands(office: Office) -> None:
    folder = office.folder
    source = office.does("stella", "source", "propose", "rendered people", *SOURCE)["id"]
    refused(office, "stella", "source", "approve", source)
    office.does("pia", "source", "approve", source)
    office.does("pia", "gallery", "open", "references", "--purpose", PURPOSE)
    assert enrol(office, "intake", *range(1, 9), 8) == ["enrolled"] * 8 + ["already held"]
    case = office.does("ines", "case", "open", "2026-117", "--title", "Attic", "--purpose", PURPOSE)["id"]
    faces: list[str] = []
    for seed in (7, 8):
        photograph = folder / f"exhibit {seed}.png"
        photograph.write_bytes(draw(3, seed=seed))
        held = ("--origin", "synthetic", "--why", "found on the seized disk")
        faces += ["--face", f"{office.does('ines', 'exhibit', 'add', case, str(photograph), *held)['id']}:1"]
    said = ("--role", "victim", "--why", "same mole on the left cheek")
    sought = office.does("ines", "sought", "declare", case, *faces, *said)["id"]
    wanted = ("--sought", sought, "--gallery", "references", "--searches", "3", "--hours", "24", *NECESSITY)
    authority = office.does("ines", "authority", "request", case, *wanted)["id"]
    refused(office, "ines", "authority", "approve", authority)
    office.looks("sven", authority)
    office.does("sven", "authority", "approve", authority)
    search = office.does("ines", "search", "run", "--authority", authority)["id"]
    refused(office, "ines", "search", "leads", search)
    taken = office.does("rosa", "review", "open", search, "--out", str(folder / "review"))
    rank = ranks(office, search)
    for pair in taken["pairs"]:
        outcome = "potential" if rank[pair["handle"]] in (1, 2) else "no"
        office.does("rosa", "review", "decide", pair["handle"], outcome)
    office.does("rosa", "review", "finish", taken["review"])
    seen = folder / "seen.json"
    seen.write_text(json.dumps(dict(ALIKE)), encoding="utf-8")
    for name, opinion in (("erik", 3), ("erik", 3), ("edda", 3), ("edda", -1), ("emil", 1)):
        handle = office.describes(name, search)
        office.does(name, "examine", "lock", handle, "--opinion", str(opinion), "--components-file", str(seen))
    first = office.does("ines", "search", "leads", search)["leads"][0]["candidate"]
    to = ("--recipient", "Unit 4", "--recipient", "Interpol desk", "--basis", "s. 8(2)(f)")
    office.does("ines", "disclose", search, "--lead", first, *to, "--out", str(folder / "packet"))
    records = office.does("pia", "request", "find", "--person-ref", "person 4")["records"]
    named = [word for one in records for word in ("--record", one["record"])]
    asks = ("--looked-for", "by the source's person reference", "--subject", "A. Person, by letter")
    asked = office.does("pia", "request", "receive", *named, *asks)["id"]
    office.does("pia", "request", "check", asked, "--how", "passport seen")
    office.does("pia", "request", "grant", asked, "--reason", "the record is theirs")
    refused(office, "pia", "erase", asked, "--out", str(folder / "alone.txt"))
    office.does("stella", "erase", asked, "--out", str(folder / "receipt.txt"))
    office.does("ines", "search", "run", "--authority", authority)
    assert enrol(office, "again", 4) == ["put aside"]
    refused(office, "ines", "case", "close", case, "--outcome", "found")


def lines(leaves: list[dict[str, Any]]) -> list[tuple[object, ...]]:
    """The log from the first source on, without ids and times, and without what is only in a terminal."""
    names = ("event", "operation", "role", "purpose", "outcome", "rules")
    begun = [leaf["event"] for leaf in leaves].index("source.proposed")
    found: list[tuple[object, ...]] = []
    for leaf in leaves[begun:]:
        line = (*(leaf[name] for name in names), [item["name"] for item in leaf["items"]])
        # `disclose` finds a lead by the beginning of its id, for which it opens the list again, on record.
        again = leaf["event"] == "search.read" and found[-1:] == [line]
        if leaf["event"] not in BESIDE and not again:
            found.append(line)
    return found


def test_the_story_by_commands_leaves_the_records_and_the_log_that_it_leaves_by_the_acts(office: Office) -> None:
    agency = small_agency()
    story.by_acts(agency)
    office.people()
    by_commands(office)
    with behind(office) as (_, there), agency.system.database.look() as here:
        told = lines([json.loads(entry.leaf) for entry in there.find(Entry, order="n")])
        assert told == lines(agency.leaves())
        for kind in RECORDS:
            if kind.__name__ not in ONLY_HERE:
                assert story.counted(there, kind) == story.counted(here, kind), kind.__name__
