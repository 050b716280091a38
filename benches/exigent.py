"""How long a search before approval takes from the sign-in to a warning: a person by a model, the machine by the clock.

    PYTHONPATH=src:. python benches/exigent.py

The walk of `tests/browser/test_exigent.py`, which says how a person is counted. A real server, a synthetic folder, a real chromium.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from pathlib import Path

from tests.browser.conftest import chromium_here
from tests.browser.test_exigent import MOST_SECONDS, walk


def measure(folder: Path) -> None:
    with chromium_here() as browser:
        hand = walk(browser, folder)
    machine = sum(hand.waits)
    print(f"load of the machine {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores; {hand.fields} fields")
    print(
        f"person {hand.seconds:.0f} s, machine {machine:.1f} s in {len(hand.waits)} steps, at most {max(hand.waits):.1f}"
    )
    print(f"together {hand.seconds + machine:.0f} s (goal {MOST_SECONDS})")


if __name__ == "__main__":
    argparse.ArgumentParser(description=__doc__).parse_args()
    with tempfile.TemporaryDirectory() as place:
        os.environ["XDG_STATE_HOME"] = place
        measure(Path(place))
