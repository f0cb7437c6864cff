"""The common part of the hand-written scripts: URLs, login, pages."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any

import requests

if TYPE_CHECKING:
    from collections.abc import Iterator

API_URL = os.environ["GENESYS_API_URL"]
LOGIN_URL = os.environ["GENESYS_LOGIN_URL"]
CLIENT_ID = os.environ["GENESYS_CLIENT_ID"]
CLIENT_SECRET = os.environ["GENESYS_CLIENT_SECRET"]
START, END = os.environ["GENESYS_START"], os.environ["GENESYS_END"]
QUERY = "/api/v2/analytics/conversations/details/query"
PAGE_SIZE = 100
TIMEOUT = 300

#: The cursor of the next page, at the beginning of a page of a job's results.
CURSOR, HEAD = re.compile(rb'"cursor": ?"([^"]+)"'), 500


def body() -> dict[str, Any]:
    """Return the body of the query, without paging."""
    return {
        "interval": f"{START}/{END}",
        "order": "asc",
        "orderBy": "conversationStart",
    }


def logged_in() -> requests.Session:
    """Return a session with a token."""
    response = requests.post(
        f"{LOGIN_URL}/oauth/token",
        data={"grant_type": "client_credentials"},
        auth=(CLIENT_ID, CLIENT_SECRET),
        timeout=TIMEOUT,
    )
    response.raise_for_status()
    session = requests.Session()
    session.headers["Authorization"] = f"Bearer {response.json()['access_token']}"
    return session


def page(session: requests.Session, number: int) -> requests.Response:
    """Return a page of the query."""
    paging = {"pageSize": PAGE_SIZE, "pageNumber": number}
    response = session.post(
        f"{API_URL}{QUERY}", json={**body(), "paging": paging}, timeout=TIMEOUT
    )
    response.raise_for_status()
    return response


def job_pages(session: requests.Session) -> Iterator[requests.Response]:
    """Yield the pages of a job's results; the job must be done at the first poll."""
    jobs = f"{API_URL}/api/v2/analytics/conversations/details/jobs"
    job = session.post(jobs, json=body(), timeout=TIMEOUT).json()["jobId"]
    state = session.get(f"{jobs}/{job}", timeout=TIMEOUT).json()["state"]
    if state != "FULFILLED":
        message = f"the job {job} is {state}"
        raise RuntimeError(message)
    params: dict[str, Any] = {"pageSize": 1_000}
    while True:
        results = f"{jobs}/{job}/results"
        response = session.get(results, params=params, timeout=TIMEOUT)
        response.raise_for_status()
        yield response
        cursor = CURSOR.search(response.content, 0, HEAD)
        if cursor is None:
            return
        params["cursor"] = cursor[1].decode()
