"""Separate the food of an ingredient from the words about its size and preparation.

The food is what one would buy: "1 cup finely chopped dill" asks for dill.
"""

# ruff: noqa: RUF001 - This module reads full-width forms.

import re
from typing import NamedTuple

from app.cooking import units
from app.cooking.units import Unit

# Longer names are not searched for descriptions.
_MAX_NAME = 256
_MAX_WORDS = 24


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _inflected(stems: str, endings: str) -> set[str]:
    return {stem + ending for stem in stems.split() for ending in ["", *endings.split()]}


# "Large eggs" stays whole: eggs are sold by size.
SIZES = _words(
    "large medium small big lg lge lrg md med sm extra-large x-large xl jumbo medium-size"
    " medium-sized large-size large-sized small-size small-sized good-sized bite-size bite-sized"
    " kl gr gros grosse grosses grand grande grands grandes petit petite petits petites moyen"
    " moyenne moyens moyennes pequeño pequeña pequeños pequeñas mediano mediana medianos medianas"
    " piccolo piccola piccoli piccole grandi media medio medie medi pequeno pequena pequenos"
    " pequenas médio média médios médias stora små stor liten lille store grote kleine"
) | _inflected("groß klein mittelgroß", "e er es en em")
_ENGLISH = (
    "chopped minced grated sliced diced shredded crumbled mashed melted softened beaten crushed"
    " peeled pitted stoned seeded deseeded de-seeded cored halved quartered cubed julienned trimmed"
    " toasted cooked packed sifted shaved torn squeezed drained rinsed snipped shelled husked"
    " zested puréed pureed thawed defrosted soaked stemmed separated deveined scrubbed washed"
    " strained hulled chilled cooled whisked picked pounded bruised segmented skinned filleted"
    " hand-torn crosswise lengthwise"
)
PREPARED = _words(_ENGLISH + " each") | _inflected(
    "gehackt feingehackt gerieben gewürfelt geschält geschnitten geschmolzen zerlassen geröstet"
    " zerdrückt gepresst gesiebt gekocht entsteint entkernt",
    "e er es en",
)
_ADVERBS = _words(
    "finely coarsely roughly thinly thickly freshly lightly firmly loosely tightly well very newly"
    " fine coarse fein grob frisch dünn finement grossièrement finamente finemente gruesamente"
)
# These are a preparation only after an adverb: ground cumin is sold, freshly ground is not.
_AFTER_ADVERB = _words(
    "ground cracked brewed roasted whipped crumbled slivered flaked gemahlen gemahlene gemahlener"
    " gemahlenes gemahlenen"
)
_CONNECTIVES = _words("and or & und oder et ou y e o")
_CONNECTIVES_BEFORE = _words("and or & und et y e")
_KEPT = _words(
    "fresh ripe raw dried dry cold warm hot frozen canned boneless skinless bone-in skin-on firm"
    " unsalted organic free-range thin thick low-fat low-sodium"
)
# After the food, as in other languages.
_BEHIND = _words(_ENGLISH + " divided") | _words(
    "medie medi grandi piccole piccoli mediani medio media medios medias mediano medianos mediana"
    " medianas grandes pequeño pequeños pequeña pequeñas moyens moyennes moyen moyenne"
    " petits petites gehackt gewürfelt gerieben geschält geschnitten gepresst zerdrückt"
    " haché hachée hachés hachées émincé émincée émincés émincées râpé râpée râpés râpées"
    " coupé coupée coupés coupées pelé pelée pelés pelées fondu fondue écrasé écrasée ciselé"
    " ciselée ciselés ciselées picado picada picados picadas rallado rallada rallados ralladas"
    " troceado troceada cortado cortada cortados cortadas pelado pelada pelados peladas derretida"
    " derretido batido batidos fundido tritato tritata tritati tritate grattugiato grattugiata"
    " affettato affettata affettati sbucciato sbucciata sbucciati sbucciate fuso sciolto"
    " médio média médios médias pequeno pequena pequenos pequenas ralado ralada picadinho picadinha"
    " hackad hackade hakket finhackad finhakket riven revet"
    " posiekany posiekana posiekane starty starta nasekaný nakrájený nakrájená"
)
# A preparation before these words, or after them, is part of what is sold.
_SOLD_BEFORE = {
    "minced": _words("beef pork lamb veal turkey chicken meat"),
    "crushed": _words("tomatoes tomato red chilli chillies chili pineapple ice"),
    "toasted": _words("sesame"),
    "cooked": _words("ham beetroot"),
    "shredded": _words("wheat coconut suet"),
    "sliced": _words("almonds bread"),
    "medium": _words("curry egg eggs"),
    "large": _words("egg eggs"),
    "small": _words("egg eggs"),
    "extra-large": _words("egg eggs"),
    "jumbo": _words("egg eggs oats"),
    "petits": _words("pois beurre beurres suisses"),
    "petit": _words("pois beurre suisse"),
    "gros": _words("sel"),
    "grand": _words("marnier"),
    "gehackte": _words("mandeln haselnüsse walnüsse"),
}
_SOLD_BEHIND = {
    "pan": _words("rallado"),
    "pane": _words("grattugiato"),
    "carne": _words("picada"),
    "viande": _words("hachée"),
    "bœuf": _words("haché"),
    "boeuf": _words("haché"),
    "steak": _words("haché"),
    "steaks": _words("hachés"),
}
_EGGS = _words("egg eggs")
_COUNTED = _words(
    "clove cloves stalk stalks sprig sprigs head heads bulb bulbs spear spears wedge wedges slice"
    " slices rasher rashers ear ears bunch bunches"
)
# "Fish sticks" and "spare ribs" are foods.
_COUNTED_AFTER = {
    word: foods
    for words, foods in (
        ("stick sticks", _words("celery cinnamon carrot butter lemongrass rhubarb")),
        ("rib ribs", _words("celery")),
    )
    for word in words.split()
}
_PACKAGES = _words("can jar package bag carton box tub bottle sachet container tube")


class Described(NamedTuple):
    """A food and what the line says about it."""

    food: str
    notes: list[str]
    unit: Unit | None = None
    """The unit that follows the food: "6 garlic cloves"."""


def is_description(text: str) -> bool:
    """Return whether `text` has only words of preparation and size: "peeled", "small and firm"."""
    if len(text) > _MAX_NAME:
        return False
    words = text.replace(",", " ").lower().split()
    return bool(words) and all(_describes(word) or word in _ADVERBS for word in words)


def describe(name: str, unit: Unit | None, *, is_counted: bool) -> Described:
    """Separate the descriptions before and after a food, and its unit if that follows the food.

    `is_counted` says whether the line has a number. What is in a package is sold as it is named.
    """
    if len(name) > _MAX_NAME or (unit and unit.name in _PACKAGES):
        return Described(name, [])
    words = name.split()
    if len(words) < 2 or len(words) > _MAX_WORDS:
        return Described(name, [])
    keys = [word.strip(",，.:").lower() for word in words]
    kept, start = _before(keys)
    stop = _after(keys, start)
    before, after = words[kept:start], words[stop:]
    if before and keys[start] == "of":  # "each of"
        start += 1
    rest, rest_keys = words[:kept] + words[start:stop], keys[:kept] + keys[start:stop]
    found = _unit_of(rest_keys) if is_counted and unit is None else None
    if found:
        rest.pop()
    notes = [" ".join(each).strip(" ,，") for each in (before, after) if each]
    return Described(" ".join(rest), notes, found)


def _describes(word: str) -> bool:
    return word in SIZES or word in PREPARED or word in _KEPT or word in _CONNECTIVES


def _before(keys: list[str]) -> tuple[int, int]:
    """Return where the descriptions before the food begin and end. The last word is the food."""
    last = len(keys) - 1
    kept = 0
    while kept < last and keys[kept] in _KEPT:
        kept += 1
    index = end = kept
    while index < last:
        key = keys[index]
        is_after_adverb = index > kept and keys[index - 1] in _ADVERBS
        if key == "or" and index == end > kept and _is_other_size(keys[index + 1 :]):
            index += 2  # "2 medium or 1 large onion"
        elif key in _ADVERBS or (key in _CONNECTIVES_BEFORE and index == end > kept):
            index += 1
        elif _is_sold(key, keys, index) and not is_after_adverb:
            break
        elif key in SIZES or key in PREPARED or (is_after_adverb and key in _AFTER_ADVERB):
            index += 1
            end = index
        else:
            break
    return (kept, end) if end > kept and keys[end] not in _CONNECTIVES else (0, 0)


def _is_other_size(keys: list[str]) -> bool:
    return len(keys) > 2 and keys[0].isdigit() and keys[1] in SIZES


def _is_sold(key: str, keys: list[str], index: int) -> bool:
    following = _SOLD_BEFORE.get(key)
    if not following or keys[index + 1] not in following:
        return False
    return keys[index + 1] not in _EGGS or index + 2 == len(keys)


def _after(keys: list[str], first: int) -> int:
    """Return where the descriptions after the food begin: "prawns peeled and deveined"."""
    index = start = len(keys)
    while index - 1 > first:
        key = keys[index - 1]
        follows_food = start == index < len(keys)
        is_behind = key in _BEHIND and key not in _SOLD_BEHIND.get(keys[index - 2], ())
        if is_behind or (key in _ADVERBS and follows_food):
            start = index - 1
        elif not (key in _CONNECTIVES and follows_food):
            break
        index -= 1
    return start


def _unit_of(keys: list[str]) -> Unit | None:
    """Return the unit that the last word names, if a food precedes it."""
    if len(keys) < 2 or all(map(_describes, keys[:-1])) or keys[:-1] == ["whole"]:
        return None
    foods = _COUNTED_AFTER.get(keys[-1])
    if keys[-1] not in _COUNTED and not (foods and keys[-2] in foods):
        return None
    found = units.find(keys[-1])
    return found[0] if found else None


# A food may be a choice: "brandy, sherry, or rum". A list of preparations is none.
_CHOICE = re.compile(
    r"\s{0,3}(?P<items>[^,，(（\d]{1,40}(?:,[^,，(（\d]{1,40}){0,3}?)(?P<comma>,?)\s(?:or|and|oder|ou)\s"
    r"(?P<last>[^,，(（\d]{1,40})(?=[,，(（]|$)",
    re.IGNORECASE,
)
_NO_CHOICE = _words(
    "cut to for plus with at into in if on or zest juice only removed more extra leaves about"
    " optional from the a until such each rind peel"
)


def choice_end(text: str, start: int) -> int | None:
    """Return where the choice of foods ends that the comma before `start` belongs to."""
    found = _CHOICE.match(text, start)
    if not found:
        return None
    items = found["items"].split(",")
    # "2 peppers, red or yellow" is no list of foods.
    if len(items) == 1 and not found["comma"]:
        return None
    for item in [*items, found["last"]]:
        words = item.lower().split()
        words = words[1:] if words[:1] in (["or"], ["and"]) else words
        if not 0 < len(words) <= 3 or any(map(_is_no_food, words)):
            return None
    return found.end()


def _is_no_food(word: str) -> bool:
    return (
        word in _NO_CHOICE
        or word in PREPARED
        or word in SIZES
        or word in _ADVERBS
        or word.endswith(("ed", "ly"))
    )
