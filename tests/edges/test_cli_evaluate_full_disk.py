"""A disk that is full when the report is written costs no evaluation, and before its end is on record nothing can be read."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from beholden.cli.evaluate import _write_all
from beholden.errors import NoRoom
from beholden.testing.drawn import draw
from tests.edges.terminal import run
from tests.small_disk import run_on

# Run inside a mount namespace of its own, on a small memory disk: the errors are the kernel's.
SCRIPT = """
import sys
from pathlib import Path
from beholden.cli.evaluate import _write_all
from beholden.errors import NoRoom

into, ended = Path(sys.argv[1]) / "report", []
files = {into / "report.json": b"{}" * 100, into / "figures" / "det.png": bytes(3_000_000)}
into.mkdir()
try:
    _write_all(files, into, lambda: ended.append(True))
    raise SystemExit("more was written than the disk holds")
except NoRoom as error:
    assert "make room" in str(error), error
assert not ended, "the evaluation is not ended"
assert not list(into.iterdir())
files[into / "figures" / "det.png"] = bytes(10_000)
_write_all(files, into, lambda: ended.append(True))
assert ended == [True]
assert all(path.read_bytes() == content for path, content in files.items())
print("as it should be")
"""


def test_a_full_disk_leaves_nothing_and_ends_nothing(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    disk = tmp_path / "disk"
    ran = run_on(disk, "1m", f"'{sys.executable}' '{script}' '{disk}'")
    assert (ran.returncode, ran.stdout) == (0, "as it should be\n"), ran.stderr


def test_a_report_whose_end_is_not_put_on_record_is_not_on_disk(tmp_path: Path) -> None:
    files = {tmp_path / "report.json": b"the report", tmp_path / "figures" / "det.png": b"a figure"}

    def refuse() -> None:
        assert {path.read_bytes().strip(b"\0") for path in files} == {b""}, "room alone"
        raise NoRoom("of the records, say")

    with pytest.raises(NoRoom):
        _write_all(files, tmp_path, refuse)
    assert not list(tmp_path.iterdir())


def test_the_folder_of_the_report_is_looked_at_before_anything_is_measured(tmp_path: Path) -> None:
    (tmp_path / "in" / "who").mkdir(parents=True)
    (tmp_path / "in" / "who" / "1.png").write_bytes(draw(1))
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "here before").touch()
    arguments = ("evaluate", str(tmp_path / "in"), "--model", "drawn:", "--processes", "1", "--out")
    for out, words in (("full", "is not an empty folder"), ("in/report", "lies in the folder that is measured")):
        ran = run(*arguments, str(tmp_path / out))
        assert (ran.code, words in ran.err) == (4, True)
    assert not (tmp_path / "in" / "report").exists()
    assert not [path for path in (tmp_path / "cache").rglob("*") if path.is_file()], "no template was made"
