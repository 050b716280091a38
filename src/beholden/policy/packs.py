"""A policy pack: a folder of rules, its digest, and the two signatures without which it is not in force.

A pack has `pack.toml` (name, purposes, numbers), `schema.cedarschema` (acts and facts) and `*.cedar` (the rules). It
may tighten what `records/rules.py` sets, never loosen it. The agency and the oversight body both sign its digest.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from beholden.errors import Untrusted
from beholden.formats.notes import cosign, open_note, sign_note
from beholden.ports.policy import Pack
from beholden.records.exhibits import SubjectRole
from beholden.records.rules import Rules, rules_of

# What ships, pinned. Who edits a pack's files changes the rules: that needs the new digest here, and both signatures.
SHIPPED: Mapping[str, str] = MappingProxyType(
    {"ca-2020": "c2f321f4ad626e0dbecbfa4130771efa54cd7b43f08ea99941159a9090177387"}
)

# Roles that no pack may open under a purpose (REQ 12): finding victims means searching for victims.
_ROLES_AT_MOST: Mapping[str, frozenset[str]] = MappingProxyType(
    {"victim-id-cse": frozenset({SubjectRole.VICTIM.value})}
)

# Purposes under which no pack may let a whole frame be kept (REQ 140).
_CROPPED_AT_LEAST = frozenset({"victim-id-cse"})

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
    policy: str  # the `*.cedar` files, one after another by name


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
    """SHA-256, in hex, over names and bytes of all files: of the lines `sha256␠␠name`, sorted by name.

    `cd FOLDER && find . -type f -printf '%P\\n' | LC_ALL=C sort | xargs sha256sum | sha256sum` gives the same.
    """
    return _digest_of(_files(folder))


def read(folder: Path) -> Content:
    """The pack in a folder. Raises `Untrusted` for one that is incomplete, malformed or looser than the rules."""
    files = _files(folder)
    try:
        texts = {name: content.decode() for name, content in files.items()}
        toml = tomllib.loads(texts["pack.toml"])
        schema = texts["schema.cedarschema"]
    except KeyError as lacking:
        raise _unusable(folder, f"there is no {lacking.args[0]}") from lacking
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as wrong:
        raise _unusable(folder, str(wrong)) from wrong
    cedar = sorted(name for name in texts if name.endswith(".cedar"))
    if not cedar:
        raise _unusable(folder, "there is no *.cedar file")
    name = _words(folder, toml, "name")
    if not _NAME.fullmatch(name):
        raise _unusable(folder, "its name is not made of small letters, digits and single hyphens")
    purposes = _list(folder, toml, "purposes")
    roles = {
        purpose: _list(folder, _table(folder, toml, "roles_by_purpose"), purpose)
        for purpose in _table(folder, toml, "roles_by_purpose")
    }
    if set(roles) != set(purposes):
        raise _unusable(folder, "[roles_by_purpose] does not name exactly the purposes")
    known = {role.value for role in SubjectRole} - {SubjectRole.UNDECLARED.value}
    for purpose, permitted in roles.items():
        if not _ROLES_AT_MOST.get(purpose, known).issuperset(permitted):
            raise _unusable(folder, f"it lets a role be sought under {purpose!r} that may not be")
    cropped = _list(folder, toml, "crop_on_intake") if "crop_on_intake" in toml else ()
    if not set(cropped) <= set(purposes):
        raise _unusable(folder, "'crop_on_intake' names something else than its purposes")
    if uncropped := sorted(_CROPPED_AT_LEAST.intersection(purposes) - set(cropped)):
        raise _unusable(folder, f"it lets whole frames be kept under {uncropped[0]!r}: put it into 'crop_on_intake'")
    titles = _titles(folder, _table(folder, toml, "words"), purposes)
    numbers = _numbers(folder, _table(folder, toml, "numbers"))
    try:
        rules = rules_of(numbers)
    except ValueError as wrong:
        raise _unusable(folder, str(wrong)) from wrong
    return Content(
        pack=Pack(
            name, _digest_of(files), purposes, MappingProxyType(roles), MappingProxyType(numbers), titles, cropped
        ),
        version=_words(folder, toml, "version"),
        description=_words(folder, toml, "description"),
        rules=rules,
        schema=schema,
        policy="\n".join(texts[name] for name in cedar),
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


def _files(folder: Path) -> dict[str, bytes]:
    try:
        found = sorted(folder.rglob("*"), key=lambda path: path.relative_to(folder).as_posix().encode())
        if any(path.is_symlink() or not (path.is_file() or path.is_dir()) for path in found):
            raise _unusable(folder, "it holds something that is no plain file")
        files = {path.relative_to(folder).as_posix(): path.read_bytes() for path in found if path.is_file()}
    except OSError as wrong:
        raise _unusable(folder, wrong.strerror or "it cannot be read") from wrong
    if any(not name.isprintable() for name in files):
        raise _unusable(folder, "the name of a file has characters that cannot be seen")
    if "pack.toml" not in files:
        raise _unusable(folder, "there is no pack.toml")
    return files


def _digest_of(files: Mapping[str, bytes]) -> str:
    lines = "".join(f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in files.items())
    return hashlib.sha256(lines.encode()).hexdigest()


def _table(folder: Path, toml: Mapping[str, object], name: str) -> Mapping[str, object]:
    value = toml.get(name)
    if not isinstance(value, dict):
        raise _unusable(folder, f"there is no table {name!r}")
    return value


def _titles(folder: Path, words: Mapping[str, object], purposes: Sequence[str]) -> Mapping[str, Mapping[str, str]]:
    """By language and purpose: `[words.purposes]` is English, `[words.fr.purposes]` French, where a pack has it."""
    said = {"en": _table(folder, words, "purposes")}
    said |= {name: _table(folder, _table(folder, words, name), "purposes") for name in words if name != "purposes"}
    for language, titles in said.items():
        there = "[words.purposes]" if language == "en" else f"[words.{language}.purposes]"
        if language == "en" and set(titles) != set(purposes):
            raise _unusable(folder, f"{there} does not name every purpose in words")
        if not set(titles) <= set(purposes) or not all(isinstance(title, str) and title for title in titles.values()):
            raise _unusable(folder, f"{there} says something else than its purposes in words")
    return MappingProxyType(
        {
            language: MappingProxyType({purpose: str(title) for purpose, title in titles.items()})
            for language, titles in said.items()
        }
    )


def _words(folder: Path, toml: Mapping[str, object], name: str) -> str:
    value = toml.get(name)
    if not isinstance(value, str) or not value:
        raise _unusable(folder, f"{name!r} is not given in words")
    return value


def _list(folder: Path, toml: Mapping[str, object], name: str) -> tuple[str, ...]:
    value = toml.get(name)
    if not isinstance(value, list) or not value or not all(isinstance(item, str) and item for item in value):
        raise _unusable(folder, f"{name!r} is no list of names")
    if len(set(value)) < len(value):
        raise _unusable(folder, f"{name!r} says something twice")
    return tuple(value)


def _numbers(folder: Path, table: Mapping[str, object]) -> dict[str, int]:
    numbers: dict[str, int] = {}
    for name, value in table.items():
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            raise _unusable(folder, f"the number {name!r} is no whole number above zero")
        numbers[name] = value
    return numbers


def _unusable(folder: Path, what: str) -> Untrusted:
    return Untrusted(f"the policy pack in {folder.name!r} cannot be used: {what}; restore the files that were signed")
