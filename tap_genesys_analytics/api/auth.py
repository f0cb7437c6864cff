"""Tokens of the client-credentials grant."""

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

#: Seconds before its expiry at which a token is renewed; a tenth of its lifetime if
#: that is shorter, because a client may be set to tokens of five minutes.
LEEWAY = 300.0

#: Seconds that the token endpoint has to answer.
_TIMEOUT = 60.0


@dataclass(frozen=True)
class Token:
    """An access token and the moment, on the clock given, at which to renew it."""

    value: str
    renew_at: float


class ClientCredentials(AuthBase):
    """Signs requests with one token for the whole run, shared by all threads.

    The token is renewed with leeway before it expires, and once when a request is
    answered 401. That request is then sent again; a second 401 is final.
    ``POST {login_url}/oauth/token``, HTTP Basic. Source: the official SDK's
    ``get_client_credentials_token``.
    """

    def __init__(  # noqa: PLR0913 (each is a setting of the user or a part to replace in tests)
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
            return self._send_again(response, token, options)

        request.hooks.setdefault("response", []).append(renew_once)
        return request

    def token(self) -> str:
        """Return the token of this run; renew it if it is about to expire.

        Raises:
            LoginError: Genesys Cloud gives no token for these credentials.
        """
        with self._lock:
            if self._token is None or self._clock() >= self._token.renew_at:
                self._token = self._retries(self._request_token)
            return self._token.value

    def reject(self, token: str) -> None:
        """Forget a token that was refused, unless another thread renewed it already."""
        with self._lock:
            if self._token is not None and self._token.value == token:
                self._token = None

    def _send_again(
        self, response: requests.Response, refused: str, options: dict[str, Any]
    ) -> requests.Response:
        """Send the same request with a new token; return the response."""
        logger.info("A token was refused (401): asking for a new one.")
        self.reject(refused)
        response.close()
        request = response.request.copy()
        _sign(request, self.token())
        again: requests.Response = response.connection.send(request, **options)
        again.history.append(response)
        again.request = request
        return again

    def _request_token(self) -> Token:
        """Return a new token from the login service: one request."""
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
            # The response's text is not quoted: it may hold a token.
            message = f"POST {self._url} did not answer with a token"
            raise TransientError(message) from error
        logger.info("Token received, valid for %d seconds.", lifetime)
        return Token(value, requested_at + lifetime - min(LEEWAY, lifetime / 10))


def _sign(request: requests.PreparedRequest, token: str) -> None:
    """Put a token on a request."""
    request.headers["Authorization"] = f"Bearer {token}"


def _refusal(response: requests.Response) -> str:
    """Return why no token was given, and what to do about it."""
    facts, _ = describe(response)
    if response.status_code in {HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED}:
        return (
            f"Genesys Cloud does not know these credentials ({facts}). The two usual "
            "causes: client_secret (or client_id) is wrong, or the OAuth client "
            "belongs to another region than the setting region says."
        )
    return f"Genesys Cloud gave no token: {facts}"
