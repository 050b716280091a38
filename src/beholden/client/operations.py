"""How an operation is told once and called in two ways: at once, or awaited.

An operation is a signature under `does` or `lists`. What it is given goes where its path, its body and its query have a
place of that name; nothing else needs to be written. With a `Line` it is a plain call, with an `AsyncLine` it is awaited.
"""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from functools import update_wrapper
from types import GenericAlias
from typing import Any, Concatenate, Generic, ParamSpec, Self, TypeVar, overload

from beholden.api.shapes.fields import Given, Page, Shown
from beholden.client.calls import Call, Operation, Sent, Upload
from beholden.client.lines import AsyncLine, Line

P = ParamSpec("P")
T = TypeVar("T")
R = TypeVar("R", bound=Shown)
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

    def over(self, noun: Any, send: Callable[[Call[Any]], Any], gives: Any) -> Callable[..., Any]:
        """A call, with the signature and the words that were told, and what it `gives`."""

        def act(*args: Any, **named: Any) -> Any:
            bound = self.signature.bind(noun, *args, **named)
            bound.apply_defaults()
            given = dict(bound.arguments)
            del given["self"]
            return send(Call(self.operation, given))

        update_wrapper(act, self._told)
        _, *parameters = self.signature.parameters.values()
        act.__signature__ = self.signature.replace(  # type: ignore[attr-defined]  # what `inspect` and help() look at
            parameters=parameters, return_annotation=gives
        )
        return act


class Act(Told, Generic[P, T]):
    @overload
    def __get__(self, noun: None, owner: type) -> Self: ...
    @overload
    def __get__(self, noun: Noun[Line], owner: type) -> Callable[P, T]: ...
    @overload
    def __get__(self, noun: Noun[AsyncLine], owner: type) -> Callable[P, Coroutine[Any, Any, T]]: ...
    def __get__(self, noun: Any, owner: type) -> Any:
        if noun is None:
            return self
        answer = self.operation.answer
        gives = GenericAlias(Coroutine, (Any, Any, answer)) if isinstance(noun._line, AsyncLine) else answer
        return self.over(noun, noun._line.ask, gives)


class Listing(Told, Generic[P, T]):
    @overload
    def __get__(self, noun: None, owner: type) -> Self: ...
    @overload
    def __get__(self, noun: Noun[Line], owner: type) -> Callable[P, Iterator[T]]: ...
    @overload
    def __get__(self, noun: Noun[AsyncLine], owner: type) -> Callable[P, AsyncIterator[T]]: ...
    def __get__(self, noun: Any, owner: type) -> Any:
        if noun is None:
            return self
        [items] = self.operation.answer.__pydantic_generic_metadata__["args"]
        gives = GenericAlias(AsyncIterator if isinstance(noun._line, AsyncLine) else Iterator, items)
        return self.over(noun, noun._line.all, gives)


USUALLY = {"GET": Sent.FREELY, "PUT": Sent.FREELY, "POST": Sent.KEYED, "DELETE": Sent.ONCE}


@overload
def does(
    operation: str, body: type[Given] | Upload | None, answer: type[T], *, sent: Sent | None = None
) -> Callable[[Callable[Concatenate[Any, P], None]], Act[P, T]]: ...
@overload
def does(
    operation: str, body: type[Given] | Upload | None, answer: type[T], less: type[R], *, sent: Sent | None = None
) -> Callable[[Callable[Concatenate[Any, P], None]], Act[P, T | R]]: ...
def does(
    operation: str, body: type[Given] | Upload | None, answer: Any, less: Any = None, *, sent: Sent | None = None
) -> Callable[[Callable[Concatenate[Any, P], None]], Act[P, Any]]:
    """An operation that answers with one thing, or with `less` of it to who may not see all."""
    method, _, path = operation.partition(" ")
    there = Operation(method, path, body, answer | less if less else answer, sent or USUALLY[method])
    return lambda signature: Act(there, signature)


@overload
def lists(operation: str, shown: type[S]) -> Callable[[Callable[Concatenate[Any, P], None]], Listing[P, S]]: ...
@overload
def lists(
    operation: str, shown: type[S], less: type[R]
) -> Callable[[Callable[Concatenate[Any, P], None]], Listing[P, S | R]]: ...
def lists(
    operation: str, shown: Any, less: Any = None
) -> Callable[[Callable[Concatenate[Any, P], None]], Listing[P, Any]]:
    """An operation that answers with a list in pages, which are fetched as they are needed."""
    method, _, path = operation.partition(" ")
    of = shown | less if less else shown
    there = Operation(method, path, None, Page.__class_getitem__(of), USUALLY[method])
    return lambda signature: Listing(there, signature)
