"""Requests ahead of who wants their answers: in threads, delivered in order.

Whatever is read ahead is bounded: a page waits until it is wanted, and so does the
thread that read it.
"""

from __future__ import annotations

import queue
import threading
import time
from collections import deque
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from typing_extensions import Self

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Hashable, Iterable, Iterator

_Key = TypeVar("_Key", bound="Hashable")
_Item = TypeVar("_Item")

#: Seconds that a thread gets to clean up when nobody wants more of it.
_GRACE = 2.0


_thread = threading.local()


class Demand:
    """Whether somebody still wants what threads are at; it may be part of another."""

    def __init__(self) -> None:
        self._whole: Demand | None = getattr(_thread, "demand", None)
        self._ended = False

    @property
    def ended(self) -> bool:
        """Whether nobody wants it any more."""
        return self._ended or (self._whole is not None and self._whole.ended)

    def end(self) -> None:
        """Want no more of it."""
        self._ended = True

    def serve(self) -> None:
        """Let this thread, and whom it asks, work for it."""
        _thread.demand = self


def is_wanted() -> bool:
    """Tell whether somebody still wants what this thread is at."""
    demand: Demand | None = getattr(_thread, "demand", None)
    return demand is None or not demand.ended


class Workers:
    """Threads that send requests; with one connection, there are none.

    They are daemons, which the standard library's executors are not: a run that is
    stopped does not wait for answers that nobody wants any more.
    """

    def __init__(self, connections: int) -> None:
        self.connections = connections
        self._tasks: queue.SimpleQueue[
            tuple[Future[Any], Callable[[], Any], Demand]
        ] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._threads = 0
        self._idle = threading.Semaphore(0)
        #: To be held by whoever sends a request, in these threads or in others.
        self.slots = threading.BoundedSemaphore(connections)

    @property
    def parallel(self) -> bool:
        """Whether anything is done ahead."""
        return self.connections > 1

    def submit(self, task: Callable[[], _Item], demand: Demand) -> Future[_Item]:
        """Have a task done by a thread: a new one only where no other is idle.

        Each thread keeps the memory of the largest answer that it has read.
        """
        future: Future[_Item] = Future()
        self._tasks.put((future, task, demand))
        with self._lock:
            if not self._idle.acquire(blocking=False) and (
                self._threads < self.connections
            ):
                self._threads += 1
                threading.Thread(target=self._work, daemon=True).start()
        return future

    def in_order(self, tasks: Iterable[Callable[[], _Item]]) -> Iterator[_Item]:
        """Yield what tasks return, in their order, some of them done ahead."""
        if not self.parallel:
            for task in tasks:
                yield task()
            return
        demand, waiting = Demand(), iter(tasks)
        futures = deque(
            self.submit(task, demand) for task in islice(waiting, self.connections)
        )
        try:
            while futures:
                found = futures.popleft().result()
                futures.extend(self.submit(task, demand) for task in islice(waiting, 1))
                yield found
        finally:
            demand.end()
            for future in futures:
                future.cancel()

    def _work(self) -> None:
        while True:
            try:
                future, task, demand = self._tasks.get_nowait()
            except queue.Empty:
                self._idle.release()
                future, task, demand = self._tasks.get()
            if not future.set_running_or_notify_cancel():
                continue
            demand.serve()
            try:
                future.set_result(task())
            except BaseException as error:  # noqa: BLE001 (raised where it is wanted)
                future.set_exception(error)
            # Nor does an idle thread keep what it has answered.
            del future, task, demand


class ReadAhead(Generic[_Key, _Item]):
    """Answers, asked for when they are wanted or when they are expected."""

    def __init__(self, get: Callable[[_Key], _Item], workers: Workers | None) -> None:
        self._get = get
        self._workers = workers if workers and workers.parallel else None
        self._expected: dict[_Key, Future[_Item]] = {}
        self._demand = Demand()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Want no more: what was expected is not asked for, or not once more."""
        self._demand.end()
        for future in self._expected.values():
            future.cancel()
        self._expected.clear()

    def get(self, page: _Key) -> _Item:
        """Return a page."""
        future = self._expected.pop(page, None)
        return self._get(page) if future is None else future.result()

    def expect(self, pages: Iterable[_Key]) -> None:
        """Ask for what will be wanted, as much as there are connections."""
        if self._workers is None:
            return
        for page in islice(pages, self._workers.connections):
            if page not in self._expected:
                task = partial(self._get, page)
                future = self._workers.submit(task, self._demand)
                self._expected[page] = future


class Background(Generic[_Item]):
    """An iterator that a thread of its own works on, one item ahead."""

    _END = object()

    def __init__(self, items: Generator[_Item, None, None]) -> None:
        self._items = items
        self._found: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._wanted = threading.Semaphore(0)
        self._demand = Demand()
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def __iter__(self) -> Iterator[_Item]:
        """Yield the items; raise what the iterator raised, in its place."""
        while (item := self._found.get()) is not self._END:
            self._wanted.release()
            yield item
        if self._error is not None:
            raise self._error

    def stop(self) -> None:
        """Want no more of it."""
        self._demand.end()
        self._wanted.release()

    def join(self, seconds: float = _GRACE) -> None:
        """Return when the iterator has cleaned up, or after some seconds."""
        self._thread.join(max(0.0, seconds))

    def _run(self) -> None:
        self._demand.serve()
        try:
            for item in self._items:
                self._found.put(item)
                self._wanted.acquire()
                if self._demand.ended:
                    break
        except BaseException as error:  # noqa: BLE001 (raised where it is wanted)
            self._error = error
        finally:
            self._items.close()
            self._found.put(self._END)


@dataclass(frozen=True)
class Start(Generic[_Item]):
    """How an iterator is made, and how far ahead of the one that is wanted.

    ``ahead`` 0: not before it is wanted itself, and without a thread.
    """

    make: Callable[[], Generator[_Item, None, None]]
    ahead: int

    def begin(self) -> Iterable[_Item]:
        """Return the iterator, which a thread already works on if it may."""
        return Background(self.make()) if self.ahead else self.make()


def backgrounds(
    starts: Iterable[Start[_Item]],
) -> Generator[Iterable[_Item], None, None]:
    """Yield iterators in order, while threads already work on some of those after."""
    waiting = iter(starts)
    following = next(waiting, None)
    begun: deque[Iterable[_Item]] = deque()
    try:
        while begun or following:
            while following and len(begun) <= following.ahead:
                begun.append(following.begin())
                following = next(waiting, None)
            yield begun[0]
            begun.popleft()
    finally:
        deadline = time.monotonic() + _GRACE
        at_work = [each for each in begun if isinstance(each, Background)]
        for background in at_work:
            background.stop()
        for background in at_work:
            background.join(deadline - time.monotonic())
