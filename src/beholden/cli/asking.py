"""Passphrases and tokens: asked for without echo, or read from standard input; never taken as an argument."""

from __future__ import annotations

import getpass
import os
import sys

from beholden.errors import BadInput


def secret(what: str, *, from_stdin: bool = False, twice: bool = False) -> str:
    """One line of standard input, or what the person types. Raises `BadInput` where nobody can be asked."""
    if from_stdin:
        line = sys.stdin.readline()
        if not line.endswith("\n") and not line:
            raise BadInput(f"standard input ended before the {what}; give one line for each that is asked for")
        return line.rstrip("\r\n")
    if not sys.stdin.isatty():
        raise BadInput(f"there is no terminal to ask for the {what}; give it on standard input with --passphrase-stdin")
    typed = getpass.getpass(f"{what[:1].upper()}{what[1:]}: ")
    if twice and getpass.getpass("The same again: ") != typed:
        raise BadInput("the two were not the same; nothing was changed, start again")
    return typed


def keys_passphrase(*, new: bool = False) -> str:
    """The passphrase that unlocks the keys of a system: `BEHOLDEN_PASSPHRASE`, or asked for."""
    given = os.environ.get("BEHOLDEN_PASSPHRASE")
    if given is not None:
        return given
    if not sys.stdin.isatty():
        raise BadInput(
            "the keys are unlocked by a passphrase, and there is no terminal to ask: set BEHOLDEN_PASSPHRASE"
        )
    return secret("passphrase of the keys", twice=new)
