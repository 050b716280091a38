"""Witnesses at the command line: made, asked in their own process, by hand and on paper; and what an outsider then checks."""

from __future__ import annotations

import io
import json
import re
import shutil
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import pyrage

import beholden_verify
from beholden.formats import cosignatures
from tests.edges.terminal import Office, Ran, run

NAME = "witness.example/w1"


def of_log(office: Office, *arguments: str) -> Ran:
    return run("log", *arguments, "--data", str(office.data), "--json")


def shown(office: Office) -> dict[str, Any]:
    document: dict[str, Any] = of_log(office, "show").document
    return document


def settle(office: Office, *lines: str) -> None:
    """Append a witness to the settings."""
    path = office.data / "beholden.toml"
    path.write_text(path.read_text() + "\n[[witnesses]]\n" + "".join(f"{line}\n" for line in lines))


def make_witness(office: Office, name: str = NAME) -> dict[str, Any]:
    key = shown(office)["keys"][0]
    folder = office.folder / name.replace("/", "-")
    ran = run("witness", "make", str(folder), "--name", name, "--log", key, "--json")
    assert ran.code == 0, ran
    document: dict[str, Any] = ran.document
    return document


def verify(*arguments: str) -> dict[str, Any]:
    out = io.StringIO()
    with redirect_stdout(out):
        code = beholden_verify.main([*arguments, "--json"])
    told: dict[str, Any] = json.loads(out.getvalue())
    assert (code == 0) == told["holds"], told
    return told


def test_req_91_a_bundled_witness_cosigns_in_a_process_of_its_own_and_an_outsider_sees_that_it_did(
    office: Office, tmp_path: Path
) -> None:
    assert shown(office)["witnesses"] == []
    office.people("aude")
    made = make_witness(office)
    settle(office, f'vkey = "{made["vkey"]}"', f'folder = "{made["folder"]}"')
    told = shown(office)
    assert [(one["name"], one["kind"], one["independent"], one["problem"]) for one in told["witnesses"]] == [
        (NAME, "bundled", False, "")
    ]
    assert (told["witnesses"][0]["size"], told["unwitnessed"]["entries"]) == (told["size"], 0)
    assert made["vkey"] in told["keys"]
    office.does("aude", "log", "proof", "3", "--out", str(tmp_path / "3.tlog-proof"))
    office.does("aude", "log", "export", "--out", str(tmp_path / "bundle"))
    keys = tmp_path / "keys.txt"
    keys.write_text("".join(f"{key}\n" for key in told["keys"]))
    log = verify("log", str(tmp_path / "bundle"), "--keys", str(keys), "--witnesses", "1")
    assert (log["holds"], list(log["cosigned"])) == (True, [NAME])
    proof = verify("proof", str(tmp_path / "3.tlog-proof"), "--keys", str(keys), "--witnesses", "1")
    assert (proof["holds"], proof["entry"]["n"], list(proof["cosigned"])) == (True, 3, [NAME])
    assert not verify("proof", str(tmp_path / "3.tlog-proof"), "--keys", str(keys), "--witnesses", "2")["holds"]


def test_req_91_the_log_of_a_system_put_back_whole_is_refused_by_its_witness_and_the_refusal_is_on_record(
    office: Office, tmp_path: Path
) -> None:
    """Data and keys of an old moment agree with each other: only who stands apart can notice."""
    made = make_witness(office)
    settle(office, f'vkey = "{made["vkey"]}"', f'folder = "{made["folder"]}"')
    shown(office)
    for name in ("data", "keys"):
        shutil.copytree(office.folder / name, tmp_path / f"old {name}")
    office.people("ines", "sven")
    after = shown(office)["size"]
    for name in ("data", "keys"):
        shutil.rmtree(office.folder / name)
        shutil.move(tmp_path / f"old {name}", office.folder / name)
    told = shown(office)
    assert told["size"] < after
    [witness] = told["witnesses"]
    assert witness["problem"] == f"it refused to cosign (409: {after})"
    office.people("aude", "ines", "sven")  # longer than before, and of another history
    told = shown(office)
    assert told["size"] > after
    assert "422" in told["witnesses"][0]["problem"]
    assert told["unwitnessed"]["entries"] >= told["size"] - witness["size"] > 0
    read = office.does("aude", "log", "read", "--event", "witness.refused")["entries"]
    said = [one["value"][:3] for entry in read for one in entry["values"] if one["name"] == "answer"]
    assert {"409", "422"} == set(said)


def test_a_checkpoint_goes_to_a_witness_on_a_stick_and_comes_back_cosigned(office: Office, tmp_path: Path) -> None:
    made = make_witness(office)
    settle(office, f'vkey = "{made["vkey"]}"')
    told = shown(office)
    assert [(one["kind"], one["independent"], one["size"]) for one in told["witnesses"]] == [("stick", True, 0)]
    for seen in (0, told["size"]):
        stick = tmp_path / f"stick {seen}"
        size = of_log(office, "carry", "--out", str(stick), "--seen", str(seen)).document["size"]
        by_hand = ("witness", "cosign", str(stick / "checkpoint"), "--folder", made["folder"])
        cosigned = str(stick / "cosigned")
        ran = run(*by_hand, "--proof", str(stick / "checkpoint.proof"), "--out", cosigned, "--json")
        assert ran.code == 0, ran
        assert of_log(office, "add-cosignature", cosigned).document == {"witnesses": [NAME]}
        assert shown(office)["witnesses"][0]["size"] == size
        office.people("aude" if seen else "ines")
        told = shown(office)
    published = (office.data / "log" / "checkpoint").read_bytes()
    assert cosignatures.read(published, [made["vkey"]]) == []  # it went on since: the tail says how far
    assert told["unwitnessed"]["entries"] > 0
    early = run(*by_hand, "--out", str(tmp_path / "again"), "--json")
    assert (early.code, "log carry --seen" in early.document["detail"]) == (4, True)
    assert not (tmp_path / "again").exists()
    assert of_log(office, "add-cosignature", cosigned).code == 0  # once more changes nothing
    (tmp_path / "note").write_bytes(published)
    assert of_log(office, "add-cosignature", str(tmp_path / "note")).code == 4  # nobody cosigned that one
    assert of_log(office, "carry", "--out", str(tmp_path / "far"), "--seen", "99999").code == 4
    assert not (tmp_path / "far").exists()


def test_a_checkpoint_of_another_log_is_not_cosigned_by_hand_either(office: Office, tmp_path: Path) -> None:
    made = make_witness(office)
    of_log(office, "carry", "--out", str(tmp_path / "stick"))
    note = tmp_path / "stick" / "checkpoint"
    by_hand = (
        "witness",
        "cosign",
        str(note),
        "--folder",
        made["folder"],
        "--out",
        str(tmp_path / "cosigned"),
        "--json",
    )
    content = note.read_bytes()
    note.write_bytes(content.replace(b"beholden/synthetic", b"beholden/other"))
    assert (run(*by_hand).code, (tmp_path / "cosigned").exists()) == (4, False)
    assert run(*by_hand, "--proof", str(tmp_path / "stick" / "checkpoint.proof")).code == 4
    assert (
        run("witness", "cosign", str(note), "--folder", str(tmp_path), "--out", str(tmp_path / "c"), "--json").code == 1
    )


def test_req_91_a_printed_checkpoint_is_a_witness_and_shows_later_whether_the_log_was_rewritten(
    office: Office, tmp_path: Path
) -> None:
    settle(office, 'name = "registry binder"')
    office.people("aude", "ines")
    printed = of_log(office, "paper", "--out", str(tmp_path / "page.html")).document
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert printed["checkpoint"] in page
    assert re.search(r"<svg [^>]*viewBox", page)
    assert not re.search(r"(src|href)=|https?:(?!//www\.w3\.org/2000/svg)", page)
    typed = tmp_path / "typed.txt"
    typed.write_bytes(printed["checkpoint"].replace("\n", "\r\n").encode())
    office.people("sven")
    assert of_log(office, "compare-paper", str(typed)).document == {"size": printed["size"], "holds": True}
    kept = ("log", "kept-on-paper", str(typed), "--witness", "registry binder")
    assert office.run("ines", *kept).code == 3
    assert office.does("aude", *kept) == {"size": printed["size"], "witness": "registry binder"}
    [witness] = shown(office)["witnesses"]
    assert (witness["kind"], witness["independent"], witness["size"]) == ("paper", True, printed["size"])
    typed.write_bytes(typed.read_bytes().replace(b"\r\n\r\n", b"\r\n", 1))
    assert of_log(office, "compare-paper", str(typed)).code == 1


def test_settings_that_name_no_witness_are_refused_before_anything_opens(office: Office) -> None:
    vkey = make_witness(office)["vkey"]
    path = office.data / "beholden.toml"
    before = path.read_text()
    for lines, said in (
        (('vkey = "nonsense"',), "no key"),
        (('name = "binder"', 'url = "https://w.example"'), "name alone"),
        (('nmae = "binder"',), "knows no nmae"),
        ((f'vkey = "{vkey}"', 'url = "http://w.example"'), "no address of a witness"),
        ((f'vkey = "{vkey}"', 'url = "ftp://w.example"'), "no address of a witness"),
        ((f'vkey = "{vkey}"', f'folder = "{office.data}/witness"'), "must not lie in"),
        ((f'vkey = "{vkey}"', "", "[[witnesses]]", f'vkey = "{vkey}"'), "one name"),
    ):
        settle(office, *lines)
        ran = of_log(office, "show")
        assert ran.code != 0
        assert said in ran.document["detail"]
        path.write_text(before)
    path.write_text(f"witnesses = [1]\n{before}")
    assert "as a table" in of_log(office, "show").document["detail"]


def test_a_witness_is_made_whole_or_not_at_all(office: Office, tmp_path: Path) -> None:
    wrong = run("witness", "make", str(tmp_path / "w"), "--name", "w", "--log", "nonsense", "--json")
    assert (wrong.code, (tmp_path / "w").exists()) == (1, False)
    assert run("witness", "make", str(tmp_path / "w"), "--name", "w w", "--json").code == 4
    assert run("witness", "make", str(tmp_path / "w"), "--name", "w", "--json").document["logs"] == []
    key = shown(office)["keys"][0]
    assert run("witness", "trust", str(tmp_path / "w"), key, "--json").document == {"log": key.partition("+")[0]}
    assert run("witness", "serve", str(tmp_path / "w"), "--listen", "0.0.0.0:80", "--json").code == 4


def test_a_bundle_is_written_for_one_reader_and_nothing_readable_stays_beside_it(
    office: Office, tmp_path: Path
) -> None:
    office.people("aude", "ines")
    office.does("ines", "case", "open", "2026-117", "--purpose", "victim-id-cse")
    reader = pyrage.x25519.Identity.generate()
    out = tmp_path / "for the body"
    out.mkdir()
    given = ("--case", "2026-117", "--from", "2020-01-01", "--until", "2090-01-01", "--to", str(reader.to_public()))
    office.does("aude", "log", "export", "--out", str(out / "bundle.age"), *given)
    assert [path.name for path in out.iterdir()] == ["bundle.age"]
    assert b"bundle/checkpoint" in pyrage.decrypt((out / "bundle.age").read_bytes(), [reader])
    assert office.run("aude", "log", "export", "--out", str(out / "other"), "--to", "age1nobody").code == 4
    assert office.run("ines", "log", "export", "--out", str(out / "other"), *given).code == 3
    assert [path.name for path in out.iterdir()] == ["bundle.age"]


def test_req_91_init_sets_up_a_witness_that_has_seen_the_log_from_its_first_entries(tmp_path: Path) -> None:
    def init(witness: Path, profile: str = "operational") -> Ran:
        places = [("--data", "data"), ("--keys", "keys"), ("--unlock-file", "unlock.key")]
        given = [part for name, place in places for part in (name, str(tmp_path / place))]
        return run("init", *given, "--profile", profile, "--administrator", "ada", "--witness", str(witness), "--json")

    refused = init(tmp_path / "data" / "witness")
    assert (refused.code, "would lie in" in refused.document["detail"]) == (4, True)
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "there").touch()
    assert init(tmp_path / "witness").code == 4
    assert not (tmp_path / "witness").exists()
    (tmp_path / "data" / "there").unlink()
    made = init(tmp_path / "witness")
    assert made.code == 0, made
    told = shown(Office(tmp_path))
    assert [(one["kind"], one["size"], one["problem"]) for one in told["witnesses"]] == [("bundled", told["size"], "")]
    assert made.document["witness"] in told["keys"]
