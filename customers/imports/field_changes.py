"""What becomes of what is known already, field by field, with examples of before and after."""

from collections.abc import Mapping as Report
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from crm.tenancy.hiding import seen
from customers.imports.labels import ADDING_LABELS, LABELS, POLICY_LABELS, POSTAL_LABELS, attribute_labels
from customers.models import ImportJob
from customers.sources import Mapping
from customers.sources.fields import OVERWRITE, POSTAL_POLICIES, is_attribute

OUTCOME_LABELS = {"filled": _("filled in"), "overwritten": _("overwritten"), "kept": _("kept, differs")}


@dataclass(frozen=True)
class Example:
    """A value as it is here (before) and as the file says it (after); masked for those who may not see contacts."""

    outcome: str | Promise
    before: str
    after: str


@dataclass(frozen=True)
class FieldChange:
    """How many known customers or products get the field, get it overwritten, or keep another value than the file's.

    field: the id of its choice in the columns' form.
    """

    label: str | Promise
    policy: str | Promise
    field: str
    filled: int
    overwritten: int
    kept: int
    examples: list[Example]


def field_changes(job: ImportJob, report: Report[str, Any]) -> list[FieldChange]:
    """The fields of which the file says something, in their sequence; [] for orders."""
    if "fields" not in report:
        return []
    mapping = Mapping.from_dict({"kind": job.kind} | job.mapping)
    used = {each["field"] for each in report.get("understood", ())}
    return (
        [
            FieldChange(
                label=LABELS[name],
                policy=_policy(mapping, name),
                field=f"id_policy_{name}",
                examples=_examples(report.get("examples", {}).get(name, {})),
                **report["fields"][name],
            )
            for name, _choices in mapping.file_kind.policies
            if name in used and name in report["fields"]
        ]
        + _postal_changes(mapping, report["fields"])
        + _attribute_changes(mapping, report["fields"])
    )


def _postal_changes(mapping: Mapping, fields: Report[str, dict[str, int]]) -> list[FieldChange]:
    """Of postal addresses without examples: whoever may see no contacts sees no streets."""
    return [
        FieldChange(POSTAL_LABELS[name], _policy(mapping, name), f"id_policy_{name}", examples=[], **fields[name])
        for name in POSTAL_POLICIES
        if name in fields
    ]


def _attribute_changes(mapping: Mapping, fields: Report[str, dict[str, int]]) -> list[FieldChange]:
    counted = {name: counts for name, counts in fields.items() if is_attribute(name)}
    labels = attribute_labels() if counted else {}
    return [
        FieldChange(
            labels.get(name, name),
            _policy(mapping, name),
            f"id_policy_{name}" if name in labels else "",
            examples=[],
            **counts,
        )
        for name, counts in counted.items()
    ]


def examples_of(job: ImportJob) -> dict[str, list[Example]]:
    """Field → its examples, as the last check or run of the job saw them."""
    report = job.counts or job.forecast
    return {name: _examples(found) for name, found in report.get("examples", {}).items()}


def _policy(mapping: Mapping, name: str) -> str | Promise:
    words = POLICY_LABELS if OVERWRITE in mapping.file_kind.policies_of(name) else ADDING_LABELS
    return words[mapping.policy(name)]


def _examples(found: Report[str, Any]) -> list[Example]:
    return [
        Example(OUTCOME_LABELS[outcome], seen(before), seen(after))
        for outcome in ("overwritten", "kept", "filled")
        for before, after in found.get(outcome, ())
    ][:3]
