"""The words of demo recipes: a few are very common, and most are rare."""

# ruff: noqa: RUF001 - A recipe is typeset, with true apostrophes.

from benchmarks.demo.words.english import ENGLISH
from benchmarks.demo.words.french import FRENCH
from benchmarks.demo.words.german import GERMAN
from benchmarks.demo.words.italian import ITALIAN
from benchmarks.demo.words.language import split
from benchmarks.demo.words.spanish import SPANISH

LANGUAGES = (ENGLISH, GERMAN, FRENCH, SPANISH, ITALIAN)

SOURCES = """
    The Corner Kitchen, Sunday Table, Market Street Cooks, A Pot on the Stove, Grandma’s Notebook,
    The Slow Larder, Weeknight Supper Club, Bread and Broth, The Allotment Diary, Salt and Thyme,
    Kitchen Window, The Village Baker, Two Spoons, Plate and Bowl, The Green Apron, Copper Pan,
    Harbour Kitchen, The Spice Drawer, Farmhouse Dinners, The Lunch Hour, Orchard and Oven,
    Northern Table, One Big Pan, The Student Cook, Sweet Tooth Society, Home Economics Weekly
"""
FIRST_NAMES = """
    Anna, Tom, Maria, Ben, Lucia, Jonas, Sofia, Paul, Elena, Marc, Nora, David, Clara, Hugo, Irene,
    Felix, Rosa, Emil, Alice, Carlo, Greta, Martin, Zoë, Pablo, Frida, Sam
"""

# All have the same length, so that each number has a different name, and none begins with a vowel,
# before which French would elide.
_BEGINNINGS = split("""
    Tar, Bel, Cas, Dor, Fen, Gal, Hol, Jas, Kal, Lor, Mar, Nor, Pel, Ros, Sal, Tor, Val, Wes, Bar,
    Cor, Del, Gor, Hal, Jor, Kel, Lin, Mon, Nar, Por, Ril, Sor, Tel, Vor, Wal, Zan, Bri, Dre, Flo,
    Gri, Tre
""")
_SYLLABLES = [consonant + vowel for consonant in "bdlmnrstv" for vowel in "aeio"]
# It has no factor in common with the numbers of names, so each comes once, and neighbours differ.
_STRIDE = 7919
_SHORT, _LONGER, _LONG = (len(_BEGINNINGS) * len(_SYLLABLES) ** count for count in (1, 2, 3))
PLACES = _SHORT + _LONGER + _LONG
"""The number of places."""


def place(number: int) -> str:
    """Return the name of an invented place. `number` is below PLACES; low ones have short names."""
    names = _SHORT
    while number >= names:
        number -= names
        names *= len(_SYLLABLES)
    rest, beginning = divmod(number * _STRIDE % names, len(_BEGINNINGS))
    name = _BEGINNINGS[beginning]
    while names > len(_BEGINNINGS):
        names //= len(_SYLLABLES)
        rest, syllable = divmod(rest, len(_SYLLABLES))
        name += _SYLLABLES[syllable]
    return name
