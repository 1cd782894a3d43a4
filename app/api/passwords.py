"""Password checks, sign-up and confirmation, with their rate limits."""

import logging
import time
from typing import Annotated

from fastapi import Depends

from app import crud
from app.api.deps import AppRateLimiter, ClientNetwork, CurrentViewer, DbReader, DbTransactions
from app.core.errors import ForbiddenError, UnavailableError
from app.core.password_rules import refuse_personal
from app.core.policy import Viewer
from app.core.security import hash_password, verify_password
from app.core.text import email_key
from app.crud import RateLimiter
from app.crud.rate_limit import FAILED_LOGINS, FAILED_LOGINS_OF_ADDRESS, LOG_INS, SIGN_UPS
from app.db.reader import Reader, Row
from app.db.transactions import Transactions
from app.models.user import User
from app.observability import metrics
from app.schemas.user import UserCreate

logger = logging.getLogger("app.limits")

RECENT_MINUTES = 10
"""How long after a log-in sensitive changes need no password."""


class PasswordCheck:
    """Compare passwords from one network.

    What fails counts for an account and address, and for the address, so another's guesses
    elsewhere lock no one out. What succeeds counts by itself, since it costs as much.
    """

    def __init__(self, limiter: RateLimiter, network: str, transactions: Transactions) -> None:
        self._limiter = limiter
        self._network = network
        self._transactions = transactions

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
        await self._limiter.check(LOG_INS, self._network, name)
        hashed = account["hashed_password"] if account and account["is_active"] else None
        matches, rehashed = await verify_password(password, hashed, self._network)
        # Concurrent guesses may all have passed the check above. So each failure is counted before
        # the response, and a success is reported only while fewer than the limit have failed.
        if not matches:
            metrics.FAILED_LOGINS.add()
        for limit, *subject in limits:
            await (self._limiter.check if matches else self._limiter.hit)(limit, *subject)
        if matches:
            await self._count_log_in(name)
        if account and hashed and rehashed:
            await self._transactions.run(crud.user.rehash, account["id"], hashed, rehashed)
        return matches

    async def _count_log_in(self, name: str) -> None:
        try:
            await self._limiter.hit(LOG_INS, self._network, name)
        except UnavailableError as error:
            # With a full disk people can still read what is theirs.
            logger.warning("A log-in could not be counted: %s", error)


async def password_check(
    limiter: AppRateLimiter, network: ClientNetwork, transactions: DbTransactions
) -> PasswordCheck:
    """Return the password check for the client of this request."""
    return PasswordCheck(limiter, network, transactions)


async def count_sign_up(limiter: RateLimiter, network: str) -> None:
    """Count a sign-up from `network`. Raise TooManyRequestsError."""
    await limiter.check(SIGN_UPS, network)
    await limiter.hit(SIGN_UPS, network)


async def register(
    data: UserCreate, limiter: RateLimiter, network: str, transactions: Transactions
) -> User:
    """Create an account for someone who signs up.

    Raises InvalidError, TooManyRequestsError or ConflictError.
    """
    refuse_personal(data.password, data.email, data.first_name, data.surname)
    await count_sign_up(limiter, network)
    hashed_password = await hash_password(data.password, network)
    return await transactions.run(crud.user.register, data, hashed_password)


ClientPassword = Annotated[PasswordCheck, Depends(password_check)]


class Confirmation:
    """Require the password for changes that a stolen token must not make."""

    def __init__(self, viewer: Viewer, db: Reader, is_password_of: PasswordCheck) -> None:
        self._viewer = viewer
        self._db = db
        self._is_password_of = is_password_of

    async def __call__(self, current_password: str | None) -> None:
        """Raise ForbiddenError unless the log-in is recent or `current_password` is right."""
        if time.time() - self._viewer.signed_in_at < RECENT_MINUTES * 60:
            return
        if current_password is not None:
            account = await crud.user.get_or_raise(self._db, self._viewer.id)
            if await self._is_password_of(account["email"], account, current_password):
                return
        raise ForbiddenError(
            "This needs your password: send it as current_password, or log in again and repeat the"
            f" request within {RECENT_MINUTES} minutes."
        )


async def confirmation(
    viewer: CurrentViewer, db: DbReader, is_password_of: ClientPassword
) -> Confirmation:
    """Return the confirmation for the viewer of this request."""
    return Confirmation(viewer, db, is_password_of)


Confirm = Annotated[Confirmation, Depends(confirmation)]
