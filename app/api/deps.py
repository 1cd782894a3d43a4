"""What routes declare that they need."""

from typing import Annotated, cast

from fastapi import Depends
from fastapi.security import OAuth2PasswordBearer
from starlette.requests import Request

from app import crud
from app.core.config import Settings
from app.core.errors import ForbiddenError, UnauthenticatedError
from app.core.security import ANONYMOUS, Viewer, read_access_token
from app.db.reader import Reader
from app.db.session import Writer

# All of these are asynchronous, also where nothing is awaited: a plain function would run in a
# thread, which takes longer than the read itself.


async def reader(request: Request) -> Reader:
    """The reading side of the database."""
    return cast(Reader, request.app.state.reader)


async def writer(request: Request) -> Writer:
    """Transactions."""
    return cast(Writer, request.app.state.writer)


async def settings(request: Request) -> Settings:
    """The settings of this application."""
    return cast(Settings, request.app.state.settings)


class _Bearer(OAuth2PasswordBearer):
    """Who asks, from the header Authorization (RFC 6750); without the header, anybody.

    It is one dependency instead of a chain, because every read pays for each link.
    """

    def __init__(self) -> None:
        super().__init__(tokenUrl="/api/v1/auth/login", scheme_name="password", auto_error=False)

    async def __call__(self, request: Request) -> Viewer:  # type: ignore[override] # a Viewer is what FastAPI injects, and the base class is here for the documentation
        """The viewer. Raises UnauthenticatedError for a token that is not good, everywhere."""
        header = request.headers.get("authorization")
        if header is None:
            return ANONYMOUS
        scheme, _, token = header.partition(" ")
        if scheme.lower() != "bearer":
            raise UnauthenticatedError("Send the token as Authorization: Bearer …")
        state = request.app.state
        claims = read_access_token(token.strip(), state.secret)
        account = claims and await crud.user.for_session(state.reader, claims.user_id)
        if (
            claims is None
            or account is None
            or not account["is_active"]
            or account["token_version"] != claims.token_version
        ):
            raise UnauthenticatedError("The token is not valid, or not any more.")
        return Viewer(account["id"], account["is_superuser"])


MaybeUser = Annotated[Viewer, Depends(_Bearer())]


async def current_user(viewer: MaybeUser) -> Viewer:
    """The viewer, signed in."""
    if viewer == ANONYMOUS:
        raise UnauthenticatedError("Sign in first: this needs a token.")
    return viewer


async def superuser(viewer: Annotated[Viewer, Depends(current_user)]) -> Viewer:
    """The viewer, a superuser."""
    if not viewer.is_superuser:
        raise ForbiddenError("Only superusers may do this.")
    return viewer


async def secret(request: Request) -> str:
    """The secret that signs tokens."""
    return cast(str, request.app.state.secret)


DbReader = Annotated[Reader, Depends(reader)]
DbWriter = Annotated[Writer, Depends(writer)]
AppSettings = Annotated[Settings, Depends(settings)]
CurrentUser = Annotated[Viewer, Depends(current_user)]
Superuser = Annotated[Viewer, Depends(superuser)]
SigningSecret = Annotated[str, Depends(secret)]
