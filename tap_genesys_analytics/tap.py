"""TapGenesys: the settings and the streams."""

from __future__ import annotations

import copy
import functools
import json
import sys
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, ClassVar, cast

from singer_sdk import Tap
from singer_sdk.contrib.msgspec import MsgSpecWriter
from singer_sdk.exceptions import ConfigValidationError
from singer_sdk.helpers.capabilities import (
    CapabilitiesEnum,
    PluginCapabilities,
    TapCapabilities,
)
from singer_sdk.plugin_base import _ConfigInput
from singer_sdk.tap_base import CliTestOptionValue
from typing_extensions import override

from tap_genesys_analytics import memory, regions
from tap_genesys_analytics.aggregates import defined, unknown_names
from tap_genesys_analytics.ahead import Workers
from tap_genesys_analytics.auth import ClientCredentials
from tap_genesys_analytics.client import GenesysClient, new_session
from tap_genesys_analytics.connection_test import ConnectionTest
from tap_genesys_analytics.dates import before_retention, utc_by_default
from tap_genesys_analytics.errors import GenesysError
from tap_genesys_analytics.filters import unknown_media_types
from tap_genesys_analytics.rate import RateBudget
from tap_genesys_analytics.retries import Retries
from tap_genesys_analytics.rights import Rights
from tap_genesys_analytics.settings import SETTINGS
from tap_genesys_analytics.settings_checks import complete, defines_streams
from tap_genesys_analytics.streams import (
    agents,
    aggregates,
    conversations,
    observations,
    reference,
    reports,
    searches,
    transcripts,
)
from tap_genesys_analytics.streams.conversation_tables import TABLES
from tap_genesys_analytics.streams.incremental import IntervalStream
from tap_genesys_analytics.streams.reference_lists import LISTS
from tap_genesys_analytics.streams.workforce import REPORTS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import FrameType

    import click

    from tap_genesys_analytics.streams.base import GenesysStream


class TapGenesys(Tap):
    """Singer tap for Genesys Cloud analytics."""

    name = "tap-genesys"
    package_name = "tap-genesys-analytics"
    #: A copy: the SDK adds its own settings to it.
    config_jsonschema: ClassVar[dict[str, Any]] = copy.deepcopy(SETTINGS)
    message_writer_class = MsgSpecWriter

    #: Without BATCH: its files are sent after the state that covers them.
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

    @override
    def discover_streams(self) -> Sequence[GenesysStream]:
        return [
            *conversations.streams(self),
            *agents.streams(self),
            *aggregates.streams(self),
            *observations.streams(self),
            *searches.streams(self),
            *transcripts.streams(self),
            *reports.streams(self),
            *reference.streams(self),
        ]

    @property
    def genesys_streams(self) -> dict[str, GenesysStream]:
        """The streams by name."""
        return cast("dict[str, GenesysStream]", self.streams)

    @functools.cached_property
    def rights(self) -> Rights:
        """What the client turned out not to be allowed in this run."""
        return Rights()

    @functools.cached_property
    def client(self) -> GenesysClient:
        """The client that all streams share: one token, one pool of connections."""
        config = self.config
        connections = config["max_connections"]
        session = new_session(f"{self.name}/{self.plugin_version}", connections)
        retries = Retries(config["max_retry_wait"])
        login_url = config.get("login_url") or regions.login_url(config["region"])
        api_url = config.get("api_url") or regions.api_url(config["region"])
        credentials = ClientCredentials(
            regions.checked_url(login_url),
            config["client_id"],
            config["client_secret"],
            session=session,
            retries=retries,
        )
        return GenesysClient(
            regions.checked_url(api_url),
            credentials,
            session=session,
            timeout=config["request_timeout"],
            retries=retries,
            budget=RateBudget(config["requests_per_minute"]),
            workers=Workers(connections),
        )

    @staticmethod
    def now() -> datetime:
        """Return the present, in UTC: the one clock of all streams."""
        return datetime.now(timezone.utc)

    @override
    def _validate_config(self, *, raise_errors: bool = True) -> list[str]:
        # The SDK's own messages quote the values given, secrets too.
        schema = self.config_jsonschema
        self.append_builtin_config(schema)
        found = complete(self._config, schema, self.now(), built_in_names())
        # Discovery needs no credentials, but it cannot list what is wrongly defined.
        if found and (raise_errors or any(map(defines_streams, found))):
            message = "Config validation failed"
            raise ConfigValidationError(message, errors=found, schema=schema)
        if not found:
            self._warn_of_settings()
        return found

    def _warn_of_settings(self) -> None:
        """Say what was understood of settings that leave something open."""
        for name in utc_by_default(self.config):
            self.logger.info("%s names no zone: it is taken as UTC.", name)
        if before_retention(self.config, self.now()):
            self.logger.warning(
                "start_date lies more than five years back: where the organisation "
                "limits how long it keeps data, what is older is read as empty."
            )
        for media_type in unknown_media_types(self.config):
            self.logger.warning(
                "media_types: %r is not in the API's list as this version knows it; "
                "it is asked for all the same.",
                media_type,
            )
        for aggregate in defined(self.config.get("aggregates") or ()).values():
            for sentence in unknown_names(aggregate):
                self.logger.warning("%s. It is asked for all the same.", sentence)

    @override
    def load_state(self, state: dict[str, Any]) -> None:
        super().load_state(state)
        for stream in self.streams.values():
            if isinstance(stream, IntervalStream):
                stream.check_state()

    @override  # type: ignore[misc]
    def sync_all(self) -> None:
        # Final in the SDK, and the only place where all streams have ended: what the
        # client may not read is told after everything else was.
        super().sync_all()
        error = self.rights.error()
        if error is None:
            return
        if self.config["on_forbidden"] == "fail":
            raise error
        self.logger.warning("%s", error)

    @override  # type: ignore[misc]
    def run_connection_test(self) -> bool:
        # Final in the SDK, whose own test reads whole intervals until a first record
        # comes, and tells nothing of the streams after one that is refused.
        skips = self.config["on_forbidden"] == "skip"
        test = ConnectionTest(self, skips_forbidden=skips)
        return test.run(self.genesys_streams.values())

    @override
    @classmethod
    def invoke(cls, **options: Any) -> None:
        memory.keep_small()
        try:
            super().invoke(**options)
        except GenesysError as error:
            # Written for the user, who has no use for a traceback.
            cls.logger.error("%s", error)  # noqa: TRY400
            cls.logger.debug("Where it was raised:", exc_info=error)
            sys.exit(1)

    @override
    @classmethod
    def cb_test(cls, ctx: click.Context, param: click.Option, value: str) -> None:
        # As the SDK does it, but with an exit code that tells, and for the streams
        # of a catalog that is given before --test.
        if value != CliTestOptionValue.All.value:
            super().cb_test(ctx, param, value)
            return
        config: _ConfigInput = ctx.params.get("config", _ConfigInput())
        catalog = ctx.params.get("catalog")
        try:
            tap = cls(
                config=config.config,
                catalog=json.load(catalog) if catalog else None,
                parse_env_config=config.parse_env,
            )
        except ConfigValidationError as error:
            for problem in error.errors:
                cls.logger.error("Config validation error: %s", problem)  # noqa: TRY400
            ctx.exit(1)
        ctx.exit(0 if tap.run_connection_test() else 1)

    @override
    def _handle_termination(self, signum: int, frame: FrameType | None) -> None:
        # The SDK ends with exit code 0, and whoever started the run believes it.
        try:
            super()._handle_termination(signum, frame)
        except SystemExit:
            raise SystemExit(128 + signum) from None


@functools.cache
def built_in_names() -> frozenset[str]:
    """Return the names that no setting can give to a stream."""
    tables = (
        *TABLES,
        *agents.UserPresence.tables,
        *(observation.table for observation in observations.OBSERVATIONS),
        *(search.table for search in searches.SEARCHES),
        *transcripts.TABLES,
        transcripts.SPEECH_ANALYTICS,
        *(report.table for report in REPORTS),
        *(listing.table for listing in LISTS),
    )
    return frozenset(table.name for table in tables)
