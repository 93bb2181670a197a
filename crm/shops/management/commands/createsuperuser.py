from django.contrib.auth.management.commands import createsuperuser
from django.core.management.base import CommandParser


class Command(createsuperuser.Command):
    """Make a person who runs the installation, as crm_platform: the web's own role may not make anybody staff."""

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.set_defaults(database="platform")
