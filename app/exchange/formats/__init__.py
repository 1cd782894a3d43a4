"""One module for each format, and the order in which they are tried.

A format module reads files of one application. It has one or more of

    def read_json(value: Any) -> Drafts | None          a JSON value
    def read_archive(archive: Archive) -> Drafts | None the files of a ZIP archive
    def read_text(text: str) -> Drafts | None           any other text: HTML, CSV, Markdown …

each of which returns None if the content is not of its format. To add a format, write such a module
and add it to FORMATS.
"""

from types import ModuleType

from app.exchange.formats import (
    cooklang,
    copymethat,
    crouton,
    kitchenowl,
    mealie,
    mealie_backup,
    mela,
    nextcloud,
    ours,
    paprika,
    plain_csv,
    plan_to_eat,
    recipe_keeper,
    recipesage,
    schema_org,
    tandoor,
    web_page,
)
from app.exchange.text import pasted

FORMATS: tuple[ModuleType, ...] = (
    # Our own export first: it is never mistaken for anything else, nor guessed at.
    ours,
    # Unmistakable.
    crouton,
    mealie_backup,
    mela,
    paprika,
    plan_to_eat,
    # Known by the members or files that only this application writes.
    copymethat,
    kitchenowl,
    mealie,
    nextcloud,
    recipe_keeper,
    recipesage,
    tandoor,
    # General formats, which many applications write.
    plain_csv,
    schema_org,
    web_page,
    cooklang,
    # Last, because almost any text can be read as one that somebody pasted.
    pasted,
)
"""All formats. The first one that recognises the content reads it."""
