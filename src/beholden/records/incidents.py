"""An incident: something that must not happen and did, and how far the agency has come with answering for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from beholden.records.retention import Kept
from beholden.records.sealed import Noted


class IncidentKind(StrEnum):
    LOG = "log_not_proven"  # the log is not what was signed, or a witness knows another
    INTEGRITY = "integrity_not_proven"  # bytes, an index or a store are not what they were
    POLICY = "policy_error"  # a rule could not be evaluated: a denial, and a hole in the rules
    EXIGENT = "exigent_not_upheld"  # a search before approval was refused, or nobody reviewed it in time
    TOXIC_ROLES = "toxic_roles"  # somebody tried to give one person roles that exclude each other
    SUSPENDED_SOURCE = "suspended_source"  # a reference of a suspended source was asked for
    UNACCOUNTED = "unaccounted_comparison"  # the engine counted other calls than the log tells of
    WRONG_LEAD = "wrong_lead"  # a lead that was disclosed turned out to be of somebody else
    REPORTED = "reported"  # a person says so


class IncidentState(StrEnum):
    OPEN = "open"
    CONTAINED = "contained"  # it goes on no longer
    CLOSED = "closed"


class Materiality(StrEnum):
    UNDECIDED = "undecided"
    MATERIAL = "material"  # whoever oversees the agency is told
    NOT_MATERIAL = "not_material"


REPEATED_WITHIN = timedelta(hours=24)  # the same again is counted, not opened anew

# What a refusal by one of these rules opens, whoever was refused.
KIND_OF_RULE: Mapping[str, IncidentKind] = MappingProxyType(
    {"comparison-source-is-searchable": IncidentKind.SUSPENDED_SOURCE}
)


@dataclass(frozen=True, slots=True)
class Incident:
    id: str
    version: int
    kept: Kept
    what: IncidentKind
    about: str  # id of the record it is about; empty where it is about the system
    entry: int  # of the log: where it is told first
    times: int  # how often it was seen
    last_at: datetime  # when it was seen last
    affected: int  # people concerned, as far as is known; -1 while nobody has said
    materiality: Materiality
    decide_by: datetime  # until when somebody says whether it is material
    decided_by: str  # empty until then
    contained_by: str  # empty until then; it is another who says that it is not material
    detection: Noted
    containment: Noted
    grounds: Noted  # why it is material, or why not
    lessons: Noted
    state: IncidentState


def is_overdue(incident: Incident, now: datetime) -> bool:
    """Whether nobody has said in time if it is material."""
    return incident.materiality is Materiality.UNDECIDED and now > incident.decide_by
