"""Answers that are made piece by piece, in constant memory under ASGI and WSGI alike."""

from collections.abc import AsyncIterator, Iterator

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, StreamingHttpResponse


def streamed(
    request: HttpRequest, pieces: Iterator[str] | Iterator[bytes], *, content_type: str, filename: str
) -> StreamingHttpResponse:
    """A download. `pieces` runs after the request's scope has ended, so each piece that reads rows opens its own."""
    # Under ASGI Django would collect a plain iterator in memory before it sends the first byte.
    body = _one_by_one(pieces) if isinstance(request, ASGIRequest) else pieces
    headers = {"Content-Disposition": f'attachment; filename="{filename}"', "Cache-Control": "private, no-store"}
    return StreamingHttpResponse(body, content_type=content_type, headers=headers)


async def _one_by_one(pieces: Iterator[str] | Iterator[bytes]) -> AsyncIterator[str | bytes]:
    following = sync_to_async(lambda: next(pieces, None))
    while (piece := await following()) is not None:
        yield piece
