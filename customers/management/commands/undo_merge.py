import argparse
import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.timezone import now

from crm.shops.models import Shop
from crm.tenancy.scope import shop_scope
from customers.merging import AlreadyUndone, undo_merge
from customers.models import Merge


class Command(BaseCommand):
    help = "Take a merge of two customers apart; the last line printed says who is there again, as one JSON object."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("slug")
        parser.add_argument("merge_id", type=int, metavar="ID")

    def handle(self, *args: Any, **options: Any) -> None:
        shop = Shop.objects.filter(slug=options["slug"]).first()
        if shop is None:
            raise CommandError(f"There is no shop “{options['slug']}”.")
        merge_id = options["merge_id"]
        with shop_scope(shop):
            merge = Merge.objects.filter(pk=merge_id).first()
            if merge is None:
                raise CommandError(f"{shop.slug} has no merge {merge_id}.")
            try:
                customer = undo_merge(merge, by=None, now=now())
            except AlreadyUndone:
                raise CommandError(f"Merge {merge_id} was undone before.") from None
        self.stdout.write(json.dumps({"merge": merge.pk, "customer": customer.pk}))
