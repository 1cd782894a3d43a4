"""Rows that expire: the only place that deletes them, in chunks."""

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.db.types import utc_now
from app.models.request import IdempotencyKey, RateLimit

SWEPT_AT_ONCE = 100
"""Rows that a request deletes beside its own work, so that its table stays small."""


def delete_expired(
    session: Session, model: type[IdempotencyKey | RateLimit], limit: int = SWEPT_AT_ONCE
) -> int:
    """Delete up to `limit` expired rows. Return how many. Skip rows that others have locked."""
    expired = select(model.id).where(model.expires_at <= utc_now()).limit(limit)
    rows = delete(model).where(model.id.in_(expired.with_for_update(skip_locked=True)))
    found = session.scalars(
        rows.returning(model.id), execution_options={"synchronize_session": False}
    )
    return len(found.all())
