"""The process of a bundled witness: `python -m beholden.witness FOLDER`, at the socket in its folder, or for one question."""

from __future__ import annotations

import os
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

from beholden.errors import BeholdenError
from beholden.formats.add_checkpoint import MAX_BODY
from beholden.witness.keeper import Keeper

ONCE = "--once"  # the question from standard input, the answer to standard output: status, kind, body


def main(arguments: list[str]) -> int:
    try:
        keeper = Keeper(Path(arguments[0]))
        if ONCE in arguments:
            answer = keeper.add_checkpoint(sys.stdin.buffer.read(MAX_BODY + 1), at=datetime.now(UTC))
            sys.stdout.buffer.write(f"{answer.status}\n{answer.kind}\n".encode() + answer.body)
            return 0
        from beholden.witness.serving import SOCKET, Witness, until_end_of

        served = Witness(keeper, f"unix:{Path(arguments[0]).resolve() / SOCKET}")
        read = lambda: os.read(0, 1024)  # noqa: E731 - a pipe that nobody writes into
        threading.Thread(target=until_end_of, args=(read, served.stop), daemon=True).start()
        print(served.address, flush=True)
        served.run()
    except BeholdenError as error:
        print(f"beholden-witness: {error}", file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
