"""Jinja filters that format recipe data."""

import unicodedata
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.core.slugs import SLUG_LENGTH, recipe_path, slug
from app.web.template_filters import (
    date,
    iso_date,
    number,
    nutrition_facts,
    sections,
    site,
    with_query,
)

# How quick the machine is does not matter.
at_leisure = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.mark.parametrize(
    ("x", "written"),
    [
        (0, "0"),
        (2, "2"),
        (2.0, "2"),
        (100, "100"),
        (1_000_000, "1000000"),
        (0.5, "½"),
        (1.5, "1 ½"),
        (0.25, "¼"),
        (12.75, "12 ¾"),
        (1 / 3, "⅓"),
        (0.33, "0.33"),
        (2 / 3, "⅔"),
        (1.875, "1 ⅞"),
        (0.15, "0.15"),
        (2.1, "2.1"),
        (2.999, "2.999"),
    ],
)
def test_a_quantity_is_written_as_cooks_do(x: float, written: str) -> None:
    assert number(x) == written


def test_a_day_is_written_out() -> None:
    when = datetime(2026, 3, 5, 23, 59, 59, tzinfo=UTC)
    assert date(when) == "5 March 2026"
    assert iso_date(when) == "2026-03-05"


@pytest.mark.parametrize(
    ("label", "readable"),
    [
        ("Pancakes", "pancakes"),
        ("Crème brûlée", "creme-brulee"),
        ("Cre\u0300me bru\u0302le\u0301e", "creme-brulee"),
        ("Grandma's & Grandpa\u2019s 'best' soup!", "grandmas-grandpas-best-soup"),
        ("Smørrebrød", "smorrebrod"),
        ("Łosoś, Œufs, Straße, İzmir köfte", "losos-oeufs-strasse-izmir-kofte"),
        ("½ \ufb01g", "1-2-fig"),
        ("  --  50 %  rye --", "50-rye"),
        ("../../etc/passwd?x=1#y", "etc-passwd-x-1-y"),
        ("砂糖 ケーキ", "砂糖-ケーキ"),
        # Marks are vowels here.
        ("हिन्दी खिचड़ी", "हिन्दी-खिचड़ी"),
        ("борщ", "борщ"),
        ("🍮", "recipe"),
        ("", "recipe"),
    ],
)
def test_the_readable_part_of_an_address(label: str, readable: str) -> None:
    # Some letters of Hindi have no composed form in NFC, so both sides are brought there.
    assert slug(label) == unicodedata.normalize("NFC", readable)


@at_leisure
@given(st.text())
def test_an_address_needs_no_escape_but_of_letters(label: str) -> None:
    readable = slug(label)
    assert 0 < len(readable) <= SLUG_LENGTH
    assert readable.strip("-") == readable
    assert all(char == "-" or unicodedata.category(char)[0] in "LMN" for char in readable)


def test_a_long_label_is_cut() -> None:
    assert slug("a" * 79 + " " + "b" * 79) == "a" * 79


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://example.com/recipes/1", "example.com"),
        ("HTTP://WWW.Example.COM", "example.com"),
        ("https://example.com:8443/", "example.com"),
        ("https://user:password@example.com/", "example.com"),
        ("https://example.com@other.example/", "other.example"),
        # A browser goes to the first of these.
        ("https://example.com\\@other.example/", "example.com"),
        ("https://example.com?@other.example", "example.com"),
        ("https://example.com#@other.example", "example.com"),
        ("https://[2001:db8::1]:8080/x", "[2001:db8::1]"),
    ],
)
def test_the_site_is_where_a_link_leads(url: str, name: str) -> None:
    assert site(url) == name


@pytest.mark.parametrize(
    "url",
    [
        None,
        "",
        "javascript:alert(1)",
        "javascript://example.com/%0aalert(1)",
        "JavaScript:alert(1)//https://example.com",
        "data:text/html,https://example.com",
        "ftp://example.com",
        "//example.com",
        "/recipes/1",
        "example.com",
        " https://example.com",
        "https://",
    ],
)
def test_what_must_not_be_a_link_has_no_site(url: str | None) -> None:
    assert site(url) is None


def test_members_are_grouped_by_runs_of_one_section_and_numbered_on() -> None:
    steps: list[dict[str, Any]] = [
        {"text": "a"},
        {"text": "b", "section": None},
        {"text": "c", "section": "Dough"},
        {"text": "d", "section": "Dough"},
        {"text": "e", "section": "Filling"},
        {"text": "f", "section": "Dough"},
    ]
    grouped = [
        (section.name, section.start, "".join(member["text"] for member in section.members))
        for section in sections(steps)
    ]
    assert grouped == [
        (None, 1, "ab"),
        ("Dough", 3, "cd"),
        ("Filling", 5, "e"),
        ("Dough", 6, "f"),
    ]
    assert sections([]) == []


def test_nutrition_reads_as_on_a_label() -> None:
    facts = nutrition_facts(
        {
            "serving_size": "1 bowl",
            "sodium_mg": 800,
            "protein_g": 6.25,
            "saturated_fat_g": 3.50,
            "fat_g": 0,
            "fiber_g": None,
            "calories": 410.0,
        }
    )
    assert facts == [
        ("Calories", "410 kcal"),
        ("Fat", "0 g"),
        ("Saturated fat", "3.5 g"),
        ("Protein", "6.25 g"),
        ("Sodium", "800 mg"),
    ]


# --- Addresses -----------------------------------------------------------------------------------


def test_the_path_of_a_recipe_has_its_id_and_its_slug() -> None:
    assert recipe_path(7, "Cr\u00e8me br\u00fbl\u00e9e") == "/recipes/7-creme-brulee"
    assert recipe_path(7, "\u7802\u7cd6") == "/recipes/7-%E7%A0%82%E7%B3%96"


def test_a_link_has_the_parameters_that_have_a_value() -> None:
    assert with_query("/recipes/7") == "/recipes/7"
    assert with_query("/recipes/7", servings="", key="") == "/recipes/7"
    assert (
        with_query("/recipes/7", servings="2.5", key="a&b") == "/recipes/7?servings=2.5&key=a%26b"
    )
