"""Bodies that are too large or too slow, against the real web process: refused at once, memory flat."""

import asyncio
import json
import os
import socket
import subprocess
import sys
import time

import psutil
import pytest

from crm.lib.body_limit import MAX_BODY, bounded
from tests import loops

MB = 1024 * 1024


@pytest.fixture(scope="module")
def web():
    """The web process as the supervisor starts it; no request of these tests comes as far as the database."""
    listener = socket.create_server(("127.0.0.1", 0))
    process = subprocess.Popen(
        [sys.executable, "-m", "crm.supervisor.web", str(listener.fileno())],
        pass_fds=[listener.fileno()],
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings"},
    )
    address = listener.getsockname()
    try:
        assert ask(address, b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").startswith(
            b"HTTP/1.1 200"
        )
        yield address, psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait(10)
        listener.close()


def ask(address, head, body=()):
    """Send head and pieces of body until the server hangs up or all is sent; return what it says."""
    with socket.create_connection(address, timeout=60) as connection:
        connection.sendall(head)
        try:
            for piece in body:
                connection.sendall(piece)
        except OSError:
            pass  # The server has answered and closed while we were still sending.
        answer = b""
        try:
            while piece := connection.recv(65536):
                answer += piece
        except OSError:
            pass
        return answer


def post(*headers):
    return "\r\n".join(
        ["POST /api/v1/orders/bulk HTTP/1.1", "Host: localhost", "Content-Type: application/json", *headers, "", ""]
    ).encode()


def problem_of(answer):
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"application/problem+json" in head
    return int(head.split()[1]), json.loads(body[body.index(b"{") : body.rindex(b"}") + 1])["code"]


def test_a_body_said_to_be_100_mb_is_refused_unread(web):
    address, process = web
    before, started = process.memory_info().rss, time.monotonic()
    answer = ask(address, post(f"Content-Length: {100 * MB}"))
    assert problem_of(answer) == (413, "body_too_large")
    assert time.monotonic() - started < 1
    assert process.memory_info().rss - before < 5 * MB


def test_chunks_without_end_are_cut_off(web):
    address, process = web
    before, started = process.memory_info().rss, time.monotonic()
    chunk = b"100000\r\n" + b"x" * 0x100000 + b"\r\n"
    answer = ask(address, post("Transfer-Encoding: chunked"), (chunk for _ in range(100)))
    # A server that closes on somebody who is still sending may be heard as a reset only.
    assert not answer or problem_of(answer) == (413, "body_too_large")
    assert time.monotonic() - started < 2
    assert process.memory_info().rss - before < 20 * MB


def test_chunks_just_beyond_the_limit_get_their_answer(web):
    address, _ = web
    chunk = b"100000\r\n" + b"x" * 0x100000 + b"\r\n"
    answer = ask(address, post("Transfer-Encoding: chunked"), [*[chunk] * 8, b"1\r\nx\r\n0\r\n\r\n"])
    assert problem_of(answer) == (413, "body_too_large")


def test_a_body_of_the_limit_comes_through(web):
    address, _ = web
    answer = ask(address, post(f"Content-Length: {MAX_BODY}", "Connection: close"), [b"x" * MAX_BODY])
    assert problem_of(answer) == (401, "key_missing")


def test_other_pages_are_not_bounded(web):
    address, _ = web
    head = f"POST /healthz HTTP/1.1\r\nHost: localhost\r\nContent-Length: {9 * MB}\r\nConnection: close\r\n\r\n"
    answer = ask(address, head.encode(), [b"x" * (9 * MB)])
    assert answer.split()[1] in (b"403", b"405")


def run(messages, scope=None, seconds=0.05):
    sent, started = [], []

    async def application(scope, receive, send):
        started.append(True)
        while (await receive()).get("more_body"):
            pass

    async def receive():
        if messages:
            return messages.pop(0)
        await asyncio.sleep(5)

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "path": "/api/v1/orders", "headers": []} | (scope or {})
    loops.run(bounded(application, seconds=seconds)(scope, receive, send))
    return [message["status"] for message in sent if "status" in message], bool(started)


def test_a_body_that_never_ends_is_given_up():
    assert run([{"type": "http.request", "body": b"x", "more_body": True}]) == ([408], True)


def test_a_length_that_is_a_lie_does_not_help():
    pieces = [{"type": "http.request", "body": b"x" * MB, "more_body": True} for _ in range(9)]
    assert run(pieces, {"headers": [(b"content-length", b"5")]}) == ([413], True)
    assert run([], {"headers": [(b"content-length", b"9" * 5000)]}) == ([413], False)


def test_a_whole_body_passes():
    assert run([{"type": "http.request", "body": b"x" * MAX_BODY, "more_body": False}]) == ([], True)


def test_an_upload_of_more_than_a_gigabyte_is_refused_before_it_is_read(web):
    address, _ = web
    head = f"POST /s/tea/imports/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: {2 * 1024**3}\r\n\r\n"
    assert ask(address, head.encode()).startswith(b"HTTP/1.1 413")
