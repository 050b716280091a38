"""What the settings file of a data folder says. It is read once, when the folder is opened, and passed on."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path

from beholden.durable import write_whole
from beholden.errors import BadInput, Fault, WrongVersion

LAYOUT = 1  # of the data folder; a newer one is refused, an older one is upgraded
SETTINGS = "beholden.toml"
PACKS = "packs"  # in the data folder: model packs that were added, each in a folder of its name


@dataclass(frozen=True, slots=True)
class WitnessSetting:
    """A table of `[[witnesses]]`; an empty text where it says nothing."""

    name: str = ""
    vkey: str = ""
    url: str = ""
    folder: str = ""


@dataclass(frozen=True, slots=True)
class OidcSetting:
    """The table `[oidc]`: the agency's own sign-in."""

    issuer: str = ""
    client_id: str = ""
    secret_file: str = ""  # empty: a public client, which PKCE alone binds
    claim: str = "sub"  # of the ID token, which names the person


@dataclass(frozen=True, slots=True)
class Settings:
    """What `beholden.toml` in a data folder says. The profile is the origin's second part, fixed by log entry 0."""

    layout: int
    origin: str
    keys: Path
    unlock: str  # "key-file:PATH", "age:PATH", "custodians:FOLDER" or "passphrase"
    model: str
    pack: str  # one that ships by its name, one of the agency's own as `name@digest`
    agency: str  # public key (vkey) that signs policy packs
    oversight: str
    witnesses: tuple[WitnessSetting, ...] = ()
    oidc: OidcSetting | None = None  # nothing is fetched where it is not set

    @property
    def profile(self) -> str:
        return self.origin.split("/")[1]


def read_settings(data: Path) -> Settings:
    """Raises `BadInput` where there is no system, `Fault` for a file that is damaged, `WrongVersion` for a newer layout."""
    path = data / SETTINGS
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise BadInput(
            f"there is no system in {data}; make one with `beholden init --data {data} --keys FOLDER`"
        ) from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise Fault(f"{path} cannot be read ({error}); restore it from a backup") from error
    try:
        layout = int(told["layout"])
        if layout > LAYOUT:
            raise WrongVersion(
                f"{data} was made by a newer Beholden (layout {layout}, this one knows {LAYOUT}): install that version"
            )
        return Settings(
            layout=layout,
            origin=str(told["origin"]),
            keys=Path(told["keys"]),
            unlock=str(told["unlock"]),
            model=with_packs(str(told["model"]), data),
            pack=str(told["pack"]),
            agency=str(told["agency"]),
            oversight=str(told["oversight"]),
            witnesses=tuple(_witness(one) for one in told.get("witnesses", ())),
            oidc=_oidc(told["oidc"]) if "oidc" in told else None,
        )
    except KeyError as missing:
        raise Fault(f"{path} does not say {missing}; restore it from a backup") from missing
    except (TypeError, ValueError) as wrong:
        raise Fault(f"{path} cannot be understood ({wrong}); restore it from a backup") from wrong


def _witness(told: object) -> WitnessSetting:
    """Raises ValueError for a name that means nothing: a slip of the pen must not leave the log without its witness."""
    known = [field.name for field in fields(WitnessSetting)]
    if not isinstance(told, dict):
        raise ValueError("write each witness as a table: [[witnesses]]")
    if unknown := sorted(set(told) - set(known)):
        raise ValueError(f"[[witnesses]] knows no {', '.join(unknown)}")
    return WitnessSetting(**{name: str(told.get(name, "")) for name in known})


def _oidc(told: Mapping[str, object]) -> OidcSetting:
    known = [field.name for field in fields(OidcSetting)]
    if unknown := sorted(set(told) - set(known)):
        raise ValueError(f"[oidc] knows no {', '.join(unknown)}")
    return OidcSetting(**{name: str(value) for name, value in told.items()})


def packs_in(data: Path) -> Path:
    """Where the model packs of a system lie that do not ship; the folder need not be there."""
    return data.resolve() / PACKS


def with_packs(model: str, data: Path) -> str:
    """The address with the folder of added packs, where there is one and the address names no other."""
    packs = packs_in(data)
    if not model.startswith("pack:") or "folder=" in model or not packs.is_dir():
        return model
    return f"{model}{'&' if '?' in model else '?'}folder={packs}"


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def with_pack(data: Path, settings: Settings, pack: str) -> Settings:
    """The settings with another policy pack; of the file only this one line changes."""
    path = data / SETTINGS
    text = path.read_text(encoding="utf-8")
    write_whole(path, re.sub(r"^pack\s*=.*$", f'pack = "{pack}"', text, count=1, flags=re.MULTILINE).encode())
    return replace(settings, pack=pack)


def with_model(data: Path, settings: Settings, model: str) -> Settings:
    """The settings with another model; of the file only this one line changes."""
    path = data / SETTINGS
    line = f"model = {_quoted(model)}"
    text = re.sub(r"^model\s*=.*$", lambda _: line, path.read_text(encoding="utf-8"), count=1, flags=re.MULTILINE)
    write_whole(path, text.encode())
    return replace(settings, model=with_packs(model, data))


def without_packs(model: str, data: Path) -> str:
    """An address as the file has it, which holds also where the data folder is moved."""
    return re.sub(rf"[?&]folder={re.escape(str(packs_in(data)))}$", "", model)


def written(settings: Settings) -> str:
    """The text of the file that says this."""
    lines = [f"layout = {settings.layout}"]
    for name in ("origin", "keys", "unlock", "model", "pack", "agency", "oversight"):
        lines.append(f"{name} = {_quoted(str(getattr(settings, name)))}")
    for witness in settings.witnesses:
        said = {field.name: getattr(witness, field.name) for field in fields(witness)}
        lines += ["", "[[witnesses]]", *(f"{name} = {_quoted(value)}" for name, value in said.items() if value)]
    if settings.oidc is not None:
        named = {field.name: getattr(settings.oidc, field.name) for field in fields(settings.oidc)}
        lines += ["", "[oidc]", *(f"{name} = {_quoted(value)}" for name, value in named.items() if value)]
    return "\n".join(lines) + "\n"
