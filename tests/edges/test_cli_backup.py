"""A backup by commands: made while the system is there, tried out, put back, and refused where keys and data would meet."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.edges.terminal import Office, run


def put_back(folder: Path, new: Path, *more: str) -> tuple[str, ...]:
    return (
        *("restore", "--from", str(folder / "a"), "--keys-from", str(folder / "b"), "--kek", str(folder / "kek.json")),
        *("--data", str(new / "data"), "--keys", str(new / "keys"), *more, "--json"),
    )


def test_a_backup_is_made_tried_out_and_put_back_by_commands(office: Office, tmp_path: Path) -> None:
    office.people("ines")
    office.case_with_sought()
    shutil.copy(office.folder / "keys" / "kek.json", tmp_path / "kek.json")
    places = ("--to", str(tmp_path / "a"), "--keys-to", str(tmp_path / "b"))
    assert office.run("ines", "backup", "make", *places).code == 3
    assert not (tmp_path / "a").exists()
    one = ("--to", str(tmp_path / "a"), "--keys-to", str(tmp_path / "a" / "keys"))
    refused = office.run("ada", "backup", "make", *one)
    assert (refused.code, "in one place" in refused.err) == (4, True)
    made = office.does("ada", "backup", "make", *places)
    assert made["files"] > 5
    told = office.run("ada", "backup", "make", *places)
    assert (told.code, "not empty" in told.err) == (4, True)

    new = tmp_path / "new"
    tried = run(*put_back(tmp_path, new, "--check"))
    assert (tried.code, tried.document["holds"], tried.document["tried_out"]) == (0, True, True), tried
    assert {"log", "pictures", "index"} <= {one["part"] for one in tried.document["findings"]}
    assert not (new / "data").exists()

    done = run(*put_back(tmp_path, new))
    assert done.code == 0, done
    assert done.document["entries"] == made["entries"]
    office.folder.joinpath("data").rename(office.folder / "old")
    again = run("--data", str(new / "data"), "--as", "ines", "case", "list", "--json")
    assert [case["reference"] for case in again.document["cases"]] == ["2026-117"]

    (tmp_path / "a" / "beholden.toml").write_text("layout = 1\n")
    spoilt = run(*put_back(tmp_path, tmp_path / "third"))
    assert (spoilt.code, spoilt.document["status"] >= 400) == (1, True)
    assert not (tmp_path / "third" / "keys").exists()
