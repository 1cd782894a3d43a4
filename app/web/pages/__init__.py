"""The pages, one module for each subject."""

from app.web.pages import (
    account,
    errors,
    export,
    history,
    home,
    importing,
    recipe,
    recipe_edit,
    recipe_list,
    sitemap_and_feed,
    trash,
)

routes = [
    *home.routes,
    *recipe_list.pages.routes,
    # /recipes/new must match before /recipes/{reference}.
    *recipe_edit.pages.routes,
    *recipe.pages.routes,
    *history.pages.routes,
    *trash.pages.routes,
    *account.pages.routes,
    *importing.pages.routes,
    *export.pages.routes,
    *sitemap_and_feed.routes,
    *errors.routes,
]
