"""A web process as ours, but around a small application and with bounds of the test's own:

    python -m tests.small_web <file descriptor> '{"places": 2, "most": 5, …}'

/quick answers at once, /held when somebody has asked for /release (/begun has begun to answer by then), /large with
16 MB; /state says how it stands.
"""

import asyncio
import json
import resource
import sys
from contextlib import asynccontextmanager

import django

from crm.lib.body_limit import Bound, bounded
from crm.lib.work_limit import WorkLimit, limited
from crm.supervisor.connections import Connections
from crm.supervisor.web import serve

PIECE, PIECES = b"x" * 1024 * 1024, 16


class Application:
    def __init__(self, limit):
        self.limit, self.released, self.held, self.left = limit, asyncio.Event(), 0, 0

    async def __call__(self, scope, receive, send):
        while (await receive()).get("more_body"):
            pass
        pieces = [b"ok"]
        if scope["path"] == "/held":
            self.held += 1
            await self.released.wait()
        elif scope["path"] == "/release":
            self.released.set()
        elif scope["path"] == "/state":
            pieces = [json.dumps([self.held, self.limit.waiting, self.left]).encode()]
        elif scope["path"] == "/large":
            pieces = [PIECE] * PIECES
        length = b"%d" % sum(map(len, pieces))
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", length)]})
        if scope["path"] == "/begun":
            await self.released.wait()
        for piece in pieces:
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b""})
        if scope["path"] == "/large":
            self.left += (await receive())["type"] == "http.disconnect"


def main(descriptor, options):
    if "descriptors" in options:
        resource.setrlimit(resource.RLIMIT_NOFILE, (options["descriptors"], options["descriptors"]))
    django.setup()
    places, queue, patience = options.get("places", 10), options.get("queue", 100), options.get("patience", 60)
    limit = WorkLimit(places, longest_queue=queue, patience=patience)
    application = limited(Application(limit), limit, exempt={"/release", "/state"})
    bound = Bound(options.get("body", 2 * 1024 * 1024), options.get("body_seconds", 30.0))

    @asynccontextmanager
    async def bound_of(scope):
        yield bound

    names = ("most", "head_seconds", "read_seconds")
    connections = Connections(**{name: options[name] for name in names if name in options})
    serve(descriptor, bounded(application, bound_of), connections)


if __name__ == "__main__":
    main(int(sys.argv[1]), json.loads(sys.argv[2]))
