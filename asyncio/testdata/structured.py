"""Writes structured.json: random programs of tasks, groups, timeouts and the like, and what CPython's asyncio (3.13 or
later) makes of them, task by task, with the time on a virtual clock and the number of requests to cancel.

    python3 structured.py 7 300 > structured.json

No two things happen at one instant but by each other: which of two comes first is not asyncio's to promise. So tasks are
cancelled by timers, and each failure comes after a sleep.
"""
import asyncio
import json
import random
import selectors
import sys


class VirtualSelector(selectors.SelectSelector):
    now = 0.0

    def select(self, timeout=None):
        self.now += timeout or 0
        return super().select(0)


class VirtualLoop(asyncio.SelectorEventLoop):
    def __init__(self):
        self.clock = VirtualSelector()
        super().__init__(self.clock)
        self._clock_resolution = 1e-9

    def time(self):
        return self.clock.now


class Failure(Exception):
    pass


def program(rng, depth):
    names = ["main"]

    def duration():
        return rng.randint(1000, 999_999)

    def limit():
        return -1 if rng.random() < 0.1 else rng.randint(1000, 799_999)

    def task(depth):
        names.append("t%d" % len(names))
        return dict(op="task", name=names[-1], body=part(depth - 1))

    def tasks(depth):
        return [task(depth) for _ in range(rng.randint(1, 3))]

    def sleep():
        return dict(op="sleep", d=duration())

    def fail():
        return dict(op="seq", items=[sleep(), dict(op="fail", name=rng.choice("ABCD"))])

    def part(depth):
        if depth <= 0:
            return sleep() if rng.random() < 0.75 else fail()
        op = rng.choice(
            ["seq"] * 4 + ["group"] * 4 + ["timeout"] * 3 + ["swallow", "reraise", "except", "uncancel", "sleep", "fail"]
            + ["gather", "gatherall", "wait", "waitfor", "shield", "completed"])
        if op == "sleep":
            return sleep()
        if op == "fail":
            return fail()
        if op == "uncancel":
            return dict(op=op)
        if op == "seq":
            return dict(op=op, items=[part(depth - 1) for _ in range(rng.randint(2, 3))])
        if op in ("swallow", "reraise"):
            return dict(op=op, body=part(depth - 1), then=part(depth - 2))
        if op == "except":
            return dict(op=op, body=part(depth - 1))
        if op == "timeout":
            return dict(op=op, d=limit(), body=part(depth - 1))
        if op in ("waitfor", "shield"):
            return dict(op=op, d=limit(), body=task(depth))
        if op == "wait":
            return dict(op=op, d=limit(), when=rng.randrange(3), items=tasks(depth))
        if op == "group":
            items = []
            for t in tasks(depth):
                items.append(t)
                if rng.random() < 0.5:
                    items.append(part(depth - 2))
            return dict(op=op, items=items)
        return dict(op=op, items=tasks(depth))

    body = part(depth)
    cancels = [dict(op="cancel", d=duration(), name=rng.choice(names)) for _ in range(rng.randint(0, 2))]
    return dict(body=body, cancels=cancels)


def show(e):
    if e is None:
        return "ok"
    if isinstance(e, asyncio.CancelledError):
        return "cancelled"
    if isinstance(e, TimeoutError):
        return "timeout"
    if isinstance(e, ExceptionGroup):
        return "[" + " ".join(sorted(show(x) for x in e.exceptions)) + "]"
    if isinstance(e, Failure):
        return e.args[0]
    raise e


def run(p):
    log, tasks, loop = {}, {}, VirtualLoop()
    loop.set_exception_handler(lambda *_: None)

    def note(what):
        t = asyncio.current_task()
        line = "%d %s %d" % (round(loop.time() * 1e6), what, t.cancelling())
        log.setdefault(t.get_name(), []).append(line)

    def start(t, create=loop.create_task):
        async def body():
            try:
                await do(t["body"])
            except BaseException as e:
                note("end " + show(e))
                raise
            note("end ok")

        tasks[t["name"]] = create(body(), name=t["name"])
        return tasks[t["name"]]

    async def do(n):
        try:
            await {"seq": seq, "group": group}.get(n["op"], single)(n)
        except BaseException as e:
            note(n["op"] + " " + show(e))
            raise
        note(n["op"] + " ok")

    async def seq(n):
        for x in n["items"]:
            await do(x)

    async def group(n):
        async with asyncio.TaskGroup() as g:
            for x in n["items"]:
                if x["op"] != "task":
                    await do(x)
                elif not g._aborting:
                    start(x, g.create_task)

    async def single(n):
        op, all_tasks = n["op"], []
        if op in ("gather", "gatherall", "wait", "completed"):
            all_tasks = [start(t) for t in n["items"]]
        d = n["d"] / 1e6 if n.get("d", -1) >= 0 else None
        if op == "sleep":
            await asyncio.sleep(d)
        elif op == "fail":
            raise Failure(n["name"])
        elif op == "uncancel":
            asyncio.current_task().uncancel()
        elif op in ("swallow", "reraise"):
            try:
                await do(n["body"])
            except asyncio.CancelledError:
                await do(n["then"])
                if op == "reraise":
                    raise
        elif op == "except":
            try:
                await do(n["body"])
            except Exception:
                pass
        elif op == "timeout":
            async with asyncio.timeout(d):
                await do(n["body"])
        elif op == "gather":
            await asyncio.gather(*all_tasks)
        elif op == "gatherall":
            for e in await asyncio.gather(*all_tasks, return_exceptions=True):
                note("one " + show(e))
        elif op == "completed":
            async for t in asyncio.as_completed(all_tasks):
                note("one " + ("cancelled" if t.cancelled() else show(t.exception())))
        elif op == "wait":
            when = [asyncio.ALL_COMPLETED, asyncio.FIRST_COMPLETED, asyncio.FIRST_EXCEPTION][n["when"]]
            done, _ = await asyncio.wait(all_tasks, timeout=d, return_when=when)
            note("done " + " ".join(t.get_name() for t in all_tasks if t in done))
        elif op == "waitfor":
            await asyncio.wait_for(start(n["body"]), d)
        elif op == "shield":
            await asyncio.shield(start(n["body"]))

    async def main():
        first = start(dict(name="main", body=p["body"]))
        for c in p["cancels"]:
            loop.call_later(c["d"] / 1e6, lambda name: name in tasks and tasks[name].cancel(), c["name"])
        await asyncio.wait([first])
        await asyncio.sleep(1e4)  # for those that go on

    loop.run_until_complete(main())
    loop.close()
    return log


rng, left, seen = random.Random(int(sys.argv[1])), int(sys.argv[2]), []
while left > 0:
    p = program(rng, rng.randint(2, 5))
    if 300 < len(json.dumps(p)) < 1200:
        seen.append(json.dumps(dict(program=p, log=run(p)), separators=(",", ":")))
        left -= 1
print("[\n" + ",\n".join(seen) + "\n]")
