"""`beholden serve`: pages, REST, index, worker and sealer of one data folder, in one process."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from beholden.cli.door import ANYWHERE, Where, opened
from beholden.cli.folders import content_of
from beholden.cli.printing import Told, WrongUse, note
from beholden.errors import BadInput
from beholden.ports.system import System
from beholden.serving import holding, process
from beholden.serving.arrival import is_loopback

PORT = 8000
LONGEST_KEY = 4096


@dataclass(frozen=True, slots=True)
class Reach:
    """Where a server listens, and to whom."""

    host: str = "127.0.0.1"
    port: int = PORT
    public_name: str = ""
    behind_proxy: str = ""
    metrics_key: str = ""


def serve(
    *,
    host: Annotated[
        str, Parameter(help="Where to listen; another than this machine only behind a proxy.")
    ] = "127.0.0.1",
    port: Annotated[int, Parameter(help="The port; 0 takes any that is free.")] = PORT,
    public_name: Annotated[str, Parameter(help="The name under which people reach it, beside localhost.")] = "",
    behind_proxy: Annotated[
        str, Parameter(help="The address of the proxy that encrypts; what it says of who asks is believed.")
    ] = "",
    metrics_key: Annotated[
        Path | None, Parameter(help="A file with the key that opens /metrics and /health from elsewhere.")
    ] = None,
    where: Where = ANYWHERE,
) -> Told:
    """Serve the pages and the REST of a data folder until Ctrl-C.

    Example: beholden serve --data ./data --port 8000
    """
    reach = Reach(host, port, public_name, behind_proxy, _key(metrics_key))
    _check(reach)
    with holding.hold(where.folder) as held, opened(where.folder, client="server") as system:
        serve_system(system, reach, held, ready=note if where.as_json else _say)
    return Told({"stopped": True}, ())


def serve_system(system: System, reach: Reach, held: holding.Holding, *, ready: Callable[[str], None]) -> None:
    """Serve until told to end; `ready` is given the address once requests are answered."""
    from beholden.server import make_app
    from beholden.web.uptake import uptake
    from beholden.web.verify import verifying

    names = [reach.public_name] if reach.public_name else []
    sockets = process.listen(reach.host, reach.port)
    try:
        app = make_app(system, names=names, behind_proxy=bool(reach.behind_proxy), metrics_key=reach.metrics_key)
        address = _address(reach, sockets[0].getsockname()[1])

        def say() -> None:
            held.say(address)
            ready(address)

        with process.lines_on_stderr(), process.ending_well() as ending:
            app.state.upkeep.start()
            try:
                process.run(app, sockets, proxy=reach.behind_proxy, ending=ending, ready=say)
            finally:
                app.state.upkeep.stop()
                uptake(app.state).stop()
                verifying(app.state).stop()
    finally:
        for one in sockets:
            one.close()


def _address(reach: Reach, port: int) -> str:
    # Not 127.0.0.1: a passkey belongs to a name, and browsers refuse to make one for a number.
    return f"https://{reach.public_name}" if reach.behind_proxy else f"http://localhost:{port}"


def _check(reach: Reach) -> None:
    """Raises `WrongUse` where passphrases and photographs would cross a network in clear."""
    if not is_loopback(reach.host) and not reach.behind_proxy:
        raise WrongUse(
            f"{reach.host} is reached from other machines, and this server does not encrypt: put a proxy that does in "
            "front of it, and name the proxy's address with --behind-proxy"
        )
    if reach.behind_proxy and not reach.public_name:
        raise WrongUse("behind a proxy people use its name: give it with --public-name")
    if not 0 <= reach.port <= 65535:
        raise WrongUse(f"{reach.port} is no port; give one from 1 to 65535, or 0 for any")


def _key(file: Path | None) -> str:
    if file is None:
        return ""
    key = content_of(file, most=LONGEST_KEY).decode(errors="replace").strip()
    if len(key) < 20:
        raise BadInput(f"{file} holds no key of at least 20 characters; write a random one into it")
    return key


def _say(address: str) -> None:
    print(address, flush=True)
