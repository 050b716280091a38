"""The composition root: addresses in, an open `System` out. Only this file puts adapters together."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from beholden.adapters import open_address as open_address
from beholden.errors import BadInput, Fault, Untrusted
from beholden.ports.system import System
from beholden.records.rules import rules_of
from beholden.settings import LAYOUT, SETTINGS, Settings, read_settings, with_packs, written

if TYPE_CHECKING:
    from beholden.keys.wrapping import Wrapping
    from beholden.ports.database import Database
    from beholden.ports.documents import Documents
    from beholden.ports.media import Media
    from beholden.ports.model import Model
    from beholden.ports.policy import Policy

PROFILES = ("operational", "synthetic")


@dataclass(frozen=True, slots=True)
class Made:
    """What `make_folder` made, for the person who must hand it on."""

    token: str  # one-time, of the first person; kept nowhere
    handover: tuple[Path, ...]  # private keys of the agency and the oversight body, to be given to them and removed


@dataclass(frozen=True, slots=True)
class PackSignatures:
    """Public keys and a countersigned note that agency and oversight body made themselves, elsewhere."""

    agency: str
    oversight: str
    note: bytes


def make_folder(
    data: Path,
    keys: Path,
    *,
    profile: str,
    administrator: str,
    wrapping: Wrapping,
    model: str = "pack:yunet-sface",
    pack: str = "ca-2020",
    signatures: PackSignatures | None = None,
) -> Made:
    """Make a real, empty system: two folders, log entry 0, one invited person. Nothing is left if it cannot be made whole.

    Without `signatures`, keys for the agency and the oversight body are made, to be handed over.
    """
    from shutil import rmtree

    from beholden.stores.places import check_places

    data, keys = data.resolve(), keys.resolve()
    if profile not in PROFILES:
        raise BadInput(f"{profile!r} is no profile; it must be one of: {', '.join(PROFILES)}")
    check_places(data, keys)
    _check_model(profile, model)
    before = [folder for folder in (data, keys) if folder.exists()]
    try:
        return _make(data, keys, profile, administrator, wrapping, model, pack, signatures)
    except BaseException:
        for folder in (data, keys):
            rmtree(folder, ignore_errors=True)
            if folder in before:
                folder.mkdir(mode=0o700)
        raise


def open_folder(
    data: Path, *, wrapping: Wrapping | None = None, client: str = "python", recover: bool = True
) -> System:
    """Open a data folder, and finish what a crash left half-done. `wrapping` is needed where a passphrase unlocks the keys.

    Raises `WrongVersion` for a folder of another layout, `Untrusted` for a policy pack without both signatures, `Locked`
    when the keys cannot be unlocked, `Fault` when settings and log tell of different systems, or when the folder is a copy
    of another one that is still there and has the same keys.
    """
    from beholden.in_force import check_in_force, due_settings

    data, settings = data.resolve(), read_settings(data)
    unlocked = wrapping or unlocking(settings.unlock)
    system = open_checked(data, settings, unlocked, client)
    if (due := due_settings(system, data, settings)) != settings:
        system.close()
        settings = due
        system = open_checked(data, settings, unlocked, client)
    try:
        check_in_force(system, data)
        _check_model(settings.profile, settings.model, system)
        if recover:
            from beholden.actions.provider import record_provider
            from beholden.actions.recover import recover as do_recover
            from beholden.actions.version import record_version
            from beholden.actions.witnessing import record_witnesses
            from beholden.database.revisions import HEAD
            from beholden.database.upgrade import seal_fields

            seal_fields(system.database, system.keys)
            do_recover(system)
            record_version(system, tables=HEAD)
            record_witnesses(system)
            record_provider(system)
    except BaseException:
        system.close()
        raise
    return system


def open_system(
    *,
    database: str = "sqlite://",
    blobs: str = "memory:",
    index: str = "exact:",
    model: str = "pack:yunet-sface",
    media: str = "sandbox:",
    origin: str = "beholden/synthetic/memory",
    client: str = "python",
    segments: Path | None = None,
    **parts: Any,
) -> System:
    """A system from addresses; `parts` are ports that have none. The defaults are in memory and forget everything.

    `segments`: the folder of the index's sealed copy, where it has one.
    """
    from beholden.clock import WallClock
    from beholden.index.prints import MemoryPrints
    from beholden.keys.codes import TotpCodes
    from beholden.keys.credentials import Argon2Credentials
    from beholden.keys.passkeys import WebAuthnPasskeys

    if "policy" not in parts:
        from beholden.policy.pinned import load

        parts["policy"] = load("ca-2020")
    if "keys" not in parts:
        from beholden.keys.memory import MemoryKeys

        parts["keys"] = MemoryKeys()
    if "stores" not in parts:
        from beholden.stores.memory import MemoryStores

        parts["stores"] = MemoryStores()
    if "witness" not in parts:
        from beholden.witness.memory import MemoryWitness

        parts["witness"] = MemoryWitness()
    parts.setdefault("credentials", Argon2Credentials())
    parts.setdefault("passkeys", WebAuthnPasskeys())
    parts.setdefault("codes", TotpCodes())
    parts.setdefault("clock", WallClock())
    parts.setdefault("prints", MemoryPrints())
    parts.setdefault("documents", _documents())
    parts.setdefault("rules", rules_of(parts["policy"].pack.numbers, parts["policy"].pack.keep_days))
    sealed: tuple[Any, ...] = ()
    if segments is not None:
        from beholden.index.segments import Segments

        sealed = (Segments(segments, parts["keys"]),)
    records: Database = open_address(database)
    records.seal_under(parts["keys"])
    return System(
        profile=origin.split("/")[1],
        origin=origin,
        client=client,
        database=records,
        blobs=open_address(blobs),
        index=open_address(index, *sealed),
        model=open_address(model),
        media=open_address(media),
        **parts,
    )


def open_preparing(model: str, checked: tuple[str, str] | None = None) -> tuple[Media, Model]:
    """What a process has that prepares files for enrolment: neither keys nor records. Raises as `same_model` does."""
    from beholden.actions.preparing import same_model

    return open_address("sandbox:"), same_model(open_address(model), checked)


def open_measuring(model: str) -> tuple[Model, Media]:
    """Model and media as measuring has them: faces from a detector score of 0.2 are found (see docs/evaluate.md)."""
    name, _, more = model.partition("?")
    scored = f"{name}?score=0.2&{more}" if model.startswith("pack:") else model  # of two scores the later one counts
    return open_address(scored), open_address("sandbox:")


def _documents() -> Documents | None:
    """What sets pages, if the extra `report` is installed; it is loaded when the first page is set."""
    from importlib.util import find_spec

    return open_address("typst:") if find_spec("typst") else None


def upgrade_folder(data: Path) -> tuple[str, str]:
    """Bring an older data folder to this version; the revisions before and after. All of it or nothing."""
    from beholden.database.upgrade import upgrade

    read_settings(data)
    return upgrade(_records(data.resolve()))


def _open_other(data: Path, system: System, address: str) -> Model:
    """Another model for this system, as fit as the one in use must be."""
    address = with_packs(address, data)
    model: Model = _opened_model(address)
    _check_model(system.profile, address, replace(system, model=model))
    return model


@lru_cache(maxsize=2)  # of an upgrade: the worker's next round does not load it again
def _opened_model(address: str) -> Model:
    model: Model = open_address(address)
    return model


def _check_model(profile: str, model: str, system: System | None = None) -> None:
    """`system`: the open one. The stand-in for tests reads drawn numbers: it would say of any person that no face is there."""
    if profile != "synthetic" and model.startswith("drawn:"):
        raise BadInput("the drawn model is a stand-in for tests: only a system of the profile synthetic can have it")
    if model.startswith("pack:"):
        from beholden.actions.model_packs import check_pack

        pack: Any = system.model if system else open_address(model)
        check_pack(system, pack.manifest, profile=profile)


def _make(
    data: Path,
    keys: Path,
    profile: str,
    administrator: str,
    wrapping: Wrapping,
    model: str,
    pack: str,
    signatures: PackSignatures | None,
) -> Made:
    from beholden.actions.initialise import initialise
    from beholden.actions.log import seal
    from beholden.database.upgrade import upgrade
    from beholden.keys.vault import Vault
    from beholden.policy import handover, pinned
    from beholden.policy.cedar import CedarPolicy
    from beholden.policy.packs import SHIPPED

    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    data.chmod(0o700)
    Vault.make(keys, wrapping).close()
    (data / "policy").mkdir(mode=0o700)
    folder = pinned.given(pack)
    if pack not in SHIPPED:
        pack = pinned.take_in(data, folder, CedarPolicy(folder).pack)
    handed: tuple[Path, ...] = ()
    if signatures is None:
        signers = {body: handover.make_signer(body) for body in handover.BODIES}
        signatures = PackSignatures(*handover.sign_pack(folder, signers["agency"][0], signers["oversight"][0]))
        handed = handover.write_handover(keys / "handover", {body: pem for body, (_, pem) in signers.items()})
    settings = Settings(
        layout=LAYOUT,
        origin=f"beholden/{profile}/{secrets.token_hex(4)}",
        keys=keys,
        unlock=_unlock_of(wrapping),
        model=model,
        pack=pack,
        agency=signatures.agency,
        oversight=signatures.oversight,
    )
    pinned.replace(data, pack, signatures.note)
    _, tables = upgrade(_records(data))
    (data / SETTINGS).write_text(written(settings), encoding="utf-8")
    system = _open(data, settings, wrapping, "python")
    try:
        pins = (settings.agency, settings.oversight)
        token = initialise(system, administrator=administrator, signers=pins, tables=tables)
        seal(system)
    finally:
        system.close()
    return Made(token, handed)


def open_checked(
    data: Path, settings: Settings, wrapping: Wrapping, client: str, policy: Policy | None = None
) -> System:
    """An open system whose settings agree with log entry 0; what a crash left is as it was, and nothing is put on record.

    `policy`: in place of the pack that the settings name.
    """
    from beholden.stores.places import check_no_copy

    system = _open(data, settings, wrapping, client, policy)
    try:
        check_no_copy(system.keys, data, settings.keys)
        _check_entry_zero(system, settings)
    except BaseException:
        system.close()
        raise
    return system


def _open(data: Path, settings: Settings, wrapping: Wrapping, client: str, policy: Policy | None = None) -> System:
    from beholden.keys.oidc import provider_of
    from beholden.keys.vault import Vault
    from beholden.policy import pinned
    from beholden.stores.disk import DiskStores
    from beholden.witness.told import witnesses_of

    if policy is None:
        bodies = pinned.Bodies(settings.agency, settings.oversight)
        policy = pinned.load(settings.pack, pinned.stored(data, settings.pack), bodies, data=data)
    vault = Vault(settings.keys, wrapping)
    stores = None
    try:
        stores = DiskStores(data, settings.keys)
        return open_system(
            database=_records(data),
            blobs=f"files:{data / 'blobs'}",
            index=f"exact:{data / 'engine' / 'calls'}",
            segments=data / "engine" / "segments",
            model=settings.model,
            open_model=partial(_open_other, data),
            origin=settings.origin,
            client=client,
            keys=vault,
            stores=stores,
            witness=open_address(f"log:{data / 'log'}"),
            cosigners=witnesses_of(settings.witnesses, apart=(data, settings.keys)),
            provider=provider_of(settings.oidc, data),
            policy=policy,
        )
    except BaseException:
        vault.close()
        if stores is not None:
            stores.close()
        raise


def _check_entry_zero(system: System, settings: Settings) -> None:
    """The settings file can be edited; the log cannot. Raises `Fault` or `Untrusted` where they differ."""
    from beholden.actions.log import opened_items

    with system.database.look() as look:
        told = {item.name: item.value for item in opened_items(system, look, 0)}
    if (told.get("profile"), told.get("origin")) != (system.profile, system.origin):
        raise Fault(
            f"{SETTINGS} says {system.origin!r}, but log entry 0 says {told.get('origin')!r}; restore the settings file"
        )
    if told.get("signers") != [settings.agency, settings.oversight]:
        raise Untrusted(
            f"{SETTINGS} names other keys of the agency or the oversight body than log entry 0; restore the settings file"
        )


def _records(data: Path) -> str:
    return f"sqlite:///{data / 'records.db'}"


def unlocking(unlock: str) -> Wrapping:
    from beholden.keys.wrapping import AgeIdentity, Custodians, KeyFile

    kind, _, place = unlock.partition(":")
    if kind == "key-file":
        return KeyFile(Path(place))
    if kind == "age":
        return AgeIdentity(Path(place))
    if kind == Custodians.kind:
        return Custodians(Path(place))
    raise BadInput("the keys of this system are unlocked by a passphrase; give it in BEHOLDEN_PASSPHRASE or when asked")


def _unlock_of(wrapping: Any) -> str:
    return str(wrapping.kind) + (f":{wrapping.path.resolve()}" if hasattr(wrapping, "path") else "")
