import asyncio
import threading

import pytest

from app.core import deadline, threads
from app.core.errors import UnavailableError
from app.core.threads import compute


def test_a_computation_runs_in_another_thread_and_returns_its_value() -> None:
    async def main() -> tuple[int, int]:
        return await compute(threading.get_ident), await compute(pow, 2, 10)

    thread, value = asyncio.run(main())
    assert thread != threading.get_ident()
    assert value == 1024


def test_the_error_of_a_computation_is_raised_and_leaves_room_for_the_next() -> None:
    async def main() -> None:
        for _ in range(threads.MAX_COMPUTATIONS + 1):
            with pytest.raises(ValueError, match="invalid literal"):
                await compute(int, "x")

    asyncio.run(main())


def test_more_computations_than_allowed_are_refused() -> None:
    release = threading.Event()

    async def main() -> int:
        running = [
            asyncio.create_task(compute(release.wait)) for _ in range(threads.MAX_COMPUTATIONS)
        ]
        await asyncio.sleep(0)
        try:
            with pytest.raises(UnavailableError):
                await compute(pow, 2, 2)
        finally:
            release.set()
        await asyncio.gather(*running)
        return await compute(pow, 2, 2)

    assert asyncio.run(main()) == 4


def test_a_computation_past_the_deadline_is_refused_and_one_not_begun_is_dropped() -> None:
    release = threading.Event()
    begun: list[str] = []

    async def late() -> None:
        deadline.start(0.01)
        await compute(begun.append, "late")

    async def main() -> None:
        blocking = [asyncio.create_task(compute(release.wait)) for _ in range(2)]
        await asyncio.sleep(0)
        with pytest.raises(UnavailableError):
            await asyncio.create_task(late())
        release.set()
        await asyncio.gather(*blocking)
        await compute(pow, 2, 2)

    asyncio.run(main())
    assert begun == []
