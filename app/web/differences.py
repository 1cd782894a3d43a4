"""The differences between two versions of a recipe, by line and by word."""

import re
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal, NamedTuple

import orjson

from app.exchange.text.times import duration
from app.web.template_filters import number, nutrition_facts, sections

Status = Literal["same", "removed", "added"]

CONTEXT = 2
"""Unchanged lines that are shown around changed ones."""
MAX_CELLS = 100_000_000
"""Pairs of lines or words that are compared: 40 ms and 13 MB."""
NEAR = 8
"""Lines among which the new form of a changed line is searched."""
MAX_COMPARED = 50_000
"""Characters of changed lines that are compared word by word. Each line counts PER_LINE more."""
PER_LINE = 20
ALIKE = 0.4
"""The share of two lines that must be equal to show one as a change of the other."""

# Words, numbers and what is between them. In scripts without spaces, each character is a word.
_NO_SPACES = r"\u3040-\u30ff\u3400-\u9fff"
_MARKS = r"!-/:-@\[-`{-~"
_WORD = re.compile(
    rf"\s+|[0-9]+(?:[.,/][0-9]+)*|[{_NO_SPACES}]|[{_MARKS}]|[^\s{_MARKS}{_NO_SPACES}]+"
)


class Run(NamedTuple):
    """A part of a line: in both versions, only in the old, or only in the new one."""

    status: Status
    text: str


class Line(NamedTuple):
    """A line as its runs, or the number of unchanged lines that are left out."""

    runs: list[Run]
    is_heading: bool = False
    left_out: int = 0

    def of(self, status: Status) -> "Line | None":
        """Return the line in the version that has runs of `status`, or None if it lacks it."""
        runs = [run for run in self.runs if run.status in ("same", status)]
        return self._replace(runs=runs) if runs or self.left_out else None


class Difference(NamedTuple):
    """The difference in one member of a recipe, as `difference.html` shows it.

    A "text" is one value, whose lines are its paragraphs. "lines" are many values, such as
    ingredients.
    """

    name: str
    kind: Literal["text", "lines"]
    merged: list[Line]
    """The lines of both versions."""

    @property
    def old(self) -> list[Line]:
        """The lines of the old version, with removals marked."""
        return [found for line in self.merged if (found := line.of("removed"))]

    @property
    def new(self) -> list[Line]:
        """The lines of the new version, with additions marked."""
        return [found for line in self.merged if (found := line.of("added"))]


def differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Difference]:
    """Compare two documents of a recipe (RecipeSnapshot), in reading order.

    Long documents take time: call it in a thread.
    """
    found = []
    for member, name, kind, read in _MEMBERS:
        before, after = old[member], new[member]
        if before != after:
            texts = read(before), read(after)
            if texts[0] == texts[1]:  # The pages do not show what differs.
                texts = _as_stored(before), _as_stored(after)
            found.append(Difference(name, kind, _shortened(_merged(*texts))))
    return found


def in_full(document: Mapping[str, Any]) -> list[Difference]:
    """Return a whole document in the same form, with nothing marked."""
    members = ((name, kind, read(document[member])) for member, name, kind, read in _MEMBERS)
    return [
        Difference(name, kind, list(_whole("same", texts)))
        for name, kind, texts in members
        if texts
    ]


# --- A member as text ----------------------------------------------------------------------------


class Text(NamedTuple):
    """A line before it is compared."""

    text: str
    is_heading: bool = False
    is_value: bool = False
    """Whether it is replaced as a whole: "4 h" and "1 h 30 min" have no word in common."""


_VISIBILITY = {
    "public": "everyone",
    "unlisted": "anyone with the link",
    "private": "the owner alone",
}


def _paragraphs(value: str | None) -> list[Text]:
    return [Text(line) for line in (value or "").split("\n") if line.strip()]


def _one_value(write: Callable[[Any], str]) -> Callable[[Any], list[Text]]:
    """Return a reader of one value."""
    return lambda value: [] if value is None else [Text(write(value), is_value=True)]


def _tags(tags: Iterable[Mapping[str, Any]]) -> list[Text]:
    return [Text(f"{tag['kind'].capitalize()}: {tag['name']}") for tag in tags]


def _ingredient(one: Mapping[str, Any]) -> str:
    return f"{one['text']} (optional)" if one.get("optional") else str(one["text"])


def _step(step: Mapping[str, Any]) -> str:
    name, minutes = step.get("name"), step.get("minutes")
    time = "" if minutes is None else f" ({duration(minutes)})"
    return f"{name}: {step['text']}{time}" if name else f"{step['text']}{time}"


def _sectioned(write: Callable[[Mapping[str, Any]], str]) -> Callable[[Any], list[Text]]:
    """Return a reader of ingredients or steps with their headings."""

    def read(members: Iterable[Mapping[str, Any]]) -> list[Text]:
        texts: list[Text] = []
        for section in sections(members):
            if section.name or texts:
                texts.append(Text(section.name or "Without a heading", is_heading=True))
            texts += [Text(write(member)) for member in section.members]
        return texts

    return read


def _nutrition(nutrition: Mapping[str, Any] | None) -> list[Text]:
    nutrition = nutrition or {}
    size = nutrition.get("serving_size")
    facts = [("Serving", size)] if size else []
    return [Text(f"{name}: {value}") for name, value in [*facts, *nutrition_facts(nutrition)]]


def _as_stored(value: Any) -> list[Text]:
    """Write any value as it is stored."""
    if isinstance(value, Mapping):
        return [Text(f"{name}: {_json(each)}") for name, each in value.items()]
    if isinstance(value, list):
        return [Text(", ".join(each.text for each in _as_stored(member))) for member in value]
    return [] if value is None else [Text(_json(value))]


def _json(value: Any) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()


_MEMBERS: list[tuple[str, str, Literal["text", "lines"], Callable[[Any], list[Text]]]] = [
    ("label", "Title", "text", _paragraphs),
    ("description", "Description", "text", _paragraphs),
    ("author", "Author", "text", _paragraphs),
    ("source", "Source", "text", _paragraphs),
    ("url", "Address", "text", _paragraphs),
    ("language", "Language", "text", _paragraphs),
    ("prep_minutes", "Preparation", "text", _one_value(duration)),
    ("cook_minutes", "Cooking", "text", _one_value(duration)),
    ("total_minutes", "Total time", "text", _one_value(duration)),
    ("servings", "Serves", "text", _one_value(number)),
    ("yield_text", "Makes", "text", _paragraphs),
    ("tags", "Tags", "lines", _tags),
    ("ingredients", "Ingredients", "lines", _sectioned(_ingredient)),
    ("steps", "Method", "lines", _sectioned(_step)),
    ("notes", "Notes", "text", _paragraphs),
    ("nutrition", "Nutrition", "lines", _nutrition),
    ("visibility", "Visible to", "text", _one_value(_VISIBILITY.__getitem__)),
    ("extras", "Other data", "lines", _as_stored),
]


# --- Lines and words -----------------------------------------------------------------------------


class Match(NamedTuple):
    """A run that both sequences have: where it begins in each, and its length."""

    old: int
    new: int
    size: int


def matches(old: Sequence[Hashable], new: Sequence[Hashable]) -> list[Match]:
    """Return the longest common subsequence as runs; the last one is empty, at both ends."""
    if len(old) * len(new) > MAX_CELLS:
        return [Match(len(old), len(new), 0)]
    # It takes time to load, and history pages are rarely requested.
    from rapidfuzz.distance import LCSseq

    blocks = LCSseq.opcodes(old, new).as_matching_blocks()
    return [Match(block.a, block.b, block.size) for block in blocks]


def _merged(old: Sequence[Text], new: Sequence[Text]) -> Iterator[Line]:
    """Merge the lines of both versions."""
    same = matches(old, new)
    kept = [text for match in same for text in old[match.old : match.old + match.size]]
    size = _size(old) + _size(new) - 2 * _size(kept)
    changed = _changed if size <= MAX_COMPARED else _replaced
    i = j = 0
    for match in same:
        yield from changed(old[i : match.old], new[j : match.new])
        i, j = match.old + match.size, match.new + match.size
        yield from _whole("same", old[match.old : i])


def _size(texts: Iterable[Text]) -> int:
    return sum(len(text.text) + PER_LINE for text in texts)


def _replaced(old: Sequence[Text], new: Sequence[Text]) -> Iterator[Line]:
    yield from _whole("removed", old)
    yield from _whole("added", new)


def _changed(old: Sequence[Text], new: Sequence[Text]) -> Iterator[Line]:
    """Merge lines of which none is equal. Similar ones become one line."""
    words = [_WORD.findall(text.text) for text in new]
    sets = [set(each) for each in words]
    j = 0
    for i, text in enumerate(old):
        own = _WORD.findall(text.text)
        own_set = set(own)
        near = range(j, min(j + NEAR, len(new)))
        best = max(near, key=lambda k: len(own_set & sets[k]) / len(own_set | sets[k]), default=-1)
        runs = []
        if best >= 0 and text.is_value:
            runs = [Run("removed", text.text), Run("same", " "), Run("added", new[best].text)]
        elif best >= 0 and text.is_heading == new[best].is_heading:
            runs = _runs(own, words[best])
        if runs:
            yield from _whole("added", new[j:best])
            yield Line(runs, text.is_heading)
            j = best + 1
        else:
            yield from _whole("removed", old[i : i + 1])
    yield from _whole("added", new[j:])


def _whole(status: Status, texts: Sequence[Text]) -> Iterator[Line]:
    return (Line([Run(status, text.text)], text.is_heading) for text in texts)


def _runs(old: Sequence[str], new: Sequence[str]) -> list[Run]:
    """Merge two lines into one, or return [] if they have too little in common."""
    runs = []
    same = i = j = 0
    for match in matches(old, new):
        end = match.old + match.size
        common = old[match.old : end]
        if common and not "".join(common).strip():  # It would separate words that changed together.
            continue
        runs += [
            Run("removed", "".join(old[i : match.old])),
            Run("added", "".join(new[j : match.new])),
            Run("same", "".join(common)),
        ]
        same += _weight(common)
        i, j = end, match.new + match.size
    is_one = same and same >= ALIKE * max(_weight(old), _weight(new))
    return [run for run in runs if run.text] if is_one else []


def _weight(words: Iterable[str]) -> int:
    """Return the number of characters in words and numbers."""
    return sum(len(word) for word in words if word[-1].isalnum())


def _shortened(lines: Iterable[Line]) -> list[Line]:
    """Leave out unchanged lines that are far from a change."""
    shown: list[Line] = []
    same: list[Line] = []
    for line in lines:
        if all(run.status == "same" for run in line.runs):
            same.append(line)
        else:
            shown += [*_without_middle(same, CONTEXT if shown else 0, CONTEXT), line]
            same = []
    return shown + _without_middle(same, CONTEXT, 0)


def _without_middle(lines: list[Line], first: int, last: int) -> list[Line]:
    """Return the first and last lines, and between them how many are left out."""
    left_out = len(lines) - first - last
    if left_out < 2:
        return lines
    return [*lines[:first], Line([], left_out=left_out), *lines[len(lines) - last :]]
