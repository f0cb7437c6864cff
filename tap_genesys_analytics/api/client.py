"""The one way to send a request to Genesys Cloud: session, token, retries, errors."""

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
from tap_genesys_analytics.settings import regions

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tap_genesys_analytics.records.raw_documents import Document


logger = logging.getLogger("tap-genesys")

_DELETED = (HTTPStatus.OK, HTTPStatus.ACCEPTED, HTTPStatus.NO_CONTENT)

#: Seconds that Genesys has to answer a request that cleans up.
_CLEANING_TIMEOUT = 10

#: Connections beyond those of the workers: of the main thread and of threads that
#: read intervals ahead.
_SPARE_CONNECTIONS = 4


class GenesysClient:
    """Sends requests to the API and returns the decoded documents.

    Safe to share between threads. ``timeout`` is the seconds that an answer may take,
    ``job_timeout`` those that a job or report may take.
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
        """Return a client for validated settings: one token, one pool of connections.

        Raises:
            ValueError: A URL of the settings is not safe (``regions.checked_url``).
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
        """Return the document at a path; ``undecoded``: see ``post``.

        Raises:
            GenesysError: See ``post``.
        """
        return self._request("GET", path, undecoded, params=params)

    def entities(
        self, path: str, params: Mapping[str, Any] | None = None
    ) -> list[Document]:
        """Return all entities of a list that is paged by number.

        Raises:
            GenesysError: See ``post``.
        """
        first = first_request(ListRequest(path, params or {}), Paging.NUMBERS)
        pages = get_pages(
            lambda page: self.get(page.path, page.params), first, self.workers
        )
        return [entity for page in pages for entity in page.entities]

    def post(
        self, path: str, body: Mapping[str, Any], *, undecoded: str | None = None
    ) -> Any:  # noqa: ANN401 (JSON)
        """Return the response to a body.

        ``undecoded`` names the member whose documents stay JSON, to be decoded later
        (``raw_documents.decode_document``).

        Raises:
            LoginError: There is no token for these credentials.
            PageTooLargeError: The page is too large for one response.
            ApiError: The API refused the request, or failed until the last try.
        """
        return self._request("POST", path, undecoded, json=body)

    def download(self, url: str) -> Any:  # noqa: ANN401 (JSON)
        """Return the document behind a signed URL.

        The signature is the permission, so no token is sent: the URL is not one of the
        API, and need not be a host of Genesys.

        Raises:
            DownloadError: The document is not there any more, or the URL is not safe.
            UnavailableError: The last try failed, too.
        """
        if not regions.is_safe(url):
            message = "a URL to download from is not https: it is not asked for"
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
            # Another URL would not help either.
            raise
        except ApiError as error:
            # Not an ApiError: an expired URL (403) is not a missing permission.
            reason = f"the download was answered {error.status}"
            raise DownloadError(reason if error.status else str(error)) from error

    def delete(self, path: str) -> None:
        """Delete what is at a path; try it once.

        This cleans up, perhaps while the run is being stopped: a failure is logged and
        does not hide the error that the run may be ending with.
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
        """Let all threads wait that long, unless the run ends instead of waiting."""
        if seconds <= self.retries.max_wait:
            self.budget.pause(seconds)

    def _request(
        self,
        method: str,
        path: str,
        undecoded: str | None,
        **content: Any,  # noqa: ANN401 (of requests)
    ) -> Any:  # noqa: ANN401 (JSON)
        """Return the document in the response to a request; retry while it helps."""

        def send() -> Any:  # noqa: ANN401 (JSON)
            _check_not_cancelled()
            # All waits come before the request is counted, so that it is sent at once.
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
    """Raise an error if the stream that wants the response has ended.

    The next stream needs the threads, the connections and the rate.
    """
    if is_cancelled():
        message = "not asked for: nobody wants the answer any more"
        raise RequestCancelledError(message)


def _unsigned(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Leave a request as it is: send no token, and no password of a .netrc file."""
    return request


class _WithoutQueries(logging.Filter):
    """Cuts queries off the URLs that urllib3 logs: some hold signatures."""

    @override
    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(
                each.partition("?")[0] if isinstance(each, str) else each
                for each in record.args
            )
        return True


_WITHOUT_QUERIES = _WithoutQueries()


def new_session(user_agent: str, connections: int) -> requests.Session:
    """Return a session that several threads can share."""
    logging.getLogger("urllib3.connectionpool").addFilter(_WITHOUT_QUERIES)
    session = requests.Session()
    session.headers.update({"User-Agent": user_agent, "Accept": "application/json"})
    adapter = HTTPAdapter(pool_maxsize=connections + _SPARE_CONNECTIONS)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    return session
