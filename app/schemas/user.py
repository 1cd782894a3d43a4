"""Accounts and API tokens: request and response bodies. A password is never returned."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import MISSING, AfterValidator, BaseModel, ConfigDict, Field

from app.core.policy import Scope
from app.schemas.types import (
    Email,
    Id,
    Integral,
    Password,
    RequestModel,
    ResponseModel,
    Text,
    Timestamp,
)

PersonName = Annotated[str, Text(100)]
OAuthText = Annotated[str, Field(max_length=1024)]


CurrentPassword = Annotated[
    str,
    Field(
        max_length=1024,
        json_schema_extra={"format": "password"},
        description="Your password. Optional if you logged in within the last 10 minutes.",
    ),
]


class AccountConfirmation(RequestModel):
    """Proof of identity."""

    current_password: CurrentPassword | None = None


class UserCreate(RequestModel):
    """A new account. Unknown members are ignored."""

    model_config = ConfigDict(extra="ignore")

    email: Email
    password: Password
    first_name: PersonName | None = None
    surname: PersonName | None = None


class UserCreateByAdmin(UserCreate):
    """A new account, created by a superuser."""

    model_config = ConfigDict(extra="forbid")

    is_active: bool = True


class ReadOnlyUser(RequestModel):
    """Read-only members that may be sent back. Each must equal the stored value.

    No request makes a superuser. Operators do, with `recipes user promote`.
    """

    id: Id | MISSING = MISSING
    is_superuser: bool | MISSING = MISSING
    created_at: Timestamp | MISSING = MISSING


class ReadOnlyMe(ReadOnlyUser):
    """The same, with members that only superusers change."""

    is_active: bool | MISSING = MISSING


class UserUpdate(ReadOnlyMe):
    """Changes to your own account.

    A new password requires the current one. So does a new e-mail address, unless you logged in
    within the last 10 minutes.
    """

    email: Email | MISSING = MISSING
    first_name: PersonName | None | MISSING = MISSING
    surname: PersonName | None | MISSING = MISSING
    password: Password | MISSING = MISSING
    current_password: CurrentPassword | MISSING = MISSING


class UserUpdateByAdmin(ReadOnlyUser):
    """Changes to an account by a superuser."""

    email: Email | MISSING = MISSING
    first_name: PersonName | None | MISSING = MISSING
    surname: PersonName | None | MISSING = MISSING
    password: Password | MISSING = MISSING
    is_active: bool | MISSING = MISSING


class UserPublic(ResponseModel):
    """The public profile of an account."""

    id: int
    first_name: str | None
    surname: str | None


class UserMe(UserPublic):
    """An account, as seen by its owner and superusers."""

    email: str
    is_superuser: bool
    is_active: bool
    created_at: datetime


class StorageOfMe(ResponseModel):
    """The storage of an account. A separate resource, since each write of a recipe changes it."""

    used: Annotated[
        int, Field(description="Bytes of all recipes, the trash and versions included.")
    ]
    quota: Annotated[int | None, Field(description="Bytes that may be stored. null: no limit.")]


class UserInDB(UserMe):
    """An account as stored."""

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
    """A token for `Authorization: Bearer …`. `expires_in` is in seconds."""

    access_token: str
    token_type: Literal["bearer"] = "bearer"  # noqa: S105 - A type of token, not a secret.
    expires_in: int


# --- API tokens ----------------------------------------------------------------------------------


ApiScope = Literal["read", "write"]
Scopes = Annotated[
    list[ApiScope],
    Field(
        min_length=1, max_length=10, description="`read` allows every GET, `write` everything else."
    ),
    AfterValidator(lambda scopes: [scope for scope in Scope if scope in scopes]),
]


class ApiTokenCreate(RequestModel):
    """A new API token."""

    name: Annotated[str, Text(100, 1)]
    scopes: Scopes
    expires_in_days: Annotated[int, Field(ge=1, le=3650), Integral] = 90
    current_password: CurrentPassword | None = None


class ApiTokenPublic(ResponseModel):
    """An API token, without the token itself."""

    id: int
    name: str
    scopes: list[ApiScope]
    expires_at: datetime
    created_at: datetime


class ApiTokenIssued(ApiTokenPublic):
    """A new API token. `token` is never shown again."""

    token: str


class ApiTokenInDB(ApiTokenPublic):
    """An API token as stored, with its hash."""

    user_id: int
    token_hash: str
    updated_at: datetime
    version: int
