"""Entity tags and the preconditions of a change (RFC 9110 sections 8.8.3 and 13)."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Literal

from app.core.bounds import MAX_ETAGS
from app.core.errors import (
    Fault,
    InvalidError,
    PreconditionFailedError,
    PreconditionRequiredError,
)

CHANGED = "It has changed since you read it."

_ETAGS = re.compile(r'[ \t]*(?:(W/)?("[\x21\x23-\x7e\x80-\xff]*")[ \t]*)?(?:,|$)')

Tags = Sequence[tuple[bool, str]] | Literal["*"] | None
"""Entity tags and whether each is weak, "*" for any, None without the header."""


def etag_of(body: bytes) -> str:
    """Return the entity tag of a representation."""
    return f'"{blake2b(body, digest_size=12).hexdigest()}"'


def parse_etags(header: str) -> list[tuple[bool, str]] | None:
    """Return the tags of a list and whether each is weak; None if it is broken or too long."""
    if header.count(",") >= MAX_ETAGS:
        return None
    tags, position = [], 0
    while position < len(header):
        match = _ETAGS.match(header, position)
        if match is None:
            return None
        if match[2]:
            tags.append((match[1] is not None, match[2]))
        position = match.end()
    return tags


@dataclass(frozen=True, slots=True)
class Precondition:
    """What a client requires of the stored row, compared with the ETag of its JSON.

    It is checked inside the transaction of the change, on the locked row.
    """

    if_match: Tags = None
    if_none_match: Tags = None
    is_required: bool = False
    version: int | None = None
    """The version that the body names, or a page has shown."""

    @classmethod
    def from_headers(
        cls,
        if_match: Sequence[str] | None,
        if_none_match: Sequence[str] | None = None,
        *,
        is_required: bool,
    ) -> "Precondition":
        """Read the lines of both headers. Raises InvalidError if one is not a list of tags."""
        tags = _read(if_match, "If-Match"), _read(if_none_match, "If-None-Match")
        return cls(*tags, is_required)

    def check(self, version: int, etag: Callable[[], str]) -> None:
        """Raise PreconditionFailedError if the stored row is not the one that the client requires.

        `etag` is called if it is needed.
        """
        if self.if_match is None and self.is_required:
            raise PreconditionRequiredError("Send If-Match with the ETag of what you have read.")
        is_stale = self.version not in (None, version)
        if not is_stale and self.if_match in (None, "*") and self.if_none_match is None:
            return
        current = etag()
        if (
            is_stale
            or (not isinstance(self.if_match, str | None) and (False, current) not in self.if_match)
            or self.if_none_match == "*"
            or current in [tag for _, tag in self.if_none_match or ()]
        ):
            raise PreconditionFailedError(CHANGED, current)


UNCONDITIONAL = Precondition()


def _read(lines: Sequence[str] | None, name: str) -> Tags:
    if lines is None:
        return None
    header = ",".join(lines)
    if header.strip() == "*":
        return "*"
    tags = parse_etags(header)
    if tags is None:
        fault = Fault("is not a list of entity tags", "etag", parameter=name)
        raise InvalidError(f"The header {name} is broken.", [fault])
    return tags
