import argparse
import json
from typing import Any, ClassVar

from customers.imports.commands import COUNTED, ImportCommand
from customers.imports.sums import Sums
from customers.sources import KINDS


class Command(ImportCommand):
    help = (
        "Import a file into a shop, recognised by its heading; the last line printed is the report as one JSON object."
    )
    presets: ClassVar[list[str]] = ["auto", *ImportCommand.presets]

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--kind",
            choices=("auto", *KINDS),
            default="auto",
            help="what the file is a list of (auto: as its heading says)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        job, counts = self.imported(options)
        names = (
            *COUNTED,
            "refunds_changed",
            "orders_incomplete",
            "customers_changed",
            "customers_unchanged",
            "products_changed",
            "products_unchanged",
            "ignored_identifiers",
            "surplus_values",
            "people_new",
            "people_known",
            "suppressions_created",
            "suppressions_known",
            "suppressions_repeated",
            "customers_concerned",
            "suppressed_addresses",
            "conflicts",
        )
        report = {name: counts.get(name, 0) for name in names}
        sums = Sums.from_json(counts).to_json()
        self.stdout.write(
            json.dumps(
                {
                    **report,
                    **sums,
                    "fields": counts.get("fields", {}),
                    "consents": counts.get("consents", {}),
                    "kind": job.kind,
                    "preset": job.preset,
                    "understood": counts.get("understood", []),
                    "import_id": job.pk,
                    "seconds": counts["seconds"],
                },
                ensure_ascii=False,
            )
        )
