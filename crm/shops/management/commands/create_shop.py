"""manage.py create_shop <slug> --name N --currency GBP --timezone Europe/London --language en --owner EMAIL"""

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from crm.shops.actions import create_shop, owner_account
from crm.shops.models import Shop


class Command(BaseCommand):
    help = "Create a shop and its owner; a new owner's password is printed, once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slug", help="the shop's short name in addresses")
        parser.add_argument("--name", required=True)
        parser.add_argument("--currency", required=True, help="three letters, like GBP")
        parser.add_argument("--timezone", required=True, help="like Europe/London")
        parser.add_argument("--language", default="en", choices=Shop.Language.values)
        parser.add_argument("--owner", required=True, metavar="EMAIL")

    def handle(self, *args: Any, **options: Any) -> None:
        email = options.pop("owner")
        fields = {name: options[name] for name in ("name", "currency", "timezone", "language")}
        try:
            # Looked at before an account is made for it.
            Shop(slug=options["slug"], **fields).full_clean(exclude=["exchange_rates"])
            owner, password = owner_account(email)
            shop = create_shop(options["slug"], owner=owner, **fields)
        except ValidationError as error:
            raise CommandError(" ".join(_sentences(error))) from None
        self.stdout.write(f"Created the shop {shop.slug}, owner {owner.email}.")
        if password:
            self.stdout.write(f"Password of {owner.email}: {password}")


def _sentences(error: ValidationError) -> list[str]:
    if hasattr(error, "error_dict"):
        return [f"{field}: {' '.join(messages)}" for field, messages in error.message_dict.items()]
    return list(error.messages)
