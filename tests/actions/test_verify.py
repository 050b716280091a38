"""The log verified from its first entry: what holds is counted, and the first entry that does not is named."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from beholden.actions import log, verify, witnessing
from beholden.errors import Missing, Refused, Untrusted
from beholden.formats import notes, tiles
from beholden.records.audit import Checkpoint, Entry
from beholden.records.incidents import Incident, IncidentKind
from beholden.records.tree import EMPTY, leaf_hash
from beholden.witness.memory import MemoryWitness
from tests.actions.test_witnessing import watched
from tests.agency import Agency, last


def put(agency: Agency, entry: Entry, leaf: bytes, hashed: bytes) -> None:
    with agency.system.database.begin() as tx:
        tx.remove(entry)
        tx.add(Entry(entry.n, entry.kept, leaf, hashed))


def published(agency: Agency, path: str, change: Callable[[bytes], bytes]) -> Agency:
    """With another content in one file of what was published."""
    files = {name: agency.system.witness.read(name) for name in agency.system.witness.paths()}
    witness = MemoryWitness()
    witness.publish({**files, path: change(files[path])})
    return agency.with_parts(witness=witness)


def look(agency: Agency) -> verify.Verified:
    return verify.look_through(agency.system)


def test_req_91_a_log_that_holds_is_counted_from_its_first_entry_with_every_checkpoint(
    agency: Agency, tmp_path: Path
) -> None:
    watched(agency, tmp_path)
    for number in range(3):
        agency.gallery(f"gallery {number}")
        witnessing.seal_and_ask(agency.system)
    agency.gallery("not sealed yet")
    agency.clock.pass_by(minutes=4)
    entries = len(agency.leaves())
    heard: list[tuple[int, int]] = []
    made = verify.verify_log(agency.system, agency["aude"], told=lambda done, of: heard.append((done, of)))
    sizes = [one.size for one in agency.find(Checkpoint, order="size")]
    assert made.holds
    assert made.wrong == ()
    assert (made.entries, made.published, made.first_bad) == (entries, sizes[-1], -1)
    assert (made.checkpoints, made.held, made.newest) == (len(sizes), len(sizes), sizes[-1])
    assert made.root == tiles.published_root(agency.system.witness.read, sizes[-1]).hex()
    assert [(one.name, one.size, one.holds) for one in made.witnesses] == [("witness.example/w1", sizes[-1], True)]
    assert (made.unwitnessed, made.unwitnessed_s) == (entries - sizes[-1], 240)
    assert heard[0] == (0, entries)
    assert heard[-1] == (entries, entries)
    assert last(agency) == ("log.verified", "done", [])
    told = agency.told(entries)
    assert (told["holds"], told["entries"], told["held"]) == ([True], [entries], [len(sizes)])
    assert "first_bad" not in told
    assert agency.find(Incident) == []


def test_a_log_of_several_tiles_is_read_in_parts_and_nothing_is_told_twice(
    agency: Agency, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verify, "AT_ONCE", tiles.WIDTH)
    for number in range(300):
        agency.gallery(f"gallery {number}")
        if number == 40:
            log.seal(agency.system)
    log.seal(agency.system)
    heard: list[int] = []
    made = verify.look_through(agency.system, told=lambda done, _of: heard.append(done))
    assert made.holds
    assert made.held == made.checkpoints == 2
    assert heard == [0, tiles.WIDTH, len(agency.leaves())]
    [entry] = agency.find(Entry, n=270)
    put(agency, entry, entry.leaf.replace(b"done", b"d0ne"), entry.leaf_hash)
    made = look(agency)
    assert (made.first_bad, made.entries) == (270, 270)
    assert (made.checkpoints, made.held) == (2, 1), "what was signed before the first bad entry still holds"


def test_req_91_the_first_entry_that_was_altered_is_named_and_is_an_incident(agency: Agency) -> None:
    log.seal(agency.system)
    [entry] = agency.find(Entry, n=3)
    altered = entry.leaf.replace(b"done", b"d0ne")
    put(agency, entry, altered, entry.leaf_hash)
    made = verify.verify_log(agency.system, agency["pia"])
    assert made.wrong == ("entry 3 was altered in the records",)
    assert (made.holds, made.first_bad, made.held) == (False, 3, 0)
    [incident] = agency.find(Incident)
    assert (incident.what, incident.detection) == (IncidentKind.LOG, "entry 3 was altered in the records")
    done = next(one for one in reversed(agency.leaves()) if one["event"] == "log.verified")
    assert agency.told(done["n"])["first_bad"] == [3]
    put(agency, agency.find(Entry, n=3)[0], altered, leaf_hash(altered))
    assert look(agency).wrong == ("entry 3 of the records is not the one that was published",)


def test_entries_that_are_gone_are_named(agency: Agency) -> None:
    log.seal(agency.system)
    number = len(agency.leaves())
    with agency.system.database.begin() as tx:
        tx.remove(*tx.find(Entry, n=number - 1))
    made = look(agency)
    assert made.wrong[0] == f"entry {number - 1} was published, and is missing from the records"
    assert made.first_bad == number - 1
    with agency.system.database.begin() as tx:
        tx.remove(*tx.find(Entry, n=2))
    assert look(agency).wrong == ("entry 2 is missing from the records",)


def test_what_was_published_is_compared_as_well(agency: Agency) -> None:
    log.seal(agency.system)
    size = len(agency.leaves())
    bundle, hashes = tiles.tile_path(tiles.ENTRIES, 0, size), tiles.tile_path(0, 0, size)
    altered = published(agency, bundle, lambda content: content.replace(b'"done"', b'"d0ne"', 1))
    assert look(altered).wrong == ("entry 0 was altered where it was published",)
    cut = published(agency, bundle, lambda content: content[:-1])
    assert look(cut).wrong[0].startswith("entry 0 cannot be read where it was published: an entry bundle is cut short")
    other = look(published(agency, hashes, lambda content: content[:32] + b"\0" * 32 + content[64:]))
    assert other.first_bad == 1
    assert "entry 1 of the records is not the one that was published" in other.wrong


def test_a_checkpoint_that_is_not_the_logs_does_not_hold_and_the_others_do(agency: Agency) -> None:
    log.seal(agency.system)
    agency.gallery("more")
    log.seal(agency.system)
    first, second = agency.find(Checkpoint, order="size")
    with agency.system.database.begin() as tx:
        tx.remove(first)
        tx.add(replace(first, root=EMPTY))
    made = look(agency)
    assert made.wrong == (f"the checkpoint of {first.size} entries is not what the key of the log signed",)
    assert (made.checkpoints, made.held, made.newest, made.first_bad) == (2, 1, second.size, -1)


def test_a_log_that_was_signed_over_other_entries_and_one_that_is_older_are_told(agency: Agency) -> None:
    early = MemoryWitness()
    log.seal(agency.system)
    early.publish({name: agency.system.witness.read(name) for name in agency.system.witness.paths()})
    agency.gallery("more")
    log.seal(agency.system)
    older = look(agency.with_parts(witness=early))
    assert not older.holds
    assert any("it was replaced" in words for words in older.wrong)
    nothing = look(agency.with_parts(witness=MemoryWitness()))
    assert nothing.wrong[0].startswith("nothing of the log is published")


def test_what_the_key_of_the_log_signed_over_other_entries_is_told(agency: Agency) -> None:
    """As somebody would who has the key, and put other entries in the place of those that were signed."""
    system = agency.system
    log.seal(system)
    [there] = agency.find(Checkpoint)
    forged = tiles.head_text(tiles.TreeHead(system.origin, there.size, EMPTY))
    note = notes.sign_note(forged, system.origin, system.keys.public(log.LOG), log.signing(system, log.LOG))
    with system.database.begin() as tx:
        tx.remove(there)
        tx.add(replace(there, root=EMPTY, note=note))
    made = look(published(agency, tiles.CHECKPOINT, lambda _: note))
    assert made.first_bad == -1
    assert made.held == 0
    assert f"the checkpoint of {there.size} entries was signed over other entries" in made.wrong
    assert (
        f"the published checkpoint of {there.size} entries has another root than the entries in the records"
        in made.wrong
    )


def test_others_have_nothing_verified_and_see_nothing_to_verify(agency: Agency) -> None:
    for name in ("ines", "sven", "stella", "ada"):
        with pytest.raises(Refused):
            verify.verify_log(agency.system, agency[name])
        assert last(agency) == ("log.verified", "refused", ["role-reads-log"])
        with pytest.raises(Missing):
            verify.show_published(agency.system, agency[name])


def test_what_was_published_last_is_there_to_keep_and_nothing_is_on_record(agency: Agency) -> None:
    bare = verify.show_published(agency.with_parts(witness=MemoryWitness()).system, agency["aude"])
    assert (bare.note, bare.size, bare.sealed_at) == (b"", 0, None)
    log.seal(agency.system)
    before = len(agency.leaves())
    shown = verify.show_published(agency.system, agency["pia"])
    assert shown.note == agency.system.witness.read(tiles.CHECKPOINT)
    assert (shown.size, shown.entries, shown.sealed_at) == (before, before, agency.clock.at)
    assert tiles.open_head(shown.note, shown.vkeys).root.hex() == shown.root
    assert len(agency.leaves()) == before
    broken = published(agency, tiles.CHECKPOINT, lambda note: note.replace(b"\n", b"\n1", 1))
    with pytest.raises(Untrusted):
        verify.show_published(broken.system, broken["aude"])
