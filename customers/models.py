"""Who buys: customers and how to recognise them, products, orders, refunds, and the files they came from."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from crm.tenancy.jobs import LEASE, Job, due_index
from crm.tenancy.scope import ShopModel

EXTERNAL_ID_LENGTH = 200
NAME_LENGTH = 200
TAG_LENGTH = 60


class Customer(ShopModel):
    """One person (or company) who buys from the shop. The figures about orders are kept up by customers/ingest."""

    name = models.CharField(_("name"), max_length=NAME_LENGTH, blank=True, default="", db_default="")
    city = models.CharField(_("city"), max_length=120, blank=True, default="", db_default="")
    country = models.CharField(_("country"), max_length=80, blank=True, default="", db_default="")
    order_count = models.IntegerField(_("orders"), default=0, db_default=0)
    gross_minor = models.BigIntegerField(_("spent before refunds"), default=0, db_default=0)
    refunded_minor = models.BigIntegerField(_("given back"), default=0, db_default=0)
    net_minor = models.BigIntegerField(_("spent"), default=0, db_default=0)
    first_order_at = models.DateTimeField(_("first order"), null=True, blank=True)
    first_order_on = models.DateField(_("day of the first order"), null=True, blank=True)
    last_order_at = models.DateTimeField(_("last order"), null=True, blank=True)
    created_at = models.DateTimeField(_("created"), db_default=Now())
    updated_at = models.DateTimeField(_("changed"), db_default=Now())
    stand_in = ""  # What a page calls somebody without a name: customers.queries.name_the_nameless.

    class Meta(ShopModel.Meta):
        default_related_name = "customers"
        verbose_name, verbose_name_plural = _("customer"), _("customers")
        indexes: ClassVar[list[models.Index]] = [
            models.Index("shop", models.F("last_order_at").desc(nulls_last=True), "id", name="customer_last_order"),
            models.Index(fields=["shop", "-net_minor", "id"], name="customer_net"),
            models.Index(
                "shop", "country", models.F("last_order_at").desc(nulls_last=True), "id", name="customer_country"
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.stand_in or f"#{self.pk}"


class Identifier(ShopModel):
    """One way to recognise a customer: an e-mail address, a phone number, or the storefront's own id."""

    class Kind(models.TextChoices):
        EXTERNAL = "external", _("Shop's customer number")
        EMAIL = "email", _("E-mail")
        PHONE = "phone", _("Phone")

    customer = models.ForeignKey(
        Customer, on_delete=models.CASCADE, db_index=False, db_constraint=False, verbose_name=_("customer")
    )
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices)
    value = models.CharField(_("value"), max_length=254)
    created_at = models.DateTimeField(_("created"), db_default=Now())

    class Meta(ShopModel.Meta):
        default_related_name = "identifiers"
        verbose_name, verbose_name_plural = _("identifier"), _("identifiers")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["shop", "kind", "value"], name="identifier_value"),
        ]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["shop", "customer"], name="identifier_customer")]

    def __str__(self) -> str:
        return self.value


class SearchDocument(ShopModel):
    """The n-grams of one customer, each prefixed by the shop's id, so that one GIN index serves all shops apart."""

    customer = models.OneToOneField(
        Customer, on_delete=models.CASCADE, primary_key=True, related_name="search_document", db_constraint=False
    )
    terms = ArrayField(models.TextField())

    class Meta(ShopModel.Meta):
        indexes: ClassVar[list[models.Index]] = [GinIndex(fields=["terms"], name="search_terms")]


class Product(ShopModel):
    """Something the shop sells, known by the storefront's own id."""

    external_id = models.CharField(_("product number"), max_length=EXTERNAL_ID_LENGTH)
    name = models.CharField(_("name"), max_length=400, blank=True, default="", db_default="")
    created_at = models.DateTimeField(_("created"), db_default=Now())
    updated_at = models.DateTimeField(_("changed"), db_default=Now())

    class Meta(ShopModel.Meta):
        default_related_name = "products"
        verbose_name, verbose_name_plural = _("product"), _("products")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["shop", "external_id"], name="product_external_id"),
        ]

    def __str__(self) -> str:
        return self.name or self.external_id


class Order(ShopModel):
    """One order as the storefront knows it. Amounts ending in _minor are in the order's own currency.

    `revenue_minor` is the amount in the shop's currency, null where no exchange rate is known. `is_purchase` says
    whether the models count it: at least one line is revenue, and it was neither cancelled nor left unpaid.
    """

    class Status(models.TextChoices):
        PENDING = "pending", _("Pending")
        PAID = "paid", _("Paid")
        FULFILLED = "fulfilled", _("Fulfilled")
        CANCELLED = "cancelled", _("Cancelled")
        REFUNDED = "refunded", _("Refunded")

    PURCHASE_STATUSES: ClassVar[tuple[str, ...]] = (Status.PAID, Status.FULFILLED, Status.REFUNDED)

    external_id = models.CharField(_("order number"), max_length=EXTERNAL_ID_LENGTH)
    customer = models.ForeignKey(
        Customer, on_delete=models.CASCADE, null=True, db_index=False, db_constraint=False, verbose_name=_("customer")
    )
    placed_at = models.DateTimeField(_("placed"))
    placed_on = models.DateField(_("day placed"))
    status = models.CharField(_("status"), max_length=12, choices=Status.choices, default=Status.PAID)
    currency = models.CharField(_("currency"), max_length=3)
    shipping_minor = models.BigIntegerField(_("shipping"), default=0, db_default=0)
    tax_minor = models.BigIntegerField(_("tax"), default=0, db_default=0)
    total_minor = models.BigIntegerField(_("total"))
    revenue_minor = models.BigIntegerField(_("in the shop's currency"), null=True)
    is_purchase = models.BooleanField(_("counts as a purchase"))
    content_hash = models.BinaryField(max_length=16)
    created_at = models.DateTimeField(_("created"), db_default=Now())
    updated_at = models.DateTimeField(_("changed"), db_default=Now())

    class Meta(ShopModel.Meta):
        default_related_name = "orders"
        verbose_name, verbose_name_plural = _("order"), _("orders")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["shop", "external_id"], name="order_external_id"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["shop", "customer", "-placed_at", "-id"], name="order_customer"),
            models.Index(fields=["shop", "-placed_at", "-id"], name="order_placed"),
        ]

    def __str__(self) -> str:
        return self.external_id


class OrderLine(ShopModel):
    """One line of an order, in its currency. `total_minor` is quantity × exact price − discount, rounded once."""

    order = models.ForeignKey(
        Order, on_delete=models.CASCADE, related_name="lines", db_index=False, db_constraint=False
    )
    position = models.IntegerField(_("position"))
    product = models.ForeignKey(
        Product,
        on_delete=models.RESTRICT,
        null=True,
        related_name="+",
        db_index=False,
        db_constraint=False,
        verbose_name=_("product"),
    )
    quantity = models.IntegerField(_("quantity"))
    unit_price_minor = models.BigIntegerField(_("unit price"))
    discount_minor = models.BigIntegerField(_("discount"), default=0, db_default=0)
    total_minor = models.BigIntegerField(_("total"))
    is_revenue = models.BooleanField(_("counts as revenue"))

    class Meta(ShopModel.Meta):
        default_related_name = "order_lines"
        verbose_name, verbose_name_plural = _("order line"), _("order lines")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["shop", "order", "position"], name="order_line_position"),
        ]


class Refund(ShopModel):
    """Money given back; `order` is null where the storefront does not say which order it belongs to."""

    external_id = models.CharField(_("refund number"), max_length=EXTERNAL_ID_LENGTH)
    order = models.ForeignKey(
        Order, on_delete=models.CASCADE, null=True, related_name="refunds", db_index=False, db_constraint=False
    )
    customer = models.ForeignKey(
        Customer, on_delete=models.CASCADE, null=True, related_name="refunds", db_index=False, db_constraint=False
    )
    refunded_at = models.DateTimeField(_("refunded at"))
    refunded_on = models.DateField()
    currency = models.CharField(_("currency"), max_length=3)
    amount_minor = models.BigIntegerField(_("amount"))
    revenue_minor = models.BigIntegerField(null=True)
    content_hash = models.BinaryField(max_length=16)
    created_at = models.DateTimeField(db_default=Now())

    class Meta(ShopModel.Meta):
        default_related_name = "refunds"
        verbose_name, verbose_name_plural = _("refund"), _("refunds")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["shop", "order", "external_id"], name="refund_external_id", nulls_distinct=False
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["shop", "customer", "refunded_at"], name="refund_customer"),
            models.Index(fields=["shop", "refunded_on"], name="refund_day"),
        ]

    def __str__(self) -> str:
        return self.external_id


class RefundLine(ShopModel):
    """One line of a refund: what came back, as positive quantity and total; negative where it was charged again."""

    refund = models.ForeignKey(
        Refund, on_delete=models.CASCADE, related_name="lines", db_index=False, db_constraint=False
    )
    position = models.IntegerField()
    product = models.ForeignKey(
        Product, on_delete=models.RESTRICT, null=True, related_name="+", db_index=False, db_constraint=False
    )
    quantity = models.IntegerField(_("quantity"))
    total_minor = models.BigIntegerField(_("total"))

    class Meta(ShopModel.Meta):
        default_related_name = "refund_lines"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["shop", "refund", "position"], name="refund_line_position"),
        ]


class SalesDay(ShopModel):
    """One shop-local day of sales, in the shop's currency: counted ahead so that the overview need not count orders.

    An order is "new" on its customer's first purchase day, "returning" after it, "unknown" without a customer.
    """

    day = models.DateField()
    new_orders = models.IntegerField(default=0, db_default=0)
    new_minor = models.BigIntegerField(default=0, db_default=0)
    returning_orders = models.IntegerField(default=0, db_default=0)
    returning_minor = models.BigIntegerField(default=0, db_default=0)
    unknown_orders = models.IntegerField(default=0, db_default=0)
    unknown_minor = models.BigIntegerField(default=0, db_default=0)
    refunded_minor = models.BigIntegerField(default=0, db_default=0)
    is_stale = models.BooleanField(default=False, db_default=False)

    class Meta(ShopModel.Meta):
        default_related_name = "sales_days"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["shop", "day"], name="sales_day_once"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["shop", "day"], name="sales_day_stale", condition=models.Q(is_stale=True)),
        ]


class Tag(ShopModel):
    """A word that staff, or the storefront, put on customers. Case does not matter: see customers/tagging.py."""

    name = models.CharField(_("name"), max_length=TAG_LENGTH)
    created_at = models.DateTimeField(db_default=Now())

    class Meta(ShopModel.Meta):
        default_related_name = "tags"
        verbose_name, verbose_name_plural = _("tag"), _("tags")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["shop", "name"], name="tag_name"),
        ]

    def __str__(self) -> str:
        return self.name


class CustomerTag(ShopModel):
    """One tag on one customer."""

    customer = models.ForeignKey(
        Customer, on_delete=models.CASCADE, related_name="customer_tags", db_index=False, db_constraint=False
    )
    tag = models.ForeignKey(
        Tag, on_delete=models.CASCADE, related_name="customer_tags", db_index=False, db_constraint=False
    )
    created_at = models.DateTimeField(db_default=Now())

    class Meta(ShopModel.Meta):
        default_related_name = "customer_tags"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["shop", "tag", "customer"], name="customer_tag_once"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["shop", "customer"], name="customer_tag_customer")
        ]


class Note(ShopModel):
    """What a member of staff wrote about a customer."""

    customer = models.ForeignKey(
        Customer, on_delete=models.CASCADE, related_name="notes", db_index=False, db_constraint=False
    )
    author = models.ForeignKey(
        "shops.User", on_delete=models.CASCADE, null=True, related_name="+", db_index=False, db_constraint=False
    )
    body = models.TextField(_("note"), max_length=5000)
    created_at = models.DateTimeField(db_default=Now())

    class Meta(ShopModel.Meta):
        default_related_name = "notes"
        verbose_name, verbose_name_plural = _("note"), _("notes")
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["shop", "customer", "-created_at"], name="note_customer")
        ]


class ImportJob(Job):
    """One file of orders on its way in. `kind` of work in the queue: a dry run that writes nothing, or the run."""

    class Work(models.TextChoices):
        CHECK = "check", _("Dry run")
        RUN = "run", _("Import")

    work = models.CharField(_("work"), max_length=8, choices=Work.choices, default=Work.CHECK)
    file = models.FileField(_("stored file"), upload_to="imports", max_length=300)
    filename = models.CharField(_("file"), max_length=200)
    sha256 = models.CharField(_("SHA-256 of the file"), max_length=64, blank=True)
    preset = models.CharField(_("kind of file"), max_length=32, blank=True)
    mapping = models.JSONField(_("columns"), default=dict, blank=True)
    facts = models.JSONField(_("what was recognised"), default=dict, blank=True)
    forecast = models.JSONField(_("result of the dry run"), default=dict, blank=True)
    counts = models.JSONField(_("counts"), default=dict, blank=True)
    cursor = models.BigIntegerField(_("orders written"), default=0)

    class Meta(Job.Meta):
        default_related_name = "import_jobs"
        verbose_name, verbose_name_plural = _("import"), _("imports")
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["shop", "-created_at"], name="import_created"),
            due_index("import_due"),
        ]

    def __str__(self) -> str:
        return self.filename

    def advance(self, cursor: int, counts: dict[str, int], progress: float) -> None:
        """Note, in a slice's own transaction, that everything up to `cursor` is written. Raises LeaseLost."""
        self.cursor, self.counts = cursor, counts
        self._fenced(cursor=cursor, counts=counts, progress=progress, lease_until=Now() + LEASE)


class RejectedRow(ShopModel):
    """One row of an imported file that could not be used, and why; `is_kept`: only one value of it was left out."""

    job = models.ForeignKey(
        ImportJob, on_delete=models.CASCADE, related_name="rejected_rows", db_index=False, db_constraint=False
    )
    row_no = models.BigIntegerField()
    column = models.CharField(max_length=120, blank=True)
    code = models.CharField(max_length=64)
    params = models.JSONField(default=dict)
    raw = models.TextField(blank=True)
    is_kept = models.BooleanField(default=False, db_default=False)

    class Meta(ShopModel.Meta):
        default_related_name = "rejected_rows"
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["shop", "job", "row_no"], name="rejected_row")]


class ExportJob(Job):
    """One file of customers on its way out: the list's filters, and who asked."""

    filters = models.JSONField(_("filters"), default=dict)
    file = models.FileField(_("stored file"), upload_to="exports", max_length=300, blank=True)
    rows = models.IntegerField(_("rows"), default=0)

    class Meta(Job.Meta):
        default_related_name = "export_jobs"
        verbose_name, verbose_name_plural = _("export"), _("exports")
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["shop", "-created_at"], name="export_created"),
            due_index("export_due"),
        ]
