"""Parallel requests: made ahead of time by threads, delivered in order.

Reading ahead is bounded: a page waits until it is wanted, and the thread that read it
waits as well.
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

#: Seconds that a cancelled thread has to clean up.
_GRACE = 2.0


_thread = threading.local()


class CancellationScope:
    """Work of threads that can be cancelled together; scopes nest."""

    def __init__(self) -> None:
        self._parent: CancellationScope | None = getattr(_thread, "scope", None)
        self._cancelled = False

    @property
    def cancelled(self) -> bool:
        """Whether this scope, or one around it, was cancelled."""
        return self._cancelled or (self._parent is not None and self._parent.cancelled)

    def cancel(self) -> None:
        """Cancel the work: requests that were not sent yet are not sent."""
        self._cancelled = True

    def bind_thread(self) -> None:
        """Bind this thread, and the scopes that it makes, to this scope."""
        _thread.scope = self


def is_cancelled() -> bool:
    """Tell whether the work that this thread does was cancelled."""
    scope: CancellationScope | None = getattr(_thread, "scope", None)
    return scope is not None and scope.cancelled


class Workers:
    """Threads that send requests; with one connection, there are none.

    They are daemon threads, unlike those of the standard library's executors: a run
    that is stopped does not wait for responses that it will not use.
    """

    def __init__(self, connections: int) -> None:
        self.connections = connections
        self._tasks: queue.SimpleQueue[
            tuple[Future[Any], Callable[[], Any], CancellationScope]
        ] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._threads = 0
        self._idle = threading.Semaphore(0)
        #: Held while a request is sent, by these threads or by others.
        self.slots = threading.BoundedSemaphore(connections)

    @property
    def parallel(self) -> bool:
        """Whether anything is read ahead."""
        return self.connections > 1

    def submit(
        self, task: Callable[[], _Item], scope: CancellationScope
    ) -> Future[_Item]:
        """Give a task to an idle thread; start a new thread only if none is idle.

        Each thread keeps the memory of the largest response that it has read.
        """
        future: Future[_Item] = Future()
        self._tasks.put((future, task, scope))
        with self._lock:
            if not self._idle.acquire(blocking=False) and (
                self._threads < self.connections
            ):
                self._threads += 1
                threading.Thread(target=self._work, daemon=True).start()
        return future

    def in_order(self, tasks: Iterable[Callable[[], _Item]]) -> Iterator[_Item]:
        """Yield the results of tasks in order; some tasks run ahead."""
        if not self.parallel:
            for task in tasks:
                yield task()
            return
        scope, waiting = CancellationScope(), iter(tasks)
        futures = deque(
            self.submit(task, scope) for task in islice(waiting, self.connections)
        )
        try:
            while futures:
                found = futures.popleft().result()
                futures.extend(self.submit(task, scope) for task in islice(waiting, 1))
                yield found
        finally:
            scope.cancel()
            for future in futures:
                future.cancel()

    def _work(self) -> None:
        while True:
            try:
                future, task, scope = self._tasks.get_nowait()
            except queue.Empty:
                self._idle.release()
                future, task, scope = self._tasks.get()
            if not future.set_running_or_notify_cancel():
                continue
            scope.bind_thread()
            try:
                future.set_result(task())
            except BaseException as error:  # noqa: BLE001 (raised where the result is used)
                future.set_exception(error)
            # An idle thread keeps no result in memory.
            del future, task, scope


class ReadAhead(Generic[_Key, _Item]):
    """Pages, requested when they are wanted or prefetched before."""

    def __init__(self, get: Callable[[_Key], _Item], workers: Workers | None) -> None:
        self._get = get
        self._workers = workers if workers and workers.parallel else None
        self._prefetched: dict[_Key, Future[_Item]] = {}
        self._scope = CancellationScope()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Cancel what was prefetched and is not wanted any more."""
        self._scope.cancel()
        for future in self._prefetched.values():
            future.cancel()
        self._prefetched.clear()

    def get(self, page: _Key) -> _Item:
        """Return a page."""
        future = self._prefetched.pop(page, None)
        return self._get(page) if future is None else future.result()

    def prefetch(self, pages: Iterable[_Key]) -> None:
        """Request pages before they are wanted, as many as there are connections."""
        if self._workers is None:
            return
        for page in islice(pages, self._workers.connections):
            if page not in self._prefetched:
                task = partial(self._get, page)
                future = self._workers.submit(task, self._scope)
                self._prefetched[page] = future


class BackgroundIterator(Generic[_Item]):
    """An iterator that a thread of its own runs, one item ahead."""

    _END = object()

    def __init__(self, items: Generator[_Item, None, None]) -> None:
        self._items = items
        self._found: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._wanted = threading.Semaphore(0)
        self._scope = CancellationScope()
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def __iter__(self) -> Iterator[_Item]:
        """Yield the items; raise the iterator's error in its place."""
        while (item := self._found.get()) is not self._END:
            self._wanted.release()
            yield item
        if self._error is not None:
            raise self._error

    def stop(self) -> None:
        """Ask the thread to end after its current item."""
        self._scope.cancel()
        self._wanted.release()

    def join(self, seconds: float = _GRACE) -> None:
        """Wait until the iterator has cleaned up, for some seconds at most."""
        self._thread.join(max(0.0, seconds))

    def _run(self) -> None:
        self._scope.bind_thread()
        try:
            for item in self._items:
                self._found.put(item)
                self._wanted.acquire()
                if self._scope.cancelled:
                    break
        except BaseException as error:  # noqa: BLE001 (raised where the result is used)
            self._error = error
        finally:
            self._items.close()
            self._found.put(self._END)


@dataclass(frozen=True)
class DeferredIterator(Generic[_Item]):
    """How to make an iterator, and how many iterators ahead it may start.

    ``ahead`` 0: it starts when it is wanted itself, and without a thread.
    """

    make: Callable[[], Generator[_Item, None, None]]
    ahead: int

    def start(self) -> Iterable[_Item]:
        """Return the iterator; a thread runs it already if it may start ahead."""
        return BackgroundIterator(self.make()) if self.ahead else self.make()


def run_ahead(
    deferred: Iterable[DeferredIterator[_Item]],
) -> Generator[Iterable[_Item], None, None]:
    """Yield iterators in order, while threads already run some of the next ones."""
    waiting = iter(deferred)
    following = next(waiting, None)
    started: deque[Iterable[_Item]] = deque()
    try:
        while started or following:
            while following and len(started) <= following.ahead:
                started.append(following.start())
                following = next(waiting, None)
            yield started[0]
            started.popleft()
    finally:
        deadline = time.monotonic() + _GRACE
        running = [each for each in started if isinstance(each, BackgroundIterator)]
        for background in running:
            background.stop()
        for background in running:
            background.join(deadline - time.monotonic())
