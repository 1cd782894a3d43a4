"""Archives whose files are texts of one format."""

from collections.abc import Callable
from itertools import chain

from app.exchange.drafts import Drafts
from app.exchange.files.archive import Archive


def drafts_in(
    archive: Archive, pattern: str, read_text: Callable[[str], Drafts | None]
) -> Drafts | None:
    """The recipes of all texts with such names, or None where no text is of the format."""
    found = (read_text(archive.text(name)) for name in archive.named(pattern))
    known = (drafts for drafts in found if drafts is not None)
    first = next(known, None)
    return None if first is None else chain(first, chain.from_iterable(known))
