import argparse
import json
import sys
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from crm.shops.models import Shop
from crm.tenancy.scope import shop_scope
from customers.consent.recording import differences

SHOWN = 20


class Command(BaseCommand):
    help = (
        "Compare what counts of a shop's consents with what their events say; exit 1 where they differ. The last line"
        " printed is one JSON object."
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("slug")

    def handle(self, *args: Any, **options: Any) -> None:
        started = time.monotonic()
        shop = Shop.objects.filter(slug=options["slug"]).first()
        if shop is None:
            raise CommandError(f"There is no shop “{options['slug']}”.")
        with shop_scope(shop):
            count, wrong = differences()
        for (customer_id, channel, purpose), table, events in wrong[:SHOWN]:
            said = [f"{each.state} of {each.at.isoformat()}" if each else "nothing" for each in (table, events)]
            self.stderr.write(
                f"Customer {customer_id}, {channel}, {purpose}: the table says {said[0]}, the events {said[1]}."
            )
        found = {"consents": count, "differences": len(wrong), "seconds": round(time.monotonic() - started, 3)}
        self.stdout.write(json.dumps(found))
        if wrong:
            sys.exit(1)
