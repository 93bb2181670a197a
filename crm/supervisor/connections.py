"""Connections of a web process: how long each may keep us waiting, and how many there may be."""

import asyncio
import fcntl
import resource
import sys
import termios
from dataclasses import dataclass, field
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from crm.lib.refusals import RETRY_SECONDS

RESERVED_DESCRIPTORS = 256  # for the database, Redis, bodies on disk, static files, and a burst of newcomers
WRITE_BUFFER = 1024 * 1024  # a page fits in: who reads it slowly keeps neither a thread nor a connection of the pool
GOODBYE_SECONDS = 1.0  # we listen on for so long, or a newcomer who is sending would hear a reset and not the answer
MOST_GOODBYES = 100

_SENTENCE = b"Very busy at the moment. Try again in a few seconds.\n"
BUSY = (
    b"HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: %d\r\n"
    b"Retry-After: %d\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n%s"
) % (len(_SENTENCE), RETRY_SECONDS, _SENTENCE)
TOO_SLOW = b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


def most_connections(wanted: int = 1000) -> int:
    """As many as wanted, as far as the descriptors of this process go."""
    descriptors = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return wanted if descriptors == resource.RLIM_INFINITY else max(64, min(wanted, descriptors - RESERVED_DESCRIPTORS))


def _in_kernel(transport: asyncio.Transport) -> int:
    """Bytes of answers that the system still keeps, because the other side has not confirmed them."""
    try:
        answer = fcntl.ioctl(transport.get_extra_info("socket").fileno(), termios.TIOCOUTQ, bytes(4))
    except OSError:
        return 0
    return int.from_bytes(answer, sys.byteorder)


@dataclass
class Connections:
    """The bounds of one web process, and who is there. Seconds."""

    most: int = field(default_factory=most_connections)
    head_seconds: float = 15.0  # until the head of the first or next request is complete
    read_seconds: float = 30.0  # without the client taking a byte of its answer
    # Those of whom we wait for a head or body, the longest silent first.
    waiting: "dict[PatientProtocol, None]" = field(default_factory=dict)
    goodbyes: int = 0

    def protocol(self, *args: Any, **kwargs: Any) -> "PatientProtocol":
        """What uvicorn calls for each new connection."""
        return PatientProtocol(self, *args, **kwargs)

    def make_room(self) -> bool:
        """End the connection that has been silent longest; False where nobody is: all have their work under way."""
        longest = next(iter(self.waiting), None)
        if longest is not None:
            longest.hang_up(BUSY)
        return longest is not None


class PatientProtocol(H11Protocol):  # type: ignore[misc]  # mypy does not follow uvicorn
    """One connection. The time for a body is bounded in crm/lib/body_limit.py, that between requests by uvicorn."""

    def __init__(self, ours: Connections, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.ours = ours
        self.is_turned_away = False
        self.head_timer: asyncio.TimerHandle | None = None
        self.read_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:
        if len(self.connections) >= self.ours.most and not self.ours.make_room():
            return self._turn_away(transport)
        transport.set_write_buffer_limits(high=WRITE_BUFFER)
        super().connection_made(transport)
        self._watch()
        return None

    def connection_lost(self, exc: Exception | None) -> None:
        if self.is_turned_away:
            self.ours.goodbyes -= 1
            return
        self._stop_watching()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self.is_turned_away or self.transport.is_closing():
            return
        super().data_received(data)
        self._watch()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._watch()
        self._watch_reading()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._watch_reading()

    def resume_writing(self) -> None:
        self._unset_read_timer()
        super().resume_writing()

    def timeout_keep_alive_handler(self) -> None:
        super().timeout_keep_alive_handler()
        self._watch_reading()

    def hang_up(self, answer: bytes) -> None:
        """End it; whoever has begun a request hears why."""
        self._stop_watching()
        has_begun = self.conn.their_state is h11.SEND_BODY or self.conn.trailing_data[0]
        is_answering = self.cycle is not None and self.cycle.response_started and not self.cycle.response_complete
        if has_begun and not is_answering:
            self.transport.write(answer)
        self.transport.close()

    def _turn_away(self, transport: asyncio.Transport) -> None:
        self.is_turned_away = True
        self.ours.goodbyes += 1
        transport.write(BUSY)
        if self.ours.goodbyes > MOST_GOODBYES:
            transport.close()
        else:
            self.loop.call_later(GOODBYE_SECONDS, transport.close)

    def _watch(self) -> None:
        """Keep `waiting` and the timer of the head in step with what the client owes us."""
        owed = self.conn.their_state
        if self.transport.is_closing() or owed not in (h11.IDLE, h11.SEND_BODY):
            self._stop_watching()
        elif owed is h11.IDLE:
            self.ours.waiting.setdefault(self)
            if self.head_timer is None:
                self.head_timer = self.loop.call_later(self.ours.head_seconds, self.hang_up, TOO_SLOW)
        else:  # Each piece of a body makes it the least silent.
            self._stop_watching()
            self.ours.waiting[self] = None

    def _stop_watching(self) -> None:
        self.ours.waiting.pop(self, None)
        if self.head_timer is not None:
            self.head_timer.cancel()
            self.head_timer = None

    def _watch_reading(self, left_before: int | None = None) -> None:
        """End it when nothing of an answer was taken for `read_seconds`, also after closing, which waits for that."""
        self._unset_read_timer()
        left = self.transport.get_write_buffer_size()
        if left:
            left += _in_kernel(self.transport)  # it takes more from us only when a large part of its own is gone
        if left and left == left_before:
            self.transport.abort()
        elif left:
            self.read_timer = self.loop.call_later(self.ours.read_seconds, self._watch_reading, left)

    def _unset_read_timer(self) -> None:
        if self.read_timer is not None:
            self.read_timer.cancel()
            self.read_timer = None
