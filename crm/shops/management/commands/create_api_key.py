"""manage.py create_api_key <slug> --name N [--publishable] [--scopes a,b] [--source S]"""

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from crm.shops.keys import create_key
from crm.shops.models import ApiKey, Shop
from crm.shops.roles import ApiScope
from crm.tenancy.scope import shop_scope


class Command(BaseCommand):
    help = "Create an API key. The key alone is on the last line; it is shown only now."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slug")
        parser.add_argument("--name", required=True, help="what the key is for")
        parser.add_argument("--publishable", action="store_true", help="a key for browsers instead of servers")
        parser.add_argument("--scopes", default="", help=f"all by default; of: {','.join(ApiScope.values)}")

        parser.add_argument("--source", default="", help="which storefront it speaks for, where there are several")

    def handle(self, *args: Any, **options: Any) -> None:
        shop = Shop.objects.filter(slug=options["slug"]).first()
        if shop is None:
            raise CommandError(f"There is no shop “{options['slug']}”.")
        scopes = [scope.strip() for scope in options["scopes"].split(",") if scope.strip()]
        kind = ApiKey.Kind.PUBLISHABLE if options["publishable"] else ApiKey.Kind.SECRET
        if options["publishable"] and scopes:
            self.stderr.write("A publishable key can be read by anybody and opens nothing: it gets no scopes.")
            scopes = []
        try:
            options["name"] = ApiKey._meta.get_field("name").clean(options["name"].strip(), None)
            options["source"] = ApiKey._meta.get_field("source").clean(options["source"].strip(), None)
            with shop_scope(shop):
                row, key = create_key(
                    shop, name=options["name"], by=None, kind=kind, scopes=scopes, source=options["source"]
                )
        except ValidationError as error:
            raise CommandError(f"name: {' '.join(error.messages)}") from None
        except ValueError as error:
            raise CommandError(f"{error}. Known: {', '.join(ApiScope.values)}.") from None
        self.stdout.write(
            f"Created the {row.get_kind_display()} “{row.name}” of {shop.slug}: {', '.join(row.scopes) or '–'}"
        )
        self.stdout.write(key)
