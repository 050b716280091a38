"""A process that enrols a folder with two helpers, and writes down each answer once it has it: made to be killed.

python -m tests.trials.intake_child PLACE INTAKE
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict
from functools import partial
from pathlib import Path

from beholden.actions import intake
from beholden.opening import open_preparing
from beholden.processes import Helpers
from tests.trials.place import Place


def main(place: Place, folder: Path) -> None:
    told = os.open(place.told, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    agency = place.enter()
    print("opened", flush=True)
    with Helpers(2, partial(open_preparing, "drawn:")) as helpers:
        read = intake.read_folder(agency.system, agency["stella"], folder)
        for answer in intake.enrol_folder(
            agency.system,
            agency["stella"],
            read,
            source_id=place.source_id,
            gallery_id=place.gallery_id,
            received_from="USB 7",
            preparers=helpers,
        ):
            os.write(told, json.dumps(asdict(answer)).encode() + b"\n")
    os.fsync(told)
    agency.system.close()


if __name__ == "__main__":
    main(Place(Path(sys.argv[1])), Path(sys.argv[2]))
