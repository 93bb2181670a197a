"""The two servers a keeper can keep, and what they have in common."""

from crm.lib.embedded.postgres import Postgres
from crm.lib.embedded.redis import Redis
from crm.lib.embedded.server import Server

SERVERS: dict[str, Server] = {"postgres": Postgres(), "redis": Redis()}
