"""Details jobs: submitted, waited for, read. A job is named by its path."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.conftest import Client

Conversation = dict[str, Any]
JOBS = "/api/v2/analytics/conversations/details/jobs"

DAY = "2026-03-04T00:00:00Z/2026-03-05T00:00:00Z"


def submit(
    client: Client, jobs: str = JOBS, *, fault: str | None = None, **body: Any
) -> str:
    """Start a job for 4 March, unless another interval is given."""
    answer = client.ask("POST", jobs, fault=fault, json={"interval": DAY, **body})
    assert answer.status_code == 202, answer.text
    return f"{jobs}/{answer.json()['jobId']}"


def status(client: Client, job: str) -> dict[str, Any]:
    """The status of a job."""
    answer: dict[str, Any] = client.ask("GET", job).json()
    return answer


def wait(client: Client, job: str) -> dict[str, Any]:
    """The status of a job that is not under way any more."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        answer = status(client, job)
        if answer["state"] not in ("QUEUED", "PENDING"):
            return answer
        time.sleep(0.01)
    raise TimeoutError


def pages(client: Client, job: str, **params: Any) -> list[dict[str, Any]]:
    """The pages of a job's results, up to the one without a cursor."""
    found: list[dict[str, Any]] = []
    while not found or "cursor" in found[-1]:
        if found:
            params["cursor"] = found[-1]["cursor"]
        answer = client.ask("GET", f"{job}/results", params=params)
        assert answer.status_code == 200, answer.text
        found.append(answer.json())
    return found


def read(client: Client, **body: Any) -> list[Conversation]:
    """All that a job of conversations finds."""
    job = submit(client, **body)
    assert wait(client, job)["state"] == "FULFILLED"
    found = [x for page in pages(client, job) for x in page.get("conversations", ())]
    client.ask("DELETE", job)
    return found


def ids(conversations: list[Conversation]) -> list[str]:
    """The ids, in order."""
    return [conversation["conversationId"] for conversation in conversations]
