"""Transcripts of speech and text: what was said, and what Genesys makes of it."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING

from typing_extensions import override

from tap_genesys_analytics.api.responses import document_of
from tap_genesys_analytics.errors import ApiError, DownloadError
from tap_genesys_analytics.streams.document_stream import DocumentStream, TableStream
from tap_genesys_analytics.streams.queries import IntervalSearch
from tap_genesys_analytics.streams.search import Search
from tap_genesys_analytics.streams.transcript_tables import (
    SPEECH_ANALYTICS,
    TABLES,
    TRANSCRIPTS,
    parts_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tap_genesys_analytics.api.client import GenesysClient
    from tap_genesys_analytics.api.responses import Pages
    from tap_genesys_analytics.intervals.completeness import Tally
    from tap_genesys_analytics.intervals.interval import Reading
    from tap_genesys_analytics.records.tables import Document
    from tap_genesys_analytics.tap import TapGenesys

CONVERSATIONS = "/api/v2/speechandtextanalytics/conversations"

#: How often the URL of a file is asked for: it leads there for some minutes only.
_MOST_URLS = 2

#: What there is not: whoever may ask for it hears so, and whoever may not, that.
_NOTHING = "00000000-0000-0000-0000-000000000000"

#: What it takes to find transcripts and to read what was said. The second would do with
#: speechAndTextAnalytics:data:view, the first would not.
_TO_READ = ("recording:recording:view",)

_SEARCH = Search(
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


class Transcripts(DocumentStream, IntervalSearch):
    """Reads which communications were transcribed and, if it is selected, what in them.

    Each transcript has a file of its own, behind a signed URL that has to be asked for:
    a request per communication, which tables below that are not selected do not cost.
    """

    tables = TABLES

    def __init__(self, tap: TapGenesys) -> None:
        super().__init__(tap, _SEARCH)

    @override
    def pages(self, reading: Reading, tally: Tally) -> Pages:
        for page in super().pages(reading, tally):
            if not self.selected_tables:
                yield page
                continue
            tasks = (partial(self._with_parts, document_of(item)) for item in page)
            for transcript in self.client.workers.in_order(tasks):
                yield [transcript]

    def _with_parts(self, transcript: Document) -> Document:
        """Return a transcript with what is in its file."""
        path = _url_path(transcript["conversationId"], transcript["communicationId"])
        for attempt in range(1, _MOST_URLS + 1):
            if (answer := _found(self.client, path)) is None:
                break
            try:
                file = self.client.download(answer.get("url") or "")
                return {**transcript, **parts_of(file)}
            except DownloadError:
                if attempt == _MOST_URLS:
                    raise
        # Deleted since, as by a retention policy.
        self.logger.info("A transcript that was found has no file any more.")
        return transcript

    @override
    def probe(self) -> None:
        super().probe()
        if self.selected_tables:
            _found(self.client, _url_path(_NOTHING, _NOTHING))


class TranscriptTable(TableStream):
    """A table under transcripts."""

    parent_stream_type = Transcripts
    replication_key = "start_time"
    endpoint = f"GET {CONVERSATIONS}/{{id}}/communications/{{id}}/transcripturl"
    permissions = _TO_READ


class SpeechAnalytics(IntervalSearch):
    """Reads what Genesys makes of conversations that were transcribed.

    Each is asked for by itself: a request per conversation.
    """

    def __init__(self, tap: TapGenesys) -> None:
        search = replace(_SEARCH, replication_key="extracted_at")
        super().__init__(tap, search, SPEECH_ANALYTICS)
        self.endpoint = f"GET {CONVERSATIONS}/{{id}}"
        self.permissions = _TO_READ

    @override
    def pages(self, reading: Reading, tally: Tally) -> Pages:
        # What Genesys counts are communications.
        transcripts = self.search.pages(self.client, reading.interval, None)
        known: set[str] = set()
        for page in transcripts:
            found = {document_of(item)["conversationId"]: None for item in page}
            new = [each for each in found if each not in known]
            known.update(new)
            tasks = (partial(self._analytics_of, each) for each in new)
            answers = self.client.workers.in_order(tasks)
            yield [answer for answer in answers if answer is not None]

    def _analytics_of(self, conversation: str) -> Document | None:
        """Return what there is of a conversation; None: nothing, or not any more."""
        answer = _found(self.client, f"{CONVERSATIONS}/{conversation}")
        return answer and {**answer, "conversationId": conversation}

    @override
    def probe(self) -> None:
        super().probe()
        self._analytics_of(_NOTHING)


def _url_path(conversation: str, communication: str) -> str:
    """Return where the URL of a transcript's file is asked for."""
    path = f"{CONVERSATIONS}/{conversation}/communications/{communication}"
    return f"{path}/transcripturl"


def _found(client: GenesysClient, path: str) -> Document | None:
    """Return the document at a path; None: there is none, or not any more."""
    try:
        document: Document = client.get(path)
    except ApiError as error:
        if error.status != HTTPStatus.NOT_FOUND:
            raise
        return None
    return document


def streams(tap: TapGenesys) -> Iterator[IntervalSearch | TableStream]:
    """Yield the streams of transcripts."""
    yield Transcripts(tap)
    for table in TABLES:
        if table.above:
            yield TranscriptTable(tap, table)
    yield SpeechAnalytics(tap)
