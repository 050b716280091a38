"""Writes the names of the tests into docs/requirements.md: `python -m tests.docs.update`."""

from __future__ import annotations

import re

from tests.docs.pages import DOCS, requirement_tests

PAGE = DOCS / "requirements.md"
NOT_YET = "not yet"


def updated(text: str) -> str:
    """The page with its test column as the tests are now. A requirement that gains its first test is "in part"."""
    tests = requirement_tests()
    lines = []
    for line in text.splitlines():
        if row := re.fullmatch(r"\| (\d+) \| (P\d) \| (.+) \| (.+) \| (.+) \| (.+) \|", line):
            number, priority, words, source, _, state = row.groups()
            names = "<br>".join(f"`{name}`" for name in tests.get(number, [])) or NOT_YET
            if state == NOT_YET != names:
                state = "in part"  # whoever knows better writes it by hand; a state without its tests fails its test
            line = f"| {number} | {priority} | {words} | {source} | {names} | {state} |"
        lines.append(line)
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    PAGE.write_text(updated(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
