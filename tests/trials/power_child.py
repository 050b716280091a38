"""Works through the traced VFS and marks in its trace what was acknowledged: FOLDER LIBRARY ACTS SYNCHRONOUS."""

from __future__ import annotations

import os
import struct
import sys
from pathlib import Path

import pysqlite3.dbapi2

from beholden.actions import cases
from beholden.database import files
from beholden.records.audit import Entry
from tests.agency import PURPOSE
from tests.trials.place import Place

HEAD = struct.Struct("<4q")


def main(folder: str, library: str, acts: str, synchronous: str) -> None:
    with pysqlite3.dbapi2.connect(":memory:") as loader:
        loader.enable_load_extension(True)
        loader.load_extension(library)
    # The harness must notice a product that syncs too little: this is that product.
    files.SECURE = tuple(one.replace("= FULL", f"= {synchronous}") for one in files.SECURE)
    trace = os.open(os.environ["BEHOLDEN_TRACE"], os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC)
    agency = Place(Path(folder)).enter()
    for number in range(int(acts)):
        cases.open_case(agency.system, agency["ines"], reference=f"power {number}", title="a case", purpose=PURPOSE)
        with agency.system.database.look() as look:
            newest = look.find(Entry, order="-n", limit=1)[0]
        told = newest.leaf_hash.hex().encode()
        os.write(trace, HEAD.pack(ord("A"), len(told), newest.n, 0) + told)
    os._exit(0)  # as if killed: what is not synced by now was never promised


if __name__ == "__main__":
    main(*sys.argv[1:])
