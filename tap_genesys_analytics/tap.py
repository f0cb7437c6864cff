"""TapGenesys: the settings and the streams."""

from __future__ import annotations

import copy
import functools
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, ClassVar

from singer_sdk import Tap
from singer_sdk.contrib.msgspec import MsgSpecWriter
from singer_sdk.exceptions import ConfigValidationError
from singer_sdk.helpers.capabilities import (
    CapabilitiesEnum,
    PluginCapabilities,
    TapCapabilities,
)
from typing_extensions import override

from tap_genesys_analytics import regions
from tap_genesys_analytics.auth import ClientCredentials
from tap_genesys_analytics.client import GenesysClient, new_session
from tap_genesys_analytics.filters import unknown_media_types
from tap_genesys_analytics.retries import Retries
from tap_genesys_analytics.settings import (
    SETTINGS,
    before_retention,
    complete,
    utc_by_default,
)
from tap_genesys_analytics.streams import conversations
from tap_genesys_analytics.streams.base import IntervalStream

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import FrameType

    from singer_sdk import Stream


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
        PluginCapabilities.ABOUT,
        PluginCapabilities.STREAM_MAPS,
        PluginCapabilities.FLATTENING,
        PluginCapabilities.STRUCTURED_LOGGING,
    ]

    @override
    def discover_streams(self) -> Sequence[Stream]:
        return [
            conversations.Conversations(self),
            *conversations.tables_below(self),
        ]

    @functools.cached_property
    def client(self) -> GenesysClient:
        """The client that all streams share: one token, one pool of connections."""
        config = self.config
        session = new_session(f"{self.name}/{self.plugin_version}")
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
        )

    @override
    def _validate_config(self, *, raise_errors: bool = True) -> list[str]:
        # The SDK's own messages quote the values given, secrets too.
        schema = self.config_jsonschema
        self.append_builtin_config(schema)
        found = complete(self._config, schema, datetime.now(timezone.utc))
        if found and raise_errors:
            message = "Config validation failed"
            raise ConfigValidationError(message, errors=found, schema=schema)
        if not found:
            self._warn_of_settings()
        return found

    def _warn_of_settings(self) -> None:
        """Say what was understood of settings that leave something open."""
        for name in utc_by_default(self.config):
            self.logger.info("%s names no zone: it is taken as UTC.", name)
        if before_retention(self.config, datetime.now(timezone.utc)):
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

    @override
    def load_state(self, state: dict[str, Any]) -> None:
        super().load_state(state)
        for stream in self.streams.values():
            if isinstance(stream, IntervalStream):
                stream.check_state()

    @override
    def _handle_termination(self, signum: int, frame: FrameType | None) -> None:
        # The SDK ends with exit code 0, and whoever started the run believes it.
        try:
            super()._handle_termination(signum, frame)
        except SystemExit:
            raise SystemExit(128 + signum) from None
