"""`beholden witness`: a witness of logs, which knows no data folder and holds a key of its own."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from beholden.cli.folders import content_of, new_file
from beholden.cli.printing import Told, note
from beholden.errors import BadInput

app = App(name="witness")

LONGEST = 256 * 1024
AsJson = Annotated[bool, Parameter(name="--json", help="Print one JSON document.")]


@app.command
def make(
    folder: Annotated[Path, Parameter(help="A new folder for the witness, neither in the data nor in the key folder.")],
    *,
    name: Annotated[str, Parameter(help="Its name for good, such as witness.example.org/w1.")],
    log: Annotated[
        list[str] | None, Parameter(help="The key (vkey) of a log that it is to watch; may be repeated.")
    ] = None,
    as_json: AsJson = False,  # noqa: ARG001 - read by `main`
) -> Told:
    """Make a witness with a key of its own, and print what goes into the settings of the system that it watches.

    Example: beholden witness make /srv/witness --name witness.example.org/w1 --log beholden/operational/1a2b3c4d+…
    """
    from beholden.formats.signatures import key_of
    from beholden.witness.keeper import Keeper

    for vkey in log or ():
        key_of(vkey)  # before anything is made
    keeper = Keeper.make(folder, name)
    origins = [keeper.trust(vkey) for vkey in log or ()]
    settings = ("[[witnesses]]", f'vkey = "{keeper.key.vkey}"', f'folder = "{folder.resolve()}"')
    lines = (
        f"Made the witness {name} in {folder}. It watches {', '.join(origins) or 'no log yet'}.",
        "On the same machine, append this to beholden.toml: `beholden serve` then starts it.",
        *(f"    {line}" for line in settings),
        "On another machine, serve it there, and give its address as url in place of the folder.",
    )
    document = {"folder": str(folder.resolve()), "name": name, "vkey": keeper.key.vkey, "logs": origins}
    return Told(document, lines)


@app.command
def trust(
    folder: Annotated[Path, Parameter(help="The folder of the witness.")],
    log: Annotated[str, Parameter(help="The key (vkey) of the log, as `beholden log show` prints it.")],
    *,
    as_json: AsJson = False,  # noqa: ARG001 - read by `main`
) -> Told:
    """Watch one more log.

    Example: beholden witness trust /srv/witness beholden/operational/1a2b3c4d+…
    """
    from beholden.witness.keeper import Keeper

    origin = Keeper(folder).trust(log)
    return Told({"log": origin}, (f"The witness watches {origin} from now on.",))


@app.command
def serve(
    folder: Annotated[Path, Parameter(help="The folder of the witness.")],
    *,
    listen: Annotated[str, Parameter(help="127.0.0.1:PORT, or unix:/path; by default a socket in its folder.")] = "",
    as_json: AsJson = False,
) -> Told:
    """Answer `POST /add-checkpoint` until Ctrl-C, on this machine only: from elsewhere, behind a proxy that encrypts.

    Example: beholden witness serve /srv/witness --listen 127.0.0.1:8443
    """
    import signal
    import threading

    from beholden.witness.keeper import Keeper
    from beholden.witness.serving import SOCKET, Witness

    served = Witness(Keeper(folder), listen or f"unix:{folder.resolve() / SOCKET}")

    def end(*_: object) -> None:
        threading.Thread(target=served.stop, daemon=True).start()  # it waits for the loop that runs in this thread

    for one in (signal.SIGTERM, signal.SIGINT):
        signal.signal(one, end)
    if as_json:
        note(served.address)
    else:
        print(served.address, flush=True)
    served.run()
    return Told({"stopped": True}, ())


@app.command
def cosign(
    checkpoint: Annotated[Path, Parameter(help="The checkpoint that was carried here.")],
    *,
    folder: Annotated[Path, Parameter(help="The folder of the witness.")],
    proof: Annotated[
        Path | None, Parameter(help="What `beholden log carry` wrote beside it: that it continues what was seen.")
    ] = None,
    out: Annotated[Path, Parameter(help="A new file for the cosigned checkpoint.")],
    as_json: AsJson = False,  # noqa: ARG001 - read by `main`
) -> Told:
    """Cosign a checkpoint that was carried here, where no network is: it is checked as one that is sent.

    Example: beholden witness cosign checkpoint --folder /srv/witness --proof checkpoint.proof --out cosigned
    """
    from beholden.formats.add_checkpoint import asked, question
    from beholden.witness.keeper import Keeper

    given = content_of(checkpoint, most=LONGEST)
    body = content_of(proof, most=LONGEST) if proof else question(0, (), given)
    if asked(body).note != given:
        raise BadInput(f"{proof} was made for another checkpoint than {checkpoint}: carry both of one day")
    answer = Keeper(folder).add_checkpoint(body, at=datetime.now(UTC))
    words = answer.body.decode(errors="replace").strip()
    if answer.status == 409:
        raise BadInput(
            f"this witness has seen {words} entries: write the proof for it with `beholden log carry --seen {words}`, or, "
            "if the checkpoint is not a later one, tell the oversight body"
        )
    if answer.status != 200:
        raise BadInput(f"it is not cosigned ({answer.status}): {words}")
    with new_file(out):
        out.write_bytes(given + answer.body)
    document = {"out": str(out), "cosignature": words}
    return Told(document, (f"Cosigned: {out}. Carry it back, and give it to `beholden log add-cosignature`.",))
