"""One web process on a socket that is already listening: `python -m crm.supervisor.web <file descriptor>`."""

import resource
import socket
import sys
import warnings

import uvicorn

from crm.lib import environment
from crm.supervisor.connections import Connections

KEEP_ALIVE_SECONDS = 5  # between two requests of one connection
LONGEST_BACKLOG = 2048

# Said of static files, which WhiteNoise hands out: they are small. Our own downloads go piece by piece.
warnings.filterwarnings("ignore", "StreamingHttpResponse must consume synchronous iterators")


def serve(
    descriptor: int, application: object = "crm.asgi:application", connections: Connections | None = None
) -> None:
    """Until we are told to stop. Tests give another application, or other bounds."""
    connections = connections or Connections()
    config = uvicorn.Config(
        application,
        http=connections.protocol,
        ws="none",
        log_level=environment.text("LOG_LEVEL").lower() if environment.is_set("LOG_LEVEL") else "warning",
        access_log=False,
        proxy_headers=False,  # TRUSTED_PROXY_COUNT decides, in one place
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=3,
        lifespan="off",
        backlog=_at_once(connections.most),
    )
    Server(config).run(sockets=[socket.socket(fileno=descriptor)])


class Server(uvicorn.Server):  # type: ignore[misc]  # mypy does not follow uvicorn
    """Keeps the system's queue of newcomers long, however few of them are taken at once."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        for listener in sockets or ():
            listener.listen(LONGEST_BACKLOG)


def _at_once(most: int) -> int:
    """How many newcomers are let in before the first of them can make another go: descriptors must do for them too.

    A connection comes and goes in several turns of the event loop, and each turn may let in so many.
    """
    descriptors = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    if descriptors == resource.RLIM_INFINITY:
        return LONGEST_BACKLOG
    return max(16, min(LONGEST_BACKLOG, (descriptors - most) // 8))


if __name__ == "__main__":
    serve(int(sys.argv[1]))
