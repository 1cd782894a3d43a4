"""API tokens: request and response bodies. The token itself is returned only once."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from app.core.policy import Scope
from app.schemas.types import Integral, RequestModel, ResponseModel, Text
from app.schemas.user import CurrentPassword

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
