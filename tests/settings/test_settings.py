"""Settings: refused before the first request, by name, without a secret's value."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from singer_sdk.exceptions import ConfigValidationError

from tap_genesys_analytics.intervals.timestamps import format_timestamp
from tap_genesys_analytics.settings import regions
from tap_genesys_analytics.settings.checks import (
    apply_defaults_and_validate,
    first_start,
)
from tap_genesys_analytics.streams.registry import (
    concerns_streams,
    definition_problems,
)
from tap_genesys_analytics.tap import TapGenesys

GOOD: dict[str, Any] = {"client_id": "the-client", "client_secret": "the-secret"}
NOW = datetime(2026, 11, 23, 8, tzinfo=timezone.utc)


def found(**settings: Any) -> list[str]:
    """Return what is wrong with good settings changed so."""
    config = {**GOOD, **settings}
    schema = TapGenesys.config_jsonschema
    problems = apply_defaults_and_validate(config, schema, NOW)
    if not any(map(concerns_streams, problems)):
        problems += definition_problems(config)
    return problems


def test_two_settings_are_enough() -> None:
    """All others have a default."""
    config = dict(GOOD)
    assert apply_defaults_and_validate(config, TapGenesys.config_jsonschema, NOW) == []
    assert config["region"] == "us-east-1"
    assert config["page_size"] == 100
    assert first_start(config, NOW) == NOW - timedelta(days=30)


@pytest.mark.parametrize(
    ("setting", "value", "told"),
    [
        ("page_size", 0, "page_size: must be at least 1"),
        ("page_size", 101, "page_size: must be at most 100: Genesys answers pages"),
        ("page_size", "many", "page_size: must be of type integer"),
        ("region", "eu-west-9", "region: 'eu-west-9' is neither a region"),
        ("region", "https://x", "region: 'https://x' is neither a region"),
        ("api_url", "http://api.example.com", "api_url: must be https"),
        ("login_url", "login.example.com", "login_url: not a URL with a host"),
        ("start_date", "soon", "start_date: 'soon' is not an ISO 8601 date"),
        (
            "start_date",
            "9999-12-31T23:59:59-05:00",
            "start_date: '9999-12-31T23:59:59-05:00' is not an ISO 8601 date",
        ),
        ("end_date", "2026-02-30", "end_date: '2026-02-30' is not an ISO 8601 date"),
        ("start_date", "2026-11-24", "start_date: lies in the future"),
        ("end_date", "2026-01-01", "end_date: must be later than start_date"),
        ("conversation_source", "magic", "conversation_source: must be one of auto"),
        ("client_secret", 12345678, "client_secret: must be of type string"),
        ("page_sise", 10, "page_sise: there is no such setting; did you mean page_s"),
        ("max_retry_wait", -1, "max_retry_wait: must be at least 0"),
        ("request_timeout", 0, "request_timeout: must be at least 1"),
        ("lookback_days", -1, "lookback_days: must be at least 0"),
        ("job_page_size", 1001, "job_page_size: must be at most 1000"),
        (
            "conversation_filters",
            [{"type": "and", "predicates": [{"dimensoin": "divisionId"}]}],
            "conversation_filters.0.predicates.0.dimensoin: there is no such key",
        ),
        (
            "segment_filters",
            [{"predicates": []}],
            "segment_filters.0.type: is required",
        ),
        (
            "segment_filters",
            [{"type": "and", "clauses": [{"type": "not", "predicates": []}]}],
            "segment_filters.0.clauses.0.type: must be one of and, or",
        ),
    ],
)
def test_a_wrong_setting_is_named(setting: str, value: object, told: str) -> None:
    """One clear line each."""
    problems = found(**{setting: value})
    assert len(problems) == 1
    assert problems[0].startswith(told)


def test_what_is_missing_is_named() -> None:
    """Both credentials at once, not one after the other."""
    problems = apply_defaults_and_validate({}, TapGenesys.config_jsonschema, NOW)
    assert problems == ["client_id: is required", "client_secret: is required"]


def test_no_secret_is_quoted() -> None:
    """Not even in the error that the SDK would write itself."""
    with pytest.raises(ConfigValidationError) as caught:
        TapGenesys(config={"client_id": "c", "client_secret": 987654321})
    assert caught.value.errors == ["client_secret: must be of type string"]
    assert "987654321" not in str(caught.value)


@pytest.mark.parametrize("region", sorted(regions.DOMAINS))
def test_all_regions_are_known_by_id_and_by_domain(region: str) -> None:
    """The 18 of the official SDK."""
    domain = regions.DOMAINS[region]
    assert found(region=region) == found(region=domain) == []
    assert regions.api_url(region) == regions.api_url(domain) == f"https://api.{domain}"
    assert regions.login_url(region.upper()) == f"https://login.{domain}"


@pytest.mark.parametrize("domain", [*regions.DOMAINS.values(), "xyz1.pure.cloud"])
@pytest.mark.parametrize("host", ["api", "login", "apps"])
@pytest.mark.parametrize("address", ["{}", "https://{}", "HTTPS://{}/directory/#/x"])
def test_a_region_given_as_the_address_of_one_of_its_hosts_is_understood(
    domain: str, host: str, address: str
) -> None:
    """Requests go to the region's own hosts, not to one below the one given."""
    region = address.format(f"{host}.{domain}")
    assert found(region=region) == []
    assert regions.api_url(region) == f"https://api.{domain}"
    assert regions.login_url(region) == f"https://login.{domain}"


@pytest.mark.parametrize(
    "region", ["https://", "https://eu-west-1", "https://api", "mypurecloud.ie:8443"]
)
def test_an_address_that_names_no_domain_is_refused_by_name(region: str) -> None:
    """With the regions that there are."""
    (problem,) = found(region=region)
    assert problem.startswith(f"region: {region!r} is neither a region (us-east-1")


def test_the_regions_are_those_of_the_official_sdk() -> None:
    """Hosts are not remembered, they are compared."""
    from PureCloudPlatformClientV2 import (  # noqa: PLC0415 (slow, and only here)
        PureCloudRegionHosts,
    )

    hosts = {
        str(host.get_api_host() if hasattr(host, "get_api_host") else host.value)
        for host in PureCloudRegionHosts
    }
    assert {regions.api_url(region) for region in regions.DOMAINS} == hosts
    assert len(regions.DOMAINS) == 18


def test_a_region_that_is_not_listed_is_accepted_as_a_domain() -> None:
    """New regions appear."""
    assert found(region="xyz1.pure.cloud") == []


@pytest.mark.parametrize(
    "url",
    [
        "https://gateway.example.com/genesys/",
        "http://localhost:8080",
        "http://127.0.0.1:1",
        "http://[::1]:8080",
    ],
)
def test_gateways_are_https_and_tests_on_this_machine(url: str) -> None:
    """Credentials do not travel in clear text."""
    assert found(api_url=url, login_url=url) == []
    assert regions.checked_url(url) == url.rstrip("/")


@pytest.mark.parametrize(
    "url", ["https://user:pass@example.com", "https://example.com?x=1", "ftp://x.com"]
)
def test_a_url_that_says_more_than_where_is_refused(url: str) -> None:
    """User, password and query are no part of a base URL; the value is not quoted."""
    problems = found(api_url=url)
    assert len(problems) == 1
    assert "pass@" not in problems[0]


@pytest.mark.parametrize(("years", "warned"), [(4, False), (6, True)])
def test_a_start_before_retention_is_told(
    caplog: pytest.LogCaptureFixture,
    years: int,
    warned: bool,  # noqa: FBT001 (expected)
) -> None:
    """It costs many requests and may find nothing."""
    start = datetime.now(timezone.utc) - timedelta(days=years * 365)
    TapGenesys(config={**GOOD, "start_date": format_timestamp(start)})
    assert ("more than five years ago" in caplog.text) is warned


def test_dates_without_a_zone_are_taken_as_utc_and_said_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """No machine's own zone decides what is loaded."""
    caplog.set_level("INFO")
    yesterday = format_timestamp(datetime.now(timezone.utc) - timedelta(days=1))
    TapGenesys(config={**GOOD, "start_date": yesterday.rstrip("Z")})
    said = [line for line in caplog.messages if "read as UTC" in line]
    assert said == ["start_date has no time zone: it is read as UTC."]
