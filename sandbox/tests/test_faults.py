"""Each fault, as a client meets it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
import requests

from genesys_cloud_sandbox.api.faults import Fault, Faults
from tests.conftest import QUERY, Client

if TYPE_CHECKING:
    from collections.abc import Callable


def test_too_many_requests_says_how_long_to_wait(client: Client) -> None:
    """In the form that the API has had since 2021."""
    answer = client.query(fault="too-many-requests;retry-after=42")
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "42")
    assert answer.json()["code"] == "too.many.requests.retry.after"
    assert "[42] seconds" in answer.json()["message"]


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_server_error_comes_as_html(client: Client, status: int) -> None:
    """As the content network answers it."""
    answer = client.query(fault=f"server-error;status={status}")
    assert answer.status_code == status
    assert answer.headers["Content-Type"].startswith("text/html")
    assert "CloudFront" in answer.text


def test_a_request_may_be_refused_whatever_it_asks_for(client: Client) -> None:
    """As a product that an organisation has not bought might."""
    answer = client.query(fault="bad-request")
    assert (answer.status_code, answer.json()["code"]) == (400, "bad.request")
    assert client.query().status_code == 200


def test_a_dropped_connection_has_no_answer(client: Client) -> None:
    """The socket is closed; the next request gets a new one."""
    with pytest.raises(requests.ConnectionError, match="without response"):
        client.query(fault="drop")
    assert client.query().status_code == 200


def test_a_truncated_answer_is_half_of_what_it_promised(client: Client) -> None:
    """The length is that of the whole."""
    with pytest.raises(requests.exceptions.ChunkedEncodingError, match="Incomplete"):
        client.query(fault="truncate")
    assert client.query().status_code == 200


def test_what_is_not_json_may_come_with_200(client: Client) -> None:
    """A login page of somebody's proxy, say."""
    answer = client.query(fault="not-json")
    assert answer.status_code == 200
    with pytest.raises(requests.exceptions.JSONDecodeError):
        answer.json()


def test_an_expired_token_stays_dead(client: Client) -> None:
    """That one; a new one is as good as ever."""
    other = client.login().json()["access_token"]
    answer = client.query(fault="expire-token")
    assert (answer.status_code, answer.json()["code"]) == (401, "bad.credentials")
    assert client.query().status_code == 401
    client.token = other
    assert client.query().status_code == 200


def test_revoking_ends_all_tokens(client: Client) -> None:
    """Those that were issued so far."""
    other = client.login().json()["access_token"]
    assert client.query(fault="revoke-token").status_code == 401
    client.token = other
    assert client.query().status_code == 401
    client.token = ""
    assert client.query().status_code == 200


def test_latency_delays_the_answer(client: Client) -> None:
    """And changes nothing else."""
    client.query()
    begun = time.monotonic()
    assert client.query(fault="latency;seconds=0.2").status_code == 200
    assert time.monotonic() - begun >= 0.2


def test_large_pages_may_be_too_large(client: Client) -> None:
    """Above a size; smaller ones are answered."""
    client.sandbox.faults.next(Fault("payload-too-large", page_size=50), times=9)
    answer = client.query(paging={"pageNumber": 1, "pageSize": 51})
    assert (answer.status_code, answer.json()["code"]) == (413, "payload.too.large")
    assert client.page(1, 50)["conversations"]
    assert client.sandbox.faults.happened["payload-too-large"] == 1


def test_the_next_requests_go_wrong(client: Client) -> None:
    """As many as asked for, of the path asked for."""
    client.sandbox.faults.next(Fault("server-error"), times=2, path=QUERY)
    assert client.ask("GET", "/api/v2/tokens/me").status_code == 200
    assert [client.query().status_code for _ in range(3)] == [503, 503, 200]


def test_the_login_may_fail_too(client: Client) -> None:
    """With what can happen to it: token faults wait for the API."""
    faults = client.sandbox.faults
    faults.next(Fault("expire-token"))
    faults.next(Fault("server-error", status=502), path="/oauth/*")
    assert client.login().status_code == 502
    faults.next(Fault("drop"))
    with pytest.raises(requests.ConnectionError):
        client.login()
    assert client.login().status_code == 200
    assert client.query().status_code == 401


def test_faults_queue_up(client: Client) -> None:
    """One ends a request; the other waits for the next. Latency goes with any."""
    client.query()
    faults = client.sandbox.faults
    faults.next(Fault("latency", seconds=0.1))
    faults.next(Fault("server-error", status=500))
    faults.next(Fault("server-error", status=504))
    assert [client.query().status_code for _ in range(3)] == [500, 504, 200]
    assert faults.happened == {"latency": 1, "server-error": 2}


def test_options_schedule_faults(start: Callable[..., Client]) -> None:
    """Every nth request, or a share of them drawn from the seed."""
    client = start(fault_specs=(f"server-error@every:3;status=500;path={QUERY}",))
    statuses = [client.query().status_code for _ in range(6)]
    assert statuses == [200, 200, 500, 200, 200, 500]
    client.sandbox.faults.clear()
    client.sandbox.faults.add("too-many-requests@0.5;retry-after=0")
    statuses = [client.query().status_code for _ in range(40)]
    assert 10 < statuses.count(429) < 30


def test_the_same_seed_draws_the_same_faults() -> None:
    """A failed test can be run again."""

    def drawn(seed: int) -> list[bool]:
        faults = Faults()
        faults.with_probability(Fault("drop"), 0.3, seed)
        return [faults.draw("/")[1] is not None for _ in range(50)]

    assert drawn(1) == drawn(1) != drawn(2)


@pytest.mark.parametrize(
    "spec",
    ["fire@0.1", "drop@2", "drop", "drop@every:0", "drop@0.1;heat=3", "drop@next:x"],
)
def test_a_wrong_spec_is_an_error(spec: str) -> None:
    """At start, not when it would strike."""
    with pytest.raises(ValueError, match=r"."):
        Faults().add(spec)


def test_a_wrong_header_is_the_clients_error(client: Client) -> None:
    """The message names what there is."""
    answer = client.query(fault="fire")
    assert answer.status_code == 400
    assert "too-many-requests" in answer.json()["message"]
