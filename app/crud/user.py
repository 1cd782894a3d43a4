"""Accounts."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from pydantic import BaseModel
from sqlalchemy import bindparam, case, delete, exists, func, select, update
from sqlalchemy.orm import Session

from app.core.errors import ConflictError, ForbiddenError, InvalidTokenError, NotFoundError
from app.core.policy import Viewer
from app.core.preconditions import Precondition
from app.core.text import email_key
from app.crud.base import CRUDBase, PageOfRows
from app.crud.paging.list_query import Filter, ListQuery
from app.crud.recipe import recipe
from app.crud.recipe_filters import IS_PUBLIC
from app.db.reader import CompiledQuery, Reader, Row
from app.models.recipe import Recipe
from app.models.user import BEING_DELETED, ApiToken, User
from app.schemas.page import PageQuery
from app.schemas.user import (
    ReadOnlyMe,
    ReadOnlyUser,
    UserCreate,
    UserInDB,
    UserMe,
    UserPublic,
    UserUpdate,
    UserUpdateByAdmin,
)

_BEING_DELETED = User.email_key.startswith(BEING_DELETED, autoescape=True)
_PRESENT = ~_BEING_DELETED
_UNFINISHED = CompiledQuery(select(User.id).where(_BEING_DELETED).limit(1))

_BY_EMAIL = CompiledQuery(select(*User.__table__.c).where(User.email_key == bindparam("email_key")))
_PUBLISHES = exists().where(Recipe.submitter_id == User.id, Recipe.deleted_at.is_(None), IS_PUBLIC)
_PROFILE_FOR_OTHERS = CompiledQuery(
    select(
        User.id,
        *(
            case((_PUBLISHES, column)).label(column.key)
            for column in (User.first_name, User.surname)
        ),
    ).where(User.id == bindparam("id"), _PRESENT),
    model=UserPublic,
)
_SUPERUSERS = select(User.id).where(User.is_superuser, User.is_active).order_by(User.id)

DELETED_AT_ONCE = 500
"""With at most this many recipes, an account is deleted in one transaction, in about a second."""
DETACHED_PER_STEP = 100
"""Recipes of one transaction of a larger account. Others can write in between."""

_KEEP, _DELETE = "keep", "delete"
"""Whether the public and unlisted recipes of a deleted account stay."""


class AccountOfOperator(NamedTuple):
    """An account on the command line."""

    account: User
    recipes: dict[str, int]
    """Their number by visibility, those in the trash as `trash`."""
    tokens: int


class CRUDUser(CRUDBase[User, UserCreate, BaseModel]):
    """Accounts; their e-mail address is unique by its key."""

    sorts = {"created_at": User.created_at}
    filters = {"is_present": Filter(condition=_PRESENT, in_thread=False)}
    representation = UserMe
    conflicts = {"uq_user_email_key": "There is an account with this e-mail address already."}

    def derived(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return the unique key."""
        return {"email_key": email_key(values["email"])} if "email" in values else {}

    async def list_all(self, db: Reader, query: PageQuery) -> PageOfRows:
        """Return a page of all accounts, the newest first."""
        filters = {"is_present": True}
        listed = ListQuery.of(query, view=UserMe, sort="-created_at", filters=filters)
        return await self.page(db, listed)

    async def get_by_email(self, db: Reader, email: str) -> Row | None:
        """Return the account with this address, in any spelling, or None."""
        try:
            key = email_key(email)
        except ValueError:
            return None
        return await db.first(_BY_EMAIL, {"email_key": key})

    async def profile(self, db: Reader, user_id: int, viewer: Viewer) -> Row | None:
        """Return what `viewer` may know of an account, as `UserPublic`, or None.

        The names of those who have published nothing are for themselves and superusers only.
        """
        if viewer.may_change(user_id):
            return await self.get(db, user_id, view=UserPublic)
        return await db.first(_PROFILE_FOR_OTHERS, {"id": user_id})

    def has_superuser(self, session: Session) -> bool:
        """Return whether there is a superuser, active or not."""
        return self.first_superuser_id(session) is not None

    def first_superuser_id(self, session: Session) -> int | None:
        """Return the id of the first superuser, active or not."""
        return session.scalar(select(User.id).where(User.is_superuser).order_by(User.id).limit(1))

    def load_viewer(self, session: Session, viewer: Viewer) -> User:
        """Return the account of `viewer`, locked. Raises InvalidTokenError if it has ended."""
        account = session.get(User, viewer.id, with_for_update=True)
        if account is None or account.token_version != viewer.token_version:
            raise InvalidTokenError
        return account

    def register(
        self, session: Session, data: UserCreate, hashed_password: str, is_superuser: bool = False
    ) -> User:
        """Create an account. Raises ConflictError if the e-mail address is taken."""
        return self.create(
            session, data, hashed_password=hashed_password, is_superuser=is_superuser
        )

    def change_own(
        self,
        session: Session,
        viewer: Viewer,
        changes: UserUpdate,
        hashed_password: str | None,
        precondition: Precondition,
    ) -> User:
        """Change the account of `viewer`; a new password ends every token, this one included."""
        account = self.load_viewer(session, viewer)
        self.check(account, precondition)
        values = self._without_read_only(account, changes, ReadOnlyMe)
        return self._set_account(session, account, values, hashed_password)

    def change_other(
        self,
        session: Session,
        user_id: int,
        viewer: Viewer,
        changes: UserUpdateByAdmin,
        hashed_password: str | None,
        precondition: Precondition,
    ) -> User:
        """Change an account as a superuser. A new password or a deactivation ends every token.

        A superuser's address and password, which would take over everything, are theirs to change:
        they do it themselves, with their password, or an operator does.
        """
        if "is_active" in changes.model_fields_set:
            self._lock_superusers(session)
        account = self.load(session, user_id)
        self.check(account, precondition)
        values = self._without_read_only(account, changes, ReadOnlyUser)
        takes_over = "password" in values or values.get("email", account.email) != account.email
        if takes_over:
            # An API token must not open more of another account than of the own one.
            viewer.need_log_in()
        if account.is_superuser and takes_over:
            raise ForbiddenError("A superuser's address and password are not others' to change.")
        return self._set_account(session, account, values, hashed_password)

    def administer(
        self,
        session: Session,
        email: str,
        *,
        hashed_password: str | None = None,
        is_active: bool | None = None,
        is_superuser: bool | None = None,
    ) -> User:
        """Change an account on the command line. Raises NotFoundError for an unknown address."""
        self._lock_superusers(session)
        account = self._load_by_email(session, email)
        given = {"is_active": is_active, "is_superuser": is_superuser}
        values = {name: value for name, value in given.items() if value is not None}
        return self._set_account(session, account, values, hashed_password)

    def id_for_operator(self, session: Session, email: str | None) -> int:
        """Return the id of the account with this address, by default of the first superuser."""
        if email is not None:
            return self._load_by_email(session, email).id
        found = self.first_superuser_id(session)
        if found is None:
            raise NotFoundError(
                "There is no superuser: `recipes user create EMAIL --superuser` makes one."
            )
        return found

    def _load_by_email(self, session: Session, email: str) -> User:
        try:
            by_email = User.email_key == email_key(email)
        except ValueError:
            raise self.not_found() from None
        account = session.scalar(select(User).where(by_email).with_for_update())
        if account is None:
            raise self.not_found()
        return account

    def rehash(self, session: Session, user_id: int, old: str, new: str) -> None:
        """Store a hash with today's parameters, unless the password has changed since."""
        unchanged = User.id == user_id, User.hashed_password == old
        # The account itself is unchanged, so `updated_at` stays.
        values = {"hashed_password": new, "updated_at": User.updated_at}
        session.execute(update(User).where(*unchanged).values(values))

    def end_sessions(self, session: Session, viewer: Viewer) -> None:
        """Make every token of `viewer` that was issued so far invalid."""
        account = self.load_viewer(session, viewer)
        self._end_tokens(session, account)
        self.flush(session)

    # --- Deletion --------------------------------------------------------------------------------

    def delete(self, session: Session, user_id: int, precondition: Precondition) -> bool:
        """Delete an account and its private recipes; the others stay, without a submitter.

        Return whether that is all. An account with more recipes than one transaction takes loses
        everything personal and its tokens; `continue_deletion` does the rest.
        """
        self._lock_superusers(session)
        account = self.load(session, user_id)
        self.check(account, precondition)
        return self._begin_deletion(session, account, _KEEP)

    def delete_by_email(self, session: Session, email: str, *, with_recipes: bool) -> bool:
        """Delete an account on the command line; with `with_recipes`, all of its recipes too."""
        self._lock_superusers(session)
        account = self._load_by_email(session, email)
        return self._begin_deletion(session, account, _DELETE if with_recipes else _KEEP)

    def _begin_deletion(self, session: Session, account: User, mode: str) -> bool:
        self._keep_a_superuser(session, account)
        if not recipe.has_more_than(session, account.id, DELETED_AT_ONCE):
            with_recipes = mode == _DELETE
            recipe.detach(session, account.id, DELETED_AT_ONCE, with_recipes=with_recipes)
            self.remove(session, account)
            return True
        self._end_tokens(session, account)
        account.email, account.email_key = "", f"{BEING_DELETED}{mode}:{account.id}"
        account.first_name = account.surname = None
        account.hashed_password = ""
        account.is_active = account.is_superuser = False
        self.flush(session)
        return False

    def continue_deletion(self, session: Session) -> bool:
        """Run one step of a deletion that was begun. Return whether there was one.

        One process at a time works on an account, and others can write between two calls.
        """
        rows = select(User).where(_BEING_DELETED).order_by(User.id).limit(1)
        account = session.scalar(rows.with_for_update(skip_locked=True))
        if account is None:
            return False
        mode = account.email_key.removeprefix(BEING_DELETED).partition(":")[0]
        step = DETACHED_PER_STEP
        if recipe.detach(session, account.id, step, with_recipes=mode == _DELETE) < step:
            self.remove(session, account)
        return True

    async def has_unfinished_deletion(self, db: Reader) -> bool:
        """Return whether `continue_deletion` has something to do."""
        return await db.first(_UNFINISHED) is not None

    def _make_get_statement(self, view: type[BaseModel]) -> CompiledQuery:
        present = select(*self.columns(view)).where(User.id == bindparam("id"), _PRESENT)
        return CompiledQuery(present, model=view)

    def load(self, session: Session, row_id: int) -> User:
        """Return the account, locked, unless it is being deleted."""
        account = super().load(session, row_id)
        if account.email_key.startswith(BEING_DELETED):
            raise self.not_found()
        return account

    # --- The command line ------------------------------------------------------------------------

    def page_for_operator(self, session: Session, after_id: int, limit: int) -> Sequence[User]:
        """Return the accounts after an id, in the order of ids, including those being deleted."""
        rows = select(User).where(User.id > after_id).order_by(User.id).limit(limit)
        return session.scalars(rows).all()

    def get_for_operator(self, session: Session, email: str) -> AccountOfOperator:
        """Return an account and what it has. Raises NotFoundError for an unknown address."""
        account = self._load_by_email(session, email)
        tokens = select(func.count()).where(ApiToken.user_id == account.id)
        recipes = recipe.count_of(session, account.id)
        return AccountOfOperator(account, recipes, session.scalar(tokens) or 0)

    # --- Parts of the above ----------------------------------------------------------------------

    def _without_read_only(
        self, account: User, changes: BaseModel, read_only: type[BaseModel]
    ) -> dict[str, Any]:
        """Return what `changes` sets, after checking that read-only members are as stored."""
        values = changes.model_dump(exclude_unset=True)
        given = {name: values.pop(name) for name in read_only.model_fields if name in values}
        self.check_read_only(account, given)
        return values

    def _set_account(
        self, session: Session, account: User, values: dict[str, Any], hashed_password: str | None
    ) -> User:
        if False in (values.get("is_active"), values.get("is_superuser")):
            self._keep_a_superuser(session, account)
        if hashed_password is not None:
            values["hashed_password"] = hashed_password
        if hashed_password is not None or values.get("is_active") is False:
            self._end_tokens(session, account)
        return self.set(session, account, values)

    def _end_tokens(self, session: Session, account: User) -> None:
        account.token_version += 1
        session.execute(delete(ApiToken).where(ApiToken.user_id == account.id))

    def _lock_superusers(self, session: Session) -> None:
        # In the order of ids and before any other row, so that two superusers can neither delete
        # each other nor deadlock.
        session.execute(_SUPERUSERS.with_for_update())

    def _keep_a_superuser(self, session: Session, account: User) -> None:
        """Raise ConflictError if `account` is the last active superuser."""
        if session.scalars(_SUPERUSERS).all() == [account.id]:
            raise ConflictError("The last superuser must stay.")


user = CRUDUser(User, UserInDB)
