"""Requests with an Idempotency-Key: repeated, they have their effect once.

The row of the key is written in the transaction of the effect, so both exist or neither; a killed
server leaves no state in between. A request with the same key waits for that transaction at the
unique constraint. A batch in several transactions stores its results so far in each of them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.core.errors import Fault, InvalidError, NotFoundError
from app.crud.expiry import delete_expired
from app.db.engine import insert_into
from app.db.types import utc_now
from app.models.recipe import Recipe, RecipeVersion
from app.models.request import IdempotencyKey
from app.schemas.stored_document import read_document

P = ParamSpec("P")
T = TypeVar("T")

KEPT = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Key:
    """A client's key, with a digest of the method, the path and the body of its request."""

    user_id: int
    key: str
    fingerprint: str


def once(
    session: Session,
    key: Key,
    work: Callable[Concatenate[Session, P], T],
    /,
    *args: P.args,
    **kwargs: P.kwargs,
) -> tuple[T, bool]:
    """Return what `work(session, …)` returns, a recipe or JSON, and whether it was done before.

    Raises InvalidError if the key belongs to another request.
    """
    row, is_new = _claim(session, key)
    if not is_new:
        return _replayed(session, row), True
    result = work(session, *args, **kwargs)
    if isinstance(result, Recipe):
        row.recipe_id, row.recipe_version = result.id, result.version
    else:
        row.results = cast(list[dict[str, Any]], result)
    return result, False


def advance(
    session: Session, key: Key, step: Callable[[Session, int], list[dict[str, Any]]], total: int
) -> tuple[list[dict[str, Any]], bool]:
    """Run the next step of a request until it has `total` results.

    `step` is called with the number of results so far, and returns more. They are stored in its
    transaction, so a repeated request continues where it was cut off, and two at once share the
    steps. Return the results so far, and whether a step was run.
    """
    row, _ = _claim(session, key)
    results = row.results or []
    if len(results) >= total:
        return results, False
    row.results = [*results, *step(session, len(results))]
    return row.results, True


def _claim(session: Session, key: Key) -> tuple[IdempotencyKey, bool]:
    """Return the row of `key`, locked, and whether this transaction created it."""
    now = utc_now()
    same = IdempotencyKey.user_id == key.user_id, IdempotencyKey.key == key.key
    delete_expired(session, IdempotencyKey)
    session.execute(delete(IdempotencyKey).where(*same, IdempotencyKey.expires_at <= now))
    made = session.scalar(
        insert_into(IdempotencyKey, session)
        .values(
            user_id=key.user_id, key=key.key, fingerprint=key.fingerprint, expires_at=now + KEPT
        )
        .on_conflict_do_nothing()
        .returning(IdempotencyKey.id)
    )
    row = session.scalars(select(IdempotencyKey).where(*same).with_for_update()).one()
    if row.fingerprint != key.fingerprint:
        fault = Fault("was sent with another request", "idempotency", parameter="Idempotency-Key")
        raise InvalidError("This Idempotency-Key belongs to another request.", [fault])
    return row, made is not None


def _replayed(session: Session, row: IdempotencyKey) -> Any:
    """Return the first answer: the results, or the recipe as it was then."""
    if row.results is not None:
        return row.results
    recipe = session.get(Recipe, row.recipe_id)
    if recipe is None:
        raise NotFoundError("The recipe that this request was answered with is gone.")
    before = session.scalar(
        select(RecipeVersion).where(
            RecipeVersion.recipe_id == recipe.id, RecipeVersion.version == row.recipe_version
        )
    )
    if before is None:
        return recipe
    # Only for the answer; never added to the session.
    return Recipe(
        **read_document(before.snapshot),
        id=recipe.id,
        submitter_id=recipe.submitter_id,
        created_at=recipe.created_at,
        updated_at=before.at,
        version=before.version,
    )
