"""The items of an import: each part of a file as a document, or with the reason why not."""

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
"""Of one transaction. More would hardly be faster, and would keep other writers waiting."""
_NAME_LENGTH = 256


@dataclass(frozen=True, slots=True)
class Item:
    """One recipe of an import: its document, or why there is none."""

    index: int
    name: str | None
    document: RecipeDocument | None
    error: AppError | None = None
    is_ours: bool = False
    """Whether it comes from our own export, in which recipes may be alike."""
    fingerprint: str = ""
    """The fingerprint of the document, computed before the transaction because it takes a while."""


def items_of(drafts: Drafts) -> Iterator[Item]:
    """Check each draft, and number them from 0."""
    numbers = count()
    try:
        for draft in drafts:
            yield item_of(next(numbers), draft)
    except InvalidError as error:
        # A file may turn out to be damaged or hostile after its beginning.
        yield Item(next(numbers), None, None, error)


def item_of(index: int, draft: Draft | Unreadable) -> Item:
    """Check one draft."""
    # Imported here, because most processes import no recipe.
    from app.exchange.documents import to_document
    from app.exchange.text.values import line_of

    if isinstance(draft, Unreadable):
        return Item(index, _short(draft.name), None, InvalidError(draft.reason))
    label = draft.document.get("label")
    name = _short(label if draft.is_ours else line_of(label))
    try:
        document = to_document(draft)
        lines = tuple([each.text for each in document.ingredients])
        key = fingerprint(document.label, lines)
        return Item(index, name, document, None, draft.is_ours, key)
    except ValidationError as error:
        detail = "The recipe breaks rules; see errors." if name else "The recipe has no name."
        return Item(index, name, None, InvalidError(detail, faults_of(error)))


def chunks_of(items: Iterator[Item]) -> Iterator[list[Item]]:
    """Split the items into chunks of the size of a transaction."""
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
    """Estimate the bytes of an item."""
    if item.document is None:
        return 100
    lines = sum(len(each.text) for each in item.document.ingredients)
    steps = sum(len(each.text) for each in item.document.steps)
    extras = len(repr(item.document.extras)) if item.document.extras else 0
    return 1000 + lines + steps + len(item.document.notes or "") + extras


def _short(name: str | None) -> str | None:
    return name[:_NAME_LENGTH] if name else None
