"""A process that does one part of an upgrade from wherever it stands, until it is killed.

Called with a place, the part (fill, switch or purge) and a number of lines of our own code: after so many it ends itself by
SIGKILL. With 0 it comes to its end, and prints how many lines that were.
"""

from __future__ import annotations

import sys
from pathlib import Path
from types import FrameType
from typing import Any

from beholden.actions import follow, upgrade
from beholden.actions.beside import prepare_beside
from tests.agency import Agency
from tests.trials.child import OURS, _killer
from tests.trials.place import Place


def fill(agency: Agency) -> None:
    while prepare_beside(agency.system, limit=1):
        pass
    follow.keep(agency.system)


def switch(agency: Agency) -> None:
    upgrade.switch_upgrade(agency.system, agency["ada"])


def purge(agency: Agency) -> None:
    upgrade.purge_upgrade(agency.system, agency["ada"])


def main(folder: str, part: str, lines: int) -> None:
    agency = Place(Path(folder)).enter()
    ran = 0

    def count(frame: FrameType, event: str, _: Any) -> Any:
        nonlocal ran
        ran += event == "line"
        return count if frame.f_code.co_filename.startswith(OURS) else None

    sys.settrace(_killer(lines) if lines else count)
    {"fill": fill, "switch": switch, "purge": purge}[part](agency)
    sys.settrace(None)
    agency.system.close()
    print(ran)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
