"""What `beholden log` has for witnesses: who saw what, checkpoints carried and printed, and proofs of single entries."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from beholden.actions import log, proofs, witnessing
from beholden.cli import printing
from beholden.cli.door import ANYWHERE, HERE, Door, Where, opened
from beholden.cli.folders import content_of, new_file, new_folder
from beholden.cli.printing import Told
from beholden.formats import notes, tiles
from beholden.ports.cosigners import Reach
from beholden.records.audit import Checkpoint

LONGEST = 256 * 1024
KINDS = {
    Reach.BUNDLED: "bundled, not independent",
    Reach.OUTSIDE: "outside",
    Reach.STICK: "by hand",
    Reach.PAPER: "on paper",
}


def show(*, where: Where = ANYWHERE) -> Told:
    """Show the log's size, its witnesses, how much none of them has seen yet, and the keys to check it with.

    Example: beholden log show
    """
    with opened(where.folder) as system:
        asked = {one.name: one.problem for one in witnessing.seal_and_ask(system)}
        head = tiles.open_head(system.witness.read(tiles.CHECKPOINT), log.vkeys(system))
        vkeys = log.vkeys(system)
        limit = system.rules.max_unwitnessed_minutes
        with system.database.look() as look:
            tail = witnessing.tail(system, look)
    witnesses = [
        {
            "name": one.name,
            "kind": str(one.reach),
            "independent": one.independent,
            "size": one.size,
            "at": printing.at(one.at) if one.at else None,
            "problem": asked.get(one.name, ""),
        }
        for one in tail.seen
    ]
    unwitnessed = {"entries": tail.entries, "minutes": tail.minutes if tail.seen else None, "most_minutes": limit}
    document = {
        "origin": head.origin,
        "size": head.size,
        "root": head.root.hex(),
        "witnesses": witnesses,
        "unwitnessed": unwitnessed,
        "keys": vkeys,
    }
    rows = [
        (
            one.name,
            KINDS[one.reach],
            f"{one.size:,}",
            printing.at(one.at) if one.at else "never",
            asked.get(one.name, ""),
        )
        for one in tail.seen
    ]
    said = (
        f"The last {tail.entries:,} entries, the oldest {tail.minutes} minutes old (at most {limit}), are seen by no witness."
        if tail.entries
        else "A witness has seen every entry."
    )
    lines = (
        f"The log {head.origin} has {head.size:,} sealed entries; its root is {head.root.hex()}.",
        printing.rows(
            ("witness", "kind", "entries", "at", "problem"), rows, "The log has no witness: see docs/log.md."
        ),
        *((said,) if tail.seen else ()),
        "Its keys, for beholden-verify:",
        *(f"    {key}" for key in vkeys),
    )
    return Told(document, lines)


def carry(
    *,
    out: Annotated[Path, Parameter(help="A new folder for the checkpoint and its proof.")],
    seen: Annotated[int, Parameter(help="How many entries the witness saw last; 0 if none.")] = 0,
    where: Where = ANYWHERE,
) -> Told:
    """Write the checkpoint, and the proof that it continues what a witness saw, to be carried to it.

    Example: beholden log carry --out /media/stick/today --seen 1042
    """
    with new_folder(out) as folder, opened(where.folder) as system:
        log.seal(system)
        note, question = witnessing.to_carry(system, seen=seen)
        (folder / "checkpoint").write_bytes(note)
        (folder / "checkpoint.proof").write_bytes(question)
    size = tiles.read_head(notes.text_of(note)).size
    lines = (
        f"The checkpoint of {size:,} entries is in {out}. There: beholden witness cosign checkpoint "
        "--proof checkpoint.proof --folder FOLDER --out cosigned",
    )
    return Told({"folder": str(out), "size": size}, lines)


def add_cosignature(
    file: Annotated[Path, Parameter(help="The cosigned checkpoint, or the witness's line.")],
    *,
    where: Where = ANYWHERE,
) -> Told:
    """Take in the cosignature that a witness gave to a checkpoint that was carried to it.

    Example: beholden log add-cosignature /media/stick/cosigned
    """
    given = content_of(file, most=LONGEST)
    with opened(where.folder) as system:
        names = witnessing.add_cosignatures(system, given)
    return Told({"witnesses": names}, (f"Kept, with the cosignature of {', '.join(names)}.",))


def paper(
    *,
    out: Annotated[Path, Parameter(help="A new file, to be opened in a browser and printed.")],
    where: Where = ANYWHERE,
) -> Told:
    """Write the checkpoint as a page to print and keep, with a QR code that holds it.

    Example: beholden log paper --out ./checkpoint.html
    """
    from beholden.documents.paper import checkpoint_page

    with new_file(out) as path, opened(where.folder) as system:
        note = log.seal(system)
        path.write_bytes(checkpoint_page(note, day=f"{system.clock.now():%Y-%m-%d %H:%M} UTC"))
    size = tiles.read_head(notes.text_of(note)).size
    lines = (
        f"The checkpoint of {size:,} entries is in {out}: print it, and keep it where this machine's keepers cannot reach it.",
        "Once it is kept, an auditor or a privacy officer says so: beholden log kept-on-paper FILE --witness NAME",
    )
    return Told({"file": str(out), "size": size, "checkpoint": note.decode()}, lines)


def compare_paper(
    file: Annotated[Path, Parameter(help="The kept checkpoint: what the code holds, or the lines as typed.")],
    *,
    where: Where = ANYWHERE,
) -> Told:
    """Compare a checkpoint that somebody kept with the log as it is now.

    Example: beholden log compare-paper ./typed.txt
    """
    with opened(where.folder) as system:
        size = witnessing.compare_checkpoint(system, content_of(file, most=LONGEST))
    return Told({"size": size, "holds": True}, (f"The first {size:,} entries are those that were signed then.",))


def kept_on_paper(
    file: Annotated[Path, Parameter(help="The checkpoint that was printed.")],
    *,
    witness: Annotated[str, Parameter(help="The witness on paper, as the settings name it.")],
    door: Door = HERE,
) -> Told:
    """Say that a printed checkpoint is kept: from then on it counts as seen.

    Example: beholden log kept-on-paper ./typed.txt --witness "registry binder"
    """
    given = content_of(file, most=LONGEST)
    with door.enter() as (system, officer):
        size = witnessing.witnessed_on_paper(system, officer, name=witness, checkpoint=given)
    return Told({"size": size, "witness": witness}, (f"On record: {witness} has the first {size:,} entries.",))


def proof(
    n: Annotated[int, Parameter(help="The number of the entry.")],
    *,
    out: Annotated[Path, Parameter(help="A new file, such as entry.tlog-proof.")],
    door: Door = HERE,
) -> Told:
    """Write a proof that one entry is in the log, for somebody who has nothing else of it.

    Example: beholden log proof 1041 --out ./1041.tlog-proof
    """
    with new_file(out) as path, door.enter() as (system, officer):
        path.write_bytes(proofs.prove_entry(system, officer, n=n))
    lines = (f"The proof of entry {n} is in {out}.", f"Check it with: beholden-verify proof {out} --keys KEYS")
    return Told({"file": str(out), "entry": n}, lines)


def stamp_request(
    *,
    out: Annotated[Path, Parameter(help="A new file for the query, such as today.tsq.")],
    where: Where = ANYWHERE,
) -> Told:
    """Write a query for a time-stamp (RFC 3161) of the checkpoint, to be taken to an authority of your choice.

    Example: beholden log stamp-request --out ./today.tsq
    """
    from beholden.witness.stamps import request_for

    with new_file(out) as path, opened(where.folder) as system:
        log.seal(system)
        with system.database.look() as look:
            [last] = look.find(Checkpoint, order="-size", limit=1)
        path.write_bytes(request_for(last.note))
    line = f"The query for the checkpoint of {last.size:,} entries is in {out}. Nothing was sent: take it to the authority."
    return Told({"file": str(out), "size": last.size}, (line,))


def stamp_add(
    answer: Annotated[Path, Parameter(help="What the authority answered, such as today.tsr.")],
    *,
    authority: Annotated[Path, Parameter(help="The root certificate of the authority, in PEM.")],
    where: Where = ANYWHERE,
) -> Told:
    """Check the answer of a time-stamp authority and keep it in the published log, with the checkpoint that it stamps.

    Example: beholden log stamp-add ./today.tsr --authority ./authority.pem
    """
    from beholden.witness.stamps import verified

    given = content_of(answer, most=LONGEST)
    root = content_of(authority, most=LONGEST)
    with opened(where.folder) as system:
        with system.database.look() as look:
            stamp = verified(given, root, (one.note for one in look.find(Checkpoint, order="-size")))
        size = tiles.read_head(notes.text_of(stamp.checkpoint)).size
        system.witness.publish({f"stamps/{size}.tsr": given, f"stamps/{size}.checkpoint": stamp.checkpoint})
    lines = (
        f"The first {size:,} entries existed at {printing.at(stamp.at)}, says the authority. Both files are in log/stamps.",
        f"Anybody checks it with: openssl ts -verify -in {size}.tsr -data {size}.checkpoint -CAfile {authority}",
    )
    return Told({"size": size, "at": printing.at(stamp.at)}, lines)


COMMANDS = (show, carry, add_cosignature, paper, compare_paper, kept_on_paper, proof, stamp_request, stamp_add)
