"""What was asked and answered in a run: recorded, and answered again the same way."""

from __future__ import annotations

import gzip
import json
import re
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

#: Segments of a path that are ids or names made by the server.
_ID = re.compile(r"^(?=.*\d)[\w.-]{9,}$")


@dataclass(frozen=True)
class Request:
    """A request of the tap, as far as an answer depends on it."""

    method: str
    #: With the query.
    path: str
    body: bytes

    @property
    def endpoint(self) -> str:
        """Method and path, without a query, its ids as ``{id}``."""
        segments = self.path.partition("?")[0].split("/")
        shown = ["{id}" if _ID.match(each) else each for each in segments]
        return f"{self.method} {'/'.join(shown)}"


@dataclass(frozen=True)
class Answer:
    """An answer of the server."""

    status: int
    content: bytes
    content_type: str = "application/json"

    def document(self) -> Any:
        """Return the JSON in a good answer; None: there is none to change."""
        if self.status >= 300 or not self.content:
            return None
        content = self.content
        if content.startswith(b"\x1f\x8b"):
            content = gzip.decompress(content)
        try:
            return json.loads(content)
        except ValueError:
            return None


@dataclass(frozen=True)
class Spot:
    """One answer of a recording: the nth to a request."""

    request: Request
    number: int = 0


@dataclass
class Recording:
    """The answers to each request of a run, in order."""

    answers: dict[Request, list[Answer]] = field(
        default_factory=lambda: defaultdict(list)
    )

    @property
    def requests(self) -> int:
        """The number of requests that the run sent."""
        return sum(map(len, self.answers.values()))

    def add(self, request: Request, answer: Answer) -> None:
        """Note an answer."""
        self.answers[request].append(answer)

    def settle(self) -> None:
        """Keep the last answer to each request: how often a job is asked is chance."""
        for answers in self.answers.values():
            del answers[:-1]

    def spots(self) -> list[Spot]:
        """Return the places of all answers."""
        return [
            Spot(request, number)
            for request, answers in self.answers.items()
            for number in range(len(answers))
        ]

    def answer(self, spot: Spot) -> Answer:
        """Return one of the answers."""
        return self.answers[spot.request][spot.number]


@dataclass
class Replay:
    """A recording that is answered again, one answer of it changed.

    ``stuck``: the changed answer is given to all that is asked of its endpoint.
    """

    recording: Recording
    changed: Spot | None = None
    content: bytes = b""
    stuck: bool = False
    _given: dict[Request, int] = field(default_factory=lambda: defaultdict(int))

    def answer(self, request: Request) -> Answer | None:
        """Return the next answer to a request; None: the recording has none.

        The last one is given for ever: whoever asks again is told the same.
        """
        answers = self.recording.answers.get(request)
        place = self.changed
        if self.stuck and place and place.request.endpoint == request.endpoint:
            return Answer(self.recording.answer(place).status, self.content)
        if not answers:
            return None
        number = min(self._given[request], len(answers) - 1)
        self._given[request] += 1
        if self.changed == Spot(request, number):
            return Answer(answers[number].status, self.content)
        return answers[number]
