"""The workers and who gets them: nobody waits for ever, and nobody's slow query keeps others from answers.

A fixed number of workers serve the requests in their order. A task that takes much longer than others moves to
the slow lane when others wait and no worker is free: another works in its place, in time its own gives way to all
others, and when the slow lane is full, the task that has run longest is ended. At its clock every task is
ended, by killing its worker.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import time
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from kg.errors import KgError
from kg.web import orders
from kg.web.generation import Facts, Generation, Worker
from kg.web.kept import Kept
from kg.web.limits import Limits
from kg.web.orders import Order, Reply
from kg.web.problems import problem
from kg.web.rendered import Rendered
from kg.web.tasks import Answer, Task

_log = logging.getLogger("kg.web")

# A task is slow after this many seconds, or after many times what others took, where that is more: on a machine
# that is short of breath everything takes longer, and more processes would not help.
PATIENCE = 0.05
# Sleeping and being woken takes as long as many a query: seconds for which an answer is waited for without it.
_MOMENT = 0.0003 if (os.cpu_count() or 1) > 1 else 0.0
_INTERVAL = PATIENCE / 2  # between two looks at the tasks that are not answered
_TIMES, _LONGEST = 20, 1.0
# Slow tasks at the same time, for each worker.
_SLOW = 2
# Seconds after which one of them may be ended for others: at first as many as an honest question may take among
# others like it; each time one was ended half as many, to the least, until none was for so long.
_AGED, _LEAST_AGED = 3.0, 0.5
_FORGIVEN = 10.0
# The share of that time after which a slow task gives up its rank; what is over before leaves a worker that has all
# it touched at hand, where a new one begins anew.
_GIVES_WAY = 1 / 6
# Workers that have nothing to do, for each that there should be; they are left when slow tasks have ended.
_SPARE = 2
_RESTART = 1.0
_SHOWN = 1_000  # bytes of an order that failed
CLIENT_GONE = Answer(499, "text/plain", b"")
Leaving = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Figures:
    """How the pool does.

    `kept` counts answers given again without a worker, `ended` tasks without an answer, by reason such as clock;
    `since` is when the graph was loaded, in seconds of Unix time.
    """

    workers: int
    busy: int
    slow: int
    queued: int
    served: int
    kept: int
    ended: Mapping[str, int]
    replacements: int
    refused: int
    facts: Facts
    since: float


@dataclass(eq=False, slots=True)
class Job:
    """A task on its way, with its clock; `done` is called once, with its answer."""

    order: bytes
    value: bytes
    begun: float
    clock: float
    done: Callable[[Answer | Rendered], None]
    leaving: Leaving | None = None
    worker: Worker | None = None
    started: float = 0.0
    gave_way: bool = False
    left: bool = False  # its client is gone
    watch: asyncio.Future[None] | None = None


class Pool:
    """Workers over one graph at a time; `answer` is all that others need."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._generation: Generation | None = None
        self._retired: set[Generation] = set()
        self._place: Path | None = None
        self._starting: set[Worker] = set()
        self._idle: list[Worker] = []
        self._busy: dict[Worker, Job] = {}
        self._slow: dict[Worker, Job] = {}  # those of the busy that gave way, the longest first
        self._queue: deque[Job] = deque()
        self._served = 0
        self._typical = 0.0  # seconds that a task takes, the last ones counting most
        self._aged = _AGED
        self._crowded = 0.0  # when a task was last ended for others
        self._ended: Counter[str] = Counter()
        self._replacements = 0
        self._refused = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._closing = False
        self._is_seen_to = False
        self._since = 0.0
        self.kept: Kept[Answer] = Kept()
        self.rendered: Kept[Rendered] = Kept()

    @property
    def graph(self) -> str:
        """The hash of the graph that is served."""
        return self._generation.facts.graph if self._generation else ""

    @property
    def figures(self) -> Figures:
        """How the pool does now."""
        return Figures(
            workers=len(self._starting) + len(self._idle) + len(self._busy),
            busy=len(self._busy),
            slow=len(self._slow),
            queued=len(self._queue),
            served=self._served,
            kept=self.kept.hits + self.rendered.hits,
            ended=dict(self._ended),
            replacements=self._replacements,
            refused=self._refused,
            facts=self._generation.facts if self._generation else Facts("", 0, 0.0, 0),
            since=self._since,
        )

    async def serve(self, place: Path) -> Facts:
        """Serve the graph at a place from now on; KgError, and nothing changes, where it cannot be.

        What is being answered is answered from the graph it was asked of.
        """
        fresh = await Generation.start(self, place, self.limits)
        if self._closing:
            fresh.kill()
            return fresh.facts
        former, self._generation, self._place = self._generation, fresh, place
        self._since = time.time()
        for worker in (*self._starting, *self._idle):
            worker.close()
        self._starting.clear()
        self._idle.clear()
        if former:
            self._replacements += 1
            self._retire(former)
        self._refill()
        return fresh.facts

    def note_refusal(self) -> None:
        """Count a new graph that could not be served."""
        self._refused += 1

    async def answer(
        self, task: Task, *, clock: float | None = None, gzip: bool = False, leaving: Leaving | None = None
    ) -> Answer:
        """Return the answer to a task, or the problem that stands in its way.

        `clock` may lower the limit of seconds, waiting included. `leaving` returns when the client has gone:
        then the task is ended.
        """
        future: asyncio.Future[Answer | Rendered] = asyncio.get_running_loop().create_future()

        def done(answer: Answer | Rendered) -> None:
            if not future.done():
                future.set_result(answer)

        job = self.submit(orders.head(task, gzip=gzip), done, clock=clock, leaving=leaving)
        try:
            answer = await future
        except asyncio.CancelledError:
            self._end(job, "client", CLIENT_GONE)
            raise
        assert isinstance(answer, Answer), "a worker renders what came as it stood in a URL only"
        return answer

    def submit(
        self,
        order: bytes,
        done: Callable[[Answer | Rendered], None],
        *,
        value: bytes = b"",
        clock: float | None = None,
        leaving: Leaving | None = None,
        alone: bool = False,
    ) -> Job:
        """Have a task done by the next worker that is free; `done` gets the answer, or the problem.

        With a `value`, a query as it stands in a URL, the answer is rendered. With `alone`, where nobody else
        seems to ask, the answer is waited for on the spot for as long as one usually takes.
        """
        limit = self.limits.clock if clock is None else min(clock, self.limits.clock)
        job = Job(order, value, monotonic(), limit, done, leaving)
        if len(self._queue) >= self.limits.queue:
            self._ended["queue"] += 1
            done(_busy("the server has more to do than it can; try again"))
            return job
        self._queue.append(job)
        if not self._is_seen_to:
            self._see_to()
        self._dispatch()
        if self._queue:
            self._make_room()
        if alone and job.worker and len(self._busy) == 1 and self._typical < _MOMENT:
            job.worker.look(_MOMENT)
        return job

    async def close(self) -> None:
        """End all workers."""
        self._closing = True
        for task in self._tasks:
            task.cancel()
        generations = [*self._retired, *([self._generation] if self._generation else [])]
        for generation in generations:
            generation.kill()
        for generation in generations:
            await generation.ended()

    # What the workers report.

    def started(self, worker: Worker) -> None:
        """Give a new worker something to do."""
        if worker in self._starting:
            self._starting.remove(worker)
            self._idle.append(worker)
            self._dispatch()

    def answered(self, worker: Worker, reply: Reply) -> None:
        """Pass an answer on, and the worker to the next task."""
        job = self._busy.pop(worker, None)
        self._slow.pop(worker, None)
        if reply.trace == "memory":
            self._ended["memory"] += 1
        elif reply.trace:
            self._ended["fault"] += 1
            _log.error("a task failed: %s\n%s", job.order[:_SHOWN].decode() if job else "?", reply.trace)
        if job:
            self._served += 1
            self._typical += 0.05 * (monotonic() - job.started - self._typical)
        spare = len(self._idle) >= _SPARE * self.limits.workers
        if spare or not job or job.gave_way or worker.generation is not self._generation:
            worker.close()
        elif not reply.last:
            self._idle.append(worker)
        self._refill()  # before the answer is sent: the worker need not wait for that
        if job:
            self._resolve(job, reply.answer)

    def died(self, worker: Worker, signal: int) -> None:
        """Answer for a worker that cannot."""
        if worker in self._idle:
            self._idle.remove(worker)
        self._starting.discard(worker)
        job = self._busy.pop(worker, None)
        self._slow.pop(worker, None)
        if job:
            reason, answer = _death(signal)
            self._ended[reason] += 1
            self._resolve(job, answer)
            self._refill()
        else:  # before it had anything to do: not at once again, or this would go round and round
            asyncio.get_running_loop().call_later(_RESTART, self._refill)

    def lost(self, generation: Generation) -> None:
        """Load the graph again."""
        self._retired.discard(generation)
        if generation is self._generation and not self._closing:
            _log.error("the process that holds the graph ended; it is loaded again")
            self._generation = None
            self._later(self._again())

    # Inside.

    async def _again(self) -> None:
        while self._generation is None and self._place:
            try:
                await self.serve(self._place)
            except KgError as error:
                _log.error("the graph cannot be loaded: %s", error.message)
                await asyncio.sleep(_RESTART)

    def _retire(self, generation: Generation) -> None:
        self._retired.add(generation)
        generation.retire()

        async def gone() -> None:
            await generation.ended()
            self._retired.discard(generation)

        self._later(gone())

    def _later(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        assert isinstance(task, asyncio.Task)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    @property
    def _active(self) -> int:
        """How many tasks count against the number of workers."""
        if not self._retired:
            return len(self._busy) - len(self._slow)
        return sum(worker.generation is self._generation for worker in self._busy if worker not in self._slow)

    def _fill(self) -> None:
        """Have as many workers as there should be, and one in reserve: forking takes a moment."""
        if self._generation and not self._closing:
            there = self._active + len(self._starting) + len(self._idle)
            for _ in range(self.limits.workers + 1 - there):
                self._starting.add(self._generation.fork())

    def _refill(self) -> None:
        self._fill()
        self._dispatch()

    def _dispatch(self) -> None:
        """Give the first that wait to the workers that do not work."""
        while self._queue and self._idle and self._active < self.limits.workers:
            job, worker = self._queue.popleft(), self._idle.pop()
            job.worker, job.started = worker, monotonic()
            self._busy[worker] = job
            worker.give(Order(job.order, job.begun + job.clock - job.started, job.value))

    def _see_to(self) -> None:
        """Look after all tasks in a moment: one clock for all, as most are answered before it strikes."""
        self._is_seen_to = True
        asyncio.get_running_loop().call_later(_INTERVAL, self._tick)

    def _tick(self) -> None:
        self._is_seen_to = False
        now = monotonic()
        for job in (*self._busy.values(), *self._queue):
            self._look_after(job, now)
        if (self._busy or self._queue) and not self._is_seen_to:
            self._see_to()

    def _look_after(self, job: Job, now: float) -> None:
        """See to a task that is not answered yet, unless looking after another has ended it."""
        if job not in self._queue and (job.worker is None or self._busy.get(job.worker) is not job):
            return
        if job.begun + job.clock - now <= 0.001:
            self._expire(job)
        elif now - job.begun < PATIENCE:
            return
        elif job.left:
            self._end(job, "client", CLIENT_GONE)
        else:
            if job.leaving and job.watch is None:
                job.watch = asyncio.ensure_future(job.leaving())
                job.watch.add_done_callback(lambda _: self._end(job, "client", CLIENT_GONE))
            if job.worker is not None:
                self._judge(job.worker, job, now - job.started)

    def _make_room(self) -> None:
        """Let others than slow tasks have the workers' time, now that somebody waits."""
        now = monotonic()
        for worker, job in list(self._busy.items()):
            if worker not in self._slow and now - job.started >= PATIENCE:
                self._judge(worker, job, now - job.started)

    def _judge(self, worker: Worker, job: Job, took: float) -> None:
        """Let a slow task give way, if others wait; its worker can do no other afterwards once it gave up its rank."""
        patience = min(max(PATIENCE, _TIMES * self._typical), _LONGEST)
        if worker not in self._slow:
            if self._queue and took >= patience and self._active >= self.limits.workers:
                self._slow_down(worker, job)
        elif not job.gave_way and took >= patience + _GIVES_WAY * self._aging:
            job.gave_way = True
            worker.give_way()

    @property
    def _aging(self) -> float:
        """After how many seconds a task may be ended for others now."""
        return self._aged if monotonic() - self._crowded < _FORGIVEN else _AGED

    def _slow_down(self, worker: Worker, job: Job) -> None:
        """Move a task to the slow lane, if there is room or others wait."""
        if len(self._slow) >= _SLOW * self.limits.workers:
            longest, now = next(iter(self._slow.values())), monotonic()
            if not self._queue or now - longest.started < self._aging:
                return
            self._aged, self._crowded = max(self._aging / 2, _LEAST_AGED), now
            self._end(
                longest,
                "crowd",
                _busy("the query was ended, as it took long while many others waited; try again"),
            )
        self._slow[worker] = job
        self._refill()

    def _expire(self, job: Job) -> None:
        if job.worker is None:
            self._end(job, "wait", _busy("no worker was free in time; try again"))
            return
        self._end(
            job,
            "clock",
            problem(
                503,
                f"the query took longer than {job.clock:g} seconds and was ended",
                "ask for less: fewer patterns, a LIMIT inside, no pattern unconnected to the others",
            ),
        )

    def _end(self, job: Job, reason: str, answer: Answer) -> None:
        """Answer a task without its answer, and kill the worker that was at it."""
        if job in self._queue:
            self._queue.remove(job)
        elif job.worker and self._busy.get(job.worker) is job:
            del self._busy[job.worker]
            self._slow.pop(job.worker, None)
            job.worker.kill()
        else:
            return
        self._ended[reason] += 1
        self._resolve(job, answer)
        self._refill()

    def _resolve(self, job: Job, answer: Answer | Rendered) -> None:
        if job.watch:
            job.watch.cancel()
        job.done(answer)


def _busy(detail: str) -> Answer:
    return problem(503, detail, headers=(("retry-after", "1"),))


def _death(number: int) -> tuple[str, Answer]:
    """Return why a worker died of a signal, in a word and as an answer."""
    if number in {signal.SIGSEGV, signal.SIGBUS}:
        return "stack", problem(
            400, "the query is nested too deeply for the engine, or needs too much memory"
        )
    if number in {signal.SIGABRT, signal.SIGKILL}:
        return "memory", problem(507, "the query needs more memory than a request may take")
    if number == signal.SIGXCPU:
        return "clock", problem(503, "the query took too long and was ended")
    return "fault", _busy("the process that was answering ended; try again")
