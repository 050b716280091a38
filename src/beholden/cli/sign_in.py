"""`beholden sign-in` and `beholden sign-out`."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from beholden.actions import people
from beholden.actions.sessions import end_every_session
from beholden.cli import asking, sessions
from beholden.cli.door import ANYWHERE, Where, opened
from beholden.cli.printing import Told
from beholden.errors import SignInRefused


def sign_in(
    name: Annotated[str, Parameter(help="Your name, as your colleagues know it.")],
    /,
    *,
    code: Annotated[str, Parameter(help="The one-time code that shows now, if you have set them up.")] = "",
    passphrase_stdin: Annotated[bool, Parameter(help="Read the passphrase from standard input.")] = False,
    where: Where = ANYWHERE,
) -> Told:
    """Sign in with your passphrase; the commands that follow act for you.

    Example: beholden sign-in ines --data ~/beholden
    """
    folder = where.folder
    with opened(folder) as system:
        passphrase = asking.secret("passphrase", from_stdin=passphrase_stdin)
        officer = people.sign_in(system, name=name, passphrase=passphrase, code=code)
        minutes, profile = system.rules.session_minutes, system.profile
    path = sessions.keep(folder, officer, profile)
    return Told(
        {"name": officer.name, "minutes": minutes, "session_file": str(path)},
        (f"{officer.name} is signed in, for {minutes // 60} hours at most. `beholden sign-out` ends it.",),
    )


def sign_out(
    *,
    everywhere: Annotated[bool, Parameter(help="End all your other sessions and your keys for programs too.")] = False,
    where: Where = ANYWHERE,
) -> Told:
    """End your session on this machine.

    Example: beholden sign-out --data ~/beholden
    """
    folder = where.folder
    officer = sessions.kept(folder)
    if officer is None:
        return Told({"name": None, "ended": False}, ("Nobody was signed in here.",))
    ended = True
    with opened(folder) as system:
        try:
            if everywhere:
                end_every_session(system, officer)
            else:
                people.sign_out(system, officer)
        except SignInRefused:
            ended = False
    sessions.forget(folder)
    words = f"{officer.name} is signed out." if ended else f"The session of {officer.name} had ended already."
    return Told({"name": officer.name, "ended": ended}, (words,))
