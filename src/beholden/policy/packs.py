"""A policy pack: a folder of rules, its digest, and the two signatures without which it is not in force.

A pack has `pack.toml` (name, purposes, numbers), `policy.cedar` (its own rules) and `words.*.toml` (both in words). It
stands on the floor (`policy/floor`: the schema, the rules that every pack has, and their words), which is part of its
digest. It may tighten what the floor and `records/rules.py` set, never loosen it. The agency and the oversight body
both sign its digest.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from types import MappingProxyType

from beholden.errors import Untrusted
from beholden.formats.notes import cosign, open_note, sign_note
from beholden.policy.files import BELOW, as_kept, digest_of, has_floor, unusable, whole
from beholden.policy.words import Words, joined, read_words
from beholden.ports.policy import Pack
from beholden.records.authority import Grounds
from beholden.records.exhibits import SubjectRole
from beholden.records.rules import Rules, rules_of

# What ships, pinned. Who edits a pack's files changes the rules: that needs the new digest here, and both signatures.
SHIPPED: Mapping[str, str] = MappingProxyType(
    {
        "ca-2020": "c17a9f8c56cd7b82327944046044b2627073bdb39ee9e710ca52133cdf4d53dd",
        "eu-aia": "639f0ac066b3ae940627b02d45e3dd6c9cd2a864d88b1311452b5ae2a3d4fea5",
        "us-md-2024": "04a31c304c6837fd082218b14956ad7559ef2545733ac4a651d640c021bb6634",
    }
)

# Roles that no pack may open under a purpose (REQ 12): finding victims means searching for victims.
_ROLES_AT_MOST: Mapping[str, frozenset[str]] = MappingProxyType(
    {"victim-id-cse": frozenset({SubjectRole.VICTIM.value})}
)

# Purposes under which no pack may let a whole frame be kept (REQ 140).
_CROPPED_AT_LEAST = frozenset({"victim-id-cse"})

AFTER_REFUSAL = ("sequester", "destroy")

_KEYS = frozenset(
    {
        *("name", "version", "description", "purposes", "roles_by_purpose", "required_fields", "crop_on_intake"),
        *("exigent_grounds", "after_refusal", "numbers", "keep_days"),
    }
)
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_HEADER = "beholden/pack/v1"


@dataclass(frozen=True, slots=True)
class Content:
    """What one reading of a pack's folder found; the digest is of exactly these bytes."""

    pack: Pack
    version: str
    description: str
    rules: Rules
    schema: str
    floor: str  # the floor's `*.cedar` files, one after another by name
    policy: str  # the pack's own rules
    words: Mapping[str, Words]  # by language; of the floor and the pack


@dataclass(frozen=True, slots=True)
class Signer:
    """A key that signs packs: the agency's or the oversight body's."""

    name: str
    public: bytes  # 32 bytes, Ed25519
    sign: Callable[[bytes], bytes]


def shipped(name: str) -> Path:
    """The folder of a pack that ships with the package. Raises `Untrusted` unless it has the pinned digest."""
    folder = Path(__file__).parent / "packs" / name
    if name not in SHIPPED:
        raise Untrusted(f"no pack {name!r} ships with this version: choose one of {', '.join(SHIPPED)}")
    found = digest(folder)
    if found != SHIPPED[name]:
        raise Untrusted(
            f"the files of pack {name!r} have digest {found}, not the pinned {SHIPPED[name]}: install the package again"
        )
    return folder


def digest(folder: Path) -> str:
    """SHA-256, in hex, over names and bytes of all files, the floor's under `floor/`: of the lines `sha256␠␠name`, sorted.

    With the floor's folder copied into it, `cd FOLDER && find . -type f -printf '%P\n' | LC_ALL=C sort | xargs sha256sum
    | sha256sum` gives the same.
    """
    return digest_of(whole(folder))


def read(folder: Path, *, as_it_was: bool = False) -> Content:
    """The pack in a folder. Raises `Untrusted` for one that is incomplete, malformed or looser than the rules.

    `as_it_was`: to compare, on the floor of which the folder holds a copy, though it be another version's.
    """
    files = whole(folder) if not as_it_was or not has_floor(as_kept(folder)) else as_kept(folder)
    try:
        texts = {name: content.decode() for name, content in files.items()}
        toml = tomllib.loads(texts["pack.toml"])
        schema, own, below = texts[f"{BELOW}schema.cedarschema"], _rules(texts), _rules(texts, BELOW)
        words = joined(read_words(_under(texts, BELOW)), read_words(texts))
    except KeyError as lacking:
        raise unusable(folder, f"there is no {lacking.args[0]}") from lacking
    except ValueError as wrong:  # what is no UTF-8 or no TOML is one too
        raise unusable(folder, str(wrong)) from wrong
    name = _words(folder, toml, "name")
    if not _NAME.fullmatch(name):
        raise unusable(folder, "its name is not made of small letters, digits and single hyphens")
    if strange := sorted(toml.keys() - _KEYS):
        raise unusable(folder, f"pack.toml says {strange[0]!r}, which no pack has")
    purposes = _list(folder, toml, "purposes")
    roles = {
        purpose: _list(folder, _table(folder, toml, "roles_by_purpose"), purpose)
        for purpose in _table(folder, toml, "roles_by_purpose")
    }
    if set(roles) != set(purposes):
        raise unusable(folder, "[roles_by_purpose] does not name exactly the purposes")
    known = {role.value for role in SubjectRole} - {SubjectRole.UNDECLARED.value}
    loose = [
        f"it lets {role!r} be sought under {purpose!r}, which may not be"
        for purpose, permitted in roles.items()
        for role in permitted
        if role not in _ROLES_AT_MOST.get(purpose, known)
    ]
    cropped = _list(folder, toml, "crop_on_intake") if "crop_on_intake" in toml else ()
    if not set(cropped) <= set(purposes):
        raise unusable(folder, "'crop_on_intake' names something else than its purposes")
    loose += [
        f"it lets whole frames be kept under {purpose!r}: put it into 'crop_on_intake'"
        for purpose in sorted(_CROPPED_AT_LEAST.intersection(purposes) - set(cropped))
    ]
    grounds = _list(folder, toml, "exigent_grounds", empty=True) if "exigent_grounds" in toml else ()
    titles = _titles(folder, "purposes", {language: said.purposes for language, said in words.items()}, purposes)
    reasons = _titles(folder, "grounds", {language: said.grounds for language, said in words.items()}, grounds)
    numbers = _numbers(folder, _table(folder, toml, "numbers"))
    keep_days = _numbers(folder, _table(folder, toml, "keep_days")) if "keep_days" in toml else {}
    try:
        rules = rules_of(numbers, keep_days)
    except ValueError as wrong:
        loose.append(str(wrong))
        rules = Rules()
    if loose:
        raise unusable(folder, "; ".join(loose))
    return Content(
        pack=Pack(
            name,
            digest_of(files),
            purposes,
            MappingProxyType(roles),
            MappingProxyType(numbers),
            titles,
            cropped,
            grounds,
            reasons,
            required_fields=_required(folder, toml, roles),
            keep_days=MappingProxyType(keep_days),
            after_refusal=_after_refusal(folder, toml),
        ),
        version=_words(folder, toml, "version"),
        description=_words(folder, toml, "description"),
        rules=rules,
        schema=schema,
        floor=below,
        policy=own,
        words=words,
    )


def statement(pack: Pack) -> str:
    """The text that both bodies sign."""
    return f"{_HEADER}\n{pack.name}\n{pack.digest}\n"


def sign(folder: Path, agency: Signer) -> bytes:
    """The first signature: the agency puts the pack in this folder forward."""
    return sign_note(statement(read(folder).pack), agency.name, agency.public, agency.sign)


def countersign(folder: Path, note: bytes, oversight: Signer, *, vkeys_agency: Sequence[str]) -> bytes:
    """The second signature, by the oversight body, which holds its own copy of the pack.

    Raises `Untrusted` unless the agency signed exactly that copy.
    """
    _opened(folder, note, vkeys_agency, "the agency")
    return cosign(note, oversight.name, oversight.public, oversight.sign)


def check(folder: Path, note: bytes, vkeys_agency: Sequence[str], vkeys_oversight: Sequence[str]) -> str:
    """The digest of the pack in this folder, which both bodies signed. Raises `Untrusted` and names what is wrong.

    Who then loads the folder compares this digest with `policy.pack.digest`, so that a file changed in between shows.
    """
    _check_two_keys(vkeys_agency, vkeys_oversight)
    by_agency = _opened(folder, note, vkeys_agency, "the agency")
    _opened(folder, note, vkeys_oversight, "the oversight body")
    return by_agency


def signed_by_both(note: bytes, vkeys_agency: Sequence[str], vkeys_oversight: Sequence[str]) -> tuple[str, str]:
    """Name and digest of the pack that both bodies signed, be it this version's or another's. Raises `Untrusted`."""
    _check_two_keys(vkeys_agency, vkeys_oversight)
    text = _text_of(note, vkeys_agency, "the agency", "the pack")
    _text_of(note, vkeys_oversight, "the oversight body", "the pack")
    lines = text.split("\n")
    if len(lines) != 4 or lines[0] != _HEADER or lines[3]:
        raise Untrusted("the note that both bodies signed is about no policy pack; get the one about the pack")
    return lines[1], lines[2]


def _check_two_keys(vkeys_agency: Sequence[str], vkeys_oversight: Sequence[str]) -> None:
    if {_key(vkey) for vkey in vkeys_agency} & {_key(vkey) for vkey in vkeys_oversight}:
        raise Untrusted("the agency and the oversight body have the same key: each needs one of its own")


def _text_of(note: bytes, vkeys: Sequence[str], who: str, what: str) -> str:
    try:
        return open_note(note, vkeys)[0]
    except Untrusted as wrong:
        raise Untrusted(f"{what} has no valid signature of {who}: {wrong}") from wrong


def _opened(folder: Path, note: bytes, vkeys: Sequence[str], who: str) -> str:
    pack = read(folder).pack
    text = _text_of(note, vkeys, who, f"pack {pack.name!r}")
    if text != statement(pack):
        raise Untrusted(
            f"the note of {who} is not about pack {pack.name!r} with digest {pack.digest}: restore the files that were "
            "signed, or have these signed by both bodies"
        )
    return pack.digest


def _key(vkey: str) -> str:
    return vkey.split("+", 2)[-1]


def _under(texts: Mapping[str, str], folder: str) -> dict[str, str]:
    return {name.removeprefix(folder): text for name, text in texts.items() if name.startswith(folder)}


def _rules(texts: Mapping[str, str], folder: str = "") -> str:
    """The `*.cedar` files of the floor, one after another by name, or the pack's one."""
    if not folder:
        return texts["policy.cedar"]
    return "\n".join(text for name, text in sorted(_under(texts, folder).items()) if name.endswith(".cedar"))


def _table(folder: Path, toml: Mapping[str, object], name: str) -> Mapping[str, object]:
    value = toml.get(name)
    if not isinstance(value, dict):
        raise unusable(folder, f"there is no table {name!r}")
    return value


def _titles(
    folder: Path, table: str, said: Mapping[str, Mapping[str, str]], names: Sequence[str]
) -> Mapping[str, Mapping[str, str]]:
    """By language and name: English has them all, another language as far as there are words."""
    for language, titles in said.items():
        if language == "en" and set(titles) != set(names):
            raise unusable(
                folder, f"[{table}] of words.en.toml does not name in words every one of the pack's, and no other"
            )
        if not set(titles) <= set(names):
            raise unusable(folder, f"[{table}] of words.{language}.toml says something else in words than the pack has")
    return MappingProxyType(said)


def _words(folder: Path, toml: Mapping[str, object], name: str) -> str:
    value = toml.get(name)
    if not isinstance(value, str) or not value:
        raise unusable(folder, f"{name!r} is not given in words")
    return value


def _list(folder: Path, toml: Mapping[str, object], name: str, *, empty: bool = False) -> tuple[str, ...]:
    value = toml.get(name)
    if not isinstance(value, list) or not (value or empty) or not all(isinstance(item, str) and item for item in value):
        raise unusable(folder, f"{name!r} is no list of names")
    if len(set(value)) < len(value):
        raise unusable(folder, f"{name!r} says something twice")
    return tuple(value)


def _required(
    folder: Path, toml: Mapping[str, object], roles: Mapping[str, Sequence[str]]
) -> Mapping[str, tuple[str, ...]]:
    """What requests must name beside their necessity: by purpose, or by purpose and role (`offence/suspect`)."""
    table = _table(folder, toml, "required_fields") if "required_fields" in toml else {}
    places = {*roles, *(f"{purpose}/{role}" for purpose, permitted in roles.items() for role in permitted)}
    if strange := sorted(set(table) - places):
        raise unusable(
            folder, f"[required_fields] names {strange[0]!r}, which is no purpose of it, nor a role under one"
        )
    required = {place: _list(folder, table, place) for place in table}
    known = {one.name for one in fields(Grounds)}
    for place, names in required.items():
        if strange := sorted(set(names) - known):
            raise unusable(folder, f"[required_fields] asks for {strange[0]!r} under {place!r}, which no request has")
    return MappingProxyType(required)


def _after_refusal(folder: Path, toml: Mapping[str, object]) -> str:
    """What becomes of what a search before approval made, once that is refused or nobody approves in time (REQ 23)."""
    said = toml.get("after_refusal", AFTER_REFUSAL[0])
    if said not in AFTER_REFUSAL:
        raise unusable(folder, f"'after_refusal' is none of {', '.join(AFTER_REFUSAL)}")
    return str(said)


def _numbers(folder: Path, table: Mapping[str, object]) -> dict[str, int]:
    numbers: dict[str, int] = {}
    for name, value in table.items():
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            raise unusable(folder, f"the number {name!r} is no whole number above zero")
        numbers[name] = value
    return numbers
