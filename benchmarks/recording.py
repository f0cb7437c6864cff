"""A day of conversations, recorded once from the sandbox and kept in files.

python -m benchmarks.recording FOLDER CONVERSATIONS
"""

from __future__ import annotations

import json
import re
import sys
import time
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

import requests
from genesys_cloud_sandbox.server import Sandbox, SandboxOptions

if TYPE_CHECKING:
    from collections.abc import Iterator

DETAILS = "/api/v2/analytics/conversations/details"
PAGE_SIZE, JOB_PAGE_SIZE = 100, 1_000

#: Placeholders for the recorded day and for the beginning of ids.
_DAY, _ID = b"@the--day@", b"@the-id@"
_ID_BEGINS = re.compile(rb'("conversationId":")[0-9a-f]{8}')

#: The age of the recorded day: its conversations are complete by then.
_AGE = timedelta(days=20)


@dataclass(frozen=True)
class Recording:
    """The pages of conversations of one day, to be served as any day."""

    total: int
    first: bytes
    """The page of one conversation, for requests that need only the total."""
    pages: tuple[bytes, ...]
    results: tuple[bytes, ...]

    @classmethod
    def read(cls, folder: Path) -> Recording:
        """Return the recording in a folder."""
        about = json.loads((folder / "about.json").read_text("utf-8"))

        def lists(pattern: str) -> tuple[bytes, ...]:
            files = sorted(folder.glob(pattern))
            return tuple(_movable(file.read_bytes(), about["day"]) for file in files)

        (first,) = lists("first-*")
        return cls(about["total"], first, lists("page-*"), lists("result-*"))


def moved(page: bytes, day: date) -> bytes:
    """Return a page as that of another day, with its date and other ids."""
    identifier = f"{day.toordinal():08x}"
    return page.replace(_DAY, str(day).encode()).replace(_ID, identifier.encode())


def record(folder: Path, conversations: int) -> None:
    """Record a day with a number of conversations into a folder."""
    day = datetime.now(timezone.utc).date() - _AGE
    options = SandboxOptions(
        conversations_per_day=conversations, requests_per_minute=0, job_seconds=0
    )
    with Sandbox(options) as sandbox, requests.Session() as session:
        login = session.post(
            f"{sandbox.login_url}/oauth/token",
            data={"grant_type": "client_credentials"},
            auth=(options.client_id, options.client_secret),
            timeout=60,
        )
        session.headers["Authorization"] = f"Bearer {login.json()['access_token']}"
        url = f"{sandbox.api_url}{DETAILS}"
        interval = f"{day}T00:00:00Z/{day + timedelta(days=1)}T00:00:00Z"
        kinds = {
            "first": [next(_pages(session, url, interval, 1))],
            "page": _pages(session, url, interval, PAGE_SIZE),
            "result": _results(session, url, interval),
        }
        for kind, pages in kinds.items():
            for number, page in enumerate(pages):
                (folder / f"{kind}-{number:05}").write_bytes(page)
    about = {"day": str(day), "total": conversations}
    (folder / "about.json").write_text(json.dumps(about), encoding="utf-8")


def _movable(page: bytes, day: str) -> bytes:
    """Return the conversations in a response, with placeholders."""
    conversations = page.partition(b'"conversations":')[2].removesuffix(b"}")
    marked = conversations.replace(day.encode(), _DAY)
    return _ID_BEGINS.sub(rb"\1" + _ID, marked)


def _query(interval: str) -> dict[str, Any]:
    """Return the body of the query of an interval."""
    return {"interval": interval, "order": "asc", "orderBy": "conversationStart"}


def _pages(
    session: requests.Session, url: str, interval: str, size: int
) -> Iterator[bytes]:
    """Yield the pages of the query."""
    number = 1
    while True:
        paging = {"pageSize": size, "pageNumber": number}
        body = {**_query(interval), "paging": paging}
        page = session.post(f"{url}/query", json=body, timeout=600).content
        if b'"conversations":' not in page:
            return
        yield page
        number += 1


def _results(session: requests.Session, url: str, interval: str) -> Iterator[bytes]:
    """Yield the pages of a job."""
    submitted = session.post(f"{url}/jobs", json=_query(interval), timeout=600)
    job = f"{url}/jobs/{submitted.json()['jobId']}"
    while session.get(job, timeout=600).json()["state"] != "FULFILLED":
        time.sleep(0.1)
    params: dict[str, Any] | None = {"pageSize": JOB_PAGE_SIZE}
    while params is not None:
        page = session.get(f"{job}/results", params=params, timeout=600).content
        cursor = json.loads(page).get("cursor")
        params = {"pageSize": JOB_PAGE_SIZE, "cursor": cursor} if cursor else None
        yield page


if __name__ == "__main__":
    record(Path(sys.argv[1]), int(sys.argv[2]))
