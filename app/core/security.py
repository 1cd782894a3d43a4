"""Passwords and access tokens."""

import asyncio
import secrets
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import NamedTuple

import jwt
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

ISSUER = "recipe-api"
ALGORITHM = "HS256"

# The parameters are those of the OWASP Password Storage Cheat Sheet: 19 MiB, 2 passes, 1 lane.
_hasher = PasswordHash((Argon2Hasher(time_cost=2, memory_cost=19 * 1024, parallelism=1),))

COMMON_PASSWORDS = frozenset(
    Path(__file__).with_name("common_passwords.txt").read_text(encoding="utf-8").split()
)
"""What is tried first by those who guess, casefolded; the shorter ones are refused anyway."""

# Hashing is slow on purpose. It runs in threads of its own, few of them, so that a flood of
# logins queues here and neither the event loop nor the writers wait for it.
_threads = ThreadPoolExecutor(max_workers=2, thread_name_prefix="argon2")


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who asks. An anonymous reader has the id 0, which is nobody's."""

    id: int = 0
    is_superuser: bool = False

    def may_change(self, owner_id: int | None) -> bool:
        """Whether what belongs to `owner_id` (None: to nobody) is this viewer's to change."""
        return self.is_superuser or self.id == owner_id


ANONYMOUS = Viewer()


async def hash_password(password: str) -> str:
    """The argon2id hash of `password`, with its parameters and salt, as a string."""
    return await asyncio.get_running_loop().run_in_executor(_threads, hash_now, password)


def hash_now(password: str) -> str:
    """As `hash_password`, in the calling thread, for scripts."""
    return _hasher.hash(password)


@cache
def _dummy_hash() -> str:
    return hash_now(secrets.token_urlsafe())


async def verify_password(password: str, hashed: str | None) -> bool:
    """Whether `password` has the hash `hashed`; without a hash as slow as with one, and False."""
    loop = asyncio.get_running_loop()
    if hashed is None:
        dummy = await loop.run_in_executor(_threads, _dummy_hash)
        await loop.run_in_executor(_threads, _hasher.verify, password, dummy)
        return False
    return await loop.run_in_executor(_threads, _hasher.verify, password, hashed)


class Claims(NamedTuple):
    """What a valid token says: whose it is, and which generation of that user's tokens."""

    user_id: int
    token_version: int


def new_token_version() -> int:
    """A random start, so that no token of a deleted user fits a later one."""
    return secrets.randbelow(2**31)


def create_access_token(claims: Claims, secret: str, lifetime: timedelta) -> str:
    """A signed JWT (RFC 7519) for `claims`, valid for `lifetime` from now."""
    now = datetime.now(UTC)
    payload = {
        "sub": str(claims.user_id),
        "ver": claims.token_version,
        "iss": ISSUER,
        "aud": ISSUER,
        "iat": now,
        "exp": now + lifetime,
    }
    return jwt.encode(payload, secret, ALGORITHM)


def read_access_token(token: str, secret: str) -> Claims | None:
    """The claims of a token of ours that is still valid, else None."""
    try:
        payload = jwt.decode(
            token,
            secret,
            algorithms=[ALGORITHM],
            issuer=ISSUER,
            audience=ISSUER,
            options={"require": ["exp", "iat", "sub", "iss", "aud"]},
        )
        claims = Claims(int(payload["sub"]), int(payload["ver"]))
        return claims if 0 < claims.user_id < 2**63 else None
    except (jwt.InvalidTokenError, KeyError, TypeError, ValueError):
        return None
