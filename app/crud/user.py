"""Accounts."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel
from sqlalchemy import ColumnElement, bindparam, delete, select, update
from sqlalchemy.orm import Session

from app.core.errors import ConflictError
from app.core.text import email_key
from app.crud.base import CRUDBase
from app.db.reader import Reader, Row, Statement
from app.db.types import utc_now
from app.models.recipe import Recipe
from app.models.user import User
from app.schemas.user import ReadOnlyMe, ReadOnlyUser, UserCreate, UserInDB

_BY_EMAIL = Statement(select(*User.__table__.c).where(User.email_key == bindparam("email_key")))
_SESSION_COLUMNS = (User.id, User.token_version, User.is_active, User.is_superuser)
_FOR_SESSION = Statement(select(*_SESSION_COLUMNS).where(User.id == bindparam("id")))


class CRUDUser(CRUDBase[User, UserCreate, BaseModel]):
    """Accounts; their e-mail address is unique by its key."""

    sorts = {"created_at": User.created_at}
    conflicts = {"uq_user_email_key": "There is an account with this e-mail address already."}

    def derived(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """The key that is unique."""
        return {"email_key": email_key(values["email"])} if "email" in values else {}

    async def get_by_email(self, db: Reader, email: str) -> Row | None:
        """The account with this address, however it is spelled, or None."""
        try:
            key = email_key(email)
        except ValueError:
            return None
        return await db.first(_BY_EMAIL, {"email_key": key})

    async def for_session(self, db: Reader, user_id: int) -> Row | None:
        """What a token is checked against: id, token_version, is_active, is_superuser."""
        return await db.first(_FOR_SESSION, {"id": user_id})

    def has_superuser(self, session: Session) -> bool:
        """Whether there is a superuser, active or not."""
        return session.scalar(select(User.id).where(User.is_superuser).limit(1)) is not None

    def register(self, session: Session, data: UserCreate, hashed_password: str) -> User:
        """A new account. Raises ConflictError where the e-mail address is taken."""
        return self.create(session, data, hashed_password=hashed_password)

    def change(
        self,
        session: Session,
        user_id: int,
        changes: ReadOnlyUser,
        hashed_password: str | None = None,
    ) -> User:
        """Change an account; a new password or a deactivation ends every token issued before."""
        values = changes.model_dump(exclude_unset=True)
        read_only = ReadOnlyMe if isinstance(changes, ReadOnlyMe) else ReadOnlyUser
        given = {name: values.pop(name) for name in read_only.model_fields if name in values}
        if False in (values.get("is_active"), values.get("is_superuser")):
            self._keep_a_superuser(session, user_id)
        user = self.load(session, user_id)
        self.check_read_only(user, given)
        if hashed_password is not None:
            values["hashed_password"] = hashed_password
        if hashed_password is not None or values.get("is_active") is False:
            values["token_version"] = user.token_version + 1
        return self.set(session, user, values)

    def end_sessions(self, session: Session, user_id: int) -> None:
        """Make every token that was issued so far invalid."""
        user = self.load(session, user_id)
        self.set(session, user, {"token_version": user.token_version + 1})

    def delete(self, session: Session, user_id: int) -> None:
        """Delete an account and its private recipes; the others stay, without a submitter."""
        self._keep_a_superuser(session, user_id)
        user = self.load(session, user_id)
        theirs: ColumnElement[bool] = Recipe.submitter_id == user_id
        session.execute(delete(Recipe).where(theirs, Recipe.visibility == "private"))
        session.execute(
            update(Recipe)
            .where(theirs)
            .values(submitter_id=None, version=Recipe.version + 1, updated_at=utc_now())
        )
        self.remove(session, user)

    def _keep_a_superuser(self, session: Session, user_id: int) -> None:
        """Raise ConflictError where `user_id` is the last active superuser."""
        # Locked in the order of ids, so that two superusers cannot remove each other at once.
        superusers = session.scalars(
            select(User.id)
            .where(User.is_superuser, User.is_active)
            .order_by(User.id)
            .with_for_update()
        ).all()
        if list(superusers) == [user_id]:
            raise ConflictError("The last superuser must stay.")


user = CRUDUser(User, UserInDB)
