"""Speech and text analytics of single conversations, and URLs of their transcripts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from genesys_cloud_sandbox.api.errors import not_found
from genesys_cloud_sandbox.api.responses import get_route
from genesys_cloud_sandbox.world.times import milliseconds
from genesys_cloud_sandbox.world.transcripts import (
    conversation_metrics,
    transcript_file,
    transcripts_of,
)

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.routing import Route

    from genesys_cloud_sandbox.api.downloads import Downloads
    from genesys_cloud_sandbox.options import SandboxOptions
    from genesys_cloud_sandbox.world.conversations import World
    from genesys_cloud_sandbox.world.timeline import Document

_CONVERSATION = "/api/v2/speechandtextanalytics/conversations/{conversation_id}"
_URL = f"{_CONVERSATION}/communications/{{communication_id}}/transcripturl"


@dataclass(frozen=True)
class SpeechAnalytics:
    """The endpoints of speech and text analytics."""

    options: SandboxOptions
    world: World
    downloads: Downloads

    def routes(self) -> list[Route]:
        """Return the routes."""
        return [
            get_route(_CONVERSATION, self.get_metrics),
            get_route(_URL, self.get_transcript_url),
        ]

    def get_metrics(self, request: Request) -> Document:
        """`GET …/conversations/{conversationId}`."""
        identifier = request.path_params["conversation_id"]
        metrics = conversation_metrics(identifier, self._transcripts(identifier))
        if metrics is None:
            message = f"No analytics for the conversation {identifier}."
            raise not_found(message)
        return metrics

    def get_transcript_url(self, request: Request) -> Document:
        """`GET …/communications/{communicationId}/transcripturl`."""
        communication = request.path_params["communication_id"]
        for transcript in self._transcripts(request.path_params["conversation_id"]):
            if transcript["communicationId"] == communication:
                file = transcript_file(self.world.organization.id, transcript)
                return {"url": self.downloads.publish(file)}
        message = f"No transcript of the communication {communication}."
        raise not_found(message)

    def _transcripts(self, identifier: str) -> list[Document]:
        life = self.world.find(identifier)
        if life is None:
            return []
        return transcripts_of(life.document, milliseconds(self.options.clock()))
