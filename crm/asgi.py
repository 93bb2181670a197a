"""The web process: `uvicorn crm.asgi:application`."""

import os

from django.core.asgi import get_asgi_application

from crm.lib.body_limit import bounded
from crm.lib.environment import start_embedded_servers

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm.settings")
start_embedded_servers()
application = bounded(get_asgi_application())
