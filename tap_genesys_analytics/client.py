"""The one way to talk to Genesys Cloud: session, retries, errors."""

from __future__ import annotations

import json
import logging
import re
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import msgspec
import requests
from requests.adapters import HTTPAdapter

from tap_genesys_analytics.errors import (
    ApiError,
    GenesysError,
    PageTooLargeError,
    ResultCapError,
    ResultLimitError,
    TransientError,
    describe,
    missing_permissions,
)
from tap_genesys_analytics.lists import Ask, Paging, first_page, list_pages
from tap_genesys_analytics.retries import check_transient

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tap_genesys_analytics.ahead import Workers
    from tap_genesys_analytics.auth import ClientCredentials
    from tap_genesys_analytics.rate import RateBudget
    from tap_genesys_analytics.retries import Retries

    Document = dict[str, Any]

logger = logging.getLogger("tap-genesys")

#: A NUL or half of a surrogate pair, escaped in JSON or as it leaves a broken encoder.
_UNSTORABLE = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])|\xed[\xa0-\xbf]")

_DELETED = (HTTPStatus.OK, HTTPStatus.ACCEPTED, HTTPStatus.NO_CONTENT)

_TOO_LARGE_CODES = frozenset({"payload.too.large", "response.entity.too.large"})
_TOO_LARGE_TEXT = b"response is over the size limit"

#: What the API says of aggregates with too many results: in both forms seen.
_RESULT_LIMIT = re.compile(rb"(?i)larger than result limit|limit of \d+ results")

#: What the API says of a page behind the last that it answers.
_RESULT_CAP = re.compile(rb"Pagination may not exceed (\d+) results")

#: Seconds that Genesys has to answer a request that cleans up.
_CLEANING_TIMEOUT = 10

#: Connections beside those of the workers: of the run itself, and of what is ahead.
_SPARE_CONNECTIONS = 4


class GenesysClient:
    """Sends requests to the API and returns the decoded documents.

    Safe to share between threads. ``timeout`` is seconds.
    """

    def __init__(  # noqa: PLR0913 (the parts that a run shares, each replaced in tests)
        self,
        api_url: str,
        credentials: ClientCredentials,
        *,
        session: requests.Session,
        timeout: float,
        retries: Retries,
        budget: RateBudget,
        workers: Workers,
    ) -> None:
        self._api_url = api_url
        self._credentials = credentials
        self._session = session
        self._timeout = timeout
        self.retries = retries
        self.budget = budget
        self.workers = workers

    def get(self, path: str, params: Mapping[str, Any] | None = None) -> Any:  # noqa: ANN401 (JSON)
        """Return the document at a path.

        Raises:
            GenesysError: See ``post``.
        """
        return self._ask("GET", path, params=params)

    def entities(
        self, path: str, params: Mapping[str, Any] | None = None
    ) -> list[Document]:
        """Return all entities of a list that is paged by number.

        Raises:
            GenesysError: See ``post``.
        """
        first = first_page(Ask(path, params or {}), Paging.NUMBERS)
        pages = list_pages(
            lambda ask: self.get(ask.path, ask.params), first, self.workers
        )
        return [entity for page in pages for entity in page.entities]

    def post(self, path: str, body: Mapping[str, Any]) -> Any:  # noqa: ANN401 (JSON)
        """Return the document that answers a body.

        Raises:
            LoginError: There is no token for these credentials.
            PageTooLargeError: The answer is too large to be sent.
            ApiError: The API refused the request, or failed until the last try.
        """
        return self._ask("POST", path, json=body)

    def delete(self, path: str) -> None:
        """Delete what is at a path, tried once.

        It cleans up behind the run, perhaps while it is being stopped: a failure is
        logged and does not hide the error that the run may be ending with.
        """
        self.retries.count_request()
        try:
            response = self._session.delete(
                f"{self._api_url}{path}",
                auth=self._credentials,
                timeout=_CLEANING_TIMEOUT,
                allow_redirects=False,
            )
        except (requests.RequestException, GenesysError) as error:
            logger.warning("DELETE %s: %s", path, type(error).__name__)
            return
        if response.status_code not in {*_DELETED, HTTPStatus.NOT_FOUND}:
            logger.warning("DELETE %s was answered %d", path, response.status_code)

    def _pause(self, seconds: float) -> None:
        """Let all threads wait that long, unless the run ends rather than wait."""
        if seconds <= self.retries.max_wait:
            self.budget.pause(seconds)

    def _ask(self, method: str, path: str, **content: Any) -> Any:  # noqa: ANN401 (JSON)
        """Return the decoded answer to a request that is tried again while it helps."""

        def send() -> Any:  # noqa: ANN401 (JSON)
            # What a request waits for comes before it is counted: it is sent at once.
            self._credentials.token()
            with self.workers.slots:
                self.budget.spend()
                response = self._session.request(
                    method,
                    f"{self._api_url}{path}",
                    auth=self._credentials,
                    timeout=self._timeout,
                    allow_redirects=False,
                    **content,
                )
            logger.debug(
                "%s %s: %d in %.3f s",
                method,
                path,
                response.status_code,
                response.elapsed.total_seconds(),
            )
            self.budget.heed(response.headers)
            try:
                return decoded(response)
            except TransientError as error:
                if error.is_rate_limit and error.retry_after is not None:
                    self._pause(error.retry_after)
                raise

        return self.retries(send)


def new_session(user_agent: str, connections: int) -> requests.Session:
    """Return a session whose connections several threads can share."""
    session = requests.Session()
    session.headers.update({"User-Agent": user_agent, "Accept": "application/json"})
    adapter = HTTPAdapter(pool_maxsize=connections + _SPARE_CONNECTIONS)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    return session


def decoded(response: requests.Response) -> Any:  # noqa: ANN401 (JSON)
    """Return the document of an answer.

    Raises:
        TransientError: It failed in a way that may pass, or holds no complete JSON.
        PageTooLargeError: The records asked for are too large for one answer.
        ResultCapError: The page asked for lies behind the last one.
        ResultLimitError: The aggregates asked for are too many for one answer.
        ApiError: The API refused the request.
    """
    check_transient(response)
    if response.status_code >= HTTPStatus.MULTIPLE_CHOICES:
        message, code = describe(response)
        status = response.status_code
        if cap := _RESULT_CAP.search(response.content):
            raise ResultCapError(message, cap=int(cap[1]), status=status, code=code)
        raise _error_class(response, code)(
            message,
            status=status,
            code=code,
            permissions=missing_permissions(response),
        )
    try:
        return decode_json(response.content)
    except ValueError as error:
        message, _ = describe(response)
        message = f"{message}, but not with complete JSON"
        raise TransientError(message) from error


def decode_json(content: bytes) -> Any:  # noqa: ANN401 (JSON)
    """Return a JSON document, its texts freed of what no database stores.

    NUL characters are removed, and halves of surrogate pairs become U+FFFD:
    PostgreSQL, for one, refuses a whole load because of either.

    Raises:
        ValueError: The content is not JSON.
    """
    # Two quick looks spare nearly every page the slow one.
    if (b"\\u" in content or b"\xed" in content) and _UNSTORABLE.search(content):
        return _cleaned(json.loads(content))
    return msgspec.json.decode(content)


def _cleaned(value: Any) -> Any:  # noqa: ANN401 (JSON)
    """Return a document without NUL characters and halves of surrogate pairs."""
    if isinstance(value, str):
        text = value.replace("\0", "")
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [_cleaned(item) for item in value]
    if isinstance(value, dict):
        return {_cleaned(key): _cleaned(item) for key, item in value.items()}
    return value


def _error_class(response: requests.Response, code: str) -> type[ApiError]:
    """Return the kind of a refusal."""
    if _is_too_large(response, code):
        return PageTooLargeError
    if response.status_code == HTTPStatus.BAD_REQUEST and _RESULT_LIMIT.search(
        response.content
    ):
        return ResultLimitError
    return ApiError


def _is_too_large(response: requests.Response, code: str) -> bool:
    """Tell whether fewer records would fit: 413 and its 400 twin.

    A 413 ``request.entity.too.large`` speaks of the request, where smaller pages do
    not help.
    """
    if response.status_code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        return code != "request.entity.too.large"
    return code in _TOO_LARGE_CODES or _TOO_LARGE_TEXT in response.content
