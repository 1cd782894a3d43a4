"""API tokens."""

from datetime import timedelta

from pydantic import BaseModel
from sqlalchemy import bindparam, delete, func, select
from sqlalchemy.orm import Session

from app.core.errors import ConflictError
from app.core.policy import Viewer
from app.core.security import hash_api_token
from app.crud.base import CRUDBase, PageOfRows
from app.crud.paging.list_query import Filter, ListQuery
from app.crud.user import user
from app.db.reader import Reader
from app.db.types import utc_now
from app.models.user import ApiToken
from app.schemas.page import PageQuery
from app.schemas.user import ApiTokenCreate, ApiTokenInDB, ApiTokenPublic

MAX_TOKENS = 100
"""Tokens of one user."""


class CRUDApiToken(CRUDBase[ApiToken, ApiTokenCreate, BaseModel]):
    """API tokens. Those of others are not found."""

    sorts = {"created_at": ApiToken.created_at}
    filters = {
        "user_id": Filter(condition=ApiToken.user_id == bindparam("user_id"), in_thread=False)
    }

    async def list_own(self, db: Reader, query: PageQuery, viewer: Viewer) -> PageOfRows:
        """Return the tokens of `viewer`, newest first, including expired ones."""
        filters = {"user_id": viewer.id}
        return await self.page(
            db, ListQuery.of(query, view=ApiTokenPublic, sort="-created_at", filters=filters)
        )

    def issue(self, session: Session, data: ApiTokenCreate, viewer: Viewer, token: str) -> ApiToken:
        """Store a new token of `viewer`. Raises InvalidTokenError if their session has ended."""
        user.load_viewer(session, viewer)
        theirs = ApiToken.user_id == viewer.id
        now = utc_now()
        session.execute(delete(ApiToken).where(theirs, ApiToken.expires_at <= now))
        if (session.scalar(select(func.count()).where(theirs)) or 0) >= MAX_TOKENS:
            raise ConflictError(f"You have {MAX_TOKENS} tokens. Delete one that is not needed.")
        return self.create(
            session,
            data,
            user_id=viewer.id,
            token_hash=hash_api_token(token),
            expires_at=now + timedelta(days=data.expires_in_days),
        )

    def revoke(self, session: Session, token_id: int, viewer: Viewer) -> None:
        """Delete a token of `viewer`."""
        token = self.load(session, token_id)
        if token.user_id != viewer.id:
            raise self.not_found()
        self.remove(session, token)


api_token = CRUDApiToken(ApiToken, ApiTokenInDB)
