"""The web process: `uvicorn crm.asgi:application`."""

import os

from django.core.asgi import get_asgi_application

from crm.lib.environment import start_embedded_servers

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm.settings")
start_embedded_servers()
application = get_asgi_application()
