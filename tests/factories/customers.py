from datetime import UTC, datetime, time, timedelta

from django.db import connections

from crm.tenancy.scope import shop_scope
from customers.attributes import change_attributes, create_definition, definitions_for_writing, read_json
from customers.consent.recording import ConsentIn, append
from customers.ingest import LineIn, OrderIn, RefundIn
from customers.ingest.records import NOBODY
from customers.ingest.search import write_search_documents
from customers.models import (
    Address,
    AttributeChoice,
    AttributeDefinition,
    AttributeValue,
    Consent,
    ConsentEvent,
    ConsentSettings,
    ConsentText,
    ContactPreference,
    Customer,
    CustomerKind,
    CustomerTag,
    DuplicatePair,
    DuplicateSearch,
    ExportJob,
    Identifier,
    ImportChange,
    ImportJob,
    Merge,
    MergeChange,
    Note,
    Order,
    OrderLine,
    Product,
    ProductCategory,
    ProfileChange,
    Refund,
    RefundLine,
    RejectedRow,
    SalesDay,
    SearchDocument,
    Signup,
    SignupForm,
    Suppression,
    Tag,
    Through,
    Topic,
)
from tests.factories.shops import NOW, canary

DAY = NOW.date()


def customer(shop, name="", *, email="", phone="", number="", tags=(), **fields):
    """A customer with these contacts, whom the search finds by name and contacts.

    tags: names, each made where the shop has none of it. fields: of Customer; sums and days stay empty unless given.
    """
    with shop_scope(shop):
        made = Customer.objects.create(shop=shop, name=name, **fields)
        for kind, value in (("email", email), ("phone", phone), ("external", number)):
            if value:
                Identifier.objects.create(shop=shop, customer=made, kind=kind, value=value)
        for tag in tags:
            CustomerTag.objects.create(shop=shop, customer=made, tag=Tag.objects.get_or_create(shop=shop, name=tag)[0])
        with connections["default"].cursor() as cursor:
            write_search_documents(cursor, [made.pk], shop_id=shop.pk)
    return made


def attribute(shop, key="size", type_="number", *, choices=(), by=None, **fields):
    """An attribute of the shop's own; its label is its key unless said."""
    with shop_scope(shop):
        return create_definition(
            key=key, label=fields.pop("label", key), type_=type_, choices=choices, by=by, now=NOW, **fields
        )


def give(customer, by=None, now=NOW, **values):
    """Have the customer's attributes be these, said as the API says them: give(ana, size=3)."""
    with shop_scope(customer.shop_id):
        return change_attributes(customer, read_json(values, definitions_for_writing()), by=by, now=now)


def product(shop, external_id="T", **fields):
    with shop_scope(shop):
        return Product.objects.create(shop=shop, external_id=external_id, **({"name": external_id} | fields))


def order(shop, external_id="1001", *, customer=None, placed_at=None, placed_on=None, lines=(), **fields):
    """An order in the shop's currency, paid, of ten pounds or of what its lines add up to.

    placed_at: NOW, or noon of `placed_on` where only that is given. lines: (product, quantity, unit price in minor
    units), each of them revenue. A purchase if its status is one of a purchase; its revenue is its total, unknown in a
    foreign currency. Sums of the customer and of days are not counted: for those an order must come in through
    customers.ingest.
    """
    status, currency = fields.get("status", Order.Status.PAID), fields.get("currency", shop.currency)
    total = fields.get("total_minor", sum(quantity * price for _, quantity, price in lines) if lines else 1000)
    placed_at, placed_on = _moment_and_day(shop, placed_at, placed_on)
    defaults = {
        "placed_on": placed_on,
        "currency": currency,
        "total_minor": total,
        "revenue_minor": total if currency == shop.currency else None,
        "is_purchase": status in Order.PURCHASE_STATUSES,
        "content_hash": b"",
    }
    with shop_scope(shop):
        made = Order.objects.create(
            shop=shop, external_id=external_id, customer=customer, placed_at=placed_at, **(defaults | fields)
        )
        for position, (item, quantity, price) in enumerate(lines, start=1):
            OrderLine.objects.create(
                shop=shop,
                order=made,
                position=position,
                product=item,
                quantity=quantity,
                unit_price_minor=price,
                total_minor=quantity * price,
                is_revenue=True,
            )
    return made


def refund(
    shop,
    external_id="R1",
    *,
    order=None,
    customer=None,
    amount_minor=500,
    refunded_at=None,
    refunded_on=None,
    **fields,
):
    """Money given back for an order, in its currency and to its customer; counted nowhere, as of `order`.

    Without an order: to `customer`, in the shop's currency. refunded_at, refunded_on: as those of an order.
    """
    currency = order.currency if order else shop.currency
    refunded_at, refunded_on = _moment_and_day(shop, refunded_at, refunded_on)
    defaults = {
        "customer_id": order.customer_id if order else customer.pk,
        "refunded_on": refunded_on,
        "currency": currency,
        "revenue_minor": amount_minor if currency == shop.currency else None,
        "content_hash": b"",
    }
    with shop_scope(shop):
        return Refund.objects.create(
            shop=shop,
            order=order,
            external_id=external_id,
            amount_minor=amount_minor,
            refunded_at=refunded_at,
            **(defaults | fields),
        )


def _moment_and_day(shop, moment, day):
    """Both, of whichever is given."""
    moment = moment or (datetime.combine(day, time(12), tzinfo=UTC) if day else NOW)
    return moment, day or shop.day_of(moment)


def consent(shop, customer, *, channel="email", purpose="marketing", state="granted", at=NOW, **fields):
    """A customer said this then; it is recorded, and counts as far as nothing later does. fields: of ConsentIn."""
    with shop_scope(shop):
        append([ConsentIn(customer.pk, channel, purpose, state, at, **fields)], now=at)


# Orders as they come in: what customers.ingest takes, not yet rows


def line_in(minor, external_id="p1", name="Tea"):
    """A line of one piece at this price; a free one is no revenue."""
    return LineIn(external_id, name, 1, minor, 0, minor, minor > 0)


def order_in(external_id="1001", *, customer=NOBODY, placed_at=NOW, lines=(), refunds=(), **fields):
    """An order in pounds, paid, of ten pounds or of these lines. placed_at: a moment in UTC; its day is the day in UTC.

    refunds: (number, moment, minor units) of each, in the order's currency. fields: of OrderIn.
    """
    made = OrderIn(
        external_id,
        placed_at,
        placed_at.date(),
        **({"currency": "GBP", "customer": customer, "lines": list(lines) or [line_in(1000)]} | fields),
    )
    made.refunds = [
        RefundIn(number, at, at.date(), made.currency, minor, external_id, made.rate) for number, at, minor in refunds
    ]
    return made


# One row of each model, for tests that ask what leaks


def make_customer(shop, made):
    return Customer.objects.create(
        shop=shop,
        name=f"{canary(shop)} name",
        city=f"{canary(shop)} city",
        country=f"{canary(shop)} country",
        order_count=1,
        gross_minor=1234,
        net_minor=1234,
        first_order_at=NOW,
        first_order_on=DAY,
        last_order_at=NOW,
    )


def make_identifier(shop, made):
    return Identifier.objects.create(
        shop=shop, customer=made[Customer], kind=Identifier.Kind.EMAIL, value=f"{canary(shop)}@example.com"
    )


def make_profile_change(shop, made):
    return ProfileChange.objects.create(
        shop=shop,
        customer=made[Customer],
        person_id=made[Customer].pk,
        field="city",
        at=NOW,
        actor_kind="system",
        through=Through.PROGRAM,
    )


def make_search_document(shop, made):
    terms = [f"{shop.pk}:can", f"{shop.pk}:{canary(shop)}"]
    return SearchDocument.objects.create(shop=shop, customer=made[Customer], terms=terms)


def make_product(shop, made):
    return Product.objects.create(shop=shop, external_id=f"{canary(shop)}-product", name=f"{canary(shop)} product")


def make_product_category(shop, made):
    return ProductCategory.objects.create(shop=shop, product=made[Product], path=f"{canary(shop)}/below")


def make_order(shop, made):
    return Order.objects.create(
        shop=shop,
        customer=made[Customer],
        external_id=f"{canary(shop)}-order",
        placed_at=NOW,
        placed_on=DAY,
        currency=shop.currency,
        total_minor=1234,
        revenue_minor=1234,
        is_purchase=True,
        content_hash=b"\0" * 16,
    )


def make_order_line(shop, made):
    return OrderLine.objects.create(
        shop=shop,
        order=made[Order],
        position=1,
        product=made[Product],
        quantity=1,
        unit_price_minor=1234,
        total_minor=1234,
        is_revenue=True,
    )


def make_refund(shop, made):
    return Refund.objects.create(
        shop=shop,
        order=made[Order],
        customer=made[Customer],
        external_id=f"{canary(shop)}-refund",
        refunded_at=NOW,
        refunded_on=DAY,
        currency=shop.currency,
        amount_minor=100,
        revenue_minor=100,
        content_hash=b"\0" * 16,
    )


def make_refund_line(shop, made):
    return RefundLine.objects.create(
        shop=shop, refund=made[Refund], position=1, product=made[Product], quantity=1, total_minor=100
    )


def make_sales_day(shop, made):
    return SalesDay.objects.create(shop=shop, day=DAY, new_orders=1, new_minor=1234)


def make_tag(shop, made):
    return Tag.objects.create(shop=shop, name=f"{canary(shop)} tag")


def make_customer_tag(shop, made):
    return CustomerTag.objects.create(shop=shop, customer=made[Customer], tag=made[Tag])


def make_note(shop, made):
    return Note.objects.create(shop=shop, customer=made[Customer], body=f"{canary(shop)} note")


def make_import_job(shop, made):
    """Finished long ago, so that no worker of a test takes it for due."""
    return ImportJob.objects.create(
        shop=shop,
        state=ImportJob.State.DONE,
        filename=f"{canary(shop)}.csv",
        file=f"imports/{canary(shop)}.csv",
        counts={"rows": 1, "rejected": 1},
        created_at=NOW,
        started_at=NOW,
        finished_at=NOW + timedelta(minutes=1),
    )


def make_rejected_row(shop, made):
    return RejectedRow.objects.create(
        shop=shop,
        job=made[ImportJob],
        row_no=2,
        column=f"{canary(shop)} column",
        code="bad_date",
        params={"value": canary(shop)},
        raw=f"{canary(shop)},row",
    )


def make_export_job(shop, made):
    return ExportJob.objects.create(
        shop=shop,
        state=ExportJob.State.DONE,
        filters={"q": canary(shop)},
        file=f"exports/{canary(shop)}.csv",
        rows=1,
        created_at=NOW,
        finished_at=NOW,
    )


def make_import_change(shop, made):
    """What the import did to the customer; not "created", or an undo in a test would take the customer away."""
    customer = made[Customer]
    return ImportChange.objects.create(
        shop=shop,
        job=made[ImportJob],
        kind=ImportChange.Kind.CUSTOMER,
        row_id=customer.pk,
        outcome=ImportChange.Outcome.CHANGED,
        before={"name": f"{canary(shop)} before", "city": "", "country": "", "updated_at": NOW.isoformat()},
        customer=customer,
        written_at=NOW,
    )


def make_duplicate_pair(shop, made):
    other = Customer.objects.create(shop=shop, name=f"{canary(shop)} other")
    return DuplicatePair.objects.create(
        shop=shop, first=made[Customer], second=other, evidence=[{"kind": "email"}], created_at=NOW
    )


def make_duplicate_search(shop, made):
    return DuplicateSearch.objects.create(
        shop=shop, state=DuplicateSearch.State.DONE, pairs=1, created_at=NOW, finished_at=NOW
    )


def make_merge(shop, made):
    customer = made[Customer]
    gone = Customer.objects.create(shop=shop, name=f"{canary(shop)} gone")
    target, pk = customer.pk, gone.pk
    gone.delete()
    return Merge.objects.create(
        shop=shop, customer=customer, source_id=pk, target_id=target, moved={"orders": 1}, merged_at=NOW
    )


def make_merge_change(shop, made):
    merge = made[Merge]
    before = {
        "id": merge.source_id, "shop_id": shop.pk, "name": f"{canary(shop)} gone", "city": "", "country": "",
        "created_at": NOW.isoformat(),
    }  # fmt: skip
    return MergeChange.objects.create(
        shop=shop, merge=merge, name="customer", row_id=merge.source_id, outcome=MergeChange.Outcome.DROPPED,
        before=before,
    )  # fmt: skip


def make_consent_text(shop, made):
    return ConsentText.objects.create(
        shop=shop, version=f"{canary(shop)}-1", language="en", body=f"{canary(shop)} text", created_at=NOW
    )


def make_consent_event(shop, made):
    return ConsentEvent.objects.create(
        shop=shop,
        customer=made[Customer],
        channel="email",
        purpose="marketing",
        state="granted",
        at=NOW,
        recorded_at=NOW,
        source=f"{canary(shop)} source",
        text_version=made[ConsentText].version,
        text=made[ConsentText],
        evidence=f"{canary(shop)} evidence",
    )


def make_consent(shop, made):
    return Consent.objects.create(
        shop=shop,
        customer=made[Customer],
        channel="email",
        purpose="marketing",
        state="granted",
        at=NOW,
        event=made[ConsentEvent],
    )


def make_topic(shop, made):
    return Topic.objects.create(shop=shop, code=f"{canary(shop)}", name=f"{canary(shop)} topic", created_at=NOW)


def make_suppression(shop, made):
    return Suppression.objects.create(
        shop=shop, kind="email", address_hash=bytes(32), reason=Suppression.Reason.COMPLAINT, created_at=NOW
    )


def make_customer_kind(shop, made):
    key = f"kind_of_{shop.slug}".replace("-", "_")
    return CustomerKind.objects.create(shop=shop, key=key, label=f"{canary(shop)} kind", position=70)


def make_attribute_definition(shop, made):
    label = f"{canary(shop)} attribute"
    return AttributeDefinition.objects.create(
        shop=shop, key=f"size_of_{shop.slug}".replace("-", "_"), label=label, type="text"
    )


def make_attribute_choice(shop, made):
    definition = made[AttributeDefinition]
    return AttributeChoice.objects.create(shop=shop, definition=definition, label=f"{canary(shop)} choice")


def make_attribute_value(shop, made):
    definition, text = made[AttributeDefinition], f"{canary(shop)} value"
    return AttributeValue.objects.create(shop=shop, customer=made[Customer], definition=definition, text_value=text)


def make_address(shop, made):
    return Address.objects.create(
        shop=shop,
        customer=made[Customer],
        type="shipping",
        recipient=f"{canary(shop)} recipient",
        line1=f"{canary(shop)} street 1",
        postcode="N1 9GU",
        phone="+441632960998",
    )


def make_consent_settings(shop, made):
    return ConsentSettings.objects.create(shop=shop, redirect_hosts=[f"{canary(shop)}.example"])


def make_contact_preference(shop, made):
    return ContactPreference.objects.create(shop=shop, customer=made[Customer], less_often_since=NOW)


def make_signup_form(shop, made):
    return SignupForm.objects.create(
        shop=shop,
        code=canary(shop),
        name=f"{canary(shop)} form",
        language="en",
        heading=f"{canary(shop)} heading",
        purposes=["marketing"],
        text=made[ConsentText],
        created_at=NOW,
    )


def make_signup(shop, made):
    """With the address of the customer, so that it is theirs."""
    email = Identifier.objects.get(kind="email", customer=made[Customer]).value
    return Signup.objects.create(
        shop=shop,
        form=made[SignupForm],
        purposes=["marketing"],
        text=made[ConsentText],
        email=email,
        name=f"{canary(shop)} signup",
        phone="+441632960999",
        ip="192.0.2.9",
        sent_at=NOW,
        due_at=None,  # its mail has gone out: work that is due for long makes the installation unready
    )


FACTORIES = {
    Customer: make_customer,
    Identifier: make_identifier,
    ProfileChange: make_profile_change,
    SearchDocument: make_search_document,
    Product: make_product,
    ProductCategory: make_product_category,
    Order: make_order,
    OrderLine: make_order_line,
    Refund: make_refund,
    RefundLine: make_refund_line,
    SalesDay: make_sales_day,
    Tag: make_tag,
    CustomerTag: make_customer_tag,
    Note: make_note,
    CustomerKind: make_customer_kind,
    Address: make_address,
    AttributeDefinition: make_attribute_definition,
    AttributeChoice: make_attribute_choice,
    AttributeValue: make_attribute_value,
    ImportJob: make_import_job,
    RejectedRow: make_rejected_row,
    ImportChange: make_import_change,
    DuplicateSearch: make_duplicate_search,
    ExportJob: make_export_job,
    DuplicatePair: make_duplicate_pair,
    Merge: make_merge,
    MergeChange: make_merge_change,
    ConsentText: make_consent_text,
    ConsentEvent: make_consent_event,
    Consent: make_consent,
    ConsentSettings: make_consent_settings,
    ContactPreference: make_contact_preference,
    SignupForm: make_signup_form,
    Signup: make_signup,
    Topic: make_topic,
    Suppression: make_suppression,
}
