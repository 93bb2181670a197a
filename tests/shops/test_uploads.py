"""Who may send a large file, asked of the real web process: nobody else's is read beyond the bound of all pages."""

import select
import socket
import subprocess
import sys
from contextlib import ExitStack, contextmanager
from pathlib import Path
from shutil import disk_usage
from threading import Event, Thread

import pytest
from django.conf import settings

from crm.lib.body_limit import DEFAULT, MB, STEP, UPLOAD
from crm.shops.models import Membership
from crm.shops.roles import Right, Role, has_right
from crm.tenancy.scope import shop_scope
from tests import processes
from tests.small_disk import filled
from tests.sockets import ask, connect, get, post, read

pytestmark = [pytest.mark.django_db(transaction=True, databases=["default", "owner"]), pytest.mark.slow]
LARGE = DEFAULT.most + 1
COME_THROUGH = 403  # by Django: the form's token is missing


@contextmanager
def web(program="crm.supervisor.web", **more):
    """The address of a web process as the supervisor starts it, on the test's database; and the process."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        command = [sys.executable, "-m", program, str(listener.fileno())]
        process = subprocess.Popen(command, pass_fds=[listener.fileno()], env=processes.environment(**more))
        try:
            assert ask(listener.getsockname(), get("/healthz")).status == 200
            yield listener.getsockname(), process
        finally:
            process.kill()
            process.wait(10)


@pytest.fixture(scope="module")
def address(django_db_setup):
    with web() as (address, _process):
        yield address


def head_of(browser, *headers, path="/s/tea/imports/"):
    cookies = "; ".join(f"{cookie.key}={cookie.value}" for cookie in browser.cookies.values())
    return post(path, f"Cookie: {cookies}", "Connection: close", *headers)


@pytest.fixture
def send(address):
    """Send a large body in somebody's browser; return the status of the answer."""

    def sent(browser, path="/s/tea/imports/", length=LARGE):
        head = head_of(browser, f"Content-Length: {length}", path=path)
        return ask(address, head, [b"x" * min(length, LARGE)]).status

    return sent


def places_taken(person):
    """How many files of this person are being sent, as the kernel's list of locks says it without touching one."""
    inodes = {str(path.stat().st_ino) for path in (settings.DATA_DIR / "uploads").glob(f"{person.pk}-*")}
    return sum(line.split()[5].rpartition(":")[2] in inodes for line in Path("/proc/locks").read_text().splitlines())


@contextmanager
def uploading(address, person, browser):
    """A file that has begun to arrive and goes on; yields a function that sends the rest and returns the answer."""
    before = places_taken(person)
    with connect(address) as connection:
        connection.sendall(head_of(browser, f"Content-Length: {LARGE}") + b"x")
        processes.wait_until(lambda: places_taken(person) == before + 1, seconds=20, what="The file has a place")

        def end():
            connection.sendall(b"x" * (LARGE - 1))
            return read(connection).status

        yield end


def test_only_who_may_import_may_send_a_large_file(send, shop, other_shop, make_member, stranger, client, as_person):
    people = {role: make_member(shop, role) for role in Role}
    allowed = {role: send(as_person(person)) == COME_THROUGH for role, person in people.items()}
    assert allowed == {role: has_right(role, Right.IMPORT) for role in Role}
    assert send(client) == 413
    assert send(as_person(stranger)) == 413
    assert send(as_person(make_member(other_shop))) == 413


def test_a_large_file_may_be_sent_to_no_other_address(send, owner, shop, other_shop, as_person):
    browser = as_person(owner)
    others = [
        "/s/tea/imports/1/",
        "/s/tea/imports",
        "/s/tea%2fimports/",
        "/s/te%61/imports/",
        "/s/tea/",
        "/s/other/imports/",
        "/s/gone/imports/",
        "/",
    ]
    assert [send(browser, path) for path in others] == [413] * len(others)


def test_a_file_has_a_bound_too(send, owner, as_person):
    assert send(as_person(owner), length=UPLOAD.most + 1) == 413


def test_a_right_that_was_taken_away_counts_at_once(send, shop, owner, as_person):
    browser = as_person(owner)
    assert send(browser) == COME_THROUGH
    with shop_scope(shop):
        Membership.objects.update(role=Role.ANALYST)
    assert send(browser) == 413


def test_an_ended_session_counts_no_more(send, owner, as_person):
    browser = as_person(owner)
    browser.session.delete(browser.cookies[settings.SESSION_COOKIE_NAME].value)
    assert send(browser) == 413


def test_who_must_set_up_two_step_sign_in_first_sends_no_file(send, shop, owner, as_person):
    shop.requires_mfa = True
    shop.save(update_fields=["requires_mfa"])
    assert send(as_person(owner)) == 413


def test_one_person_sends_two_files_at_the_same_time(address, send, shop, owner, make_member, as_person):
    browser = as_person(owner)
    with uploading(address, owner, browser) as end, uploading(address, owner, as_person(owner)):
        refused = ask(address, head_of(browser, "Content-Length: 10"), [b"x" * 10])
        assert (refused.status, refused.headers["retry-after"]) == (429, "30")
        assert "<h1>Your other uploads are still running</h1>" in refused.body.decode()
        assert send(as_person(make_member(shop, Role.MANAGER))) == COME_THROUGH
        assert end() == COME_THROUGH
        processes.wait_until(lambda: places_taken(owner) == 1, seconds=20, what="A place is free again")
        assert send(browser) == COME_THROUGH


def test_two_files_are_two_over_all_web_processes(address, owner, as_person):
    browser = as_person(owner)
    with web() as (other, process), uploading(address, owner, browser), uploading(other, owner, browser):
        heads = [head_of(browser, "Content-Length: 10")] * 2
        answers = [ask(each, head, [b"x" * 10]).status for each, head in zip((address, other), heads, strict=True)]
        assert answers == [429, 429]
        process.kill()
        process.wait(10)
        assert places_taken(owner) == 1
        assert ask(address, heads[0], [b"x" * 10]).status == COME_THROUGH


def test_places_of_who_went_away_are_free(address, send, owner, as_person):
    browser = as_person(owner)
    with uploading(address, owner, browser), uploading(address, owner, browser):
        assert places_taken(owner) == 2
    processes.wait_until(lambda: places_taken(owner) == 0, seconds=20, what="Both places are free again")
    assert send(browser) == COME_THROUGH


def test_a_file_that_finds_no_room_is_refused_unread(owner, as_person):
    browser = as_person(owner)
    free = disk_usage(settings.DATA_DIR).free
    with web(UPLOAD_KEEP_FREE=str(free - 1024**3)) as (address, _process):
        assert ask(address, head_of(browser, f"Content-Length: {LARGE}"), [b"x" * LARGE]).status == COME_THROUGH
        for size in ("Content-Length: 1000000000", "Transfer-Encoding: chunked"):
            refused = ask(address, head_of(browser, size, "Accept-Language: zh-CN"))
            assert (refused.status, "retry-after" in refused.headers) == (507, False)
            assert "<h1>没有空间存放这个文件</h1>" in refused.body.decode()


def test_chinese_readers_hear_of_their_other_uploads(address, owner, as_person):
    browser = as_person(owner)
    with uploading(address, owner, browser), uploading(address, owner, browser):
        refused = ask(address, head_of(browser, "Content-Length: 1", "Accept-Language: zh-CN"), [b"x"])
    assert "<h1>您还有文件正在上传</h1>" in refused.body.decode()


KEPT_FREE, ROOM, SIZE = 100 * MB, 200 * MB, 64 * MB  # room for one file, which lies there twice, and not for two
FORM = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'


def sizes_of(folder):
    return {"SMALL_DISK": str(KEPT_FREE + ROOM), "UPLOAD_KEEP_FREE": str(KEPT_FREE), "TMPDIR": str(folder)}


@pytest.fixture
def small_disk(tmp_path):
    with web("tests.small_disk", **sizes_of(tmp_path)) as (address, process):
        yield address, process, lambda: filled(process.pid, tmp_path)


def form_head(browser):
    """Of a file that Django reads to its end before it refuses it: for the form's token, which is not there."""
    browser.cookies["csrftoken"] = "a" * 32
    return head_of(browser, "Content-Type: multipart/form-data; boundary=b", f"Content-Length: {SIZE}")


def form_pieces():
    """In pieces of 1 MB, SIZE in all."""
    end = b"\r\n--b--\r\n"
    body = FORM + b"x" * (SIZE - len(FORM) - len(end)) + end
    return [body[at : at + MB] for at in range(0, SIZE, MB)]


def test_a_file_finds_room_only_beside_those_that_are_being_sent(small_disk, owner, as_person):
    address, _process, filled_now = small_disk
    browser, pieces = as_person(owner), form_pieces()
    head, sent = form_head(browser), 3 * STEP
    with connect(address) as first:
        first.sendall(head + b"".join(pieces[: sent // MB]))
        processes.wait_until(lambda: filled_now() >= sent - MB, seconds=20, what="Three steps have arrived")
        assert ask(address, head).status == 507
        first.sendall(b"".join(pieces[sent // MB :]))
        assert read(first).status == COME_THROUGH
    processes.wait_until(lambda: filled_now() == 0, seconds=20, what="Nothing is left of the first")
    assert ask(address, head, pieces).status == COME_THROUGH


@contextmanager
def watching(filled_now):
    """Yields a list of how much of the disk was filled, a number every 2 ms."""
    seen, over = [0], Event()

    def watch():
        while not over.wait(0.002):
            seen.append(filled_now())

    thread = Thread(target=watch)
    thread.start()
    try:
        yield seen
    finally:
        over.set()
        thread.join()


def test_files_that_began_together_never_fill_the_disk(small_disk, shop, owner, make_member, as_person):
    address, _process, filled_now = small_disk
    people = [owner, make_member(shop, Role.MANAGER)]
    heads = [form_head(as_person(person)) for person in people for _ in range(2)]
    with watching(filled_now) as seen, ExitStack() as stack:
        connections = [stack.enter_context(connect(address)) for _ in heads]
        for connection, head in zip(connections, heads, strict=True):
            connection.sendall(head)
        for piece in form_pieces():
            for connection in connections:
                if not select.select([connection], [], [], 0)[0]:  # It has not been answered yet.
                    connection.sendall(piece)
        statuses = sorted(read(connection).status for connection in connections)
    assert statuses == [COME_THROUGH] + [507] * 3
    assert 2 * SIZE - MB <= max(seen) <= ROOM


def test_a_process_that_was_killed_holds_no_room(small_disk, tmp_path, shop, owner, make_member, as_person):
    killed, process, filled_now = small_disk
    head, pieces = form_head(as_person(owner)), form_pieces()
    of_another = form_head(as_person(make_member(shop, Role.MANAGER)))  # who does not take the place of the killed
    with web("tests.small_disk", **sizes_of(tmp_path)) as (address, _process), connect(killed) as connection:
        connection.sendall(head + b"".join(pieces[:-1]))
        processes.wait_until(lambda: filled_now() >= SIZE - 2 * MB, seconds=20, what="It has nearly arrived")
        assert ask(address, of_another).status == 507
        process.kill()
        process.wait(10)
        assert ask(address, of_another, pieces).status == COME_THROUGH
