"""The pages, a module for each kind of them."""

from app.web.pages import (
    account,
    editing,
    export,
    finding,
    history,
    home,
    importing,
    machines,
    problem_types,
    recipe,
    trash,
)

routes = [
    *home.routes,
    *finding.pages.routes,
    # Before the pages of recipes, whose addresses begin alike.
    *editing.pages.routes,
    *recipe.pages.routes,
    *history.pages.routes,
    *trash.pages.routes,
    *account.pages.routes,
    *importing.pages.routes,
    *export.pages.routes,
    *machines.routes,
    *problem_types.routes,
]
