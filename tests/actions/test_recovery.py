"""A lost last administrator is brought back by custodians together, never by fewer, by others, twice, late or elsewhere."""

from __future__ import annotations

from functools import partial

import pytest

from beholden.actions import people, recovery
from beholden.errors import BadInput, Missing, Untrusted
from beholden.formats import notes
from beholden.formats.recoveries import recovery_of, written
from beholden.records.disclosures import Notice
from beholden.records.people import Person, PersonState, Role
from beholden.records.recovery import Recovery, RecoveryKey
from beholden.testing.sealed_log import Signer
from tests.agency import Agency, last, rules_of

NAMES = ("kai", "kim", "kay")


@pytest.fixture
def kept(agency: Agency) -> Agency:
    """Three custodians, each with a key, and an administrator who is lost."""
    for name in NAMES:
        person, _ = people.add_person(agency.system, agency["ada"], name=name, roles=("key_custodian",))
        agency.officers[name], agency.ids[name] = people.sign_in_as(agency.system, name=name), person.id
        recovery.pin_key(agency.system, agency[name], vkey=Signer(name).vkey)
    return agency


def signed(text: str, *names: str) -> bytes:
    first, *others = (Signer(name) for name in names)
    note = notes.sign_note(text, first.name, first.public, first.sign)
    for one in others:
        note = notes.cosign(note, one.name, one.public, one.sign)
    return note


def asked(agency: Agency, name: str = "agnes") -> str:
    return recovery.request_recovery(agency.system, administrator=name)


def nobody_new(agency: Agency) -> bool:
    return not [one for one in agency.find(Person) if one.name == "agnes"]


def test_two_custodians_invite_an_administrator_who_can_work_and_oversight_is_told(kept: Agency) -> None:
    person, token = recovery.recover_administrator(kept.system, [signed(asked(kept), "kai", "kay")])
    assert (person.name, person.roles, person.state) == ("agnes", (Role.ADMINISTRATOR,), PersonState.INVITED)
    told = kept.told(kept.leaves()[-1]["n"])
    assert last(kept) == ("person.recovered", "done", [])
    assert sorted(told["custodian"]) == sorted([kept.ids["kai"], kept.ids["kay"]])
    assert [one.about for one in kept.find(Notice) if "brought back" in one.words] == [person.id]
    agnes = people.accept(kept.system, name="agnes", token=token, passphrase="a long passphrase")
    assert people.suspend_person(kept.system, agnes, person_id=kept.ids["ivo"])


def test_each_may_sign_a_copy_of_their_own(kept: Agency) -> None:
    text = asked(kept)
    assert recovery.recover_administrator(kept.system, [signed(text, "kai"), signed(text, "kim")])


def test_fewer_than_enough_do_nothing_however_often_they_sign(kept: Agency) -> None:
    text = asked(kept)
    one = signed(text, "kai")
    recover = partial(recovery.recover_administrator, kept.system)
    for given in ([one], [one, one], [one, signed(text, "kai", "stranger")]):
        assert rules_of(kept, recover, given) == ["recovery-is-signed-by-enough"]
    assert nobody_new(kept)


def test_whoever_is_no_custodian_any_more_counts_for_nothing(kept: Agency) -> None:
    recover = partial(recovery.recover_administrator, kept.system)
    people.suspend_person(kept.system, kept["ada"], person_id=kept.ids["kim"])
    assert rules_of(kept, recover, [signed(asked(kept), "kai", "kim")]) == ["recovery-is-signed-by-enough"]
    kept.change_roles("kay", "steward")
    assert rules_of(kept, recover, [signed(asked(kept), "kai", "kay")]) == ["recovery-is-signed-by-enough"]
    recovery.remove_key(kept.system, kept["kai"])
    with pytest.raises(Missing):
        recovery.remove_key(kept.system, kept["kai"])
    people.resume_person(kept.system, kept["ada"], person_id=kept.ids["kim"])
    assert rules_of(kept, recover, [signed(asked(kept), "kai", "kim")]) == ["recovery-is-signed-by-enough"]
    assert nobody_new(kept)


def test_a_request_is_good_once_for_a_week_and_for_this_system(kept: Agency) -> None:
    recover = partial(recovery.recover_administrator, kept.system)
    note = signed(asked(kept), "kai", "kim")
    assert recover([note])
    assert rules_of(kept, recover, [note]) == ["recovery-is-new"]
    late = signed(asked(kept, "agathe"), "kai", "kim")
    kept.clock.pass_by(days=7)
    assert rules_of(kept, recover, [late]) == ["recovery-is-for-here-and-now"]
    now = kept.clock.now()
    for other in (
        Recovery("beholden/operational/1a2b3c4d", "agathe", "0" * 32, now),
        Recovery(kept.system.origin, "agathe", "0" * 32, now.replace(year=2030)),
    ):
        assert rules_of(kept, recover, [signed(written(other), "kai", "kim")]) == ["recovery-is-for-here-and-now"]


def test_a_text_that_was_changed_a_bad_signature_and_several_requests_are_refused(kept: Agency) -> None:
    recover = partial(recovery.recover_administrator, kept.system)
    note = signed(asked(kept), "kai", "kim")
    for given in (
        [note.replace(b"agnes", b"eve")],
        [note, signed(asked(kept), "kai", "kim")],
        [b""],
        [b"x" * 50_000],
        [],
        [signed("another text\n", "kai", "kim")],
    ):
        with pytest.raises(Untrusted):
            recover(given)
        assert last(kept)[:2] == ("person.recovered", "failed")
    assert nobody_new(kept)


def test_a_key_is_one_custodians_own_and_takes_the_place_of_the_one_before(kept: Agency) -> None:
    pin = partial(recovery.pin_key, kept.system)
    for wrong, words in (("", "no key"), (Signer("kai").vkey, "another custodian"), ("kim+0+AA", "no key")):
        with pytest.raises(BadInput, match=words):
            pin(kept["kim"], vkey=wrong)
    taken = notes.vkey("kim2", Signer("kai").public)
    with pytest.raises(BadInput, match="another custodian"):
        pin(kept["kim"], vkey=taken)
    pin(kept["kim"], vkey=Signer("kim", "new").vkey)
    assert len(kept.find(RecoveryKey)) == 3
    recover = partial(recovery.recover_administrator, kept.system)
    text = asked(kept)
    assert rules_of(kept, recover, [signed(text, "kai", "kim")]) == ["recovery-is-signed-by-enough"]
    anew = Signer("kim", "new")
    assert recover([signed(text, "kai"), notes.sign_note(text, "kim", anew.public, anew.sign)])
    assert rules_of(kept, pin, kept["ines"], vkey=Signer("ines").vkey) == ["role-custodian-pins-own-key"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "beholden/recovery/v1\n",
        "beholden/recovery/v1\n[]\n",
        'beholden/recovery/v1\n{"administrator":"a","at":"2026-11-22T09:00:00.000Z","nonce":"0","origin":"o"}\n',
        'beholden/recovery/v1\n{"administrator":"a","at":"soon","nonce":"00000000000000000000000000000000","origin":"o"}\n',
        'beholden/recovery/v1\n{"administrator":7,"at":"2026-11-22T09:00:00.000Z","nonce":"0","origin":"o"}\n',
        'beholden/recovery/v1\n{ "administrator":"a","at":"2026-11-22T09:00:00.000Z",'
        '"nonce":"00000000000000000000000000000000","origin":"o"}\n',
    ],
)
def test_what_is_no_request_is_not_taken_for_one(text: str) -> None:
    with pytest.raises(Untrusted):
        recovery_of(text)


def test_what_is_asked_reads_as_it_was_written_and_names_somebody(kept: Agency) -> None:
    there = recovery.read_request(asked(kept, " agnes "))
    assert (there.administrator, there.origin, there.at) == ("agnes", kept.system.origin, kept.clock.now())
    with pytest.raises(BadInput, match="needs a name"):
        asked(kept, " ")
