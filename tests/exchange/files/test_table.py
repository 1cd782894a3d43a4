"""Cells that a spreadsheet would run as formulas."""

import re

from hypothesis import given
from hypothesis import strategies as st

from app.exchange.files.table import neutralise_cell, restore_cell

CELLS = st.text(alphabet="=+-@\uff1d\uff0b\uff0d\uff20;,\t\n' ax", max_size=12)


@given(CELLS)
def test_a_neutralised_cell_is_restored(cell: str) -> None:
    assert restore_cell(neutralise_cell(cell)) == cell


@given(CELLS)
def test_no_part_of_a_cell_begins_a_formula(cell: str) -> None:
    for part in re.split(r"[;\t\n]", neutralise_cell(cell)):
        assert not re.match(r" *[=+\-@\uff1d\uff0b\uff0d\uff20]", part)


def test_ordinary_text_is_not_changed() -> None:
    for cell in ("Mac & cheese", "1 = 1", "a-b; c", "It's 5\n- no -", "'Quoted'"):
        assert neutralise_cell(cell) == cell.replace("\n-", "\n'-")
