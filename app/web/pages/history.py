"""The history of a recipe: its versions, their differences, and restoring one."""

import re
from typing import Any

from starlette.responses import Response

from app import crud
from app.core.errors import NotFoundError, PreconditionFailedError
from app.core.preconditions import Precondition
from app.core.slugs import recipe_path
from app.core.threads import compute
from app.db.reader import Row
from app.schemas.page import PageQuery
from app.schemas.types import MAX_VERSION
from app.web.differences import Difference, differences, in_full
from app.web.pages.recipe import id_of, open_recipe, path_of
from app.web.visit import Pages, Visit

pages = Pages()

_VERSION = re.compile("[1-9][0-9]{0,9}")


@pages.get("/recipes/{reference}/history", does="list_versions")
async def show_history(visit: Visit) -> Response:
    """List the versions of a recipe, newest first."""
    recipe = await open_recipe(visit)
    cursor = visit.query("cursor") or None
    # The cursor is checked where it is used.
    query = PageQuery.model_construct(limit=20, cursor=cursor, count=False)
    found = await crud.versions.list_versions(
        visit.db, recipe["id"], visit.viewer, query, visit.query("key")
    )
    ids = {entry["author_id"] for entry in found.items}
    return visit.page(
        "history.html",
        recipe=recipe,
        path=path_of(recipe),
        versions=found.items,
        authors={author_id: await _author(visit, author_id) for author_id in ids},
        cursor=cursor,
        next_cursor=found.next_cursor,
    )


@pages.get("/recipes/{reference}/history/{version}", does="read_version")
async def show_version(visit: Visit) -> Response:
    """Show a version: its changes, its content, and for the owner a button to restore it."""
    visit.admit("diff_version")
    return await _version_page(visit, _number(visit.query("against")))


@pages.post("/recipes/{reference}/history/{version}/restore", does="restore_version")
async def restore_version(visit: Visit) -> Response:
    """Restore an earlier version, unless the recipe was changed since the page was shown."""
    form = await visit.form()
    seen = Precondition(version=_number(form["version"]))
    try:
        recipe = await visit.transactions.run(
            crud.recipe.restore_version, id_of(visit), _version(visit), visit.viewer, seen
        )
    except PreconditionFailedError:
        current = await crud.recipe.get_visible(visit.db, id_of(visit), visit.viewer)
        return await _version_page(visit, current["version"], status=412)
    return visit.redirect(recipe_path(recipe.id, recipe.label), "restored")


async def _version_page(visit: Visit, against: int | None, status: int = 200) -> Response:
    recipe = await open_recipe(visit)
    new = await _read(visit, recipe, _version(visit))
    try:
        old = await _read(visit, recipe, against or new["version"] - 1)
    except NotFoundError:
        # The first version has no predecessor, and the one before may be gone or private.
        if against is not None:
            raise
        old = None
    changes: list[Difference] = []
    if old is not None:
        changes = await compute(differences, old["recipe"], new["recipe"])
    return visit.page(
        "version.html",
        status,
        recipe=recipe,
        path=path_of(recipe),
        version=new,
        against=old and old["version"],
        changes=changes,
        whole=await compute(in_full, new["recipe"]),
        author=await _author(visit, new["author_id"]),
        may_restore=visit.is_signed_in and visit.viewer.may_change(recipe["submitter_id"]),
        is_stale=status == 412,
    )


async def _read(visit: Visit, recipe: Row, version: int) -> dict[str, Any]:
    key = visit.query("key")
    return await crud.versions.get_version(visit.db, recipe["id"], version, visit.viewer, key)


async def _author(visit: Visit, author_id: int | None) -> Row | None:
    return await crud.user.profile(visit.db, author_id, visit.viewer) if author_id else None


def _version(visit: Visit) -> int:
    return _number(visit.request.path_params["version"]) or 0


def _number(text: str) -> int | None:
    """Return the number of a version, or None if it is empty. Raise NotFoundError if invalid."""
    if not text:
        return None
    if not _VERSION.fullmatch(text) or int(text) > MAX_VERSION:
        raise NotFoundError("There is no such version.")
    return int(text)
