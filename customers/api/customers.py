"""/api/v1/customers. What other apps know of a customer is joined in at the roof (crm/api.py)."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, ClassVar

import django_filters
import msgspec
from django.db.models import Exists, OuterRef, Prefetch, QuerySet
from django.http import HttpResponse
from django.utils import timezone
from django.utils.functional import cached_property
from msgspec import UNSET
from rest_framework.decorators import action
from rest_framework.request import Request

from crm.lib.money import from_minor
from crm.lib.postgres.expressions import AnyOf
from crm.rest.bodies import decoded
from crm.rest.openapi import documented
from crm.rest.paging import PAGE_PARAMETERS
from crm.rest.problems import Problem
from crm.rest.resources import BatchOut, CheckedBatch, json_response
from crm.shops.roles import ApiScope
from customers.addresses import in_sequence
from customers.api import parsing, schemas
from customers.api.addresses import address_out, addresses_given
from customers.api.consents import ConsentReader, consent_out, event_page, may_contact_answer
from customers.api.identity import IdentityWrites, follows_merges
from customers.api.notes import NoteWrites
from customers.attributes import Known, UnknownAttribute, cell_of, definitions, definitions_for_writing, read_json
from customers.consent.queries import counting
from customers.consent.recording import ConsentIn
from customers.domain.attributes import BadValue, Cells, as_json
from customers.domain.kinds import kept_key
from customers.domain.profile import read_birthday, read_company, read_language, read_time_zone
from customers.finding import find
from customers.ingest import CROWDED, IdentifierIn
from customers.merging import merge_recognised
from customers.models import Address, AttributeValue, Customer, CustomerTag, Identifier
from customers.profile import Kinds, kinds, kinds_for_writing
from customers.provenance import IDENTIFIER, Names, Value, values_of_profile
from customers.tagging import tags_called
from customers.upserts import (
    NO_ATTRIBUTES,
    TOO_MANY_TAGS,
    Details,
    IdentifierTaken,
    NoRoom,
    change_customer,
    upsert_customers,
)

MAX_TAGS = 1000  # in one request: each is a row for ever, and an entry of the audit log


def _no_room() -> dict[str, Problem]:
    """What becomes of a customer who is left out → why."""
    return {
        CROWDED: Problem("too_many_identifiers", parsing.TOO_MANY_IDENTIFIERS),
        TOO_MANY_TAGS: Problem("too_many_tags", parsing.TOO_MANY_TAGS, field="tags"),
    }


class CustomerFilters(django_filters.FilterSet):  # type: ignore[misc]  # django-filter has no types
    search = django_filters.CharFilter(method="by_search", help_text="Any part of a name, e-mail, phone or id.")
    tag = django_filters.CharFilter(method="by_tag", help_text="A tag's name, in whatever case.")
    kind = django_filters.CharFilter(method="by_kind", help_text="The key of a relation, such as wholesale.")
    language = django_filters.CharFilter(method="by_language", help_text="Such as zh-Hans.")

    class Meta:
        model = Customer
        fields: ClassVar[list[str]] = []

    def by_search(self, rows: QuerySet[Customer], name: str, text: str) -> QuerySet[Customer]:
        return rows.filter(AnyOf("pk", find(text).ids))

    def by_tag(self, rows: QuerySet[Customer], name: str, text: str) -> QuerySet[Customer]:
        called = tags_called([tag := " ".join(text.split())])[tag]
        wearing = CustomerTag.objects.filter(shop_id=OuterRef("shop_id"), customer_id=OuterRef("pk"), tag_id__in=called)
        return rows.filter(Exists(wearing))

    def by_kind(self, rows: QuerySet[Customer], name: str, key: str) -> QuerySet[Customer]:
        if key not in (known := kinds().by_key):
            raise Problem("unknown_kind", f"One of: {', '.join(known)}.", field=name)
        return rows.filter(kind=kept_key(key))

    def by_language(self, rows: QuerySet[Customer], name: str, tag: str) -> QuerySet[Customer]:
        return rows.filter(language=parsing.person_given(tag, read_language, name))


def with_identity(rows: QuerySet[Customer]) -> QuerySet[Customer]:
    return rows.prefetch_related(
        Prefetch("identifiers", Identifier.objects.order_by("pk")),
        Prefetch("consents", counting()),
        Prefetch("customer_tags", CustomerTag.objects.select_related("tag").order_by("tag__name")),
        Prefetch("addresses", Address.objects.order_by("pk")),
        Prefetch("attribute_values", AttributeValue.objects.order_by("choice__position", "item")),
    )


def customer_fields(customer: Customer, currency: str, known: Known) -> dict[str, Any]:
    """The fields of CustomerOut. `customer` comes from `with_identity`."""
    values: dict[str, list[str]] = {kind: [] for kind in Identifier.Kind.values}
    for identifier in customer.identifiers.all():
        values.setdefault(identifier.kind, []).append(identifier.value)
    external_ids = values[Identifier.Kind.EXTERNAL]
    return {
        "id": customer.pk,
        "external_id": external_ids[0] if external_ids else None,
        "external_ids": external_ids,
        "name": customer.name,
        "emails": values[Identifier.Kind.EMAIL],
        "phones": values[Identifier.Kind.PHONE],
        "city": customer.city,
        "country": customer.country,
        "birthday": customer.birthday,
        "language": customer.language,
        "time_zone": customer.time_zone,
        "company": customer.company,
        "kind": customer.kind_key,
        "minor": customer.is_minor,
        "do_not_profile": customer.do_not_profile,
        "tags": [row.tag.name for row in customer.customer_tags.all()],
        "attributes": _attributes(customer, known),
        "addresses": [address_out(shown) for shown in in_sequence(list(customer.addresses.all()))],
        "currency": currency,
        "order_count": customer.order_count,
        "gross": str(from_minor(customer.gross_minor, currency)),
        "refunded": str(from_minor(customer.refunded_minor, currency)),
        "net": str(from_minor(customer.net_minor, currency)),
        "first_order_at": customer.first_order_at,
        "last_order_at": customer.last_order_at,
        "created_at": customer.created_at,
        "updated_at": customer.updated_at,
    }


def _attributes(customer: Customer, known: Known) -> dict[str, Any]:
    found: dict[int, Cells] = {}
    for row in customer.attribute_values.all():
        found[row.definition_id] = (*found.get(row.definition_id, ()), cell_of(row))
    return {
        definition.key: as_json(definition.type, found[definition.pk], known.labels)
        for definition in known.current
        if definition.pk in found
    }


class CustomerWrites(IdentityWrites, NoteWrites):
    """Everything but what is shown: the roof adds that."""

    filterset_class = CustomerFilters

    @property
    def scopes(self) -> dict[str, str]:  # type: ignore[override]  # of a resource it is one for all
        """What is only about consents asks for their scope."""
        if self.action in ("consents", "may_contact"):
            return {"read": ApiScope.READ_CONSENTS}
        return {"read": ApiScope.READ_CUSTOMERS, "write": ApiScope.WRITE_CUSTOMERS}

    def _known_parameters(self) -> Iterable[str]:
        yield from super()._known_parameters()
        if self.action in ("consents", "notes"):
            yield from PAGE_PARAMETERS
        elif self.action == "may_contact":
            yield from ("channel", "purpose")

    @cached_property
    def said(self) -> ConsentReader:
        return ConsentReader(self.shop, self.api_key, now=timezone.now())

    @cached_property
    def may_read_consents(self) -> bool:
        return ApiScope.READ_CONSENTS in self.api_key.scopes

    def get_queryset(self) -> QuerySet[Customer]:
        return with_identity(Customer.objects.all())

    def fields(self, customer: Customer) -> dict[str, Any]:
        """The fields of CustomerOut, as far as the key may read them."""
        fields = customer_fields(customer, self.shop.currency, self.attributes)
        if self.may_read_consents:
            fields["consents"] = [consent_out(consent) for consent in customer.consents.all()]
        return fields

    def shown(self, customer: Customer) -> msgspec.Struct:
        return schemas.CustomerOut(**self.fields(customer))

    @cached_property
    def attributes(self) -> Known:
        return definitions()

    @cached_property
    def attributes_to_write(self) -> Known:
        """They stay so until the answer. Asked for before anything is written."""
        return definitions_for_writing()

    def saved(self, request: Request) -> HttpResponse:
        details = self._details(self.body(schemas.CUSTOMER_DECODER))
        now = timezone.now()
        (outcome,) = upsert_customers([details], by=self.api_key, now=now, source=self.api_key.source)
        merge_recognised(by=self.api_key, now=now)
        if problem := _no_room().get(outcome.status):
            raise problem
        answer = self.shown(self.one(pk=outcome.id))
        return json_response(answer, status=201 if outcome.status == "created" else 200)

    def changed(self, request: Request, pk: int) -> HttpResponse:
        customer: Customer = self.one(pk=pk)
        details = self._details(self.body(schemas.CUSTOMER_PATCH_DECODER))
        try:
            change_customer(customer, details, by=self.api_key, now=timezone.now(), source=self.api_key.source)
        except IdentifierTaken as taken:
            name = "external_id" if taken.kind == "external" else taken.kind
            raise Problem("identifier_taken", "Another customer has it. Nothing was changed.", field=name) from None
        except NoRoom as full:
            raise _no_room()[full.status] from None
        return json_response(self.shown(self.one(pk=pk)))

    @documented(
        "Create or change up to 1,000 customers",
        takes=schemas.CustomerBatch,
        example={"customers": [schemas.CUSTOMER_EXAMPLE]},
        answers=BatchOut,
        problems=("too_many_items",),
        idempotent=True,
    )
    @action(detail=False, methods=["post"], filterset_class=None)
    def bulk(self, request: Request) -> HttpResponse:
        said: dict[str, tuple[ConsentIn, ...]] = {}

        def check(raw: msgspec.Raw) -> tuple[str, Details]:
            details = self._details(decoded(raw, schemas.CUSTOMER_DECODER))
            external_id = details.external_id or ""
            # Of two items of one customer the last counts, but a withdrawal of the first must not get lost.
            said[external_id] = (*said.get(external_id, ()), *details.consents)
            return external_id, details._replace(consents=said[external_id])

        items = CheckedBatch(self.batch("customers"), check)
        accepted = list(items.accepted.values())
        if len({name for details in accepted for name in (*details.tags, *details.remove_tags)}) > MAX_TAGS:
            raise Problem(
                "too_many_items", f"Name at most {MAX_TAGS} different tags in one request.", field="customers"
            )
        if not accepted:
            return items.answer(())
        now = timezone.now()
        outcomes = upsert_customers(accepted, by=self.api_key, now=now, source=self.api_key.source)
        merge_recognised(by=self.api_key, now=now)
        return items.answer(outcomes, {status: problem.problem for status, problem in _no_room().items()})

    @documented(
        "Read everything a customer said about being contacted",
        description="The last first. Of one that was merged: 301 to the survivor's.",
        answers=schemas.ConsentEventPage,
        problems=("not_found",),
        paged=True,
    )
    @action(detail=True, methods=["get"], filterset_class=None)
    @follows_merges
    def consents(self, request: Request, pk: int) -> HttpResponse:
        return event_page(request, self.one(pk=pk))

    @documented(
        "Read where the values of a customer come from",
        description="Each value there is, its field named as here (`identifier.<kind>`, `attribute.<key>`), and when"
        " and by whom it was last changed. `held`: staff have set it, and no storefront changes it.",
        answers=schemas.ProvenanceOut,
        problems=("not_found",),
    )
    @action(detail=True, methods=["get"], filterset_class=None)
    @follows_merges
    def provenance(self, request: Request, pk: int) -> HttpResponse:
        values = values_of_profile(self.one(pk=pk))
        names = Names(value.origin for value in values)
        return json_response(schemas.ProvenanceOut([_value_out(value, names) for value in values]))

    @documented(
        "Ask whether a customer may be contacted",
        answers=schemas.MayContactOut,
        problems=("not_found", "required", "unknown_channel", "unknown_purpose"),
        asks={"channel": "Such as email.", "purpose": "Such as marketing, service or topic:tea."},
    )
    @action(detail=True, methods=["get"], url_path="may-contact", filterset_class=None)
    @follows_merges
    def may_contact(self, request: Request, pk: int) -> HttpResponse:
        return may_contact_answer(request, self.one(pk=pk))

    def _details(self, body: "schemas.CustomerBody | schemas.CustomerPatch") -> Details:
        identity = (
            None if body.external_id is UNSET else parsing.customer_id(str(body.external_id), "external_id") or None
        )
        if identity is None and isinstance(body, schemas.CustomerBody):
            text = "Send the customer's own number. Words such as 0, N/A or Guest are nobody's."
            raise Problem("customer_unidentified", text, field="external_id")
        country = body.country if isinstance(body.country, str) else ""

        def phone_of(text: str, path: str) -> str:
            return parsing.phone_of(text, path, country)

        return Details(
            identity,
            parsing.contact_given(body.email, parsing.email_of, "email"),
            parsing.contact_given(body.phone, phone_of, "phone"),
            parsing.given(body.name, parsing.clean_text, "name"),
            parsing.given(body.city, parsing.clean_text, "city"),
            parsing.given(body.country, parsing.clean_text, "country"),
            *_tags(body),
            consents=self.said.read(body.consents),
            attributes=self._values(body.attributes) if body.attributes else NO_ATTRIBUTES,
            birthday=parsing.person_given(body.birthday, self._birthday, "birthday"),
            language=parsing.person_given(body.language, read_language, "language"),
            time_zone=parsing.person_given(body.time_zone, read_time_zone, "time_zone"),
            company=parsing.person_given(body.company, read_company, "company"),
            kind=parsing.person_given(body.kind, self._kind, "kind"),
            is_minor=parsing.flag_given(body.minor),
            do_not_profile=parsing.flag_given(body.do_not_profile),
            addresses=addresses_given(body.addresses),
            identifiers=self._identifiers(body, identity or "", country),
        )

    def _identifiers(
        self, body: "schemas.CustomerBody | schemas.CustomerPatch", number: str, country: str
    ) -> Sequence[IdentifierIn]:
        if isinstance(body, schemas.CustomerPatch) or not body.identifiers:
            return ()
        source = self.api_key.source
        sent = parsing.identifiers(body.identifiers, source=source, country=country)
        return parsing.one_of_each_source(sent, number, source, "")

    def _birthday(self, text: str) -> str:
        return read_birthday(text, today=self._today)

    @cached_property
    def _today(self) -> date:
        return self.shop.day_of(timezone.now())

    def _kind(self, text: str) -> str:
        return self._kinds.read(text)

    @cached_property
    def _kinds(self) -> Kinds:
        """They stay so until the answer. Asked for before anything is written."""
        return kinds_for_writing()

    def _values(self, sent: dict[str, Any]) -> dict[int, Cells]:
        try:
            return read_json(sent, self.attributes_to_write)
        except UnknownAttribute as unknown:
            key = str(unknown.args[0])
            text = "The shop has no attribute of this key, or has archived it. See /attributes."
            raise Problem("unknown_attribute", text, field=f"attributes.{key}"[:200]) from None
        except BadValue as bad:
            raise parsing.bad_attribute(bad) from None


# What the API calls the columns that a customer's row calls otherwise.
_CALLED = {"is_minor": "minor"}


def _value_out(value: Value, names: Names) -> schemas.ValueOriginOut:
    origin = value.origin
    return schemas.ValueOriginOut(
        field=_CALLED.get(value.field, value.field),
        identifier=value.row_id if value.field.startswith(IDENTIFIER) else None,
        at=origin.at,
        by=schemas.ByOut(origin.kind, names.who(origin)),
        through=origin.through,
        import_=origin.import_id,
        order=origin.order.pk if origin.order else None,
        held=value.is_held,
    )


def _tags(body: "schemas.CustomerBody | schemas.CustomerPatch") -> tuple[list[str], list[str]]:
    add, remove = parsing.tag_names(body.tags, "tags"), parsing.tag_names(body.remove_tags, "remove_tags")
    added = {name.lower() for name in add}
    for n, name in enumerate(remove):
        if name.lower() in added:
            raise Problem("invalid_value", "It cannot be put on and taken off at once.", field=f"remove_tags[{n}]")
    return add, remove
