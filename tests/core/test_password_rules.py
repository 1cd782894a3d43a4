"""Passwords that are guessed first are refused; there are no rules of composition."""

import pytest

from app.core.errors import InvalidError
from app.core.password_rules import is_common, refuse_personal

COMMON = [
    *("password", "PASSWORD", "Password1", "Password1!", "Passw0rd!", "P@ssw0rd", "pa$$w0rd2024"),
    *("password!!", "!password", "1password", " password ", "p4ssword99", "Pa55w0rd#1"),
    *("Qwerty2024!", "Dr4gon123!", "Welcome99!", "W3lcome!", "letme1n!!", "1l0veyou", "iloveyou<3"),
    *("12345678", "12345678!", "1q2w3e4r", "Summer2026!", "trustno1", "Adm1n1strator"),
]
FINE = [
    *("seven wooden spoons", "correct horse battery", "tonka beans", "éèàù", "kitchenette"),
    *("my password is long", "password of the cellar", "qwerty and azerty", "Tr0ub4dor&3"),
    *("x" * 1024, "1234567890123456789", "!!!!!!!!!", "hello my friends", "a1b2c3d4e5"),
]


@pytest.mark.parametrize("password", COMMON)
def test_a_common_password_and_its_simple_variations_are_common(password: str) -> None:
    assert is_common(password)


@pytest.mark.parametrize("password", FINE, ids=lambda text: text[:20])
def test_others_are_not(password: str) -> None:
    assert not is_common(password)


ANN = ("Ann.Smith@example.com", "Ann", "Smith")
PERSONAL = [
    *("ann.smith@example.com", "ANN.SMITH@EXAMPLE.COM", "annsmith@example.com1", "Ann.Smith!"),
    *("ann.smith", "AnnSmith", "ann smith", "smith-ann", "AnnSmith2024", "Ann-1990", "xAnnSmith1"),
    *("smith123", "Smith_1234!", "mr.smith!", "annsmith99!!", "Ａｎｎ Ｓｍｉｔｈ"),
]
NOT_PERSONAL = [
    *("ann's wooden spoons", "goldsmith hammers", "planning a party", "smithereens of glass"),
    *("seven wooden spoons", "example.com/recipes", "ann 4711 wooden"),
]


@pytest.mark.parametrize("password", PERSONAL)
def test_an_address_or_a_name_is_no_password(password: str) -> None:
    with pytest.raises(InvalidError) as refused:
        refuse_personal(password, *ANN)
    (fault,) = refused.value.faults
    assert (fault.pointer, fault.code) == ("/password", "personal_password")
    assert "Ann" not in refused.value.detail + fault.detail


@pytest.mark.parametrize("password", NOT_PERSONAL)
def test_a_password_may_have_a_name_in_it(password: str) -> None:
    refuse_personal(password, *ANN)


def test_short_names_and_no_names_refuse_nothing() -> None:
    for names in ((), (None, None), ("", ""), ("Bo", "Li"), ("李", "伟")):
        refuse_personal("Bo and Li 李伟 in the kitchen", "a@example.com", *names)
        refuse_personal("aaaabbbb", "a@example.com", *names)
