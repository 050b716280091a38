"""On a disk that is really full, nothing half kept stays and the error says what to do."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.small_disk import run_on

# Run inside a mount namespace of its own, on a memory disk: the room is small, the errors are the kernel's.
SCRIPT = """
import os, sys
from pathlib import Path
from beholden.blobs.files import FileBlobs
from beholden.database.sql import SqlDatabase
from beholden.database.upgrade import upgrade
from beholden.errors import NoRoom
from beholden.records.faces import Face
from beholden.testing.examples import a_face

disk = Path(sys.argv[1])
blobs = FileBlobs(f"files:{disk}/blobs")
held = blobs.put(b"held before" * 1000)
try:
    blobs.put(os.urandom(6_000_000))
    raise SystemExit("a blob larger than the disk was put")
except NoRoom as error:
    assert "make room" in str(error), error
assert list(blobs.addresses()) == [held]
assert [path.name for path in disk.rglob("*") if path.is_file()] == [held]
assert blobs.get(blobs.put(b"there is room again")) == b"there is room again"

address = f"sqlite:///{disk}/records.db"
upgrade(address)
database = SqlDatabase(address)
with database.begin() as tx:
    tx.add(a_face(1))
try:
    with database.begin() as tx:
        tx.add(a_face(2))
        try:
            tx.add(*(a_face(number, template=os.urandom(9000)) for number in range(3, 3000)))
            tx.find(Face)
        except NoRoom as error:
            assert "make room" in str(error), error
            tx.add(a_face(9999))  # after the transaction was given up
    raise SystemExit("more was kept than the disk holds")
except Exception as error:
    assert type(error).__name__ in ("NoRoom", "Fault"), error
with database.look() as look:
    assert look.find(Face) == [a_face(1)]
blobs.purge(held)
with database.begin() as tx:
    tx.add(a_face(2))
with database.look() as look:
    assert look.find(Face) == [a_face(1), a_face(2)]
database.close()
print("as it should be")
"""


def test_nothing_half_kept_stays_on_a_full_disk(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    disk = tmp_path / "disk"
    run = run_on(disk, "4m", f"'{sys.executable}' '{script}' '{disk}'")
    assert (run.returncode, run.stdout) == (0, "as it should be\n"), run.stderr
