"""The API's errors: status, code and message of an ErrorBody."""

from __future__ import annotations

from typing import Any


class ApiError(Exception):
    """A response with an error."""

    def __init__(self, status: int, code: str, message: str, **params: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.params = params
        self.retry_after: int | None = None

    def body(self, correlation_id: str) -> dict[str, Any]:
        """Return the ErrorBody."""
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
    """Return the 400 that has no code of its own."""
    return ApiError(400, "bad.request", message)


def constraint_violated(message: str) -> ApiError:
    """Return the 400 for a property outside its limits."""
    return ApiError(400, "constraint.validation", message)


def required(name: str) -> ApiError:
    """Return the 400 for a missing property or parameter."""
    return constraint_violated(f"{name} is required")


def invalid_value(value: object, field: str, allowed: object) -> ApiError:
    """Return the 400 for a value that its field does not allow."""
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


def invalid_parameter(value: str, name: str, reason: str) -> ApiError:
    """Return the 400 for a value that a query parameter does not allow."""
    return ApiError(
        400,
        "invalid.query.param.value",
        f"Value [{value}] is not valid for parameter [{name}]: {reason}",
        value=value,
        parameter=name,
    )


def invalid_property(name: str, model: str) -> ApiError:
    """Return the 400 for a property that the model does not have."""
    return ApiError(
        400,
        "invalid.property",
        f"Property [{name}] is not valid for [{model}].",
        property=name,
    )


def invalid_date() -> ApiError:
    """Return the 400 for an interval or a date that is not ISO-8601."""
    return ApiError(
        400,
        "invalid.date",
        "Dates must be specified as ISO-8601 strings. For example: "
        "yyyy-MM-ddTHH:mm:ss.SSSZ",
    )


def not_found(message: str) -> ApiError:
    """Return a 404."""
    return ApiError(404, "not.found", message)


def payload_too_large() -> ApiError:
    """Return the 413 for a response that would be too large."""
    return ApiError(413, "payload.too.large", "The response payload was too large.")


def request_too_large(limit: int) -> ApiError:
    """Return the 413 for a request that is too large."""
    return ApiError(413, "request.entity.too.large", f"Maximum bytes: {limit}")


def too_many_requests(seconds: int) -> ApiError:
    """Return the 429 in its form since 2021."""
    error = ApiError(
        429,
        "too.many.requests.retry.after",
        f"Rate limit exceeded the maximum. Retry the request in [{seconds}] seconds",
    )
    error.retry_after = seconds
    return error
