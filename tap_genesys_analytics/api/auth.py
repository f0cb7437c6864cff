"""Access tokens, by the OAuth grant ``client_credentials``."""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import msgspec
from requests.auth import AuthBase
from typing_extensions import override

from tap_genesys_analytics.api.error_body import describe
from tap_genesys_analytics.api.errors import LoginError, TransientError
from tap_genesys_analytics.api.retries import check_transient

if TYPE_CHECKING:
    from collections.abc import Callable

    import requests

    from tap_genesys_analytics.api.retries import Retries

logger = logging.getLogger("tap-genesys")

#: A token is renewed this many seconds before it expires, or after nine tenths of its
#: lifetime if that is later: clients may be configured for tokens of five minutes.
LEEWAY = 300.0

#: Timeout of the token endpoint, in seconds.
_TIMEOUT = 60.0


@dataclass(frozen=True)
class Token:
    """An access token, and the time to renew it on the credentials' clock."""

    value: str
    renew_at: float


class ClientCredentials(AuthBase):
    """Signs requests with one token, which all threads share.

    The token is renewed before it expires. If a response is 401, the token is renewed
    and the request is sent again, once. Tokens come from
    ``POST {login_url}/oauth/token`` with HTTP Basic. Source: the official SDK's
    ``get_client_credentials_token``.
    """

    def __init__(  # noqa: PLR0913 (settings, and parts that tests replace)
        self,
        login_url: str,
        client_id: str,
        client_secret: str,
        *,
        session: requests.Session,
        retries: Retries,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._url = f"{login_url}/oauth/token"
        self._credentials = (client_id, client_secret)
        self._session = session
        self._retries = retries
        self._clock = clock
        self._lock = threading.Lock()
        self._token: Token | None = None

    @override
    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        token = self.token()
        _sign(request, token)

        def renew_once(
            response: requests.Response,
            **options: Any,  # noqa: ANN401 (of requests)
        ) -> requests.Response:
            if response.status_code != HTTPStatus.UNAUTHORIZED:
                return response
            return self._resend(response, token, options)

        request.hooks.setdefault("response", []).append(renew_once)
        return request

    def token(self) -> str:
        """Return a valid token; renew it if it is about to expire.

        Raises:
            LoginError: The login service refused the credentials.
            UnavailableError: The login service failed until the last try.
        """
        with self._lock:
            if self._token is None or self._clock() >= self._token.renew_at:
                self._token = self._retries(self._request_token)
            return self._token.value

    def reject(self, token: str) -> None:
        """Discard a refused token, unless another thread has renewed it already."""
        with self._lock:
            if self._token is not None and self._token.value == token:
                self._token = None

    def _resend(
        self, response: requests.Response, refused_token: str, options: dict[str, Any]
    ) -> requests.Response:
        """Send the same request with a new token; return the response."""
        logger.info("A token was refused (401): requesting a new one.")
        self.reject(refused_token)
        response.close()
        request = response.request.copy()
        _sign(request, self.token())
        response_again: requests.Response = response.connection.send(request, **options)
        response_again.history.append(response)
        response_again.request = request
        return response_again

    def _request_token(self) -> Token:
        """Request a new token, once."""
        requested_at = self._clock()
        response = self._session.post(
            self._url,
            data={"grant_type": "client_credentials"},
            auth=self._credentials,
            timeout=_TIMEOUT,
            allow_redirects=False,
        )
        check_transient(response)
        if response.status_code != HTTPStatus.OK:
            raise LoginError(_refusal(response))
        try:
            content = msgspec.json.decode(response.content)
            value = str(content["access_token"])
            lifetime = float(content["expires_in"])
        except (msgspec.DecodeError, TypeError, KeyError, ValueError) as error:
            # The message does not quote the response, which may contain a token.
            message = f"POST {self._url} did not answer with a token"
            raise TransientError(message) from error
        logger.info("Token received, valid for %d seconds.", lifetime)
        return Token(value, requested_at + lifetime - min(LEEWAY, lifetime / 10))


def _sign(request: requests.PreparedRequest, token: str) -> None:
    """Set the Authorization header of a request."""
    request.headers["Authorization"] = f"Bearer {token}"


def _refusal(response: requests.Response) -> str:
    """Return the message for a refused token request, with the remedy."""
    description, _ = describe(response)
    if response.status_code in {HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED}:
        return (
            f"Genesys Cloud does not know these credentials ({description}). The two "
            "usual causes: client_secret (or client_id) is wrong, or the OAuth client "
            "belongs to another region than the setting says."
        )
    return f"Genesys Cloud issued no token: {description}"
