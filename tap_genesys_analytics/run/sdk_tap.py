"""The adapter to singer-sdk for the tap. ``sdk_stream`` is the one for streams.

These two modules override private and final methods, where the SDK has no public
hooks. A comment in each override gives the reason. ``tests/run/test_sdk_contract.py``
fails if a new SDK changes one of these methods.
"""

from __future__ import annotations

import abc
import functools
import io
import json
import signal
import sys
import threading
from datetime import datetime, timezone
from typing import IO, TYPE_CHECKING, Any

from singer_sdk import Tap
from singer_sdk.contrib.msgspec import MsgSpecWriter
from singer_sdk.exceptions import ConfigValidationError
from singer_sdk.plugin_base import _ConfigInput
from singer_sdk.tap_base import CliTestOptionValue
from typing_extensions import override

from tap_genesys_analytics import interrupts
from tap_genesys_analytics.errors import GenesysError
from tap_genesys_analytics.records.messages import write_lines
from tap_genesys_analytics.run import memory

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from types import FrameType

    import click
    from singer_sdk import Stream
    from singer_sdk.singerlib.encoding.simple import Message

    from tap_genesys_analytics.api.client import GenesysClient
    from tap_genesys_analytics.run.failures import RunFailures


class WholeMessageWriter(MsgSpecWriter):
    """A writer that no signal interrupts in the middle of a message."""

    @override
    def write_message(self, message: Message) -> None:
        write_lines(bytes(self.format_message(message)), flush=True)


class TapAdapter(Tap, abc.ABC):
    """A tap that reads all streams, even if some of them fail."""

    message_writer_class = WholeMessageWriter

    @property
    @abc.abstractmethod
    def client(self) -> GenesysClient:
        """The client that all streams share: one token, one pool of connections."""

    @functools.cached_property
    @abc.abstractmethod
    def failures(self) -> RunFailures:
        """The streams that could not be read in this run."""

    @staticmethod
    def now() -> datetime:
        """Return the current time in UTC; all streams use this clock."""
        return datetime.now(timezone.utc)

    @abc.abstractmethod
    def apply_settings(self, schema: Mapping[str, Any]) -> list[str]:
        """Fill in the defaults of the settings; return what is wrong with them."""

    @abc.abstractmethod
    def must_be_valid(self, problems: list[str]) -> bool:
        """Tell whether these problems make even discovery impossible."""

    @abc.abstractmethod
    def log_failures(self) -> None:
        """Log which streams were not read, before an error ends the run."""

    @abc.abstractmethod
    def raise_failures(self, *, dry_run: bool = False) -> None:
        """Report which streams were not read.

        Raises:
            GenesysError: A stream was not read completely.
        """

    @abc.abstractmethod
    def test_connection(self) -> bool:
        """Probe every selected stream and print a table; return True if all succeed."""

    @override
    def _validate_config(self, *, raise_errors: bool = True) -> list[str]:
        # The SDK's own messages quote the user's values, including secrets.
        schema = self.config_jsonschema
        self.append_builtin_config(schema)
        problems = self.apply_settings(schema)
        if problems and (raise_errors or self.must_be_valid(problems)):
            message = "Config validation failed"
            raise ConfigValidationError(message, errors=problems, schema=schema)
        return problems

    @override  # type: ignore[misc]
    def sync_all(self) -> None:
        # Final in the SDK, but the only place after the end of all streams.
        try:
            super().sync_all()
        except GenesysError:
            self.log_failures()
            raise
        self.raise_failures()

    @override  # type: ignore[misc]
    def run_sync_dry_run(
        self,
        dry_run_record_limit: int | None = 1,
        streams: Iterable[Stream] | None = None,
    ) -> bool:
        # Final in the SDK, which reports success even if a stream has failed.
        succeeded = super().run_sync_dry_run(dry_run_record_limit, streams)
        self.raise_failures(dry_run=True)
        return succeeded

    @override  # type: ignore[misc]
    def run_connection_test(self) -> bool:
        # Final in the SDK, whose own test reads whole intervals up to the first record,
        # and stops at the first stream that is refused.
        return self.test_connection()

    @override
    @classmethod
    def invoke(cls, **options: Any) -> None:
        memory.limit_memory()
        if threading.current_thread() is threading.main_thread():
            # Until the tap is made, and handles signals: click's exit code would be 1.
            signal.signal(signal.SIGINT, signal.SIG_DFL)
        try:
            # The SDK meets an empty file, or one of several lines, with a traceback.
            if (state := options.get("state")) is not None:
                options["state"] = cls._readable(state)
            super().invoke(**options)
        except GenesysError as error:
            # The message is written for the user; a traceback would only distract.
            cls.logger.error("%s", error)  # noqa: TRY400
            cls.logger.debug("Where it was raised:", exc_info=error)
            sys.exit(1)

    @classmethod
    def _readable(cls, file: IO[str]) -> IO[str]:
        """Return a file with the one state that is in the file given.

        Raises:
            StateError: There is none.
        """
        # What needs no run imports no room.
        from tap_genesys_analytics.intervals.states import parse_state  # noqa: PLC0415

        state, warnings = parse_state(file.read())
        for sentence in warnings:
            cls.logger.warning("%s", sentence)
        return io.StringIO(json.dumps(state))

    @override
    @classmethod
    def cb_test(cls, ctx: click.Context, param: click.Option, value: str) -> None:
        # As in the SDK, but with an exit code of 1 on failure, and with the selection
        # of a catalog that is passed before --test.
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
        # The SDK's own handler writes the state in the middle of another message.
        interrupts.interrupt(functools.partial(self._end_by_signal, signum, frame))

    def _end_by_signal(self, signum: int, frame: FrameType | None) -> None:
        """Send the state and end the run.

        Raises:
            SystemExit: In any case.
        """
        # The SDK ends with exit code 0, and whoever started the run believes it.
        try:
            super()._handle_termination(signum, frame)
        except SystemExit:
            raise SystemExit(128 + signum) from None
