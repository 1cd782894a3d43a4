"""Every regular expression takes time in proportion to the text, whatever the text is.

Python's `re` holds the GIL and cannot be interrupted, so a slow one stops a whole worker. The
texts are made from each expression: its letters, and repetitions of its repeats.
"""

import ast
import importlib
import pkgutil
import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from itertools import product
from pathlib import Path
from re import _constants as op  # There is no public parser.
from re import _parser as parser
from types import ModuleType
from typing import Any, NamedTuple

import pytest

import app
from tests.costs import NOTICEABLE, assert_linear

LONGEST = 30_000
MOST_TIMES = 35
"""The worst text may take this many times as long as a plain bounded repeat, which no build of
Python makes much faster than others: an unbounded one is three times as fast in some."""
METHODS = ("search", "match", "fullmatch", "finditer")
ALIKE = {"findall": "finditer", "sub": "finditer", "subn": "finditer", "split": "finditer"}
# What may end a text so that a repeat has to give back what it took.
ENDS = ("", "\0", "\n")
LETTERS = " \t\n1a.,;:-/\\\"'<>()[]{}=&#*_é½\u3000"


class Expression(NamedTuple):
    """An expression with the places that have it, and what is called on it."""

    places: tuple[str, ...]
    methods: frozenset[str]


# --- Which there are -----------------------------------------------------------------------------


def modules() -> dict[str, ModuleType]:
    """All modules of the application."""
    names = [each.name for each in pkgutil.walk_packages(app.__path__, "app.")]
    return {name: importlib.import_module(name) for name in ["app", *names]}


def patterns_in(value: object, depth: int = 3) -> Iterator[re.Pattern[Any]]:
    """The patterns that a value of a module is or holds."""
    if isinstance(value, re.Pattern):
        yield value
    elif depth and isinstance(value, Mapping):
        yield from patterns_in([*value.keys(), *value.values()], depth)
    elif depth and isinstance(value, list | tuple | set | frozenset):
        for each in value:
            yield from patterns_in(each, depth - 1)
    elif depth and isinstance(value, type) and value.__module__.startswith("app."):
        yield from patterns_in(list(vars(value).values()), depth - 1)


def names_in(node: ast.AST) -> set[str]:
    """The names in an expression, without those that it only matches something with."""
    match node:
        case ast.Call(func=ast.Attribute(attr=method)) if method in METHODS or method in ALIKE:
            return set()
        case ast.Name(id=name):
            return {name}
    return set().union(*map(names_in, ast.iter_child_nodes(node)))


def handed_on(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """Names of the module with those that hold them, or what is in them, elsewhere in it."""
    functions = {node.name: node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id=called), args=arguments) if called in functions:
                parameters = [each.arg for each in functions[called].args.args]
                pairs = [
                    ({argument.id}, {parameter})
                    for parameter, argument in zip(parameters, arguments, strict=False)
                    if isinstance(argument, ast.Name)
                ]
            case ast.For(iter=held, target=target) | ast.comprehension(iter=held, target=target):
                pairs = [(names_in(held), names_in(target))]
            case ast.NamedExpr(value=held, target=target):
                pairs = [(names_in(held), names_in(target))]
            case _:
                pairs = []
        for names, others in pairs:
            yield from product(names, others)


def methods_called(tree: ast.AST) -> Callable[[str], set[str]]:
    """What gives the methods that a module calls on what a name holds, and on what is in it."""
    holders: dict[str, set[str]] = {}
    for name, holder in handed_on(tree):
        holders.setdefault(name, set()).add(holder)
    on: dict[str, set[str]] = {}
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(value=ast.Name(id=name), attr=method):
                on.setdefault(name, set()).add(ALIKE.get(method, method))

    def called_on(name: str) -> set[str]:
        names, waiting = set[str](), {name}
        while waiting:
            names |= waiting
            waiting = set().union(*(holders.get(each, set()) for each in waiting)) - names
        return {method for each in names for method in on.get(each, ()) if method in METHODS}

    return called_on


def calls_of_re(tree: ast.AST) -> Iterator[tuple[ast.Call, str]]:
    """The calls of `re.sub()` and its like, with the name of the function."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id="re"), attr=name)):
                if name not in ("escape", "purge"):
                    yield node, name


def expressions() -> dict[re.Pattern[Any], Expression]:
    """All expressions of the application."""
    found: dict[re.Pattern[Any], tuple[set[str], set[str]]] = {}
    for module_name, module in modules().items():
        tree = ast.parse(Path(str(module.__file__)).read_text())
        called_on = methods_called(tree)
        for name, value in vars(module).items():
            for pattern in patterns_in(value):
                places, methods = found.setdefault(pattern, (set(), set()))
                places.add(f"{module_name}.{name}")
                methods |= called_on(name)
        for call, function in calls_of_re(tree):
            flags = [each.value for each in call.keywords if each.arg == "flags"]
            if function in ("compile", "match", "fullmatch", "search", "findall", "finditer"):
                flags += call.args[1 if function == "compile" else 2 :]
            places_of = f"{module_name}:{call.lineno}"
            for pattern in evaluated(call.args[0], flags, vars(module), places_of):
                places, methods = found.setdefault(pattern, (set(), set()))
                places.add(places_of)
                if function != "compile":
                    methods.add(ALIKE.get(function, function))
    return {
        pattern: Expression(tuple(sorted(places)), frozenset(methods or METHODS))
        for pattern, (places, methods) in found.items()
    }


def evaluated(
    written: ast.expr, flags: list[ast.expr], names: dict[str, Any], place: str
) -> Iterable[re.Pattern[Any]]:
    """The expressions that a call may have, which what the module defines must tell."""
    if isinstance(written, ast.IfExp):
        for each in (written.body, written.orelse):
            yield from evaluated(each, flags, names, place)
        return
    try:
        values = [
            eval(compile(ast.Expression(each), place, "eval"), names)  # noqa: S307 - It is ours.
            for each in (written, *flags)
        ]
    except NameError:
        # One of several that a comprehension of the module compiles: found among its values.
        return
    yield re.compile(*values)


EXPRESSIONS = expressions()


def test_none_escapes() -> None:
    """What is compiled in a function from its arguments would be in no module."""
    known = {place for each in EXPRESSIONS.values() for place in each.places}
    for module_name, module in modules().items():
        tree = ast.parse(Path(str(module.__file__)).read_text())
        functions = [
            node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.Lambda)
        ]
        for function in functions:
            for call, _ in calls_of_re(function):
                assert f"{module_name}:{call.lineno}" in known
    assert len(EXPRESSIONS) > 100


# --- Their worst texts ---------------------------------------------------------------------------

Parsed = Iterable[tuple[Any, Any]]


def chars_of(members: Parsed) -> list[str]:
    """Some characters of a class, one for each of its parts."""
    found: list[str] = []
    is_negated = False
    for kind, value in members:
        if kind is op.NEGATE:
            is_negated = True
        elif kind is op.LITERAL:
            found.append(chr(value))
        elif kind is op.RANGE:
            found += [chr(value[0]), chr(value[1])]
        elif kind is op.CATEGORY:
            found += [each for each in LETTERS if is_in_category(each, value)]
    if is_negated:
        return [each for each in LETTERS if each not in found][:6]
    return found


def is_in_category(char: str, category: Any) -> bool:
    name = str(category)
    classes = {"DIGIT": r"\d", "SPACE": r"\s", "WORD": r"\w"}
    inner = next(code for word, code in classes.items() if word in name)
    return bool(re.fullmatch(inner, char)) is ("NOT" not in name)


def sample(items: Parsed, choice: int = 0) -> str:
    """A text that the parsed items match, for the most part; `choice` varies it."""
    return "".join(sample_of(kind, value, choice) for kind, value in items)


def sample_of(kind: Any, value: Any, choice: int) -> str:
    """A text that one of the parsed items matches."""
    match kind:
        case op.LITERAL:
            return chr(value)
        case op.NOT_LITERAL:
            return "b" if value == ord("a") else "a"
        case op.ANY:
            return "a"
        case op.IN:
            chars = chars_of(value) or ["a"]
            return chars[choice % len(chars)]
        case op.BRANCH:
            branches = value[1]
            return sample(branches[choice % len(branches)], choice)
        case op.SUBPATTERN:
            return sample(value[3], choice)
        case op.ATOMIC_GROUP:
            return sample(value, choice)
        case op.MAX_REPEAT | op.MIN_REPEAT | op.POSSESSIVE_REPEAT:
            return sample(value[2], choice) * min(int(value[0]), 3)
    return ""


def repeats(items: Parsed, before: str = "") -> Iterator[tuple[str, Parsed]]:
    """Each repeat with a text that leads to it."""
    for kind, value in items:
        if kind in (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT):
            if value[1] is op.MAXREPEAT or value[1] > 3:
                yield before, value[2]
            yield from repeats(value[2], before)
        elif kind is op.SUBPATTERN:
            yield from repeats(value[3], before)
        elif kind is op.ATOMIC_GROUP:
            yield from repeats(value, before)
        elif kind is op.BRANCH:
            for branch in value[1]:
                yield from repeats(branch, before)
        elif kind in (op.ASSERT, op.ASSERT_NOT):
            yield from repeats(value[1], before)
        before += sample_of(kind, value, 0)


def shapes(pattern: re.Pattern[Any]) -> set[tuple[str, str, str]]:
    """Texts as what begins them, what is repeated, and what ends them."""
    written = pattern.pattern
    if isinstance(written, bytes):
        written = written.decode("latin-1")
    items = list(parser.parse(written, pattern.flags & ~re.UNICODE & ~re.DEBUG))
    wholes = {sample(items, choice) for choice in range(4)} - {""}
    found = {("", letter, "") for letter in " 1a" + "".join(wholes)[:20]}
    found |= {("", whole, end) for whole in wholes for end in ENDS[:2]}
    for before, body in repeats(items):
        for pump in sorted({sample(body, choice) for choice in range(4)} - {""}):
            found |= {(before, pump, end) for end in ENDS}
            found |= {("", before + pump, ""), ("", pump + " ", "\0"), (before, " " + pump, "\0")}
    return found


def run(pattern: re.Pattern[Any], method: str, shape: tuple[str, str, str], size: int) -> None:
    """Match a text of about `size` characters."""
    before, pump, end = shape
    text: Any = before + pump * (size // len(pump) + 1) + end
    if isinstance(pattern.pattern, bytes):
        text = text.encode("latin-1", "replace")
    call: Callable[[Any], object] = getattr(pattern, method)
    result = call(text)
    if method == "finditer":
        for _ in result:  # type: ignore[attr-defined]  # It is an iterator.
            pass


def assert_cheap(pattern: re.Pattern[Any], method: str) -> None:
    """Fail if some text takes time that grows with its square, or very much for each letter."""
    plain = re.compile("a[^!]{1,100}!")
    usual = min(seconds(plain, "finditer", ("", "ab", "")) for _ in range(5))
    for shape in sorted(shapes(pattern)):
        try:
            taken = assert_linear(partial(run, pattern, method, shape), LONGEST, 50, 8)
            if taken > NOTICEABLE and taken > MOST_TIMES * usual:
                taken = min(seconds(pattern, method, shape) for _ in range(3))
            assert taken < NOTICEABLE or taken < MOST_TIMES * usual, f"{taken:.3f} s take too long"
        except AssertionError as error:
            raise AssertionError(f"{method} of {shape!r}: {error}") from None


def seconds(pattern: re.Pattern[Any], method: str, shape: tuple[str, str, str]) -> float:
    """Seconds of the processor for the longest text."""
    start = time.process_time()
    run(pattern, method, shape, LONGEST)
    return time.process_time() - start


@pytest.mark.parametrize(
    "pattern",
    EXPRESSIONS,
    ids=[f"{each.places[0]}-{number}" for number, each in enumerate(EXPRESSIONS.values())],
)
def test_it_is_linear(pattern: re.Pattern[Any]) -> None:
    for method in sorted(EXPRESSIONS[pattern].methods):
        assert_cheap(pattern, method)


@pytest.mark.parametrize(
    ("pattern", "method"),
    [
        (r"\s*([a-z]+)/([a-z]+)\s*((?:;[^,]*)?)\s*", "fullmatch"),
        (r"\d+(?:[.,]\d+)?\s*(?:\d+\s*)?(?:min|h)", "finditer"),
        (r"<div\s(?:[^>]{0,200}\s)?class=(?:[^\">]{0,200}\s)?recipe", "finditer"),
        (r"(\w|é)+!", "search"),
    ],
)
def test_what_is_not_linear_is_found(pattern: str, method: str) -> None:
    compiled = re.compile(pattern)
    with pytest.raises(AssertionError, match="take"):
        assert_cheap(compiled, method)
