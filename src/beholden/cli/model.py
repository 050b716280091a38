"""`beholden model`: which model packs there are, the card of each, and how one of your own comes in."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from beholden.actions import model_packs, upgrade
from beholden.actions.beside import prepare_beside
from beholden.actions.embed import embed_anew
from beholden.cli.door import ANYWHERE, HERE, Door, Where, opened
from beholden.cli.printing import Told, rows, short
from beholden.errors import BeholdenError
from beholden.ports.system import System
from beholden.records.people import Officer
from beholden.records.upgrades import Upgrade, UpgradeState
from beholden.settings import packs_in, read_settings, with_model, without_packs

if TYPE_CHECKING:
    from beholden.model.manifest import Manifest

app = App(name="model")


@app.command(name="list")
def list_(*, where: Where = ANYWHERE) -> Told:
    """List the packs that ship and, with --data, those of the system: whether their files are the pinned ones, and which is in use.

    Which one lies beside it during a change is in the records: `beholden model progress` tells.

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
        f"To use it, begin with `beholden model begin pack:{pack.name}`: its templates are made beside those in force.",
    )
    return Told(document, lines)


@app.command
def renew(*, where: Where = ANYWHERE) -> Told:
    """Make templates of the model in force in the place of those of another, until none waits. It can be broken off.

    For what an upgrade left: references whose picture could not be read then. A model is changed with `beholden model begin`.

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


@app.command
def begin(
    model: Annotated[str, Parameter(help="Its address, as `model` in beholden.toml: pack:NAME, say.")],
    /,
    *,
    door: Door = HERE,
) -> Told:
    """Begin to change to another model: from now on the worker makes its templates beside those in force, which are searched.

    Example: beholden model begin pack:yunet-sface-mirror
    """
    with door.enter() as (system, officer):
        folder = door.where.folder
        in_use = without_packs(read_settings(folder).model, folder)
        upgrade.begin_upgrade(system, officer, model=model, instead_of=in_use)
        return _progress(system, officer)


@app.command
def fill(*, where: Where = ANYWHERE) -> Told:
    """Make templates of the model beside now, until each reference has one. The worker does so too; it can be broken off.

    Example: beholden model fill --data ~/beholden
    """
    done = 0
    with opened(where.folder, client="worker") as system:
        while made := prepare_beside(system):
            done += made
    return Told({"settled": done}, (f"{done:,} references were settled; see `beholden model progress`.",))


@app.command
def progress(*, door: Door = HERE) -> Told:
    """How far the change to another model is, and what the switch still waits for.

    Example: beholden model progress
    """
    with door.enter() as (system, officer):
        return _progress(system, officer)


@app.command
def switch(*, door: Door = HERE) -> Told:
    """Put the new model in force, as an administrator. Start the server again then: until that its searches are refused.

    Example: beholden model switch
    """
    return _change(door, upgrade.switch_upgrade)


@app.command
def back(*, door: Door = HERE) -> Told:
    """Put the old model in force again, which can be done until its templates are purged.

    Example: beholden model back
    """
    return _change(door, upgrade.switch_back)


@app.command
def purge(*, door: Door = HERE) -> Told:
    """Destroy every template of the model that is not in force, and show by a byte scan that they are gone.

    After the switch there is then no way back. Before it, the change is given up.

    Example: beholden model purge
    """
    with door.enter() as (system, officer):
        ended = upgrade.purge_upgrade(system, officer)
    words = f"The templates of {ended.model_beside} are destroyed. {ended.model_in_force} is in force."
    return Told({"destroyed": ended.model_beside, "in_force": ended.model_in_force}, (words,))


def _change(door: Door, do: Callable[[System, Officer], Upgrade]) -> Told:
    with door.enter() as (system, officer):
        changed = do(system, officer)
        folder = door.where.folder
        with_model(folder, read_settings(folder), changed.model_in_force)  # else the next opening would do it
    lines = (
        f"{changed.model_in_force} is in force, and beholden.toml says so. Start the server again: until then its searches",
        f"are refused. Until `beholden model purge` the templates of {changed.model_beside} lie beside.",
    )
    return Told({"in_force": changed.model_in_force, "beside": changed.model_beside}, lines)


def _progress(system: System, officer: Officer) -> Told:
    told = upgrade.progress(system, officer)
    if told is None:
        return Told({"state": "never"}, ("The model of this system was never changed.",))
    one = told.upgrade
    document = {
        "state": str(one.state),
        "in_force": one.model_in_force,
        "beside": one.model_beside,
        "switched": one.switched,
        "references": told.references,
        "prepared": told.prepared,
        "impossible": told.impossible,
        "lacking": told.lacking,
        "measured": told.measured,
        "approved": told.approved,
    }
    if one.state is UpgradeState.ENDED:
        return Told(document, (f"{one.model_in_force} is in force, and no other model lies beside it.",))
    if one.state is UpgradeState.PURGING:
        return Told(
            document, (f"{one.model_in_force} is in force. The templates of {one.model_beside} are being destroyed.",)
        )
    lines = [
        f"{one.model_in_force} is in force; {one.model_beside} lies beside it.",
        f"Templates beside: {told.prepared:,} of {told.references:,} references; {told.impossible:,} cannot have one; "
        f"{told.lacking:,} still to do.",
    ]
    if not one.switched:
        lines.append(
            f"{one.new_model} was {'' if told.measured else 'not '}measured here (`beholden evaluate --beside`), and its "
            f"calibration is {'' if told.approved else 'not '}in force (`beholden calibrate`)."
        )
    return Told(document, tuple(lines))


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
