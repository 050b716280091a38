"""Acts on what is there for some roles only: to everybody else they answer as if there were no such record."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from beholden.actions import audit
from beholden.actions.desk import NO_REQUEST
from beholden.errors import BadInput, Changed, Missing, Refused, SignInRefused
from beholden.ports.system import System
from beholden.records.people import Officer, Role, has_part_in_requests

P = ParamSpec("P")
R = TypeVar("R")


def there_only_for(
    *roles: Role,
) -> Callable[[Callable[Concatenate[System, Officer, P], R]], Callable[Concatenate[System, Officer, P], R]]:
    """For an act on what data subjects ask (REQ 71): whatever stops somebody without these roles is told as `Missing`.

    The log has the rules that refused them, and the answer its entry's number, as for an id that nobody made.
    """

    def hidden(act: Callable[Concatenate[System, Officer, P], R]) -> Callable[Concatenate[System, Officer, P], R]:
        @wraps(act)
        def acting(system: System, officer: Officer, /, *args: P.args, **named: P.kwargs) -> R:
            try:
                return act(system, officer, *args, **named)
            except SignInRefused:
                raise
            except (Refused, Missing, BadInput, Changed) as error:
                with system.database.look() as look:
                    person = audit.signed_in(look, officer, system.clock.now())
                if has_part_in_requests(person, roles):
                    raise
                raise Missing(NO_REQUEST, entry=error.entry) from error

        return acting

    return hidden
