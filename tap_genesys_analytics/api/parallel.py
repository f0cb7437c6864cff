"""Parallel requests: sent ahead by threads, delivered in order.

Reading ahead is bounded: the number of pages in memory does not grow with the data.
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

#: Seconds that a cancelled thread may use to clean up.
_GRACE = 2.0


_thread = threading.local()


class CancellationScope:
    """Work of several threads that is cancelled together. Scopes nest."""

    def __init__(self) -> None:
        self._parent: CancellationScope | None = getattr(_thread, "scope", None)
        self._cancelled = False

    @property
    def cancelled(self) -> bool:
        """Whether this scope or an outer scope was cancelled."""
        return self._cancelled or (self._parent is not None and self._parent.cancelled)

    def cancel(self) -> None:
        """Cancel the work: its threads send no more requests."""
        self._cancelled = True

    def bind_thread(self) -> None:
        """Bind this thread, and scopes that it creates, to this scope."""
        _thread.scope = self


def is_cancelled() -> bool:
    """Tell whether the work of this thread was cancelled."""
    scope: CancellationScope | None = getattr(_thread, "scope", None)
    return scope is not None and scope.cancelled


class Workers:
    """Threads that send requests; with one connection, there are no threads.

    Unlike those of ``concurrent.futures``, these are daemon threads: a run that is
    stopped does not wait for responses that it will not use.
    """

    def __init__(self, connections: int) -> None:
        self.connections = connections
        self._tasks: queue.SimpleQueue[
            tuple[Future[Any], Callable[[], Any], CancellationScope]
        ] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._threads = 0
        self._idle = threading.Semaphore(0)
        #: Limits the requests under way, also those of other threads.
        self.slots = threading.BoundedSemaphore(connections)

    @property
    def parallel(self) -> bool:
        """Whether there are threads to read ahead."""
        return self.connections > 1

    def submit(
        self, task: Callable[[], _Item], scope: CancellationScope
    ) -> Future[_Item]:
        """Run a task in an idle thread; start a new thread only if none is idle.

        Each thread keeps the memory of its largest response.
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
        scope, pending = CancellationScope(), iter(tasks)
        futures = deque(
            self.submit(task, scope) for task in islice(pending, self.connections)
        )
        try:
            while futures:
                result = futures.popleft().result()
                futures.extend(self.submit(task, scope) for task in islice(pending, 1))
                yield result
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
    """Pages, requested on demand or prefetched."""

    def __init__(self, get: Callable[[_Key], _Item], workers: Workers | None) -> None:
        self._get = get
        self._workers = workers if workers and workers.parallel else None
        self._prefetched: dict[_Key, Future[_Item]] = {}
        self._scope = CancellationScope()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Cancel the requests for prefetched pages that were not used."""
        self._scope.cancel()
        for future in self._prefetched.values():
            future.cancel()
        self._prefetched.clear()

    def get(self, page: _Key) -> _Item:
        """Return a page: the prefetched one, or a new request."""
        future = self._prefetched.pop(page, None)
        return self._get(page) if future is None else future.result()

    def prefetch(self, pages: Iterable[_Key]) -> None:
        """Request pages in advance, at most one per connection."""
        if self._workers is None:
            return
        for page in islice(pages, self._workers.connections):
            if page not in self._prefetched:
                task = partial(self._get, page)
                future = self._workers.submit(task, self._scope)
                self._prefetched[page] = future


class BackgroundIterator(Generic[_Item]):
    """An iterator that runs in its own thread, one item ahead."""

    _END = object()

    def __init__(self, items: Generator[_Item, None, None]) -> None:
        self._items = items
        self._results: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._consumed = threading.Semaphore(0)
        self._scope = CancellationScope()
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def __iter__(self) -> Iterator[_Item]:
        """Yield the items; then raise the error of the iterator, if any."""
        while (item := self._results.get()) is not self._END:
            self._consumed.release()
            yield item
        if self._error is not None:
            raise self._error

    def stop(self) -> None:
        """Make the thread end after its current item; do not wait."""
        self._scope.cancel()
        self._consumed.release()

    def join(self, seconds: float = _GRACE) -> None:
        """Wait until the thread has ended, for ``seconds`` at most."""
        self._thread.join(max(0.0, seconds))

    def _run(self) -> None:
        self._scope.bind_thread()
        try:
            for item in self._items:
                self._results.put(item)
                self._consumed.acquire()
                if self._scope.cancelled:
                    break
        except BaseException as error:  # noqa: BLE001 (raised where the result is used)
            self._error = error
        finally:
            self._items.close()
            self._results.put(self._END)


@dataclass(frozen=True)
class DeferredIterator(Generic[_Item]):
    """An iterator that can be started early.

    It may start while an iterator up to ``ahead`` places before it is in use. With 0,
    it starts at its turn and without a thread.
    """

    make: Callable[[], Generator[_Item, None, None]]
    ahead: int

    def start(self) -> Iterable[_Item]:
        """Return the iterator; if it may start early, a thread runs it already."""
        return BackgroundIterator(self.make()) if self.ahead else self.make()


def run_ahead(
    deferred: Iterable[DeferredIterator[_Item]],
) -> Generator[Iterable[_Item], None, None]:
    """Yield iterators in order, while threads run some of the next ones."""
    pending = iter(deferred)
    upcoming = next(pending, None)
    started: deque[Iterable[_Item]] = deque()
    try:
        while started or upcoming:
            while upcoming and len(started) <= upcoming.ahead:
                started.append(upcoming.start())
                upcoming = next(pending, None)
            yield started[0]
            started.popleft()
    finally:
        deadline = time.monotonic() + _GRACE
        running = [it for it in started if isinstance(it, BackgroundIterator)]
        for background in running:
            background.stop()
        for background in running:
            background.join(deadline - time.monotonic())
