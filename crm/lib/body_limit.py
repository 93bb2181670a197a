"""A bound for the bodies of requests, in front of Django, which would write any body to disk before it looks."""

import asyncio
import json
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Any, Any, Any], Awaitable[None]]

MAX_BODY = 8 * 1024 * 1024
BODY_SECONDS = 60.0
MAX_UPLOAD = 1024**3 + 1024**2  # a file of 1 GB and the form around it
UPLOAD_SECONDS = 3600.0


class _Refused(Exception):
    def __init__(self, status: int, code: str, title: str, detail: str) -> None:
        super().__init__(code)
        self.body = {"type": f"/api/docs#{code}", "title": title, "status": status, "code": code, "detail": detail}
        self.status = status


def _too_large(most: int) -> _Refused:
    detail = f"Send at most {most} bytes; split a larger batch."
    return _Refused(413, "body_too_large", "The body is too large", detail)


def bounded(
    application: Application, *, prefix: str = "/api/", most: int = MAX_BODY, seconds: float = BODY_SECONDS
) -> Application:
    """The application, but below `prefix` a body is cut off at `most` bytes (by its header or while it arrives, also in
    chunks) or when it takes longer than `seconds` to arrive."""

    async def bounded_application(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(prefix):
            return await application(scope, receive, send)
        try:
            if _declared(scope) > most:
                raise _too_large(most)
            await application(scope, _counted(receive, most, seconds), send)
        except _Refused as refusal:
            await _refuse(refusal, send)
        return None

    return bounded_application


def _declared(scope: Scope) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            return int(value[:20])
    return 0


def _counted(receive: Receive, most: int, seconds: float) -> Receive:
    deadline = asyncio.get_running_loop().time() + seconds
    received, complete = 0, False

    async def counted() -> Message:
        nonlocal received, complete
        if complete:  # Django listens on for the client going away.
            return await receive()
        try:
            async with asyncio.timeout_at(deadline):
                message = await receive()
        except TimeoutError:
            detail = f"The body must arrive within {seconds:.0f} seconds."
            raise _Refused(408, "request_timeout", "The body did not arrive in time", detail) from None
        received += len(message.get("body", b""))
        complete = not message.get("more_body", False)
        if received > most:
            raise _too_large(most)
        return message

    return counted


async def _refuse(refusal: _Refused, send: Send) -> None:
    headers = [
        (b"content-type", b"application/problem+json"),
        (b"connection", b"close"),
        (b"x-content-type-options", b"nosniff"),
    ]
    await send({"type": "http.response.start", "status": refusal.status, "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps(refusal.body).encode()})
