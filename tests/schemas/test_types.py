"""The shared field types: what they let through, both databases can store."""

import re
from typing import Annotated, Any

import pytest
from pydantic import TypeAdapter, ValidationError

from app.schemas.types import (
    Email,
    Id,
    Language,
    Minutes,
    Name,
    Password,
    Quantity,
    RequestModel,
    Text,
    Url,
)


def accepted(kind: Any, value: object) -> object:
    """`value` as a member of this type of a request takes it."""

    class Request(RequestModel):
        member: kind

    return Request.model_validate({"member": value}).member


def refused(kind: Any, value: object) -> str:
    """Why a request with `value` is refused."""
    with pytest.raises(ValidationError) as error:
        accepted(kind, value)
    (fault,) = error.value.errors()
    assert fault["loc"] == ("member",)
    return fault["msg"]


# --- Text ----------------------------------------------------------------------------------------

Short = Annotated[str, Text(5, 1)]
Optional = Annotated[str, Text(5)]


@pytest.mark.parametrize(
    ("given", "taken"),
    [
        ("abcde", "abcde"),
        ("🍮🍮🍮🍮🍮", "🍮🍮🍮🍮🍮"),
        ("e\u0301" * 5, "é" * 5),
        ("a\r\nb\rc", "a\nb\nc"),
        ("\ta\n", "\ta\n"),
        (" a ", " a "),
        ("a\u200d\u2028\ufeff", "a\u200d\u2028\ufeff"),
        ("שלום", "שלום"),
    ],
    ids=ascii,
)
def test_text_is_taken_in_nfc(given: str, taken: str) -> None:
    assert accepted(Short, given) == taken


@pytest.mark.parametrize(
    "given", ["abcdef", "🍮" * 6, "\u1e69\u0301" * 5, "", " ", "\n\t\u2003", "\u200d\u2028\ufeff"]
)
def test_text_is_bounded_in_characters(given: str) -> None:
    assert refused(Short, given)


def test_text_without_a_minimum_may_be_empty() -> None:
    assert accepted(Optional, "") == ""


CONTROLS = [chr(code) for code in [*range(0x20), *range(0x7F, 0xA0)] if chr(code) not in "\n\r\t"]


@pytest.mark.parametrize("character", CONTROLS, ids=lambda character: f"{ord(character):02x}")
def test_text_has_no_control_characters(character: str) -> None:
    assert refused(Short, f"a{character}b")


@pytest.mark.parametrize("code", [0xD800, 0xDBFF, 0xDC00, 0xDFFF], ids=hex)
def test_text_has_no_lone_surrogates(code: int) -> None:
    assert refused(Short, f"a{chr(code)}")


@pytest.mark.parametrize("given", [5, True, None, ["a"], b"a", 1.5], ids=repr)
def test_text_is_text(given: object) -> None:
    assert refused(Short, given)


def test_text_tells_its_bounds() -> None:
    schema = TypeAdapter(Short).json_schema()
    pattern = schema.pop("pattern")
    assert schema == {"type": "string", "minLength": 1, "maxLength": 5}
    assert re.search(pattern, "a\n\tb\r\n")
    for text in ["", " \t\n", "a\0", "\x7fa", "a\x85", "\x0b"]:
        assert not re.search(pattern, text)


# --- Numbers -------------------------------------------------------------------------------------


KINDS: dict[str, Any] = {"id": Id, "minutes": Minutes, "quantity": Quantity}
FIT: dict[str, list[object]] = {
    "id": [1, 2**63 - 1, 1.0],
    "minutes": [0, 100_000, 5.0],
    "quantity": [0, 1e-9, 1_000_000_000],
}
UNFIT: dict[str, list[object]] = {
    "id": [0, -1, 2**63, 10**20, 1.5, True, "1", None],
    "minutes": [-1, 2**31, 10**20, 0.5, False, "5", None],
    "quantity": [-1, -0.1, 1e300, 10**20, True, "5", None, *map(float, ["nan", "inf", "-inf"])],
}


def table(values: dict[str, list[object]]) -> list[Any]:
    pairs = [(kind, value) for kind, given in values.items() for value in given]
    return [pytest.param(KINDS[kind], value, id=f"{kind} {value!r}") for kind, value in pairs]


@pytest.mark.parametrize(("kind", "value"), table(FIT))
def test_a_number_within_its_bounds(kind: Any, value: float) -> None:
    assert accepted(kind, value) == value


@pytest.mark.parametrize(("kind", "value"), table(UNFIT))
def test_a_number_out_of_its_bounds(kind: Any, value: object) -> None:
    assert refused(kind, value)


def test_an_integer_may_be_written_with_a_fraction_of_zero() -> None:
    assert type(accepted(Minutes, 5.0)) is int


@pytest.mark.parametrize(("given", "taken"), [(4, 4), (4.0, 4), (0.0, 0), (4.25, 4.25), (-0.0, 0)])
def test_a_quantity_that_is_whole_is_an_integer(given: float, taken: float) -> None:
    found = accepted(Quantity, given)
    assert (found, type(found)) == (taken, type(taken))


# --- URLs, addresses, languages, passwords -------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com",
        "http://www.seriouseats.com/recipes/2011/12/chicken-vesuvio-recipe.html",
        "HTTPS://Example.COM/A?b=c&d#e",
        "https://user:secret@example.com:8443/",
        "https://bücher.example/straße?q=ü",
        "https://xn--bcher-kva.example/",
        "http://192.0.2.1/",
        "http://[2001:db8::1]:8080/",
        "http://localhost:8001/recipes/1",
        "https://example.com/" + "a" * 2028,
    ],
    ids=lambda url: url[:40],
)
def test_a_url_is_kept_as_it_was_written(url: str) -> None:
    assert accepted(Url, url) == url


@pytest.mark.parametrize(
    "url",
    ["", "example.com", "//example.com/", "/recipes", "http://", "http://?", "http:"]
    + ["javascript:alert(1)", "JavaScript://example.com/%0aalert(1)", "data:text/html,x"]
    + ["ftp://example.com/", "file:///etc/passwd", "mailto:ann@example.com", "vbscript:x"]
    + [" https://example.com/", "https://exa mple.com/", "https://example.com/a b"]
    + ["https://example.com/\n", "https://example.com/\t", "http://[::1", "http://a:99999/"]
    + ["http://a:b/", "https://example.com/" + "a" * 2029, "https://example.com/\0"]
    + ["java\nscript:alert(1)", "http\u2028://example.com"],
    ids=lambda url: ascii(url)[:40],
)
def test_what_is_no_url_of_the_web(url: str) -> None:
    assert refused(Url, url)


@pytest.mark.parametrize(
    "email",
    [
        "ann@example.com",
        "Ann+Soup@Example.COM",
        "o'neil@b\u00fccher.example",
        "ann@mailhost",
        "ann@kitchen.local",
    ],
)
def test_an_address_is_kept_as_it_was_written(email: str) -> None:
    assert accepted(Email, email) == email


@pytest.mark.parametrize("email", ["", "ann", "@example.com", "a b@example.com", "ann@\u0000.com"])
def test_what_is_no_address(email: str) -> None:
    assert refused(Email, email)


@pytest.mark.parametrize(
    "language",
    ["en", "pt-BR", "zh-Hant-TW", "sr-Latn-RS", "de-1996", "es-419", "x-kitchen", "i-klingon"],
)
def test_a_language(language: str) -> None:
    assert accepted(Language, language) == language


@pytest.mark.parametrize(
    "language",
    ["", "e", "english language", "en_US", "en-", "-en", "ен", "en\n", "e" * 36, "en--US"],
)
def test_what_is_no_language(language: str) -> None:
    assert refused(Language, language)


@pytest.mark.parametrize("password", ["éèàù", "x7" * 512, "tonka beans"], ids=lambda text: text[:9])
def test_a_password_has_8_to_1024_bytes(password: str) -> None:
    assert accepted(Password, password) == password


@pytest.mark.parametrize(
    "password", ["", "tonkabn", "éèà", "x7" * 512 + "y", "é" * 513, "password", "PASSWORD"]
)
def test_a_password_that_is_refused_is_not_in_the_message(password: str) -> None:
    message = refused(Password, password)
    assert not password or password not in message.replace("passwords", "")


def test_a_name_has_256_characters() -> None:
    assert accepted(Name, "🍮" * 256)
    assert refused(Name, "🍮" * 257)


def test_a_request_knows_its_members() -> None:
    class Request(RequestModel):
        member: int = 1

    with pytest.raises(ValidationError, match="other"):
        Request.model_validate({"other": 1})
