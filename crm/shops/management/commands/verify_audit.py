"""manage.py verify_audit [slug]: exit code 1 where a chain is broken."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from crm.shops.audit.chain import verify_chain
from crm.shops.models import Shop
from crm.tenancy.scope import shop_scope


class Command(BaseCommand):
    help = "Check that no entry of the audit logs was changed, removed or put elsewhere since it was written."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slug", nargs="?", help="one shop; without it, all")

    def handle(self, *args: Any, **options: Any) -> None:
        shops = Shop.objects.order_by("slug")
        if options["slug"]:
            shops = shops.filter(slug=options["slug"])
        checked = [self._is_sound(shop) for shop in shops]
        if not checked and options["slug"]:
            raise CommandError(f"There is no shop “{options['slug']}”.")
        if not all(checked):
            raise CommandError(f"{checked.count(False)} of {len(checked)} audit logs are not as they were written.")

    def _is_sound(self, shop: Shop) -> bool:
        with shop_scope(shop):
            count, fault = verify_chain()
        if fault:
            self.stdout.write(
                f"{shop.slug}: FAULT at entry {fault.seq}: {fault.kind} ({count} sound entries before it)"
            )
        else:
            self.stdout.write(f"{shop.slug}: ok, {count} entries")
        return fault is None
