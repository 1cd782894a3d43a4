"""Delete a recipe to the trash, restore it, or delete it permanently."""

from datetime import timedelta

from starlette.responses import Response

from app import crud
from app.core.preconditions import UNCONDITIONAL
from app.core.slugs import recipe_path
from app.schemas.page import RecipeQuery
from app.web.pages.recipe import id_of
from app.web.visit import Pages, Visit

pages = Pages()

SHOWN = 20


@pages.get("/trash", does="restore_recipe")
async def show_trash(visit: Visit) -> Response:
    """List the deleted recipes of the viewer, the latest first."""
    # The cursor is checked where it is used.
    query = RecipeQuery.model_construct(
        deleted=True, sort="-updated_at", limit=SHOWN, cursor=visit.query("cursor") or None
    )
    found = await crud.list_recipes(visit.db, query, visit.viewer)
    days = visit.settings.trash_days
    return visit.page(
        "trash.html",
        recipes=found.items,
        stay=timedelta(days=days) if days else None,
        cursor=query.cursor,
        next_cursor=found.next_cursor,
    )


@pages.post("/recipes/{reference}/delete", does="delete_recipe")
async def delete_recipe(visit: Visit) -> Response:
    """Move a recipe to the trash."""
    await visit.form()
    recipe = await crud.recipe.get_visible(visit.db, id_of(visit), visit.viewer)
    await visit.transactions.run(crud.recipe.trash, recipe["id"], visit.viewer, UNCONDITIONAL)
    is_own = recipe["submitter_id"] == visit.viewer.id
    path = "/recipes?submitter_id=me" if is_own else "/recipes"
    return visit.redirect(path, "trashed", recipe["id"])


@pages.post("/recipes/{reference}/restore", does="restore_recipe")
async def restore_recipe(visit: Visit) -> Response:
    """Restore a recipe from the trash."""
    await visit.form()
    recipe = await visit.transactions.run(crud.recipe.restore, id_of(visit), visit.viewer)
    return visit.redirect(recipe_path(recipe.id, recipe.label), "restored")


@pages.get("/recipes/{reference}/remove", does="delete_recipe")
async def show_remove(visit: Visit) -> Response:
    """Ask whether to delete a recipe permanently."""
    recipe = await crud.recipe.get_trashed(visit.db, id_of(visit), visit.viewer)
    return visit.page("remove.html", recipe=recipe)


@pages.post("/recipes/{reference}/remove", does="delete_recipe")
async def remove_recipe(visit: Visit) -> Response:
    """Delete a recipe in the trash permanently, with its history."""
    await visit.form()
    await visit.transactions.run(crud.recipe.remove_from_trash, id_of(visit), visit.viewer)
    return visit.redirect("/trash", "removed")
