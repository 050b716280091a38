"""`beholden model`: which model packs there are, the card of each, and how one of your own comes in."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from beholden.actions import model_packs
from beholden.actions.embed import embed_anew
from beholden.cli.door import ANYWHERE, HERE, Door, Where, opened
from beholden.cli.printing import Told, rows, short
from beholden.errors import BeholdenError
from beholden.settings import packs_in, read_settings

if TYPE_CHECKING:
    from beholden.model.manifest import Manifest

app = App(name="model")


@app.command(name="list")
def list_(*, where: Where = ANYWHERE) -> Told:
    """List the packs that ship and, with --data, those of the system: whether their files are the pinned ones, and which is in use.

    Example: beholden model list --data ~/beholden
    """
    from beholden.model import catalogue
    from beholden.model.manifest import space_of
    from beholden.model.pack import read_address
    from beholden.ports.model import FIT_LICENCES

    in_use = read_settings(where.data).model if where.data else ""
    used = read_address(in_use if in_use.startswith("pack:") else "pack:")
    folder = used.folder or (packs_in(where.data) if where.data else None)
    found: list[dict[str, object]] = []
    names = dict.fromkeys((*catalogue.pack_names(), *(catalogue.pack_names(folder) if folder else ())))
    for name in names:
        row: dict[str, object] = {"name": name, "in_use": name == used.name}
        try:
            told = catalogue.manifest_of(name, folder)
        except BeholdenError as error:
            row |= {"wrong": str(error)}
        else:
            row |= {
                "ships": told.folder is None,
                "space_id": space_of(told),
                "licence": told.licence,
                "licence_kind": told.licence_kind,
                "fit_for_operational_systems": told.licence_kind in FIT_LICENCES,
                "wrong": _wrong_files(told),
            }
        found.append(row)
    table = rows(
        ("pack", "in use", "licence", "kind", "space", "files"),
        [
            (
                str(row["name"]),
                "in use" if row["in_use"] else "",
                str(row.get("licence", "")),
                str(row.get("licence_kind", "")),
                short(str(row.get("space_id", ""))),
                str(row["wrong"] or "as pinned"),
            )
            for row in found
        ],
        "There are no packs.",
    )
    return Told({"packs": found}, (table,))


@app.command
def card(
    name: Annotated[str, Parameter(help="The pack, as `beholden model list` names it.")], /, *, where: Where = ANYWHERE
) -> Told:
    """Print the card of a pack: what it is for, what it cannot do, its files, and what was measured.

    Example: beholden model card yunet-sface
    """
    from beholden.model import cards, catalogue

    told = catalogue.manifest_of(name, packs_in(where.data) if where.data else None)
    return Told(cards.document_of(told), tuple(cards.page_of(told).removesuffix("\n").split("\n")))


@app.command
def add(
    manifest: Annotated[Path, Parameter(help="The pack's manifest (TOML); its files lie beside it.")],
    /,
    *,
    door: Door = HERE,
) -> Told:
    """Check a pack of your own whole, and take it into the system, as an administrator. This does not put it in use.

    Example: beholden model add ./mine/mine.toml
    """
    from beholden.model.adding import read_manifest, read_new

    with door.enter() as (system, officer):
        described = read_manifest(manifest)
        read_pack = partial(read_new, manifest, packs_in(door.where.folder))
        pack = model_packs.add_model(system, officer, described=described, read_pack=read_pack)
    document = {
        "name": pack.name,
        "space_id": pack.space_id,
        "manifest_sha256": pack.manifest_sha256,
        "licence_kind": pack.licence_kind,
        "files": [{"name": name, "sha256": sha256} for name, sha256 in pack.files],
    }
    lines = (
        f"{pack.name} was added. Its templates compare with those of the space {pack.space_id} only.",
        f'To use it, set `model = "pack:{pack.name}"` in beholden.toml, start again, and run `beholden model renew`:',
        "references that have templates of another pack wait, and each search says how many.",
    )
    return Told(document, lines)


@app.command
def renew(*, where: Where = ANYWHERE) -> Told:
    """After another pack was put into beholden.toml: make its templates in the place of the old ones, until none waits.

    Run it while no other process uses the folder with the old pack. It can be broken off and goes on where it was.

    Example: beholden model renew --data ~/beholden
    """
    failed: set[str] = set()
    done = 0
    with opened(where.folder, client="worker") as system:
        while made := embed_anew(system, failed=failed):
            done += made
        name = system.model.card.name
    lines = [f"{done:,} references have templates of {name} now."]
    if failed:
        lines.append(f"{len(failed):,} could not be embedded; the log says of each why.")
    return Told({"embedded": done, "failed": len(failed)}, tuple(lines))


def _wrong_files(told: Manifest) -> str:
    """What is wrong with its files, each with what was found; empty if they are the pinned ones."""
    from beholden.model.weights import read_pinned

    wrong = []
    for pinned in (told.detector, told.embedder):
        try:
            read_pinned(pinned)
        except BeholdenError as error:
            wrong.append(str(error))
    return "; ".join(wrong)
