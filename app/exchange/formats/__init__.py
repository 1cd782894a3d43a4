"""The formats that are read, in the order in which they are tried.

The module of a format has one or more of

    def read_json(value: Any) -> Drafts | None          a JSON value
    def read_archive(archive: Archive) -> Drafts | None the files of a ZIP archive
    def read_text(text: str) -> Drafts | None           any other text: HTML, CSV, Markdown …

each of which returns None if the content is not of its format. To add a format, write a module and
add it to FORMATS.
"""

from types import ModuleType

from app.exchange.formats import (
    cooklang,
    cookmate,
    cookml,
    copymethat,
    crouton,
    evernote,
    front_matter,
    gourmet,
    kitchenowl,
    krecipes,
    mastercook,
    meal_master,
    mealie,
    mealie_backup,
    mela,
    nextcloud,
    org,
    paprika,
    plain_csv,
    plain_json,
    plan_to_eat,
    recipe_api,
    recipe_keeper,
    recipe_yaml,
    recipeml,
    recipesage,
    rezkonv,
    tandoor,
    titled_text,
    unread,
)
from app.exchange.html import page
from app.exchange.schema_org import reading as schema_org
from app.exchange.text import pasted

FORMATS: tuple[ModuleType, ...] = (
    # Our own export comes first, so that no other format can take it.
    recipe_api,
    # Formats that cannot be mistaken for another.
    cookmate,
    cookml,
    crouton,
    evernote,
    gourmet,
    krecipes,
    mastercook,
    meal_master,
    mealie_backup,
    mela,
    paprika,
    plan_to_eat,
    recipeml,
    rezkonv,
    # Formats of one application, known by some of its members or files.
    copymethat,
    kitchenowl,
    mealie,
    nextcloud,
    recipe_keeper,
    recipesage,
    tandoor,
    unread,
    # Formats that many applications write.
    plain_csv,
    schema_org,
    plain_json,
    page,
    org,
    titled_text,
    recipe_yaml,
    front_matter,
    cooklang,
    # Pasted text comes last, because it may look like anything.
    pasted,
)
"""The first format that recognises the content reads it."""
