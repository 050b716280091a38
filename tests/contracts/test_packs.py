"""A pack is in force only as both bodies signed it, and only if it is no looser than the rules."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from beholden.errors import Untrusted
from beholden.formats import notes
from beholden.formats.notes import vkey
from beholden.policy import files, packs
from beholden.policy.cedar import CedarPolicy
from beholden.policy.files import FLOOR
from beholden.policy.packs import SHIPPED, Signer, check, countersign, digest, read, shipped, sign, statement
from beholden.ports.policy import Asker
from beholden.records.rules import Rules
from beholden.testing.good_requests import GOOD, ME

SOURCE = Path(packs.__file__).parent / "packs"


def signer(name: str) -> tuple[Signer, str]:
    key = Ed25519PrivateKey.generate()
    public = key.public_key().public_bytes_raw()
    return Signer(name, public, key.sign), vkey(name, public)


AGENCY, AGENCY_KEY = signer("agency.example/packs")
OVERSIGHT, OVERSIGHT_KEY = signer("oversight.example/packs")
STRANGER, STRANGER_KEY = signer("stranger.example/packs")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(shipped("ca-2020"), tmp_path / "ca-2020"))


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1))


@pytest.mark.parametrize("name", [folder.name for folder in SOURCE.iterdir() if folder.is_dir()])
def test_a_shipped_pack_has_the_pinned_digest(name: str) -> None:
    found = digest(SOURCE / name)
    assert SHIPPED.get(name) == found, f"the rules were edited: in policy/packs.py set SHIPPED[{name!r}] = {found!r}"
    assert shipped(name) == SOURCE / name
    assert read(shipped(name)).pack.digest == CedarPolicy(shipped(name)).pack.digest == found


def test_a_pack_that_does_not_ship_or_was_edited_is_not_trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("eu-2099", "", "../packs/ca-2020"):
        with pytest.raises(Untrusted, match="ca-2020"):
            shipped(name)
    monkeypatch.setattr(packs, "SHIPPED", {"ca-2020": "0" * 64})
    with pytest.raises(Untrusted, match="install the package again"):
        shipped("ca-2020")


def test_the_digest_is_of_the_names_and_bytes_of_all_files(folder: Path) -> None:
    whole = {file.name: file.read_bytes() for file in folder.iterdir()}
    whole |= {f"floor/{file.name}": file.read_bytes() for file in FLOOR.iterdir()}
    lines = [f"{hashlib.sha256(whole[name]).hexdigest()}  {name}\n" for name in sorted(whole)]
    assert digest(folder) == hashlib.sha256("".join(lines).encode()).hexdigest()


def test_a_pack_with_a_copy_of_the_floor_is_the_same_pack_and_with_another_floor_is_none(folder: Path) -> None:
    before = digest(folder)
    shutil.copytree(FLOOR, folder / "floor")
    assert digest(folder) == before
    edit(folder / "floor" / "searches.cedar", "context.limit > 50", "context.limit > 60")
    with pytest.raises(Untrusted, match="the floor that it holds is another version's"):
        read(folder)


def test_a_floor_that_was_edited_is_not_what_was_pinned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = Path(shutil.copytree(FLOOR, tmp_path / "floor"))
    edit(other / "searches.cedar", "context.limit > 50", "context.limit > 60")
    monkeypatch.setattr(files, "FLOOR", other)
    with pytest.raises(Untrusted, match="install the package again"):
        shipped("ca-2020")


def test_any_change_of_any_file_changes_the_digest(folder: Path) -> None:
    seen = {digest(folder)}
    files = sorted(folder.iterdir())
    for file in files:
        content = file.read_bytes()
        for at in (0, len(content) // 2, len(content) - 1):
            file.write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])
            seen.add(digest(folder))
        file.write_bytes(content)
    (folder / "policy.cedar").rename(folder / "policies.cedar")
    seen.add(digest(folder))
    (folder / "more").mkdir()
    (folder / "more" / "empty").touch()
    seen.add(digest(folder))
    assert len(seen) == 3 * len(files) + 3


def test_a_pack_that_both_bodies_signed_is_in_force(folder: Path) -> None:
    note = countersign(folder, sign(folder, AGENCY), OVERSIGHT, vkeys_agency=[AGENCY_KEY])
    assert check(folder, note, [AGENCY_KEY], [OVERSIGHT_KEY]) == CedarPolicy(folder).pack.digest
    text = f"beholden/pack/v1\nca-2020\n{digest(folder)}\n"
    assert statement(read(folder).pack) == text
    assert note.decode().startswith(f"{text}\n— agency.example/packs ")


@pytest.mark.parametrize(
    ("agency", "oversight", "says"),
    [
        ([STRANGER_KEY], [OVERSIGHT_KEY], "the agency"),
        ([AGENCY_KEY], [STRANGER_KEY], "the oversight body"),
        ([OVERSIGHT_KEY], [AGENCY_KEY, STRANGER_KEY], ""),
        ([AGENCY_KEY], [AGENCY_KEY], "same key"),
        ([AGENCY_KEY], [OVERSIGHT_KEY, AGENCY_KEY.replace("agency", "agency2")], "same key"),
        ([], [OVERSIGHT_KEY], "the agency"),
        ([AGENCY_KEY], [], "the oversight body"),
    ],
)
def test_a_pack_needs_the_signature_of_each_body(
    folder: Path, agency: list[str], oversight: list[str], says: str
) -> None:
    note = countersign(folder, sign(folder, AGENCY), OVERSIGHT, vkeys_agency=[AGENCY_KEY])
    if not says:  # the bodies are told apart by their keys alone: swapped, both still signed
        assert check(folder, note, agency, oversight) == digest(folder)
        return
    with pytest.raises(Untrusted, match=says):
        check(folder, note, agency, oversight)


def test_a_note_of_both_about_something_else_is_about_no_pack() -> None:
    note = notes.cosign(
        notes.sign_note("beholden/order/v1\nstop\n", AGENCY.name, AGENCY.public, AGENCY.sign),
        *(OVERSIGHT.name, OVERSIGHT.public, OVERSIGHT.sign),
    )
    with pytest.raises(Untrusted, match="is about no policy pack"):
        packs.signed_by_both(note, [AGENCY_KEY], [OVERSIGHT_KEY])


def test_one_signature_is_not_enough(folder: Path) -> None:
    with pytest.raises(Untrusted, match="the oversight body"):
        check(folder, sign(folder, AGENCY), [AGENCY_KEY], [OVERSIGHT_KEY])
    with pytest.raises(Untrusted, match="the agency"):
        check(folder, sign(folder, OVERSIGHT), [AGENCY_KEY], [OVERSIGHT_KEY])


def test_a_note_holds_for_the_files_that_were_signed_and_no_others(folder: Path) -> None:
    note = countersign(folder, sign(folder, AGENCY), OVERSIGHT, vkeys_agency=[AGENCY_KEY])
    edit(folder / "pack.toml", "candidates = 20", "candidates = 19")
    with pytest.raises(Untrusted, match="not about pack 'ca-2020' with digest"):
        check(folder, note, [AGENCY_KEY], [OVERSIGHT_KEY])
    with pytest.raises(Untrusted, match="no valid signature"):
        check(folder, note.replace(b"ca-2020", b"ca-2021"), [AGENCY_KEY], [OVERSIGHT_KEY])
    with pytest.raises(Untrusted, match="no valid signature"):
        check(folder, b"", [AGENCY_KEY], [OVERSIGHT_KEY])


def test_the_oversight_body_countersigns_only_what_the_agency_signed_over_its_own_copy(folder: Path) -> None:
    by_stranger, by_agency = sign(folder, STRANGER), sign(folder, AGENCY)
    with pytest.raises(Untrusted, match="the agency"):
        countersign(folder, by_stranger, OVERSIGHT, vkeys_agency=[AGENCY_KEY])
    edit(folder / "pack.toml", "candidates = 20", "candidates = 30")
    with pytest.raises(Untrusted, match="with digest"):
        countersign(folder, by_agency, OVERSIGHT, vkeys_agency=[AGENCY_KEY])


def test_req_10_a_purpose_that_was_added_without_signatures_is_not_in_force(folder: Path) -> None:
    note = countersign(folder, sign(folder, AGENCY), OVERSIGHT, vkeys_agency=[AGENCY_KEY])
    toml = folder / "pack.toml"
    edit(toml, '"imminent-threat"]', '"imminent-threat", "fraud"]')
    edit(toml, "[numbers]", 'fraud = ["other"]\n\n[numbers]')
    words = folder / "words.en.toml"
    edit(words, "[purposes]\n", '[purposes]\nfraud = "Fraud"\n')
    assert read(folder).pack.purposes == ("victim-id-cse", "imminent-threat", "fraud")
    with pytest.raises(Untrusted, match="not about pack"):
        check(folder, note, [AGENCY_KEY], [OVERSIGHT_KEY])


def test_the_numbers_of_the_pack_become_the_rules(folder: Path) -> None:
    assert read(folder).rules == Rules()
    edit(folder / "pack.toml", "max_candidates = 50", "max_candidates = 30")
    assert read(folder).rules == Rules(max_candidates=30)
    assert read(folder).pack.numbers["max_candidates"] == 30


def test_a_purpose_is_said_in_the_readers_language_as_far_as_the_pack_has_words(folder: Path) -> None:
    edit(
        folder / "words.fr.toml", 'imminent-threat = "Menace imminente de mort ou de lésions corporelles graves"\n', ""
    )
    pack = read(folder).pack
    assert pack.title("victim-id-cse") == "Victim identification in child sexual exploitation"
    assert pack.title("victim-id-cse", "fr") == "Identification de victimes d’exploitation sexuelle d’enfants"
    assert pack.title("imminent-threat", "fr") == "Imminent threat to life or of grievous bodily harm"
    assert pack.title("of-an-earlier-pack", "fr") == "of-an-earlier-pack"


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("max_candidates = 50", "max_candidates = 51", "max_candidates"),
        ("max_leads = 2", "max_leads = 3", "max_leads"),
        ("max_potential = 2", "max_potential = 3", "max_potential"),
        ("max_subjects_of_image = 2", "max_subjects_of_image = 3", "max_subjects_of_image"),
        ("candidates = 20", "candydates = 20", "candydates"),
        ("candidates = 20", "candidates = 0", "above zero"),
        ("candidates = 20", "candidates = true", "above zero"),
        ("candidates = 20", "candidates = 20.0", "above zero"),
        ('victim-id-cse = ["victim"]', 'victim-id-cse = ["victim", "other"]', "victim-id-cse"),
        ('= ["victim", "other"]', '= ["victim", "undeclared"]', "imminent-threat"),
        ('= ["victim", "other"]', '= ["victim", "stranger"]', "imminent-threat"),
        ('= ["victim", "other"]', '= "victim"', "imminent-threat"),
        ('imminent-threat = ["victim", "other"]\n', "", "exactly the purposes"),
        ('purposes = ["victim-id-cse", ', 'purposes = ["victim-id-cse", "victim-id-cse", ', "twice"),
        ('purposes = ["victim-id-cse", "imminent-threat"]', "purposes = []", "purposes"),
        ('name = "ca-2020"', 'name = "ca-2020\\n"', "name"),
        ('name = "ca-2020"', "name = 2020", "name"),
        ('name = "ca-2020"', "name = ca-2020", "line 2"),
        ('version = "1"', 'version = ""', "version"),
        ("[numbers]", "[required_fields]\nfraud = ['offence']\n[numbers]", "'fraud', which is no purpose of it"),
        ("[numbers]", "[required_fields]\nimminent-threat = ['luck']\n[numbers]", "'luck' under 'imminent-threat'"),
        ("[numbers]", "[required_fields]\n'imminent-threat/suspect' = ['offence']\n[numbers]", "nor a role under one"),
        ("[numbers]", "[required_fields]\nimminent-threat = []\n[numbers]", "no list of names"),
        ('version = "1"', 'version = "1"\nafter_refusal = "forget"', "none of sequester, destroy"),
        ('version = "1"', 'version = "1"\nrequired_fields = 7', "no table 'required_fields'"),
        (
            "[numbers]",
            "[keep_days]\nlog = 729\n[numbers]",
            "keeps 'log' at least 729 days, where 730 to 3650 are allowed",
        ),
        ("[numbers]", "[keep_days]\nlog = 3651\n[numbers]", "keeps 'log' at least 3651 days"),
        ("[numbers]", "[keep_days]\nlogs = 800\n[numbers]", "keeps 'logs' at least 800 days, where 0 to 0"),
        ('version = "1"', 'version = "1"\nkeep_days = 9', "no table 'keep_days'"),
        ("[numbers]", "[figures]", "'figures', which no pack has"),
        ("[numbers]", "[numbers.more]", "no whole number above zero"),
    ],
)
def test_a_pack_that_is_looser_or_malformed_is_not_read(folder: Path, old: str, new: str, says: str) -> None:
    edit(folder / "pack.toml", old, new)
    with pytest.raises(Untrusted, match=says):
        read(folder)
    with pytest.raises(Untrusted, match=says):
        sign(folder, AGENCY)


def _without_toml(folder: Path) -> None:
    (folder / "pack.toml").unlink()


def _without_rules(folder: Path) -> None:
    (folder / "policy.cedar").unlink()


def _without_english(folder: Path) -> None:
    (folder / "words.en.toml").unlink()


def _with_link(folder: Path) -> None:
    (folder / "linked.cedar").symlink_to(folder / "policy.cedar")


def _with_hidden_name(folder: Path) -> None:
    (folder / "policy\n.cedar").touch()


def _not_utf8(folder: Path) -> None:
    (folder / "policy.cedar").write_bytes(b"// \xff\n")


@pytest.mark.parametrize(
    "spoil", [_without_toml, _without_english, _without_rules, _with_link, _with_hidden_name, _not_utf8, shutil.rmtree]
)
def test_a_folder_that_is_not_wholly_a_pack_is_not_read(folder: Path, spoil: Callable[[Path], None]) -> None:
    spoil(folder)
    with pytest.raises(Untrusted, match="restore the files"):
        read(folder)


def test_a_folder_that_the_disk_cannot_give_is_not_read(tmp_path: Path) -> None:
    for lacking in (tmp_path / "none", tmp_path / ("long" * 100)):
        with pytest.raises(Untrusted, match="restore the files"):
            read(lacking)


@pytest.mark.parametrize(
    ("file", "old", "new", "says"),
    [
        ("words.en.toml", "[purposes]", "[reasons]", "none of"),
        ("words.en.toml", 'victim-id-cse = "Victim', 'other = "Victim', "words.en.toml"),
        ("words.en.toml", '"Imminent threat to life or of grievous bodily harm"', '" "', "in words"),
        ("words.en.toml", "[purposes]", "rules = 7\n[purposes]", "no table"),
        ("words.en.toml", "[purposes]", "[purposes", "line 3"),
        ("words.fr.toml", 'victim-id-cse = "Identification', 'other = "Identification', "words.fr.toml"),
        ("words.fr.toml", '"Menace imminente de mort ou de lésions corporelles graves"', "7", "in words"),
    ],
)
def test_words_that_are_not_the_packs_are_not_read(folder: Path, file: str, old: str, new: str, says: str) -> None:
    edit(folder / file, old, new)
    with pytest.raises(Untrusted, match=says):
        read(folder)


RULE = """@id("candidates-are-fewer")
@source("REQ 31")
forbid (principal, action == Action::"search.started", resource)
when { context.limit > 10 };
"""
WORDS = """
[rules.candidates-are-fewer]
why = "More than ten candidates are asked for."
how = "Ask for ten at most."
"""


@pytest.fixture
def stricter(folder: Path) -> Path:
    """A pack with a rule of its own."""
    (folder / "policy.cedar").write_text(RULE)
    words = folder / "words.en.toml"
    words.write_text(words.read_text() + WORDS)
    return folder


def test_a_pack_forbids_more_than_the_floor_and_says_so_in_its_own_words(stricter: Path) -> None:
    decision = CedarPolicy(stricter).decide(
        "search.started", Asker(ME, ("investigator",), True), {**GOOD["search.started"], "limit": 11}
    )
    told = {one.rule_id: one.why for one in decision.reasons}
    assert told["candidates-are-fewer"] == "More than ten candidates are asked for."


@pytest.mark.parametrize(
    ("file", "old", "new", "says"),
    [
        ("policy.cedar", "context.limit", "context.length", "length"),
        ("policy.cedar", "> 10", '> "10"', "String|Long"),
        ("policy.cedar", 'Action::"search.started"', 'Action::"search.praised"', "search.praised"),
        ("policy.cedar", "> 10 }", "> 10 ", "unexpected|token"),
        ("policy.cedar", '@id("candidates-are-fewer")\n', "", "no id of its own"),
        ("policy.cedar", '@id("candidates-are-fewer")', "@id", "no id of its own"),
        ("policy.cedar", '@id("candidates-are-fewer")', '@id("person-is-active")', "no id of its own"),
        ("policy.cedar", '@id("candidates-are-fewer")', '@id("no-rule-allows")', "no id of its own"),
        ("policy.cedar", '@id("candidates-are-fewer")', '@id("candidates-are-none")', "does not say why and how"),
        ("policy.cedar", '@source("REQ 31")\n', "", "does not name its source"),
        ("policy.cedar", "(principal, ", "(principal == ?principal, ", "template"),
        ("policy.cedar", "forbid", "permit", "permits something"),
        ("words.en.toml", 'how = "Ask for ten at most."', "", "does not say why and how"),
        ("words.en.toml", 'how = "Ask for ten at most."', 'how = "  "', "does not say 'how' in words"),
        ("words.en.toml", "how = ", "when = ", "not made of why and how"),
        ("words.en.toml", "[rules.candidates-are-fewer]", "[rules.person-is-active]", "in other words"),
        ("words.fr.toml", "[purposes]", "[rules.nothing]\nwhy = 'Rien.'\n[purposes]", "'nothing' that there is not"),
    ],
)
def test_rules_that_do_not_fit_or_do_not_explain_themselves_are_not_loaded(
    stricter: Path, file: str, old: str, new: str, says: str
) -> None:
    edit(stricter / file, old, new)
    with pytest.raises(Untrusted, match=f"(?s)ca-2020.*({says})"):
        CedarPolicy(stricter)


def test_a_schema_that_cannot_be_read_is_not_loaded(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Path(shutil.copytree(FLOOR, tmp_path / "floor"))
    monkeypatch.setattr(files, "FLOOR", other)
    (other / "schema.cedarschema").write_text("entity Person = {")
    with pytest.raises(Untrusted, match="schema"):
        CedarPolicy(folder)
    (other / "schema.cedarschema").unlink()
    with pytest.raises(Untrusted, match=r"there is no floor/schema\.cedarschema"):
        read(folder)


def test_req_140_no_pack_lets_whole_frames_be_kept_under_the_purpose_of_finding_victims(folder: Path) -> None:
    assert read(folder).pack.crop_on_intake == ("victim-id-cse",)
    named = 'crop_on_intake = ["victim-id-cse"]'
    edit(folder / "pack.toml", named, 'crop_on_intake = ["victim-id-cse", "imminent-threat"]')
    assert read(folder).pack.crop_on_intake == ("victim-id-cse", "imminent-threat")
    edit(folder / "pack.toml", 'crop_on_intake = ["victim-id-cse", "imminent-threat"]', "")
    with pytest.raises(Untrusted, match="it lets whole frames be kept under 'victim-id-cse'"):
        read(folder)
    edit(folder / "pack.toml", "purposes = [", 'crop_on_intake = ["imminent-threat"]\npurposes = [')
    with pytest.raises(Untrusted, match="it lets whole frames be kept under 'victim-id-cse'"):
        read(folder)
    edit(folder / "pack.toml", '["imminent-threat"]\npurposes', '["victim-id-cse", "fraud"]\npurposes')
    with pytest.raises(Untrusted, match="'crop_on_intake' names something else than its purposes"):
        read(folder)
