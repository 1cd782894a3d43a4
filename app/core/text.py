"""Cleaning of text, and the keys by which the database compares it."""

import hashlib
import re
import unicodedata
from functools import lru_cache
from itertools import filterfalse
from urllib.parse import unquote_to_bytes, urlsplit, urlunsplit

from email_validator import SPECIAL_USE_DOMAIN_NAMES, EmailNotValidError, validate_email

from app.core.bounds import MAX_MARKS

KEY_LENGTH = 512
"""Characters of a key. PostgreSQL indexes at most 2,704 bytes; longer keys end in a digest."""

MAX_EMAIL = 320
"""Characters of an e-mail address."""

CONTROLS = r"\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff"
"""The characters that no text may contain, for the set of a regular expression.

A lone surrogate cannot be encoded, PostgreSQL cannot store NUL, and no other control character but
newline and tab means anything in a recipe.
"""
_FORBIDDEN = re.compile(f"[{CONTROLS}]")
# Invisible, though their categories are those of letters, marks and symbols.
_INVISIBLE = frozenset(
    "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0"
    + "".join(map(chr, (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))))
)
# Marks match \W, except two that Python counts as letters.
_MAY_BE_MARKS = re.compile(rf"[\W\uff9e\uff9f]{{{MAX_MARKS + 1},}}+")


def clean(text: str) -> str:
    """Return `text` in NFC with plain line feeds.

    Raise ValueError on other control characters, and on more than MAX_MARKS marks in a row.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if _FORBIDDEN.search(text):
        raise ValueError("control characters and lone surrogates are not text")
    if cut_marks(text) != text:
        raise ValueError(f"a letter has at most {MAX_MARKS} marks")
    return unicodedata.normalize("NFC", text)


def without_controls(text: str) -> str:
    """Return `text` without the control characters and surrogates that `clean` refuses."""
    return _FORBIDDEN.sub("", text)


def is_blank(text: str) -> bool:
    """Return whether all characters of `text` are invisible."""
    if text.isascii() and text.isprintable():  # Most text, and 20 times faster.
        return not text.strip()
    return all(
        char in _INVISIBLE or unicodedata.category(char) in ("Cc", "Cf", "Zs", "Zl", "Zp")
        for char in text
    )


def cut_marks(text: str) -> str:
    """Return `text` with at most MAX_MARKS combining marks in a row.

    Call it before `unicodedata.normalize`, which takes quadratic time for a run of marks and holds
    the GIL: 1.6 s for 40,000.
    """
    return text if text.isascii() else _MAY_BE_MARKS.sub(_cut_run, text)


def _cut_run(found: re.Match[str]) -> str:
    kept: list[str] = []
    marks = 0
    for char in found[0]:
        is_mark = char in "\uff9e\uff9f" or unicodedata.category(char).startswith("M")
        marks = marks + 1 if is_mark else 0
        if marks <= MAX_MARKS:
            kept.append(char)
    return "".join(kept)


def fold(text: str) -> str:
    """Return `text` without case and marks, as a key: equal for spellings of one word."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", cut_marks(text.casefold()))
    return "".join(filterfalse(unicodedata.combining, decomposed)).casefold()


def bounded_key(key: str) -> str:
    """Return `key`, or if it is too long for a column, its beginning and a digest."""
    if len(key) <= KEY_LENGTH:
        return key
    digest = hashlib.sha256(key.encode()).hexdigest()
    return f"{key[: KEY_LENGTH - len(digest)]}{digest}"


def source_key(source: str | None) -> str | None:
    """Return the key that sources are compared by: without case."""
    return source and bounded_key(source.casefold())


def tag_key(name: str) -> str:
    """Return the key of a tag, which is unique with its kind: the name without case."""
    return name.casefold()


# Allow addresses of a home network or a test: @kitchen.local, @example.test.
SPECIAL_USE_DOMAIN_NAMES.clear()


def email_key(address: str) -> str:
    """Return the key of an e-mail address: NFKC, casefolded, the domain as IDNA.

    Raise ValueError if `address` is not an e-mail address (RFC 5321, RFC 6531).
    """
    if len(address) > MAX_EMAIL:
        raise ValueError(f"it is longer than {MAX_EMAIL} characters")
    try:
        # The domain need not be public: addresses of an intranet are valid.
        parts = validate_email(
            unicodedata.normalize("NFKC", address),
            check_deliverability=False,
            globally_deliverable=False,
        )
    except EmailNotValidError as error:
        raise ValueError(str(error)) from None
    if len(parts.local_part) > 64:
        raise ValueError("the part before the @ is longer than 64 characters")
    local = unicodedata.normalize("NFKC", parts.local_part.casefold())
    return f"{local}@{parts.ascii_domain.casefold()}"


def fingerprint(label: str, ingredients: tuple[str, ...]) -> str:
    """Return a key for finding duplicates: equal for the same label and ingredients.

    Case, marks, punctuation and blanks are ignored.
    """
    # Caching the longest would take 500 MB.
    is_long = sum(map(len, ingredients)) > _MOST_CACHED
    return (_fingerprint.__wrapped__ if is_long else _fingerprint)(label, ingredients)


@lru_cache(1000)
def _fingerprint(label: str, ingredients: tuple[str, ...]) -> str:
    lines = [_NO_LETTERS.sub(" ", fold(line)).strip() for line in (label, *ingredients)]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:32]


_NO_LETTERS = re.compile(r"[^\w½¼¾⅓⅔/.,-]+")
_MOST_CACHED = 5000
_DEFAULT_PORTS = {"http": 80, "https": 443}
# What search engines, networks and newsletters append to a link; the page is the same without.
_TRACKING = re.compile(
    r"^(utm_\w+|srsltid|igsh|igshid|fbclid|gclid|gclsrc|gbraid|wbraid|dclid|gad_source"
    r"|gad_campaignid|msclkid|yclid|ysclid|twclid|ttclid|li_fat_id|epik|mc_[ce]id|mkt_tok"
    r"|_hsenc|_hsmi|__hs\w+|vero_id|oly_enc_id|oly_anon_id|_ga|_gl|_openstat|mtm_\w+"
    r"|(pk|piwik|matomo)_(campaign|kwd|keyword|source|medium|content|cid)|s_cid|ref_src)(=|$)",
    re.IGNORECASE,
)
_PERCENT = re.compile(r"%[0-9A-Fa-f]{2}(?:%[0-9A-Fa-f]{2})*+")
# A decoded one of these would end a part of the URL, or be another separator.
_RESERVED = frozenset(":/?#[]@!$&'()*+,;=%")


@lru_cache(1000)
def url_key(url: str) -> str:
    """Return a key for finding duplicates: equal for URLs of the same page.

    The scheme, a leading `www.`, the default port, the fragment, tracking parameters, the order of
    the query and a trailing slash are ignored. A host in Unicode equals its punycode, and `%C3%AA`
    equals `ê` (RFC 3987, section 3.1).
    """
    parts = urlsplit(url)
    host = _ascii_host(parts.hostname or "").removeprefix("www.").rstrip(".")
    if parts.port and parts.port != _DEFAULT_PORTS.get(parts.scheme):
        host = f"{host}:{parts.port}"
    pairs = (pair for pair in parts.query.split("&") if pair and not _TRACKING.match(pair))
    # Sorted by name alone: the values of a repeated name have an order.
    query = "&".join(sorted(map(_decoded, pairs), key=lambda pair: pair.partition("=")[0]))
    path = _decoded(parts.path).rstrip("/")
    return bounded_key(urlunsplit(("", host, path, query, ""))[2:])


def _ascii_host(host: str) -> str:
    """Return a host in ASCII, if it can be written so."""
    if host.isascii():
        return host
    try:
        return host.encode("idna").decode()
    except UnicodeError:
        return host


def _decoded(part: str) -> str:
    """Return a part of a URL in NFC, without escapes of what needs none."""
    if "%" in part:
        part = _PERCENT.sub(_decode_run, part)
    return part if part.isascii() else unicodedata.normalize("NFC", cut_marks(part))


def _decode_run(found: re.Match[str]) -> str:
    """Decode escapes in a row, unless they are no UTF-8 or no text."""
    try:
        text = unquote_to_bytes(found[0]).decode()
    except UnicodeDecodeError:
        return found[0].upper()
    return "".join(
        "".join(f"%{byte:02X}" for byte in char.encode())
        if char in _RESERVED or char.isspace() or _FORBIDDEN.match(char)
        else char
        for char in text
    )
