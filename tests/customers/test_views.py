"""The pages of customers: orders, notes, tags, contacts, bulk work; who may, what is kept, what is noted."""

import pytest
from django.test import Client

from crm.shops.models import AuditEntry
from crm.shops.roles import Role
from crm.tenancy.scope import shop_scope
from customers.domain.limits import MAX_TAGS
from customers.models import Customer, CustomerTag, Note, Tag
from tests.factories import customers
from tests.factories.shops import NOW


@pytest.fixture
def client(owner, as_person):
    return as_person(owner)


@pytest.fixture
def ana(shop):
    return customers.customer(shop, "Ana", email="ana@example.com", net_minor=100)


def url(shop, rest):
    return f"/s/{shop.slug}/{rest}"


def entries(shop, action):
    with shop_scope(shop):
        return list(AuditEntry.objects.filter(action=action).order_by("seq"))


# Orders


@pytest.fixture
def order(shop, ana):
    tea = customers.product(shop, name="安溪铁观音")
    order = customers.order(shop, "<b>1001</b>", customer=ana, currency="EUR", lines=[(tea, 2, 1000)])
    customers.refund(shop, order=order, amount_minor=500)
    return order


@pytest.mark.parametrize("rest", ["", "lines/"])
def test_an_order_shows_lines_and_refunds_in_its_currency(client, shop, order, rest):
    html = client.get(url(shop, f"orders/{order.pk}/{rest}")).content.decode()
    for text in ("安溪铁观音", "€20.00", "−€5.00", "&lt;b&gt;1001&lt;/b&gt;"):
        assert text in html
    assert "<b>1001" not in html


def test_orders_come_in_pages_latest_first(client, shop, ana):
    for n in range(23):
        customers.order(shop, f"N{n:02}", customer=ana)
    seen, cursor = [], ""
    while cursor is not None:
        page = client.get(url(shop, f"customers/{ana.pk}/orders/?cursor={cursor}"), headers={"HX-Request": "true"})
        found = page.context["orders"]
        seen += [order.external_id for order in found.orders]
        cursor = found.next
    assert seen == [f"N{n:02}" for n in reversed(range(23))]


# Contacts


def test_contacts_are_shown_after_the_audit_log_knows(client, owner, shop, ana):
    response = client.post(url(shop, f"customers/{ana.pk}/contacts/"), headers={"HX-Request": "true"})
    assert "ana@example.com" in response.content.decode()
    assert response["Cache-Control"] == "private, no-store"
    (entry,) = entries(shop, "customer.contacts_seen")
    assert (entry.actor_id, entry.object_id) == (owner.pk, ana.pk)


def test_who_may_not_see_contacts_gets_none(shop, ana, make_member, as_person):
    response = as_person(make_member(shop, Role.ANALYST)).post(url(shop, f"customers/{ana.pk}/contacts/"))
    assert response.status_code == 403
    assert entries(shop, "customer.contacts_seen") == []


def test_contacts_are_not_shown_to_a_link(client, shop, ana):
    assert client.get(url(shop, f"customers/{ana.pk}/contacts/")).status_code == 405


# Notes


def test_a_note_is_kept_with_its_author(client, owner, shop, ana):
    response = client.post(url(shop, f"customers/{ana.pk}/notes/"), {"body": "喜欢浓香型 <i>"})
    assert response.status_code == 302
    with shop_scope(shop):
        note = Note.objects.get()
    assert (note.body, note.author_id, note.customer_id) == ("喜欢浓香型 <i>", owner.pk, ana.pk)
    assert [entry.object_id for entry in entries(shop, "note.added")] == [note.pk]
    assert "&lt;i&gt;" in client.get(url(shop, f"customers/{ana.pk}/")).content.decode()


def test_a_note_too_long_is_refused_and_kept_in_the_form(client, shop, ana):
    response = client.post(url(shop, f"customers/{ana.pk}/notes/"), {"body": "x" * 5001})
    assert response.status_code == 422
    assert "x" * 5001 in response.content.decode()
    assert "at most 5000 characters" in response.content.decode()
    with shop_scope(shop):
        assert not Note.objects.exists()


def test_only_the_author_deletes_a_note(client, owner, shop, ana, make_member, as_person):
    agent = make_member(shop, Role.AGENT)
    with shop_scope(shop):
        note = Note.objects.create(shop=shop, customer=ana, author=agent, body="mine", created_at=NOW)
    where = url(shop, f"customers/{ana.pk}/notes/{note.pk}/delete/")
    assert client.post(where).status_code == 403
    assert as_person(agent).post(where).status_code == 302
    with shop_scope(shop):
        assert not Note.objects.exists()
    assert [entry.actor_id for entry in entries(shop, "note.deleted")] == [agent.pk]


def test_a_note_of_another_customer_is_not_found(client, owner, shop, ana):
    with shop_scope(shop):
        bob = Customer.objects.create(shop=shop, name="Bob")
        note = Note.objects.create(shop=shop, customer=bob, author=owner, body="x", created_at=NOW)
    assert client.post(url(shop, f"customers/{ana.pk}/notes/{note.pk}/delete/")).status_code == 404


# Names


def test_editing_changes_the_customer_and_what_search_finds(client, shop, ana):
    response = client.post(
        url(shop, f"customers/{ana.pk}/edit/"), {"name": "  王 小明 ", "city": "Leeds", "country": ""}
    )
    assert response.status_code == 302
    assert [row.customer.name for row in client.get(url(shop, "customers/?q=小明")).context["list"].rows] == ["王 小明"]
    (entry,) = entries(shop, "customer.changed")
    assert entry.details == {"fields": ["city", "name"]}


def test_two_who_edit_at_once_keep_what_the_other_changed(client, shop, ana):
    form = client.get(url(shop, f"customers/{ana.pk}/edit/")).context["form"]
    shown = {field.html_initial_name: field.value() for field in form} | {field.name: field.value() for field in form}
    client.post(url(shop, f"customers/{ana.pk}/edit/"), shown | {"name": "Ana Li"})
    client.post(url(shop, f"customers/{ana.pk}/edit/"), shown | {"city": "Leeds"})
    with shop_scope(shop):
        ana.refresh_from_db()
    assert (ana.name, ana.city) == ("Ana Li", "Leeds")
    assert [entry.details["fields"] for entry in entries(shop, "customer.changed")] == [["name"], ["city"]]


def test_a_name_too_long_is_refused_beside_its_field(client, shop, ana):
    response = client.post(url(shop, f"customers/{ana.pk}/edit/"), {"name": "n" * 201, "city": "Leeds", "country": ""})
    assert response.status_code == 422
    assert response.context["form"].errors.keys() == {"name"}
    assert 'value="Leeds"' in response.content.decode()


# Tags


def test_a_tag_is_put_on_and_taken_off(client, shop, ana):
    client.post(url(shop, f"customers/{ana.pk}/tags/"), {"name": " VIP "})
    with shop_scope(shop):
        tag = Tag.objects.get()
        assert (tag.name, CustomerTag.objects.get().customer_id) == ("VIP", ana.pk)
    client.post(url(shop, f"customers/{ana.pk}/tags/{tag.pk}/remove/"))
    with shop_scope(shop):
        assert not CustomerTag.objects.exists()


def test_an_empty_tag_is_refused(client, shop, ana):
    assert client.post(url(shop, f"customers/{ana.pk}/tags/"), {"name": "  "}).status_code == 422


def dressed(shop, customer, count):
    """The customer wears `count` tags more."""
    with shop_scope(shop):
        tags = Tag.objects.bulk_create([Tag(shop=shop, name=f"t{n:03}") for n in range(count)])
        CustomerTag.objects.bulk_create([CustomerTag(shop=shop, customer=customer, tag=tag) for tag in tags])


def test_a_customer_wears_no_more_tags_than_one_can_by_hand(client, shop, ana):
    dressed(shop, ana, MAX_TAGS - 1)
    where = url(shop, f"customers/{ana.pk}/tags/")
    assert client.post(where, {"name": "the last"}).status_code == 302
    answer = client.post(where, {"name": "one more"})
    assert answer.status_code == 422
    assert "This customer wears 250 tags, as many as one can. Take one off first." in answer.text
    assert client.post(where, {"name": "T007"}).status_code == 302  # which they wear already
    with shop_scope(shop):
        assert CustomerTag.objects.filter(customer=ana).count() == MAX_TAGS
        assert not Tag.objects.filter(name="one more").exists()


@pytest.fixture
def many(shop, ana):
    with shop_scope(shop):
        bob = Customer.objects.create(shop=shop, name="Bob", net_minor=5000)
        cyd = Customer.objects.create(shop=shop, name="Cyd", net_minor=9000)
    return [ana, bob, cyd]


def worn(shop, tag="VIP"):
    with shop_scope(shop):
        rows = CustomerTag.objects.filter(tag__name=tag)
        return sorted(rows.values_list("customer__name", flat=True))


def test_ticked_customers_are_tagged_at_once(client, shop, many):
    data = {"act": "add", "add_name": "VIP", "picked": [many[0].pk, many[1].pk, many[1].pk]}
    response = client.post(url(shop, "customers/tag/?sort=spent&cursor=x"), data)
    assert response["Location"] == url(shop, "customers/?sort=spent")
    assert worn(shop) == ["Ana", "Bob"]
    (entry,) = entries(shop, "customers.tagged")
    assert entry.details == {"customers": 2}


@pytest.mark.parametrize("picked", [{"all_matching": "1", "is_confirmed": "1"}, {}])
def test_tagging_many_leaves_out_those_who_have_no_room_and_counts_them(client, shop, many, picked):
    dressed(shop, many[1], MAX_TAGS)
    data = {"act": "add", "name": "VIP"} | (picked or {"picked": [each.pk for each in many]})
    answer = client.post(url(shop, "customers/tag/"), data, follow=True)
    assert worn(shop) == ["Ana", "Cyd"]
    assert [str(message) for message in answer.context["messages"]] == [
        "2 customers tagged “VIP”.",
        "1 customer wears 250 tags already, as many as one can, and did not get it.",
    ]
    answer = client.post(url(shop, "customers/tag/"), data | {"name": "t001"}, follow=True)
    assert [str(message) for message in answer.context["messages"]] == ["2 customers tagged “t001”."]


def test_tags_of_another_shop_take_no_room(client, shop, other_shop, ana):
    dressed(other_shop, customers.customer(other_shop, "Bea"), MAX_TAGS)
    assert client.post(url(shop, f"customers/{ana.pk}/tags/"), {"name": "VIP"}).status_code == 302
    assert worn(shop) == ["Ana"]


def test_all_that_match_are_asked_for_first_then_tagged(client, shop, many):
    where = url(shop, "customers/tag/?spent_min=50")
    response = client.post(where, {"act": "add", "add_name": "VIP", "all_matching": "1", "picked": [many[0].pk]})
    assert "Tag 2 customers" in response.content.decode()
    assert worn(shop) == []
    client.post(where, {"act": "add", "name": "VIP", "all_matching": "1", "is_confirmed": "1"})
    assert worn(shop) == ["Bob", "Cyd"]


def test_a_tag_comes_off_all_that_match(client, shop, many):
    client.post(url(shop, "customers/tag/"), {"act": "add", "name": "VIP", "all_matching": "1", "is_confirmed": "1"})
    data = {"act": "remove", "remove_name": "VIP", "add_name": "", "all_matching": "1", "is_confirmed": "1"}
    client.post(url(shop, "customers/tag/?spent_min=60"), data)
    assert worn(shop) == ["Ana", "Bob"]
    (entry,) = entries(shop, "customers.untagged")
    assert entry.details == {"customers": 1}


def test_a_filter_that_cannot_be_read_changes_nobody(client, shop, many):
    """Left out, it would let everybody through."""
    data = {"act": "add", "name": "VIP", "all_matching": "1", "is_confirmed": "1"}
    client.post(url(shop, "customers/tag/?spent_min=lots"), data)
    assert worn(shop) == []
    client.post(url(shop, "customers/tag/?stage=nonsense"), data)
    assert worn(shop) == []


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"act": "add", "add_name": "VIP"}, "Tick at least one customer."),
        ({"act": "add", "add_name": " ", "picked": ["1"]}, "This field is required."),
        ({"act": "remove", "remove_name": "gone", "picked": ["1"]}, "There is no tag of this name."),
        ({"act": "add", "add_name": "t" * 61, "picked": ["1"]}, "at most 60 characters"),
    ],
)
def test_bulk_errors_are_said(client, shop, many, data, said):
    response = client.post(url(shop, "customers/tag/"), data)
    assert response.status_code == 422
    assert said in response.content.decode()


@pytest.mark.parametrize("picked", [["x"], ["-1"], ["9" * 30], ["1\0"], ["٣"]])
def test_strange_ids_tick_nobody(client, shop, many, picked):
    response = client.post(url(shop, "customers/tag/"), {"act": "add", "add_name": "VIP", "picked": picked})
    assert response.status_code == 422
    assert worn(shop) == []


def test_another_shops_customers_cannot_be_ticked(client, shop, many, other_shop):
    with shop_scope(other_shop):
        foreign = Customer.objects.create(shop=other_shop, name="Foreign")
    client.post(url(shop, "customers/tag/"), {"act": "add", "add_name": "VIP", "picked": [foreign.pk, many[0].pk]})
    assert worn(shop) == ["Ana"]
    with shop_scope(other_shop):
        assert not CustomerTag.objects.exists()


@pytest.mark.parametrize(
    "rest",
    ["customers/tag/", "customers/{}/notes/", "customers/{}/tags/", "customers/{}/edit/"],
)
def test_an_analyst_changes_nothing(shop, ana, make_member, as_person, rest):
    response = as_person(make_member(shop, Role.ANALYST)).post(
        url(shop, rest.format(ana.pk)), {"name": "x", "body": "x"}
    )
    assert response.status_code == 403


def test_forms_need_the_token(owner, shop, ana):
    client = Client(enforce_csrf_checks=True)
    client.force_login(owner, backend="django.contrib.auth.backends.ModelBackend")
    assert client.post(url(shop, f"customers/{ana.pk}/notes/"), {"body": "x"}).status_code == 403
