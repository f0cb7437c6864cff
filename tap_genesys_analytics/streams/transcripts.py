"""Transcripts of speech and text, and Genesys' speech and text analytics."""

from __future__ import annotations

import logging
from dataclasses import replace
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING

from typing_extensions import override

from tap_genesys_analytics.api.errors import ApiError, DownloadError
from tap_genesys_analytics.readers.queries import QueryEndpoint, QueryReader
from tap_genesys_analytics.records.raw_documents import decode_document
from tap_genesys_analytics.records.shapes import Shape, check_shape
from tap_genesys_analytics.streams.child_stream import ChildStream
from tap_genesys_analytics.streams.declared import DeclaredStream
from tap_genesys_analytics.streams.interval_stream import IntervalStream
from tap_genesys_analytics.streams.queries import query_stream
from tap_genesys_analytics.streams.transcript_tables import (
    SPEECH_ANALYTICS,
    TABLES,
    TRANSCRIPTS,
    with_file,
)

if TYPE_CHECKING:
    from datetime import datetime

    from tap_genesys_analytics.api.client import GenesysClient
    from tap_genesys_analytics.intervals.completeness import RecordCount
    from tap_genesys_analytics.intervals.plan import PlannedInterval
    from tap_genesys_analytics.records.raw_documents import Document, Pages

logger = logging.getLogger("tap-genesys")

CONVERSATIONS = "/api/v2/speechandtextanalytics/conversations"

#: The maximum number of URLs requested for a file; each expires after some minutes.
_MAX_URLS = 2

#: An unused id. The response is 404 with the permission, and 403 without.
_UNUSED_ID = "00000000-0000-0000-0000-000000000000"

#: The permission to search transcripts and to read files. The permission
#: speechAndTextAnalytics:data:view is not enough for the search.
_FILE_PERMISSIONS = ("recording:recording:view",)

_ENDPOINT = QueryEndpoint(
    table=TRANSCRIPTS,
    path="/api/v2/speechandtextanalytics/transcripts/search",
    body={
        "types": ["transcripts"],
        "sortBy": "startTime",
        "sortOrder": "ASC",
        "query": [
            {
                "type": "DATE_RANGE",
                "fields": ["startTime"],
                "startValue": "{start}",
                "endValue": "{end}",
                "dateFormat": "yyyy-MM-dd'T'HH:mm:ss.SSSX",
            }
        ],
    },
    records_path="results",
    # "Pagination is only supported through the first 1,000 results."
    result_cap=1_000,
    permissions=(
        "analytics:conversationDetail:view",
        "recording:recording:view",
        "recording:recordingSegment:view",
    ),
    replication_key="start_time",
)


class _Url(Shape):
    url: str | None = None


class TranscriptReader(QueryReader):
    """Searches transcripts and, if ``reads_files``, downloads their files.

    Each file has a signed URL, which needs one request per communication.
    """

    def __init__(self, client: GenesysClient, *, reads_files: bool) -> None:
        super().__init__(client, _ENDPOINT)
        self._reads_files = reads_files

    @override
    def pages(self, planned: PlannedInterval, count: RecordCount) -> Pages:
        for page in super().pages(planned, count):
            if not self._reads_files:
                yield page
                continue
            tasks = (partial(self._with_items, decode_document(raw)) for raw in page)
            for transcript in self.client.workers.in_order(tasks):
                yield [transcript]

    def _with_items(self, transcript: Document) -> Document:
        """Return a transcript with the items in its file."""
        path = _url_path(transcript["conversationId"], transcript["communicationId"])
        for attempt in range(1, _MAX_URLS + 1):
            if (response := _get_or_none(self.client, path)) is None:
                break
            try:
                file = self.client.download(response.get("url") or "")
                return with_file(transcript, file)
            except DownloadError:
                if attempt == _MAX_URLS:
                    raise
        # Deleted after the search, for example by a retention policy.
        logger.info("A transcript that was found has no file any more.")
        return transcript

    @override
    def probe(self, now: datetime) -> None:
        super().probe(now)
        if self._reads_files:
            _get_or_none(self.client, _url_path(_UNUSED_ID, _UNUSED_ID))


class SpeechAnalyticsReader(QueryReader):
    """Reads the analytics of each transcribed conversation, one request each."""

    @override
    def pages(self, planned: PlannedInterval, count: RecordCount) -> Pages:
        # Totals count communications, not conversations, so they are not compared.
        transcripts = self.endpoint.pages(self.client, planned.interval, None)
        seen: set[str] = set()
        for page in transcripts:
            conversations = {
                decode_document(raw)["conversationId"]: None for raw in page
            }
            new = [
                conversation
                for conversation in conversations
                if conversation not in seen
            ]
            seen.update(new)
            tasks = (partial(self._analytics, conversation) for conversation in new)
            documents = self.client.workers.in_order(tasks)
            yield [document for document in documents if document is not None]

    def _analytics(self, conversation: str) -> Document | None:
        """Return the analytics of a conversation; None if there are none."""
        document = _get_or_none(self.client, f"{CONVERSATIONS}/{conversation}")
        return document and {**document, "conversationId": conversation}

    @override
    def probe(self, now: datetime) -> None:
        super().probe(now)
        self._analytics(_UNUSED_ID)


class Transcripts(IntervalStream):
    """The stream of transcripts, parent of the streams of its child tables."""

    tables = TABLES


class TranscriptTable(ChildStream):
    """The stream of a child table of transcripts."""

    parent_stream_type = Transcripts


def reader(stream: IntervalStream) -> TranscriptReader:
    """Return the reader of a run; it reads files only if child streams are selected."""
    return TranscriptReader(stream.client, reads_files=bool(stream.selected_children))


def analytics_reader(stream: IntervalStream) -> SpeechAnalyticsReader:
    """Return the reader of a run."""
    return SpeechAnalyticsReader(stream.client, _ENDPOINT, stream.table)


def _url_path(conversation: str, communication: str) -> str:
    """Return the path that returns the URL of a transcript file."""
    path = f"{CONVERSATIONS}/{conversation}/communications/{communication}"
    return f"{path}/transcripturl"


def _get_or_none(client: GenesysClient, path: str) -> Document | None:
    """Return the document at a path; None if the response is 404."""
    try:
        document: Document = client.get(path)
        check_shape(document, _Url, f"GET {path.rpartition('/')[0]}/…")
    except ApiError as error:
        if error.status != HTTPStatus.NOT_FOUND:
            raise
        return None
    return document


_TRANSCRIPTS = replace(query_stream(_ENDPOINT), kind=Transcripts, reader=reader)

STREAMS = (
    _TRANSCRIPTS,
    *(
        DeclaredStream(
            table,
            TranscriptTable,
            f"GET {CONVERSATIONS}/{{id}}/communications/{{id}}/transcripturl",
            _FILE_PERMISSIONS,
            replication_key="start_time",
        )
        for table in TABLES
        if table.parent
    ),
    DeclaredStream(
        SPEECH_ANALYTICS,
        IntervalStream,
        f"GET {CONVERSATIONS}/{{id}}",
        _FILE_PERMISSIONS,
        reader=analytics_reader,
        replication_key="extracted_at",
    ),
)
