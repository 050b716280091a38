"""Names that people give and others must be able to read: of officers, sources, galleries and cases."""

from __future__ import annotations

import unicodedata

MAX_NAME = 100  # characters


def wrong_in_name(name: str, of: str = "a person") -> str:
    """What keeps this from being a name that people read; empty if nothing does."""
    if not name.strip():
        return f"{of} needs a name; give the one that colleagues know"
    if len(name) > MAX_NAME:
        return f"the name has {len(name)} characters, more than {MAX_NAME}; give the one that colleagues know"
    if unseen := sorted({f"U+{ord(letter):04X}" for letter in name if _is_unseen(letter)}):
        return f"the name has characters that cannot be seen ({', '.join(unseen)}); type it again without them"
    return ""


def _is_unseen(letter: str) -> bool:
    """Control, format, surrogate, private and unassigned (C…), line and paragraph separators: not there for a reader."""
    category = unicodedata.category(letter)
    return category.startswith("C") or category in ("Zl", "Zp")


def same_name(one: str, other: str) -> bool:
    """Whether two names read the same: apart from case, width, composition of letters and the number of spaces."""
    return _folded(one) == _folded(other)


def _folded(name: str) -> str:
    # Folding the case can undo the normal form, so that it is made again (Unicode Standard, section 3.13, D146).
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    return " ".join(folded.split())
