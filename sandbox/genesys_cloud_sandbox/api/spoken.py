"""What was said in single conversations: analytics of it, and URLs of its files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.routing import Route

from genesys_cloud_sandbox.api.answers import json_response
from genesys_cloud_sandbox.api.errors import not_found
from genesys_cloud_sandbox.world.times import milliseconds
from genesys_cloud_sandbox.world.transcripts import (
    conversation_metrics,
    transcript_file,
    transcripts_of,
)

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from genesys_cloud_sandbox.api.downloads import Downloads
    from genesys_cloud_sandbox.options import SandboxOptions
    from genesys_cloud_sandbox.world.conversations import World
    from genesys_cloud_sandbox.world.timeline import Document

_CONVERSATION = "/api/v2/speechandtextanalytics/conversations/{conversation_id}"
_URL = f"{_CONVERSATION}/communications/{{communication_id}}/transcripturl"


@dataclass(frozen=True)
class Spoken:
    """The endpoints."""

    options: SandboxOptions
    world: World
    downloads: Downloads

    def routes(self) -> list[Route]:
        """All of them."""
        return [
            Route(_CONVERSATION, self.get_metrics),
            Route(_URL, self.get_url),
        ]

    async def get_metrics(self, request: Request) -> Response:
        """`GET …/conversations/{conversationId}`."""
        identifier = request.path_params["conversation_id"]

        def answer() -> Response:
            metrics = conversation_metrics(identifier, self._transcripts(identifier))
            if metrics is None:
                message = f"No analytics for the conversation {identifier}."
                raise not_found(message)
            return json_response(metrics)

        # In a thread: it is computing, and other requests have deadlines.
        return await run_in_threadpool(answer)

    async def get_url(self, request: Request) -> Response:
        """`GET …/communications/{communicationId}/transcripturl`."""
        identifier = request.path_params["conversation_id"]
        communication = request.path_params["communication_id"]

        def answer() -> Response:
            for transcript in self._transcripts(identifier):
                if transcript["communicationId"] == communication:
                    file = transcript_file(self.world.organization.id, transcript)
                    return json_response({"url": self.downloads.publish(file)})
            message = f"No transcript of the communication {communication}."
            raise not_found(message)

        return await run_in_threadpool(answer)

    def _transcripts(self, identifier: str) -> list[Document]:
        life = self.world.find(identifier)
        if life is None:
            return []
        return transcripts_of(life.document, milliseconds(self.options.clock()))
