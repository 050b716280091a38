"""What a terminal, a file or an argument may do to the command line without altering its answer."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import beholden.cli
from beholden import errors
from beholden.cli import folders, printing, sessions
from tests.edges.terminal import NECESSITY, PURPOSE, Office, run

SRC = Path(beholden.__file__).parents[1]
PROGRAM = "import sys; from beholden.cli import main; sys.exit(main())"


def in_a_shell(office: Office, line: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """`line` in bash, with `beholden` as a function; the exit code of the command, not of its reader."""
    function = f"beholden() {{ '{sys.executable}' -c '{PROGRAM}' \"$@\" --data '{office.data}'; }}"
    return subprocess.run(
        ["/bin/bash", "-o", "pipefail", "-c", f"{function}; {line}"],
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONPATH": str(SRC), "PATH": os.environ["PATH"], **environment},
    )


def test_a_refusal_that_nobody_reads_is_still_a_refusal(office: Office) -> None:
    office.people("pia")
    refused = "case open 1 --purpose curiosity --as pia"
    for line in (f"beholden {refused} --json | true", f"beholden {refused} 2>&1 | true"):
        done = in_a_shell(office, line)
        assert (done.returncode, done.stdout, done.stderr) == (3, "", "")
    for line in ("beholden people list --as ada | true", "beholden --help | true"):
        assert (in_a_shell(office, line).returncode, in_a_shell(office, line).stderr) == (0, "")


def test_a_terminal_that_cannot_write_a_name_does_not_fail_the_act(office: Office) -> None:
    office.people("ines")
    office.does("ines", "case", "open", "Zoë", "--purpose", PURPOSE)
    plain = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"}
    done = in_a_shell(office, "beholden case list --as ines", **plain)
    assert (done.returncode, done.stderr) == (0, "")
    assert "Zo\\xeb" in done.stdout


def test_a_line_break_in_a_value_begins_no_line() -> None:
    assert printing.clean("ines\nsven is signed in.") == "ines�sven is signed in."


def test_an_end_past_every_calendar_is_bad_input(office: Office) -> None:
    office.people("ines", "sven", "pia")
    office.does("pia", "gallery", "open", "references", "--purpose", PURPOSE)
    _, sought = office.case_with_sought()
    asked = ("authority", "request", "2026-117", "--sought", sought, "--gallery", "references", *NECESSITY)
    for told in (("--hours", "999999999999"), ("--from", "9999-12-31T23:59")):
        ran = office.run("ines", *asked, *told)
        assert ran.code == 4
        assert "past every calendar" in ran.err
    there = office.does("ines", *asked)["id"]
    assert office.run("sven", "authority", "approve", there, "--hours", "999999999999").code == 4


def test_a_search_under_an_authority_that_one_may_not_see_is_missing_and_on_record(office: Office) -> None:
    office.people("ines")
    ran = office.run("ines", "search", "run", "--authority", "f" * 32, "--json")
    assert ran.code == 5
    assert isinstance(ran.document["entry"], int)


def test_only_files_of_a_disk_are_read(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for place in (pipe, Path(os.devnull), Path("/dev/zero"), tmp_path, tmp_path / "none"):
        with pytest.raises(errors.BadInput):
            folders.content_of(place, most=10)
        with pytest.raises(errors.BadInput):
            folders.sha256_of(place)
    (tmp_path / "ten").write_bytes(b"0123456789")
    assert folders.content_of(tmp_path / "ten", most=10) == b"0123456789"
    with pytest.raises(errors.BadInput, match="10 bytes, more than the 9"):
        folders.content_of(tmp_path / "ten", most=9)


def test_an_interruption_while_the_commands_load_is_told_without_a_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_: str) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(beholden.cli, "application", interrupt)
    ran = run("case", "list")
    assert (ran.code, "Traceback" in ran.err) == (130, False)


def test_a_session_file_that_is_no_text_signs_nobody_in(office: Office) -> None:
    place = sessions.place(office.data)
    place.parent.mkdir(parents=True)
    place.touch(0o600)
    place.write_bytes(b"\xff")
    assert run("people", "list", "--data", str(office.data)).code == 3


def test_what_is_no_text_is_bad_input(office: Office) -> None:
    office.people("pia")
    for option in ("--person-ref", "--page-url"):
        assert office.run("pia", "request", "find", option, "\udcff").code == 4
    signing = ("sign-in", "pia", "--passphrase-stdin", "--data", str(office.data))
    assert run(*signing, stdin="\udcff\n").code == 4
    done = in_a_shell(office, r"printf '\xff\n' | beholden sign-in pia --passphrase-stdin", PYTHONUTF8="1")
    assert done.returncode == 4
    assert "UTF-8" in done.stderr
