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
"""The audience of a browser's sessions; a token of theirs opens no API, nor the other way round."""
ALGORITHM = "HS256"
MAX_PASSWORD = 1024
"""Bytes of a password."""
CLOCK_LEEWAY_SECONDS = 10
"""How far the clock of another server, which issued a token, may be ahead of ours."""
MAX_TOKEN = 1024
"""Characters of a token; ours have about 250 at most, and longer ones are not worth decoding."""

# The parameters are those of the OWASP Password Storage Cheat Sheet: 19 MiB, 2 passes, 1 lane.
_hasher = PasswordHash((Argon2Hasher(time_cost=2, memory_cost=19 * 1024, parallelism=1),))

# Hashing is slow on purpose. It runs in threads of its own, few of them, so that a flood of
# logins queues here and neither the event loop nor the writers wait for it.
_threads = low_priority_threads(2, "argon2")
_waiting = 0

MAX_WAITING = 100
"""Passwords in hand at once; with 25 ms each, the last of them waits for about a second."""

# The form of a hash is enough to compute one as slowly. No password has it.
_DUMMY_HASH = f"$argon2id$v=19$m={19 * 1024},t=2,p=1${'A' * 22}${'A' * 43}"


async def hash_password(password: str, network: str | None = None) -> str:
    """The argon2id hash of `password`, with its parameters and salt, as a string.

    `network` is where it comes from; None: from an operator or a superuser.
    """
    return await _in_thread(network, hash_now, password)


def hash_now(password: str) -> str:
    """As `hash_password`, in the calling thread, for scripts."""
    return _hasher.hash(_normalized(password))


async def verify_password(
    password: str, hashed: str | None, network: str | None = None
) -> tuple[bool, str | None]:
    """Whether `password` has the hash `hashed`, and the hash to keep instead where that is dated.

    Without a hash it takes as long as with one, and the answer is no.
    """
    if hashed is None:
        await _in_thread(network, _hasher.verify, _normalized(password), _DUMMY_HASH)
        return False, None
    return await _in_thread(network, _hasher.verify_and_update, _normalized(password), hashed)


def _normalized(password: str) -> str:
    """The same password from every keyboard: NFC, as RFC 8265 says for passwords."""
    # No account has a longer one, and of many marks normalising takes the square of the time.
    return unicodedata.normalize("NFC", password) if len(password) <= MAX_PASSWORD else password


class _Share:
    """The passwords of one network that are in hand, and its turns for the threads."""

    def __init__(self) -> None:
        self.waiting = 0
        self.turns = asyncio.Semaphore(PASSWORDS_HASHED_OF_NETWORK)


_shares: defaultdict[tuple[asyncio.AbstractEventLoop, str | None], _Share] = defaultdict(_Share)


async def _in_thread(
    network: str | None, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs
) -> T:
    """Run `work` in a thread. Passwords of one network wait for each other, not in front of others.

    Raises UnavailableError if too many wait.
    """
    global _waiting
    loop = asyncio.get_running_loop()
    share = _shares[loop, network]
    is_full = network is not None and share.waiting >= PASSWORDS_OF_NETWORK
    if _waiting >= MAX_WAITING or is_full:
        raise UnavailableError("Too many passwords are being checked just now.")
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
    """What a valid token says: whose it is, and which generation of that user's tokens."""

    user_id: int
    token_version: int
    session_id: str = ""
    """Which session of a browser; a token of the API is of none."""
    signed_in_at: int = 0
    """The Unix time of the log-in, however often a session was prolonged since."""


def new_token_version() -> int:
    """A random start, so that no token of a deleted user fits a later one."""
    return secrets.randbelow(2**31)


def create_access_token(claims: Claims, secret: str, lifetime: timedelta) -> str:
    """A signed JWT (RFC 7519) for `claims`, valid for `lifetime` from now.

    `claims` without the time of a log-in are of one that happens now.
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
    """The claims of a token of the API that is still valid, else None."""
    return (found := _read(token, secret, ISSUER)) and found[0]


def read_session_token(token: str, secret: str) -> tuple[Claims, int] | None:
    """The claims of a browser's session, and the Unix time of its end; None where it is no more."""
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


# A client sends the same token with each request, and to verify it takes longer than to read a
# recipe. What is not valid raises, and is not remembered.
@lru_cache(1024)
def _verified(token: str, secret: str, audience: str) -> tuple[Claims, int]:
    """The claims of a token that is valid now, and the Unix time of its end."""
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
    # A token that was issued before tokens had `auth_time` is of no recent log-in.
    session = str(payload.get("sid", "")), int(payload.get("auth_time", 0))
    return Claims(int(payload["sub"]), int(payload["ver"]), *session), int(payload["exp"])


def form_token(session_id: str, secret: str) -> str:
    """What the forms of one session carry, so that another site cannot send them (CSRF)."""
    return hmac.new(secret.encode(), f"form {session_id}".encode(), "sha256").hexdigest()


def new_share_key() -> str:
    """Return a random key for a share link: 128 bits, safe in a URL."""
    return secrets.token_urlsafe(16)


API_TOKEN_PREFIX = "rcp_"  # noqa: S105 - what tokens begin with, so that scanners find a leaked one


def new_api_token() -> str:
    """A random API token: nobody guesses 256 bits."""
    return API_TOKEN_PREFIX + secrets.token_urlsafe(32)


def hash_api_token(token: str) -> str:
    """What is stored of an API token. It is random, so a fast hash keeps it as well as a slow."""
    return hashlib.sha256(token.encode()).hexdigest()
