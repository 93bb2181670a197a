import argparse
import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.timezone import now

from crm.shops.models import Shop
from crm.tenancy.scope import shop_scope
from customers.merging import CustomerGone, SameCustomer, merge_customers
from customers.models import Customer, Identifier


class Command(BaseCommand):
    help = "Make one customer part of another; the last line printed says what moved, as one JSON object."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("slug")
        parser.add_argument("source", metavar="FROM", help="the shop's number of the customer who becomes part of INTO")
        parser.add_argument("target", metavar="INTO")
        parser.add_argument("--source", dest="storefront", default="", help="whose numbers they are; the shop's own")

    def handle(self, *args: Any, **options: Any) -> None:
        shop = Shop.objects.filter(slug=options["slug"]).first()
        if shop is None:
            raise CommandError(f"There is no shop “{options['slug']}”.")
        with shop_scope(shop):
            source, target = (_numbered(options[name], options["storefront"], shop) for name in ("source", "target"))
            try:
                merge = merge_customers(source, target, by=None, now=now())
            except SameCustomer:
                raise CommandError("Both numbers are of one customer.") from None
            except CustomerGone:
                raise CommandError("One of the two was merged or deleted meanwhile.") from None
        self.stdout.write(json.dumps({"merge": merge.pk, "moved": merge.moved}))


def _numbered(number: str, source: str, shop: Shop) -> Customer:
    known = Identifier.objects.filter(kind=Identifier.Kind.EXTERNAL, source=source, match_value=number)
    found = known.select_related("customer").first()
    if found is None:
        raise CommandError(f"{shop.slug} has no customer “{number}”.")
    return found.customer
