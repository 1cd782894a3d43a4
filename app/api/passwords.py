"""Passwords of clients, compared so that guessing does not pay."""

from typing import Annotated

from fastapi import Depends

from app import crud
from app.api.deps import AppRateLimiter, ClientNetwork, DbWriter
from app.core import metrics
from app.core.security import verify_password
from app.core.text import email_key
from app.crud import RateLimiter
from app.crud.rate_limit import FAILED_LOGINS, FAILED_LOGINS_OF_ADDRESS
from app.db.reader import Row
from app.db.session import Writer


class PasswordCheck:
    """Compares passwords that come from one network.

    Only what fails is counted, so nobody is locked out by their own log-ins, nor by another's
    guesses elsewhere.
    """

    def __init__(self, limiter: RateLimiter, network: str, write: Writer) -> None:
        self._limiter = limiter
        self._network = network
        self._write = write

    async def __call__(self, email: str, account: Row | None, password: str) -> bool:
        """Whether `password` is that of `account`, which `email` names and which may be missing.

        Takes as long for an account that is missing or disabled. Raises TooManyRequestsError.
        """
        try:
            name = email_key(email)
        except ValueError:
            name = email
        limits = ((FAILED_LOGINS_OF_ADDRESS, self._network), (FAILED_LOGINS, self._network, name))
        for limit, *subject in limits:
            await self._limiter.check(limit, *subject)
        hashed = account["hashed_password"] if account and account["is_active"] else None
        matches, rehashed = await verify_password(password, hashed)
        # Many guesses may have passed the check above at once. So each that fails is counted before
        # it is answered, and one that hits is told only while fewer than the limit have failed.
        if not matches:
            metrics.FAILED_LOGINS.add()
        for limit, *subject in limits:
            await (self._limiter.check if matches else self._limiter.hit)(limit, *subject)
        if account and hashed and rehashed:
            await self._write(crud.user.rehash, account["id"], hashed, rehashed)
        return matches


async def password_check(
    limiter: AppRateLimiter, network: ClientNetwork, write: DbWriter
) -> PasswordCheck:
    """The comparison for the client of this request."""
    return PasswordCheck(limiter, network, write)


ClientPassword = Annotated[PasswordCheck, Depends(password_check)]
