"""Several OAuth clients, and what a rate limit counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import requests
from click.testing import CliRunner

from genesys_cloud_sandbox.cli import main
from genesys_cloud_sandbox.server import Sandbox, SandboxOptions

if TYPE_CHECKING:
    from genesys_cloud_sandbox.options import RateLimitPer

_SECRETS = {"sandbox": "sandbox-secret", "second": "of-its-own"}


def _login(sandbox: Sandbox, client: str, secret: str) -> requests.Response:
    return requests.post(
        f"{sandbox.login_url}/oauth/token",
        data={"grant_type": "client_credentials"},
        auth=(client, secret),
        timeout=10,
    )


def _count(sandbox: Sandbox, client: str) -> str:
    """Log in anew, send one request, and return the count that it is answered."""
    token = _login(sandbox, client, _SECRETS[client]).json()["access_token"]
    answer = requests.get(
        f"{sandbox.api_url}/api/v2/tokens/me",
        headers={"Authorization": f"Bearer {token}"},
        timeout=10,
    )
    return answer.headers["inin-ratelimit-count"]


def test_each_client_has_its_own_secret() -> None:
    """Another's secret does not do."""
    with Sandbox(SandboxOptions(clients=("second:of-its-own",))) as sandbox:
        assert all(_login(sandbox, *each).ok for each in _SECRETS.items())
        assert not _login(sandbox, "second", "sandbox-secret").ok
        assert not _login(sandbox, "third", "of-its-own").ok


@pytest.mark.parametrize(
    ("per", "expected"), [("token", ["1"] * 4), ("client", ["1", "2", "1", "2"])]
)
def test_the_limit_counts_tokens_or_clients(
    per: RateLimitPer, expected: list[str]
) -> None:
    """All tokens of a client share its count, if asked to; clients never do."""
    options = SandboxOptions(
        clients=("second:of-its-own",),
        rate_limit_per=per,
    )
    with Sandbox(options) as sandbox:
        clients = ["sandbox", "sandbox", "second", "second"]
        assert [_count(sandbox, client) for client in clients] == expected


def test_a_client_without_a_secret_is_refused() -> None:
    """The command says how one is given."""
    ran = CliRunner().invoke(main, ["run", "--client", "second", "--", "true"])
    assert ran.exit_code == 2
    assert "ID:SECRET" in ran.output
