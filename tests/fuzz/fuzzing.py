"""The fuzzer: truths of all groups, and from a seed the case of each run."""

from __future__ import annotations

import random
import re
from collections import defaultdict
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from genesys_cloud_sandbox.server import Sandbox
from typing_extensions import Self

from tests.fuzz.exchanges import Recording, Replay, Spot
from tests.fuzz.explaining import Change
from tests.fuzz.groups import (
    Group,
    catalog_of,
    full_catalog,
    groups,
    sandbox_options,
)
from tests.fuzz.mutations import NEXT, Mutation, draw
from tests.fuzz.oracle import Finding, judge
from tests.fuzz.places import Path, at, own_leaves, pattern, places, shown
from tests.fuzz.proxy import Proxy
from tests.fuzz.running import Outcome, run_tap
from tests.fuzz.tables import Tables, read_tables

if TYPE_CHECKING:
    from collections.abc import Iterable

#: How patterns end of places that name a next page.
_NEXT = tuple(f".{name}" for name in NEXT)

_UUID = re.compile(r"^[0-9a-f]{8}-[0-9a-f-]{27}$")

#: An endpoint, and the pattern of a path in its answers.
Target = tuple[str, str]


@dataclass(frozen=True)
class Truth:
    """An undisturbed run of a group."""

    group: Group
    catalog: dict[str, Any]
    recording: Recording
    tables: Tables
    requests: int


@dataclass(frozen=True)
class Case:
    """What one run of the fuzzer changes."""

    seed: int
    run: int
    group: Group
    spot: Spot
    mutation: Mutation
    document: Any
    #: Whether other answers of the group hold the same item.
    is_repeated: bool

    @property
    def endpoint(self) -> str:
        """The endpoint whose answer is changed."""
        return self.spot.request.endpoint

    @property
    def change(self) -> Change:
        """The change, as the oracle takes it."""
        return Change(self.endpoint, self.document, self.mutation, self.is_repeated)

    @property
    def pattern(self) -> str:
        """The pattern of the path at which the answer is changed."""
        return pattern(self.mutation.path)

    def __str__(self) -> str:
        """Return all that is to be known of a case."""
        return (
            f"seed {self.seed} run {self.run}  {self.group.name}\n"
            f"  {self.endpoint}\n"
            f"  {shown(self.mutation.path)}  {self.mutation}"
        )

    @property
    def command(self) -> str:
        """The command that repeats the run."""
        return f"python -m tests.fuzz --seed {self.seed} --run {self.run}"


class Fuzzer:
    """Runs the tap against changed answers, for as long as its ``with`` block lasts."""

    def __init__(self, only: Iterable[str] = ()) -> None:
        self._only = frozenset(only)
        self._stack = ExitStack()
        self.truths: dict[str, Truth] = {}

    def __enter__(self) -> Self:
        """Start a sandbox and a proxy, and read the truth of each group."""
        with ExitStack() as stack:
            sandbox = stack.enter_context(Sandbox(sandbox_options()))
            self._proxy = stack.enter_context(Proxy(sandbox))
            catalog = full_catalog()
            for group in groups():
                if not self._only or group.name in self._only:
                    chosen = catalog_of(group, catalog)
                    self.truths[group.name] = self._truth(group, chosen)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop both."""
        self._stack.close()

    def _truth(self, group: Group, catalog: dict[str, Any]) -> Truth:
        recording = self._proxy.record()
        outcome = run_tap(group.settings(self._proxy.url), catalog)
        if outcome.error:
            message = f"{group.name} cannot be read undisturbed: {outcome.error}"
            raise RuntimeError(message)
        tables = read_tables(outcome.output)
        recording.settle()
        return Truth(group, catalog, recording, tables, recording.requests)

    @cached_property
    def _documents(self) -> dict[tuple[str, Spot], Any]:
        """The documents of all answers that hold one."""
        found = {}
        for name, truth in self.truths.items():
            for spot in truth.recording.spots():
                document = truth.recording.answer(spot).document()
                if document is not None:
                    found[name, spot] = document
        return found

    @cached_property
    def targets(self) -> dict[Target, list[tuple[str, Spot]]]:
        """Where each pattern of each endpoint is to be found: groups and answers."""
        found: dict[Target, dict[tuple[str, Spot], None]] = defaultdict(dict)
        for place, document in self._documents.items():
            endpoint = place[1].request.endpoint
            for each in {pattern(path) for path, _ in places(document)}:
                found[endpoint, each][place] = None
        return {target: list(found[target]) for target in sorted(found)}

    def case(self, seed: int, run: int) -> Case:
        """Return the case of a run: every pattern of every endpoint is as likely.

        But for every fiftieth run, which changes where a next page is: there are few
        such places, and they are where runs may never end.
        """
        chance = random.Random(f"{seed}/{run}")
        targets = list(self.targets)
        if run % 50 == 49:
            targets = [each for each in targets if each[1].endswith(_NEXT)] or targets
        target = chance.choice(targets)
        name, spot = chance.choice(self.targets[target])
        document = self._documents[name, spot]
        paths = [path for path, _ in places(document) if pattern(path) == target[1]]
        path = chance.choice(paths)
        mutation = draw(chance, document, path, self._circle(name, spot, path))
        repeated = self._is_repeated(name, spot, path)
        group = self.truths[name].group
        return Case(seed, run, group, spot, mutation, document, repeated)

    def _circle(self, name: str, spot: Spot, path: Path) -> str:
        """Return a next page that an answer before this one named at the same place."""
        if not path or path[-1] not in NEXT:
            return ""
        endpoint = spot.request.endpoint
        for (group, other), document in self._documents.items():
            if group == name and other.request.endpoint == endpoint:
                for where, value in places(document):
                    if where == path and isinstance(value, str):
                        return value
        return ""

    def _is_repeated(self, name: str, spot: Spot, path: Path) -> bool:
        """Tell whether an answer to another request holds the item around a place."""
        document = self._documents[name, spot]
        steps = [number for number, step in enumerate(path) if isinstance(step, int)]
        if not steps:
            return False
        item = at(document, path[: steps[0] + 1])
        ids = [each.encode() for each in own_leaves(item) if _UUID.match(each)]
        return any(
            each in answer.content
            for request, answers in self.truths[name].recording.answers.items()
            if request != spot.request
            for answer in answers
            for each in ids
        )

    def outcome(self, case: Case) -> Outcome:
        """Return what a run leaves behind."""
        truth = self.truths[case.group.name]
        content = case.mutation.content(case.document)
        stuck = case.mutation.kind == "stuck"
        replay = Replay(truth.recording, case.spot, content, stuck)
        self._proxy.play(replay, 20 * truth.requests + 500)
        outcome = run_tap(case.group.settings(self._proxy.url), truth.catalog)
        if not self._proxy.endless:
            return outcome
        return Outcome(**{**vars(outcome), "endless": True})

    def findings(self, case: Case) -> list[Finding]:
        """Return what is wrong with a run."""
        truth = self.truths[case.group.name]
        streams = case.group.streams
        return judge(truth.tables, streams, case.change, self.outcome(case))

    def undisturbed(self, name: str) -> Outcome:
        """Return what a run leaves behind whose answers are all as recorded."""
        truth = self.truths[name]
        self._proxy.play(Replay(truth.recording), truth.requests)
        return run_tap(truth.group.settings(self._proxy.url), truth.catalog)
