"""One web process on a socket that is already listening: `python -m crm.supervisor.web <file descriptor>`."""

import socket
import sys
import warnings

import uvicorn

from crm.lib import environment

# Said of static files, which WhiteNoise hands out: they are small. Our own downloads go piece by piece.
warnings.filterwarnings("ignore", "StreamingHttpResponse must consume synchronous iterators")


def main(descriptor: int) -> None:
    config = uvicorn.Config(
        "crm.asgi:application",
        log_level=environment.text("LOG_LEVEL").lower() if environment.is_set("LOG_LEVEL") else "warning",
        access_log=False,
        proxy_headers=False,  # TRUSTED_PROXY_COUNT decides, in one place
        server_header=False,
        timeout_graceful_shutdown=3,
        lifespan="off",
    )
    uvicorn.Server(config).run(sockets=[socket.socket(fileno=descriptor)])


if __name__ == "__main__":
    main(int(sys.argv[1]))
