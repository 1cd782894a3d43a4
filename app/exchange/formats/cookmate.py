"""Cookmate, formerly My CookBook: XML with `cookbook`, in an archive (.mcb) with its pictures."""

from xml.etree.ElementTree import Element

from app.exchange.drafts import Draft, Drafts
from app.exchange.files.xml import drafts_in, inner_text, parse_xml
from app.exchange.formats.plain_csv import MEMBER_OF, recipe_of

_NAMES = {
    "recipetext": "steps",
    "imagepath": "",
    "imageurl": "",
    "quantity": "yield",
    "lang": "language",
}

_UNCHECKED = {"imagepath", "imageurl", "preptime", "cooktime", "totaltime", "quantity"}


def read_text(text: str) -> Drafts | None:
    """Return the recipes of a cookbook."""
    root = parse_xml(text, ("cookbook",))
    return None if root is None else drafts_in(root, "recipe", _draft, _UNCHECKED)


def _draft(recipe: Element) -> Draft:
    """Read the children as the fields that tables have, too; each `li` is a line or paragraph."""
    row: dict[str, str] = {}
    for each in recipe:
        name = _NAMES.get(each.tag, each.tag)
        gap = "\n\n" if MEMBER_OF.get(name) == "steps" else "\n"
        texts = [inner_text(item) for item in each.iter("li")] or [inner_text(each)]
        if name and (text := gap.join(filter(None, texts))):
            row[name] = f"{row[name]}\n{text}" if name in row else text
    return recipe_of(row)
