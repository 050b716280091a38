"""A vault that custodians open together: any that are enough, over key epochs, and nobody with one share too few."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path

import pyrage
import pytest

from beholden.durable import write_whole
from beholden.errors import BadInput, Locked
from beholden.keys.vault import Vault, open_share
from beholden.keys.wrapping import Custodians, KeyFile, Share
from tests.contracts.test_vault_turns import bytes_of, identity_file

NAMES = ("rosa", "erik", "edda")


@pytest.fixture
def custodians(tmp_path: Path) -> dict[str, tuple[Path, str]]:
    return {name: identity_file(tmp_path / f"{name}.age") for name in NAMES}


@pytest.fixture
def keys(tmp_path: Path, custodians: dict[str, tuple[Path, str]]) -> Path:
    """A vault that any two of three open, with a record's key in it."""
    made = Custodians.make(tmp_path / "shares", [name for _, name in custodians.values()], 2)
    vault = Vault.make(tmp_path / "keys", made, patience_s=0.2)
    vault.create(["a"])
    vault.close()
    return tmp_path / "keys"


def bring(keys: Path, folder: Path, identities: Sequence[Path]) -> Custodians:
    """Each of these custodians opens their share and puts it into the folder."""
    folder.mkdir(exist_ok=True)
    for identity in identities:
        write_whole(folder / f"{identity.stem}.share", open_share(keys / "kek.json", identity).written())
    return Custodians(folder)


def test_any_two_of_three_open_it_and_one_alone_does_not(
    tmp_path: Path, keys: Path, custodians: dict[str, tuple[Path, str]]
) -> None:
    for number, chosen in enumerate(combinations(custodians, 2)):
        folder = tmp_path / f"shares {number}"
        for waiting, name in enumerate(chosen):
            with pytest.raises(
                Locked, match=rf"shares of 2 of 3 custodians are wanted in .*, and {waiting} (is|are) there"
            ):
                Vault(keys, Custodians(folder))
            bring(keys, folder, [custodians[name][0]])
        vault = Vault(keys, Custodians(folder))
        assert vault.open("a", vault.seal("a", b"x", "c"), "c") == b"x"
        vault.close()
    everybody = bring(keys, tmp_path / "all", [path for path, _ in custodians.values()])
    Vault(keys, everybody).close()


def test_shares_open_it_in_the_next_key_epoch_too_which_the_custodians_need_not_attend(
    tmp_path: Path, keys: Path, custodians: dict[str, tuple[Path, str]]
) -> None:
    (rosa, _), (erik, _), (edda, _) = custodians.values()
    vault = Vault(keys, bring(keys, tmp_path / "shares", [rosa, erik]))
    sealed = vault.seal("a", b"x", "c")
    before = json.loads((keys / "kek.json").read_bytes())
    assert vault.rotate_kek() == 1
    assert vault.rotate_kek() == 2
    vault.close()
    now = json.loads((keys / "kek.json").read_bytes())
    assert now["wrapped"]["shares"] == before["wrapped"]["shares"]
    assert now["wrapped"]["kek"] != before["wrapped"]["kek"]
    Vault(keys, Custodians(tmp_path / "shares")).close()  # with the shares of then
    vault = Vault(keys, bring(keys, tmp_path / "others", [erik, edda]))  # opened out of the new file
    assert vault.open("a", sealed, "c") == b"x"
    vault.close()


def test_another_set_of_custodians_takes_the_place_of_the_old_one(
    tmp_path: Path, keys: Path, custodians: dict[str, tuple[Path, str]]
) -> None:
    (rosa, _), (erik, erik_name), (edda, edda_name) = custodians.values()
    old = bring(keys, tmp_path / "shares", [rosa, erik])
    vault = Vault(keys, old)
    with pytest.raises(BadInput, match="Who the custodians are is not said"):
        vault.rotate_kek(Custodians(tmp_path / "shares"))
    vault.rotate_kek(Custodians.make(tmp_path / "new", [erik_name, edda_name], 2))
    vault.close()
    with pytest.raises(Locked, match=r"2 of 2 custodians are wanted .* 0 are there"):
        Vault(keys, old)
    with pytest.raises(Locked, match="None of the shares"):
        open_share(keys / "kek.json", rosa)
    Vault(keys, bring(keys, tmp_path / "new", [erik, edda])).close()


def test_neither_the_secret_nor_a_share_lies_in_the_key_folder(
    tmp_path: Path, keys: Path, custodians: dict[str, tuple[Path, str]]
) -> None:
    shares = [open_share(keys / "kek.json", path) for path, _ in custodians.values()]
    assert sorted(one.number for one in shares) == [1, 2, 3]
    assert {one.threshold for one in shares} == {2}
    there = bytes_of(keys)
    for one in shares:
        assert one.value not in there
        assert one.value.hex().encode() not in there
        assert Share.read(one.written()) == one
    made = Custodians.make(tmp_path / "shares", [name for _, name in custodians.values()], 2)
    assert made.made.hex() not in repr(made)
    assert repr(made.made) not in repr(made)


def test_shares_that_are_not_of_this_vault_or_not_whole_open_nothing(
    tmp_path: Path, keys: Path, custodians: dict[str, tuple[Path, str]]
) -> None:
    (rosa, _), (erik, _), _ = custodians.values()
    folder = tmp_path / "shares"
    opened = bring(keys, folder, [rosa])
    ours = open_share(keys / "kek.json", erik)
    write_whole(folder / "other.share", Share("ff" * 8, 2, 2, bytes(32)).written())
    with pytest.raises(Locked, match="and 1 is there"):
        Vault(keys, opened)
    write_whole(folder / "other.share", Share(ours.set, 2, ours.number, bytes(32)).written())
    with pytest.raises(Locked, match="do not open this folder's keys"):
        Vault(keys, opened)
    for text in (
        b"",
        b"[]",
        b"{}",
        b'{"format": "beholden/share/v1"}',
        ours.written().replace(b'"number": 2', b'"number": 0'),
    ):
        write_whole(folder / "other.share", text)
        with pytest.raises(Locked, match="is no share of a custodian"):
            Vault(keys, opened)
    write_whole(folder / "other.share", Share(ours.set, 2, ours.number, b"short").written())
    with pytest.raises(Locked, match="is no share of a custodian"):
        Vault(keys, opened)
    write_whole(folder / "other.share", ours.written())
    (folder / "other.share").chmod(0o644)
    with pytest.raises(Locked, match="Others can read the share"):
        Vault(keys, opened)
    (folder / "other.share").chmod(0o600)
    Vault(keys, opened).close()


def test_a_share_is_opened_by_its_custodian_only_and_out_of_a_file_that_has_shares(
    tmp_path: Path, keys: Path, custodians: dict[str, tuple[Path, str]]
) -> None:
    stranger, _ = identity_file(tmp_path / "stranger.age")
    with pytest.raises(Locked, match=r"None of the shares in that kek\.json is for the age identity"):
        open_share(keys / "kek.json", stranger)
    write_whole(tmp_path / "garbled.age", b"AGE-SECRET-KEY-1GARBLED\n")
    with pytest.raises(Locked, match="holds no age identity"):
        open_share(keys / "kek.json", tmp_path / "garbled.age")
    with pytest.raises(BadInput, match=r"is no kek\.json"):
        open_share(tmp_path / "nothing.json", stranger)
    Vault.make(tmp_path / "more", KeyFile.make(tmp_path / "unlock.key")).close()
    with pytest.raises(BadInput, match="opened with a key-file, and not by custodians"):
        open_share(tmp_path / "more" / "kek.json", stranger)
    with pytest.raises(Locked, match="opened with a custodians, not with a key-file"):
        Vault(keys, KeyFile(tmp_path / "unlock.key"))


@pytest.mark.parametrize(("count", "threshold"), [(3, 1), (3, 4), (1, 1), (0, 0), (21, 2)])
def test_a_set_in_which_one_is_enough_or_too_many_are_asked_for_is_refused(
    tmp_path: Path, count: int, threshold: int
) -> None:
    names = [str(pyrage.x25519.Identity.generate().to_public()) for _ in range(count)]
    with pytest.raises(BadInput, match=f"{threshold} of {count} custodians cannot be"):
        Custodians.make(tmp_path, names, threshold)


def test_each_custodian_is_somebody_else_and_has_a_recipient(
    tmp_path: Path, custodians: dict[str, tuple[Path, str]]
) -> None:
    (_, rosa), (_, erik), _ = custodians.values()
    with pytest.raises(BadInput, match="named twice"):
        Custodians.make(tmp_path, [rosa, erik, rosa], 2)
    with pytest.raises(BadInput, match="age1"):
        Custodians.make(tmp_path, [rosa, "erik"], 2)


def test_what_is_open_goes_on_without_the_shares_and_no_key_epoch_begins_without_them(
    tmp_path: Path, keys: Path, custodians: dict[str, tuple[Path, str]]
) -> None:
    (rosa, _), (erik, _), _ = custodians.values()
    opened = bring(keys, tmp_path / "shares", [rosa, erik])
    vault = Vault(keys, opened)
    for path in (tmp_path / "shares").iterdir():
        path.unlink()
    vault.create(["b"])
    sealed = vault.seal("b", b"x", "c")
    with pytest.raises(Locked, match="0 are there"):
        vault.rotate_kek()
    assert vault.epoch == 0
    assert vault.open("b", sealed, "c") == b"x"
    vault.close()
    with pytest.raises(Locked, match="0 are there"):
        Vault(keys, opened)
    vault = Vault(keys, bring(keys, tmp_path / "shares", [rosa, erik]))
    assert vault.open("b", sealed, "c") == b"x"
    vault.close()


@pytest.mark.parametrize(
    "changes", [{"set": ""}, {"threshold": "two"}, {"threshold": "0"}, {"shares": ""}, {"kek": "x"}], ids=str
)
def test_a_file_in_which_somebody_wrote_opens_nothing(
    tmp_path: Path, keys: Path, custodians: dict[str, tuple[Path, str]], changes: dict[str, str]
) -> None:
    (rosa, _), (erik, _), _ = custodians.values()
    opened = bring(keys, tmp_path / "shares", [rosa, erik])
    told = json.loads((keys / "kek.json").read_bytes())
    write_whole(keys / "kek.json", json.dumps(told | {"wrapped": told["wrapped"] | changes}).encode())
    with pytest.raises(Locked):
        Vault(keys, opened)
    if "shares" in changes:
        with pytest.raises(Locked, match="None of the shares"):
            open_share(keys / "kek.json", rosa)
