"""The items of an import: what became of each part of a file before it meets the database."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count

from pydantic import ValidationError

from app.core.errors import AppError, InvalidError
from app.core.text import fingerprint
from app.exchange.drafts import Draft, Drafts, Unreadable
from app.schemas.faults import faults_of
from app.schemas.recipe import RecipeDocument

MAX_ITEMS = 500
MAX_BYTES = 1024 * 1024
"""Of one transaction. More would be hardly quicker, and keep other writers waiting."""
_NAME_LENGTH = 256


@dataclass(frozen=True, slots=True)
class Item:
    """One recipe of an import: its document, or why there is none."""

    index: int
    name: str | None
    document: RecipeDocument | None
    error: AppError | None = None
    is_ours: bool = False
    """Whether it is of an export of ours, in which recipes may be alike."""
    fingerprint: str = ""
    """That of the document. It takes a while, so it is not left to the transaction."""


def items_of(drafts: Drafts) -> Iterator[Item]:
    """Each draft, numbered from 0 and within the bounds of a recipe."""
    numbers = count()
    try:
        for draft in drafts:
            yield item_of(next(numbers), draft)
    except InvalidError as error:
        # A file may turn out to be broken or hostile behind its beginning.
        yield Item(next(numbers), None, None, error)


def item_of(index: int, draft: Draft | Unreadable) -> Item:
    """One draft with its number."""
    # Imported here, since most processes import no recipe.
    from app.exchange.documents import finished
    from app.exchange.text.values import line_of

    if isinstance(draft, Unreadable):
        return Item(index, _short(draft.name), None, InvalidError(draft.reason))
    label = draft.document.get("label")
    name = _short(label if draft.is_ours else line_of(label))
    try:
        document = finished(draft)
        lines = tuple([each.text for each in document.ingredients])
        key = fingerprint(document.label, lines)
        return Item(index, name, document, None, draft.is_ours, key)
    except ValidationError as error:
        detail = "The recipe breaks rules; see errors." if name else "The recipe has no name."
        return Item(index, name, None, InvalidError(detail, faults_of(error)))


def chunks_of(items: Iterator[Item]) -> Iterator[list[Item]]:
    """The items in parts that are good for a transaction each."""
    chunk: list[Item] = []
    size = 0
    for item in items:
        chunk.append(item)
        size += weight(item)
        if len(chunk) == MAX_ITEMS or size > MAX_BYTES:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk


def weight(item: Item) -> int:
    """About how many bytes an item takes."""
    if item.document is None:
        return 100
    lines = sum(len(each.text) for each in item.document.ingredients)
    steps = sum(len(each.text) for each in item.document.steps)
    extras = len(repr(item.document.extras)) if item.document.extras else 0
    return 1000 + lines + steps + len(item.document.notes or "") + extras


def _short(name: str | None) -> str | None:
    return name[:_NAME_LENGTH] if name else None
