"""Downloads under both kinds of server."""

import pytest
from django.test import AsyncRequestFactory, RequestFactory

from crm.lib.streaming import streamed
from tests import loops


@pytest.fixture
def taken():
    return []


@pytest.fixture
def pieces(taken):
    def pieces():
        for piece in (b"a", b"b"):
            taken.append(piece)
            yield piece

    return pieces()


def test_asgi_sends_each_piece_before_the_next_is_made(pieces, taken):
    response = streamed(AsyncRequestFactory().get("/"), pieces, content_type="text/csv", filename="a.csv")

    async def read():
        body = aiter(response)
        first = await anext(body)
        so_far = list(taken)
        return first, so_far, [piece async for piece in body]

    assert loops.run(read()) == (b"a", [b"a"], [b"b"])


def test_wsgi_sends_each_piece_before_the_next_is_made(pieces, taken):
    response = streamed(RequestFactory().get("/"), pieces, content_type="text/csv", filename="a.csv")
    body = iter(response)
    assert (next(body), list(taken), list(body)) == (b"a", [b"a"], [b"b"])
    assert response["Content-Disposition"] == 'attachment; filename="a.csv"'
    assert response["Cache-Control"] == "private, no-store"
