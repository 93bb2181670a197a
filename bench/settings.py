"""The project's settings on a scratch database: one database under three roles, no pool, so that it can be dropped."""

from crm.lib.environment import start_embedded_servers
from crm.settings import *  # noqa: F403
from crm.settings import DATABASES

start_embedded_servers()

DATABASES["owner"]["TEST"] = {"NAME": "bench_huitou", "DEPENDENCIES": []}
DATABASES["default"]["TEST"] = {"MIRROR": "owner"}
DATABASES["platform"]["TEST"] = {"MIRROR": "owner"}
for _database in DATABASES.values():
    _database["OPTIONS"].pop("pool", None)
