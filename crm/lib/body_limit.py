"""A bound for the body of every request, in front of Django, which would write any body to disk before it looks."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

from crm.lib.refusals import (
    Application,
    Message,
    Receive,
    Refused,
    Scope,
    Send,
    body_too_large,
    body_too_slow,
    refuse,
    two_lengths,
)

MB = 1024 * 1024
STEP = 16 * MB  # of a body, from one look whether there is room to the next


@dataclass(frozen=True)
class Bound:
    """What the body of one request may be: bytes, seconds until its last byte, and seconds without a byte.

    require_room: asked before the first byte and after each STEP, with the bytes that have arrived; raises Refused.
    """

    most: int
    seconds: float
    pause: float = 30.0
    require_room: Callable[[int], None] | None = None


DEFAULT = Bound(2 * MB, 30.0)
API = Bound(8 * MB, 60.0, pause=60.0)
UPLOAD = Bound(1024 * MB + MB, 3600.0)  # a file of 1 GB and the form around it
MAX_BODY = API.most


def bounded(application: Application, bound_of: Callable[[Scope], AbstractAsyncContextManager[Bound]]) -> Application:
    """The application, but a body ends at its bound: refused by its header, or cut off while it arrives, also in
    chunks. Other Refused of the application are answered here too.

    bound_of: holds what the request needs besides, from before the first byte of its body to its end.
    """

    async def bounded_application(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await application(scope, receive, send)
        body: Body | None = None
        try:
            length = declared_length(scope)
            async with bound_of(scope) as bound:
                body = Body(receive, bound)
                if length is not None and length > bound.most:
                    raise body_too_large(bound.most)
                await application(scope, body.receive, send)
        except Refused as refusal:
            refusal.__traceback__ = None  # It would keep what has arrived on the disk until the client has gone.
            await refuse(refusal, scope, None if body and body.is_complete else receive, send)
        return None

    return bounded_application


def declared_length(scope: Scope) -> int | None:
    """By its Content-Length, 0 without one; None for chunks, which say nothing of their length.

    Raises Refused where both are there: only chunks count then, but not everybody behind us would know that.
    """
    headers = dict(scope["headers"])
    if b"transfer-encoding" in headers:
        if b"content-length" in headers:
            raise two_lengths()
        return None
    value = headers.get(b"content-length", b"")
    return int(value[:20]) if value.isdigit() else 0


class Body:
    """What has arrived of one body."""

    def __init__(self, receive: Receive, bound: Bound) -> None:
        self._receive, self.bound = receive, bound
        self._end = asyncio.get_running_loop().time() + bound.seconds
        self._arrived = self._next_look = 0
        self.is_complete = False

    async def receive(self) -> Message:
        """The next piece. Raises Refused beyond the bound."""
        if self.is_complete:  # Django listens on for the client going away.
            return await self._receive()
        if self.bound.require_room and self._arrived >= self._next_look:
            self.bound.require_room(self._arrived)
            self._next_look += STEP
        silence_ends = asyncio.get_running_loop().time() + self.bound.pause
        try:
            async with asyncio.timeout_at(min(self._end, silence_ends)):
                message = await self._receive()
        except TimeoutError:
            raise body_too_slow(self.bound.seconds, self.bound.pause) from None
        self._arrived += len(message.get("body", b""))
        self.is_complete = not message.get("more_body", False)
        if self._arrived > self.bound.most:
            raise body_too_large(self.bound.most)
        return message
