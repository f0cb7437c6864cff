"""Reading ahead: in order, bounded, with each failure in its place."""

from __future__ import annotations

import threading
import time
import weakref
from functools import partial
from typing import TYPE_CHECKING, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tap_genesys_analytics.api.parallel import (
    BackgroundIterator,
    CancellationScope,
    DeferredIterator,
    ReadAhead,
    Workers,
    is_cancelled,
    run_ahead,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Generator


class Counter:
    """Counts how many are at it at once."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.now = self.most = self.begun = 0

    def __enter__(self) -> None:
        with self.lock:
            self.now += 1
            self.begun += 1
            self.most = max(self.most, self.now)

    def __exit__(self, *_: object) -> None:
        with self.lock:
            self.now -= 1


def task(counter: Counter, number: int, seconds: float = 0.0) -> Callable[[], int]:
    """Return a task that takes a while."""

    def run() -> int:
        with counter:
            time.sleep(seconds)
            return number

    return run


@settings(max_examples=25)
@given(st.integers(1, 6), st.lists(st.floats(0, 0.004), max_size=20))
def test_tasks_are_done_in_parallel_and_delivered_in_order(
    connections: int, lengths: list[float]
) -> None:
    """Tasks may take any time: their results come in the order of the tasks."""
    counter = Counter()
    tasks = (task(counter, *each) for each in enumerate(lengths))
    found = list(Workers(connections).in_order(tasks))
    assert found == list(range(len(lengths)))
    assert counter.most <= connections


def test_tasks_are_not_begun_long_before_they_are_wanted() -> None:
    """At most as many tasks are ahead as there are connections."""
    counter = Counter()
    found = Workers(3).in_order(task(counter, number) for number in range(100))
    assert [next(found), next(found)] == [0, 1]
    time.sleep(0.05)
    assert counter.begun <= 5


def test_a_thread_that_is_idle_is_used_before_another_is_made() -> None:
    """Every thread keeps memory, so that there should be few."""
    workers = Workers(8)
    threads = set()
    for _ in range(20):
        threads.add(
            workers.submit(threading.current_thread, CancellationScope()).result()
        )
        time.sleep(0.005)
    assert len(threads) == 1


def test_an_answer_is_not_kept_by_the_thread_that_read_it() -> None:
    """It leaves memory as soon as its reader has dropped it."""

    class ResultPage:
        pass

    future = Workers(2).submit(ResultPage, CancellationScope())
    answer = weakref.ref(future.result())
    del future
    time.sleep(0.05)
    assert answer() is None


def wait_while_wanted(begun: threading.Event, told: threading.Event) -> int:
    """Say when it begins, and when nobody wants it any more."""
    begun.set()
    while not is_cancelled():
        time.sleep(0.001)
    told.set()
    return 1


@pytest.mark.parametrize("inside", ["tasks", "pages"])
def test_what_nobody_wants_any_more_hears_of_it(inside: str) -> None:
    """A request that is cancelled is not retried while the next stream is read."""
    begun, told = threading.Event(), threading.Event()
    slow = partial(wait_while_wanted, begun, told)
    workers = Workers(2)
    if inside == "tasks":
        tasks: list[Callable[[], int]] = [int, slow]
        found = workers.in_order(tasks)
        assert next(iter(found)) == 0
        assert begun.wait(5)
        cast("Generator[int, None, None]", found).close()
    else:
        pages: ReadAhead[str, int] = ReadAhead(lambda _: slow(), workers)
        with pages:
            pages.prefetch(["first"])
            assert begun.wait(5)
    assert told.wait(5)


def test_neither_does_who_works_for_what_is_not_wanted() -> None:
    """An interval that is cancelled stops waiting for its pages."""
    begun, told = threading.Event(), threading.Event()
    slow = partial(wait_while_wanted, begun, told)
    workers = Workers(2)

    def interval() -> Generator[int, None, None]:
        yield from workers.in_order([slow])

    background = BackgroundIterator(interval())
    assert begun.wait(5)
    assert not told.is_set()
    background.stop()
    assert told.wait(5)
    background.join()
    assert not is_cancelled()


def test_a_failure_comes_in_its_turn_and_once() -> None:
    """Results before it are delivered first, and no task is begun after it."""
    counter = Counter()

    def fail() -> int:
        message = "broken"
        raise ValueError(message)

    tasks = [task(counter, 0), task(counter, 1), fail, *[task(counter, 3)] * 50]
    found = Workers(2).in_order(tasks)
    assert [next(found), next(found)] == [0, 1]
    with pytest.raises(ValueError, match="broken"):
        next(found)
    assert list(found) == []
    assert counter.begun < 6


def test_with_one_connection_nothing_is_done_ahead_or_in_a_thread() -> None:
    """A page is requested when it is wanted, by the thread that wants it."""
    threads = set()

    def note() -> int:
        threads.add(threading.current_thread())
        return len(threads)

    found = Workers(1).in_order(note for _ in range(5))
    next(found)
    assert threads == {threading.current_thread()}
    requested: list[int] = []

    def request(page: int) -> int:
        requested.append(page)
        return page

    with ReadAhead(request, Workers(1)) as pages:
        pages.prefetch([1, 2, 3])
        assert requested == []
        assert pages.get(2) == 2
    assert requested == [2]


def test_a_page_that_is_expected_is_asked_for_once() -> None:
    """However often it is announced; and no page is requested far ahead."""
    asked: list[int] = []

    def get(page: int) -> int:
        asked.append(page)
        return page * 10

    with ReadAhead(get, Workers(2)) as pages:
        pages.prefetch(range(1, 20))
        pages.prefetch(range(1, 20))
        time.sleep(0.05)
        assert sorted(asked) == [1, 2]
        assert [pages.get(page) for page in (1, 2, 9)] == [10, 20, 90]
    assert sorted(asked) == [1, 2, 9]


def test_a_page_that_is_not_wanted_any_more_is_not_asked_for() -> None:
    """Only requests that are under way already are finished."""
    asked: list[int] = []
    gate = threading.Event()

    def get(page: int) -> int:
        asked.append(page)
        gate.wait(5)
        return page

    workers = Workers(2)
    with ReadAhead(get, workers) as others, ReadAhead(get, workers) as pages:
        others.prefetch([1, 2])
        pages.prefetch([3, 4])
        time.sleep(0.05)
    gate.set()
    time.sleep(0.05)
    assert sorted(asked) == [1, 2]


def numbers(
    counter: Counter, count: int, closed: list[int]
) -> Generator[int, None, None]:
    """Yield numbers, and note the end."""
    try:
        for number in range(count):
            with counter:
                pass
            yield number
    finally:
        closed.append(counter.begun)


def test_an_iterator_in_the_background_is_one_item_ahead() -> None:
    """Its thread waits until the item that it holds is taken."""
    counter, closed = Counter(), list[int]()
    found = iter(BackgroundIterator(numbers(counter, 10, closed)))
    time.sleep(0.05)
    assert counter.begun == 1
    assert next(found) == 0
    time.sleep(0.05)
    assert counter.begun == 2
    assert list(found) == list(range(1, 10))
    assert closed == [10]


def test_an_iterator_that_nobody_wants_any_more_cleans_up() -> None:
    """Its clean-up is over when closing it returns."""
    counter, closed = Counter(), list[int]()
    background = BackgroundIterator(numbers(counter, 10, closed))
    assert next(iter(background)) == 0
    background.stop()
    background.join()
    assert closed
    assert counter.begun <= 2


def test_what_an_iterator_raises_is_raised_after_its_items() -> None:
    """The error is raised to whoever takes the items, not in the thread."""

    def broken() -> Generator[int, None, None]:
        yield 1
        message = "broken"
        raise ValueError(message)

    found = iter(BackgroundIterator(broken()))
    assert next(found) == 1
    with pytest.raises(ValueError, match="broken"):
        next(found)


@pytest.mark.parametrize("ahead", [0, 1, 3])
def test_iterators_come_in_order_with_some_at_work_ahead(ahead: int) -> None:
    """No more iterators are at work than are allowed ahead."""
    counter, closed = Counter(), list[int]()
    made: list[int] = []

    def start(number: int) -> DeferredIterator[int]:
        def make() -> Generator[int, None, None]:
            made.append(number)
            return numbers(counter, 3, closed)

        return DeferredIterator(make, ahead)

    found = run_ahead(start(number) for number in range(8))
    first = next(found)
    assert len(made) == 1 + ahead
    assert list(first) == [0, 1, 2]
    assert [list(each) for each in found] == [[0, 1, 2]] * 7
    assert made == list(range(8))
    assert len(closed) == 8


def test_how_many_are_at_work_ahead_is_each_iterators_own() -> None:
    """One that may not run ahead keeps those after it waiting, too."""
    counter, closed = Counter(), list[int]()
    made: list[str] = []

    def start(name: str, ahead: int) -> DeferredIterator[int]:
        def make() -> Generator[int, None, None]:
            made.append(name)
            return numbers(counter, 1, closed)

        return DeferredIterator(make, ahead)

    jobs = [start(name, 1) for name in ("job 1", "job 2", "job 3")]
    queries = [start(name, 2) for name in ("query 1", "query 2", "query 3")]
    seen = [len(made) for found in run_ahead(jobs + queries) if list(found)]
    assert seen == [2, 4, 5, 6, 6, 6]


def test_iterators_ahead_are_ended_when_the_run_is_broken_off() -> None:
    """Closing the run closes every iterator that was begun."""
    counter, closed = Counter(), list[int]()
    start = DeferredIterator(lambda: numbers(counter, 5, closed), 2)
    found = run_ahead([start] * 5)
    next(found)
    time.sleep(0.05)
    found.close()
    assert len(closed) == 3
