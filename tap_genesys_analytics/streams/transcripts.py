"""Transcripts of speech and text, and what Genesys' analytics find in them."""

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

#: How often the URL of a file is requested: each is valid for some minutes only.
_MOST_URLS = 2

#: An id that does not exist: the API answers 404 if the permission is there, 403 if
#: it is not.
_NOTHING = "00000000-0000-0000-0000-000000000000"

#: The permission to find transcripts and to read them. speechAndTextAnalytics:data:view
#: would be enough to read them, but not to find them.
_TO_READ = ("recording:recording:view",)

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


class TranscriptReader(QueryReader):
    """Finds transcripts and, if ``reads_files``, downloads their files.

    Each transcript has a file of its own, behind a signed URL that has to be requested:
    one request per communication.
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
            tasks = (partial(self._with_parts, decode_document(raw)) for raw in page)
            for transcript in self.client.workers.in_order(tasks):
                yield [transcript]

    def _with_parts(self, transcript: Document) -> Document:
        """Return a transcript with the contents of its file."""
        path = _url_path(transcript["conversationId"], transcript["communicationId"])
        for attempt in range(1, _MOST_URLS + 1):
            if (response := _get_if_there(self.client, path)) is None:
                break
            try:
                file = self.client.download(response.get("url") or "")
                return with_file(transcript, file)
            except DownloadError:
                if attempt == _MOST_URLS:
                    raise
        # Deleted since, for example by a retention policy.
        logger.info("A transcript that was found has no file any more.")
        return transcript

    @override
    def probe(self, now: datetime) -> None:
        super().probe(now)
        if self._reads_files:
            _get_if_there(self.client, _url_path(_NOTHING, _NOTHING))


class SpeechAnalyticsReader(QueryReader):
    """Reads Genesys' analytics of each conversation that was transcribed.

    One request per conversation.
    """

    @override
    def pages(self, planned: PlannedInterval, count: RecordCount) -> Pages:
        # Genesys' totals count communications, so they are not compared.
        transcripts = self.endpoint.pages(self.client, planned.interval, None)
        known: set[str] = set()
        for page in transcripts:
            found = {decode_document(raw)["conversationId"]: None for raw in page}
            new = [each for each in found if each not in known]
            known.update(new)
            tasks = (partial(self._analytics_of, each) for each in new)
            documents = self.client.workers.in_order(tasks)
            yield [document for document in documents if document is not None]

    def _analytics_of(self, conversation: str) -> Document | None:
        """Return the analytics of a conversation; None if there are none (any more)."""
        document = _get_if_there(self.client, f"{CONVERSATIONS}/{conversation}")
        return document and {**document, "conversationId": conversation}

    @override
    def probe(self, now: datetime) -> None:
        super().probe(now)
        self._analytics_of(_NOTHING)


class Transcripts(IntervalStream):
    """The stream that the tables of what was said are children of."""

    tables = TABLES


class TranscriptTable(ChildStream):
    """A table below transcripts."""

    parent_stream_type = Transcripts


def reader(stream: IntervalStream) -> TranscriptReader:
    """Return the reader of a run: files are only read if a child stream needs them."""
    return TranscriptReader(stream.client, reads_files=bool(stream.selected_children))


def analytics_reader(stream: IntervalStream) -> SpeechAnalyticsReader:
    """Return the reader of a run."""
    return SpeechAnalyticsReader(stream.client, _ENDPOINT, stream.table)


def _url_path(conversation: str, communication: str) -> str:
    """Return the path at which the URL of a transcript's file is requested."""
    path = f"{CONVERSATIONS}/{conversation}/communications/{communication}"
    return f"{path}/transcripturl"


def _get_if_there(client: GenesysClient, path: str) -> Document | None:
    """Return the document at a path; None if there is none (any more)."""
    try:
        document: Document = client.get(path)
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
            _TO_READ,
            replication_key="start_time",
        )
        for table in TABLES
        if table.parent
    ),
    DeclaredStream(
        SPEECH_ANALYTICS,
        IntervalStream,
        f"GET {CONVERSATIONS}/{{id}}",
        _TO_READ,
        reader=analytics_reader,
        replication_key="extracted_at",
    ),
)
