import json
from typing import Any

from customers.imports.commands import COUNTED, ImportCommand


class Command(ImportCommand):
    help = "Import a file of orders into a shop; the last line printed is the report as one JSON object."

    def handle(self, *args: Any, **options: Any) -> None:
        job, counts = self.imported(options)
        report = {name: counts.get(name, 0) for name in COUNTED}
        self.stdout.write(json.dumps(report | {"import_id": job.pk, "seconds": counts["seconds"]}))
