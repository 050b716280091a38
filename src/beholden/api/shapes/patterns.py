"""Off-pattern use, planted references and samples, as they go over the wire."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from beholden.api.shapes.fields import Given, Id, Moment, Number, Shown, Text
from beholden.records.patterns import Sign
from beholden.records.samples import Verdict


class SignShown(Shown):
    sign: Sign
    bits: float = Field(description="log2 of uses / uses that show it: how seldom it is.")


class UnusualUse(Shown):
    use: Id = Field(description="A search or a comparison.")
    at: datetime
    by: Id
    case_id: Id
    sought_id: Id
    bits: float = Field(description="Of all its signs together.")
    signs: list[SignShown]


class Rates(Shown):
    of: Id = Field(description="A person, or a case.")
    uses: int
    unmanifested: int = Field(description="With a probe that stands in no register of the case's evidence.")
    disclosed: int = Field(description="Of which a lead left.")


class UsualPair(Shown):
    requester: Id
    approver: Id
    uses: int


class Planted(Shown):
    id: Id
    face_id: Id
    words: str
    planted_by: Id


class Patterns(Shown):
    """A flag accuses nobody: it says where to look."""

    uses: int
    flagged: list[UnusualUse]
    by_person: list[Rates]
    by_case: list[Rates]
    pairs: list[UsualPair]
    planted: list[Planted]


class PlantReference(Given):
    face_id: Id = Field(description="Of a reference that no search has a reason to find.")
    words: Text = Field(description="Whose it is, and by what agreement.")


class DrawSample(Given):
    begins_at: Moment
    ends_at: Moment
    share: Number = Field(10, description="How many of a hundred uses, 1 to 100.")


class JudgeUse(Given):
    use_id: Id = Field(description="One that the sample took.")
    verdict: Text = Field(description=f"{', '.join(one for one in Verdict if one is not Verdict.PENDING)}; it stands.")
    words: Text = Field("", description="Why; needed but for justified.")


class Sampled(Shown):
    sample_id: Id
    entry: int = Field(description="Of the log.")
    use_id: Id
    case_id: Id
    verdict: Verdict
    words: str
    by_lot: bool = Field(description="Else it is taken always: a use before approval.")
    judged_by: Id


class Sample(Shown):
    id: Id
    drawn_by: Id
    begins_at: datetime
    ends_at: datetime
    share: int
    size: int = Field(description="Entries of the log that were signed before the seed was made.")
    root: str = Field(description="Of these, in hex.")
    seed: str = Field(description="In hex: whoever has the log and the seed draws the same.")
    uses: int = Field(description="That were drawn from.")
    taken: list[Sampled]
    not_justified_at_most: float = Field(description="Of all uses of the time, 0 to 1, 95 % sure.")
