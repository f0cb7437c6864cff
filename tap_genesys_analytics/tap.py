"""The tap: settings, streams, the end of a run."""

from __future__ import annotations

import copy
import functools
from typing import TYPE_CHECKING, Any, ClassVar, cast

from singer_sdk.helpers.capabilities import (
    CapabilitiesEnum,
    PluginCapabilities,
    TapCapabilities,
)
from typing_extensions import override

from tap_genesys_analytics.errors import UnreadError
from tap_genesys_analytics.run.failures import RunFailures
from tap_genesys_analytics.run.sdk_tap import TapAdapter
from tap_genesys_analytics.settings.schema import SETTINGS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tap_genesys_analytics.api.client import GenesysClient
    from tap_genesys_analytics.streams.base import GenesysStream


class TapGenesys(TapAdapter):
    """Singer tap for Genesys Cloud analytics."""

    name = "tap-genesys"
    package_name = "tap-genesys-analytics"
    #: A copy, because the SDK adds its own settings to it.
    config_jsonschema: ClassVar[dict[str, Any]] = copy.deepcopy(SETTINGS)

    #: Without BATCH: the SDK announces batch files after the state that covers them.
    capabilities: ClassVar[list[CapabilitiesEnum]] = [
        TapCapabilities.CATALOG,
        TapCapabilities.STATE,
        TapCapabilities.DISCOVER,
        TapCapabilities.TEST,
        TapCapabilities.ACTIVATE_VERSION,
        PluginCapabilities.ABOUT,
        PluginCapabilities.STREAM_MAPS,
        PluginCapabilities.FLATTENING,
        PluginCapabilities.STRUCTURED_LOGGING,
    ]

    # Settings

    @override
    def apply_settings(self, schema: Mapping[str, Any]) -> list[str]:
        from tap_genesys_analytics.settings import checks
        from tap_genesys_analytics.streams import registry

        problems = checks.apply_defaults_and_validate(self._config, schema, self.now())
        if not any(map(registry.concerns_streams, problems)):
            problems += registry.definition_problems(self.config)
        if not problems:
            notices = (
                *checks.settings_notices(self.config, self.now()),
                *registry.definition_notices(self.config),
            )
            for level, sentence in notices:
                self.logger.log(level, "%s", sentence)
        return problems

    @override
    def must_be_valid(self, problems: list[str]) -> bool:
        from tap_genesys_analytics.streams import registry

        # Discovery needs no credentials, but it needs valid definitions of streams.
        return any(map(registry.concerns_streams, problems))

    @functools.cached_property
    @override
    def client(self) -> GenesysClient:
        from tap_genesys_analytics.api.client import GenesysClient

        user_agent = f"{self.name}/{self.plugin_version}"
        return GenesysClient.from_config(self.config, user_agent)

    # Streams

    @override
    def discover_streams(self) -> Sequence[GenesysStream]:
        from tap_genesys_analytics.streams import registry

        streams = [each.stream(self) for each in registry.declared(self.config)]
        return cast("Sequence[GenesysStream]", streams)

    @property
    def genesys_streams(self) -> dict[str, GenesysStream]:
        """The streams by name."""
        return cast("dict[str, GenesysStream]", self.streams)

    @override
    def load_state(self, state: dict[str, Any]) -> None:
        from tap_genesys_analytics.intervals import states
        from tap_genesys_analytics.streams.interval_stream import IntervalStream

        bare, warnings = states.unwrapped(state)
        for sentence in warnings:
            self.logger.warning("%s", sentence)
        super().load_state(bare)
        for stream in self.streams.values():
            if isinstance(stream, IntervalStream):
                # An unusable state is an error before the first request.
                stream.bookmark()

    # The end of a run

    @functools.cached_property
    @override
    def failures(self) -> RunFailures:
        return RunFailures()

    @override
    def log_failures(self) -> None:
        for report in filter(None, self._reports()):
            self.logger.error("%s", report)

    @override
    def raise_failures(self, *, dry_run: bool = False) -> None:
        permissions, failures = self._reports()
        if permissions and not dry_run and self.config["on_forbidden"] == "skip":
            self.logger.warning("%s", permissions)
            permissions = ""
        if message := "\n".join(filter(None, (permissions, failures))):
            ending = "" if dry_run else " Everything else was loaded."
            raise UnreadError(message + ending)

    def _reports(self) -> tuple[str, str]:
        """Return the reports on forbidden streams and on failed streams."""
        return self.failures.permission_report(), self.failures.failure_report()

    @override
    def test_connection(self) -> bool:
        from tap_genesys_analytics.run.connection_test import ConnectionTest

        skips = self.config["on_forbidden"] == "skip"
        test = ConnectionTest(self.client, self.failures, self.genesys_streams, skips)
        return test.run()
