"""Why a record of a web archive was left out, in words for a person; its code stands behind them, for whoever looks it up."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from beholden.records.web import Code

# One and many.
ORDINARY: Mapping[Code, tuple[str, str]] = MappingProxyType(
    {
        Code.NOT_A_RESPONSE: ("request or note of the archiver", "requests or notes of the archiver"),
        Code.PAGE: ("page", "pages"),
        Code.SITE_RULES: ("file of what a site says to robots", "files of what sites say to robots"),
    }
)
WORDS: Mapping[Code, str] = MappingProxyType(
    {
        Code.NOT_A_RESPONSE: "it is not what a server sent",
        Code.REVISIT: "it only says that nothing had changed",
        Code.PAGE: "it is a page",
        Code.SITE_RULES: "it is what a site says to robots",
        Code.NOT_AN_IMAGE: "it is no image",
        Code.SEGMENT: "it is one part of a longer record",
        Code.CUT_SHORT: "its archiver cut it short",
        Code.TOO_LARGE: "it is too large",
        Code.DAMAGED: "it is damaged",
        Code.STATUS: "its server answered with another status than 200",
        Code.LENGTH: "it is not as long as its server said",
        Code.TRANSFER: "its transfer encoding is not read",
        Code.ENCODING: "its content encoding is not read",
        Code.EMPTY: "it is empty",
        Code.DIGEST: "it differs from the digest that the archive has of it",
        Code.ADDRESS: "its address is unusable",
        Code.DATE: "it does not say to the second when it was captured",
        Code.FUTURE: "it says that it was captured in the future",
        Code.VALIDITY: "it was captured outside the validity",
        Code.SCOPE: "it lies outside the addresses of the authority",
        Code.VISITORS: "it lies where visitors post",
        Code.NO_PAGE: "no page of the archive shows it",
        Code.DAY_FULL: "the most of its host and day are taken",
        Code.OPT_OUT_ROBOTS: "robots.txt opts out",
        Code.OPT_OUT_TAG: "the image or its page opts out",
        Code.OPT_OUT_TDM: "its use for data mining is reserved",
    }
)
_REASON = re.compile(r"(?:^|(?<=; ))([a-z-]+\.[a-z-]+): (.*?)(?=; [a-z-]+\.[a-z-]+: |$)", re.DOTALL)


def words_first(reason: str) -> str:
    """A reason as it is listed, "code: words; code: words", with each code behind its words. Any other stays as it is."""
    return _REASON.sub(lambda found: f"{found[2]} [{found[1]}]" if found[1] in set(Code) else found[0], reason)


def in_words(reason: str) -> str:
    """A reason as it is counted: a code with what it means before it, and anything else as it is."""
    return f"{WORDS[Code(reason)]} [{reason}]" if reason in set(Code) else reason
