"""What the commands that import a file have in common: the job, its progress, its report, its questions."""

import argparse
import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

from django.core.files import File
from django.core.management.base import BaseCommand, CommandError
from django.utils.timezone import now
from tqdm import tqdm

from crm.shops.models import Shop
from crm.tenancy.leases import Lease
from crm.tenancy.scope import shop_scope
from customers.imports.actions import (
    choose_mapping,
    error_from_json,
    request_check,
    request_run,
    run_job,
    upload_import,
)
from customers.imports.unread import may_be_consents, unread_headings
from customers.models import ImportJob, RejectedRow
from customers.models.identifier_kinds import SOURCE_LENGTH
from customers.sources import (
    ORDERS,
    PRESETS,
    Mapping,
    Question,
    SourceError,
    Unsure,
    describe_error,
    describe_reject,
)
from customers.sources.fields import AMOUNTS, IDENTIFYING, REQUIRED
from customers.sources.mapping import STATUSES
from customers.sources.problems import ENTRIES

SHOWN_WORDS = 20
_CONSENTS = ("consent.email.marketing", "consent.email.marketing.opt_out")
_CHOICES = {"date_order": ("dmy", "mdy", "ymd"), "decimal": (".", ",")}
COUNTED = (
    "rows",
    "lines",
    "orders_created",
    "orders_changed",
    "orders_unchanged",
    "refunds_created",
    "customers_created",
    "products_created",
    "rejected",
    "not_revenue",
)


class ImportCommand(BaseCommand):
    """A command that imports one file into one shop."""

    presets: ClassVar[list[str]] = sorted(PRESETS)
    kind = ORDERS  # what the file is a list of; "auto" finds it out

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("slug")
        parser.add_argument("file", type=Path)
        parser.add_argument("--preset", choices=self.presets, default="")
        parser.add_argument("--mapping", type=Path, help="JSON file that says which column is what")
        parser.add_argument(
            "--replace-orders", action="store_true", help="take each order of the file as the whole order"
        )
        parser.add_argument("--source", default="", help="whose customer numbers they are, where there are several")
        parser.add_argument("--dry-run", action="store_true", help="say what would happen, write nothing")

    def imported(self, options: dict[str, Any]) -> tuple[ImportJob, dict[str, Any]]:
        """The ended job, and its counts with the seconds it took. CommandError says why it could not be."""
        started = time.monotonic()
        shop = Shop.objects.filter(slug=options["slug"]).first()
        if shop is None:
            raise CommandError(f"There is no shop “{options['slug']}”.")
        try:
            with Lease() as lease:
                job = self._prepared(shop, options, lease)
                self._run(job, shop)
        except SourceError as error:
            raise CommandError(explained(error)) from error
        with shop_scope(shop):
            job.refresh_from_db()
            hints = [*answers(job), *unread_consents(job, (job.forecast if options["dry_run"] else job.counts) or {})]
        if job.state == ImportJob.State.FAILED:
            failed = error_from_json(job.error or {"code": "unreadable"})
            raise CommandError(explained(failed, job.facts.get("header") or ()))
        for hint in hints:
            self.stderr.write(hint)
        counts = job.forecast if options["dry_run"] else job.counts
        return job, counts | {"seconds": round(time.monotonic() - started, 3)}

    def _prepared(self, shop: Shop, options: dict[str, Any], lease: Lease) -> ImportJob:
        try:
            mapping = Mapping.from_json(options["mapping"].read_bytes()) if options["mapping"] else None
            file = options["file"].open("rb")
        except OSError as error:
            raise CommandError(f"{error.filename}: {error.strerror}.") from error
        with file, shop_scope(shop):
            upload = File(file, name=options["file"].name)
            job = upload_import(
                shop, upload, by=None, now=now(), mapping=mapping, source=options["source"].strip()[:SOURCE_LENGTH]
            )
            self._choose(job, mapping, options)
            (request_check if options["dry_run"] else request_run)(job, by=None, now=now())
            job.take(lease)
        return job

    def _choose(self, job: ImportJob, mapping: Mapping | None, options: dict[str, Any]) -> None:
        """Say how the file is to be read, where that is not as it was recognised."""
        preset = "" if options["preset"] == "auto" else options["preset"]
        kind = options.get("kind", self.kind)
        is_other = preset not in ("", job.preset) or kind not in ("auto", job.kind)
        if mapping is None and not is_other and not options["replace_orders"]:
            return
        if mapping is None and not is_other:
            preset, mapping = job.preset, Mapping.from_dict(job.mapping)
        elif mapping is None:
            preset = preset or "generic"
        choose_mapping(job, preset=preset, mapping=mapping, kind=kind, replaces_orders=options["replace_orders"])

    def _run(self, job: ImportJob, shop: Shop) -> None:
        with tqdm(total=100, unit="%", bar_format="{desc:<12}{bar:30} {n:3.0f} %", file=self.stderr) as bar:

            def tell(share: float, step: str) -> None:
                bar.set_description(step)
                bar.update(100 * share - bar.n)

            run_job(job, shop, now=now(), tell=tell)


def explained(error: SourceError, header: Sequence[str] = ()) -> str:
    """The error in words; of what the file leaves open each column, its readings, and what to put into the mapping."""
    if not isinstance(error, Unsure):
        return f"{describe_error(error)}{_entry(error.code)}{_column_entry(error, header)}"
    return "\n".join([str(describe_error(error)), *map(_asked, error.questions)])


_MISSING = {"missing_customer_column": "email", "missing_address_column": "email"}


def _column_entry(error: SourceError, header: Sequence[str]) -> str:
    """What to put into the mapping where no column is known for a field that is needed. header: the file's."""
    name = str(error.params.get("name", "")) if error.code == "missing_column" else _MISSING.get(error.code, "")
    if name not in (*REQUIRED, *IDENTIFYING):
        return ""
    says = json.dumps({"columns": {name: "…"}}, ensure_ascii=False)
    named = ", ".join(f"“{heading}”" for heading in header[:SHOWN_WORDS] if heading.strip())
    return f" In the mapping: {says}, with one of the file's headings" + (f": {named}" if named else "")


def answers(job: ImportJob) -> list[str]:
    """Of rows that the mapping could explain: what is not sure in them, and what to put into the mapping."""
    unsure = RejectedRow.objects.filter(job=job, code__in=ENTRIES)
    of_states = unsure.filter(code="unknown_status").order_by("params__value")
    words = of_states.values_list("params__value", flat=True).distinct()[:SHOWN_WORDS]
    # Of dates and numbers the first: one answer is for all of them.
    others = unsure.exclude(code="unknown_status").order_by("code", "row_no", "pk").distinct("code")
    told = [(each.code, each.params) for each in others]
    told += [("unknown_status", {"value": word}) for word in words]
    return [f"{describe_reject(code, params)}{_entry(code, params.get('value', ''))}" for code, params in told]


def unread_consents(job: ImportJob, report: dict[str, Any]) -> list[str]:
    """Of columns of a list of customers that are not read, and may say who can be written to: how to have them read."""
    unread = unread_headings(job, report.get("understood", ()))
    return [_unread_consent(heading) for heading in may_be_consents(job, unread)]


def _unread_consent(heading: str) -> str:
    says, out = (json.dumps({"consents": {name: heading}}, ensure_ascii=False) for name in _CONSENTS)
    text = f"The column “{heading}” may say who can be written to, and is not read."
    return f"{text} In the mapping: {says}, or {out} where yes means no"


def _entry(code: str, word: str = "") -> str:
    """ " In the mapping: {"decimal": "."} or {"decimal": ","}" for what an entry of it can say, else ""."""
    key = ENTRIES.get(code, "")
    if key == "statuses":
        one = json.dumps({key: {word: "paid"}}, ensure_ascii=False)
        return f" In the mapping: {one}, or another of {', '.join(STATUSES)}"
    if key == "zones":
        return f" In the mapping: {json.dumps({key: {word: 'Asia/Shanghai'}})}, or another time zone"
    if not key:
        return ""
    choices = _CHOICES.get(key)
    said = " or ".join(json.dumps({key: each}) for each in choices) if choices else f'{{"{key}": …}}'
    return f" In the mapping: {said}"


def _no_amounts(question: Question) -> str:
    """What to put into the mapping for a file whose amounts are not found."""
    likeliest = question.samples[0] if question.samples else "…"
    says = json.dumps({"columns": {"order_total": likeliest}}, ensure_ascii=False)
    named = ", ".join(f"“{each}”" for each in question.samples)
    where = f"Perhaps it is one of {named}. " if named else ""
    only = f"“{question.column}” is 0 or empty in all rows. " if question.column else ""
    fields = " or ".join(AMOUNTS)
    return (
        f"  {only}Say which column holds what was paid, as {fields}. {where}In the mapping: {says}"
        ', or where there is no money in the file {"amounts": "none"}'
    )


def _asked(question: Question) -> str:
    if question.code == "no_amounts":
        return _no_amounts(question)
    key, _, part = question.entry.partition(".")
    answers = [
        f'{{"{key}": {{"{part}": "{each}"}}}}' if part else f'{{"{key}": "{each}"}}' for each in question.readings
    ]
    samples = f" (as in {', '.join(question.samples)})" if question.samples else ""
    if question.code == "repeats":
        samples = " ({2} rows stand in the file twice: row {1} is row {0} again)".format(*question.samples)
    named = question.worth or [""] * len(question.readings)
    shown = zip(question.readings, named, strict=True)
    choice = " or ".join(f"{reading} ({worth} in all)" if worth else reading for reading, worth in shown)
    return f"  column “{question.column}”{samples}: {choice}. In the mapping: {' or '.join(answers)}"
