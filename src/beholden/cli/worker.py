"""`beholden worker`: do what waits in the records, once or until it is told to stop."""

from __future__ import annotations

import signal
from threading import Event
from typing import Annotated

from cyclopts import Parameter

from beholden import worker as working
from beholden.cli.door import ANYWHERE, Where, opened
from beholden.cli.printing import Told, note


def worker(
    *,
    once: Annotated[bool, Parameter(help="One round, and then end.")] = False,
    where: Where = ANYWHERE,
) -> Told:
    """Make the templates that wait, finish interrupted erasures, and seal the log.

    Example: beholden worker --once
    """
    with opened(where.folder, client="worker") as system:
        if once:
            embedded = working.work(system)
            return Told(
                {"embedded": embedded},
                (f"{embedded:,} faces got their template; interrupted erasures were taken up, and the log is sealed.",),
            )
        stop = Event()
        for name in (signal.SIGINT, signal.SIGTERM):
            signal.signal(name, lambda *_: stop.set())
        note("The worker runs; Ctrl-C ends it after the round it is in.")
        working.run(system, stop)
    return Told({"stopped": True}, ("The worker has ended.",))
