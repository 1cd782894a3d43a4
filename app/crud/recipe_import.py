"""Import recipes. A duplicate is recognised by its URL, or by its label and ingredients.

Only the importer's own recipes count, without the trash.
"""

import math
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.core.errors import AppError, InvalidTokenError, QuotaExceededError
from app.core.policy import Viewer
from app.core.text import url_key
from app.crud import user_storage
from app.crud.recipe import recipe
from app.db.expressions import InArray
from app.db.types import dump_json
from app.exchange.items import Item
from app.models.recipe import Recipe
from app.models.user import User
from app.schemas.importing import OnDuplicate, Status
from app.schemas.recipe import RecipeDocument
from app.search import index as search_index


class Imported(NamedTuple):
    """The outcome of an item: the id of its recipe, or the error."""

    item: Item
    status: Status
    id: int | None = None
    error: AppError | None = None


class ClaimedRecipes:
    """The ids of recipes that items of this import already stand for, as bits.

    Our own exports may hold equal recipes, and each item stands for another one of them, however
    often the import is run.
    """

    def __init__(self) -> None:
        self._pages: dict[int, int] = {}

    def __contains__(self, recipe_id: int) -> bool:
        return bool(self._pages.get(recipe_id >> 10, 0) >> (recipe_id & 1023) & 1)

    def add(self, results: Sequence[Imported]) -> None:
        """Add the recipes of committed items."""
        for each in results:
            if each.id is not None:
                page = each.id >> 10
                self._pages[page] = self._pages.get(page, 0) | 1 << (each.id & 1023)


def import_items(
    session: Session,
    items: Sequence[Item],
    viewer: Viewer,
    claimed: ClaimedRecipes,
    *,
    on_duplicate: OnDuplicate = "skip",
    dry_run: bool = False,
) -> list[Imported]:
    """Import the items of one transaction. With `dry_run`, only return what would happen."""
    _lock_account(session, viewer)
    twins: _Twins = {}
    if on_duplicate != "copy":
        twins = _find_twins(session, items, viewer, claimed)
    new = [item for item in items if item.document and item.index not in twins]
    room = _Room(session, viewer)
    changed = set()
    if on_duplicate == "update":
        changed = _update(session, items, twins, viewer, room, dry_run)
    new = [item for item in new if room.takes(item)]
    if not dry_run:
        documents = [each.document.model_dump() for each in new if each.document]
        search_index.compute_terms(session, documents)
    ids = {} if dry_run else _create(session, new, viewer)
    results = []
    for item in items:
        twin = twins.get(item.index)
        if item.document is None:
            results.append(Imported(item, "failed", error=item.error))
        elif item.index in room.refused or (twin and twin.index in room.refused):
            results.append(Imported(item, "failed", error=room.error))
        elif twin is None:
            results.append(Imported(item, "created", ids.get(item.index)))
        else:
            # One that equals an earlier item has the outcome of that item.
            twin = twin if twin.id else twins.get(twin.index, twin)
            recipe_id = twin.id or ids.get(twin.index)
            status: Status = "updated" if item.index in changed else "skipped"
            results.append(Imported(item, status, recipe_id))
    return results


class _Room:
    """What the account may still store. Items beyond it are refused one by one."""

    def __init__(self, session: Session, viewer: Viewer) -> None:
        self._left = user_storage.room_of(session, viewer.id, viewer.storage_quota)
        self.error = QuotaExceededError(viewer.storage_quota or 0)
        self.refused: set[int] = set()

    def takes(self, item: Item) -> bool:
        """Take the room of an item. Return whether there was enough."""
        if self._left == math.inf:
            return True
        assert item.document is not None
        size = user_storage.size_of(item.document.model_dump())
        if size > self._left:
            self.refused.add(item.index)
            return False
        self._left -= size
        return True


def _lock_account(session: Session, viewer: Viewer) -> None:
    # Otherwise two imports into one account would miss what the other adds. Adding a recipe to the
    # account need not wait.
    own = select(User.id).where(User.id == viewer.id).with_for_update(key_share=True)
    if session.scalar(own) is None:
        raise InvalidTokenError


def _create(session: Session, items: Sequence[Item], viewer: Viewer) -> dict[int, int]:
    documents = [each.document.model_dump() for each in items if each.document]
    ids = recipe.add_many(session, documents, submitter_id=viewer.id) if documents else []
    return {item.index: row_id for item, row_id in zip(items, ids, strict=True)}


def _update(
    session: Session,
    items: Sequence[Item],
    twins: "_Twins",
    viewer: Viewer,
    room: _Room,
    dry_run: bool,
) -> set[int]:
    """Update recipes that differ from their items. Return the indexes of these items."""
    pairs = [
        (item, twins[item.index].id, item.document)
        for item in items
        if item.document and item.index in twins and twins[item.index].id
    ]
    # All at once and in the order of ids, so that no two transactions deadlock.
    ids = dump_json([recipe_id for _, recipe_id, _ in pairs])
    rows = select(Recipe).where(InArray(Recipe.__table__.c.id, "ids")).order_by(Recipe.id)
    found = session.scalars(rows.with_for_update(), {"ids": ids})
    entities = {each.id: each for each in found if each.deleted_at is None}
    if not dry_run:
        differ = [
            values
            for _, recipe_id, document in pairs
            if recipe_id in entities
            and recipe.changes(entities[recipe_id], values := _values_of(document))
        ]
        search_index.compute_terms(session, differ)
    changed = set()
    for item, recipe_id, document in pairs:
        entity = entities.get(recipe_id)
        values = _values_of(document)
        if entity is not None and recipe.changes(entity, values) and room.takes(item):
            changed.add(item.index)
            if not dry_run:
                recipe.change(session, entity, viewer, values)
    return changed


def _values_of(document: RecipeDocument) -> dict[str, Any]:
    values = document.model_dump()
    if "visibility" not in document.model_fields_set:
        del values["visibility"]
    return values


# --- What is there -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Recipe:
    """A recipe of the importer: its id, or 0 and the index of the item that creates it."""

    id: int
    index: int
    fingerprint: str
    url_key: str | None


_Twins = dict[int, _Recipe]
"""The recipes that items stand for, by the index of the item."""


def _find_twins(
    session: Session, items: Sequence[Item], viewer: Viewer, claimed: ClaimedRecipes
) -> _Twins:
    keys = {each.index: _keys_of(each) for each in items if each.document}
    prints: dict[str, list[_Recipe]] = defaultdict(list)
    urls: dict[str, list[_Recipe]] = defaultdict(list)
    for known in _load(session, keys.values(), viewer):
        prints[known.fingerprint].append(known)
        urls[known.url_key or ""].append(known)
    twins: _Twins = {}
    taken: set[int] = set()

    def is_free(known: _Recipe) -> bool:
        return bool(known.id) and known.id not in taken and known.id not in claimed

    def take(index: int, alike: Sequence[_Recipe]) -> None:
        url = keys[index][1]
        if alike:
            twins[index] = twin = max(alike, key=lambda each: each.url_key == url)
            taken.add(twin.id)

    # First the equal ones, so that none is taken for another recipe of the same page.
    for item in items:
        if item.index in keys:
            print_, url = keys[item.index]
            take(item.index, [each for each in prints[print_] if not item.is_ours or is_free(each)])
            if item.index not in twins and not item.is_ours:
                prints[print_].append(_Recipe(0, item.index, print_, url))
    for item in items:
        if item.index in keys and item.index not in twins and keys[item.index][1]:
            take(item.index, [*filter(is_free, urls[keys[item.index][1] or ""])][:1])
    return twins


def _load(
    session: Session, keys: Collection[tuple[str, str | None]], viewer: Viewer
) -> list[_Recipe]:
    columns = Recipe.__table__.c
    alike = or_(InArray(columns.fingerprint, "fingerprints"), InArray(columns.url_key, "url_keys"))
    rows = select(columns.id, columns.fingerprint, columns.url_key).where(
        alike, columns.submitter_id == viewer.id, columns.deleted_at.is_(None)
    )
    values = {
        "fingerprints": dump_json([key for key, _ in keys]),
        "url_keys": dump_json([key for _, key in keys if key]),
    }
    found = session.execute(rows.order_by(columns.id), values)
    return [_Recipe(row.id, -1, row.fingerprint, row.url_key) for row in found]


def _keys_of(item: Item) -> tuple[str, str | None]:
    assert item.document is not None
    return item.fingerprint, item.document.url and url_key(item.document.url)
