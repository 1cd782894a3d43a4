"""Create and edit a recipe.

If saving fails, the form is shown again with everything that was typed.
"""

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from app import crud
from app.api.errors import status_of
from app.core.errors import (
    AppError,
    Fault,
    InvalidError,
    NotFoundError,
    PreconditionFailedError,
    UnauthenticatedError,
)
from app.core.preconditions import UNCONDITIONAL
from app.core.slugs import recipe_path
from app.core.threads import compute
from app.schemas.recipe import RecipeCreate, RecipeReplace
from app.schemas.types import MAX_ID
from app.web.differences import differences
from app.web.pages.recipe import id_of, path_of
from app.web.recipe_form import BLANK, FIELDS, document_of, form_of
from app.web.visit import Form, Pages, Visit, by_field

pages = Pages()


@pages.get("/recipes/new", does="create_recipe")
async def show_new(visit: Visit) -> Response:
    """Show an empty form."""
    return _form_page(visit, form_of(BLANK))


@pages.post("/recipes/new", does=None)
async def create_recipe(visit: Visit) -> Response:
    """Create a recipe."""
    form, is_ours = await visit.unchecked_form()
    typed = form.texts(*FIELDS)
    if not (visit.is_signed_in and is_ours):
        return _lost_page(visit, typed)
    visit.admit("create_recipe")
    try:
        document = await compute(document_of, typed)
        data = RecipeCreate(**document.model_dump())
        recipe = await visit.transactions.run(crud.recipe.submit, data, visit.viewer)
    except AppError as error:
        return _refused_page(visit, error, typed)
    return visit.redirect(recipe_path(recipe.id, recipe.label), "saved")


@pages.get("/recipes/{reference}/edit", does="replace_recipe")
async def show_edit(visit: Visit) -> Response:
    """Show the form with a recipe in it."""
    recipe = (await crud.recipe.get_own(visit.db, id_of(visit), visit.viewer)).parsed()
    form = await compute(form_of, recipe)
    return _form_page(visit, form, recipe=recipe, version=recipe["version"])


@pages.post("/recipes/{reference}/edit", does=None)
async def replace_recipe(visit: Visit) -> Response:
    """Replace a recipe, unless it was changed since the form was shown."""
    form, is_ours = await visit.unchecked_form()
    typed, version = form.texts(*FIELDS), _version(form)
    known = {"recipe": {"id": id_of(visit), "label": typed["label"]}, "version": version}
    if not (visit.is_signed_in and is_ours):
        return _lost_page(visit, typed, **known)
    visit.admit("replace_recipe")
    try:
        before = await _document_before(visit, version)
        document = await compute(document_of, typed, before)
        # The version is the precondition, like If-Match in the API.
        data = RecipeReplace(**document.model_dump(), version=version)
        try:
            recipe = await visit.transactions.run(
                crud.recipe.replace, id_of(visit), visit.viewer, data, UNCONDITIONAL
            )
        except PreconditionFailedError:
            return await _conflict_page(visit, typed, data.model_dump())
    except AppError as error:
        return _refused_page(visit, error, typed, **known)
    return visit.redirect(
        recipe_path(recipe.id, recipe.label), "saved" if recipe.version != version else "unchanged"
    )


def _version(form: Form) -> int:
    """Return the version that the form was based on. Raise InvalidError if it is missing."""
    text = form["version"]
    if text.isascii() and text.isdecimal() and len(text) < 20 and 0 < int(text) <= MAX_ID:
        return int(text)
    fault = Fault("must be the number of a version", "version", parameter="version")
    raise InvalidError("The form does not say which version it was based on.", [fault])


async def _document_before(visit: Visit, version: int) -> Mapping[str, Any]:
    """Return what the form was based on, or the current recipe if that version is gone."""
    try:
        found = await crud.versions.get_version(visit.db, id_of(visit), version, visit.viewer)
    except NotFoundError:
        return (await crud.recipe.get_visible(visit.db, id_of(visit), visit.viewer)).parsed()
    document: dict[str, Any] = found["recipe"]
    return document


# --- The form, shown again -----------------------------------------------------------------------


def _form_page(
    visit: Visit,
    form: Mapping[str, str],
    status: int = 200,
    *,
    recipe: Mapping[str, Any] | None = None,
    version: int | None = None,
    errors: Mapping[str, list[str]] | None = None,
    is_lost: bool = False,
    conflict: Mapping[str, Any] | None = None,
) -> Response:
    return visit.page(
        "recipe_form.html",
        status,
        form=form,
        recipe=recipe,
        version=version,
        errors=errors or {},
        is_lost=is_lost,
        conflict=conflict,
    )


def _lost_page(visit: Visit, typed: Mapping[str, str], **known: Any) -> Response:
    """Show the form of someone who was signed out, or signed in again, while writing."""
    return _form_page(visit, typed, 403, is_lost=True, **known)


def _refused_page(
    visit: Visit, error: AppError, typed: Mapping[str, str], **known: Any
) -> Response:
    if isinstance(error, UnauthenticatedError):
        return _lost_page(visit, typed, **known)
    faults = error.faults if isinstance(error, InvalidError) else ()
    errors = by_field(faults) or {"": [error.detail]}
    return _form_page(visit, typed, status_of(error), errors=errors, **known)


async def _conflict_page(
    visit: Visit, typed: Mapping[str, str], document: Mapping[str, Any]
) -> Response:
    """Show what is stored beside what was typed. Saving again then replaces it."""
    recipe = (await crud.recipe.get_visible(visit.db, id_of(visit), visit.viewer)).parsed()
    version = await crud.versions.get_version(
        visit.db, recipe["id"], recipe["version"], visit.viewer
    )
    author_id = version["author_id"]
    # The form does not show extras, so they would stay.
    document = {**document, "extras": recipe["extras"]}
    conflict = {
        "version": version,
        "path": path_of(recipe),
        "author": author_id and await crud.user.profile(visit.db, author_id, visit.viewer),
        "differences": await compute(differences, version["recipe"], document),
    }
    return _form_page(
        visit, typed, 412, recipe=recipe, version=recipe["version"], conflict=conflict
    )
