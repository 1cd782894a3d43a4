import asyncio
import functools
import threading
from typing import Any

import pytest

from app.core import deadline, threads
from app.core.errors import UnavailableError
from app.core.threads import BoundedExecutor, compute


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


# --- FairSemaphore --------------------------------------------------------------------------------


def _executor(width: int) -> BoundedExecutor:
    return BoundedExecutor(width, "test", busy="busy", unanswered="unanswered")


async def _settle() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


def test_accounts_that_wait_are_served_in_turn() -> None:
    release = threading.Event()
    order: list[str] = []

    async def main() -> None:
        executor = _executor(1)
        tasks: list[asyncio.Task[Any]] = [asyncio.create_task(executor.run(release.wait, 1))]
        await _settle()
        # Account 1 came first and with much; 2 and 3 came later.
        for account, name in ((1, "a1"), (1, "a2"), (1, "a3"), (2, "b1"), (3, "c1"), (2, "b2")):
            work = functools.partial(order.append, name)
            tasks.append(asyncio.create_task(executor.run(work, account)))
            await _settle()
        release.set()
        await asyncio.gather(*tasks)
        executor.close()

    asyncio.run(main())
    assert order == ["a1", "b1", "c1", "a2", "b2", "a3"]


def test_one_account_leaves_threads_to_the_others() -> None:
    release = threading.Event()

    async def main() -> None:
        executor = _executor(4)
        greedy = [asyncio.create_task(executor.run(release.wait, 1)) for _ in range(10)]
        await _settle()
        # Another account does not wait, nor does the application itself.
        assert await executor.run(threading.get_ident, 2)
        assert await executor.run(threading.get_ident)
        assert not any(task.done() for task in greedy)
        release.set()
        assert all(await asyncio.gather(*greedy))
        executor.close()

    asyncio.run(main())


def test_those_who_stop_waiting_are_passed_over() -> None:
    release = threading.Event()
    done: list[str] = []

    async def main() -> None:
        executor = _executor(1)
        first = asyncio.create_task(executor.run(release.wait, 1))
        await _settle()
        waiting = [
            asyncio.create_task(executor.run(functools.partial(done.append, name), account))
            for name, account in (("gone", 1), ("gone too", 2), ("left", 2))
        ]
        await _settle()
        for task in waiting[:2]:
            task.cancel()
        release.set()
        await asyncio.gather(first, waiting[2])
        # The thread is free again.
        await executor.run(functools.partial(done.append, "last"), 3)
        executor.close()

    asyncio.run(main())
    assert done == ["left", "last"]


def test_whoever_gets_no_thread_in_time_is_refused_and_harms_no_other() -> None:
    release = threading.Event()

    async def late(executor: BoundedExecutor) -> None:
        deadline.start(0.01)
        with pytest.raises(UnavailableError, match="busy"):
            await executor.run(threading.get_ident, 2)

    async def main() -> None:
        executor = _executor(1)
        first = asyncio.create_task(executor.run(release.wait, 1))
        await _settle()
        await asyncio.gather(*(asyncio.create_task(late(executor)) for _ in range(3)))
        release.set()
        await first
        assert await executor.run(threading.get_ident, 2)
        executor.close()

    asyncio.run(main())
