"""Hypothesis strategies for recipe documents and JSON."""

import hypothesis
from hypothesis import strategies as st

from app.core.text import is_blank

EXPLORE = hypothesis.settings(
    max_examples=40,
    deadline=None,  # Nothing here is about speed.
    derandomize=True,  # A change is judged by the same examples as the one before.
    database=None,
    suppress_health_check=[
        hypothesis.HealthCheck.function_scoped_fixture,  # All examples share a database.
        hypothesis.HealthCheck.too_slow,
    ],
)

# All characters except those that the schema refuses, and surrogates.
characters = st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n\t")
texts = st.text(characters, min_size=1, max_size=40).filter(lambda text: not is_blank(text))
numbers = st.integers(0, 10**9) | st.floats(0, 10**9, allow_nan=False)
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63) + 1, 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts
)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4)
)
maybe = st.none() | texts
minutes = st.none() | st.integers(0, 10_000)
lines = st.fixed_dictionaries(
    {"text": texts},
    optional={
        "section": maybe,
        "quantity": st.none() | numbers,
        "quantity_max": st.none() | numbers,
        "unit": maybe,
        "food": maybe,
        "note": maybe,
        "optional": st.booleans(),
    },
)
steps = st.fixed_dictionaries(
    {"text": texts}, optional={"section": maybe, "name": maybe, "minutes": minutes}
)
tags = st.fixed_dictionaries(
    {"kind": st.sampled_from(["keyword", "cuisine", "diet"]), "name": texts}
)
documents = st.fixed_dictionaries(
    {"label": texts},
    optional={
        "description": maybe,
        "source": maybe,
        "author": maybe,
        "yield_text": maybe,
        "notes": maybe,
        "url": st.sampled_from(
            [None, "https://example.com/ä?q=%C3%A4&x=1#y", "http://[::1]:8080/"]
        ),
        "language": st.sampled_from([None, "en", "zh-Hant-TW", "sr-Latn"]),
        "servings": st.none() | numbers.filter(lambda number: number > 0),
        "prep_minutes": minutes,
        "cook_minutes": minutes,
        "total_minutes": minutes,
        "tags": st.lists(tags | texts, max_size=4),
        "ingredients": st.lists(lines | texts, max_size=4),
        "steps": st.lists(steps | texts, max_size=4),
        "nutrition": st.none() | st.fixed_dictionaries({}, optional={"fat_g": numbers}),
        "extras": st.dictionaries(texts, values, max_size=4),
        "visibility": st.sampled_from(["public", "unlisted"]),
    },
)
