"""The three things that can be done with all that is known of a person. Who calls them writes the audit entry."""

from datetime import datetime

from django.db import connections, transaction

from crm.tenancy.hiding import contacts_hidden
from customers.ingest.engine import Engine
from customers.ingest.search import write_search_documents
from customers.models import Customer
from customers.personal_data.registry import PERSONAL_DATA, Changes
from customers.personal_data.rows import Row


class SameCustomer(ValueError):
    """A customer cannot be moved into itself."""


def personal_data_of(customer: Customer) -> dict[str, list[Row]]:
    """Everything known of a customer of the shop in scope: by the name of each kind a list of plain dicts, maybe empty.

    JSON can hold all of it; `Columns` says how times and money look. As whoever asks may see it: where contacts are
    hidden they come out masked, so a copy for the person themselves is made where they are not.
    """
    return {data.name: data.export(customer) for data in PERSONAL_DATA}


@transaction.atomic
def erase_personal_data(customer: Customer, *, now: datetime) -> None:
    """Delete a customer of the shop in scope, and all that tells who it was, by the policy of each kind.

    What the books need stays without the person: orders and refunds of nobody known. Sums of the shop stay as they
    are; the days on which the customer bought are counted again, by the worker. Raises Customer.DoesNotExist, and then
    changes nothing, if the customer is gone or of another shop.
    """
    with contacts_hidden(False), connections["default"].cursor() as cursor:  # a masked address would find no text
        engine = _alone(Engine(cursor, now=now))
        customer = Customer.objects.select_for_update().get(pk=customer.pk)
        engine.stage_moved(customer.pk, None)
        for data in reversed(list(PERSONAL_DATA)):
            data.erase(customer)
        engine.count_figures()


@transaction.atomic
def move_personal_data(source: Customer, target: Customer, *, now: datetime) -> dict[str, Changes]:
    """Make everything known of `source` known of `target`, both of the shop in scope; `source` is left empty.

    Returns what was done, by the name of each kind. Undoing it is customers/merging.

    The row of `source` itself stays, with its name and figures of nothing, for the caller to delete or to keep as a
    signpost. Figures of both are counted again and search documents written; scores are those of the last run till
    the next. Raises SameCustomer, and Customer.DoesNotExist if one is gone or of another shop; then nothing changes.
    """
    if source.pk == target.pk:
        raise SameCustomer
    with contacts_hidden(False), connections["default"].cursor() as cursor:  # else a mask would be written as a name
        engine = _alone(Engine(cursor, now=now))
        source, target = (Customer.objects.select_for_update().get(pk=each.pk) for each in (source, target))
        engine.stage_moved(source.pk, target.pk)
        changes = {data.name: data.move(source, target) for data in reversed(list(PERSONAL_DATA))}
        engine.count_figures()
        write_search_documents(cursor, [target.pk], shop_id=target.shop_id)
        return changes


def _alone(engine: Engine) -> Engine:
    """Nobody else writes the shop's customers and orders: a batch could give the person a new order meanwhile.

    A scoring run does not wait for this. Its first writes that name the customer do for the customer's locked row.
    """
    engine.open()
    engine.lock()
    return engine
