"""Passphrases and tokens: asked for without echo, or read from standard input; never taken as an argument."""

from __future__ import annotations

import getpass
import os
import sys

from beholden.errors import BadInput


def secret(what: str, *, from_stdin: bool = False, twice: bool = False) -> str:
    """One line of standard input, or what the person types. Raises `BadInput` where nobody can be asked."""
    if from_stdin:
        try:
            line = sys.stdin.readline()
        except UnicodeDecodeError:
            raise BadInput(f"the {what} on standard input is no UTF-8 text; write it in UTF-8") from None
        if not line.endswith("\n") and not line:
            raise BadInput(f"standard input ended before the {what}; give one line for each that is asked for")
        return text(line.rstrip("\r\n"), what)
    if not sys.stdin.isatty():
        raise BadInput(f"there is no terminal to ask for the {what}; give it on standard input with --passphrase-stdin")
    typed = getpass.getpass(f"{what[:1].upper()}{what[1:]}: ")
    if twice and getpass.getpass("The same again: ") != typed:
        raise BadInput("the two were not the same; nothing was changed, start again")
    return text(typed, what)


def text(given: str, what: str) -> str:
    """What was given, which can be written as UTF-8: Python hands bytes that are no text on as lone surrogates."""
    try:
        given.encode()
    except UnicodeEncodeError:
        raise BadInput(f"the {what} is no UTF-8 text; write it in UTF-8") from None
    return given


def keys_passphrase(*, new: bool = False) -> str:
    """The passphrase that unlocks the keys of a system: `BEHOLDEN_PASSPHRASE`, or asked for."""
    given = os.environ.get("BEHOLDEN_PASSPHRASE")
    if given is not None:
        return text(given, "passphrase in BEHOLDEN_PASSPHRASE")
    if not sys.stdin.isatty():
        raise BadInput(
            "the keys are unlocked by a passphrase, and there is no terminal to ask: set BEHOLDEN_PASSPHRASE"
        )
    return secret("passphrase of the keys", twice=new)
