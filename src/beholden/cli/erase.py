"""`beholden erase`: carry out a granted request, as the second person, and keep the signed receipt."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from beholden.actions import erase as erasures
from beholden.cli import folders, naming, printing
from beholden.cli.documents import document
from beholden.cli.door import HERE, Door
from beholden.cli.printing import Told


def erase(
    request: Annotated[str, Parameter(help="A granted request's id.")],
    /,
    *,
    out: Annotated[Path | None, Parameter(help="A new file for the signed receipt.")] = None,
    door: Door = HERE,
) -> Told:
    """Erase what a granted request names from every store, prove it by a byte scan, and sign a receipt.

    Example: beholden erase 3fa9c1 --out receipt.txt
    """
    with folders.new_file(out) if out else nullcontext(), door.enter() as (system, officer):
        done = erasures.erase(system, officer, request_id=naming.request(system, officer, request))
        if out:
            out.write_bytes(done.receipt)
    summary = dict(done.summary)
    lines = [
        f"{len(done.face_ids)} records are erased from: {summary.get('stores', '')}.",
        f"A byte scan of {summary.get('files_scanned')} files ({summary.get('bytes_scanned')} bytes) for "
        f"{summary.get('needles')} traces found none.",
        erasures.BACKUPS,
        f"The receipt is in {out}."
        if out
        else f"The receipt: beholden request receipt {printing.short(done.request_id)}",
    ]
    return Told(document(done, summary=summary, receipt=str(out) if out else None), tuple(lines))
