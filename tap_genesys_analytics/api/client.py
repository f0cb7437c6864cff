"""The client: sends all requests to Genesys Cloud, with token, retries and limits."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import requests
from requests.adapters import HTTPAdapter
from typing_extensions import Self, override

from tap_genesys_analytics.api.auth import ClientCredentials
from tap_genesys_analytics.api.errors import (
    ApiError,
    DownloadError,
    RequestCancelledError,
    TransientError,
    UnavailableError,
)
from tap_genesys_analytics.api.get_pages import (
    ListRequest,
    Paging,
    first_request,
    get_pages,
)
from tap_genesys_analytics.api.parallel import Workers, is_cancelled
from tap_genesys_analytics.api.polling import JOB_TIMEOUT
from tap_genesys_analytics.api.rate_limit import RateBudget
from tap_genesys_analytics.api.responses import decode_response
from tap_genesys_analytics.api.retries import Retries
from tap_genesys_analytics.errors import GenesysError
from tap_genesys_analytics.records.shapes import Identified, check_shape
from tap_genesys_analytics.settings import regions

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tap_genesys_analytics.records.raw_documents import Document


logger = logging.getLogger("tap-genesys")

_DELETE_STATUSES = (HTTPStatus.OK, HTTPStatus.ACCEPTED, HTTPStatus.NO_CONTENT)

#: Timeout of a DELETE request, in seconds.
_DELETE_TIMEOUT = 10

#: Connections of the main thread, and of threads that read intervals ahead.
_SPARE_CONNECTIONS = 4


class GenesysClient:
    """Sends requests to the API and returns the decoded documents.

    Safe to share between threads. ``timeout`` is the seconds that an answer may take,
    ``job_timeout`` those that a job or report may take.
    """

    def __init__(  # noqa: PLR0913 (shared by a run; tests replace them)
        self,
        api_url: str,
        credentials: ClientCredentials,
        *,
        session: requests.Session,
        timeout: float,
        retries: Retries,
        budget: RateBudget,
        workers: Workers,
        job_timeout: float = JOB_TIMEOUT,
    ) -> None:
        self._api_url = api_url
        self._credentials = credentials
        self._session = session
        self._timeout = timeout
        self.retries = retries
        self.budget = budget
        self.workers = workers
        self.job_timeout = job_timeout

    @classmethod
    def from_config(cls, config: Mapping[str, Any], user_agent: str) -> Self:
        """Return a client for validated settings.

        Raises:
            ValueError: A URL in the settings is not safe (``regions.checked_url``).
        """
        login_url = config.get("login_url") or regions.login_url(config["region"])
        api_url = config.get("api_url") or regions.api_url(config["region"])
        session = new_session(user_agent, config["max_connections"])
        retries = Retries(config["max_retry_wait"])
        credentials = ClientCredentials(
            regions.checked_url(login_url),
            config["client_id"],
            config["client_secret"],
            session=session,
            retries=retries,
        )
        return cls(
            regions.checked_url(api_url),
            credentials,
            session=session,
            timeout=config["request_timeout"],
            retries=retries,
            budget=RateBudget(config["requests_per_minute"]),
            workers=Workers(config["max_connections"]),
            job_timeout=config["job_timeout"],
        )

    def get(
        self,
        path: str,
        params: Mapping[str, Any] | None = None,
        *,
        undecoded: str | None = None,
    ) -> Any:  # noqa: ANN401 (JSON)
        """Return the document at a path. See ``post`` for ``undecoded`` and errors.

        Raises:
            GenesysError: The request failed.
        """
        return self._request("GET", path, undecoded, params=params)

    def entities(
        self, path: str, params: Mapping[str, Any] | None = None
    ) -> list[Document]:
        """Return all entities of a list that is paged by number.

        Raises:
            GenesysError: A request failed.
        """
        first = first_request(ListRequest(path, params or {}), Paging.NUMBERS)
        pages = get_pages(
            lambda page: self.get(page.path, page.params), first, self.workers
        )
        found: list[Any] = []
        for page in pages:
            found += page.entities
            # An entity without an id is an error, not an entity less.
            found += [None] * page.malformed
        check_shape(found, list[Identified], f"GET {path}")
        return found

    def post(
        self, path: str, body: Mapping[str, Any], *, undecoded: str | None = None
    ) -> Any:  # noqa: ANN401 (JSON)
        """Return the decoded response to a POST request.

        ``undecoded`` names a member whose documents stay JSON, to be decoded later
        (``raw_documents.decode_document``).

        Raises:
            LoginError: The login service refused the credentials.
            PageTooLargeError: The page is too large for one response.
            ApiError: The API refused the request, or failed until the last try.
            RequestCancelledError: The stream has ended.
        """
        return self._request("POST", path, undecoded, json=body)

    def download(self, url: str) -> Any:  # noqa: ANN401 (JSON)
        """Return the document behind a signed URL.

        The signature grants access. No token is sent, because the URL may lead to a
        host outside Genesys.

        Raises:
            DownloadError: The URL has expired, or is not safe.
            UnavailableError: The download failed until the last try.
        """
        if not regions.is_safe(url):
            message = "a download URL is not https: it is not requested"
            raise DownloadError(message)

        def send() -> Any:  # noqa: ANN401 (JSON)
            _check_not_cancelled()
            with self.workers.slots:
                response = self._session.get(
                    url, auth=_unsigned, timeout=self._timeout, allow_redirects=False
                )
            return decode_response(response)

        try:
            return self.retries(send)
        except UnavailableError:
            # A new URL would not help.
            raise
        except ApiError as error:
            # Not an ApiError: here 403 means an expired URL, not a missing permission.
            reason = f"the download was answered {error.status}"
            raise DownloadError(reason if error.status else str(error)) from error

    def delete(self, path: str) -> None:
        """Send a DELETE request, once; log a failure.

        It cleans up, perhaps while an error ends the run, so it raises no error itself.
        """
        self.retries.count_request()
        try:
            response = self._session.delete(
                f"{self._api_url}{path}",
                auth=self._credentials,
                timeout=_DELETE_TIMEOUT,
                allow_redirects=False,
            )
        except (requests.RequestException, GenesysError) as error:
            logger.warning("DELETE %s: %s", path, type(error).__name__)
            return
        if response.status_code not in {*_DELETE_STATUSES, HTTPStatus.NOT_FOUND}:
            logger.warning("DELETE %s was answered %d", path, response.status_code)

    def _pause(self, seconds: float) -> None:
        """Pause all threads, unless the wait is too long and ends the run."""
        if seconds <= self.retries.max_wait:
            self.budget.pause(seconds)

    def _request(
        self,
        method: str,
        path: str,
        undecoded: str | None,
        **content: Any,  # noqa: ANN401 (of requests)
    ) -> Any:  # noqa: ANN401 (JSON)
        """Send a request, with retries; return the document in the response."""

        def send() -> Any:  # noqa: ANN401 (JSON)
            _check_not_cancelled()
            # First all waits: a counted request must be sent at once.
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
            self.budget.update_from_headers(response.headers)
            try:
                return decode_response(response, undecoded)
            except TransientError as error:
                if error.is_rate_limit and error.retry_after is not None:
                    self._pause(error.retry_after)
                raise

        return self.retries(send)


def _check_not_cancelled() -> None:
    """Raise an error if the stream that the request is for has ended.

    Its requests would use up threads, connections and rate limit of the next stream.
    """
    if is_cancelled():
        message = "the request is not sent: its stream has ended"
        raise RequestCancelledError(message)


def _unsigned(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Return a request unchanged: without token, and without .netrc credentials."""
    return request


class _WithoutQueries(logging.Filter):
    """Removes queries from the URLs that urllib3 logs: they may hold signatures."""

    @override
    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(
                arg.partition("?")[0] if isinstance(arg, str) else arg
                for arg in record.args
            )
        return True


_WITHOUT_QUERIES = _WithoutQueries()


def new_session(user_agent: str, connections: int) -> requests.Session:
    """Return a session for several threads, with a pool of connections."""
    logging.getLogger("urllib3.connectionpool").addFilter(_WITHOUT_QUERIES)
    session = requests.Session()
    session.headers.update({"User-Agent": user_agent, "Accept": "application/json"})
    adapter = HTTPAdapter(pool_maxsize=connections + _SPARE_CONNECTIONS)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    return session
