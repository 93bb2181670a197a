"""What stands on a customer's page: what a panel and an action are, and those of this app.

An app gives its own by a module `panels` with lists `PANELS` and `ACTIONS` (crm/dashboard/customer.py joins them).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from crm.shops.joined_pages import Part, Reading, Values
from crm.shops.models import Membership, Shop
from crm.shops.roles import Right
from crm.ui import formats
from customers.about import about
from customers.addresses import addresses_of
from customers.attributes import Known, definitions, values_of
from customers.consent.presenters import consent_rows, own_page, said_rows
from customers.consent.wishes import wishes_of
from customers.domain.attributes import BOOLEAN, DATE, NUMBER, Cells, as_text, plain_number
from customers.domain.countries import country_shown
from customers.forms import NoteForm, TagForm
from customers.models import AttributeDefinition, Customer, Note
from customers.provenance import is_held
from customers.queries import (
    Contacts,
    contacts_shown,
    merges_of,
    order_page,
    products_bought,
    tags_by_name,
    tags_of,
)

NOTES_SHOWN, TAGS_OFFERED = 50, 500


class CustomerReading(Reading):
    """One look at one customer."""

    def __init__(self, customer: Customer, membership: Membership, *, now: datetime) -> None:
        super().__init__(membership, now=now)
        self.customer = customer


@dataclass(frozen=True)
class Panel(Part[CustomerReading]):
    """Something about a customer.

    place: "head" is a chip beside the name, "top" a card of the row below the figures, "main" one of what the customer
    bought, above the timeline, "side" one of the person, beside them.
    """

    place: Literal["head", "top", "main", "side"] = "side"


@dataclass(frozen=True)
class CustomerAction:
    """A quiet button at the head of a customer's page: it opens a page, or a dialog.

    url: the page, from the shop and the customer. dialog: a part that holds a dialog with the id `<name>-dialog`.
    icon: of Tabler, outline. key: the letter that presses it, "" for none.
    """

    name: str
    order: int
    label: Promise
    icon: str
    right: Right
    url: Callable[[Shop, Customer], str] | None = None
    dialog: Part[CustomerReading] | None = None
    key: str = ""


def contacts(reading: CustomerReading) -> Contacts:
    return contacts_shown(reading.customer.pk)


def _who(reading: CustomerReading) -> Values:
    tags = tags_of([reading.customer.pk])[reading.customer.pk]
    country = country_shown(reading.customer.country, str(formats.locale()))
    return {
        "contacts": reading.once(contacts).masked(),
        "country": country,
        "tags": tags,
        "is_name_held": is_held(reading.customer, "name"),
        "is_place_held": is_held(reading.customer, "city"),
    }


@dataclass(frozen=True)
class AttributeGroup:
    """Some attributes of a customer as the page shows them. rows: (label, value in words, "" for none)."""

    name: str
    rows: list[tuple[str, str]]

    @property
    def query(self) -> str:
        return urlencode({"group": self.name})


def attribute_group(
    name: str, group: Sequence[AttributeDefinition], values: Mapping[int, Cells], known: Known
) -> AttributeGroup:
    return AttributeGroup(name, [(each.label, value_text(each, values.get(each.pk, ()), known)) for each in group])


def value_text(definition: AttributeDefinition, cells: Cells, known: Known) -> str:
    """The value as people read it; "" for none."""
    if not cells:
        return ""
    if definition.type == DATE and cells[0].day:
        return formats.day(cells[0].day)
    if definition.type == BOOLEAN:
        return gettext("Yes") if cells[0].boolean else gettext("No")
    if definition.type == NUMBER:
        number = cells[0].number or 0
        return formats.number(number, len(plain_number(number).partition(".")[2]))
    return formats.listed(as_text(definition.type, (cell,), known.labels) for cell in cells)


def _about(reading: CustomerReading) -> Values:
    return {"about": about(reading.customer, reading.shop)}


def _attributes(reading: CustomerReading) -> Values | None:
    known = definitions()
    groups = list(known.groups(reading.customer.kind_key))
    if not groups:
        return None
    values = values_of([reading.customer.pk])[reading.customer.pk]
    return {"groups": [attribute_group(name, group, values, known) for name, group in groups]}


def _addresses(reading: CustomerReading) -> Values | None:
    shown = addresses_of([reading.customer.pk]).get(reading.customer.pk)
    return {"addresses": shown or []} if shown or reading.membership.may(Right.EDIT_CUSTOMERS) else None


def _notes(reading: CustomerReading) -> Values | None:
    notes = Note.objects.filter(customer=reading.customer).select_related("author").order_by("-created_at", "-pk")
    shown = list(notes[:NOTES_SHOWN])
    return {"notes": shown} if shown else None


def _orders(reading: CustomerReading) -> Values:
    return {"orders": order_page(reading.customer, "")}


def _products(reading: CustomerReading) -> Values | None:
    products = products_bought(reading.customer)
    return {"products": products} if products else None


def _merges(reading: CustomerReading) -> Values | None:
    merges = merges_of(reading.customer)
    return {"merges": merges} if merges else None


def _consents(reading: CustomerReading) -> Values:
    said = said_rows(reading.customer)
    return {
        "consents": consent_rows(reading.customer) if said else [],
        "said": said,
        "own_page": own_page(reading.customer),
        "wishes": wishes_of(reading.customer),
    }


def _note_form(reading: CustomerReading) -> Values:
    return {"note_form": NoteForm()}


def _tag_form(reading: CustomerReading) -> Values:
    return {"tag_form": TagForm(), "known_tags": tags_by_name()[:TAGS_OFFERED]}


def _merge_url(shop: Shop, customer: Customer) -> str:
    return reverse("customers:merge", args=[shop.slug, customer.pk])


def _edit_url(shop: Shop, customer: Customer) -> str:
    return reverse("customers:edit", args=[shop.slug, customer.pk])


PANELS = [
    Panel("who", 10, "customers/_who_panel.html", _who, place="top"),
    Panel("about", 4, "customers/_about_panel.html", _about),
    Panel("attributes", 5, "customers/_attributes_panel.html", _attributes),
    Panel("addresses", 6, "customers/_addresses_panel.html", _addresses),
    Panel("notes", 10, "customers/_notes_panel.html", _notes),
    Panel("merges", 15, "customers/_merges_panel.html", _merges),
    Panel("consents", 16, "customers/_consents_panel.html", _consents),
    Panel("orders", 20, "customers/_orders_panel.html", _orders, place="main"),
    Panel("products", 40, "customers/_products_panel.html", _products),
]
ACTIONS = [
    CustomerAction(
        "note",
        10,
        _("Note"),
        "note",
        Right.EDIT_CUSTOMERS,
        dialog=Part("note", 10, "customers/_note_dialog.html", _note_form),
        key="n",
    ),
    CustomerAction(
        "tag",
        20,
        _("Tag"),
        "tag",
        Right.EDIT_CUSTOMERS,
        dialog=Part("tag", 20, "customers/_tag_dialog.html", _tag_form),
        key="t",
    ),
    CustomerAction("edit", 30, _("Edit"), "pencil", Right.EDIT_CUSTOMERS, url=_edit_url),
    CustomerAction("merge", 40, _("Merge with…"), "arrows-join", Right.MERGE_CUSTOMERS, url=_merge_url),
]
