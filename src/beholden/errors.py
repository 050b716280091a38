"""Everything that can be refused or can go wrong.

BeholdenError
├── Refused             the rules say no; every reason is listed, each with its rule, its source and what to do
│   ├── SignInRefused       nobody is signed in, or the session has ended
│   ├── Sequestered         it belongs to a search that was not upheld; the oversight body alone opens it
│   └── Stopped             the oversight body ordered that nothing of the kind be done now
├── TurnedAway          a guard at the door stopped a request before it came to any act
│   └── TooOften            too many requests or attempts in too little time
├── BadInput            what was given cannot be used; nothing of it was kept
│   ├── UnreadableImage     the file is no picture that can be read
│   ├── NoUsableFace        the picture shows no face that can be used
│   └── BadManifest         the list of files does not say what it must
├── Missing             there is no record with that id
├── Changed             somebody else changed the record first
├── NotProven           a check did not hold, so nothing is claimed
│   ├── IndexIncomplete     the index does not hold what the records hold
│   ├── StoreNotClean       an erased thing is still found in a store
│   └── LogBroken           the log does not agree with what was signed
└── Fault               the machine or the set-up is at fault, not the person
    ├── Locked              the keys are not open, or another process holds the folder
    ├── KeyDestroyed        the key of a record was destroyed: what it sealed cannot be read again
    ├── NoRoom              the disk is full
    ├── SegmentBroken       a sealed file of the index is not as it was written
    ├── WrongVersion        the data folder is of a newer Beholden, or of an older one and not upgraded yet
    └── Untrusted           a model, a policy pack or a signature is not the one that was pinned
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace


@dataclass(frozen=True, slots=True)
class Said:
    """A reason in another language than English."""

    language: str
    why: str
    how_to_proceed: str


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something is refused: one rule, in words that a person can act on. Which language is read, the door chooses."""

    rule_id: str
    why: str
    source: str
    how_to_proceed: str
    also: tuple[Said, ...] = field(default=(), compare=False, repr=False)
    lacks: tuple[str, ...] = field(
        default=(), compare=False
    )  # what is missing, by name, where the rule asks for all of it

    def in_(self, language: str) -> Reason:
        """The same reason in this language, as far as there are words; else in English."""
        for said in self.also:
            if said.language == language:
                return replace(self, why=said.why, how_to_proceed=said.how_to_proceed)
        return self

    def told(self) -> dict[str, object]:
        """As every door gives it, in the one language that was chosen."""
        return {
            "rule_id": self.rule_id,
            "why": self.why,
            "source": self.source,
            "how_to_proceed": self.how_to_proceed,
            **({"lacks": list(self.lacks)} if self.lacks else {}),
        }


class BeholdenError(Exception):
    """What went wrong. `status` is the HTTP status, `exit_code` that of the command line."""

    title = "Something went wrong"
    status = 500
    exit_code = 1

    def __init__(self, message: str, *reasons: Reason, entry: int | None = None) -> None:
        super().__init__(message)
        self._reasons = reasons
        self.entry = entry  # the log entry that tells of it, once it is written

    @property
    def reasons(self) -> tuple[Reason, ...]:
        return self._reasons

    def problem(self, language: str = "en") -> dict[str, object]:
        """The refusal as every door gives it (RFC 9457, with `reasons` and `entry`), the rules in this language."""
        reasons = [reason.in_(language) for reason in self.reasons]
        english = "; ".join(reason.why for reason in self.reasons)
        return {
            "type": f"urn:beholden:{type(self).__name__}",
            "title": self.title,
            "status": self.status,
            "detail": "; ".join(reason.why for reason in reasons) if reasons and str(self) == english else str(self),
            "reasons": [reason.told() for reason in reasons],
            "entry": self.entry,
        }


class Refused(BeholdenError):
    """The rules say no. `reasons` lists all of them, never only the first."""

    title = "Refused"
    status = 403
    exit_code = 3

    def __init__(self, *reasons: Reason, entry: int | None = None) -> None:
        super().__init__("; ".join(reason.why for reason in reasons), *reasons, entry=entry)


class SignInRefused(Refused):
    title = "Sign in first"
    status = 401


class Stopped(Refused):
    title = "Stopped by the oversight body"
    status = 503


class Sequestered(Refused):
    title = "Sequestered"
    status = 410


class TurnedAway(BeholdenError):
    """Nothing was done and nothing is on record. `status` says what kind of request it was."""

    title = "The request was not taken"
    status = 403
    exit_code = 3

    def __init__(self, message: str, *, status: int = 403) -> None:
        super().__init__(message)
        self.status = status


class TooOften(TurnedAway):
    title = "Too often"
    status = 429

    def __init__(self, message: str, *, wait_s: int) -> None:
        super().__init__(message, status=429)
        self.wait_s = wait_s  # after so many seconds it may be tried again


class BadInput(BeholdenError):
    title = "This cannot be used"
    status = 422
    exit_code = 4


class UnreadableImage(BadInput):
    title = "The file cannot be read as a picture"


class NoUsableFace(BadInput):
    title = "No usable face"


class BadManifest(BadInput):
    title = "The manifest cannot be used"


class Missing(BeholdenError):
    title = "There is no such record"
    status = 404
    exit_code = 5


class Changed(BeholdenError):
    title = "Somebody changed it meanwhile"
    status = 409
    exit_code = 6


class NotProven(BeholdenError):
    title = "Not proven"
    status = 503
    exit_code = 7


class IndexIncomplete(NotProven):
    title = "The index does not hold every reference"


class StoreNotClean(NotProven):
    title = "A store still holds what was to be erased"


class LogBroken(NotProven):
    title = "The log does not agree with what was signed"


class Fault(BeholdenError):
    title = "The machine is at fault"
    status = 503


class Locked(Fault):
    title = "Locked"


class KeyDestroyed(Fault):
    title = "The key was destroyed"
    status = 410


class NoRoom(Fault):
    title = "The disk is full"
    status = 507


class SegmentBroken(Fault):
    title = "A file of the index is broken"


class WrongVersion(Fault):
    title = "The data folder is of another version"


class Untrusted(Fault):
    title = "Not what was pinned"
