"""Which language somebody reads: as a browser or a program asks for it, or as a terminal is set."""

from __future__ import annotations

import re
from collections.abc import Mapping

LANGUAGES = ("en", "fr")  # the first where nothing else is asked for


def preferred(header: str) -> str:
    """The first of our languages in an Accept-Language, by the weights that it gives (RFC 9110, section 12.5.4)."""
    weighed = []
    for place, part in enumerate(header[:1000].split(",")):
        tag, _, parameter = part.partition(";")
        try:
            weight = float(parameter.strip().removeprefix("q=") or 1)
        except ValueError:
            weight = 0.0
        code = tag.strip().lower().partition("-")[0]
        if code in LANGUAGES and weight > 0:
            weighed.append((-weight, place, code))
    return min(weighed)[2] if weighed else LANGUAGES[0]


def of_terminal(environment: Mapping[str, str]) -> str:
    """By the first of LC_ALL, LC_MESSAGES and LANG that is set (POSIX.1-2017, XBD 8.2)."""
    named = next((environment[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if environment.get(name)), "")
    code = re.split(r"[_.@]", named.lower(), maxsplit=1)[0]
    return code if code in LANGUAGES else LANGUAGES[0]
