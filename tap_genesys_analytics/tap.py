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

from tap_genesys_analytics.errors import GenesysError, UnreadError
from tap_genesys_analytics.run import memory
from tap_genesys_analytics.run.failures import Unread
from tap_genesys_analytics.settings.schema import SETTINGS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from types import FrameType

    import click
    from singer_sdk import Stream

    from tap_genesys_analytics.api.client import GenesysClient
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
        from tap_genesys_analytics.streams import registry as catalog

        return list(catalog.streams(self))

    @property
    def genesys_streams(self) -> dict[str, GenesysStream]:
        """The streams by name."""
        return cast("dict[str, GenesysStream]", self.streams)

    @functools.cached_property
    def unread(self) -> Unread:
        """What turned out not to be readable in this run."""
        return Unread()

    @functools.cached_property
    def client(self) -> GenesysClient:
        """The client that all streams share: one token, one pool of connections."""
        from tap_genesys_analytics.api.client import GenesysClient

        user_agent = f"{self.name}/{self.plugin_version}"
        return GenesysClient.of(self.config, user_agent)

    @staticmethod
    def now() -> datetime:
        """Return the present, in UTC: the one clock of all streams."""
        return datetime.now(timezone.utc)

    @override
    def _validate_config(self, *, raise_errors: bool = True) -> list[str]:
        from tap_genesys_analytics.settings.checks import (
            complete,
            defines_streams,
            remarks,
        )
        from tap_genesys_analytics.streams.registry import built_in_names

        # The SDK's own messages quote the values given, secrets too.
        schema = self.config_jsonschema
        self.append_builtin_config(schema)
        found = complete(self._config, schema, self.now(), built_in_names())
        # Discovery needs no credentials, but it cannot list what is wrongly defined.
        if found and (raise_errors or any(map(defines_streams, found))):
            message = "Config validation failed"
            raise ConfigValidationError(message, errors=found, schema=schema)
        if not found:
            for level, sentence in remarks(self.config, self.now()):
                self.logger.log(level, "%s", sentence)
        return found

    @override
    def load_state(self, state: dict[str, Any]) -> None:
        from tap_genesys_analytics.streams.bookmarked import BookmarkedStream

        super().load_state(state)
        for stream in self.streams.values():
            if isinstance(stream, BookmarkedStream):
                stream.check_state()

    @override  # type: ignore[misc]
    def sync_all(self) -> None:
        # Final in the SDK, and the only place where all streams have ended: what could
        # not be read is told after everything else was.
        try:
            super().sync_all()
        except GenesysError:
            for sentence in filter(None, self._unread_sentences()):
                self.logger.error("%s", sentence)  # noqa: TRY400 (written for the user)
            raise
        rights, failures = self._unread_sentences()
        if rights and self.config["on_forbidden"] == "skip":
            self.logger.warning("%s", rights)
            rights = ""
        if told := "\n".join(filter(None, (rights, failures))):
            message = f"{told} Everything else was loaded."
            raise UnreadError(message)

    def _unread_sentences(self) -> tuple[str, str]:
        """Return what to say of streams that are forbidden, and that failed."""
        return self.unread.of_rights(), self.unread.of_failures()

    @override  # type: ignore[misc]
    def run_sync_dry_run(
        self,
        dry_run_record_limit: int | None = 1,
        streams: Iterable[Stream] | None = None,
    ) -> bool:
        # Final in the SDK, which takes a stream that ends for one that was read.
        read = super().run_sync_dry_run(dry_run_record_limit, streams)
        if told := "\n".join(filter(None, self._unread_sentences())):
            raise UnreadError(told)
        return read

    @override  # type: ignore[misc]
    def run_connection_test(self) -> bool:
        # Final in the SDK, whose own test reads whole intervals until a first record
        # comes, and tells nothing of the streams after one that is refused.
        from tap_genesys_analytics.run.connection_test import ConnectionTest

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
