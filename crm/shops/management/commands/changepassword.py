from django.contrib.auth.management.commands import changepassword
from django.core.management.base import CommandParser


class Command(changepassword.Command):
    """A new password for anybody, also staff, whose accounts the web's own role may not write."""

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.set_defaults(database="platform")
