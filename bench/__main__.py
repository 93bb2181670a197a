"""Runs the benchmarks: our figure, the floor measured in the same run, and their ratio; also into bench/results.json.

    python -m bench --size small|full [--only imports,scoring]

A missed goal is printed, not an error: machines are noisy, and what to make of a ratio is for people.
"""

import argparse
import importlib
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results.json"
BENCHMARKS = (
    "imports",
    "files",
    "scoring",
    "bg_nbd_fit",
    "api_bulk",
    "customers_bulk",
    "merging",
    "duplicates",
    "pages",
    "customer_page",
    "may_contact",
    "overload",
)


def main() -> None:
    options = _options()
    os.environ["DJANGO_SETTINGS_MODULE"] = "bench.settings"
    import django

    django.setup()
    rows: list[dict[str, Any]] = []
    for name in options.only:
        started = time.monotonic()
        print(f"… {name}", file=sys.stderr, flush=True)
        rows += importlib.import_module(f"bench.{name}").run(options.size)
        print(f"  {time.monotonic() - started:.0f} s", file=sys.stderr, flush=True)
    RESULTS.write_text(json.dumps(rows, indent=2, ensure_ascii=False) + "\n")
    print(_table(rows))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench")
    parser.add_argument("--size", choices=("small", "full"), default="small")
    parser.add_argument("--only", type=lambda text: text.split(","), default=BENCHMARKS)
    return parser.parse_args()


def _table(rows: list[dict[str, Any]]) -> str:
    names = ("work", "ours", "floor", "ratio", "unit", "goal", "met")
    cells = [names, *(tuple(_shown(row[name]) for name in names) for row in rows)]
    widths = [max(len(line[column]) for line in cells) for column in range(len(cells[0]))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in cells)


def _shown(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "NO"
    return f"{value:,.2f}" if isinstance(value, float) else str(value)


if __name__ == "__main__":
    main()
