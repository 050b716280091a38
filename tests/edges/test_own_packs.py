"""A policy pack of an agency's own: made with it, tightened at once, loosened only after the notice period."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from beholden import opening
from beholden.actions import version
from beholden.clock import WallClock
from beholden.errors import Untrusted, WrongVersion
from beholden.opening import open_folder
from beholden.policy import files, packs, pinned
from beholden.policy.files import FLOOR
from beholden.ports.policy import Pack
from beholden.records.disclosures import OVERSIGHT, Notice
from beholden.settings import read_settings
from tests.edges.terminal import Office, Ran, run

RULE = """@id("our-lists-are-short")
@source("order 7 of the agency")
forbid (principal, action == Action::"search.started", resource)
when { context.limit > 10 };
"""
WORDS = {
    "en": '\n[rules.our-lists-are-short]\nwhy = "A list of more than ten is asked for."\nhow = "Ask for ten at most."\n',
    "fr": '\n[rules.our-lists-are-short]\nwhy = "Une liste de plus de dix est demandée."\nhow = "Demandez-en dix au plus."\n',
}
Change = Callable[[Path], None]


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1))


def own(folder: Path, name: str = "unit-4", *changes: Change) -> Path:
    """A pack of the agency's own, which is ca-2020 with one more rule."""
    pack = Path(shutil.copytree(packs.shipped("ca-2020"), folder / "packs" / f"{name}-{len(changes)}"))
    edit(pack / "pack.toml", 'name = "ca-2020"', f'name = "{name}"')
    (pack / "policy.cedar").write_text(RULE)
    for language, words in WORDS.items():
        file = pack / f"words.{language}.toml"
        file.write_text(file.read_text() + words)
    for change in changes:
        change(pack)
    return pack


def with_a_purpose_more(pack: Path) -> None:
    edit(pack / "pack.toml", '"imminent-threat"]', '"imminent-threat", "missing-person"]')
    edit(pack / "pack.toml", "[numbers]", 'missing-person = ["other"]\n\n[numbers]')
    edit(pack / "words.en.toml", "[purposes]", '[purposes]\nmissing-person = "A missing person"')


def with_shorter_lists(pack: Path) -> None:
    edit(pack / "pack.toml", "max_candidates = 50", "max_candidates = 30")


def init(folder: Path, policy: object) -> Ran:
    return run(
        *("init", "--data", str(folder / "data"), "--keys", str(folder / "keys"), "--profile", "synthetic"),
        *("--administrator", "ada", "--unlock-file", str(folder / "unlock.key"), "--model", "drawn:"),
        *("--policy", str(policy), "--json"),
    )


def signed(office: Office, pack: object) -> Path:
    note = office.folder / f"{Path(str(pack)).name}.note"
    for body in ("agency", "oversight"):
        key = office.folder / "keys" / "handover" / f"{body}.pem"
        assert run("policy", "sign", str(note), "--key", str(key), "--name", body, "--pack", str(pack)).code == 0
    return note


def adopt(office: Office, pack: object) -> Any:
    note = signed(office, pack)
    ran = run("policy", "adopt", str(note), "--pack", str(pack), "--data", str(office.data), "--json")
    assert ran.code == 0, ran
    return ran.document


def in_force(office: Office) -> str:
    """The pack under which the next opening works, and which the log says is in force."""
    system = open_folder(office.data)
    try:
        with system.database.look() as look:
            pack = system.policy.pack
            assert version.in_force(system, look) == f"{pack.name}@{pack.digest}"
        return pack.name
    finally:
        system.close()


def told(office: Office) -> list[str]:
    """The notices for the oversight body."""
    system = open_folder(office.data)
    try:
        with system.database.look() as look:
            return [one.words for one in look.find(Notice, recipient=OVERSIGHT)]
    finally:
        system.close()


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[timedelta], None]:
    """From now on, the clock of this machine is ahead by so much."""

    def put(by: timedelta) -> None:
        monkeypatch.setattr(WallClock, "now", lambda _: datetime.now(UTC).replace(microsecond=0) + by)

    return put


@pytest.fixture
def with_own(tmp_path: Path) -> Office:
    assert init(tmp_path, own(tmp_path)).code == 0
    return Office(tmp_path)


@pytest.mark.parametrize("name", sorted(packs.SHIPPED))
def test_a_system_is_made_with_each_pack_that_ships_and_opens_with_it(tmp_path: Path, name: str) -> None:
    assert init(tmp_path, name).code == 0
    assert read_settings(tmp_path / "data").pack == name
    assert in_force(Office(tmp_path)) == name
    shown = run("policy", "show", "--data", str(tmp_path / "data"), "--json").document
    assert (shown["pack"], shown["in_force"], shown["kept"]) == (f"{name}@{packs.SHIPPED[name]}", True, [])


def test_a_system_is_made_with_a_pack_of_the_agencys_own_which_it_keeps_with_its_floor(with_own: Office) -> None:
    pack = with_own.folder / "packs" / "unit-4-0"
    name = f"unit-4@{packs.digest(pack)}"
    assert read_settings(with_own.data).pack == name
    shutil.rmtree(pack)
    assert in_force(with_own) == "unit-4"
    kept = with_own.data / "policy" / name
    assert {path.name for path in kept.iterdir()} == {
        "floor",
        *(f"words.{one}.toml" for one in ("en", "fr")),
        "pack.toml",
        "policy.cedar",
    }
    assert (kept / "floor" / "searches.cedar").read_bytes() == (FLOOR / "searches.cedar").read_bytes()
    shown = run("policy", "show", "--data", str(with_own.data), "--json").document
    assert (shown["in_force"], shown["kept"]) == (True, [name])


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda pack: edit(pack / "pack.toml", 'name = "unit-4"', 'name = "ca-2020"'), "a name of its own"),
        (lambda pack: edit(pack / "pack.toml", "max_leads = 2", "max_leads = 3"), "loosens 'max_leads'"),
        (lambda pack: edit(pack / "policy.cedar", "forbid", "permit"), "permits something"),
    ],
)
def test_a_system_is_not_made_with_a_pack_that_cannot_be_used(tmp_path: Path, spoil: Change, says: str) -> None:
    ran = init(tmp_path, own(tmp_path, "unit-4", spoil))
    assert ran.code in (1, 4)
    assert says in ran.out
    assert not (tmp_path / "data").exists()
    assert init(tmp_path, tmp_path / "nowhere").code == 4


def test_a_tighter_pack_is_in_force_at_once_and_on_record(with_own: Office) -> None:
    document = adopt(with_own, own(with_own.folder, "unit-4", with_shorter_lists))
    assert (document["begins_at"], document["looser"], document["on_record"]) == (None, [], True)
    system = open_folder(with_own.data)
    try:
        assert system.rules.max_candidates == 30
    finally:
        system.close()
    assert told(with_own) == []
    assert len(run("policy", "show", "--data", str(with_own.data), "--json").document["kept"]) == 2


def test_req_10_a_looser_pack_waits_for_its_notice_period_and_oversight_is_told(
    with_own: Office, later: Callable[[timedelta], None]
) -> None:
    looser = own(with_own.folder, "unit-4", with_a_purpose_more)
    document = adopt(with_own, looser)
    assert document["looser"] == ["purpose missing-person", "role missing-person: other"]
    begins_at = datetime.fromisoformat(document["begins_at"])
    assert timedelta(days=13, hours=23) < begins_at - datetime.now(UTC) <= timedelta(days=14)
    shown = ("policy", "show", "--data", str(with_own.data))
    assert run(*shown, "--json").document["waits"] == {
        "pack": document["after"],
        "begins_at": begins_at.isoformat(),
    }
    assert f"it is in force from {begins_at:%Y-%m-%d %H:%M} UTC on" in " ".join(run(*shown).out.split())
    [words] = told(with_own)
    assert "purpose missing-person" in words
    assert f"{begins_at:%Y-%m-%d %H:%M} UTC" in words

    def purposes() -> tuple[str, ...]:
        system = open_folder(with_own.data)
        try:
            return system.policy.pack.purposes
        finally:
            system.close()

    assert "missing-person" not in purposes()
    later(timedelta(days=13, hours=23))
    assert "missing-person" not in purposes()
    later(timedelta(days=14, minutes=1))
    assert "missing-person" in purposes()
    assert in_force(with_own) == "unit-4"
    assert run(*shown, "--json").document["waits"] is None, "it is in force"
    assert "No looser pack waits." in run(*shown).out
    later(timedelta(0))
    assert "missing-person" in purposes(), "what is on record as in force stays so, whatever the clock says then"


def test_where_the_keys_do_not_open_the_packs_are_shown_and_that_what_waits_is_not_read(with_own: Office) -> None:
    (with_own.folder / "unlock.key").rename(with_own.folder / "elsewhere.key")
    shown = run("policy", "show", "--data", str(with_own.data), "--json")
    assert (shown.code, shown.document["in_force"], shown.document["waits"]) == (0, True, None)
    assert "unlock.key" in shown.document["unread"]


def test_settings_that_name_a_looser_pack_put_it_not_in_force(with_own: Office) -> None:
    """Both bodies signed it, it lies in the folder, and it waits: an editor is not enough."""
    before = read_settings(with_own.data).pack
    document = adopt(with_own, own(with_own.folder, "unit-4", with_a_purpose_more))
    settings = with_own.data / "beholden.toml"
    edit(settings, before, document["after"])
    with pytest.raises(Untrusted, match=r"which is looser than unit-4@.*purpose missing-person"):
        open_folder(with_own.data)
    edit(settings, document["after"], before)
    assert in_force(with_own) == "unit-4"


def test_a_pack_that_was_in_force_once_does_not_come_back_by_an_editor(with_own: Office) -> None:
    before = read_settings(with_own.data).pack
    adopt(with_own, own(with_own.folder, "unit-4", with_shorter_lists))
    after = read_settings(with_own.data).pack
    assert before != after
    edit(with_own.data / "beholden.toml", after, before)
    with pytest.raises(Untrusted, match="number max_candidates"):
        open_folder(with_own.data)


def test_what_was_announced_is_called_off_by_adopting_the_pack_in_force_again(
    with_own: Office, later: Callable[[timedelta], None]
) -> None:
    waits = adopt(with_own, own(with_own.folder, "unit-4", with_a_purpose_more))["after"]
    document = adopt(with_own, with_own.folder / "packs" / "unit-4-0")
    assert (document["called_off"], document["begins_at"]) == (waits, None)
    assert sum("called off" in words for words in told(with_own)) == 1
    later(timedelta(days=20))
    system = open_folder(with_own.data)
    try:
        assert "missing-person" not in system.policy.pack.purposes
        assert version.waiting(system) is None
    finally:
        system.close()


def test_a_tighter_pack_takes_the_place_of_the_one_that_waits(
    with_own: Office, later: Callable[[timedelta], None]
) -> None:
    adopt(with_own, own(with_own.folder, "unit-4", with_a_purpose_more))
    adopt(with_own, own(with_own.folder, "unit-4", with_shorter_lists, lambda _: None))
    later(timedelta(days=20))
    system = open_folder(with_own.data)
    try:
        assert "missing-person" not in system.policy.pack.purposes
        assert system.rules.max_candidates == 30
    finally:
        system.close()


def test_the_pack_in_force_says_how_long_a_looser_one_waits(tmp_path: Path) -> None:
    pack = own(tmp_path, "unit-4", lambda one: edit(one / "pack.toml", "[numbers]", "[numbers]\nnotice_days = 40"))
    assert init(tmp_path, pack).code == 0
    begins_at = adopt(Office(tmp_path), "ca-2020")["begins_at"]
    assert datetime.fromisoformat(begins_at) - datetime.now(UTC) > timedelta(days=39)
    assert read_settings(tmp_path / "data").pack.startswith("unit-4@")


def test_a_waiting_pack_whose_files_were_lost_comes_not_into_force_and_stops_nothing(
    with_own: Office, later: Callable[[timedelta], None]
) -> None:
    document = adopt(with_own, own(with_own.folder, "unit-4", with_a_purpose_more))
    shutil.rmtree(with_own.data / "policy" / document["after"])
    later(timedelta(days=20))
    before = read_settings(with_own.data).pack
    assert in_force(with_own) == "unit-4"
    assert read_settings(with_own.data).pack == before


def test_a_pack_of_ones_own_that_was_edited_in_the_data_folder_opens_nothing(with_own: Office) -> None:
    kept = with_own.data / "policy" / read_settings(with_own.data).pack
    edit(kept / "policy.cedar", "> 10", "> 40")
    with pytest.raises(Untrusted):
        open_folder(with_own.data)
    edit(kept / "policy.cedar", "> 40", "> 10")
    edit(kept / "floor" / "searches.cedar", "> 50", "> 60")
    with pytest.raises(Untrusted, match=r"floor/searches\.cedar"):
        open_folder(with_own.data)


def test_a_pack_in_force_that_was_edited_is_compared_with_nothing_and_gives_way_to_nothing(with_own: Office) -> None:
    before = read_settings(with_own.data).pack
    kept = with_own.data / "policy" / before
    edit(kept / "policy.cedar", "> 10", "> 40")
    pack = own(with_own.folder, "unit-4", with_a_purpose_more)
    note = signed(with_own, pack)
    for spoil in (lambda: None, lambda: shutil.rmtree(kept)):
        spoil()
        ran = run("policy", "adopt", str(note), "--pack", str(pack), "--data", str(with_own.data))
        assert (ran.code, "restore" in ran.err) == (1, True)
    assert read_settings(with_own.data).pack == before


def test_a_version_with_another_floor_takes_the_agencys_own_pack_signed_anew(
    with_own: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = read_settings(with_own.data).pack
    floor = Path(shutil.copytree(FLOOR, with_own.folder / "floor"))
    edit(floor / "searches.cedar", "context.limit > 50", "context.limit > 60")
    monkeypatch.setattr(files, "FLOOR", floor)
    with pytest.raises(Untrusted, match=r"another version's, or was edited \(floor/searches\.cedar\)"):
        open_folder(with_own.data)
    document = adopt(with_own, with_own.folder / "packs" / "unit-4-0")
    assert (document["before"], document["looser"], document["begins_at"]) == (before, [], None)
    assert document["after"] != before
    assert in_force(with_own) == "unit-4"


def test_a_folder_that_changes_while_it_is_read_is_not_taken_in(
    with_own: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    pack = own(with_own.folder, "unit-4", with_shorter_lists)
    note, read_then = signed(with_own, pack), pinned.take_in

    def and_then_edited(data: Path, folder: Path, read: Pack) -> str:
        edit(folder / "policy.cedar", "> 10", "> 40")
        return read_then(data, folder, read)

    monkeypatch.setattr(pinned, "take_in", and_then_edited)
    ran = run("policy", "adopt", str(note), "--pack", str(pack), "--data", str(with_own.data))
    assert (ran.code, "changed while it was read" in ran.err) == (1, True)
    assert in_force(with_own) == "unit-4"


def test_what_a_crash_left_of_a_copy_is_written_over(with_own: Office) -> None:
    pack = own(with_own.folder, "unit-4", with_shorter_lists)
    left = with_own.data / "policy" / f"unit-4@{packs.digest(pack)}.part"
    left.mkdir()
    (left / "pack.toml").write_text("half of")
    assert adopt(with_own, pack)["begins_at"] is None
    assert not left.exists()


def test_a_pack_of_ones_own_waits_for_the_tables_as_every_other(
    with_own: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    def too_old(*_: object) -> None:
        raise WrongVersion("the tables wait")

    pack = own(with_own.folder, "unit-4", with_shorter_lists)
    with monkeypatch.context() as then:
        then.setattr(opening, "open_checked", too_old)
        assert adopt(with_own, pack)["on_record"] is False
    assert in_force(with_own) == "unit-4"
    assert read_settings(with_own.data).pack == f"unit-4@{packs.digest(pack)}"


def test_a_damaged_copy_is_written_anew_when_the_pack_is_adopted_again(with_own: Office) -> None:
    kept = with_own.data / "policy" / read_settings(with_own.data).pack
    edit(kept / "policy.cedar", "> 10", "> 40")
    assert adopt(with_own, with_own.folder / "packs" / "unit-4-0")["begins_at"] is None
    assert in_force(with_own) == "unit-4"


def test_one_signature_puts_no_pack_of_ones_own_in_force(with_own: Office) -> None:
    pack = own(with_own.folder, "unit-4", with_shorter_lists)
    note = with_own.folder / "one.note"
    key = with_own.folder / "keys" / "handover" / "agency.pem"
    assert run("policy", "sign", str(note), "--key", str(key), "--name", "agency", "--pack", str(pack)).code == 0
    ran = run("policy", "adopt", str(note), "--pack", str(pack), "--data", str(with_own.data))
    assert (ran.code, "no valid signature of the oversight body" in ran.err) == (1, True)
    assert run("policy", "show", "--data", str(with_own.data), "--json").document["kept"] == [
        read_settings(with_own.data).pack
    ]


def test_the_other_pack_is_not_meant_by_a_note(with_own: Office) -> None:
    note = signed(with_own, own(with_own.folder, "unit-4", with_shorter_lists))
    ran = run("policy", "adopt", str(note), "--pack", "ca-2020", "--data", str(with_own.data))
    assert (ran.code, "what the agency and the oversight body signed is unit-4@" in ran.err) == (1, True)
