"""The web process: `uvicorn crm.asgi:application`."""

import os

from django.core.asgi import get_asgi_application

from crm.lib.body_limit import MAX_UPLOAD, UPLOAD_SECONDS, bounded
from crm.lib.environment import start_embedded_servers

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm.settings")
start_embedded_servers()
application = bounded(bounded(get_asgi_application()), prefix="/s/", most=MAX_UPLOAD, seconds=UPLOAD_SECONDS)
