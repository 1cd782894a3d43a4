"""The words of each language that say nothing about a recipe: articles, prepositions and the like.

They do not narrow a search that has other words. Words that deny, such as *without*, *sans* and
*ohne*, are not among them, and no word that names a food in another language.
"""

# ruff: noqa: RUF001 - Greek and Cyrillic words.

from collections.abc import Sequence
from functools import lru_cache

from app.search.words import words_of

_COMMON = {
    "ca": "a al amb d de del dels el els en i l la les o per un una",
    "cs": "a do i k na od po pro s se u v ve z ze",
    "da": "af en et for fra i med og på til",
    "de": (
        "als am an auf aus bei das dem den der des die ein eine einem einen einer eines für im in"
        " mit nach oder und vom von zu zum zur"
    ),
    "el": "από για ή και με ο οι σε στη στην στο τα τη την της το του των",
    "en": (
        "a an and as at by for from how i in into is it its my n of on or our s that the their"
        " this to with your"
    ),
    "es": "a al con de del e el en la las los o para por su sus u un una unas unos y",
    "et": "ja",
    "eu": "eta",
    "fi": "ja tai",
    "fr": (
        "à au aux avec ce cette d dans de des du en et l la le les ma mes mon ou par pour sa ses"
        " son sur un une"
    ),
    "ga": "agus an le na",
    "hu": "a az egy és vagy",
    "id": "dan dari dengan di untuk yang",
    "it": (
        "a agli ai al alla alle allo con d da dalla degli dei del della delle dello di e ed gli i"
        " il in l la le nel nella o per su sul sulla un una uno"
    ),
    "lt": "arba ir su",
    "nb": "av en et for fra i med og på til",
    "nl": "aan bij de een en het in met of op te uit van voor",
    "nn": "av ein for frå i med og på til",
    "no": "av en et for fra i med og på til",
    "pl": "dla do i lub na o od oraz po w we z ze",
    "pt": "a ao aos as com da das de do dos e em na nas o os ou para pela pelo por um uma",
    "ro": "cu de din în la o pe pentru și un",
    "ru": "в для и из или к на по с со",
    "sr": "i na od sa u za и на од са у за",
    "sv": "av en ett för från i med och på till",
    "tr": "bir için ile ve",
}


@lru_cache(16)
def common_words(languages: Sequence[str]) -> frozenset[str]:
    """Return the common words of some languages, as they are written and folded.

    *à* and *a* are common in French. *thé* is not, although it folds to *the*.
    """
    written = [word for each in languages for word in _COMMON.get(each, "").split()]
    return frozenset([*written, *(folded for word in written for folded in words_of(word))])
