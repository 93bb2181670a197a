"""The review of duplicates on pages: the list, one pair, what a judgement does, and where it leads."""

import pytest

from crm.shops.models import AuditEntry
from crm.shops.roles import Role
from crm.tenancy.scope import shop_scope
from customers.models import Customer, DuplicatePair, DuplicateSearch, Merge
from customers.tasks import DUPLICATES
from tests.factories import customers
from tests.factories.shops import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(owner, as_person):
    return as_person(owner)


def url(shop, rest=""):
    return f"/s/{shop.slug}/customers/duplicates/{rest}"


def pair(shop, score=60, *, names=("Ana Silva", "Silva, Ana"), **fields):
    one, other = (customers.customer(shop, name) for name in names)
    reasons = [{"kind": "name_rare", "weight": 45}, {"kind": "numbers_differ", "weight": -10}]
    with shop_scope(shop):
        return DuplicatePair.objects.create(
            shop=shop, first=one, second=other, score=score, **({"reasons": reasons} | fields)
        )


def test_the_likeliest_stand_first_and_the_tab_counts_them(client, shop, other_shop):
    pairs = [pair(shop, score) for score in (50, 90, 70)]
    pair(shop, 99, state=DuplicatePair.State.SKIPPED)
    pair(other_shop, 95)
    page = client.get(url(shop))
    assert [row.pair.pk for row in page.context["rows"]] == [pairs[1].pk, pairs[2].pk, pairs[0].pk]
    assert page.context["rows"][0].reason == "Same name, which few have"
    assert page.context["count_text"] == "3 pairs"
    assert '<span class="tab-count">3</span>' in client.get(f"/s/{shop.slug}/customers/").content.decode()


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_asks_as_much_for_one_pair_as_for_three(client, shop, count, django_assert_num_queries, make_member):
    for _ in range(count):
        pair(shop)
    client.get(url(shop))
    with django_assert_num_queries(16):
        client.get(url(shop))


def test_the_list_is_paged_by_score_and_id(client, shop, monkeypatch):
    monkeypatch.setattr("customers.merging.review.PAGE", 2)
    pairs = [pair(shop) for _ in range(3)]
    first = client.get(url(shop))
    assert [row.pair.pk for row in first.context["rows"]] == [each.pk for each in pairs[:2]]
    second = client.get(url(shop) + first.context["next_url"])
    assert [row.pair.pk for row in second.context["rows"]] == [pairs[2].pk]
    assert client.get(url(shop, "?cursor=nonsense")).status_code == 404


def test_a_pair_stands_side_by_side_with_its_evidence(client, shop):
    one = pair(shop)
    customers.order(shop, customer=one.second)
    with shop_scope(shop):
        Customer.objects.filter(pk=one.second_id).update(order_count=1, city="Porto")
    page = client.get(url(shop, f"{one.pk}/"))
    assert page.context["customer"] == one.second
    assert page.context["moves"] == []
    html = page.content.decode()
    assert "Likeness: 60 of 100" in html
    assert "Same name, which few have" in html
    assert ">+45<" in html
    assert ">−10<" in html
    swapped = client.get(url(shop, f"{one.pk}/?keep=first"))
    assert swapped.context["customer"] == one.first
    assert swapped.context["moves"] == ["1 order"]
    assert [each.takes_other for each in swapped.context["choices"]] == [False, True, False]


def test_merging_keeps_the_chosen_values_and_leads_to_the_next_pair(client, shop):
    one, following = pair(shop, 60), pair(shop, 50)
    answer = client.post(url(shop, f"{one.pk}/"), {"act": "merge", "keep": "first", "take_name": "other"})
    with shop_scope(shop):
        merge = Merge.objects.get()
        assert Customer.objects.get(pk=one.first_id).name == "Silva, Ana"
        assert list(DuplicatePair.objects.all()) == [following]
    assert answer["Location"] == url(shop, f"{following.pk}/?merged={merge.pk}")
    html = client.get(answer["Location"]).content.decode()
    assert "The two are one now" in html
    assert f'action="/s/{shop.slug}/customers/merges/{merge.pk}/undo/"' in html
    answer = client.post(f"/s/{shop.slug}/customers/merges/{merge.pk}/undo/")
    assert answer["Location"] == f"/s/{shop.slug}/customers/{one.second_id}/"
    with shop_scope(shop):
        assert Customer.objects.get(pk=one.second_id).name == "Silva, Ana"
        assert DuplicatePair.objects.get(first=one.first_id).state == "skipped"
    assert "The two are one now" not in client.get(url(shop, f"?merged={merge.pk}")).content.decode()


def test_the_next_pair_is_one_that_outlives_the_merge(client, shop):
    one = pair(shop, 60)
    third = customers.customer(shop, "Ana Silva")
    with shop_scope(shop):
        DuplicatePair.objects.create(shop=shop, first=one.second, second=third, score=55)
        last = DuplicatePair.objects.create(shop=shop, first=one.first, second=third, score=50)
    answer = client.post(url(shop, f"{one.pk}/"), {"act": "merge", "keep": "first"})
    assert answer["Location"].startswith(url(shop, f"{last.pk}/?merged="))


def test_two_people_are_never_asked_about_again(client, shop, owner):
    one = pair(shop)
    answer = client.post(url(shop, f"{one.pk}/"), {"act": "skip"})
    assert answer["Location"] == url(shop)
    html = client.get(url(shop)).content.decode()
    assert "Nobody is asked about these two again" in html
    assert "Nobody stands here twice" in html
    assert "tab-count" not in html
    with shop_scope(shop):
        one.refresh_from_db()
        entry = AuditEntry.objects.order_by("-pk").first()
    assert (one.state, one.decided_by) == ("skipped", owner)
    assert (entry.action, entry.details) == (
        "customers.not_duplicates",
        {"first": one.first_id, "second": one.second_id},
    )
    assert client.get(url(shop, f"{one.pk}/"))["Location"] == url(shop)
    assert client.post(url(shop, f"{one.pk}/"), {"act": "merge"})["Location"] == url(shop)
    with shop_scope(shop):
        assert not Merge.objects.exists()


def test_another_act_does_nothing_and_goes_on(client, shop):
    one = pair(shop)
    assert client.post(url(shop, f"{one.pk}/"), {"act": "erase"}).status_code == 302
    with shop_scope(shop):
        assert DuplicatePair.objects.get().state == "open"
        assert Customer.objects.count() == 2


def test_another_shops_pair_is_not_there(client, shop, other_shop):
    foreign = pair(other_shop)
    assert client.get(url(shop, f"{foreign.pk}/")).status_code == 404
    assert client.post(url(shop, f"{foreign.pk}/"), {"act": "merge"}).status_code == 404
    assert client.get(url(shop, "999/")).status_code == 404


@pytest.mark.parametrize("merged", ["", "x", "0", "9" * 18, "9" * 40, "٣"])
def test_a_merge_that_is_not_there_is_not_told(client, shop, merged):
    assert client.get(url(shop, f"?merged={merged}")).context["merged"] is None


def test_a_search_is_asked_for_and_done_by_a_worker(client, shop):
    for _ in range(2):
        customers.customer(shop, "Ana Marisa Silva", city="Porto")
    assert client.post(url(shop, "search/"))["Location"] == url(shop)
    html = client.get(url(shop)).content.decode()
    assert "Looking for duplicates" in html
    part = client.get(url(shop, "search/"), headers={"HX-Request": "true"})
    assert 'id="search"' in part.content.decode()
    assert "HX-Refresh" not in part.headers
    DUPLICATES.do_next(shop.pk)
    part = client.get(url(shop, "search/"), headers={"HX-Request": "true"})
    assert part["HX-Refresh"] == "true"
    page = client.get(url(shop))
    assert [row.pair.score for row in page.context["rows"]] == [60]
    assert "last looked for on" in page.content.decode()
    with shop_scope(shop):
        assert DuplicateSearch.objects.get().state == "done"


def test_what_one_record_named_is_said_before_a_search(client, shop):
    one = pair(shop, 40, reasons=[], evidence=[{"kind": "phone"}, {"kind": "wechat_unionid"}])
    html = client.get(url(shop, f"{one.pk}/")).content.decode()
    assert "One record gave the same phone number for both" in html
    assert "One record gave the same identifier for both" in html


def test_an_analyst_sees_neither_the_tab_nor_the_pages(shop, make_member, as_person):
    analyst = as_person(make_member(shop, Role.ANALYST))
    one = pair(shop)
    for rest in ("", f"{one.pk}/", "search/"):
        assert analyst.get(url(shop, rest)).status_code == 403
    assert "duplicates/" not in analyst.get(f"/s/{shop.slug}/customers/").content.decode()


def test_contacts_are_masked_in_list_and_pair(client, shop):
    one = customers.customer(shop, "", email="ana@example.com")
    other = customers.customer(shop, "", phone="+447911123456")
    with shop_scope(shop):
        made = DuplicatePair.objects.create(shop=shop, first=one, second=other, score=60, created_at=NOW)
    for rest in ("", f"{made.pk}/"):
        html = client.get(url(shop, rest)).content.decode()
        assert "ana@example.com" not in html
        assert "7911123456" not in html
