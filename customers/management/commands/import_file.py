import argparse
import json
from typing import Any, ClassVar

from customers.imports.commands import COUNTED, ImportCommand
from customers.imports.sums import Sums

KINDS = ("auto", "orders")


class Command(ImportCommand):
    help = (
        "Import a file into a shop, recognised by its heading; the last line printed is the report as one JSON object."
    )
    presets: ClassVar[list[str]] = ["auto", *ImportCommand.presets]

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--kind", choices=KINDS, default="auto")

    def handle(self, *args: Any, **options: Any) -> None:
        job, counts = self.imported(options)
        names = (*COUNTED, "refunds_changed", "orders_incomplete", "ignored_identifiers", "people_new", "people_known")
        report = {name: counts.get(name, 0) for name in names}
        sums = Sums.from_json(counts).to_json()
        self.stdout.write(
            json.dumps(
                {
                    **report,
                    **sums,
                    "kind": "orders",
                    "preset": job.preset,
                    "understood": counts.get("understood", []),
                    "import_id": job.pk,
                    "seconds": counts["seconds"],
                },
                ensure_ascii=False,
            )
        )
