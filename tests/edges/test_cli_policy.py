"""A data folder of an older version comes to this one: both bodies sign its policy pack, and the tables are upgraded."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from beholden.actions import log
from beholden.database import revisions
from beholden.database.revisions import HEAD
from beholden.opening import open_folder, upgrade_folder
from beholden.policy import handover, packs
from beholden.records.audit import Entry
from tests.edges.terminal import Office, make, run

NOW = f"ca-2020@{packs.SHIPPED['ca-2020']}"


@pytest.fixture
def older(tmp_path: Path) -> Office:
    """As a version made it whose pack had one remark more."""
    return made_older(tmp_path, tables="")


@pytest.fixture
def oldest(tmp_path: Path) -> Office:
    """As the first version made it: another pack, and the first tables."""
    return made_older(tmp_path, tables="0001")


def made_older(folder: Path, *, tables: str) -> Office:
    pack = Path(shutil.copytree(packs.shipped("ca-2020"), folder / "pack" / "ca-2020"))
    (pack / "policy.cedar").write_text((pack / "policy.cedar").read_text() + "// a remark\n")
    to_head = command.upgrade

    def to_the_first(config: Config, _: str) -> None:
        to_head(config, tables)

    with pytest.MonkeyPatch.context() as then:
        then.setattr(packs, "shipped", lambda _: pack)
        if tables:
            then.setattr(revisions, "HEAD", tables)
            then.setattr(command, "upgrade", to_the_first)
        make(folder)
    return Office(folder)


def sign(office: Office, body: str, *note: Path, key: Path | None = None) -> tuple[int, str, str]:
    pem = key or office.folder / "keys" / "handover" / f"{body}.pem"
    ran = run("policy", "sign", *map(str, note), "--key", str(pem), "--name", body)
    return ran.code, ran.out, ran.err


def signed(office: Office) -> Path:
    note = office.folder / "pack.note"
    assert sign(office, "agency", note)[0] == 0
    assert sign(office, "oversight", note)[0] == 0
    return note


def adopt(office: Office, note: Path) -> tuple[int, str]:
    ran = run("policy", "adopt", str(note), "--data", str(office.data))
    return ran.code, ran.out + ran.err


def told(office: Office) -> list[tuple[str, str, object, object]]:
    """Event, role, before and after of each entry that tells of a version."""
    system = open_folder(office.data)
    found: list[tuple[str, str, object, object]] = []
    try:
        with system.database.look() as look:
            log.check_log(system, look)
            for entry in look.find(Entry, order="n"):
                leaf = json.loads(entry.leaf)
                if leaf["event"] in ("policy.adopted", "system.upgraded"):
                    said = {one.name: one.value for one in log.opened_items(system, look, entry.n)}
                    found.append((leaf["event"], leaf["role"], said["before"], said["after"]))
    finally:
        system.close()
    return found


def test_a_folder_whose_pack_changed_says_exactly_how_to_open_it_and_those_steps_open_it(older: Office) -> None:
    refused = older.run("ada", "case", "list")
    assert refused.code == 1
    for step in (
        "beholden policy sign pack.note --key FILE --name agency",
        "beholden policy sign pack.note --key FILE --name oversight",
        "beholden policy adopt pack.note --data FOLDER",
    ):
        assert f"`{step}`" in refused.err
    before = run("policy", "show", "--data", str(older.data), "--json").document
    assert (before["pack"], before["in_force"]) == (NOW, False)
    assert NOW in before["ships"]
    assert before["signed"].startswith("ca-2020@")
    assert before["signed"] != NOW
    code, words = adopt(older, signed(older))
    assert code == 0
    assert NOW in words
    assert before["signed"] in words
    assert older.run("ada", "people", "list").code == 0
    after = run("policy", "show", "--data", str(older.data), "--json").document
    assert (after["signed"], after["in_force"]) == (NOW, True)
    assert after["agency"].startswith("agency+")
    assert after["oversight"].startswith("oversight+")
    assert told(older) == [("policy.adopted", "system", before["signed"], NOW)]
    assert "in force already" in adopt(older, older.folder / "pack.note")[1]
    assert len(told(older)) == 1


def adopted_first(office: Office, note: Path) -> None:
    code, words = adopt(office, note)
    assert (code, "with the first opening" in words) == (0, True)
    assert "beholden check --upgrade" in office.run("ada", "case", "list").err
    ran = run("check", "--upgrade", "--data", str(office.data))
    assert (ran.code, ran.err) == (0, "")
    assert f"The upgrade is done: the data folder was brought from 0001 to {HEAD}." in ran.out
    assert "beholden sign-in" in ran.out, "the check itself needs somebody"


def upgraded_first(office: Office, note: Path) -> None:
    ran = run("check", "--upgrade", "--data", str(office.data))
    assert ran.code == 1, "the system still opens for nobody"
    assert f"The upgrade is done: the data folder was brought from 0001 to {HEAD}." in ran.out
    assert "beholden policy adopt" in ran.out
    assert adopt(office, note)[0] == 0


@pytest.mark.parametrize("bring", [adopted_first, upgraded_first])
def test_pack_and_tables_come_to_this_version_in_either_order_and_both_are_on_record(
    oldest: Office, bring: Callable[[Office, Path], None]
) -> None:
    bring(oldest, signed(oldest))
    found = told(oldest)
    assert [one[0] for one in found] == ["policy.adopted", "system.upgraded"]
    assert found[0][3] == NOW
    assert found[1][1:] == ("system", "0001", HEAD)
    assert oldest.does("ada", "check")["holds"] is True
    assert told(oldest) == found, "once"


def test_a_new_folder_tells_of_no_change(office: Office) -> None:
    assert told(office) == []


def test_an_upgrade_with_somebody_who_may_check_goes_on_to_check(oldest: Office) -> None:
    adopt(oldest, signed(oldest))
    document = oldest.does("ada", "check", "--upgrade")
    assert document["upgraded"] == {"before": "0001", "after": HEAD}
    assert document["holds"] is True
    assert oldest.does("ada", "check", "--upgrade")["upgraded"] == {"before": HEAD, "after": HEAD}


def test_a_check_that_nobody_is_signed_in_for_is_refused_as_ever_where_nothing_was_upgraded(office: Office) -> None:
    assert run("check", "--upgrade", "--data", str(office.data)).code == 3
    assert run("check", "--data", str(office.data)).code == 3


def test_an_upgrade_whose_record_a_crash_kept_from_the_log_is_told_by_the_next_opening(oldest: Office) -> None:
    adopt(oldest, signed(oldest))
    upgrade_folder(oldest.data)
    assert [one[0] for one in told(oldest)] == ["policy.adopted", "system.upgraded"]


def test_one_signature_or_those_of_strangers_put_nothing_in_force(older: Office) -> None:
    place = older.data / "policy" / "ca-2020.note"
    before = place.read_bytes()
    one = older.folder / "one.note"
    assert sign(older, "agency", one)[0] == 0
    code, words = adopt(older, one)
    assert (code, "no valid signature of the oversight body" in words) == (1, True)
    strange = older.folder / "strange.note"
    for body in handover.BODIES:
        key = older.folder / f"{body}.pem"
        key.write_bytes(handover.make_signer(body)[1])
        assert sign(older, body, strange, key=key)[0] == 0
    code, words = adopt(older, strange)
    assert (code, "no valid signature of the agency" in words) == (1, True)
    assert adopt(older, place)[0] == 1, "what was signed before is about another pack"
    assert place.read_bytes() == before


def test_bodies_that_only_the_settings_name_put_nothing_in_force(older: Office) -> None:
    """Settings and note replaced together agree with each other, and not with log entry 0."""
    place = older.data / "policy" / "ca-2020.note"
    before = place.read_bytes()
    others = {body: handover.make_signer(body)[0] for body in handover.BODIES}
    agency, oversight, note = handover.sign_pack(packs.shipped("ca-2020"), others["agency"], others["oversight"])
    settings = older.data / "beholden.toml"
    lines = [line for line in settings.read_text().splitlines() if not line.startswith(("agency", "oversight"))]
    settings.write_text("\n".join([*lines, f'agency = "{agency}"', f'oversight = "{oversight}"']) + "\n")
    (older.folder / "theirs.note").write_bytes(note)
    code, words = adopt(older, older.folder / "theirs.note")
    assert (code, "other keys of the agency or the oversight body than log entry 0" in words) == (1, True)
    assert place.read_bytes() == before


def test_signatures_that_were_lost_are_put_back_by_signing_again(office: Office) -> None:
    (office.data / "policy" / "ca-2020.note").unlink()
    assert office.run("ada", "people", "list").code == 1
    lost = run("policy", "show", "--data", str(office.data))
    assert "missing" in lost.out
    assert adopt(office, signed(office))[0] == 0
    assert office.run("ada", "people", "list").code == 0
    assert told(office) == [], "the pack is the one that it was"


def test_signing_says_what_it_cannot_use_and_opens_no_system(office: Office, tmp_path: Path) -> None:
    code, out, err = sign(office, "agency")
    assert (code, err) == (0, "")
    assert out.startswith(f"beholden/pack/v1\nca-2020\n{packs.SHIPPED['ca-2020']}\n\n— agency ")
    printed = tmp_path / "printed.note"
    printed.write_text(out)
    assert sign(office, "oversight", printed)[0] == 0
    assert adopt(office, printed)[0] == 0
    code, _, err = sign(office, "oversight", printed)
    assert (code, "has signed this note already" in err) == (4, True)
    another = X25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    for content in (b"", b"no key", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", another):
        (tmp_path / "bad.pem").write_bytes(content)
        assert sign(office, "agency", tmp_path / "new.note", key=tmp_path / "bad.pem")[0] == 4
    assert sign(office, "a name", tmp_path / "new.note", key=office.folder / "keys" / "handover" / "agency.pem")[0] == 4
    assert not (tmp_path / "new.note").exists()
    other = tmp_path / "other.note"
    other.write_text(out.replace(packs.SHIPPED["ca-2020"], "0" * 64))
    code, _, err = sign(office, "oversight", other)
    assert (code, "the note is not about the pack" in err) == (4, True)
    assert f"This version ships {NOW}\n" in run("policy", "show").out
