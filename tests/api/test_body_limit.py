"""Bodies that are too large or too slow, against the real web process: refused on every path, memory flat."""

import asyncio
import json
import os
import socket
import subprocess
import sys
from contextlib import asynccontextmanager, suppress

import psutil
import pytest

from crm.lib.body_limit import API, DEFAULT, STEP, Bound, bounded
from crm.lib.refusals import disk_too_full
from tests import loops
from tests.sockets import ask, connect, get, post

pytestmark = pytest.mark.slow

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
        assert ask(address, get("/healthz", "Connection: close")).status == 200
        yield address, psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait(10)
        listener.close()


def api_post(*headers):
    return post("/api/v1/orders/bulk", "Content-Type: application/json", *headers)


def problem_of(answer):
    assert answer.headers["content-type"] == "application/problem+json"
    return answer.status, json.loads(answer.body)["code"]


def chunks(count):
    """Of 1 MB each; the body goes on after them."""
    return [b"100000\r\n" + b"x" * MB + b"\r\n"] * count


PAGES = [
    "/",
    "/accounts/login/",
    "/accounts/signup/",
    "/language/",
    "/platform/login/",
    "/invitations/tea/abc/",
    "/nonexistent",
    "/s/tea/",
    "/s/tea/imports/",
    "/s/tea/imports/1/",
    "/healthz",
]


def test_a_body_said_to_be_100_mb_is_refused_unread(web):
    address, process = web
    before = process.memory_info().rss
    assert problem_of(ask(address, api_post(f"Content-Length: {100 * MB}"))) == (413, "body_too_large")
    assert process.memory_info().rss - before < 20 * MB


def test_chunks_without_end_are_cut_off(web):
    address, process = web
    before = process.memory_info().rss
    with connect(address) as connection:
        connection.sendall(api_post("Transfer-Encoding: chunked"))
        with suppress(ConnectionError):
            for piece in chunks(100):
                connection.sendall(piece)
            pytest.fail("All of it was taken.")
    assert process.memory_info().rss - before < 20 * MB


@pytest.mark.parametrize("path", PAGES)
def test_every_page_has_a_bound_said_or_not(web, path):
    address, _ = web
    said = ask(address, post(path, f"Content-Length: {DEFAULT.most + 1}"))
    found_out = ask(address, post(path, "Transfer-Encoding: chunked"), [*chunks(2), b"1\r\nx\r\n"])
    for answer in (said, found_out):
        assert (answer.status, answer.headers["content-type"]) == (413, "text/html; charset=utf-8")
        assert "retry-after" not in answer.headers


@pytest.mark.parametrize("path", [*PAGES, "/api/v1/orders/bulk"])
def test_a_body_of_two_lengths_is_refused_everywhere(web, path):
    address, _ = web
    lengths = ["Transfer-Encoding: chunked", "Content-Length: 10"]
    answers = [ask(address, post(path, *pair)) for pair in (lengths, lengths[::-1])]
    assert [(answer.status, answer.headers["connection"]) for answer in answers] == [(400, "close")] * 2
    if path.startswith("/api/"):
        assert problem_of(answers[0]) == (400, "bad_request")
    else:
        assert "<h1>The request cannot be read</h1>" in answers[0].body.decode()


def test_who_sends_more_than_is_taken_still_hears_the_answer(web):
    address, _ = web
    said = ask(address, post("/accounts/login/", f"Content-Length: {20 * MB}"), [b"x" * MB] * 20)
    found_out = ask(address, api_post("Transfer-Encoding: chunked"), [*chunks(20), b"0\r\n\r\n"])
    assert (said.status, found_out.status) == (413, 413)


def test_the_page_speaks_the_language_of_the_reader(web):
    address, _ = web
    length = f"Content-Length: {3 * MB}"

    def page(*headers):
        return ask(address, post("/accounts/login/", length, *headers)).body.decode()

    assert "<h1>That is more than this page takes</h1>" in page()
    assert '<html lang="zh-hans">' in page("Accept-Language: fr;q=0.9, zh-CN;q=0.8, en;q=0.1")
    assert "<h1>内容超出了这个页面的上限</h1>" in page("Accept-Language: en", "Cookie: a=b; django_language=zh-hans")


@pytest.mark.parametrize("path", ["/accounts/login/", "/api/v1/orders/bulk"])
def test_a_body_of_the_bound_comes_through(web, path):
    address, _ = web
    most, answered = (API.most, 401) if path.startswith("/api/") else (DEFAULT.most, 403)
    answer = ask(address, post(path, f"Content-Length: {most}", "Connection: close"), [b"x" * most])
    assert answer.status == answered  # by Django: the key, the form's token is missing


def run(messages, scope=None, seconds=0.05, pause=60.0, **more):
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

    @asynccontextmanager
    async def bound_of(scope):
        yield Bound(**{"most": API.most, "seconds": seconds, "pause": pause} | more)

    scope = {"type": "http", "path": "/api/v1/orders", "headers": []} | (scope or {})
    loops.run(bounded(application, bound_of)(scope, receive, send))
    return [message["status"] for message in sent if "status" in message], bool(started)


def test_a_body_that_never_ends_is_given_up():
    assert run([{"type": "http.request", "body": b"x", "more_body": True}]) == ([408], True)


def test_a_long_time_is_not_for_being_silent():
    pieces = [{"type": "http.request", "body": b"x", "more_body": True}]
    assert run(pieces, seconds=60.0, pause=0.05) == ([408], True)


def test_a_length_that_is_a_lie_does_not_help():
    pieces = [{"type": "http.request", "body": b"x" * MB, "more_body": True} for _ in range(9)]
    assert run(pieces, {"headers": [(b"content-length", b"5")]}) == ([413], True)
    assert run([], {"headers": [(b"content-length", b"9" * 5000)]}) == ([413], False)


def test_a_whole_body_passes():
    assert run([{"type": "http.request", "body": b"x" * API.most, "more_body": False}]) == ([], True)


def run_in_steps(require_room, count):
    """A body of so many MB; the answers, and whether the application was asked at all."""
    pieces = [{"type": "http.request", "body": b"x" * MB, "more_body": True} for _ in range(count)]
    end = {"type": "http.request", "body": b"", "more_body": False}
    return run([*pieces, end], most=100 * MB, seconds=60.0, require_room=require_room)


def test_there_must_be_room_before_the_first_byte_and_after_each_step():
    asked = []
    assert run_in_steps(asked.append, 40) == ([], True)
    assert asked == [0, STEP, 2 * STEP]


def test_a_body_is_cut_where_its_room_is_gone():
    asked = []

    def require_room(arrived):
        asked.append(arrived)
        if arrived >= STEP:
            raise disk_too_full()

    assert run_in_steps(require_room, 40) == ([507], True)
    assert asked == [0, STEP]
