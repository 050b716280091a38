"""The demo, told once for few people: everything that it claims is there, holds, and can be checked by somebody else."""

from __future__ import annotations

import hashlib
import io
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path

import pytest
from rich.console import Console

from beholden.actions.enrol import HELD_ASIDE
from beholden.demo import photographs
from beholden.demo.story import Summary, run
from beholden.errors import BadInput
from beholden.records.disclosures import LEAD_ONLY, PACKET_FIELDS

PEOPLE = 8
EXHAUSTIVE = "proven exhaustive: no other of them is nearer"
DEMO = Path(str(files("beholden.demo")))
CHILD, LOOKALIKE = "p139", "p075"
OF_THE_SITE = ("site.warc#6", "site.warc#7")  # out of scope, and opted out


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[Summary, str]:
    console = Console(file=io.StringIO(), width=500)
    summary = run(tmp_path_factory.mktemp("demo") / "new", console=console, people=PEOPLE)
    assert isinstance(console.file, io.StringIO)
    return summary, console.file.getvalue()


@pytest.fixture
def summary(told: tuple[Summary, str]) -> Summary:
    return told[0]


@pytest.fixture
def words(told: tuple[Summary, str]) -> str:
    return told[1]


def verify(what: str, path: Path, summary: Summary) -> tuple[int, dict[str, object]]:
    """As somebody does who has the verifier and the keys, and nothing of Beholden."""
    spec = find_spec("beholden_verify")
    assert spec is not None
    assert spec.origin is not None
    command = [sys.executable, "-I", spec.origin, what, str(path), "--keys", str(summary.trusted_keys), "--json"]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    report: dict[str, object] = json.loads(ran.stdout)
    return ran.returncode, report


def test_every_reference_that_can_be_used_is_enrolled_and_all_else_has_its_reason(summary: Summary) -> None:
    chosen = photographs.choose(PEOPLE)
    assert summary.images == len(chosen.references) + 3  # and the group, an animation, and one of the web archive
    assert summary.references == len(chosen.references) + 4
    assert summary.already_held == (photographs.COPY,)
    reasons = dict(summary.rejected)
    assert set(reasons) == {
        photographs.CUT_SHORT,
        photographs.NO_FACE,
        photographs.WITHOUT_FILE,
        photographs.OUTSIDE,
        photographs.WITHOUT_ROW,
        f"a face in {photographs.GROUP}",
        *OF_THE_SITE,
    }
    assert "damaged or cut short" in reasons[photographs.CUT_SHORT]
    assert "no face was found" in reasons[photographs.NO_FACE]
    assert "no such file" in reasons[photographs.WITHOUT_FILE]
    assert "outside the folder" in reasons[photographs.OUTSIDE]
    assert "no row" in reasons[photographs.WITHOUT_ROW]
    assert "too small" in reasons[f"a face in {photographs.GROUP}"]


def test_req_03_a_web_archive_gives_what_its_source_covers_and_the_story_tells_what_it_does_not(
    summary: Summary, words: str
) -> None:
    reasons = dict(summary.rejected)
    scope, opt_out = (reasons[one] for one in OF_THE_SITE)
    assert scope.startswith("scope.outside: ")
    assert opt_out.startswith("opt-out.robots-tag: ")
    assert "X-Robots-Tag: noai" in opt_out
    assert scope in words
    assert opt_out in words
    assert "3 of them images, 1 covered by the agreement" in words
    assert "how the publisher was shown to control its site" in words


def test_the_whole_demo_enrols_232_references() -> None:
    chosen = photographs.choose(None)
    assert len(chosen.references) + len(chosen.held_back["group"]) + len(("the animation", "the archive")) == 232
    assert len(chosen.all) == 240


def test_what_is_forbidden_is_refused_with_every_reason(summary: Summary, words: str) -> None:
    refused = dict(summary.refusals)
    assert set(refused["to approve one's own request for authority"]) == {
        "approver-is-not-requester",
        "approver-is-not-assigned",
        "role-supervisor-decides-authority",
        "training-is-current",
    }
    assert "source-decider-is-not-proposer" in refused["to approve one's own source"]
    assert refused["to read the leads before the opinions are locked"] == ("search-is-unsealed",)
    assert refused["to erase alone what one granted oneself"] == ("eraser-did-not-grant",)
    assert refused["to search more often than approved"] == ("authority-is-active", "a-search-is-left")
    for rules in refused.values():
        assert all(f"{rule}: " in words for rule in rules)


def test_the_search_tells_what_it_compared_and_its_list_counts_people(summary: Summary) -> None:
    assert summary.coverage == f"all {summary.references} references of 1 gallery compared, {EXHAUSTIVE}"
    # two of the group, one of the animation and one of the archive, whom no source names
    assert summary.people_listed == PEOPLE + 4
    assert summary.place_of_lead <= 3


def test_no_score_is_told_before_the_last_opinion_is_locked(words: str) -> None:
    before, opened, after = words.partition("the scores open, to everybody")
    assert opened
    assert not re.search(r"\b0\.\d{3,}", before)
    assert re.search(r"\b0\.\d{4}\b", after)


def test_the_opinions_say_that_they_are_scripted_and_a_disagreement_goes_to_a_third(words: str) -> None:
    assert "SCRIPTED: no real person looks at these pictures" in words
    assert words.index("SCRIPTED") < words.index("moderate support")
    assert "Emil Haddad, examiner, is consulted as the third" in words


def test_the_packet_is_a_lead_only_and_its_manifest_holds(summary: Summary) -> None:
    assert sorted(path.name for path in summary.packet.iterdir()) == [
        "contact-sheet.png",
        "disclosure.json",
        "disclosure.pdf",
        "manifest.note",
    ]
    packet = json.loads((summary.packet / "disclosure.json").read_bytes())
    assert set(packet) == set(PACKET_FIELDS) == set(summary.packet_fields)
    assert packet["statement"] == LEAD_ONLY
    (lead,) = packet["leads"]
    assert lead["reference"]["page_url"] == photographs.page_of(CHILD)
    assert [one["score_was_known"] for one in lead["opinions"]] == [False, False]
    assert packet["other_candidates"]["potential"] == 1
    assert summary.contact_sheet.read_bytes().startswith(b"\x89PNG")
    assert verify("manifest", summary.packet / "manifest.note", summary)[0] == 0


def test_the_receipt_holds_and_names_the_erased_records(summary: Summary) -> None:
    code, report = verify("receipt", summary.receipt, summary)
    assert code == 0
    receipt = report["receipt"]
    assert isinstance(receipt, dict)
    portraits = [one for one in photographs.choose(PEOPLE).references if one.person == LOOKALIKE]
    assert summary.records_erased == len(receipt["records"]) == len(portraits) == 7
    assert receipt["post_delete_rank"] is None
    assert int(receipt["needles"]) > len(portraits)


def test_the_erased_person_is_shown_no_more_and_the_same_file_is_put_aside(summary: Summary, words: str) -> None:
    left = summary.references - summary.records_erased
    assert summary.coverage_after == f"all {left} references of 1 gallery compared, {EXHAUSTIVE}"
    assert summary.people_left == summary.people_listed - 1
    tables = words.split("  Leads")
    assert len(tables) == 3
    assert LOOKALIKE in tables[1]
    assert LOOKALIKE not in tables[2]
    assert summary.answer_to_same_file == HELD_ASIDE


def test_the_log_holds_and_a_changed_byte_is_named(summary: Summary) -> None:
    code, report = verify("log", summary.bundle, summary)
    assert (code, report["size"]) == (0, summary.log_entries)
    code, report = verify("log", summary.altered_bundle, summary)
    assert (code, report["first_bad_entry"]) == (7, summary.altered_entry)
    assert summary.named_entry == summary.altered_entry
    assert f"entry {summary.altered_entry} " in summary.problem
    changed = [
        path
        for path in summary.bundle.rglob("*")
        if path.is_file()
        and path.read_bytes() != (summary.altered_bundle / path.relative_to(summary.bundle)).read_bytes()
    ]
    assert len(changed) == 1


def test_nothing_that_was_taken_in_lies_in_clear_in_data_or_keys(summary: Summary) -> None:
    intake, exhibits = summary.folder / "intake", summary.folder / "exhibits"
    canaries = [
        b"rendered.example",
        b"somebody who does not exist",
        b"rendered-139",
        b"Rendered portrait",
        b"person-139",
        b"child of about seven",
    ]
    pictures = [*sorted(intake.glob("*.jpg"))[:40], *sorted(exhibits.iterdir())]
    canaries += [path.read_bytes()[-400:-360] for path in pictures]
    kept = [path for name in ("data", "keys") for path in (summary.folder / name).rglob("*") if path.is_file()]
    assert len(kept) > summary.images - summary.records_erased
    assert any(path.name == "records.db" for path in kept)
    found = [(path.name, canary) for path in kept for canary in canaries if canary in path.read_bytes()]
    assert found == []


def test_each_act_names_who_did_it_and_the_end_names_what_was_made(summary: Summary, words: str) -> None:
    for who in (
        "Stella Ruiz, records steward, proposes",
        "Pia Novak, privacy officer, approves",
        "Sven Okafor, supervisor",
    ):
        assert who in words
    for path in (summary.packet / "disclosure.json", summary.contact_sheet, summary.receipt, summary.bundle):
        assert str(path) in words
        assert path.exists()
    assert [title for title, _ in summary.chapters][-1] == "The log"
    assert sum(seconds for _, seconds in summary.chapters) <= summary.seconds


def test_with_json_nothing_is_told_and_the_summary_is_a_document(tmp_path: Path) -> None:
    console = Console(file=io.StringIO())
    summary = run(tmp_path / "new", console=console, json_out=True, people=3)
    assert isinstance(console.file, io.StringIO)
    assert console.file.getvalue() == ""
    document = json.loads(json.dumps(summary.document()))
    assert document["references"] == summary.references
    assert document["receipt"] == str(summary.receipt)


def test_a_folder_that_is_not_empty_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("keep me")
    with pytest.raises(BadInput, match="not an empty folder; name a new one"):
        run(tmp_path, console=Console(quiet=True))
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_the_demo_needs_some_people(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="at least 3 people"):
        run(tmp_path / "new", console=Console(quiet=True), people=2)
    assert not (tmp_path / "new").exists()


def pinned() -> Iterator[tuple[str, str]]:
    for line in (DEMO / "people.sha256").read_text().splitlines():
        digest, _, name = line.partition("  ")
        yield name, digest


def test_every_portrait_is_the_one_that_was_pinned() -> None:
    there = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in (DEMO / "people").iterdir()}
    assert there == dict(pinned())
    own = hashlib.sha256((DEMO / "people.sha256").read_bytes()).hexdigest()
    assert own in (DEMO / "README.md").read_text()
