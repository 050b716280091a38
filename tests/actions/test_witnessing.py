"""The log's witnesses: asked after sealing, published with the checkpoint, and told to whoever reads the log."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from beholden.actions import log, witnessing
from beholden.errors import BadInput, Fault, LogBroken, Refused, Untrusted
from beholden.formats import cosignatures, notes, tiles
from beholden.formats.add_checkpoint import question
from beholden.ports.cosigners import Answer, Reach
from beholden.records.audit import Cosignature
from beholden.records.authority import Authority
from beholden.records.rules import rules_of
from beholden.witness.asking import PaperWitness
from beholden.witness.keeper import Keeper
from beholden.witness.memory import MemoryWitness
from tests.agency import Agency, last
from tests.parts import beside


@dataclass
class Near:
    """A real witness, asked in this process; it can be out of reach, and it counts what it is asked."""

    keeper: Keeper
    clock: Callable[[], object]
    reach: Reach = Reach.OUTSIDE
    away: bool = False
    asked: int = 0

    @property
    def name(self) -> str:
        return self.keeper.key.name

    @property
    def vkey(self) -> str:
        return self.keeper.key.vkey

    def add_checkpoint(self, body: bytes) -> Answer:
        self.asked += 1
        if self.away:
            raise Fault("the witness cannot be asked; it is tried again")
        return self.keeper.add_checkpoint(body, at=self.clock())  # type: ignore[arg-type]


def watched(agency: Agency, folder: Path, name: str = "witness.example/w1") -> Near:
    keeper = Keeper.make(folder / name.replace("/", "-"), name)
    keeper.trust(log.vkeys(agency.system)[0])
    made = Near(keeper, agency.clock.now)
    agency.system = replace(agency.system, cosigners=(*agency.system.cosigners, made))
    return made


@pytest.fixture
def near(agency: Agency, tmp_path: Path) -> Near:
    return watched(agency, tmp_path)


def tail(agency: Agency) -> witnessing.Tail:
    with agency.system.database.look() as look:
        return witnessing.tail(agency.system, look)


def published(agency: Agency) -> bytes:
    return agency.system.witness.read(tiles.CHECKPOINT)


def test_req_91_what_is_sealed_is_cosigned_and_published_with_its_cosignature(agency: Agency, near: Near) -> None:
    for _ in range(3):
        agency.case()
        [asked] = witnessing.seal_and_ask(agency.system)
        entries = len(agency.leaves())
        assert asked == witnessing.Asked(near.name, Reach.OUTSIDE, entries)
        [found] = cosignatures.read(published(agency), [near.vkey])
        assert (found.name, found.at) == (near.name, agency.clock.now())
        assert tiles.open_head(published(agency), log.vkeys(agency.system)).size == entries
        assert tail(agency) == witnessing.Tail(
            0, None, 0, (witnessing.Seen(near.name, Reach.OUTSIDE, entries, agency.clock.now()),)
        )
    assert len(agency.find(Cosignature)) == 3


def test_a_cosignature_leaves_no_entry_and_a_second_one_over_the_same_checkpoint_adds_no_line(
    agency: Agency, near: Near
) -> None:
    witnessing.seal_and_ask(agency.system)
    entries, note = len(agency.leaves()), published(agency)
    agency.clock.pass_by(minutes=1)
    assert [one.problem for one in witnessing.seal_and_ask(agency.system)] == [""]
    assert (len(agency.leaves()), published(agency)) == (entries, note)


def test_every_witness_signs_the_one_checkpoint(agency: Agency, near: Near, tmp_path: Path) -> None:
    other = watched(agency, tmp_path, "second.example/w2")
    witnessing.seal_and_ask(agency.system)
    found = cosignatures.read(published(agency), [near.vkey, other.vkey])
    assert [one.name for one in found] == [near.name, other.name]
    with agency.system.database.look() as look:
        lines = witnessing.lines_of(agency.system, look, len(agency.leaves()))
    assert lines.decode() == "".join(one.line for one in found)


def test_the_tail_is_as_old_as_its_oldest_entry_and_an_idle_log_is_not_late(agency: Agency, near: Near) -> None:
    witnessing.seal_and_ask(agency.system)
    agency.clock.pass_by(hours=3)
    assert tail(agency).seconds == 0
    near.away = True
    agency.case()
    agency.clock.pass_by(minutes=4)
    agency.case()
    agency.clock.pass_by(minutes=1, seconds=1)
    [asked] = witnessing.seal_and_ask(agency.system)
    assert "cannot be asked" in asked.problem
    told = tail(agency)
    assert (told.entries, told.seconds, told.minutes, told.independent) == (2, 301, 6, True)
    near.away = False
    assert [one.problem for one in witnessing.ask_witnesses(agency.system)] == [""]
    assert tail(agency).entries == 0


def test_a_clock_that_went_back_makes_no_tail_younger_than_nothing(agency: Agency, near: Near) -> None:
    agency.case()
    agency.clock.pass_by(hours=-2)
    assert (tail(agency).entries > 0, tail(agency).seconds) == (True, 0)


def test_a_witness_that_saw_more_or_less_than_the_records_know_is_asked_by_what_it_saw(
    agency: Agency, near: Near
) -> None:
    witnessing.seal_and_ask(agency.system)
    with agency.system.database.begin() as tx:
        tx.remove(*tx.find(Cosignature))  # as after a restored backup
    agency.case()
    assert [one.problem for one in witnessing.seal_and_ask(agency.system)] == [""]
    assert tail(agency).entries == 0


def test_req_91_a_witness_that_knows_another_history_is_an_incident_on_record_once(
    agency: Agency, near: Near, tmp_path: Path
) -> None:
    agency.case()
    log.seal(agency.system)
    size = len(agency.leaves())
    forged = notes.sign_note(
        tiles.head_text(tiles.TreeHead(agency.system.origin, size + 5, b"\1" * 32)),
        agency.system.origin,
        agency.system.keys.public(log.LOG),
        log.signing(agency.system, log.LOG),
    )
    assert near.keeper.add_checkpoint(question(0, (), forged), at=agency.clock.now()).status == 200
    for _ in range(3):
        [asked] = witnessing.ask_witnesses(agency.system)
        assert "refused to cosign (409" in asked.problem
    refusals = [leaf for leaf in agency.leaves() if leaf["event"] == "witness.refused"]
    assert len(refusals) == 1
    said = agency.told(refusals[0]["n"])
    assert (said["witness"], said["answer"], said["incident"]) == ([near.name], [f"409 {size + 5}"], ["WitnessRefused"])


def test_req_91_a_cosignature_that_was_put_into_the_records_counts_for_nothing(agency: Agency, near: Near) -> None:
    witnessing.seal_and_ask(agency.system)
    [kept] = agency.find(Cosignature)
    near.away = True
    agency.case()
    log.seal(agency.system)
    size = len(agency.leaves())
    other = kept.line[:-10] + ("B" if kept.line[-10] == "A" else "A") + kept.line[-9:]
    for line in (kept.line, other, "", "— nobody AAAA\n"):
        with agency.system.database.begin() as tx:
            tx.remove(*tx.find(Cosignature, id=f"{size}/{near.name}"))
            tx.add(replace(kept, id=f"{size}/{near.name}", size=size, line=line))
        assert tail(agency).entries == size - kept.size


def test_a_checkpoint_can_be_carried_to_a_witness_and_its_cosignature_back(agency: Agency, near: Near) -> None:
    near.reach = Reach.STICK
    assert witnessing.seal_and_ask(agency.system) == []
    note = published(agency)
    carried, asked = witnessing.to_carry(agency.system, seen=0)
    assert (carried, asked) == (note, question(0, (), note))
    line = near.keeper.add_checkpoint(asked, at=agency.clock.now()).body
    with pytest.raises(BadInput, match="no witness can have seen"):
        witnessing.to_carry(agency.system, seen=999)
    size = len(agency.leaves())
    agency.case()
    log.seal(agency.system)  # the log went on meanwhile
    with pytest.raises(Untrusted, match="not over this text"):
        witnessing.add_cosignatures(agency.system, line)  # over the last checkpoint it is none
    assert witnessing.add_cosignatures(agency.system, note + line) == [near.name]
    assert tail(agency).seen == (witnessing.Seen(near.name, Reach.STICK, size, agency.clock.now()),)
    with pytest.raises(BadInput, match="no new cosignature"):
        witnessing.add_cosignatures(agency.system, note)
    with pytest.raises(Untrusted, match="sealed here"):
        witnessing.add_cosignatures(agency.system, note.replace(str(size).encode(), b"3", 1) + line)


def test_a_print_is_a_witness_once_somebody_says_that_it_is_kept(agency: Agency) -> None:
    agency.system = replace(agency.system, cosigners=(PaperWitness("binder"),))
    assert witnessing.seal_and_ask(agency.system) == []
    note, size = published(agency), len(agency.leaves())
    agency.case()
    typed = note.replace(b"\n", b"\r\n") + b"\r\n"
    assert witnessing.witnessed_on_paper(agency.system, agency["aude"], name="binder", checkpoint=typed) == size
    assert last(agency) == (witnessing.ON_PAPER, "done", [])
    told = tail(agency)
    assert (told.entries, told.seen[0].size, told.seen[0].independent) == (2, size, True)
    [row] = agency.find(Cosignature)
    with agency.system.database.begin() as tx:
        tx.remove(row)
        tx.add(replace(row, entry=row.entry - 1))  # an entry that says no such thing
    assert tail(agency).seen[0].size == 0
    for forged in (replace(row, size=size + 1), replace(row, entry=99_999), replace(row, entry=0)):
        with agency.system.database.begin() as tx:
            tx.remove(*tx.find(Cosignature))
            tx.add(forged)
        assert tail(agency).seen[0].size == 0
    with agency.system.database.begin() as tx:
        tx.remove(*tx.find(Cosignature))
        tx.add(row)
    assert tail(agency).seen[0].size == size


def test_only_who_may_says_that_a_print_is_kept_and_of_a_checkpoint_of_this_log(agency: Agency) -> None:
    agency.system = replace(agency.system, cosigners=(PaperWitness("binder"),))
    note = log.seal(agency.system)
    with pytest.raises(Refused) as refused:
        witnessing.witnessed_on_paper(agency.system, agency["ines"], name="binder", checkpoint=note)
    assert "role-witnesses-on-paper" in [reason.rule_id for reason in refused.value.reasons]
    with pytest.raises(BadInput, match="no witness on paper"):
        witnessing.witnessed_on_paper(agency.system, agency["pia"], name="shoe box", checkpoint=note)
    root = note.split(b"\n")[2]
    other = note.replace(root, (b"B" if root[:1] == b"A" else b"A") + root[1:])
    with pytest.raises(Untrusted):
        witnessing.witnessed_on_paper(agency.system, agency["pia"], name="binder", checkpoint=other)
    assert tail(agency).seen[0].size == 0


def test_req_91_a_kept_checkpoint_shows_a_log_that_was_rewritten(agency: Agency) -> None:
    kept = log.seal(agency.system)
    size = len(agency.leaves())
    agency.case()
    log.seal(agency.system)
    assert witnessing.compare_checkpoint(agency.system, kept) == size
    for head in (
        tiles.TreeHead(agency.system.origin, size, b"\1" * 32),
        tiles.TreeHead(agency.system.origin, 999, b"\1" * 32),
    ):
        other = notes.sign_note(
            tiles.head_text(head),
            agency.system.origin,
            agency.system.keys.public(log.LOG),
            log.signing(agency.system, log.LOG),
        )
        with pytest.raises(LogBroken, match="did not grow"):
            witnessing.compare_checkpoint(agency.system, other)


def test_before_a_late_search_the_sealer_and_the_witness_go_first(agency: Agency, near: Near) -> None:
    agency.case()
    agency.clock.pass_by(hours=2)
    witnessing.catch_up(agency.system)
    assert tail(agency).entries == 0
    asked = near.asked
    agency.case()
    witnessing.catch_up(agency.system)  # nothing is late: nobody is asked
    assert near.asked == asked


def test_facts_say_how_many_watch_and_how_late_they_are(agency: Agency, near: Near) -> None:
    near.away = True
    witnessing.seal_and_ask(agency.system)
    agency.clock.pass_by(minutes=61)
    told = {"witnesses": 1, "min_witnesses": 0, "unwitnessed_minutes": 61, "max_unwitnessed_minutes": 60}
    with agency.system.database.look() as look:
        assert witnessing.facts_of_witnesses(agency.system, look) == told
        bare = replace(agency.system, cosigners=())
        assert witnessing.facts_of_witnesses(bare, look) == told | {"witnesses": 0, "unwitnessed_minutes": 0}
        strict = replace(agency.system, rules=replace(agency.system.rules, min_witnesses=1))
        assert witnessing.facts_of_witnesses(strict, look)["min_witnesses"] == 0  # nobody in there exists
        real = replace(strict, profile="operational")
        assert witnessing.facts_of_witnesses(real, look)["min_witnesses"] == 1


def refused_by(agency: Agency, do: Callable[[], object]) -> list[str]:
    with pytest.raises(Refused) as refused:
        do()
    return [reason.rule_id for reason in refused.value.reasons]


def test_req_93_nothing_is_searched_once_the_witnesses_are_late_and_searches_go_on_with_the_next_cosignature(
    agency: Agency, near: Near
) -> None:
    ready = agency.ready(1, 2, 3)
    assert agency.search(ready.authority).people
    near.away = True
    agency.clock.pass_by(minutes=60)
    agency.search(ready.authority)
    agency.clock.pass_by(minutes=1)
    used = agency.get(Authority, ready.authority.id).used
    assert refused_by(agency, lambda: agency.search(ready.authority)) == ["log-is-witnessed"]
    assert agency.get(Authority, ready.authority.id).used == used
    near.away = False  # the search itself asks first
    assert agency.search(ready.authority).people


def test_req_93_a_late_witness_stops_no_search_longer_than_any_pack_may_allow(agency: Agency, near: Near) -> None:
    ready = agency.ready(1, 2, 3)
    near.away = True
    agency.system = replace(agency.system, rules=replace(agency.system.rules, max_unwitnessed_minutes=100_000))
    agency.clock.pass_by(hours=7)
    assert agency.search(ready.authority).people
    with pytest.raises(ValueError, match="max_unwitnessed_minutes"):
        rules_of({"max_unwitnessed_minutes": 1561})


def test_req_91_an_operational_pack_that_asks_for_a_witness_refuses_without_one(agency: Agency) -> None:
    ready = agency.ready(1, 2, 3)
    agency.system = replace(agency.system, rules=replace(agency.system.rules, min_witnesses=1))
    assert agency.search(ready.authority).people
    agency.system = replace(agency.system, profile="operational")
    assert "log-has-a-witness" in refused_by(agency, lambda: agency.search(ready.authority))


def test_req_93_a_log_folder_that_is_gone_stops_searches_once_the_tail_is_too_old(agency: Agency, near: Near) -> None:
    """The entry is durable in the records, so an act goes on; what cannot be sealed is seen by no witness."""
    ready = agency.ready(1, 2, 3)
    witnessing.seal_and_ask(agency.system)

    class Gone(MemoryWitness):
        def publish(self, files: Mapping[str, bytes]) -> None:
            raise Fault("the published log could not be written: check its folder")

    gone = Gone()
    gone._files = agency.system.witness._files  # type: ignore[attr-defined]
    agency.system = replace(agency.system, witness=gone)
    assert agency.search(ready.authority).people
    agency.clock.pass_by(minutes=61)
    assert refused_by(agency, lambda: agency.search(ready.authority)) == ["log-is-witnessed"]


def test_a_list_says_who_watches_the_log_behind_it(agency: Agency, near: Near) -> None:
    def said(**changes: object) -> tuple[str, ...]:
        with agency.system.database.look() as look:
            return witnessing.witness_words(replace(agency.system, **changes), look)  # type: ignore[arg-type]

    witnessing.seal_and_ask(agency.system)
    assert said() == ()  # synthetic: nobody in there exists
    assert said(profile="operational") == ()
    assert "has no witness" in said(profile="operational", cosigners=())[0]
    near.reach = Reach.BUNDLED
    assert "not independent" in said(profile="operational")[0]
    agency.case()
    agency.clock.pass_by(minutes=61)
    assert "No witness has seen the last 1 entries" in said(profile="operational")[0]


def test_the_log_says_who_watches_it_and_that_a_witness_was_taken_out(agency: Agency, near: Near) -> None:
    def told() -> list[tuple[str, str]]:
        agency_log = [n for n, leaf in enumerate(agency.leaves()) if leaf["event"] == "witness.configured"]
        return [(agency.told(n)["before"][0], agency.told(n)["after"][0]) for n in agency_log]

    with_one = f"outside:{near.vkey}"
    for _ in range(2):
        witnessing.record_witnesses(agency.system)
    assert told() == [("", with_one)]
    for _ in range(2):
        witnessing.record_witnesses(replace(agency.system, cosigners=()))
    assert told() == [("", with_one), (with_one, "")]


def test_a_row_that_was_lost_comes_back_with_the_next_answer_though_the_line_is_published(
    agency: Agency, near: Near
) -> None:
    witnessing.seal_and_ask(agency.system)
    with agency.system.database.begin() as tx:
        tx.remove(*tx.find(Cosignature))
    assert tail(agency).entries == len(agency.leaves())
    assert [one.problem for one in witnessing.ask_witnesses(agency.system)] == [""]
    assert tail(agency).entries == 0


def test_before_anything_is_sealed_there_is_nothing_to_ask_for(agency: Agency, near: Near) -> None:
    assert [one.problem for one in witnessing.ask_witnesses(agency.system)] == ["nothing is sealed yet"]


def test_an_answer_without_a_cosignature_or_with_a_wrong_one_is_kept_from_the_log(
    agency: Agency, near: Near, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    note = log.seal(agency.system)
    other = watched(agency, tmp_path, "other.example/w2")
    agency.system = replace(agency.system, cosigners=(near,))
    foreign = other.add_checkpoint(question(0, (), note)).body
    agency.case()
    later = log.seal(agency.system)
    moved = cosignatures.cosign_line(note, near.keeper.key, near.keeper._private.sign, at=agency.clock.now()).encode()
    for body, said in ((foreign, "without a cosignature"), (moved, "not over this text"), (b"", "signature")):
        monkeypatch.setattr(near, "add_checkpoint", lambda _, body=body: Answer(200, "text/plain", body), raising=False)
        [asked] = witnessing.ask_witnesses(agency.system)
        assert said in asked.problem
        assert published(agency) == later
    assert agency.find(Cosignature) == []


def test_a_witness_that_comes_to_itself_may_refuse_anew_and_that_is_on_record_again(
    agency: Agency, near: Near, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refusals() -> int:
        return sum(leaf["event"] == "witness.refused" for leaf in agency.leaves())

    no = Answer(403, "text/plain", b"who are you\n")
    for times in (1, 2):
        with monkeypatch.context() as patched:
            patched.setattr(near, "add_checkpoint", lambda _: no, raising=False)
            for _ in range(2):
                witnessing.seal_and_ask(agency.system)
        assert refusals() == times
        assert [one.problem for one in witnessing.seal_and_ask(agency.system)] == [""]


def test_two_openings_at_one_moment_tell_the_log_of_its_witnesses_once(agency: Agency) -> None:
    binder = replace(agency.system, cosigners=(PaperWitness("binder"),))
    racing = beside(binder, lambda: witnessing.record_witnesses(binder))
    witnessing.record_witnesses(racing)
    assert [leaf["event"] for leaf in agency.leaves()].count("witness.configured") == 1


def test_a_checkpoint_of_ours_with_another_root_was_never_kept_here(agency: Agency) -> None:
    kept = log.seal(agency.system)
    head = tiles.read_head(notes.text_of(kept))
    forged = notes.sign_note(
        tiles.head_text(replace(head, root=b"\1" * 32)),
        agency.system.origin,
        agency.system.keys.public(log.LOG),
        log.signing(agency.system, log.LOG),
    )
    with pytest.raises(Untrusted, match="with that root was sealed here"):
        witnessing.add_cosignatures(agency.system, forged)
