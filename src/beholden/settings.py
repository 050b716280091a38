"""What the settings file of a data folder says. It is read once, when the folder is opened, and passed on."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

from beholden.errors import BadInput, Fault, WrongVersion

LAYOUT = 1  # of the data folder; a newer one is refused, an older one is upgraded
SETTINGS = "beholden.toml"
PACKS = "packs"  # in the data folder: model packs that were added, each in a folder of its name


@dataclass(frozen=True, slots=True)
class Settings:
    """What `beholden.toml` in a data folder says. The profile is the origin's second part, fixed by log entry 0."""

    layout: int
    origin: str
    keys: Path
    unlock: str  # "key-file:PATH", "age:PATH" or "passphrase"
    model: str
    pack: str
    agency: str  # public key (vkey) that signs policy packs
    oversight: str

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
            model=_with_packs(str(told["model"]), data),
            pack=str(told["pack"]),
            agency=str(told["agency"]),
            oversight=str(told["oversight"]),
        )
    except KeyError as missing:
        raise Fault(f"{path} does not say {missing}; restore it from a backup") from missing
    except (TypeError, ValueError) as wrong:
        raise Fault(f"{path} cannot be understood ({wrong}); restore it from a backup") from wrong


def packs_in(data: Path) -> Path:
    """Where the model packs of a system lie that do not ship; the folder need not be there."""
    return data.resolve() / PACKS


def _with_packs(model: str, data: Path) -> str:
    """The address with the folder of added packs, where there is one and the address names no other."""
    packs = packs_in(data)
    if not model.startswith("pack:") or "folder=" in model or not packs.is_dir():
        return model
    return f"{model}{'&' if '?' in model else '?'}folder={packs}"


def written(settings: Settings) -> str:
    """The text of the file that says this."""
    lines = [f"layout = {settings.layout}"]
    for name in ("origin", "keys", "unlock", "model", "pack", "agency", "oversight"):
        value = str(getattr(settings, name)).replace("\\", "\\\\").replace('"', '\\"')
        lines.append(f'{name} = "{value}"')
    return "\n".join(lines) + "\n"
