"""The web process: `uvicorn crm.asgi:application`."""

import gc
import os

from django.core.asgi import get_asgi_application
from django.urls import get_resolver

from crm.lib.body_limit import MAX_UPLOAD, UPLOAD_SECONDS, bounded
from crm.lib.environment import start_embedded_servers

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm.settings")
start_embedded_servers()
application = bounded(bounded(get_asgi_application()), prefix="/s/", most=MAX_UPLOAD, seconds=UPLOAD_SECONDS)

# What is loaded stays for good. Looking through it for garbage, again and again, cost one request in ten 0.1 s.
_ = get_resolver().url_patterns  # else the first request would load the pages
gc.collect()
gc.freeze()
