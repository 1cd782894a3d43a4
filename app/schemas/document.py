"""The parts of a recipe: request models (strict) and response models (plain)."""

from collections.abc import Collection
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)
from pydantic_core import PydanticCustomError

from app.cooking.ingredients import parse, under_headings
from app.core.bounds import MAX_EXTRAS_DEPTH, MAX_EXTRAS_VALUES
from app.core.text import tag_key
from app.schemas.types import (
    MAX_ID,
    MAX_NUMBER,
    Minutes,
    Name,
    Quantity,
    RequestModel,
    ResponseModel,
    Text,
    whole,
)

Visibility = Literal["public", "unlisted", "private"]
TagName = Annotated[str, Text(100, 1)]
MAX_LINE = 1000
MAX_INGREDIENTS = 500
MAX_STEPS = 300
Line = Annotated[str, Text(MAX_LINE, 1)]
Paragraph = Annotated[str, Text(10_000, 1)]
TagKind = Literal["keyword", "category", "cuisine", "diet", "tool", "method"]


class TagPublic(ResponseModel):
    """A tag of one kind. A plain string is accepted as a keyword."""

    kind: TagKind = "keyword"
    name: str


class Ingredient(ResponseModel):
    """One ingredient line, as written and as parsed."""

    text: str
    section: str | None = None
    quantity: float | int | None = None
    quantity_max: float | int | None = None
    unit: str | None = None
    food: str | None = None
    note: str | None = None
    optional: bool = False


class Step(ResponseModel):
    """One step."""

    text: str
    section: str | None = None
    name: str | None = None
    minutes: int | None = None


class Nutrition(ResponseModel):
    """Per serving, as in schema.org/NutritionInformation: kcal, grams and milligrams."""

    serving_size: str | None = None
    calories: float | int | None = None
    carbohydrate_g: float | int | None = None
    cholesterol_mg: float | int | None = None
    fat_g: float | int | None = None
    fiber_g: float | int | None = None
    protein_g: float | int | None = None
    saturated_fat_g: float | int | None = None
    sodium_mg: float | int | None = None
    sugar_g: float | int | None = None
    trans_fat_g: float | int | None = None
    unsaturated_fat_g: float | int | None = None


class TagCreate(RequestModel):
    """A tag of one kind. A plain string is accepted as a keyword."""

    kind: TagKind = "keyword"
    name: TagName


class IngredientCreate(RequestModel):
    """One ingredient line. A plain string, or an object with only `text`, is parsed."""

    text: Line
    section: Name | None = None
    quantity: Quantity | None = None
    quantity_max: Quantity | None = None
    unit: Annotated[str, Text(100)] | None = None
    food: Name | None = None
    note: Annotated[str, Text(1000)] | None = None
    optional: bool = False


class StepCreate(RequestModel):
    """One step. A plain string is accepted as its text."""

    text: Paragraph
    section: Name | None = None
    name: Name | None = None
    minutes: Minutes | None = None


class NutritionCreate(RequestModel):
    """Per serving, as in schema.org/NutritionInformation: kcal, grams and milligrams."""

    serving_size: Name | None = None
    calories: Quantity | None = None
    carbohydrate_g: Quantity | None = None
    cholesterol_mg: Quantity | None = None
    fat_g: Quantity | None = None
    fiber_g: Quantity | None = None
    protein_g: Quantity | None = None
    saturated_fat_g: Quantity | None = None
    sodium_mg: Quantity | None = None
    sugar_g: Quantity | None = None
    trans_fat_g: Quantity | None = None
    unsaturated_fat_g: Quantity | None = None


def _text_or(member: str) -> Any:
    """Return a validator that accepts a plain string for an object with only `member`."""
    return lambda value: {member: value} if isinstance(value, str) else value


def _line(value: Any) -> str | None:
    """Return the line of an ingredient that has no other members."""
    if isinstance(value, dict) and len(value) == 1:
        value = value.get("text")
    return value if isinstance(value, str) else None


def _parsed(value: Any) -> Any:
    """Parse a plain line."""
    line = _line(value)
    if line is None:
        return value
    try:
        return parse(Text(MAX_LINE).check(line))
    except ValueError:
        return {"text": line}  # This is refused, with one error.


def _sectioned(values: Any, validate: ValidatorFunctionWrapHandler) -> list[IngredientCreate]:
    """Make the headings among plain lines the sections of the plain lines below them."""
    ingredients: list[IngredientCreate] = validate(values)
    is_plain = [_line(value) is not None for value in values]
    if not any(is_plain):
        return ingredients
    plain = [
        each.text if is_line else None for each, is_line in zip(ingredients, is_plain, strict=True)
    ]
    kept = []
    for index, section in under_headings(plain):
        if section is not None:
            ingredients[index].section = section
        kept.append(ingredients[index])
    return kept


def _unique(tags: list[TagCreate]) -> list[TagCreate]:
    unique: dict[tuple[str, str], TagCreate] = {}
    for tag in tags:
        unique.setdefault((tag.kind, tag_key(tag.name)), tag)
    return list(unique.values())


def check_extras(extras: dict[str, Any]) -> dict[str, Any]:
    """Return `extras` if both databases can store them: bounded in number, depth and size.

    Text must not contain NUL, and numbers must fit 64 bits.
    """
    values = 0
    waiting: list[tuple[Any, int]] = [(extras, 0)]
    while waiting:
        value, depth = waiting.pop()
        if isinstance(value, dict):
            members: Collection[Any] = value.values()
            for name in value:
                _check_scalar(name)
        elif isinstance(value, list):
            members = value
        else:
            _check_scalar(value)
            continue
        values += len(members)
        if values > MAX_EXTRAS_VALUES:
            raise PydanticCustomError(
                "too_large", "must not have more than {most} values", {"most": MAX_EXTRAS_VALUES}
            )
        if depth > MAX_EXTRAS_DEPTH:
            raise PydanticCustomError(
                "too_deep", "must not be nested deeper than {most}", {"most": MAX_EXTRAS_DEPTH}
            )
        waiting += [(member, depth + 1) for member in members]
    return extras


def _check_scalar(value: Any) -> None:
    if isinstance(value, str):
        if "\0" in value or (not value.isascii() and _surrogate(value)):
            raise PydanticCustomError("text", "control characters and lone surrogates are not text")
    elif isinstance(value, int) and not -MAX_ID <= value <= MAX_ID:
        raise PydanticCustomError("number", "integers must fit 64 bits")
    elif isinstance(value, float) and value - value != 0:
        raise PydanticCustomError("number", "numbers must be finite")


def _surrogate(value: str) -> bool:
    return any("\ud800" <= char <= "\udfff" for char in value)


Label = Annotated[str, Text(256, 1)]
Description = Annotated[str, Text(4000)]
Notes = Annotated[str, Text(50_000), Field(description="Markdown.")]
Servings = Annotated[
    float,
    Field(
        gt=0,
        le=MAX_NUMBER,
        allow_inf_nan=False,
        description="The number of servings, which scaling starts from.",
    ),
    AfterValidator(whole),
]
Tags = Annotated[
    list[
        Annotated[
            TagCreate,
            BeforeValidator(_text_or("name"), json_schema_input_type=TagCreate | TagName),
        ]
    ],
    Field(max_length=100),
    AfterValidator(_unique),
]
Ingredients = Annotated[
    list[
        Annotated[
            IngredientCreate,
            BeforeValidator(_parsed, json_schema_input_type=IngredientCreate | Line),
        ]
    ],
    Field(
        max_length=MAX_INGREDIENTS,
        description="Among plain lines, one such as `For the sauce:` starts a section.",
    ),
    WrapValidator(_sectioned),
]
Steps = Annotated[
    list[
        Annotated[
            StepCreate,
            BeforeValidator(_text_or("text"), json_schema_input_type=StepCreate | Paragraph),
        ]
    ],
    Field(max_length=MAX_STEPS),
]
Extras = Annotated[
    dict[str, Any],
    AfterValidator(check_extras),
    Field(
        description="Other members, stored as they are: at most"
        f" {MAX_EXTRAS_VALUES:,} values, nested at most {MAX_EXTRAS_DEPTH} deep."
    ),
]


class LinesToParse(RequestModel):
    """Ingredient lines. A line such as `For the sauce:` starts a section."""

    lines: Annotated[list[Annotated[str, Text(MAX_LINE)]], Field(max_length=MAX_INGREDIENTS)]


class ParsedIngredients(ResponseModel):
    """The parsed lines, with their original text."""

    ingredients: list[Ingredient]
