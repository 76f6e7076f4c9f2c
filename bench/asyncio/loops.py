"""What CPython's asyncio takes for the operations that this program measures.

    python3 loops.py [-n N] [OPERATION...]

does each operation, or those that are named, about N times, or for a fifth of a second, and
prints the nanoseconds that one took, as JSON. asyncio is used as its documentation shows it: the
default loop, the garbage collector on.
"""

import argparse
import asyncio
import contextvars
import json
import platform
import threading
import time

SECONDS = 0.2  # of one operation
BATCH = 100_000  # callbacks, and timers, that are ready at once
TASKS = 100  # that give way to each other
GATHERED = 1000

user = contextvars.ContextVar("user", default="")


class Counter:
    """Counts calls, and lets a coroutine wait for the last one."""

    def __init__(self, n):
        self.left = n
        self.all = asyncio.get_running_loop().create_future()

    def call(self):
        self.left -= 1
        if self.left == 0:
            self.all.set_result(user.get())

    async def wait(self):
        assert await self.all == "somebody"


async def nothing():
    return 1


async def call_soon(n):
    loop = asyncio.get_running_loop()
    for first in range(0, n, BATCH):
        batch = min(BATCH, n - first)
        counter = Counter(batch)
        call = counter.call
        for _ in range(batch):
            loop.call_soon(call)
        await counter.wait()
    return n


async def create_task(n):
    done = 0
    for _ in range(n):
        done += await asyncio.create_task(nothing())
    assert done == n
    return n


async def sleep(n):
    each = -(-n // TASKS)
    switches = 0

    async def give_way():
        nonlocal switches
        for _ in range(each):
            await asyncio.sleep(0)
            switches += 1

    tasks = [asyncio.create_task(give_way()) for _ in range(TASKS)]
    for task in tasks:
        await task
    assert switches == each * TASKS
    return switches


async def gather(n):
    done = 0
    while done < n:
        done += sum(await asyncio.gather(*[nothing() for _ in range(GATHERED)]))
    return done


async def queue(n):
    there, back = asyncio.Queue(), asyncio.Queue()

    async def echo():
        for _ in range(n):
            await back.put(await there.get())

    task = asyncio.create_task(echo())
    total = 0
    for _ in range(n):
        await there.put(1)
        total += await back.get()
    await task
    assert total == n
    return n


async def call_soon_threadsafe(n):
    loop = asyncio.get_running_loop()
    counter = Counter(n)
    call = counter.call

    def other():
        user.set("somebody")
        for _ in range(n):
            loop.call_soon_threadsafe(call)

    thread = threading.Thread(target=other)
    thread.start()
    await counter.wait()
    thread.join()
    return n


async def call_later(n):
    loop = asyncio.get_running_loop()
    for first in range(0, n, BATCH):
        batch = min(BATCH, n - first)
        counter = Counter(batch)
        call = counter.call
        for _ in range(batch):
            loop.call_later(0, call)
        await counter.wait()
    return n


OPERATIONS = [call_soon, create_task, sleep, gather, queue, call_soon_threadsafe, call_later]


def measure(operation, n):
    """Returns the nanoseconds of one operation."""

    async def main(n):
        user.set("somebody")
        start = time.perf_counter_ns()
        done = await operation(n)
        return (time.perf_counter_ns() - start) / done

    warm = n or 1000
    ns = asyncio.run(main(warm))
    if n:
        return ns
    n = int(SECONDS * 1e9 / ns)
    if operation in (call_soon, call_later):
        n = -(-n // BATCH) * BATCH
    return asyncio.run(main(n))


def main():
    names = {operation.__name__: operation for operation in OPERATIONS}
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("-n", type=int, default=0, help="how often; without it for a fifth of a second")
    parser.add_argument("operations", nargs="*", metavar="OPERATION", help=", ".join(names))
    args = parser.parse_args()
    unknown = [name for name in args.operations if name not in names]
    if unknown:
        parser.error("unknown operation: " + ", ".join(unknown))
    ns = {name: measure(names[name], args.n) for name in args.operations or names}
    print(json.dumps({"python": platform.python_version(), "nsPerOp": ns}))


if __name__ == "__main__":
    main()
