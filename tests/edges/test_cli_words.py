"""How the command line speaks: exit codes, one JSON document, reasons, help, and how little it loads."""

from __future__ import annotations

import itertools
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from cyclopts import App

import beholden.cli
from beholden import errors
from beholden.actions import cases
from beholden.actions import check as checking
from beholden.actions import log as logs
from beholden.cli import COMMANDS, application, global_options_last, main
from beholden.cli.naming import Known, resolve
from tests.edges.terminal import PURPOSE, SOURCE, Office, intake, run

SRC = Path(beholden.__file__).parents[1]


def every_command() -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = []
    for name, place, _ in COMMANDS:
        app = application(name)
        if place.endswith(":app"):
            found += [(name, sub) for sub in app[name] if not sub.startswith("-")]
        else:
            found.append((name,))
    return found


@pytest.mark.parametrize("command", every_command(), ids=" ".join)
def test_every_command_has_a_sentence_and_an_example_of_itself(command: tuple[str, ...]) -> None:
    ran = run(*command, "--help")
    assert ran.code == 0
    assert ran.err == ""
    told = " ".join(ran.out.split())
    assert f"Example: beholden {' '.join(command)}" in told
    assert re.search(r"\w{3,}.*\. Example: ", told)


def test_the_first_page_names_every_command_with_its_purpose() -> None:
    for arguments in ((), ("--help",)):
        ran = run(*arguments)
        assert ran.code == 0
        for name, _, words in COMMANDS:
            assert f"{name} " in ran.out
            assert words[:30] in ran.out
    assert run("--version").out.strip() == beholden.__version__


def test_every_command_that_the_words_of_the_system_name_exists() -> None:
    known = {" ".join(command) for command in every_command()} | {name for name, _, _ in COMMANDS}
    named: dict[str, str] = {}
    for path in [*SRC.rglob("*.py"), *SRC.rglob("*.cedar")]:
        for words in re.findall(r"`beholden ([a-z][a-z -]*)", path.read_text(encoding="utf-8")):
            bare = words.split(" -")[0].split()[:2]
            command = " ".join(bare)
            named[command if command in known else bare[0]] = path.name
    assert {command: path for command, path in named.items() if command not in known} == {}


@pytest.mark.parametrize("arguments", [("--help",), ("case", "list"), ("source", "--help")])
def test_help_and_wrong_use_load_nothing_heavy(arguments: tuple[str, ...]) -> None:
    heavy: tuple[str, ...] = ("sqlalchemy", "openvino", "onnx", "PIL", "cedarpy", "alembic", "pyrage")
    if arguments == ("--help",):
        heavy += ("cryptography", "numpy", "beholden.actions", "beholden.opening")
    program = (
        "import sys; from beholden.cli import main; main(sys.argv[1:]); "
        f"print('loaded', [name for name in {heavy!r} if name in sys.modules])"
    )
    command = [sys.executable, "-c", program, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env={"PYTHONPATH": str(SRC)})
    assert done.stdout.splitlines()[-1] == "loaded []"


def test_importing_the_command_line_loads_no_library() -> None:
    program = "import sys, beholden.cli; print([m for m in ('cyclopts', 'rich', 'numpy') if m in sys.modules])"
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env={"PYTHONPATH": str(SRC)})
    assert done.stdout == "[]\n"


def test_options_of_every_command_may_stand_first() -> None:
    assert global_options_last(["--data", "D", "--as=ada", "--json", "case", "list"]) == (
        ["case", "list", "--data", "D", "--as=ada", "--json"]
    )
    assert global_options_last(["--as", "ada", "case", "open", "--", "--json"]) == (
        ["case", "open", "--as", "ada", "--", "--json"]
    )
    assert global_options_last(["case", "--json"]) == ["case", "--json"]
    assert global_options_last(["--json"]) == ["--json"]


def test_wrong_use_is_two(office: Office, tmp_path: Path) -> None:
    init = ("init", "--data", str(tmp_path / "x"), "--keys", str(tmp_path / "y"), "--administrator", "ada")
    for arguments in (
        ("case", "list"),  # no data folder
        ("cases",),
        ("case", "lst"),
        ("case", "list", "--nothing"),
        ("case", "open"),
        ("search", "run", "--data", str(office.data), "--authority", "a" * 32, "--people", "many"),
        (*init, "--profile", "synthetic"),  # nothing that unlocks the keys
        (*init, "--profile", "test", "--unlock-passphrase"),
        (*init, "--profile", "synthetic", "--unlock-passphrase", "--unlock-file", str(tmp_path / "u")),
    ):
        ran = run(*arguments, "--json")
        assert ran.code == 2, ran
        assert ran.document["status"] == 400
        assert ran.err == ""
        told = run(*arguments)
        assert (told.code, told.out) == (2, "")
        assert told.err.startswith("The command cannot be understood: ")
    assert not (tmp_path / "x").exists()


def test_each_kind_of_failure_has_its_exit_code(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    office.people("ines", "pia", "aude")
    refused = office.run("pia", "case", "open", "1", "--purpose", "curiosity")
    assert refused.code == 3
    assert office.run("ines", "case", "open", " ", "--purpose", PURPOSE).code == 4
    assert office.run("ines", "case", "close", "f" * 32, "--outcome", "done").code == 5
    with monkeypatch.context() as changing:

        def first_come(*_: object, **__: object) -> None:
            raise errors.Changed("somebody else changed the case; look at it again")

        changing.setattr(cases, "open_case", first_come)
        assert office.run("ines", "case", "open", "1", "--purpose", PURPOSE).code == 6
    with monkeypatch.context() as breaking:

        def broken(*_: object) -> int:
            raise errors.LogBroken("entry 3 was altered in the records")

        breaking.setattr(logs, "check_log", broken)
        assert office.run("aude", "log", "check").code == 7
        checked = office.run("aude", "check", "--json")
        assert checked.code == 7
        assert checked.document["holds"] is False
        assert {one["part"] for one in checked.document["findings"] if not one["holds"]} == {"log"}
        assert "DOES NOT HOLD  log: entry 3" in office.run("aude", "check").out
    (office.folder / "unlock.key").rename(office.folder / "away.key")
    assert office.run("ines", "case", "list").code == 1


def test_a_refusal_tells_every_reason_with_its_rule_and_what_to_do(office: Office) -> None:
    office.people("pia")
    told = office.run("pia", "case", "open", "1", "--purpose", "curiosity")
    document = office.run("pia", "case", "open", "1", "--purpose", "curiosity", "--json").document
    assert told.out == ""
    assert told.err.startswith("Refused (log entry ")
    assert len(document["reasons"]) == 2
    for number, reason in enumerate(document["reasons"], 1):
        assert f"  {number}. {reason['why']}\n" in told.err
        assert f"rule: {reason['rule_id']} ({reason['source']})\n" in told.err
        assert f"how to proceed: {reason['how_to_proceed']}\n" in told.err
    assert set(document) == {"type", "title", "status", "detail", "reasons", "entry"}
    assert document["status"] == 403


def test_what_nobody_foresaw_is_one_plain_line(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    def fall_over(*_: object, **__: object) -> None:
        raise ZeroDivisionError("a secret that an exception may hold")

    monkeypatch.setattr(checking, "check", fall_over)
    ran = office.run("ada", "check")
    assert (ran.code, ran.out) == (1, "")
    assert len(ran.err.splitlines()) == 1
    assert "ZeroDivisionError" in ran.err
    assert "a secret" not in ran.err
    assert office.run("ada", "check", "--json").document["type"] == "urn:beholden:Fault"
    monkeypatch.setenv("BEHOLDEN_DEBUG", "1")
    assert "Traceback" in office.run("ada", "check").err


def test_an_interruption_is_130_and_says_what_is_kept(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(checking, "check", interrupt)
    ran = office.run("ada", "check")
    assert ran.code == 130
    assert "What was done before is kept" in ran.err
    assert "Traceback" not in ran.err
    assert office.run("ada", "check", "--json").document["type"] == "urn:beholden:Interrupted"


def test_a_reader_who_has_seen_enough_ends_it_in_silence(office: Office) -> None:
    program = "import sys; from beholden.cli import main; sys.exit(main())"
    command = f"{sys.executable} -c '{program}' people list --as ada --data {office.data} --json | head -c 1"
    done = subprocess.run(
        ["/bin/bash", "-o", "pipefail", "-c", command],
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONPATH": str(SRC)},
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "{", "")


def test_the_worker_ends_in_order_when_it_is_told_to(office: Office) -> None:
    program = "import sys; from beholden.cli import main; sys.exit(main())"
    command = [sys.executable, "-c", program, "worker", "--data", str(office.data), "--json"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={"PYTHONPATH": str(SRC)}
    ) as running:
        assert running.stderr is not None
        assert "The worker runs" in running.stderr.readline()
        running.terminate()
        out, err = running.communicate(timeout=30)
    assert (running.returncode, json.loads(out), err) == (0, {"stopped": True}, "")


def test_the_log_is_sealed_at_the_end_of_each_command_and_of_a_refused_one(office: Office) -> None:
    office.people("ines")
    assert office.run("ines", "people", "add", "ivo", "--role", "investigator").code == 3
    size = int((office.data / "log" / "checkpoint").read_text(encoding="utf-8").splitlines()[1])
    assert run("log", "seal", "--data", str(office.data), "--json").document["size"] == size


def test_what_unlocks_the_keys_must_not_lie_beside_them(tmp_path: Path) -> None:
    data, keys = tmp_path / "data", tmp_path / "keys"
    init = ("init", "--data", str(data), "--keys", str(keys), "--profile", "synthetic", "--administrator", "ada")
    for place in (data / "u.key", keys / "u.key", data / ".." / "keys" / "u.key"):
        for option in ("--unlock-file", "--unlock-age"):
            ran = run(*init, option, str(place))
            assert ran.code == 4
            assert "keep it elsewhere" in ran.err
    assert not data.exists()
    assert not keys.exists()
    outside = tmp_path / "u.key"
    ran = run(*init[:-1], " ", "--unlock-file", str(outside))
    assert ran.code == 4
    assert not outside.exists()


def test_init_shows_the_token_once_and_what_to_hand_over(tmp_path: Path) -> None:
    ran = run(
        *("init", "--data", str(tmp_path / "data"), "--keys", str(tmp_path / "keys"), "--profile", "synthetic"),
        *("--administrator", "ada", "--unlock-file", str(tmp_path / "u.key"), "--model", "drawn:"),
    )
    assert ran.code == 0
    for body in ("agency", "oversight"):
        assert str(tmp_path / "keys" / "handover" / f"{body}.pem") in ran.out
    assert "Next: beholden people accept ada" in ran.out
    assert (tmp_path / "u.key").stat().st_mode & 0o777 == 0o600


def test_a_record_is_named_by_its_name_its_id_or_the_beginning_of_it() -> None:
    there = [Known("abcdef01" * 4, "first"), Known("abcdef02" * 4, "second"), Known("123456" + "0" * 26, "Second")]
    assert resolve("abcdef01" * 4, "source", there) == "abcdef01" * 4
    assert resolve("FIRST", "source", there) == "abcdef01" * 4
    assert resolve("abcdef02", "source", there) == "abcdef02" * 4
    assert resolve("123456", "source", there) == there[2].id
    assert resolve("ffffff", "source", there) == "ffffff"
    assert resolve("", "source", there) == ""
    for given in ("abcdef", "second"):
        with pytest.raises(errors.BadInput, match=r"more than one source: abcdef0"):
            resolve(given, "source", there)
    with pytest.raises(errors.BadInput, match="at least 6 characters"):
        resolve("abcde", "source", there)


def test_a_prefix_finds_nothing_that_the_person_may_not_see(office: Office) -> None:
    office.people("ines", "ivo")
    case = office.does("ines", "case", "open", "2026-117", "--purpose", PURPOSE)["id"]
    assert office.does("ines", "case", "show", case[:6])["id"] == case
    assert office.run("ivo", "case", "show", case[:6]).code == 5
    assert office.run("ivo", "case", "show", "2026-117").code == 5
    assert office.does("ivo", "case", "list") == {"cases": []}


def test_an_intake_of_which_nothing_can_be_taken_is_bad_input(office: Office) -> None:
    office.people("stella", "pia")
    office.does("stella", "source", "propose", "rendered", *SOURCE)
    office.does("pia", "source", "approve", "rendered")
    office.does("pia", "gallery", "open", "references", "--purpose", PURPOSE)
    intake(office.folder / "none", 0)
    into = ("--source", "rendered", "--gallery", "references")
    ran = office.run("stella", "enrol", str(office.folder / "none"), *into)
    assert ran.code == 4
    assert "3 rejected" in ran.out
    assert "cut.png: line 2" in ran.out
    (office.folder / "none" / "manifest.csv").unlink()
    assert office.run("stella", "enrol", str(office.folder / "none"), *into).code == 4


def test_dates_and_opinions_that_cannot_be_read_say_how_to_write_them(office: Office) -> None:
    office.people("stella", "erik")
    words = [word if word != "2090-01-01" else "next year" for word in SOURCE]
    ran = office.run("stella", "source", "propose", "rendered", *words)
    assert ran.code == 4
    assert "2026-11-22T09:00" in ran.err
    for arguments in (
        ("--opinion", "sure"),
        ("--opinion", "4"),
        ("--opinion", "-2", "--component", "nose"),
        ("--opinion", "strong-same", "--components-file", str(office.folder / "unlock.key")),
    ):
        assert office.run("erik", "examine", "lock", "f" * 32, *arguments).code == 4
    for opinion in ("-3", "9", "limited support for the same person", "strong-different"):
        assert office.run("erik", "examine", "lock", "f" * 32, "--opinion", opinion).code == 5


def test_what_is_written_for_a_person_has_no_control_characters(office: Office) -> None:
    office.people("ines")
    office.does("ines", "case", "open", "7", "--purpose", PURPOSE, "--title", "a\x1b[2Jb [bold]c")
    told = office.run("ines", "case", "list").out
    assert "\x1b" not in told
    assert "[bold]c" in told
    assert json.dumps("a\x1b[2Jb [bold]c") in office.run("ines", "case", "list", "--json").out


def test_a_folder_or_file_that_is_there_is_not_written_over(office: Office) -> None:
    office.people("rosa", "stella", "ines")
    full = office.folder / "full"
    full.mkdir()
    (full / "kept.txt").write_text("kept", encoding="utf-8")
    for arguments in (
        ("rosa", "review", "open", "f" * 32, "--out", str(full)),
        ("rosa", "examine", "open", "f" * 32, "--out", str(full)),
        ("ines", "disclose", "f" * 32, "--lead", "1", "--recipient", "x", "--basis", "y", "--out", str(full)),
        ("stella", "erase", "f" * 32, "--out", str(full / "kept.txt")),
    ):
        assert office.run(*arguments).code == 4
    assert [path.read_text(encoding="utf-8") for path in full.iterdir()] == ["kept"]
    new = office.folder / "new"
    assert office.run("rosa", "review", "open", "f" * 32, "--out", str(new)).code == 5
    assert not new.exists()


def test_the_entry_point_reads_the_arguments_of_the_process(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["beholden", "--version"])
    assert main() == 0
    assert capsys.readouterr().out.strip() == beholden.__version__
    assert isinstance(application(), App)


def test_a_check_says_first_whether_a_search_could_begin_now_and_why_not(office: Office) -> None:
    office.people("aude", "ines")
    told = office.run("aude", "check")
    assert told.code == 0, "an empty system holds, and is not ready"
    first, *lines = told.out.splitlines()
    assert first == "Ready for a search now: no"
    because = list(itertools.takewhile(lambda line: line.startswith("  "), lines))
    assert any("nobody who is active is a supervisor; have an administrator add somebody" in line for line in because)
    assert lines[len(because)].startswith("holds          log: ")
    document = office.does("aude", "check")
    assert (document["ready"], document["ready_for"], document["holds"]) == (False, [], True)
    assert [f"  {one['part']}: {one['why']}; {one['what_to_do']}" for one in document["not_ready_because"]] == because


def test_a_check_of_a_system_that_is_ready_says_so_on_its_first_line_also_after_a_new_key_epoch(office: Office) -> None:
    office.people("aude", "ines", "sven", "stella", "pia")
    source = office.does("stella", "source", "propose", "rendered people", *SOURCE)["id"]
    office.does("pia", "source", "approve", source)
    office.does("pia", "gallery", "open", "references", "--purpose", PURPOSE)
    intake(office.folder / "intake", 2)
    office.run("stella", "enrol", str(office.folder / "intake"), "--source", source, "--gallery", "references")
    for name in ("ines", "sven"):  # who was invited and never came is nobody who could search
        office.does(name, "case", "list")
    told = office.run("aude", "check").out.splitlines()
    assert told[:2] == ["Ready for a search now: yes", f"  for {PURPOSE}"]
    told = office.run("ada", "check", "--new-key-epoch").out.splitlines()
    assert told[0] == "Ready for a search now: yes"
    assert told[2].startswith("Key epoch ")
    assert office.does("aude", "check")["ready"] is True
