"""The text of a Cooklang recipe: its metadata, and the marks within its steps."""

import re
from typing import Any, NamedTuple

from app.exchange.text.values import given, minutes_of

_FRONT = re.compile(r"---[ \t]*\n(.*?)\n---[ \t]*(?:\n|\Z)", re.DOTALL)
_MAX_FRONT = 64 * 1024
_FACT = re.compile(r">>[ \t]*([^:\n]{1,100}):(.*)")
_YAML_FACT = re.compile(r"( *)([^\s:#'\"-][^:\n]{0,100}):(?:\s+(.*)|)")
_COMMENT = re.compile(r"\[-.*?(?:-\]|\Z)", re.DOTALL)
_LINE_COMMENT = re.compile(r"(?:^|(?<=\s))--(?!-).*")
_MARK = re.compile(
    r"""(?P<sign>[@\#~])(?P<modifiers>[@&?+-]{0,3})
    (?:
        (?P<name>[^@\#~{}\n]{0,100})\{(?P<amount>[^{}\n]{0,200})\}(?:\((?P<note>[^()\n]{1,300})\))?
        |(?P<word>[^\W\d_][\w'’-]{0,100})
    )""",  # noqa: RUF001 - Names are typeset too.
    re.VERBOSE,
)


class Ingredient(NamedTuple):
    """An ingredient of a step."""

    name: str
    amount: str
    note: str
    is_optional: bool

    def member(self) -> dict[str, Any]:
        """It as a member of a recipe's ingredients."""
        text = " ".join(filter(None, (self.amount, self.name)))
        text = ", ".join(filter(None, (text, self.note)))
        return given(text=text, food=self.name, note=self.note, optional=self.is_optional or None)


class Line(NamedTuple):
    """A text without its marks, and what they marked."""

    text: str
    ingredients: list[Ingredient]
    tools: list[str]
    minutes: int | None


def split(text: str) -> tuple[dict[str, Any], str]:
    """The metadata, of front matter or of lines that begin with `>>`, and the text without it."""
    facts: dict[str, Any] = {}
    text = text.replace("\r\n", "\n").lstrip("\ufeff\n ")
    if front := _FRONT.match(text[:_MAX_FRONT]):
        facts, text = _front_matter(front[1]), text[front.end() :]
    lines = []
    for line in text.split("\n"):
        if found := _FACT.fullmatch(line.strip()):
            facts.setdefault(found[1].strip().lower(), found[2].strip())
        else:
            lines.append(line)
    return facts, "\n".join(lines)


def without_comments(text: str) -> str:
    """The text without what is said to cooks who read its source."""
    text = _COMMENT.sub("", text)
    return "\n".join(_LINE_COMMENT.sub("", line).rstrip() for line in text.split("\n"))


def read(text: str) -> Line:
    """A text with marks."""
    ingredients: list[Ingredient] = []
    tools: list[str] = []
    timers: list[str] = []

    def shown(found: re.Match[str]) -> str:
        is_word = found["word"] is not None
        name = (found["word"] if is_word else found["name"]).strip()
        amount = " ".join((found["amount"] or "").lstrip("= ").replace("%", " ").split())
        if found["sign"] == "~":
            timers.append(amount)
            return amount or name
        # A name after the bar is what the step says instead of the whole one.
        name, _, alias = (part.strip() for part in name.rpartition("/")[2].partition("|"))
        if not name:
            return found[0]
        if found["sign"] == "#":
            tools.append(name)
        elif "&" not in found["modifiers"] and "-" not in found["modifiers"]:
            note = (found["note"] or "").strip()
            ingredients.append(Ingredient(name, amount, note, "?" in found["modifiers"]))
        return alias or name

    said = _MARK.sub(shown, text)
    minutes = [found for each in timers if (found := minutes_of(each))]
    return Line(" ".join(said.split()), ingredients, tools, sum(minutes) or None)


def has_ingredient(text: str) -> bool:
    """Whether an ingredient is marked with its braces, which no other format has."""
    return any(found["sign"] == "@" and found["name"] for found in _MARK.finditer(text))


def _front_matter(text: str) -> dict[str, Any]:
    """What recipes use of YAML: scalars, lists, and one mapping within another as `time.prep`."""
    facts: dict[str, Any] = {}
    above = last = ""
    for line in text.split("\n"):
        item = line.strip()
        if item.startswith("- ") and last:
            listed = facts[last] if isinstance(facts[last], list) else []
            facts[last] = [*listed, _scalar(item[2:])]
        elif found := _YAML_FACT.fullmatch(line):
            name = found[2].strip().lower()
            above = above if found[1] else name
            last = f"{above}.{name}" if found[1] else name
            value = (found[3] or "").strip()
            is_list = value.startswith("[") and value.endswith("]")
            facts[last] = (
                [_scalar(each) for each in value[1:-1].split(",")] if is_list else _scalar(value)
            )
        elif item and last and isinstance(facts[last], str):
            facts[last] = f"{facts[last].removeprefix('|').removeprefix('>')}\n{item}".strip()
    return {name: value for name, value in facts.items() if value not in ("", [])}


def _scalar(text: str) -> str:
    text = text.strip()
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"" else text
