"""Clients that are slow, silent or many, against a real web process: others are served all the same."""

import json
import socket
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.processes import wait_until
from tests.small_web import PIECE, PIECES
from tests.sockets import ask, connect, get, has_ended, post, read, until_the_end

pytestmark = pytest.mark.slow

CLONE = Path(__file__).resolve().parents[2]
LARGE = len(PIECE) * PIECES  # bytes


@contextmanager
def web(**options):
    """The address of a small web process with these bounds."""
    with socket.create_server(("127.0.0.1", 0), backlog=1024) as listener:
        command = [sys.executable, "-m", "tests.small_web", str(listener.fileno()), json.dumps(options)]
        process = subprocess.Popen(command, cwd=CLONE, pass_fds=[listener.fileno()], stderr=subprocess.PIPE, text=True)
        try:
            assert ask(listener.getsockname(), get("/quick")).status == 200
            yield listener.getsockname()
        finally:
            process.kill()
            said = process.communicate()[1]
    assert said == ""


def state_of(address):
    return json.loads(ask(address, get("/state")).body)


@pytest.fixture(scope="module")
def impatient():
    with web(head_seconds=0.3, read_seconds=0.5, body_seconds=0.3) as address:
        yield address


def test_a_head_that_is_never_finished_is_given_up(impatient):
    with connect(impatient) as connection:
        connection.sendall(b"GET /quick HTTP/1.1\r\nHost: loc")
        assert read(connection).status == 408
        assert has_ended(connection)


def test_a_head_that_comes_drop_by_drop_gets_no_more_time(impatient):
    with connect(impatient) as connection, ThreadPoolExecutor(1) as other:
        ended = other.submit(has_ended, connection)
        try:
            while not ended.done():
                connection.sendall(b"a")
                time.sleep(0.02)
        except OSError:
            pass
        assert ended.result()


def test_who_connects_and_says_nothing_is_hung_up_on(impatient):
    with connect(impatient) as connection:
        assert read(connection) is None


def test_the_next_head_of_a_connection_has_no_more_time_than_the_first(impatient):
    with connect(impatient) as connection:
        connection.sendall(get("/quick"))
        assert read(connection).status == 200
        connection.sendall(b"GET /quick HTTP/1.1\r\nHost: loc")
        assert read(connection).status == 408
        assert has_ended(connection)


def test_a_body_that_never_comes_is_given_up(impatient):
    with connect(impatient) as connection:
        connection.sendall(post("/quick", "Content-Length: 5") + b"abc")
        assert read(connection).status == 408
        assert has_ended(connection)


def test_who_takes_nothing_of_an_answer_is_hung_up_on(impatient):
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.connect(impatient)
        connection.sendall(get("/large"))
        wait_until(lambda: state_of(impatient)[2] == 1, what="The connection is given up")
        assert len(until_the_end(connection)) < LARGE


def test_who_takes_an_answer_slowly_gets_it_all_the_same():
    with web(read_seconds=1.0) as address, connect(address) as connection:
        begun = time.monotonic()
        connection.sendall(get("/large", "Connection: close"))
        head, _, body = until_the_end(connection, pause=0.03).partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200 ")
        assert len(body) == LARGE
        assert time.monotonic() - begun > 1.0  # else it was not slow enough to be given up


def test_a_newcomer_takes_the_place_of_the_one_who_was_silent_longest():
    with web(most=5) as address, ExitStack() as stack:
        silent = [stack.enter_context(connect(address)) for _ in range(5)]
        assert ask(address, get("/quick")).status == 200
        assert read(silent[0]) is None
        silent[-1].sendall(get("/quick"))
        assert read(silent[-1]).status == 200


def test_who_stops_in_the_middle_of_a_body_makes_room_and_hears_why():
    with web(most=3) as address, ExitStack() as stack:
        stuck = [stack.enter_context(connect(address)) for _ in range(3)]
        for connection in stuck:
            connection.sendall(post("/quick", "Content-Length: 5", "Expect: 100-continue"))
            assert connection.recv(12) == b"HTTP/1.1 100"
        assert ask(address, get("/quick")).status == 200
        assert b"HTTP/1.1 503 Service Unavailable" in until_the_end(stuck[0])


def test_where_all_have_their_work_under_way_a_newcomer_is_told_to_come_again():
    with web(most=3) as address, ExitStack() as stack:
        working = [stack.enter_context(connect(address)) for _ in range(3)]
        for connection in working:
            connection.sendall(get("/begun"))
            assert connection.recv(12) == b"HTTP/1.1 200"
        newcomer = stack.enter_context(connect(address))
        newcomer.sendall(get("/quick"))
        answer = read(newcomer)
        assert (answer.status, answer.headers["retry-after"]) == (503, "2")
        working[0].close()
        wait_until(lambda: ask(address, get("/release")).status == 200, what="There is room again")
        for connection in working[1:]:
            wait_until(lambda c=connection: c.recv(65536).endswith(b"ok"), what="The answer is finished")


def test_more_silent_connections_than_descriptors_shut_nobody_out():
    with web(descriptors=400) as address, ExitStack() as stack:
        for _ in range(600):
            stack.enter_context(connect(address))
        assert [ask(address, get("/quick")).status for _ in range(5)] == [200] * 5


def test_of_two_hundred_at_once_those_beyond_the_queue_are_told_to_come_again():
    with web(places=10, queue=100) as address, ExitStack() as stack:
        clients = [stack.enter_context(connect(address)) for _ in range(200)]
        for client in clients:
            client.sendall(get("/held"))
        wait_until(lambda: state_of(address)[:2] == [10, 100], what="All places and the queue are taken")
        assert ask(address, get("/quick")).status == 503
        assert ask(address, get("/release")).status == 200
        answers = [read(client) for client in clients]
    assert Counter(answer.status for answer in answers) == {200: 110, 503: 90}
    assert {answer.headers.get("retry-after") for answer in answers if answer.status == 503} == {"2"}
    assert {answer.headers["content-type"] for answer in answers if answer.status == 503} == {
        "text/html; charset=utf-8"
    }


def test_nobody_waits_for_a_place_without_end():
    with web(places=1, patience=0.1) as address, connect(address) as first:
        first.sendall(get("/held"))
        wait_until(lambda: state_of(address)[0] == 1, what="The place is taken")
        late = ask(address, get("/api/v1/orders"))
        assert (late.status, late.headers["retry-after"]) == (503, "2")
        assert json.loads(late.body)["code"] == "unavailable"
        assert ask(address, get("/release")).status == 200
        assert read(first).status == 200
        assert ask(address, get("/quick")).status == 200


def test_who_sends_slowly_takes_no_place():
    with web(places=1, patience=0.1) as address, connect(address) as slow:
        slow.sendall(post("/quick", "Content-Length: 5") + b"abc")
        assert ask(address, get("/quick")).status == 200
        slow.sendall(b"de")
        assert read(slow).status == 200


def test_who_reads_slowly_keeps_no_place():
    with web(places=1, patience=0.1) as address, socket.socket() as slow:
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        slow.connect(address)
        slow.sendall(get("/large"))
        assert slow.recv(12) == b"HTTP/1.1 200"
        assert ask(address, get("/quick")).status == 200
