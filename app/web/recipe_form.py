"""The edit form: write a recipe into text fields, and read it back.

A form does not show everything that is stored. So whatever was not changed in it keeps its stored
value: each field, each tag, and each line of the ingredients and steps.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, get_args

from pydantic import ValidationError

from app.cooking import quantities
from app.core.errors import Fault, InvalidError
from app.exchange.text.times import duration, minutes_of
from app.schemas.document import NutritionCreate, TagKind
from app.schemas.faults import faults_of
from app.schemas.recipe import MAX_DOCUMENT_BYTES, RecipeDocument
from app.web.recipe_form_lines import INGREDIENTS, STEPS, Item, one_line

_ONE_LINE = ("label", "url", "source", "author", "language", "yield_text")
_TEXTS = ("description", "notes")
_MINUTES = ("prep_minutes", "cook_minutes", "total_minutes")
_NUTRITION = tuple(NutritionCreate.model_fields)
KINDS: tuple[str, ...] = get_args(TagKind)
FIELDS = (
    *(name for name in RecipeDocument.model_fields if name not in ("tags", "nutrition", "extras")),
    *KINDS,
    *_NUTRITION,
)
BLANK = RecipeDocument(label="-").model_dump() | {"label": ""}

BROKEN = "The recipe breaks rules; see its fields."
MAX_NUMBER = 100
"""Characters of a number or a time."""


def form_of(document: Mapping[str, Any]) -> dict[str, str]:
    """Return the form fields of a document (RecipeDocument)."""
    nutrition = document["nutrition"] or {}
    members = {
        **{name: one_line(document[name]) for name in _ONE_LINE},
        **{name: document[name] for name in (*_TEXTS, "visibility")},
        **{name: None if document[name] is None else duration(document[name]) for name in _MINUTES},
        **{kind: _names_of(document["tags"], kind) for kind in KINDS},
        **{name: _number_of(nutrition.get(name)) for name in _NUTRITION},
        "servings": _number_of(document["servings"]),
        "serving_size": one_line(nutrition.get("serving_size")),
        "ingredients": INGREDIENTS.text_of(document["ingredients"]),
        "steps": STEPS.text_of(document["steps"]),
    }
    return {name: (members[name] or "").strip() for name in FIELDS}


def document_of(form: Mapping[str, str], stored: Mapping[str, Any] | None = None) -> RecipeDocument:
    """Return the document of a form that was based on `stored`.

    Raise InvalidError, whose faults name fields.
    """
    long = [name for name in ("ingredients", "steps") if len(form[name]) > 2 * MAX_DOCUMENT_BYTES]
    if long:
        raise InvalidError(BROKEN, [Fault("is too long", "too_large", parameter=long[0])])
    stored = stored or BLANK
    shown = form_of(stored)
    faults: list[Fault] = []

    def read(name: str, value: Any, new: Callable[[str], Any]) -> Any:
        if form[name] == shown[name]:
            return value
        try:
            return new(form[name]) if form[name] else None
        except ValueError as error:
            faults.append(Fault(str(error), "form", parameter=name))
            return None

    values = {name: read(name, stored[name], str) for name in (*_ONE_LINE, *_TEXTS, "visibility")}
    values |= {name: read(name, stored[name], _minutes) for name in _MINUTES}
    values["servings"] = read("servings", stored["servings"], _number)
    if _is_sum(stored) and form["total_minutes"] == shown["total_minutes"]:
        values["total_minutes"] = None  # It is computed from the others.

    stored_nutrition = stored["nutrition"] or {}
    nutrition = {name: read(name, stored_nutrition.get(name), _number) for name in _NUTRITION[1:]}
    nutrition["serving_size"] = read("serving_size", stored_nutrition.get("serving_size"), str)
    is_given = any(value is not None for value in nutrition.values())
    values["nutrition"] = nutrition if is_given or nutrition == stored_nutrition else None

    values["tags"] = _tags({kind: form[kind] for kind in KINDS}, stored["tags"])
    ingredients = INGREDIENTS.read(form["ingredients"], stored["ingredients"])
    steps = STEPS.read(form["steps"], stored["steps"])
    values["ingredients"] = [item.member for item in ingredients]
    values["steps"] = [item.member for item in steps]
    values |= {"label": values["label"] or "", "extras": stored["extras"]}
    try:
        document = RecipeDocument(**values)
    except ValidationError as error:
        at_field = partial(_at_field, values["tags"], ingredients, steps)
        raise InvalidError(BROKEN, [*faults, *map(at_field, faults_of(error))]) from None
    if faults:
        raise InvalidError(BROKEN, faults)
    return document


def _at_field(
    tags: Sequence[Mapping[str, str]],
    ingredients: Sequence[Item],
    steps: Sequence[Item],
    fault: Fault,
) -> Fault:
    """Return the fault with its field and line of the form."""
    _, *path = (fault.pointer or "").split("/")
    name, detail = path[0] if path else "", fault.detail
    if name == "nutrition" and len(path) > 1:
        name = path[1]
    elif name == "tags":
        name = tags[int(path[1])]["kind"] if len(path) > 1 else "keyword"
    elif name == "language":
        detail = "must be the tag of a language, such as en or pt-BR"
    elif name in ("ingredients", "steps") and len(path) > 1:
        item = (ingredients if name == "ingredients" else steps)[int(path[1])]
        detail = f"Line {item.line}: {detail}"
    return Fault(detail, fault.code, parameter=name)


# --- Numbers and times ---------------------------------------------------------------------------


def _number_of(value: Any) -> str:
    if not isinstance(value, int | float):
        return ""
    return quantities.write(quantities.exact(value), decimals=True)


def _number(text: str) -> float:
    found = quantities.read(text) if len(text) <= MAX_NUMBER else None
    if found is None or found.end < len(text) or found.high is not None:
        raise ValueError("must be a number, such as 4 or 1.5")
    return quantities.number(found.low)


def _minutes(text: str) -> int:
    found = minutes_of(text) if len(text) <= MAX_NUMBER else None
    if found is None:
        raise ValueError("must be a time, such as 45 min or 1 h 30 min")
    return found


def _is_sum(document: Mapping[str, Any]) -> bool:
    prep, cook, total = (document[name] for name in _MINUTES)
    return None not in (prep, cook) and total == prep + cook


# --- Tags ----------------------------------------------------------------------------------------

_NAME = re.compile(r"(?:[^,\\]|\\.?)+", re.DOTALL)


def _names_of(tags: Iterable[Mapping[str, str]], kind: str) -> str:
    names = (one_line(tag["name"]).strip() for tag in tags if tag["kind"] == kind)
    return ", ".join(re.sub(r"([\\,])", r"\\\1", name) for name in names)


def _tags(form: Mapping[str, str], stored: Sequence[Mapping[str, str]]) -> list[Mapping[str, str]]:
    """Read the tags of each kind's field: first the stored ones, in their order."""
    named = Counter(
        (kind, name)
        for kind, text in form.items()
        for each in _NAME.findall(text)
        if (name := re.sub(r"\\(.)", r"\1", each).strip())
    )
    kept = []
    for tag in stored:
        key = tag["kind"], one_line(tag["name"]).strip()
        if named[key]:
            named[key] -= 1
            kept.append(tag)
    return kept + [{"kind": kind, "name": name} for kind, name in named.elements()]
