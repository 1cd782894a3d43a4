"""RezkonvSuite (.rk): the German relative of MealMaster, with lines of equals signs."""

import re

from app.exchange.drafts import Drafts
from app.exchange.formats.meal_master import Layout, read_cards

_HEADER = re.compile(r"\s{0,3}={5,}\s{0,20}-?\s{0,20}rezkonv", re.IGNORECASE)
_PROBED = 64 * 1024
_LAYOUT = Layout(
    header=_HEADER,
    end=re.compile(r"\A={5,}"),
    section=re.compile(r"\A={5,}+\s*+([^=\s][^=]*+)=*+"),
    # The columns of amounts and units have had several widths.
    ingredient=re.compile(r"\A(?= {2,20}[\d½¼¾]| {6,40}\S)()()( *+\S.*)"),
    continuation=re.compile(r"\A-{1,2}\s*(.*)"),
    units={},
)


def read_text(text: str) -> Drafts | None:
    """Return the recipes of an export."""
    beginning = text[:_PROBED].split("\n")
    return read_cards(text, _LAYOUT) if any(map(_HEADER.match, beginning)) else None
