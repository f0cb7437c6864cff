"""What all streams share: a table for a schema, rights, and a probe of them."""

from __future__ import annotations

import abc
from http import HTTPStatus
from typing import TYPE_CHECKING, cast

from singer_sdk import Stream
from singer_sdk.helpers.conform import TypeConformanceLevel
from typing_extensions import override

from tap_genesys_analytics.errors import GenesysError
from tap_genesys_analytics.rights import lack
from tap_genesys_analytics.tables import EXTRA

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from singer_sdk.helpers.types import Context, Record
    from singer_sdk.singerlib import MetadataMapping

    from tap_genesys_analytics.client import GenesysClient
    from tap_genesys_analytics.rows import Row
    from tap_genesys_analytics.tables import Table
    from tap_genesys_analytics.tap import TapGenesys


class GenesysStream(Stream, abc.ABC):
    """A stream whose records are the rows of a table."""

    #: Rows are built to their schema: conforming what is inside a value again would
    #: cost four times as much as all else.
    TYPE_CONFORMANCE_LEVEL = TypeConformanceLevel.ROOT_ONLY

    #: Method and path of what is read, for users who look it up.
    endpoint: str
    #: Permissions, one of which the client needs; none: any client may read it.
    permissions: tuple[str, ...] = ()

    def __init__(self, tap: TapGenesys, table: Table) -> None:
        self.table = table
        self.selected_by_default = table.selected_by_default
        super().__init__(tap=tap, name=table.name, schema=table.schema)
        self.primary_keys = [column.name for column in table.keys]
        self._unknown_fields: set[str] = set()

    @abc.abstractmethod
    def read(self) -> Iterator[Row]:
        """Yield the rows of this run."""

    @abc.abstractmethod
    def probe(self) -> None:
        """Send one cheap request that shows whether the stream can be read.

        Raises:
            GenesysError: It cannot.
        """

    @property
    def tap(self) -> TapGenesys:
        """The tap that this stream belongs to."""
        return cast("TapGenesys", self._tap)

    @property
    def client(self) -> GenesysClient:
        """The client that all streams share; made when it is first needed."""
        return self.tap.client

    @property
    @override
    def metadata(self) -> MetadataMapping:
        metadata = super().metadata
        if self._tap_input_catalog is None:
            for column in self.table.columns:
                if not column.selected_by_default:
                    entry = metadata["properties", column.name]
                    entry.selected_by_default = False
        return metadata

    @property
    def selected_columns(self) -> frozenset[str]:
        """The names of the columns to build."""
        return frozenset(
            column.name
            for column in self.table.columns
            if self.mask.get(("properties", column.name), True)
        )

    @override
    def get_records(self, context: Context | None) -> Iterable[Record]:
        try:
            yield from self.read()
        except GenesysError as error:
            if error.status != HTTPStatus.FORBIDDEN:
                raise
            # What the client may not read does not keep it from reading the rest.
            lacking = self.tap.rights.note(self.name, error, self.permissions)
            self.logger.warning("%s is not read: it %s.", self.name, lack(lacking))

    @override
    def post_process(self, row: Record, context: Context | None = None) -> Record:
        self.name_unknown_fields(row)
        return row

    def name_unknown_fields(self, row: Row) -> None:
        """Say once of each field that the API answers and this version does not know.

        Only names are logged: values may be personal.
        """
        if self.table.is_open:
            return
        unknown = (row.get(EXTRA) or {}).keys() - self._unknown_fields
        if unknown:
            self._unknown_fields |= unknown
            self.logger.warning(
                "Genesys answers fields that this version does not know or expects to "
                "be of another type, kept in the column %s of %s: %s",
                EXTRA,
                self.name,
                ", ".join(sorted(unknown)),
            )
