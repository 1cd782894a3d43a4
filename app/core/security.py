"""Passwords, access tokens and API tokens."""

import asyncio
import hashlib
import hmac
import secrets
import time
import unicodedata
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import lru_cache, partial
from typing import Any, NamedTuple, ParamSpec, TypeVar

import jwt
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from app.core.bounds import PASSWORDS_HASHED_OF_NETWORK, PASSWORDS_OF_NETWORK
from app.core.errors import UnavailableError
from app.core.threads import low_priority_threads

P = ParamSpec("P")
T = TypeVar("T")

ISSUER = "recipe-api"
PAGES = "recipe-pages"
"""The audience of browser sessions. Their tokens are refused by the API, and vice versa."""
ALGORITHM = "HS256"
MAX_PASSWORD = 1024
"""Bytes of a password."""
CLOCK_LEEWAY_SECONDS = 10
"""The tolerated clock difference to another server that issued a token."""
MAX_TOKEN = 1024
"""Characters of a token that we decode. Ours have at most about 250."""

# From the OWASP Password Storage Cheat Sheet: 19 MiB, 2 passes, 1 lane.
_hasher = PasswordHash((Argon2Hasher(time_cost=2, memory_cost=19 * 1024, parallelism=1),))

# Hashing is slow on purpose. It has its own two threads, so a flood of log-ins delays neither the
# event loop nor writers.
_threads = low_priority_threads(2, "argon2")
_waiting = 0

MAX_WAITING = 100
"""Passwords that may wait. At 25 ms each, the last one waits about a second."""

# Verifying against it takes as long as against a real hash. No password matches.
_DUMMY_HASH = f"$argon2id$v=19$m={19 * 1024},t=2,p=1${'A' * 22}${'A' * 43}"


async def hash_password(password: str, network: str | None = None) -> str:
    """Return the argon2id hash of `password`, with its parameters and salt.

    `network` is the network of the client, or None for operators and superusers.
    """
    return await _in_thread(network, hash_now, password)


def hash_now(password: str) -> str:
    """Hash in the calling thread, for scripts."""
    return _hasher.hash(_normalized(password))


async def verify_password(
    password: str, hashed: str | None, network: str | None = None
) -> tuple[bool, str | None]:
    """Return whether `password` matches, and a new hash if the parameters have changed.

    If `hashed` is None, return False after the same time.
    """
    if hashed is None:
        await _in_thread(network, _hasher.verify, _normalized(password), _DUMMY_HASH)
        return False, None
    return await _in_thread(network, _hasher.verify_and_update, _normalized(password), hashed)


def _normalized(password: str) -> str:
    """Return the password in NFC, as RFC 8265 requires, since keyboards differ."""
    # Longer ones match no account, and normalising many marks takes quadratic time.
    return unicodedata.normalize("NFC", password) if len(password) <= MAX_PASSWORD else password


class _Share:
    """The waiting passwords of one network, and its share of the threads."""

    def __init__(self) -> None:
        self.waiting = 0
        self.turns = asyncio.Semaphore(PASSWORDS_HASHED_OF_NETWORK)


_shares: defaultdict[tuple[asyncio.AbstractEventLoop, str | None], _Share] = defaultdict(_Share)


async def _in_thread(
    network: str | None, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs
) -> T:
    """Run `work` in a thread. Each network has a limited share of the threads.

    Raise UnavailableError if too many passwords wait.
    """
    global _waiting
    loop = asyncio.get_running_loop()
    share = _shares[loop, network]
    is_full = network is not None and share.waiting >= PASSWORDS_OF_NETWORK
    if _waiting >= MAX_WAITING or is_full:
        raise UnavailableError("Too many passwords are being checked. Please try again.")
    _waiting += 1
    share.waiting += 1
    try:
        async with share.turns:
            return await loop.run_in_executor(_threads, partial(work, *args, **kwargs))
    finally:
        _waiting -= 1
        share.waiting -= 1
        if not share.waiting:
            del _shares[loop, network]


class Claims(NamedTuple):
    """The claims of a valid token."""

    user_id: int
    token_version: int
    session_id: str = ""
    """The id of the browser session. Empty in a token of the API."""
    signed_in_at: int = 0
    """The Unix time of the log-in, which the renewal of a session does not change."""


def new_token_version() -> int:
    """Return a random number, so that no token of a deleted user fits a new one."""
    return secrets.randbelow(2**31)


def create_access_token(claims: Claims, secret: str, lifetime: timedelta) -> str:
    """Return a signed JWT (RFC 7519), valid for `lifetime` from now.

    If `claims.signed_in_at` is 0, the log-in is now.
    """
    now = datetime.now(UTC)
    payload: dict[str, Any] = {
        "sub": str(claims.user_id),
        "ver": claims.token_version,
        "iss": ISSUER,
        "aud": PAGES if claims.session_id else ISSUER,
        "iat": now,
        "exp": now + lifetime,
        "auth_time": claims.signed_in_at or int(now.timestamp()),
    }
    if claims.session_id:
        payload["sid"] = claims.session_id
    return jwt.encode(payload, secret, ALGORITHM)


def read_access_token(token: str, secret: str) -> Claims | None:
    """Return the claims of a valid API access token, else None."""
    return (found := _read(token, secret, ISSUER)) and found[0]


def read_session_token(token: str, secret: str) -> tuple[Claims, int] | None:
    """Return the claims of a valid browser session and the Unix time of its end, else None."""
    return _read(token, secret, PAGES)


def _read(token: str, secret: str, audience: str) -> tuple[Claims, int] | None:
    if len(token) > MAX_TOKEN:
        return None
    try:
        claims, expires_at = _verified(token, secret, audience)
    except (jwt.InvalidTokenError, KeyError, TypeError, ValueError, OverflowError):
        return None
    valid = time.time() < expires_at and 0 < claims.user_id < 2**63
    return (claims, expires_at) if valid else None


# Clients send the same token with each request, and verifying takes longer than reading a recipe.
# Invalid tokens raise, and are not cached.
@lru_cache(1024)
def _verified(token: str, secret: str, audience: str) -> tuple[Claims, int]:
    """Return the claims of a token and the Unix time of its end, or raise."""
    payload = jwt.decode(
        token,
        secret,
        algorithms=[ALGORITHM],
        issuer=ISSUER,
        audience=audience,
        options={"require": ["exp", "iat", "sub", "iss", "aud"], "verify_iat": False},
    )
    if payload["iat"] > time.time() + CLOCK_LEEWAY_SECONDS:
        raise jwt.ImmatureSignatureError
    # Tokens issued before `auth_time` existed count as an old log-in.
    session = str(payload.get("sid", "")), int(payload.get("auth_time", 0))
    return Claims(int(payload["sub"]), int(payload["ver"]), *session), int(payload["exp"])


def form_token(session_id: str, secret: str) -> str:
    """Return the CSRF token for the forms of a session."""
    return hmac.new(secret.encode(), f"form {session_id}".encode(), "sha256").hexdigest()


def new_share_key() -> str:
    """Return a random key for a share link: 128 bits, safe in a URL."""
    return secrets.token_urlsafe(16)


API_TOKEN_PREFIX = "rcp_"  # noqa: S105 - A prefix, so that scanners recognise a leaked token.


def new_api_token() -> str:
    """Return a random API token of 256 bits."""
    return API_TOKEN_PREFIX + secrets.token_urlsafe(32)


def hash_api_token(token: str) -> str:
    """Return the stored digest of an API token. It is random, so a fast hash is enough."""
    return hashlib.sha256(token.encode()).hexdigest()
