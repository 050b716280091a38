"""The sentences in which errors are said, out of the code that raises them: for the catalogue, and for whoever reads French.

A part that is put in where it is raised is a gap, `%(part1)s`. What is not there (`Missing`) is said by pages in one sentence
for all, and refusals in the words of the policy: neither is gathered.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1] / "src/beholden"
PACKAGES = (
    "actions",
    "web",
    "records",
    "media",
    "formats",
    "policy",
    "keys",
)  # through which goes what somebody at a page gives
NOT_READY = "NotReady"  # of actions/readiness.py
LEFT_OUT = ("Missing", "Refused")
CONSTANT = re.compile(r"[A-Z][A-Z_]+")


def sentences() -> list[str]:
    """Each once, in the order of the alphabet."""
    every = {file: ast.parse(file.read_text()) for file in sorted(ROOT.rglob("*.py"))}
    raised = _errors(every.values())
    trees = [tree for file, tree in every.items() if file.relative_to(ROOT).parts[0] in PACKAGES]
    everywhere = {name: said for tree in trees for name, said in _constants(tree).items()}
    found = set()
    for tree in trees:
        known = everywhere | _constants(tree)
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and node.args and _name(node.func) in raised:
                found.update(_said(node.args[0], known))
            if isinstance(node, ast.FunctionDef):
                found.update(said for given in _given(node) for said in _said(given, known))
    return sorted(one for one in found if one)


def _errors(trees: Collection[ast.Module]) -> set[str]:
    """The names of the errors, by what each is a kind of."""
    bases = {
        node.name: [_name(base) for base in node.bases]
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef) and node.name not in LEFT_OUT
    }
    found = {"BeholdenError"}
    while more := {name for name, of in bases.items() if not found.isdisjoint(of)} - found:
        found |= more
    return found


def _constants(tree: ast.Module) -> dict[str, str]:
    """Texts that a module gives a name, of which its errors are made."""
    return {
        target.id: node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        for target in node.targets
        if isinstance(target, ast.Name) and CONSTANT.fullmatch(target.id)
    }


def _said(said: ast.expr, known: Mapping[str, str]) -> Iterator[str]:
    match said:
        case ast.Constant(value=str(words)):
            yield words
        case ast.Name(id=name) if name in known:
            yield known[name]
        case ast.Attribute(attr=name) if name in known:
            yield known[name]
        case ast.IfExp(body=one, orelse=other):
            yield from _said(one, known)
            yield from _said(other, known)
        case ast.JoinedStr(values=parts):
            gaps, words = 0, ""
            for part in parts:
                if isinstance(part, ast.Constant):
                    words += str(part.value).replace("%", "%%")
                elif (
                    isinstance(part, ast.FormattedValue) and isinstance(part.value, ast.Name) and part.value.id in known
                ):
                    words += known[part.value.id].replace("%", "%%")
                else:
                    gaps += 1
                    words += f"%(part{gaps})s"
            if re.search(r"[a-z]{3}", re.sub(r"%\(part\d+\)s", "", words)):  # a sentence, and not parts alone
                yield words if gaps else words.replace("%%", "%")


def _given(function: ast.FunctionDef) -> list[ast.expr]:
    """What a function gives that says what is wrong: whoever asked raises it. And why no search can begin."""
    inside = list(ast.walk(function))
    if function.name.removeprefix("_").startswith("wrong"):
        return [node.value for node in inside if isinstance(node, (ast.Return, ast.Yield)) and node.value]
    told = [
        part
        for node in inside
        if isinstance(node, ast.Call) and _name(node.func) == NOT_READY
        for part in node.args[1:]
    ]
    names = {part.id for part in told if isinstance(part, ast.Name)}
    for node in inside:
        if isinstance(node, ast.Assign) and names:
            told += [value for target in node.targets for value in _of(names, target, node.value)]
    return told


def _of(names: set[str], target: ast.expr, value: ast.expr) -> Iterator[ast.expr]:
    """What of an assignment is for these names."""
    if isinstance(target, ast.Name) and target.id in names:
        yield value
    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        for one, its in zip(target.elts, value.elts, strict=True):
            yield from _of(names, one, its)


def _name(called: ast.expr) -> str:
    return called.id if isinstance(called, ast.Name) else getattr(called, "attr", "")
