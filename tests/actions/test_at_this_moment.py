"""What another process does at the very moment, and a key that is gone: whoever comes second is told, and nothing is done twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from beholden.actions import audit, expire, exporting, log, orders, proofs, review, sequester, witnessing
from beholden.actions.audit import Act, act
from beholden.actions.exigent import begin_exigent, exigent
from beholden.actions.gone import taken_like
from beholden.actions.initialise import initialise
from beholden.errors import BadInput, Changed, Fault, IndexIncomplete, KeyDestroyed, Missing, SignInRefused, Untrusted
from beholden.formats import notes, tiles
from beholden.opening import open_system
from beholden.ports.database import Database, Look, Transaction
from beholden.records.authority import Authority, AuthorityState
from beholden.records.erasure import ErasureState
from beholden.records.faces import Face
from beholden.records.orders import Order
from beholden.records.people import Person, Role
from beholden.records.sequestration import Sequestration, SequestrationState
from beholden.testing.drawn import draw
from beholden.witness.asking import PaperWitness
from tests.agency import Agency, last, the_policy
from tests.exigent_story import WHY, begun
from tests.oversight_body import order, pins


class Meanwhile:
    """The real database; before the first write begins, somebody else does something there."""

    def __init__(self, real: Database, other: Callable[[], object]) -> None:
        self.real = real
        self.others = [other]

    @contextmanager
    def look(self) -> Iterator[Look]:
        with self.real.look() as look:
            yield look

    @contextmanager
    def begin(self, **how: Any) -> Iterator[Transaction]:
        if self.others:
            self.others.pop()()
        with self.real.begin(**how) as tx:
            yield tx

    def __getattr__(self, name: str) -> Any:
        return getattr(self.real, name)


def beside(agency: Agency, other: Callable[[], object]) -> Any:
    """The system of a process beside which another one does this."""
    return replace(agency.system, database=Meanwhile(agency.system.database, other))


def test_req_95_of_two_orders_at_one_moment_the_older_one_is_not_carried_out(agency: Agency) -> None:
    notes_of = {n: order("stop", "system", number=n, origin=agency.system.origin) for n in (1, 2)}
    racing = beside(agency, lambda: orders.apply_order(agency.system, notes_of[2]))
    with pytest.raises(Changed, match="at this very moment"):
        orders.apply_order(racing, notes_of[1])
    assert last(agency) == ("order.applied", "failed", [])
    assert [one.number for one in agency.find(Order)] == [2]


def test_two_openings_at_one_moment_tell_the_log_of_its_witnesses_once(agency: Agency) -> None:
    watched = replace(agency.system, cosigners=(PaperWitness("binder"),))
    racing = replace(watched, database=Meanwhile(watched.database, lambda: witnessing.record_witnesses(watched)))
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


def test_req_23_a_sequestration_that_another_process_finishes_at_this_moment_is_finished_once(agency: Agency) -> None:
    there, _ = begun(agency, 1, 2, 3)
    with agency.system.database.begin() as tx:
        taken = sequester.take(agency.system, tx, there, agency.clock.at)
    assert taken is not None
    racing = beside(agency, lambda: sequester.finish_sequestrations(agency.system))
    assert sequester.finish_sequestrations(racing) == 0
    one = agency.get(Sequestration, taken.id)
    assert one.state is SequestrationState.SEALED
    sealed = [leaf for leaf in agency.leaves() if (leaf["event"], leaf["outcome"]) == ("sequestration.sealed", "done")]
    assert len(sealed) == 1


def test_req_23_a_receipt_that_cannot_be_signed_is_told_and_made_the_next_time(agency: Agency) -> None:
    there, _ = begun(agency, 1, 2, 3)
    with agency.system.database.begin() as tx:
        taken = sequester.take(agency.system, tx, there, agency.clock.at)
    assert taken is not None

    class Unsigning:
        def __getattr__(self, name: str) -> Any:
            return getattr(agency.system.keys, name)

        def sign(self, signer: str, message: bytes) -> bytes:
            if signer == "receipts":
                raise Fault("the key of the receipts cannot be read")
            return agency.system.keys.sign(signer, message)

    with pytest.raises(Fault, match="key of the receipts"):
        sequester.finish_sequestrations(replace(agency.system, keys=Unsigning()))
    assert agency.get(Sequestration, taken.id).state is SequestrationState.CLEAN
    assert sequester.finish_sequestrations(agency.system) == 1
    assert agency.get(Sequestration, taken.id).receipt


def test_authorities_that_end_by_the_hundred_are_ended_a_few_at_a_time(
    agency: Agency, monkeypatch: pytest.MonkeyPatch
) -> None:
    ready = agency.ready(1)
    other = agency.sought(ready.case, draw(2, seed=3))
    agency.approve(agency.request(ready.case, other, ready.gallery))
    monkeypatch.setattr(expire, "AT_A_TIME", 1)
    agency.clock.pass_by(hours=25)
    assert expire.expire_authorities(agency.system) == 2
    assert {one.state for one in agency.find(Authority)} == {AuthorityState.EXPIRED}
    assert expire.expire_authorities(agency.system) == 0


def test_each_search_before_approval_is_shown_by_its_own_id(agency: Agency) -> None:
    first, _ = begun(agency, 1, 2)
    case_id = agency.get(Authority, first.authority_id).case_id
    told = {"ground": first.ground, "reason": WHY, "place": "unknown", "time": "unknown"}
    another = agency.sought(agency.find(type(agency.case()), id=case_id)[0], draw(4, seed=2))
    second = begin_exigent(
        agency.system, agency["ines"], case_id=case_id, sought_id=another.id, incident_id=first.id, **told
    )
    for one in (first, second):
        assert exigent(agency.system, agency["ines"], exigent_id=one.id).exigent == one


def test_a_number_that_the_policy_could_not_count_with_is_bad_input_on_record(agency: Agency) -> None:
    with (
        pytest.raises(BadInput, match="far too large"),
        act(agency.system, "index.rebuilt", agency["ada"]) as doing,
        doing.begin(),
    ):
        doing.permit(searches=1 << 62)
    assert last(agency) == ("index.rebuilt", "failed", [])


def test_what_is_asked_before_any_record_was_read_has_the_facts_of_no_record(agency: Agency) -> None:
    doing = Act(agency.system, "index.rebuilt", None)
    with agency.system.database.look() as look:
        doing.acts_as(audit.signed_in(look, agency["ines"], agency.clock.at))
    assert doing.refused_by() == {"role-administrator-keeps-stores"}


def test_in_a_transaction_that_others_share_a_key_that_is_gone_stops_all_of_them(agency: Agency) -> None:
    doing = Act(agency.system, "index.rebuilt", agency["ada"])
    before = len(agency.leaves())
    agency.system.keys.destroy([audit.SYSTEM])
    with pytest.raises(KeyDestroyed), agency.system.database.begin() as tx, doing.within(tx):
        doing.stopped(Fault("the index is not what it was"), tx)
    assert len(agency.leaves()) == before


def test_a_system_whose_first_attempt_ended_after_its_key_was_made_is_made_all_the_same() -> None:
    system = open_system(model="drawn:", policy=the_policy())
    system.keys.create([audit.SYSTEM])
    assert initialise(system, administrator="ada", signers=pins())
    with system.database.look() as look:
        assert look.count(Order) == 0
    system.database.close()


def test_who_became_a_privacy_officer_with_a_list_open_has_no_log_before_the_opinion(
    agency: Agency, tmp_path: Path
) -> None:
    found = agency.search(agency.ready(1, 2).authority)
    review.open_review(agency.system, agency["rosa"], search_id=found.id)
    agency.change(agency.get(Person, agency.ids["rosa"]), roles=(Role.PRIVACY_OFFICER,))
    with pytest.raises(Missing, match="lock the opinion that you owe first"):
        exporting.export(agency.system, agency["rosa"], folder=tmp_path / "bundle")
    assert last(agency) == ("log.exported", "failed", [])
    assert not (tmp_path / "bundle").exists()
    with pytest.raises(Missing, match="lock the opinion that you owe first"):
        proofs.prove_entry(agency.system, agency["rosa"], n=0)
    assert last(agency) == ("entry.proven", "failed", [])


def test_a_sequestered_record_is_named_by_its_beginning_to_who_is_signed_in(agency: Agency) -> None:
    there, found = begun(agency, 1, 2, 3)
    with agency.system.database.begin() as tx:
        sequester.take(agency.system, tx, there, agency.clock.at)
    assert taken_like(agency.system, agency["ines"], found.id[:8]) == found.id
    assert taken_like(agency.system, agency["ines"], "nothing begins so") == ""
    with pytest.raises(SignInRefused):
        taken_like(agency.system, replace(agency["ines"], session="nobody's"), found.id[:8])


def test_an_erasure_whose_index_turns_out_to_be_incomplete_makes_it_anew_and_has_its_receipt(agency: Agency) -> None:
    ready = agency.ready(1, 2, 3)
    agency.search(ready.authority)
    face = agency.find(Face, order="face_no")[0]

    class Damaged:
        def __init__(self) -> None:
            self.forgotten = 0

        def __getattr__(self, name: str) -> Any:
            return getattr(agency.system.index, name)

        def nearest(self, *_: object, **__: object) -> Any:
            raise IndexIncomplete("a sealed copy of the index is damaged")

        def forget(self) -> None:
            self.forgotten += 1
            agency.system.index.forget()

    damaged = Damaged()
    done = agency.with_parts(index=damaged).erase(face.id)
    assert (damaged.forgotten, done.state, bool(done.receipt)) == (1, ErasureState.ERASED, True)
    assert agency.search(ready.authority).people == 2
