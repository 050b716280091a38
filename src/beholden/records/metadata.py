"""What a file tells of itself: when, where and with what it was made, and whether a camera made it at all."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime

MOST = 100  # characters of each; a camera's name has some twenty

# Codes of the IPTC's NewsCodes "digitalsourcetype". A reference must be a photograph: none of these is one (REQ 09).
MADE_UP = frozenset(
    {
        "algorithmicMedia",
        "composite",
        "compositeCapture",
        "compositeSynthetic",
        "compositeWithTrainedAlgorithmicMedia",
        "dataDrivenMedia",
        "digitalArt",
        "digitalCreation",
        "softwareImage",
        "trainedAlgorithmicMedia",
        "virtualRecording",
    }
)
# What shows nobody who was before a camera is not sought (REQ 42): sketches, and what was generated as a whole or put together
# with what was. A photograph that was altered is still evidence, and what it says of itself is recorded.
NO_PROBE = frozenset(
    {
        "algorithmicMedia",
        "compositeSynthetic",
        "digitalArt",
        "digitalCreation",
        "softwareImage",
        "trainedAlgorithmicMedia",
    }
)
# The others of that list, with what it had before. Another code is recorded as it stands.
_OF_A_CAMERA = frozenset(
    {
        "algorithmicallyEnhanced",
        "computationalCapture",
        "digitalCapture",
        "humanEdits",
        "minorHumanEdits",
        "negativeFilm",
        "positiveFilm",
        "print",
        "screenCapture",
    }
)

_TAKEN = re.compile(r"(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})([+-]\d{2}:\d{2})?")
_PLACE = re.compile(r"(-?\d{1,2}\.\d{6}), (-?\d{1,3}\.\d{6})")
_CODE = re.compile(r"[A-Za-z]{1,40}")


@dataclass(frozen=True, slots=True)
class Metadata:
    """As the file says it, which anybody can change. Empty where it says nothing, or nothing that can be read."""

    taken_at: str = ""  # YYYY-MM-DDTHH:MM:SS by the camera's clock, with its distance from UTC where that is told
    camera: str = ""  # make and model
    software: str = ""
    place: str = ""  # latitude, longitude: decimal degrees, north and east positive
    digital_source: str = ""  # the IPTC's code of how it came about: "trainedAlgorithmicMedia"


def checked(told: Mapping[str, object]) -> Metadata:
    """What a reader told of a file. Raises ValueError for anything that is not as `Metadata` says it is."""
    if not told.keys() <= {field.name for field in fields(Metadata)}:
        raise ValueError("there is more than metadata")
    words = {name: value for name, value in told.items() if isinstance(value, str) and plain(value) == value}
    if len(words) != len(told):
        raise ValueError("it is no line of words")
    metadata = Metadata(**words)
    if metadata.taken_at and not is_moment(metadata.taken_at):
        raise ValueError("it is no moment")
    if metadata.place and not is_place(metadata.place):
        raise ValueError("it is no place")
    if metadata.digital_source and not _CODE.fullmatch(metadata.digital_source):
        raise ValueError("it is no code of a digital source")
    return metadata


def plain(words: str) -> str:
    """The words on one line, without what cannot be seen, and not more than are kept."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in words).split())[:MOST].strip()


def is_moment(words: str) -> bool:
    if not _TAKEN.fullmatch(words):
        return False
    try:
        datetime.fromisoformat(words)
    except ValueError:
        return False
    return True


def is_place(words: str) -> bool:
    found = _PLACE.fullmatch(words)
    return found is not None and abs(float(found[1])) <= 90 and abs(float(found[2])) <= 180


def no_reference(metadata: Metadata) -> str:
    """Why a picture is not taken in as a reference by what it says of itself; empty where nothing speaks against it."""
    if metadata.digital_source not in MADE_UP:
        return ""
    return (
        f"the file says of itself that no camera made it as it is (digitalSourceType {metadata.digital_source}): made-up and "
        "composite pictures are no references; give the photograph that it was made from"
    )


def no_probe(metadata: Metadata) -> str:
    """Why a picture is not searched with by what it says of itself; empty where nothing speaks against it."""
    if metadata.digital_source not in NO_PROBE:
        return ""
    return (
        "the file says of itself that nobody was before the camera "
        f"(digitalSourceType {metadata.digital_source}): a drawing or a made-up picture is not searched with; give a "
        "photograph, or the one that it was made from"
    )


def code_of(words: str) -> str:
    """The code at the beginning of these letters: in a signed manifest the next thing may follow without a space."""
    known = [code for code in MADE_UP | _OF_A_CAMERA if words.startswith(code)]
    return max(known, key=len, default=words)


def foremost(codes: set[str]) -> str:
    """Of several codes of one file the one that keeps it from more: what a part of it is, it is."""
    for few in (NO_PROBE, MADE_UP):
        if among := sorted(codes & few):
            return among[0]
    return min(codes, default="")


def as_told(metadata: Metadata) -> dict[str, str]:
    """What the file says, without what it does not say."""
    return {name: value for name, value in asdict(metadata).items() if value}
