"""What is written for finding customers."""

from django.db import connections

from crm.tenancy.scope import shop_scope
from customers.domain.search_terms import index_terms, seen_terms
from customers.ingest.search import write_search_documents
from customers.models import Customer, Identifier, SearchDocument


def documents():
    return dict(SearchDocument.objects.order_by("customer_id").values_list("customer_id", "terms"))


def test_a_document_holds_every_term_of_its_own_customer_behind_the_shops_id(shop):
    with shop_scope(shop), connections["default"].cursor() as cursor:
        ana, ming = (Customer.objects.create(shop=shop, name=name) for name in ("Ana O'Neil", "王 小明"))
        for customer, kind, value in (
            (ana, "email", "ana@example.com"),
            (ana, "email", r"a\b@example.com"),
            (ana, "external", 'c"1,{2}'),
            (ming, "phone", "+8613800138000"),
        ):
            Identifier.objects.create(shop=shop, customer=customer, kind=kind, value=value)
        write_search_documents(cursor, [ana.pk, ming.pk], shop_id=shop.pk)

        expected = {
            ana.pk: index_terms("Ana O'Neil", ["ana@example.com", r"a\b@example.com"], [], ['c"1,{2}'])
            + seen_terms("Ana O'Neil", ['c"1,{2}']),
            ming.pk: index_terms("王 小明", [], ["+8613800138000"], []) + seen_terms("王 小明", []),
        }
        assert documents() == {pk: [f"{shop.pk}:{term}" for term in terms] for pk, terms in expected.items()}


def test_a_document_is_written_anew_and_may_be_empty(shop):
    with shop_scope(shop), connections["default"].cursor() as cursor:
        ana = Customer.objects.create(shop=shop, name="Ana")
        write_search_documents(cursor, [ana.pk], shop_id=shop.pk)
        Customer.objects.filter(pk=ana.pk).update(name="")
        write_search_documents(cursor, [ana.pk], shop_id=shop.pk)

        assert documents() == {ana.pk: []}
