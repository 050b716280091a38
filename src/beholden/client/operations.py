"""How an operation is told once and called in two ways: at once, or awaited.

An operation is a signature under `does` or `lists`. What it is given goes where its path, its body and its query have a
place of that name; nothing else needs to be written. With a `Line` it is a plain call, with an `AsyncLine` it is awaited.
"""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from functools import update_wrapper
from typing import Any, Concatenate, Generic, ParamSpec, Self, TypeVar, overload

from beholden.api.shapes.fields import Given, Page, Shown
from beholden.client.calls import Call, Operation, Sent, Upload
from beholden.client.lines import AsyncLine, Line

P = ParamSpec("P")
T = TypeVar("T")
S = TypeVar("S", bound=Shown)
L = TypeVar("L")


class Noun(Generic[L]):
    """A noun of the door, over a line."""

    def __init__(self, line: L) -> None:
        self._line = line


class Told:
    """An operation and the signature under which it is called."""

    def __init__(self, operation: Operation, signature: Callable[..., None]) -> None:
        self.operation = operation
        self.signature = inspect.signature(signature)
        self._told = signature

    def over(self, line: Any, send: Callable[[Call[Any]], Any]) -> Callable[..., Any]:
        def act(*args: Any, **named: Any) -> Any:
            bound = self.signature.bind(line, *args, **named)
            bound.apply_defaults()
            given = dict(bound.arguments)
            del given["self"]
            return send(Call(self.operation, given))

        return update_wrapper(act, self._told)


class Act(Told, Generic[P, T]):
    @overload
    def __get__(self, noun: None, owner: type) -> Self: ...
    @overload
    def __get__(self, noun: Noun[Line], owner: type) -> Callable[P, T]: ...
    @overload
    def __get__(self, noun: Noun[AsyncLine], owner: type) -> Callable[P, Coroutine[Any, Any, T]]: ...
    def __get__(self, noun: Any, owner: type) -> Any:
        return self if noun is None else self.over(noun, noun._line.ask)


class Listing(Told, Generic[P, T]):
    @overload
    def __get__(self, noun: None, owner: type) -> Self: ...
    @overload
    def __get__(self, noun: Noun[Line], owner: type) -> Callable[P, Iterator[T]]: ...
    @overload
    def __get__(self, noun: Noun[AsyncLine], owner: type) -> Callable[P, AsyncIterator[T]]: ...
    def __get__(self, noun: Any, owner: type) -> Any:
        return self if noun is None else self.over(noun, noun._line.all)


USUALLY = {"GET": Sent.FREELY, "PUT": Sent.FREELY, "POST": Sent.KEYED, "DELETE": Sent.ONCE}


def does(
    operation: str, body: type[Given] | Upload | None, answer: type[T], *, sent: Sent | None = None
) -> Callable[[Callable[Concatenate[Any, P], None]], Act[P, T]]:
    """An operation that answers with one thing."""
    method, _, path = operation.partition(" ")
    there = Operation(method, path, body, answer, sent or USUALLY[method])
    return lambda signature: Act(there, signature)


def lists(operation: str, shown: type[S]) -> Callable[[Callable[Concatenate[Any, P], None]], Listing[P, S]]:
    """An operation that answers with a list in pages, which are fetched as they are needed."""
    method, _, path = operation.partition(" ")
    there = Operation(method, path, None, Page.__class_getitem__(shown), USUALLY[method])
    return lambda signature: Listing(there, signature)
