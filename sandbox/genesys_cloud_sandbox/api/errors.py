"""The API's errors: status, code and message of an ErrorBody."""

from __future__ import annotations

from typing import Any


class ApiError(Exception):
    """An answer that is an error."""

    def __init__(self, status: int, code: str, message: str, **params: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.params = params
        self.retry_after: int | None = None

    def body(self, correlation_id: str) -> dict[str, Any]:
        """The ErrorBody."""
        body: dict[str, Any] = {
            "message": self.message,
            "code": self.code,
            "status": self.status,
            "contextId": correlation_id,
            "details": [],
            "errors": [],
        }
        if self.params:
            body["messageParams"] = self.params
        return body


def bad_request(message: str) -> ApiError:
    """400, said in words only."""
    return ApiError(400, "bad.request", message)


def invalid_value(value: object, field: str, allowed: object) -> ApiError:
    """400: a value that its field does not take."""
    if not isinstance(allowed, str):
        allowed = ", ".join(sorted(map(str, allowed)))  # type: ignore[call-overload]
    return ApiError(
        400,
        "invalid.value",
        f"Value [{value}] is not valid for field type [{field}]. "
        f"Allowable values are: {allowed}",
        value=str(value),
        field=field,
    )


def invalid_property(name: str, owner: str) -> ApiError:
    """400: a property that the model does not have."""
    return ApiError(
        400,
        "invalid.property",
        f"Property [{name}] is not valid for [{owner}].",
        property=name,
    )


def invalid_date() -> ApiError:
    """400: an interval or date that is no ISO-8601."""
    return ApiError(
        400,
        "invalid.date",
        "Dates must be specified as ISO-8601 strings. For example: "
        "yyyy-MM-ddTHH:mm:ss.SSSZ",
    )


def no_token() -> ApiError:
    """401: no bearer token."""
    return ApiError(
        401,
        "authentication.required",
        "No authentication bearer token specified in authorization header.",
    )


def bad_token() -> ApiError:
    """401: a token that is unknown, expired or revoked."""
    return ApiError(401, "bad.credentials", "Invalid login credentials.")


def missing_permissions(permissions: tuple[str, ...]) -> ApiError:
    """403: rights that the client does not have, one of which would do."""
    named = ", ".join(permissions)
    return ApiError(
        403,
        "missing.any.permissions",
        "Unable to perform the requested action. You must have at least one of the "
        f"following permissions assigned: [{named}]",
        permissions=named,
    )


def not_found(message: str) -> ApiError:
    """404."""
    return ApiError(404, "not.found", message)


def payload_too_large() -> ApiError:
    """413: the answer would be too large."""
    return ApiError(413, "payload.too.large", "The response payload was too large.")


def request_too_large(limit: int) -> ApiError:
    """413: the request is too large."""
    return ApiError(413, "request.entity.too.large", f"Maximum bytes: {limit}")


def too_many_requests(seconds: int) -> ApiError:
    """429, in its form since 2021."""
    error = ApiError(
        429,
        "too.many.requests.retry.after",
        f"Rate limit exceeded the maximum. Retry the request in [{seconds}] seconds",
    )
    error.retry_after = seconds
    return error
