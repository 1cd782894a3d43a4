"""Cursors: where the next page of a list begins, as an opaque text."""

import hashlib
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime
from typing import Any, NamedTuple

from app.core.errors import Fault, InvalidError
from app.core.text import clean


class Cursor(NamedTuple):
    """The sort key and the id of the last row of a page."""

    key: Any
    id: int

    def encode(self, scope: str) -> str:
        """Return a text that is valid only for lists with the same `scope`."""
        key = self.key.isoformat() if isinstance(self.key, datetime) else self.key
        text = json.dumps([_digest(scope), key, self.id], ensure_ascii=False)
        return urlsafe_b64encode(text.encode()).decode().rstrip("=")

    @classmethod
    def decode(cls, text: str, scope: str, kind: type, *, nullable: bool = False) -> "Cursor":
        """Return the cursor in `text`, whose key is of the type `kind`.

        Raises InvalidError if it is malformed or belongs to another list.
        """
        try:
            digest, value, row_id = json.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
            if digest != _digest(scope) or type(row_id) is not int or not 0 < row_id < 2**63:
                raise ValueError
            return cls(_read_key(value, kind, nullable), row_id)
        except (ValueError, TypeError, OverflowError, RecursionError):
            raise wrong_cursor() from None


def wrong_cursor() -> InvalidError:
    """Return the error for a cursor that is malformed or belongs to another list."""
    fault = Fault("is not a cursor of this list", "cursor", parameter="cursor")
    return InvalidError("The cursor does not fit this list.", [fault])


def _read_key(value: Any, kind: type, nullable: bool) -> Any:
    """Check the key of a cursor: clients can forge it, so its type and range are not given."""
    if value is None and nullable:
        return None
    if kind is datetime:
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is None:
            raise ValueError
        return moment.astimezone(UTC)
    if kind is float and type(value) in (int, float) and abs(value) < 1e300:
        return value
    if type(value) is not kind or (isinstance(value, int) and abs(value) >= 2**31):
        raise TypeError
    if isinstance(value, str):
        clean(value)  # Checked only: a folded key is not in NFC.
    return value


def _digest(scope: str) -> str:
    return hashlib.sha256(scope.encode()).hexdigest()[:16]
