"""The names of the parts and facts of a recipe in many languages, and how lines begin with them."""

import re
from typing import NamedTuple

from app.core.text import fold

_PARTS = {
    "ingredients": "(?:recipe )?ingredients?(?: list)?|you(?:'| wi)ll need|what you(?:'ll)? need"
    "|zutaten(?:liste)?|ingredientes|ingredienti|ingredienser|ingredienten|sk[lł]adniki|suroviny"
    "|prisady|ингредиенты|材料",
    "steps": "(?:recipe |cooking )?(?:method|directions|instructions|preparation|procedure|steps)"
    "|preparation steps|step[ -]by[ -]step|how to make(?: it)?|zubereitung|anleitung|so geht'?s"
    "|fremgangsm(?:ate|ade)|slik gj[oø]r du|sadan g[oø]r du|tillagning|gor sa har|instruktioner"
    "|bereiding(?:swijze)?|werkwijze|modo de (?:preparo|fazer|preparacao)|preparo"
    "|(?:sposob )?przygotowani[ea]|wykonanie|postup|приготовление|作り方"
    "|preparacion|elaboracion|instrucciones|pasos|preparazione|procedimento|etapes|instrucciones",
    "notes": "notes?|tips?|cook'?s notes?|notizen|anmerkungen|tipps?|astuces?|conseils?|remarques?"
    "|notas?|consejos?|consigli|recipe notes?|notater|anteckningar|opmerkingen|dicas?|uwagi"
    "|poznamk[ay]",
    "nutrition": "nutrition(?:al)?(?: facts| info(?:rmation)?| values?)?(?: per serving)?|nahrwerte"
    "|naringsinnhold|naringsvarde|voedingswaarden?"
    "|valori nutrizionali|valeurs nutritionnelles|informacion nutricional",
}
_FACTS = {
    "prep": "prep(?:aration)?(?: time)?|active time|vorbereitung(?:szeit)?|arbeitszeit"
    "|zubereitung(?:szeit)?|forberedelse(?:stid)?|voorbereiding(?:stijd)?|tempo de preparo"
    "|czas przygotowania|(?:temps de )?preparation|(?:tiempo de )?preparacion"
    "|(?:tempo di )?preparazione",
    "cook": "cook(?:ing)?(?: time)?|bak(?:e|ing) time|kochzeit|backzeit|garzeit"
    "|(?:temps de )?cuisson|(?:tiempo de )?coccion|(?:tempo di )?cottura",
    "total": "total(?: time)?|time|ready in|gesamtzeit|temps total|tiempo total|tempo totale",
    "servings": "serves|servings?|portionen|portions|personen|personnes|porciones"
    "|raciones|porzioni|porsjoner|portioner|porties|porcoes|porcje",
    "yield": "makes|yields?|ergibt",
    "author": "author|recipe by|by|autor(?:in)?|auteur|autore",
    "source": "source|url|from|quelle|fuente|fonte",
    "category": "category|categories|course|kategorie|categorie|categoria",
    "cuisine": "cuisine|kuche|cocina|cucina",
    "diet": "diet",
    "method": "cooking method",
    "tool": "tools?|equipment",
    "keyword": "keywords?|tags?",
    "language": "language",
}
_PART = {name: re.compile(words) for name, words in _PARTS.items()}
_FACT = {name: re.compile(words) for name, words in _FACTS.items()}
_NAMED = re.compile(r"([^:\n]{1,40}?)\s*:\s*(.*)", re.DOTALL)
_TIME = r"(?: time)? \d[\d.,/½-]{0,6}(?: ?[^\W\d_]{1,10}\.?(?: \d{1,3} ?[^\W\d_]{1,10}\.?)?)"
_UNNAMED = (
    ("prep", re.compile(rf"prep(?:aration)?{_TIME}", re.IGNORECASE)),
    ("cook", re.compile(rf"(?:cook(?:ing)?|bak(?:e|ing)){_TIME}", re.IGNORECASE)),
    ("total", re.compile(rf"(?:total|ready in){_TIME}", re.IGNORECASE)),
    ("servings", re.compile(r"(?:serves|serving|fur|pour|para|per)\s+\d.{0,40}", re.IGNORECASE)),
    ("yield", re.compile(r"(?:makes|yields?|ergibt)\s+(?:about |ca\.? )?\d.{0,40}", re.IGNORECASE)),
    ("servings", re.compile(r"\d[\d\s-]*(?:servings|portion\w*|person\w*|porzioni|porciones)")),
    ("author", re.compile(r"recipe by\s+\S.{0,60}", re.IGNORECASE)),
    ("source", re.compile(r"https?://\S+", re.IGNORECASE)),
)
_PEOPLE = re.compile(
    r"\d.{0,12}(?:serving|portion|person|people|porzion|porcion|porcoes|racion|porsjon|portie)"
)
_LEADING = re.compile(r"(?:recipe by|makes|yields?|ergibt)\s+", re.IGNORECASE)


class Heading(NamedTuple):
    """The part that a line begins, and the rest of the line."""

    part: str
    rest: str = ""


def heading_of(line: str) -> Heading | None:
    """Return the part that a line begins: "Zutaten für 4 Personen:", "Notes: Keep cold"."""
    name, _, rest = line.strip(" *_=#").partition(":")
    found = _name_of(_PART, name)
    if found:
        return Heading(found, rest.strip(" *_"))
    words = fold(name)
    opening = re.match(
        r"(?:ingredients|zutaten|ingredientes|ingredienti|ingredienser|ingredienten)\b", words
    )
    if opening and not rest.strip() and _PEOPLE.search(words) and len(words) < 60:
        # Folding may change the length of the text, but not of the words before the number.
        return Heading("ingredients", name[opening.end() :].strip(" (),–-"))
    return None


def fact_of(line: str) -> tuple[str, str] | None:
    """Return a fact and its value: "Serves 4", "Prep time: 10 min", "https://example.org/toast"."""
    line = line.strip()
    if (named := _NAMED.fullmatch(line)) and (found := _name_of(_FACT, named[1])):
        return found, named[2].strip()
    words = fold(line) if len(line) < 2100 else ""
    for name, pattern in _UNNAMED:
        if pattern.fullmatch(words):
            return name, _LEADING.sub("", line)
    return None


def _name_of(patterns: dict[str, re.Pattern[str]], text: str) -> str | None:
    words = fold(text.strip(" *_:–-")) if len(text) < 60 else ""
    return next((name for name, each in patterns.items() if each.fullmatch(words)), None)
