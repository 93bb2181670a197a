"""HTTP by hand, for requests that no well-behaved client would send."""

import socket
import time
from typing import NamedTuple

PATIENCE = 60  # seconds


class Answer(NamedTuple):
    status: int
    headers: dict
    body: bytes


def connect(address):
    return socket.create_connection(address, timeout=PATIENCE)


def get(path, *headers):
    return "\r\n".join([f"GET {path} HTTP/1.1", "Host: localhost", *headers, "", ""]).encode()


def post(path, *headers):
    return "\r\n".join([f"POST {path} HTTP/1.1", "Host: localhost", *headers, "", ""]).encode()


def read(connection):
    """One answer, up to its Content-Length; None where the other side hung up without one."""
    received = b""
    while b"\r\n\r\n" not in received:
        if not (piece := connection.recv(65536)):
            assert received == b""
            return None
        received += piece
    head, _, body = received.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    body = bytearray(body)
    while len(body) < int(headers["content-length"]):
        piece = connection.recv(65536)
        assert piece, "the end of the answer is missing"
        body += piece
    return Answer(int(first.split()[1]), headers, bytes(body))


def ask(address, head, pieces=()):
    """Send all of it, whatever the server says meanwhile, then read the answer."""
    with connect(address) as connection:
        connection.sendall(head)
        for piece in pieces:
            connection.sendall(piece)
        return read(connection)


def until_the_end(connection, *, pause=0.0):
    """All that comes until the other side hangs up, by whichever way; `pause` seconds are waited after each piece."""
    received = bytearray()
    try:
        while piece := connection.recv(400_000):
            received += piece
            time.sleep(pause)
    except ConnectionResetError:
        pass
    return bytes(received)


def has_ended(connection):
    """Wait for the other side to hang up, by whichever way."""
    until_the_end(connection)
    return True
