#!/usr/bin/env python
"""Django's commands, with the embedded servers running while one needs them."""

import os
import sys

from crm.lib.embedded import StartError
from crm.lib.environment import start_embedded_servers

WITHOUT_SERVERS = {"collectstatic", "help", "version", "--help", "-h", "--version"}


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm.settings")
    try:
        from django.core.management import execute_from_command_line
    except ImportError:
        sys.exit("Django is not installed here: run `make setup`, then use .venv/bin/python manage.py.")
    from django.db import ProgrammingError

    try:
        if not WITHOUT_SERVERS.intersection(sys.argv[1:2]):
            start_embedded_servers()
        execute_from_command_line(sys.argv)
    except StartError as error:
        sys.exit(str(error))
    except ProgrammingError as error:
        from crm.lib.unmigrated import explained

        if sentence := explained(error):
            sys.exit(sentence)
        raise


if __name__ == "__main__":
    main()
