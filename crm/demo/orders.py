"""The demo shop's file of orders: Online Retail, moved in time so that its last day is yesterday."""

import csv
import gzip
from datetime import date, datetime
from pathlib import Path

DATA = Path(__file__).parent / "data"
ONLINE_RETAIL = DATA / "online_retail" / "online_retail_ii_2009-12_2010-11.csv.gz"
CDNOW = DATA / "cdnow" / "CDNOW_sample.txt"
LAST_DAY = date(2010, 11, 30)


def write_moved(target: Path, *, last_day: date) -> None:
    """Write the file again with every date moved by the same number of days, times of day kept."""
    days = last_day - LAST_DAY
    moved: dict[str, str] = {}
    with (
        gzip.open(ONLINE_RETAIL, "rt", encoding="utf-8", newline="") as source,
        gzip.open(target, "wt", encoding="utf-8", newline="", compresslevel=1) as out,
    ):
        rows = csv.reader(source)
        writer = csv.writer(out)
        header = next(rows)
        column = header.index("invoice_date")
        writer.writerow(header)
        for row in rows:
            written = row[column]
            if written not in moved:
                moved[written] = (datetime.fromisoformat(written) + days).isoformat(" ")
            row[column] = moved[written]
            writer.writerow(row)
