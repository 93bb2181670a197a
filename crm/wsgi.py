"""The web process for servers that speak WSGI only."""

import os

from django.core.wsgi import get_wsgi_application

from crm.lib.environment import start_embedded_servers

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm.settings")
start_embedded_servers()
application = get_wsgi_application()
