"""API tokens on the wire. The token itself goes out once, when it is made."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from app.core.policy import Scope
from app.schemas.types import Integral, RequestModel, ResponseModel, Text
from app.schemas.user import CurrentPassword

ApiScope = Literal["read", "write"]
Scopes = Annotated[
    list[ApiScope],
    Field(min_length=1, max_length=10, description="`read` opens every GET, `write` the rest."),
    AfterValidator(lambda scopes: [scope for scope in Scope if scope in scopes]),
]


class ApiTokenCreate(RequestModel):
    """A new token for a program of yours."""

    name: Annotated[str, Text(100, 1)]
    scopes: Scopes
    expires_in_days: Annotated[int, Field(ge=1, le=3650), Integral] = 90
    current_password: CurrentPassword | None = None


class ApiTokenPublic(ResponseModel):
    """A token as its owner sees it later."""

    id: int
    name: str
    scopes: list[ApiScope]
    expires_at: datetime
    created_at: datetime


class ApiTokenIssued(ApiTokenPublic):
    """A new token; `token` is never shown again."""

    token: str


class ApiTokenInDB(ApiTokenPublic):
    """A token as it is stored: its hash."""

    user_id: int
    token_hash: str
    updated_at: datetime
    version: int
