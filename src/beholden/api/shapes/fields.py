"""The kinds of value that every shape is made of, and the two kinds of shape: what is given, and what is shown."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Generic, TypeVar

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, StrictInt

MAX_TEXT = 4_000  # characters of one value: as much as an entry of the log keeps of it
MAX_LIST = 1_000
EARLIEST, LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)

T = TypeVar("T")


class Given(BaseModel):
    """A body that is given. A field that it does not have is refused by name."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Shown(BaseModel):
    """A body that is shown: of a record, these fields and no others."""

    model_config = ConfigDict(from_attributes=True, extra="forbid", frozen=True)


def _text_of_time(given: object) -> object:
    """A number would be taken for seconds since 1970; the description says text."""
    if isinstance(given, str | datetime):
        return given
    raise ValueError("a time is written as 2026-11-22T09:00:00Z")


def _moment(at: datetime) -> datetime:
    """In UTC, to the millisecond, as records have it."""
    if not EARLIEST <= at < LATEST:
        raise ValueError("the time must be between 1970 and 2200")
    there = at.astimezone(UTC)
    return there.replace(microsecond=there.microsecond // 1000 * 1000)


Text = Annotated[str, Field(max_length=MAX_TEXT)]
Id = Annotated[str, Field(max_length=200)]
Ids = Annotated[list[Id], Field(max_length=MAX_LIST)]
Texts = Annotated[list[Text], Field(max_length=MAX_LIST)]
Number = Annotated[StrictInt, Field(ge=-(2**31), lt=2**31)]
Moment = Annotated[
    AwareDatetime,
    BeforeValidator(_text_of_time),
    AfterValidator(_moment),
    Field(description="With its offset from UTC; kept to the millisecond.", examples=["2026-11-22T09:00:00Z"]),
]


class Page(Shown, Generic[T]):
    """Some of a list."""

    items: list[T]
    next: str | None = Field(description="The `cursor` of what comes after these; null at the end.")


class Box(Shown):
    """Fractions (0 to 1) of the upright picture's width and height; may reach past its edges."""

    left: float
    top: float
    width: float
    height: float


class Reason(Shown):
    """Why something is refused: one rule, in words that a person can act on."""

    rule_id: str
    why: str
    source: str
    how_to_proceed: str
    lacks: list[str] = Field(default=[], description="What is missing, by name, where the rule asks for all of it.")


class Problem(Shown):
    """What was refused or went wrong (RFC 9457), with every reason."""

    type: str = Field(description="`urn:beholden:` and the name of the error.")
    title: str
    status: int
    detail: str
    reasons: list[Reason]
    entry: int | None = Field(description="The entry of the log that tells of it; null where nothing was tried.")
