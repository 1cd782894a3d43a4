"""Refuse passwords that are guessed first. There are no rules of composition."""

import re
import string
from collections.abc import Iterator
from itertools import permutations
from pathlib import Path
from unicodedata import normalize

from app.core.errors import Fault, InvalidError

_COMMON = frozenset(
    Path(__file__).with_name("common_passwords.txt").read_text(encoding="utf-8").split()
)
"""Casefolded. Those shorter than the minimum length are left out."""
_AROUND = string.digits + string.punctuation + string.whitespace
_SHORTEST_STEM = 5
_STEMS = frozenset(stem for each in _COMMON if len(stem := each.strip(_AROUND)) >= _SHORTEST_STEM)
"""The words in common passwords, such as `welcome` in `welcome1`."""

# Guessing programs try these substitutions. A 1 stands for i or l.
_SWAPS = [str.maketrans("@4830!$571", f"aabeoisst{letter}") for letter in "il"]

_NEITHER_LETTER_NOR_DIGIT = re.compile(r"[\W_]+")
_SHORTEST_NAME = 3

PERSONAL = ("email", "first_name", "surname")
"""The members of an account that must not make up the password."""


def is_common(password: str) -> bool:
    """Return whether a password is common, or a simple variation of a common one."""
    return any(each in _COMMON or each in _STEMS for each in _variations(password.casefold()))


def _variations(password: str) -> Iterator[str]:
    """Yield the password, without leading and trailing digits and marks, and with swaps undone."""
    marks = string.punctuation + string.whitespace
    for each in (password, password.strip(marks), password.strip(_AROUND)):
        yield each
        yield from (each.translate(swaps) for swaps in _SWAPS)


def refuse_personal(password: str, email: str, *names: str | None) -> None:
    """Raise InvalidError if a password is little more than the e-mail address or a name."""
    squeezed = _squeezed(password)
    given = [_squeezed(name) for name in names if name]
    pieces = [_squeezed(email), _squeezed(email.partition("@")[0]), *given]
    pieces += ["".join(pair) for pair in permutations(given, 2)]
    if any(_is_main_part(piece, squeezed) for piece in pieces):
        fault = Fault(
            "must not be your e-mail address or your name, or little more",
            "personal_password",
            pointer="/password",
        )
        raise InvalidError("The password is too easy to guess.", [fault])


def _squeezed(text: str) -> str:
    return _NEITHER_LETTER_NOR_DIGIT.sub("", normalize("NFKC", text).casefold())


def _is_main_part(piece: str, password: str) -> bool:
    """Return whether `piece` is two thirds of a password, or all but two of its letters."""
    if len(piece) < _SHORTEST_NAME or piece not in password:
        return False
    rest = password.replace(piece, "", 1)
    letters = sum(map(str.isalpha, rest))
    return 3 * len(piece) >= 2 * len(password) or (letters <= 2 and 3 * len(piece) >= len(password))
