"""How many requests a web process works on at the same time, and what becomes of the others."""

import asyncio
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager

from crm.lib.refusals import Application, Message, Receive, Scope, Send, busy


class WorkLimit:
    """So many places to work; whoever finds none waits a moment, in order, and is then told to come again.

    More at once would not be faster: the processor is one, and each request of a shop holds a connection of the pool.
    A short queue keeps what is served quick, however many ask.
    """

    def __init__(self, places: int, *, longest_queue: int, patience: float) -> None:
        self._places = asyncio.Semaphore(places)
        self._longest_queue, self._patience = longest_queue, patience
        self.waiting = 0

    async def take(self) -> None:
        """Raises Refused where the queue is full, or when `patience` seconds have brought no place."""
        if self._places.locked() and self.waiting >= self._longest_queue:
            raise busy()
        self.waiting += 1
        try:
            async with asyncio.timeout(self._patience):
                await self._places.acquire()
        except TimeoutError:
            raise busy() from None
        finally:
            self.waiting -= 1

    def give_back(self) -> None:
        self._places.release()

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        await self.take()
        try:
            yield
        finally:
            self.give_back()


def limited(application: Application, limit: WorkLimit, *, exempt: Collection[str] = ()) -> Application:
    """The application, but its work on a request needs a place: from the last byte of the body, so that who sends
    slowly takes none, to the first of the answer, so that who reads slowly keeps none. Paths in `exempt` need none."""

    async def limited_application(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in exempt:
            return await application(scope, receive, send)
        has_place = has_begun = False

        async def receive_then_begin() -> Message:
            nonlocal has_place, has_begun
            message = await receive()
            if not has_begun and message["type"] == "http.request" and not message.get("more_body", False):
                await limit.take()
                has_place = has_begun = True
            return message

        def end() -> None:
            nonlocal has_place
            if has_place:
                has_place = False
                limit.give_back()

        async def end_then_send(message: Message) -> None:
            end()
            await send(message)

        try:
            await application(scope, receive_then_begin, end_then_send)
        finally:
            end()
        return None

    return limited_application
