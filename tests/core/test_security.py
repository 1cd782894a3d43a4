"""Passwords and tokens."""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from pwdlib.hashers.argon2 import Argon2Hasher

from app.core.bounds import PASSWORDS_HASHED_OF_NETWORK, PASSWORDS_OF_NETWORK
from app.core.errors import UnavailableError
from app.core.security import (
    CLOCK_LEEWAY_SECONDS,
    ISSUER,
    MAX_WAITING,
    Claims,
    create_access_token,
    form_token,
    hash_password,
    new_token_version,
    read_access_token,
    read_session_token,
    verify_password,
)

SECRET = "a secret for the tests here, long enough for the algorithms that must not do"
CLAIMS = Claims(7, 12345, signed_in_at=1_800_000_000)
HOUR = timedelta(hours=1)

# --- Passwords -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "password", ["seven wooden spoons", "クレームブリュレ", "\0\n\t \x7f", "x" * 1024], ids=ascii
)
def test_a_password_fits_its_hash(password: str) -> None:
    async def check() -> tuple[bool, str | None]:
        hashed = await hash_password(password)
        assert password not in hashed
        assert await verify_password(password, hashed) == (True, None)
        return await verify_password("other", hashed)

    assert asyncio.run(check()) == (False, None)


def test_each_hash_has_its_own_salt_and_the_chosen_cost() -> None:
    async def hash_twice() -> set[str]:
        return {await hash_password("seven wooden spoons") for _ in range(2)}

    hashes = asyncio.run(hash_twice())
    assert len(hashes) == 2
    for hashed in hashes:
        assert hashed.startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_passwords_that_differ_at_their_end_differ() -> None:
    # Where bcrypt would look at the first 72 bytes alone.
    async def check() -> bool:
        matches, _ = await verify_password("x" * 72 + "b", await hash_password("x" * 72 + "a"))
        return matches

    assert not asyncio.run(check())


def test_without_a_hash_no_password_fits() -> None:
    assert asyncio.run(verify_password("seven wooden spoons", None)) == (False, None)


def test_a_hash_of_other_parameters_fits_and_is_to_be_replaced() -> None:
    dated = Argon2Hasher(time_cost=1, memory_cost=1024, parallelism=1).hash("seven wooden spoons")

    async def check() -> None:
        matches, rehashed = await verify_password("seven wooden spoons", dated)
        assert matches
        assert rehashed is not None
        assert rehashed.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
        assert await verify_password("seven wooden spoons", rehashed) == (True, None)
        assert await verify_password("other", dated) == (False, None)

    asyncio.run(check())


def test_a_password_is_the_same_from_every_keyboard() -> None:
    async def check() -> None:
        hashed = await hash_password("cr\u00e8me br\u00fbl\u00e9e")
        assert await verify_password("cre\u0300me bru\u0302le\u0301e", hashed) == (True, None)
        assert await verify_password("CR\u00c8ME BR\u00dbL\u00c9E", hashed) == (False, None)

    asyncio.run(check())


def test_passwords_queue_only_so_long() -> None:
    async def check() -> None:
        waiting = [asyncio.create_task(hash_password("x")) for _ in range(MAX_WAITING)]
        await asyncio.sleep(0)
        with pytest.raises(UnavailableError):
            await hash_password("x")
        for task in waiting[2:]:
            task.cancel()
        await asyncio.wait(waiting)
        assert await hash_password("x")

    asyncio.run(check())


def test_passwords_of_one_network_wait_behind_each_other() -> None:
    async def check() -> None:
        many = [
            asyncio.create_task(hash_password("x", "10.0.0.1")) for _ in range(PASSWORDS_OF_NETWORK)
        ]
        await asyncio.sleep(0)
        with pytest.raises(UnavailableError):
            await hash_password("x", "10.0.0.1")
        assert await hash_password("x", "10.0.0.2")
        # Of those that came before it, some had a thread or were about to have one.
        assert sum(task.done() for task in many) <= 2 * PASSWORDS_HASHED_OF_NETWORK
        await asyncio.gather(*many)

    asyncio.run(check())


def test_the_event_loop_goes_on_while_a_password_is_hashed() -> None:
    async def steps_until_done(work: asyncio.Task[Any]) -> int:
        steps = 0
        while not work.done():
            steps += 1
            await asyncio.sleep(0)
        return steps

    async def check() -> None:
        # On the loop each would be done at its first step.
        assert await steps_until_done(asyncio.create_task(hash_password("x"))) > 2
        hashed = await hash_password("x")
        assert await steps_until_done(asyncio.create_task(verify_password("x", hashed))) > 2
        assert await steps_until_done(asyncio.create_task(verify_password("x", None))) > 2

    asyncio.run(check())


# --- Tokens --------------------------------------------------------------------------------------


def payload(without: str = "", **changes: Any) -> dict[str, Any]:
    """What a good token says, but for a member and for `changes`."""
    token = create_access_token(CLAIMS, SECRET, HOUR)
    said: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return {name: value for name, value in (said | changes).items() if name != without}


def signed(said: dict[str, Any], secret: str = SECRET, algorithm: str = "HS256") -> str:
    return jwt.encode(said, secret, algorithm)


def test_a_token_says_whose_it_is() -> None:
    assert read_access_token(create_access_token(CLAIMS, SECRET, HOUR), SECRET) == CLAIMS
    # So that what is refused below is refused for its change.
    assert read_access_token(signed(payload()), SECRET) == CLAIMS


def test_a_token_says_when_its_owner_logged_in() -> None:
    before = int(time.time())
    now = read_access_token(create_access_token(Claims(7, 12345), SECRET, HOUR), SECRET)
    assert now is not None
    assert before <= now.signed_in_at <= time.time()
    # Those issued by the versions before do not say it, and go on being good.
    old = read_access_token(signed(payload("auth_time")), SECRET)
    assert old == CLAIMS._replace(signed_in_at=0)


def test_a_token_tells_nothing_else() -> None:
    assert payload().keys() == {"sub", "ver", "iss", "aud", "iat", "exp", "auth_time"}


def test_the_session_of_a_browser_and_the_token_of_an_api_do_not_open_each_other() -> None:
    session = CLAIMS._replace(session_id="a session")
    token = create_access_token(session, SECRET, HOUR)
    read = read_session_token(token, SECRET)
    assert read is not None
    assert read[0] == session
    assert payload(exp=read[1])["exp"] >= NOW.timestamp() + HOUR.total_seconds() - 1
    assert read_access_token(token, SECRET) is None
    assert read_session_token(create_access_token(CLAIMS, SECRET, HOUR), SECRET) is None


def test_the_token_of_a_form_is_of_one_session_and_one_secret() -> None:
    tokens = {form_token(name, secret) for name in ("a", "b") for secret in (SECRET, SECRET[1:])}
    assert len(tokens) == 4
    assert form_token("a", SECRET) in tokens


NOW = datetime.now(UTC)
GOOD = signed(payload())
BAD_TOKENS = {
    "no token": "",
    "garbage": "not-a-token",
    "three parts of garbage": "a.b.c",
    "not ASCII": "é.è.ê",
    "without a signature": GOOD.rpartition(".")[0] + ".",
    "another signature": GOOD.rpartition(".")[0] + "." + "A" * 43,
    "another secret": signed(payload(), "another secret, as long as the good one"),
    "no algorithm": jwt.encode(payload(), None, "none"),
    "another algorithm": signed(payload(), SECRET, "HS512"),
    "expired": signed(payload(exp=NOW - HOUR)),
    "not yet": signed(payload(nbf=NOW + HOUR)),
    "issued later": signed(payload(iat=NOW + HOUR)),
    "another issuer": signed(payload(iss="other")),
    "another audience": signed(payload(aud="other")),
    "a number for the user": signed(payload(sub=7)),
    "a word for the user": signed(payload(sub="seven")),
    "a word for the version": signed(payload(ver="x")),
    "a list for the version": signed(payload(ver=[1])),
    **{f"without {name}": signed(payload(name)) for name in payload() if name != "auth_time"},
}


@pytest.mark.parametrize("token", BAD_TOKENS.values(), ids=BAD_TOKENS.keys())
def test_a_bad_token_says_nothing(token: str) -> None:
    assert read_access_token(token, SECRET) is None


def test_a_token_that_was_good_ends_too(monkeypatch: pytest.MonkeyPatch) -> None:
    token = create_access_token(CLAIMS, SECRET, HOUR)
    assert read_access_token(token, SECRET) == CLAIMS
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 3599 - 60)
    assert read_access_token(token, SECRET) == CLAIMS
    monkeypatch.setattr(time, "time", lambda: now + 3601)
    assert read_access_token(token, SECRET) is None


def test_token_versions_are_not_to_be_guessed_and_fit_the_database() -> None:
    versions = [new_token_version() for _ in range(100)]
    assert len(set(versions)) > 95
    assert all(0 <= version < 2**31 for version in versions)


@pytest.mark.parametrize(("ahead", "is_valid"), [(-60, True), (3, True), (60, False)])
def test_the_clock_of_who_issued_a_token_may_be_a_little_ahead(ahead: int, is_valid: bool) -> None:
    assert 3 < CLOCK_LEEWAY_SECONDS < 60
    at = datetime.now(UTC) + timedelta(seconds=ahead)
    payload = {"sub": "7", "ver": 1, "iss": ISSUER, "aud": ISSUER, "iat": at, "exp": at + HOUR}
    token = jwt.encode(payload, SECRET, "HS256")
    assert (read_access_token(token, SECRET) is not None) == is_valid
