"""Who has said what is known of a person: changes of values, without the values."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.tenancy.scope import ShopModel
from customers.models.customer import Customer, Through

FIELD_LENGTH = 56  # "attribute." or "identifier." and a key of at most 40 letters


class ProfileChange(ShopModel):
    """One value of a known customer was changed, or taken away (`is_removal`), or is one more (`is_addition`, of postal
    addresses).

    What a customer came with has no row: Customer.made_by_kind and its neighbours say whose that is. No row holds a
    value, old or new: a log must not hoard what the person's own row has forgotten.

    field: a column of Customer, "identifier.<kind>", "attribute.<key>" or "address.<type>". row_id: the identifier or
    the address, which may be gone, or the attribute's definition. person_id: whose value it was; another id than the
    customer's where they were merged.
    actor_kind, actor_id: as in the audit log. import_id, merge_id: what wrote it, if that did; both may be gone.
    """

    customer = models.ForeignKey(
        Customer, on_delete=models.CASCADE, db_index=False, db_constraint=False, verbose_name=_("customer")
    )
    person_id = models.BigIntegerField(_("customer as whom it was written"))
    field = models.CharField(_("field"), max_length=FIELD_LENGTH)
    row_id = models.BigIntegerField(_("row"), null=True)
    is_addition = models.BooleanField(_("added"), default=False, db_default=False)
    is_removal = models.BooleanField(_("taken away"), default=False, db_default=False)
    at = models.DateTimeField(_("when"))
    actor_kind = models.CharField(_("kind of actor"), max_length=8)
    actor_id = models.BigIntegerField(_("actor's ID"), null=True)
    through = models.CharField(_("through"), max_length=12, choices=Through.choices)
    import_id = models.BigIntegerField(_("import"), null=True)
    merge_id = models.BigIntegerField(_("merge"), null=True)

    class Meta(ShopModel.Meta):
        default_related_name = "profile_changes"
        verbose_name, verbose_name_plural = _("change of a profile"), _("changes of profiles")
        indexes: ClassVar[list[models.Index]] = [
            models.Index("shop", "customer", models.F("at").desc(), "id", name="profile_change_customer"),
        ]
