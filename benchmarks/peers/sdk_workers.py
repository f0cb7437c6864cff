"""The SDK tap with eight workers, without a rate limit."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from typing_extensions import override

from benchmarks.peers import sdk_tap

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import requests
    from singer_sdk.helpers.types import Context, Record

WORKERS = 8


class Conversations(sdk_tap.Conversations):
    """Conversations, eight pages at a time."""

    @override
    def request_records(self, context: Context | None) -> Iterator[Record]:
        send = self.request_decorator(self._request)

        def page(number: int) -> requests.Response:
            return send(self.prepare_request(context, number), context)

        first = page(1)
        yield from self.parse_response(first)
        total = first.json().get("totalHits", 0)
        numbers = range(2, math.ceil(total / sdk_tap.PAGE_SIZE) + 1)
        with ThreadPoolExecutor(WORKERS) as pool:
            for response in pool.map(page, numbers):
                yield from self.parse_response(response)


class TapGenesys(sdk_tap.TapGenesys):
    """The tap."""

    @override
    def discover_streams(self) -> Sequence[Conversations]:
        return [Conversations(self)]


if __name__ == "__main__":
    TapGenesys.cli()
