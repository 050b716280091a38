"""`beholden policy`: the rules in force, the signatures of the two bodies, and how another pack takes their place."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from beholden import adopting
from beholden.cli import printing
from beholden.cli.door import ANYWHERE, Where, wrapping_of
from beholden.cli.folders import content_of
from beholden.cli.printing import Told
from beholden.errors import BadInput, BeholdenError
from beholden.settings import Settings, read_settings

if TYPE_CHECKING:
    from beholden.policy.packs import Content

app = App(name="policy")
MOST = 2**16  # bytes of a note or of a key
SHIPS = "ca-2020"  # the pack that is meant where none is named
LOOSER = 8  # exit code of `diff`
PACK = "A pack that ships, by its name, or the folder of one."
Pack = Annotated[str, Parameter(help=f"{PACK} Without it the one of --data, else {SHIPS}.")]


@app.command
def show(*, where: Where = ANYWHERE) -> Told:
    """Show the packs that ship with this version and, with --data, the one in force, whose keys sign, and what waits.

    Example: beholden policy show --data ~/beholden
    """
    from beholden.policy import packs, pinned

    settings = read_settings(where.data) if where.data else None
    folder = pinned.folder_of(where.data, settings.pack if settings else SHIPS)
    content = packs.read(folder)
    there = f"{content.pack.name}@{content.pack.digest}"
    ships = [f"{name}@{packs.SHIPPED[name]}" for name in packs.SHIPPED]
    document: dict[str, object] = {
        "pack": there,
        "ships": ships,
        "version": content.version,
        "description": content.description,
    }
    lines = [
        *(f"This version ships {one}" for one in ships),
        there,
        f"    version {content.version}: {content.description}",
    ]
    if where.data and settings:
        bodies = pinned.Bodies(settings.agency, settings.oversight)
        signed = pinned.signed(where.data, settings.pack, bodies)
        kept = pinned.kept_in(where.data)
        waits, waiting = _waiting(where.data, settings) if signed == there else ({"waits": None}, ())
        document |= {
            "signed": signed,
            "agency": settings.agency,
            "oversight": settings.oversight,
            "in_force": signed == there,
            "kept": kept,
            **waits,
        }
        lines += [
            f"Both bodies signed {signed}" if signed else "The signatures of both bodies are missing, or do not hold.",
            f"    the agency's key:         {settings.agency}",
            f"    the oversight body's key: {settings.oversight}",
            *(f"Kept, of the agency's own: {one}" for one in kept),
            "It is in force."
            if signed == there
            else "Nothing opens until both have signed it: `beholden policy sign`, then `beholden policy adopt`.",
            *waiting,
        ]
    return Told(document, tuple(lines))


@app.command
def check(pack: Pack = "", /, *, where: Where = ANYWHERE) -> Told:
    """Check a pack: its files, its rules against the schema, its words, and that nothing of the floor is loosened.

    Example: beholden policy check ./our-pack
    """
    from beholden.policy.cedar import CedarPolicy
    from beholden.policy.parsed import parsed

    content = CedarPolicy(_folder_of(pack, where)).content
    own = [rule.id for rule in parsed(content.policy)]
    said = {
        language: len(words.rules) for language, words in content.words.items()
    }  # of each language: how many rules are said in it
    document = {
        "pack": f"{content.pack.name}@{content.pack.digest}",
        "version": content.version,
        "purposes": {
            purpose: {"roles": list(roles), "required_fields": list(content.pack.required_fields.get(purpose, ()))}
            for purpose, roles in content.pack.roles_by_purpose.items()
        },
        "exigent_grounds": list(content.pack.exigent_grounds),
        "numbers": dict(content.pack.numbers),
        "own_rules": own,
        "rules_said": said,
        "can_be_adopted": _name_is_free(content),
    }
    lines = [
        f"{content.pack.name}@{content.pack.digest}",
        f"    version {content.version}: {content.description}",
        *(f"    {purpose}: {', '.join(roles)}" for purpose, roles in content.pack.roles_by_purpose.items()),
        f"    before approval: {', '.join(content.pack.exigent_grounds) or 'never'}",
        f"    rules of its own: {', '.join(own) or 'none'}",
        f"    rules in words: {', '.join(f'{count} in {language}' for language, count in said.items())}",
        "Its files, its rules and its words are whole, and nothing is looser than every pack must be.",
    ]
    if not _name_is_free(content):
        lines.append(f"A pack named {content.pack.name} ships, and this is another: it needs a name of its own.")
    return Told(document, tuple(lines))


@app.command
def explain(
    name: Annotated[str, Parameter(help="A rule (its id, as a refusal names it), or an act (its name in the log).")],
    pack: Pack = "",
    /,
    *,
    language: Annotated[str, Parameter(help="In which language: en or fr.")] = "en",
    where: Where = ANYWHERE,
) -> Told:
    """Explain a rule in words, with its source and the facts that it asks for; or all rules that an act meets.

    Example: beholden policy explain search.started
    """
    from beholden.policy import explaining
    from beholden.policy.cedar import CedarPolicy

    content = CedarPolicy(_folder_of(pack, where)).content
    rules = explaining.explain(content, name, language)
    lines = []
    for rule in rules:
        lines += [
            f"{rule['rule_id']} ({'who may' if rule['effect'] == 'permit' else 'refuses'}): {rule['why']}",
            *([f"    how to proceed: {rule['how_to_proceed']}"] if rule["how_to_proceed"] else []),
            f"    source: {rule['source']}",
            f"    facts: {', '.join(rule['facts']) or 'none'}",
            f"    acts: {', '.join(rule['acts']) or 'every one'}",
        ]
    return Told({"pack": f"{content.pack.name}@{content.pack.digest}", "rules": rules}, tuple(lines))


@app.command
def diff(
    before: Annotated[str, Parameter(help=PACK)],
    after: Annotated[str, Parameter(help=PACK)] = "",
    /,
    *,
    where: Where = ANYWHERE,
) -> Told:
    """Tell what is tighter, looser or otherwise different in another pack. With --data and one pack: than in what is in force.

    It exits with 8 where anything is looser, and with 0 where nothing is. What cannot be shown to be tighter counts as looser.

    Example: beholden policy diff ca-2020 ./our-pack
    """
    from beholden.policy import packs, pinned
    from beholden.policy.differences import differences, is_looser

    if after:
        folders = (pinned.given(before), pinned.given(after))
    else:
        folders = (pinned.folder_of(where.folder, read_settings(where.folder).pack), pinned.given(before))
    was, now = (packs.read(folder, as_it_was=True) for folder in folders)
    found = differences(was, now)
    named = [f"{one.pack.name}@{one.pack.digest}" for one in (was, now)]
    document = {
        "before": named[0],
        "after": named[1],
        "looser": is_looser(found),
        "differences": [
            {"way": one.way, "kind": one.kind, "name": one.name, "before": one.before, "after": one.after}
            for one in found
        ],
    }
    rows = [(one.way, one.kind, one.name, one.before or "-", one.after or "-") for one in found]
    table = printing.rows(("", "what", "name", "before", "after"), rows, "Nothing differs.")
    ends = (
        f"It is looser: it comes into force {was.rules.notice_days} days after it is put on record."
        if is_looser(found)
        else "Nothing is looser: it comes into force when it is adopted."
    )
    lines = (f"from {named[0]}", f"to   {named[1]}", table, *((ends,) if found else ()))
    return Told(document, lines, LOOSER if is_looser(found) else 0)


@app.command
def sign(
    note: Annotated[
        Path | None, Parameter(help="The note to begin, or to sign as the second; else it is printed.")
    ] = None,
    /,
    *,
    key: Annotated[Path, Parameter(help="The private key (PEM) of the body that signs.")],
    name: Annotated[str, Parameter(help="Its name: agency or oversight, unless the body brought a key of its own.")],
    pack: Annotated[str, Parameter(help=PACK)] = SHIPS,
) -> Told:
    """Sign a policy pack, as the agency or the oversight body. It opens no system.

    Example: beholden policy sign pack.note --key agency.pem --name agency
    """
    from beholden.policy import pinned

    before = content_of(note, most=MOST) if note and note.exists() else b""
    folder = pinned.given(pack)
    signed, vkey = pinned.sign(folder, name, content_of(key, most=MOST), before)
    which = "@".join(signed.decode().split("\n")[1:3])
    document = {"pack": which, "key": vkey, "note": signed.decode()}
    if note is None:
        return Told(document, tuple(signed.decode().removesuffix("\n").split("\n")))
    _write(note, signed)
    return Told(document, (f"{note}: {which} is signed by {vkey}",))


@app.command
def adopt(
    note: Annotated[Path, Parameter(help="The note that both bodies signed.")],
    /,
    *,
    pack: Annotated[
        str, Parameter(help=f"{PACK} Without it: the one that the system has, as it is in this version.")
    ] = "",
    where: Where = ANYWHERE,
) -> Told:
    """Put a pack in force: both bodies that the system pins have signed exactly it. A looser one waits for its day.

    Example: beholden policy adopt pack.note --data ~/beholden
    """
    folder = where.folder
    content = content_of(note, most=MOST)
    told = adopting.adopt_pack(folder, content, pack=pack, wrapping=wrapping_of(read_settings(folder)), client="cli")
    document = {
        "before": told.before,
        "after": told.after,
        "begins_at": told.begins_at.isoformat() if told.begins_at else None,
        "on_record": told.on_record,
        "looser": [f"{one.kind} {one.name}" for one in told.looser],
        "called_off": told.called_off,
    }
    if told.begins_at:
        return Told(
            document,
            (
                f"{told.after} is looser than {told.before}:",
                *(
                    f"    {one.kind} {one.name}: {one.before or 'not there'}, then {one.after or 'not there'}"
                    for one in told.looser
                ),
                f"It is in force from {told.begins_at:%Y-%m-%d %H:%M} UTC on, with the first opening after that.",
                f"Until then {told.before} is. It is on record, and the oversight body is told.",
            ),
        )
    lines = (
        f"{told.after} is in force already." if told.before == told.after else f"{told.after} is in force from now on.",
        *((f"{told.called_off}, which waited, is called off.",) if told.called_off else ()),
        f"Before it: {told.before or 'no signatures that hold'}.",
        "It is on record in the log."
        if told.on_record
        else "It comes on record with the first opening: the tables wait for `beholden check --upgrade`.",
    )
    return Told(document, lines)


def _waiting(data: Path, settings: Settings) -> tuple[dict[str, object], tuple[str, ...]]:
    """The looser pack that was announced. It stands in the log, which the keys open; a folder that does not open is told."""
    from beholden import opening
    from beholden.actions import version

    try:
        unlocked = wrapping_of(settings) or opening.unlocking(settings.unlock)
        system = opening.open_checked(data, settings, unlocked, "cli")
    except BeholdenError as error:
        return {"waits": None, "unread": str(error)}, (f"Whether a looser pack waits could not be read: {error}",)
    try:
        there = version.waiting(system)
    finally:
        system.close()
    if there is None:
        return {"waits": None}, ("No looser pack waits.",)
    words = f"{there.pack} is looser and waits: it is in force from {there.begins_at:%Y-%m-%d %H:%M} UTC on."
    return {"waits": {"pack": there.pack, "begins_at": there.begins_at.isoformat()}}, (words,)


def _folder_of(pack: str, where: Where) -> Path:
    from beholden.policy import pinned

    if pack:
        return pinned.given(pack)
    return pinned.folder_of(where.data, read_settings(where.data).pack) if where.data else pinned.given(SHIPS)


def _name_is_free(content: Content) -> bool:
    from beholden.policy import pinned

    try:
        pinned.name_in(content.pack)
    except BadInput:
        return False
    return True


def _write(path: Path, content: bytes) -> None:
    beside = path.with_name(f"{path.name}.new")
    try:
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o644), "wb") as file:
            file.write(content)
        beside.replace(path)
    except OSError as error:
        raise BadInput(f"{path} cannot be written ({error.strerror}); name another place") from error
