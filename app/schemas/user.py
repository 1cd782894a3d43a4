"""Accounts on the wire. A password comes in and never goes out."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import MISSING, BaseModel, ConfigDict, Field

from app.schemas.types import Email, Id, Password, RequestModel, ResponseModel, Text, Timestamp

PersonName = Annotated[str, Text(100)]
OAuthText = Annotated[str, Field(max_length=1024)]


CurrentPassword = Annotated[
    str,
    Field(
        max_length=1024,
        json_schema_extra={"format": "password"},
        description="Your password, unless you have logged in within the last 10 minutes.",
    ),
]


class AccountConfirmation(RequestModel):
    """That you are who you say."""

    current_password: CurrentPassword | None = None


class UserCreate(RequestModel):
    """A new account. Members that it does not know have no effect."""

    model_config = ConfigDict(extra="ignore")

    email: Email
    password: Password
    first_name: PersonName | None = None
    surname: PersonName | None = None


class UserCreateByAdmin(UserCreate):
    """A new account, made by a superuser."""

    model_config = ConfigDict(extra="forbid")

    is_active: bool = True


class ReadOnlyUser(RequestModel):
    """What GET gave and may come back: each must equal what is stored.

    Nobody's body makes a superuser: operators do, with `recipes user promote`.
    """

    id: Id | MISSING = MISSING
    is_superuser: bool | MISSING = MISSING
    created_at: Timestamp | MISSING = MISSING


class ReadOnlyMe(ReadOnlyUser):
    """As above, with what only superusers change."""

    is_active: bool | MISSING = MISSING


class UserUpdate(ReadOnlyMe):
    """Changes to one's own account.

    A new password needs the current one. So does another e-mail address, unless the log-in was
    within the last 10 minutes.
    """

    email: Email | MISSING = MISSING
    first_name: PersonName | None | MISSING = MISSING
    surname: PersonName | None | MISSING = MISSING
    password: Password | MISSING = MISSING
    current_password: CurrentPassword | MISSING = MISSING


class UserUpdateByAdmin(ReadOnlyUser):
    """Changes to an account, made by a superuser."""

    email: Email | MISSING = MISSING
    first_name: PersonName | None | MISSING = MISSING
    surname: PersonName | None | MISSING = MISSING
    password: Password | MISSING = MISSING
    is_active: bool | MISSING = MISSING


class UserPublic(ResponseModel):
    """What everybody may know of somebody."""

    id: int
    first_name: str | None
    surname: str | None


class UserMe(UserPublic):
    """An account as its owner and superusers see it."""

    email: str
    is_superuser: bool
    is_active: bool
    created_at: datetime


class StorageOfMe(ResponseModel):
    """What an account stores. Its own resource: each write of a recipe changes it."""

    used: Annotated[
        int, Field(description="Bytes of the recipes, of those in the trash and of all versions.")
    ]
    quota: Annotated[int | None, Field(description="How many bytes may be stored; null: no limit.")]


class UserInDB(UserMe):
    """An account as it is stored."""

    email_key: str
    hashed_password: str
    token_version: int
    updated_at: datetime
    version: int


class LoginForm(BaseModel):
    """The form of the OAuth2 password grant (RFC 6749 section 4.3.2); `username` is the e-mail."""

    model_config = ConfigDict(extra="forbid")

    username: Annotated[str, Field(max_length=320)]
    password: Annotated[str, Field(max_length=1024, json_schema_extra={"format": "password"})]
    grant_type: Literal["password"] = "password"
    scope: OAuthText = ""
    client_id: OAuthText | None = None
    client_secret: OAuthText | None = None


class AccessToken(ResponseModel):
    """A token to send as `Authorization: Bearer …`; `expires_in` is in seconds."""

    access_token: str
    token_type: Literal["bearer"] = "bearer"  # noqa: S105 - a type of token, not a secret
    expires_in: int
