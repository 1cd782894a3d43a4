"""The slugs in the URLs of recipes."""

import re
import unicodedata
from functools import lru_cache
from urllib.parse import quote

SLUG_LENGTH = 80

# Latin letters that Unicode does not decompose. Apostrophes join words.
_SLUG_LETTERS = str.maketrans(
    {"æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th"}
    | {"\N{LATIN SMALL LETTER DOTLESS I}": "i"}
    | dict.fromkeys("'\N{RIGHT SINGLE QUOTATION MARK}\N{MODIFIER LETTER APOSTROPHE}", "")
)
_MARKED_LATIN = re.compile(r"([a-z])[\u0300-\u036f]+")


@lru_cache(maxsize=1024)
def slug(label: str) -> str:
    """Return the slug of a label: "Crème brûlée" is "creme-brulee"."""
    folded = unicodedata.normalize("NFKD", label).casefold().translate(_SLUG_LETTERS)
    # Drop marks from Latin letters only: in other scripts they are vowels.
    folded = unicodedata.normalize("NFC", _MARKED_LATIN.sub(r"\1", folded))
    words = "".join(c if unicodedata.category(c)[0] in "LMN" else " " for c in folded).split()
    return "-".join(words)[:SLUG_LENGTH].strip("-") or "recipe"


def recipe_path(recipe_id: int, label: str) -> str:
    """Return the path of a recipe's page."""
    return f"/recipes/{recipe_id}-{quote(slug(label))}"
