"""Keys: what counts as the same text, address or page."""

import re
import tracemalloc
import unicodedata

import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.core.bounds import MAX_MARKS
from app.core.config import ROOT
from app.core.text import (
    KEY_LENGTH,
    bounded_key,
    clean,
    cut_marks,
    email_key,
    fingerprint,
    fold,
    is_blank,
    url_key,
)
from app.search.words import words_of
from tests.costs import assert_linear
from tests.factories import API, PASSWORD

# How quick the machine is does not matter.
at_leisure = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

# --- Text as it is kept --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("plain", "plain"),
        ("", ""),
        ("two\nlines\tand a tab", "two\nlines\tand a tab"),
        ("one\r\ntwo\rthree\n", "one\ntwo\nthree\n"),
        ("cre\u0300me", "cr\u00e8me"),
        ("\u1112\u1161\u11ab", "\ud55c"),
        # Compatible is not the same: NFC leaves what a reader could tell apart.
        ("\ufb01g \u00bd", "\ufb01g \u00bd"),
        ("👩\u200d👧 \U0010ffff", "👩\u200d👧 \U0010ffff"),
    ],
)
def test_text_is_kept_in_nfc_with_plain_line_feeds(text: str, kept: str) -> None:
    assert clean(text) == kept


@pytest.mark.parametrize(
    "character",
    ["\0", "\x07", "\x08", "\x0b", "\x0c", "\x1b", "\x7f", chr(0xD800), chr(0xDFFF)],
    ids=ascii,
)
def test_what_is_no_text_is_refused(character: str) -> None:
    with pytest.raises(ValueError, match="control characters"):
        clean(f"a{character}b")


@at_leisure
@given(st.text())
def test_kept_text_can_be_kept_again(text: str) -> None:
    try:
        kept = clean(text)
    except ValueError:
        return
    assert clean(kept) == kept
    kept.encode()


@pytest.mark.parametrize(
    "text", ["👩🏽‍🍳", "❤️", "می‌خواهم", "مرحبا", "ע", "é", "a\u200b", "◌́", "𐍈", "₅"]
)
def test_what_can_be_seen_is_not_blank(text: str) -> None:
    assert not is_blank(text)
    assert clean(text) == text


@pytest.mark.parametrize("text", ["", " \n", "\u200b", "\u3164", "\u2800 \ufeff", "\u202e\u2066"])
def test_what_cannot_be_seen_is_blank(text: str) -> None:
    assert is_blank(text)


# --- Marks ---------------------------------------------------------------------------------------

# Python sorts marks by class when it normalises: these are never in their order.
MARKS = "\u0301\u0316"


def test_a_letter_may_have_some_marks() -> None:
    for text in ("e" + MARKS * 15, "क्षि", "👩🏽‍🍳 ❤️", "─" * 80, "…" * 80, "﷽" * 80, "-" * 80):
        assert cut_marks(text) == text
        clean(text)


def test_a_letter_with_very_many_marks_is_no_text() -> None:
    text = "e" + "\u0301" * (MAX_MARKS + 1)
    with pytest.raises(ValueError, match="at most 30 marks"):
        clean(text)
    assert cut_marks(f"{text}a{text}") == f"{text[:-1]}a{text[:-1]}"


def test_all_that_is_sorted_counts_as_a_mark() -> None:
    for char in map(chr, [*range(0x80, 0xD800), *range(0xE000, 0x110000)]):
        if unicodedata.combining(unicodedata.normalize("NFKD", char)[0]):
            assert len(cut_marks(char * 99)) == MAX_MARKS, char


@pytest.mark.parametrize("marks", [MARKS, "\u0f73\u0301", "\uff9e\u0301", "\u0344\u0316"])
def test_many_marks_take_time_by_their_number_alone(marks: str) -> None:
    def check(size: int) -> None:
        fold("a" + marks * size)
        email = f"{marks * size}@example.com"
        for refused in (clean, email_key):
            with pytest.raises(ValueError, match=r"marks|longer|address"):
                refused(email)

    assert_linear(check, 100_000)


# --- The key for sorting and searching -----------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("Crème Brûlée", "creme brulee"),
        ("cre\u0300me", "creme"),
        ("STRASSE", "strasse"),
        ("Straße", "strasse"),
        ("İzmir", "izmir"),
        ("ΣΊΣΥΦΟΣ", "σισυφοσ"),
        ("Σίσυφος", "σισυφοσ"),
        ("Ёжик", "ежик"),
        ("½ \ufb01g", "1\u20442 fig"),
        ("カ\u3099", "カ"),
        ("ｱｲｽ", "アイス"),
        ("砂糖", "砂糖"),
        ("", ""),
    ],
)
def test_folded_text_has_neither_case_nor_marks(text: str, key: str) -> None:
    assert fold(text) == key


@at_leisure
@given(st.text())
def test_folding_is_stable(text: str) -> None:
    key = fold(text)
    assert fold(key) == key
    for form in ("NFC", "NFD"):
        assert fold(unicodedata.normalize(form, text)) == key


@pytest.mark.parametrize("length", [0, 1, KEY_LENGTH - 1, KEY_LENGTH])
def test_a_key_that_fits_stays(length: int) -> None:
    assert bounded_key("é" * length) == "é" * length


def test_long_keys_fit_keep_their_beginning_and_differ() -> None:
    long = "\U0001f36e" * KEY_LENGTH
    keys = {bounded_key(long + end) for end in ("a", "b", "ab", long)}
    assert len(keys) == 4
    for key in keys:
        assert len(key) == KEY_LENGTH
        assert key.startswith(long[:400])
        # PostgreSQL's bound for a row of an index.
        assert len(key.encode()) <= 2704


# --- E-mail addresses ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("cook@example.com", "cook@example.com"),
        ("COOK@BU\u0308CHER.example", "cook@xn--bcher-kva.example"),
        ("Zoe\u0308@example.com", "zoë@example.com"),
        ("o'cook@example.com", "o'cook@example.com"),
        ("cook@kitchen.internal", "cook@kitchen.internal"),
        ("厨师@例子.example", "厨师@xn--fsqu00a.example"),
    ],
)
def test_spellings_of_an_address_have_one_key(address: str, key: str) -> None:
    assert email_key(address) == key
    assert email_key(key) == key


@pytest.mark.parametrize(
    "address",
    [
        "",
        "cook",
        "cook@",
        "@example.com",
        "co ok@example.com",
        "cook@exam ple.com",
        "cook@example@com",
        "cook@example..com",
        "cook@-example.com",
        ".cook@example.com",
        "cook@example.com\n",
        "cook@exam\0ple.com",
        "cook\ud800@example.com",
        "Cook <cook@example.com>",
        f"{'c' * 65}@example.com",
        f"cook@{'e' * 64}.com",
        f"cook@{'example.' * 40}com",
    ],
    ids=lambda address: ascii(address)[:40],
)
def test_what_is_no_address_has_no_key(address: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the sentence is the library's, the kind is what callers catch
        email_key(address)


@at_leisure
@given(st.emails())
def test_the_key_of_a_key_is_itself(address: str) -> None:
    try:
        key = email_key(address)
    except ValueError:
        return
    assert email_key(key) == key
    assert email_key(address.swapcase()) == key


@at_leisure
@given(st.characters(exclude_characters="ı"))  # Its capital is that of i.
def test_the_key_is_that_of_every_form_and_case(character: str) -> None:
    address = f"a{character}b@example.com"
    try:
        key = email_key(address)
    except ValueError:
        return
    for form in ("NFC", "NFD", "NFKC", "NFKD"):
        assert email_key(unicodedata.normalize(form, address)) == key
    for spelling in (address.upper(), address.lower(), key):
        assert email_key(spelling) == key


def accounts() -> list[tuple[str, str | None]]:
    """The table of the decision: an address as given, and the account; None where it is refused."""

    def unescaped(text: str) -> str:
        return re.sub(r"\\u([0-9a-f]{4})", lambda code: chr(int(code[1], 16)), text)

    page = (ROOT / "docs" / "decisions" / "0008-identity.md").read_text()
    cells = [line.split(" | ") for line in page.splitlines() if line.startswith("| `")]
    return [
        (unescaped(address), None if account == "refused" else unescaped(account.strip("`")))
        for addresses, account, *_ in cells
        for address in re.findall("`([^`]+)`", addresses)
    ]


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_the_table_of_addresses_is_true(client: TestClient, subtests: pytest.Subtests) -> None:
    def sign_up(email: str) -> int:
        body = {"email": email, "password": PASSWORD}
        return client.post(f"{API}/auth/signup", json=body).status_code

    table = accounts()
    assert len(table) > 40
    taken: set[str] = set()
    for address, account in table:
        with subtests.test(ascii(address)):
            if account is None:
                with pytest.raises(ValueError):  # noqa: PT011 - the sentence is the library's
                    email_key(address)
                assert sign_up(address) == 422
            else:
                assert email_key(address) == account
                assert sign_up(address) == (409 if account in taken else 201)
                taken.add(account)


# --- Addresses of pages --------------------------------------------------------------------------

PAGE_URL = "https://example.com/recipes/soup?lang=fr"


@pytest.mark.parametrize(
    "url",
    [
        PAGE_URL,
        "http://example.com/recipes/soup?lang=fr",
        "https://www.example.com/recipes/soup?lang=fr",
        "HTTPS://EXAMPLE.com/recipes/soup?lang=fr",
        "https://WWW.Example.com/recipes/soup?lang=fr",
        "https://example.com:443/recipes/soup?lang=fr",
        "http://example.com:80/recipes/soup?lang=fr",
        "https://example.com./recipes/soup?lang=fr",
        "https://example.com/recipes/soup/?lang=fr",
        "https://example.com/recipes/soup?lang=fr#step-2",
        "https://example.com/recipes/soup?utm_source=x&lang=fr&UTM_Medium=y&fbclid=z",
        "https://example.com/recipes/soup?lang=fr&srsltid=AfmB&igshid=x&gclid=1&mc_eid=2&_hsenc=3",
        "https://example.com/recipes/soup?lang=fr&&gad_source=1&wbraid=2&msclkid=3&pk_campaign=4",
        "https://example.com/recip%65s/soup?l%61ng=fr",
    ],
)
def test_spellings_of_a_page_have_one_key(url: str) -> None:
    assert url_key(url) == url_key(PAGE_URL)


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com/recipes/Soup?lang=fr",
        "https://example.com/recipes/soup",
        "https://example.com/recipes/soup?lang=de",
        "https://example.com/soup?lang=fr",
        "https://example.com:8443/recipes/soup?lang=fr",
        "https://example.org/recipes/soup?lang=fr",
        "https://fr.example.com/recipes/soup?lang=fr",
        "https://example.com/recipes/soup?lang=fr&page=2",
    ],
)
def test_other_pages_have_other_keys(url: str) -> None:
    assert url_key(url) != url_key(PAGE_URL)


@pytest.mark.parametrize(
    ("url", "other"),
    [
        ("https://example.com/r/cr%C3%AApe", "https://example.com/r/crêpe"),
        ("https://example.com/r/cr%c3%aape", "https://example.com/r/cre\u0302pe"),
        ("https://example.com/?q=%E8%B1%86", "https://example.com/?q=豆"),
        ("https://example.com/%ff%7e", "https://example.com/%FF%7E"),
        ("https://example.com/p?b=2&a=1", "https://example.com/p?a=1&b=2"),
        ("https://example.com/p?b=2&a=1&b=3&", "https://example.com/p?b=2&b=3&a=1#top"),
        ("https://xn--kse-qla.example/r", "https://www.käse.example/r"),
    ],
)
def test_two_spellings_of_a_page_have_one_key(url: str, other: str) -> None:
    assert url_key(url) == url_key(other)


@pytest.mark.parametrize(
    ("url", "other"),
    [
        ("https://example.com/a%2Fb", "https://example.com/a/b"),
        ("https://example.com/a%3Fb", "https://example.com/a?b"),
        ("https://example.com/p?a=1%26b=2", "https://example.com/p?a=1&b=2"),
        ("https://example.com/p?a=1&a=2", "https://example.com/p?a=2&a=1"),
        ("https://example.com/cr%EApe", "https://example.com/crêpe"),
        ("https://example.com/%2541", "https://example.com/A"),
        ("https://example.com/p%00", "https://example.com/p"),
        ("https://example.com/p?igshidden=1", "https://example.com/p"),
    ],
)
def test_two_pages_with_like_urls_have_two_keys(url: str, other: str) -> None:
    assert url_key(url) != url_key(other)
    assert url_key(url).isprintable()


def test_the_key_of_a_long_url_fits_and_tells_pages_apart() -> None:
    long = "https://example.com/" + "a" * 2000
    assert url_key(long + "1") != url_key(long + "2")
    assert len(url_key(long)) == KEY_LENGTH


# --- Caches --------------------------------------------------------------------------------------


def test_no_cache_keeps_long_texts() -> None:
    tracemalloc.start()
    try:
        for number in range(15):
            fingerprint("a", (f"{number}" * 100_000, "é" * 100_000))
            words_of(f"{number}" + "é" * 100_000)
        kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert kept < 1_000_000
