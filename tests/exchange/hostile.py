"""Eleven thousand hostile texts, of any length."""

import json
from collections.abc import Iterator
from itertools import product
from typing import NamedTuple

from app.core.errors import InvalidError
from app.exchange import reading
from app.exchange.items import items_of

LETTERS = ["1", "a", "é", "½", " ", "\n", "\t", ".", ",", ";", ":", "-", "*", "#", "&", "<", ">"]
LETTERS += ["(", ")", "[", "]", "{", "}", '"', "'", "\\", "/", "|", "@", "~", "=", "%", "\u0301"]
PAIRS = [first + second for first, second in product("1 <[\n,#&", repeat=2) if first != second]
WORDS = [
    "1 - ",
    "1 1/2 ",
    "1 h ",
    "1:30 ",
    "PT1H",
    "1 g/",
    "(1 g ",
    "about ",
    "for the ",
    "step 1. ",
]
WORDS += ["<div>", "<div ", "</div>", "<!--", "-->", "<p>", "<h2>a", "<a b='", "<script>", "<br>"]
WORDS += ["<div class='recipe-details'>", "<li itemprop=recipeIngredient>", "<b>x</b>", "&#", "&#9"]
WORDS += ["&amp;", "{{ingredients[1]}}", "@salt{1%g}", "#pot{", "~{5%min}", ">> a: b\n", "--", "[-"]
WORDS += ["![a](b)", "[a](", "**a", "| a | b |\n", "\\n", "\\u0301", "a,b\n", '""', "\u202e", "क्षि"]
WORDS += [
    "- [ ] a\n",
    "# a\n\n",
    "Serves 4\n",
    "Ingredients\n",
    "1. a\n",
    "Title: a\n",
    "----------\n",
]
WORDS += [
    "\u0301\u0316",
    "\uff9e\u0301",
    "optional, ",
    "fresh, ",
    "juice of ",
    "1 cup + ",
    "1,000",
    "9.",
]
PIECES = [*LETTERS, *PAIRS, *WORDS]

OPENINGS = [
    *("", "a", "1", "Soup\n\nIngredients\n\n", "Soup\n\nIngredients\n- 1 egg\n\nMethod\n\n1. "),
    *(
        "# Soup\n\n## Ingredients\n\n- 1 egg\n\n## Steps\n\n",
        "Soup\n\nPrep time: ",
        "Soup\nServes: ",
    ),
    *("---\ntitle: a\n---\n", ">> servings: 2\n", "Add @salt{1%g} to #pot{}.\n", "---\n"),
    *("name,ingredients,directions\na,", 'label,ingredients\n"a","', "Title: a\nDirections:\n"),
    "<html><body>",
    "<html><body><script type='application/ld+json'>",
    "<html><body><div itemscope itemtype='http://schema.org/Recipe'>",
    "<html><body><div class=h-recipe><p class=p-name>a</p>",
    "recipeIngredients recipeInstructions<p id=name><div class=recipe><ul id=recipeIngredients>",
    "<div class=recipe-details>recipeIngredients<div itemprop=recipeDirections>",
    "<div class=recipe-details>recipeIngredients<div itemprop=recipeCourse>",
    *("MMMMM----- Meal-Master\n Title: a\n\n", "MMMMM----- Meal-Master\n Title: a\n\n      1 c  "),
    *("MMMMM----- Meal-Master\n Title: a\n\n      1    Egg\n\n  Boil.\n\n", "MMMMM"),
    *(
        "===== REZKONV\n Titel: a\n\n",
        "===== REZKONV\n Titel: a\n\n      1    Ei\n\nX\n\n",
        "=====",
    ),
    *("---\ntitle: a\ningredients:\n- b\n---\n", "+++\na = 1\n", "---\na:\n- b:\n", "---\na: ["),
    *("name: a\ningredients:\n- b\nc: |\n", "name: a\ningredients:\n- ", "- name: a\n  steps: b\n"),
    *("* Exported from MasterCook *\na\n", "* Exported from MasterCook *\na\n---- ---- ----\n"),
    *("<cookbook><recipe><title>a</title><ingredient>", "<gourmetDoc><recipe><ingredient-list>"),
    *("<recipeml><recipe><head><title>", "<mx2><rcpe name='", "<krecipes><krecipes-recipe>"),
    *("<cookml><recipe><part><ingredient qty='", "<en-export><note><title>a</title><content>"),
    *(
        "{",
        "[",
        '[{"title": "a", "ingredients": "',
        '{"label": "a"}\n',
        '[{"@type": "Recipe", "name": "',
    ),
]
OPENINGS += ["Title: a\nIngredients:\n", "Title: a\nb: ", "#+TITLE: a\n* b\n** Ingredients\n"]
OPENINGS += ["#+TITLE: a\n* b\n:PROPERTIES:\n:"]
CLOSINGS = ["", "x", "\n\nMethod\n\nBoil it.\n"]
MEMBERS = [
    "name",
    "description",
    "prepTime",
    "recipeYield",
    "recipeIngredient",
    "nutrition",
    "author",
]
MEMBERS += ["recipeInstructions", "keywords", "url", "inLanguage", "comment", "other"]


class Hostile(NamedTuple):
    """A text with an opening, a repeated piece and a closing; or a member of a recipe."""

    opening: str
    piece: str
    closing: str
    member: str = ""

    def text(self, size: int) -> str:
        """Return the text with about `size` characters."""
        text = self.opening + self.piece * (size // len(self.piece) + 1) + self.closing
        if not self.member:
            return text
        value = {"calories": text} if self.member == "nutrition" else text
        return json.dumps({"@type": "Recipe", "name": "a", self.member: value})


def hostile_texts() -> Iterator[Hostile]:
    """Yield all of them, always in the same order."""
    for opening, piece, closing in product(OPENINGS, PIECES, CLOSINGS[:2]):
        yield Hostile(opening, piece, closing)
    for member, piece, (opening, closing) in product(
        MEMBERS, PIECES, [("", ""), ("1 ", CLOSINGS[2])]
    ):
        yield Hostile(opening, piece, closing, member)


def read(text: str) -> int:
    """Read a text as an import does; return the number of its recipes."""
    try:
        return sum(1 for _ in items_of(reading.read_text(text)))
    except InvalidError:
        return 0
