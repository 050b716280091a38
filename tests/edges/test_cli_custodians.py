"""A system that custodians unlock together: made, opened with enough shares, shut again by what a reboot does to them."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

import pytest

from beholden.actions.log import opened_items
from beholden.opening import open_folder
from beholden.records.audit import Entry
from beholden.settings import read_settings
from tests.contracts.test_vault_turns import identity_file
from tests.edges.terminal import Office, Ran, run

NAMES = ("rosa", "erik", "edda")


@pytest.fixture
def recipients(tmp_path: Path) -> list[str]:
    return [identity_file(tmp_path / f"{name}.age")[1] for name in NAMES]


def init(folder: Path, recipients: list[str], *more: str) -> Ran:
    told = ("--data", str(folder / "data"), "--keys", str(folder / "keys"), "--profile", "synthetic")
    named = [word for one in recipients for word in ("--custodian", one)]
    return run("init", *told, "--administrator", "ada", "--model", "drawn:", *named, *more)


def share(folder: Path, name: str, out: Path) -> Ran:
    kek = folder / "keys" / "kek.json"
    return run(
        "keys", "share", "--kek", str(kek), "--age-key", str(folder / f"{name}.age"), "--out", str(out), "--json"
    )


def listed(folder: Path) -> Ran:
    return run("people", "list", "--data", str(folder / "data"), "--as", "ada")


def test_two_of_three_custodians_open_a_system_and_after_a_reboot_they_are_asked_again(
    tmp_path: Path, recipients: list[str]
) -> None:
    run_folder = tmp_path / "run"
    run_folder.mkdir(mode=0o700)
    made = init(tmp_path, recipients, "--threshold", "2", "--shares", str(run_folder))
    assert made.code == 0, made
    assert "2 of 3 custodians unlock the keys" in made.out
    assert f"--kek {tmp_path / 'keys' / 'kek.json'} --age-key THEIRS --out NAME.share" in made.out
    assert read_settings(tmp_path / "data").unlock == f"custodians:{run_folder}"
    assert list(run_folder.iterdir()) == [], "nothing that opens the keys was written"
    shut = listed(tmp_path)
    assert shut.code == 1
    assert f"The shares of 2 of 3 custodians are wanted in {run_folder}, and 0 are there" in shut.err
    for name in ("edda", "rosa"):
        told = share(tmp_path, name, run_folder / f"{name}.share")
        assert (told.code, told.document["threshold"]) == (0, 2)
        assert told.document["number"] == NAMES.index(name) + 1
        assert (run_folder / f"{name}.share").stat().st_mode & 0o777 == 0o600
        assert listed(tmp_path).code == (1 if name == "edda" else 0)
    assert run("check", "--data", str(tmp_path / "data"), "--as", "ada", "--new-key-epoch").code == 0
    assert listed(tmp_path).code == 0, "the shares of before open the next epoch too"
    for path in run_folder.iterdir():
        path.unlink()  # as a reboot does
    assert listed(tmp_path).code == 1
    for name in ("erik", "rosa"):
        share(tmp_path, name, run_folder / f"{name}.share")
    assert listed(tmp_path).code == 0


def test_a_share_is_written_to_a_new_file_that_is_named_as_one(tmp_path: Path, recipients: list[str]) -> None:
    init(tmp_path, recipients, "--threshold", "2", "--shares", str(tmp_path / "run"))
    wrong = share(tmp_path, "rosa", tmp_path / "rosa.txt")
    assert (wrong.code, "name it NAME.share" in wrong.document["detail"]) == (4, True)
    (tmp_path / "rosa.share").write_text("mine", encoding="utf-8")
    wrong = share(tmp_path, "rosa", tmp_path / "rosa.share")
    assert (wrong.code, "name a new one" in wrong.document["detail"]) == (4, True)
    assert (tmp_path / "rosa.share").read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize(
    ("options", "code", "says"),
    [
        (("--threshold", "2"), 2, "--custodian for each of them, --threshold and --shares together"),
        (("--shares", "RUN"), 2, "--custodian for each of them, --threshold and --shares together"),
        (("--threshold", "2", "--shares", "RUN", "--unlock-passphrase"), 2, "exactly one of"),
        (("--threshold", "1", "--shares", "RUN"), 4, "1 of 3 custodians cannot be"),
        (("--threshold", "4", "--shares", "RUN"), 4, "4 of 3 custodians cannot be"),
        (("--threshold", "2", "--shares", "DATA"), 4, "keep it elsewhere"),
        (("--threshold", "2", "--shares", "KEYS"), 4, "keep it elsewhere"),
    ],
)
def test_custodians_who_cannot_be_are_refused_before_anything_is_made(
    tmp_path: Path, recipients: list[str], options: tuple[str, ...], code: int, says: str
) -> None:
    places = {"RUN": "run", "DATA": "data/shares", "KEYS": "keys/shares"}
    given = [str(tmp_path / places[word]) if word in places else word for word in options]
    ran = init(tmp_path, recipients, *given)
    assert ran.code == code
    assert says in ran.err
    assert not (tmp_path / "data").exists()
    assert not (tmp_path / "keys").exists()


def test_no_custodians_are_asked_for_without_any(tmp_path: Path) -> None:
    ran = init(tmp_path, [], "--unlock-file", str(tmp_path / "unlock.key"), "--threshold", "2")
    assert (ran.code, "together, or none of them" in ran.err) == (2, True)
    assert not (tmp_path / "data").exists()


def changed(folder: Path, *more: str, stdin: str = "") -> Ran:
    data = ("--data", str(folder / "data"), "--as", "ada")
    return run("keys", "custodians", *data, *more, stdin=stdin)


def test_one_who_lost_their_identity_is_replaced_with_the_whole_set(tmp_path: Path, recipients: list[str]) -> None:
    run_folder = tmp_path / "run"
    run_folder.mkdir(mode=0o700)
    assert init(tmp_path, recipients, "--threshold", "2", "--shares", str(run_folder)).code == 0
    for name in ("edda", "rosa"):
        share(tmp_path, name, run_folder / f"{name}.share")
    before = (tmp_path / "keys" / "kek.json").read_bytes()
    _, emils = identity_file(tmp_path / "emil.age")
    for wrong, says in (
        (("--custodian", emils, "--threshold", "1"), "1 of 1 custodians cannot be"),
        (("--custodian", emils, "--custodian", emils, "--threshold", "2"), "named twice"),
        (("--custodian", emils, "--custodian", "age1nobody", "--threshold", "2"), "no age recipient"),
    ):
        ran = changed(tmp_path, *wrong)
        assert (ran.code, says in ran.err) == (4, True), ran
    assert (tmp_path / "keys" / "kek.json").read_bytes() == before, "nothing was changed"
    told = changed(tmp_path, "--custodian", recipients[0], "--custodian", emils, "--threshold", "2", "--json")
    assert told.code == 0, told
    assert told.document == {"custodians": [recipients[0], emils], "threshold": 2, "key_epoch": 1}
    shut = listed(tmp_path)
    assert (shut.code, "The shares of 2 of 2 custodians are wanted" in shut.err) == (1, True), (
        "the old ones open nothing"
    )
    old = share(tmp_path, "edda", tmp_path / "edda.share")
    assert (old.code, "None of the shares" in old.document["detail"]) == (1, True), "and have no share any more"
    for name in ("rosa", "emil"):
        assert share(tmp_path, name, run_folder / f"new-{name}.share").code == 0
    assert listed(tmp_path).code == 0
    with closing(open_folder(tmp_path / "data")) as system, system.database.look() as look:
        entries = [n for n, one in enumerate(look.find(Entry, order="n")) if b'"custodians.changed"' in one.leaf]
        said = [{item.name: item.value for item in opened_items(system, look, n)} for n in entries]
        outcomes = [json.loads(look.get(Entry, n).leaf)["outcome"] for n in entries]
    assert outcomes == ["begun", "failed"] * 3 + ["begun", "done"]
    for one in said[-2:]:
        assert [one[name] for name in ("custodians", "threshold")] == [[recipients[0], emils], 2]
    assert (said[-1]["epoch"], "epoch" in said[-2]) == (1, False)


def test_a_system_that_a_key_file_opens_has_no_custodians_to_change(office: Office, recipients: list[str]) -> None:
    named = [word for one in recipients for word in ("--custodian", one)]
    ran = office.run("ada", "keys", "custodians", *named, "--threshold", "2")
    assert (ran.code, "opened with a key-file" in ran.err) == (4, True)
    assert office.run("ada", "people", "list").code == 0
