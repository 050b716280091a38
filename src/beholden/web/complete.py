"""Whether the installation has every page: each template compiled, with what it includes, loads and says in each language."""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from types import CodeType

from jinja2 import TemplateError, nodes
from jinja2.meta import find_referenced_templates

from beholden.errors import Fault
from beholden.serving.languages import LANGUAGES
from beholden.web import words
from beholden.web.assets import asset
from beholden.web.page import TEMPLATES, environment

ENDING = ".html.jinja"


@cache
def make_ready() -> None:
    """Compile every template that there is or that is asked for. Raises `Fault` for a part that is broken or missing.

    Else a server that lacks a page would tell so to the first person who needs it, perhaps in the middle of an act.
    """
    part = ""
    try:
        for language in LANGUAGES:
            part = f"language {language}"
            words.load(language)
        left = {path.name for path in TEMPLATES.glob(f"*{ENDING}")} | set(_named_by_the_pages())
        seen: set[str] = set()
        while left:
            part = left.pop()
            seen.add(part)
            left |= _compiled(part) - seen
    except (TemplateError, KeyError, OSError) as error:
        raise Fault(f"the pages are not whole ({part}: {error}): install the package again") from error


def _compiled(name: str) -> set[str]:
    """The templates that it needs beside itself. Raises `KeyError` for a static file that is not there."""
    pages = environment()
    source, _, _ = pages.loader.get_source(pages, name) if pages.loader else ("", None, None)
    tree = pages.parse(source)
    for call in tree.find_all(nodes.Call):
        if isinstance(call.node, nodes.Name) and call.node.name == "asset" and isinstance(call.args[0], nodes.Const):
            asset(call.args[0].value)
    pages.get_template(name)
    return {other for other in find_referenced_templates(tree) if other}


def _named_by_the_pages() -> Iterator[str]:
    """By the code itself: a list of them would be one more thing to forget."""
    package = find_spec("beholden.web")
    assert package is not None
    for module in pkgutil.iter_modules(package.submodule_search_locations, "beholden.web."):
        spec = find_spec(module.name)
        get_code = getattr(spec.loader if spec else None, "get_code", None)
        if get_code is not None and (code := get_code(module.name)) is not None:
            yield from _names_in(code)


def _names_in(code: CodeType) -> Iterator[str]:
    for one in code.co_consts:
        if isinstance(one, CodeType):
            yield from _names_in(one)
        elif isinstance(one, str) and one.endswith(ENDING) and one != ENDING:
            yield one
