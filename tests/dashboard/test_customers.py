"""The list of customers: what it finds, shows and hides, and that its pages cover everybody once."""

import re
from datetime import timedelta

import django_filters
import pytest
from django.db.models import F
from django.http import QueryDict
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm.dashboard.customers import EXPORT_COLUMNS, ScoredFilters, customer_list
from crm.shops.roles import Role
from crm.tenancy.scope import shop_scope
from customers import finding
from customers.filters import CustomerFilters, combined
from customers.models import Customer, CustomerTag, Tag
from segmentation import score_lists
from segmentation.columns import write_columns
from tests.factories import customers, segmentation
from tests.factories.shops import NOW

PAGE_QUERIES = 19


def shown(response):
    """The names on the page, in order."""
    assert response.status_code == 200
    return [row.customer.name for row in response.context["list"].rows]


@pytest.fixture
def see(shop, owner, as_person):
    client = as_person(owner)
    return lambda query="": client.get(f"/s/{shop.slug}/customers/{query}")


@pytest.fixture
def three(shop, make_customer, make_score):
    """Anna: most recent. 王小明: spent most. Zoë: worth most, silent."""
    anna = make_customer(
        shop, "Anna Smith", email="anna@example.com", number="C1", country="France", net_minor=5000, last_order_at=NOW
    )
    ming = make_customer(
        shop,
        "王小明",
        phone="+8613800138000",
        number="C2",
        country="中国",
        net_minor=90000,
        last_order_at=NOW - timedelta(days=40),
    )
    zoe = make_customer(shop, "Zoë Novak", country="France", net_minor=100, last_order_at=NOW - timedelta(days=300))
    make_score(shop, anna, stage="new", rfm_group="new", r=5, f=1, m=2, clv_minor=2000, recency_days=1, net_minor=5000)
    make_score(
        shop,
        ming,
        stage="at_risk",
        rfm_group="cannot_lose",
        r=2,
        f=5,
        m=5,
        clv_minor=1000,
        recency_days=41,
        net_minor=90000,
    )
    make_score(
        shop, zoe, stage="lost", rfm_group="lost", r=1, f=1, m=1, clv_minor=3000, recency_days=301, net_minor=100
    )
    return anna, ming, zoe


def test_the_list_is_sorted_by_last_order(see, three):
    assert shown(see()) == ["Anna Smith", "王小明", "Zoë Novak"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("?sort=spent", ["王小明", "Anna Smith", "Zoë Novak"]),
        ("?sort=value", ["Zoë Novak", "Anna Smith", "王小明"]),
        ("?sort=nonsense", ["Anna Smith", "王小明", "Zoë Novak"]),
        ("?stage=at_risk&stage=lost", ["王小明", "Zoë Novak"]),
        ("?stage=at_risk&stage=lost&sort=value", ["Zoë Novak", "王小明"]),
        ("?stage=at_risk&stage=lost&sort=spent", ["王小明", "Zoë Novak"]),
        ("?group=new", ["Anna Smith"]),
        ("?r=1&f=1", ["Zoë Novak"]),
        ("?m=5&m=2", ["王小明", "Anna Smith"]),
        ("?country=France", ["Anna Smith", "Zoë Novak"]),
        ("?country=France&stage=lost", ["Zoë Novak"]),
        ("?spent_min=50&spent_max=900", ["Anna Smith", "王小明"]),
        ("?spent_min=50.01", ["王小明"]),
        ("?value_min=10&value_max=20", ["王小明", "Anna Smith"]),
        ("?last_from=2026-10-11&last_to=2026-11-20", ["Anna Smith", "王小明"]),
        ("?last_to=2026-10-11", ["王小明", "Zoë Novak"]),
        ("?last_to=2026-10-10", ["Zoë Novak"]),
        ("?q=小", ["王小明"]),
        ("?q=ann", ["Anna Smith"]),
        ("?q=zoe", ["Zoë Novak"]),
        ("?q=138 0013", ["王小明"]),
        ("?q=anna@exam", ["Anna Smith"]),
        ("?q=C2", ["王小明"]),
        ("?q=C2&stage=new", []),
        ("?q=nobody", []),
    ],
)
def test_filters_and_sorts_find_exactly(see, three, query, names):
    assert shown(see(query)) == names


def test_an_order_number_finds_its_customer_only_whole(see, three, shop):
    customers.order(shop, "INV-900", customer=three[2])
    assert shown(see("?q=INV-900")) == ["Zoë Novak"]
    assert shown(see("?q=INV-90")) == []


def test_what_was_spent_and_refunded_makes_the_orders_times_their_average(see, shop, make_customer):
    make_customer(shop, "Ana", order_count=4, gross_minor=10_000, refunded_minor=1_500, net_minor=8_500)
    page = see()
    row = " ".join(re.sub("<[^>]+>", " ", page.text.partition("<tbody>")[2]).split())
    assert "4 £85.00 £25.00" in row  # 4 × £25 = £85 + £15
    assert 'title="after £15.00 refunded"' in page.text
    head = " ".join(re.sub("<[^>]+>", " ", page.text.partition("<thead>")[2].partition("</thead>")[0]).split())
    assert "Spent after refunds AOV before refunds" in head


def test_countries_are_called_as_the_reader_calls_them_and_told_apart(shop, owner, as_person, make_customer):
    for name, country in (("A", "UK"), ("B", "United Kingdom"), ("C", "France")):
        make_customer(shop, name, country=country)
    page = as_person(owner).get("/s/tea/customers/?country=UK", headers={"Accept-Language": "zh-hans"})
    offered = dict(page.context["form"].fields["country"].choices)
    assert offered == {"UK": "英国 (UK)", "United Kingdom": "英国 (United Kingdom)", "France": "法国"}
    assert shown(page) == ["A"]
    assert [chip.value for chip in page.context["chips"]] == ["英国 (UK)"]


def test_numbers_of_attributes_have_thousands(see, shop, make_customer):
    customers.attribute(shop, "points", in_list=True)
    customers.give(make_customer(shop, "Ana"), points=12345.5)
    (row,) = see().context["list"].rows
    assert [cell.text for cell in row.cells] == ["12,345.5"]


def test_a_tag_filters(see, three, shop):
    with shop_scope(shop):
        tag = Tag.objects.create(shop=shop, name="VIP")
        CustomerTag.objects.create(shop=shop, tag=tag, customer=three[1])
    assert shown(see(f"?tag={tag.pk}")) == ["王小明"]
    assert shown(see(f"?tag={tag.pk}&stage=new")) == []


def test_a_day_is_the_shops_day(see, make_customer, make_shop, make_member, as_person):
    """23:30 UTC on the 19th is the 20th in Shanghai."""
    east = make_shop("east", timezone="Asia/Shanghai")
    make_customer(east, "Late", last_order_at=NOW.replace(day=19, hour=23, minute=30))
    client = as_person(make_member(east))
    assert shown(client.get("/s/east/customers/?last_from=2026-11-20")) == ["Late"]
    assert shown(client.get("/s/east/customers/?last_to=2026-11-19")) == []


@pytest.mark.parametrize(
    ("bought", "names"),
    [
        ("bought=never", ["Looker"]),
        ("bought=once", ["Twice in a day"]),
        ("bought=again", ["Again"]),
        ("bought=once&bought=again&sort=spent", ["Again", "Twice in a day"]),
    ],
)
def test_bought_again_means_on_another_day_of_the_shop(make_shop, make_customer, make_member, as_person, bought, names):
    """16:30 UTC on the 19th is past midnight in Shanghai, so 15:30 is the day before."""
    east = make_shop("east", timezone="Asia/Shanghai")
    late, first_on = NOW.replace(day=19, hour=15, minute=30), NOW.date().replace(day=19)
    make_customer(east, "Looker")
    make_customer(east, "Twice in a day", order_count=2, first_order_on=first_on, last_order_at=late)
    make_customer(
        east, "Again", order_count=2, first_order_on=first_on, last_order_at=late + timedelta(hours=1), net_minor=9
    )
    assert shown(as_person(make_member(east)).get(f"/s/east/customers/?{bought}")) == names


def test_customers_of_another_shop_are_not_found(see, three, other_shop, make_customer):
    make_customer(other_shop, "Anna Other", email="anna@other.example", number="C9", country="Mars")
    response = see("?q=anna")
    assert shown(response) == ["Anna Smith"]
    assert "Mars" not in response.content.decode()


def test_a_wrong_filter_is_said_beside_it_and_kept(see, three):
    response = see("?spent_min=lots&stage=new")
    assert shown(response) == ["Anna Smith"]
    assert response.context["form"].errors.keys() == {"spent_min"}
    assert 'value="lots"' in response.content.decode()


def test_each_filter_is_a_chip_that_can_be_taken_off(see, three):
    chips = see("?stage=lost&stage=new&spent_min=1&cursor=").context["chips"]
    assert [(chip.name, chip.value, chip.remove_url) for chip in chips] == [
        ("Spent at least", "£1.00", "?stage=lost&stage=new"),
        ("Stage", "Lost", "?stage=new&spent_min=1"),
        ("Stage", "New", "?stage=lost&spent_min=1"),
    ]


@pytest.mark.parametrize("role", Role.values)
def test_contacts_are_masked_for_every_role(shop, three, make_member, as_person, role):
    html = as_person(make_member(shop, role)).get(f"/s/{shop.slug}/customers/").content.decode()
    assert "a•••@example.com" in html
    assert "+86•••8000" in html
    assert "anna@example.com" not in html
    assert "13800138000" not in html


def test_a_customer_without_score_is_listed_last_by_value(see, three, shop, make_customer):
    make_customer(shop, "Fresh")
    assert shown(see("?sort=value")) == ["Zoë Novak", "Anna Smith", "王小明", "Fresh"]


def test_how_many_match_is_exact_where_scores_say_it_all(see, three):
    assert see("?stage=at_risk&stage=lost").context["count_text"] == "2 customers"
    assert see("?stage=at_risk&stage=lost&country=France").context["count_text"] == "1 customer"


def test_how_many_match_is_estimated_where_many_people_must_be_asked(see, three, monkeypatch):
    """Two of three are in France, two of three at risk or lost: about 4/3."""
    monkeypatch.setattr(score_lists, "FEW", 1)
    monkeypatch.setattr(score_lists, "BATCHES", (1, 1))
    assert see("?stage=at_risk&stage=lost&country=France").context["count_text"] == "≈ 1 customer"


def test_a_search_that_finds_too_many_says_so(see, three, monkeypatch):
    assert see("?q=@example").context["count_text"] == "1 customer"
    monkeypatch.setattr(finding, "MOST", 1)
    assert see("?q=@example").context["count_text"] == "1 of the customers found; type more to find fewer"
    assert see("?stage=new").context["count_text"] == "1 customer"


def test_a_customer_deleted_since_the_scoring_is_left_out(see, three, shop):
    with shop_scope(shop):
        three[0].delete()
    assert shown(see("?stage=new&stage=lost")) == ["Zoë Novak"]


def test_p_alive_is_not_shown_where_the_run_knows_nothing_of_leaving(see, shop, make_customer, make_score):
    known, unknown = make_customer(shop, "Known"), make_customer(shop, "Unknown")
    make_score(shop, known, p_alive=0.87)
    make_score(shop, unknown, p_alive=1.0, forecast_by="nbd")
    rows = {row.customer.name: row.alive for row in see().context["list"].rows}
    assert rows == {"Known": 0.87, "Unknown": None}


def test_a_column_that_knows_nothing_is_not_shown(see, shop, make_customer, make_score):
    silent = make_customer(shop, "Silent")
    make_score(shop, silent, p_alive=1.0, forecast_by="nbd")
    response = see()
    assert "Still here" not in response.content.decode()
    assert "alive" not in {column["key"] for column in response.context["columns"]}
    make_score(shop, make_customer(shop, "Known"), p_alive=0.87)
    assert "Still here" in see().content.decode()


def test_the_file_leaves_p_alive_empty_where_the_pages_hide_it(shop, make_customer, make_score):
    known, unknown = make_customer(shop, "Known"), make_customer(shop, "Unknown")
    make_score(shop, known, p_alive=0.87654)
    make_score(shop, unknown, p_alive=1.0, forecast_by="nbd")
    place = EXPORT_COLUMNS.headings.index("p_alive")
    with shop_scope(shop):
        cells = EXPORT_COLUMNS.cells([known.pk, unknown.pk], shop)
    assert [cells[customer.pk][place] for customer in (known, unknown)] == [0.8765, None]


def test_who_has_no_name_is_called_by_number_or_masked_contact(see, shop, make_customer):
    make_customer(shop, number="0763", last_order_at=NOW)
    make_customer(shop, email="ana@example.com", last_order_at=NOW - timedelta(days=1))
    make_customer(shop, number="9", email="bo@example.com", last_order_at=NOW - timedelta(days=2))
    nobody = make_customer(shop)
    rows = see().context["list"].rows
    assert [(str(row.customer), row.contact) for row in rows] == [
        ("#0763", ""),
        ("a•••@example.com", ""),
        ("#9", "b•••@example.com"),
        (f"#{nobody.pk}", ""),
    ]


def test_tags_without_room_are_counted(see, shop, make_customer):
    customer = make_customer(shop, "Wears four")
    with shop_scope(shop):
        for name in ("a", "b", "c", "d"):
            CustomerTag.objects.create(shop=shop, customer=customer, tag=Tag.objects.create(shop=shop, name=name))
    assert '<span title="c, d">+2</span>' in see().content.decode()


def test_a_broken_cursor_shows_the_beginning(see, three):
    for cursor in ("x", "W10", "WzAsMCwibiIsbnVsbCwxXQ", "AAAA", "é"):
        response = see(f"?cursor={cursor}&stage=new")
        assert (response.status_code, response["Location"]) == (302, "?stage=new")


def test_an_empty_shop_says_what_to_do(see):
    response = see()
    assert response.context["is_empty_shop"]
    assert "Import your orders" in response.content.decode()


@pytest.mark.slow
@pytest.mark.parametrize("query", ["", "?stage=active", "?sort=value", "?q=shopper"])
def test_the_number_of_queries_does_not_grow(see, shop, make_customer, make_score, django_assert_num_queries, query):
    counts = []
    for wanted in (1, 3):
        while len(counts) == 0 or shown(see(query)) != [f"Shopper {n}" for n in range(wanted)]:
            n = 0 if not counts else len(shown(see(query)))
            customer = make_customer(shop, f"Shopper {n}", email=f"s{n}@example.com", last_order_at=NOW, net_minor=5)
            make_score(shop, customer, p_alive=0.5, clv_minor=7, recency_days=2, net_minor=5)
            with shop_scope(shop):
                tag, _ = Tag.objects.get_or_create(shop=shop, name="VIP")
                CustomerTag.objects.create(shop=shop, tag=tag, customer=customer)
            counts = counts or [None]
        counts.append(_count(see, query))
    assert counts[1] == counts[2]


def _count(see, query):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as caught:
        see(query)
    return len(caught)


SCORES = st.one_of(
    st.none(),
    st.tuples(
        st.sampled_from(["active", "lost"]),
        st.sampled_from([None, "champions", "lost"]),
        st.one_of(st.none(), st.tuples(*[st.sampled_from([1, 5])] * 3)),
    ),
)
PEOPLE = st.tuples(st.integers(0, 2), st.one_of(st.none(), st.integers(0, 3)), st.sampled_from(["France", ""]), SCORES)
QUERIES = ["", "country=France", "stage=active", "stage=active&stage=lost", "stage=lost&country=France"]
QUERIES += ["group=lost&r=5", "m=1&m=5&f=1", "value_min=0.01&value_max=0.02", "value_min=0.02&country=France"]


# As in a small shop, and as in one so large that nothing is read at once.
@pytest.mark.slow
@pytest.mark.parametrize(("few", "batches"), [(score_lists.FEW, score_lists.BATCHES), (0, (1, 2))])
@pytest.mark.parametrize("sort", ["last", "spent", "value", "stake"])
@pytest.mark.parametrize("query", QUERIES)
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(people=st.lists(PEOPLE, max_size=14), size=st.integers(1, 5))
def test_pages_cover_everybody_once_in_both_directions(shop, monkeypatch, sort, query, few, batches, people, size):
    """Whatever is equal, missing or not scored yet, and wherever a page ends; in the order that SQL would give."""
    monkeypatch.setattr(score_lists, "FEW", few)
    monkeypatch.setattr(score_lists, "BATCHES", batches)
    with shop_scope(shop):
        Customer.objects.all().delete()
        for person in people:
            _make_person(shop, *person)
        write_columns(shop.pk)
        filters = ScoredFilters(QueryDict(query), shop=shop)
        wanted = list(filters.matching().order_by(*_order(filters, sort)).values_list("pk", flat=True))
        there, back = _walk(filters, sort, size)
    assert there == wanted
    assert back == wanted


def _make_person(shop, net, days, country, score):
    at = None if days is None else NOW - timedelta(days=days)
    customer = Customer.objects.create(shop=shop, net_minor=net, last_order_at=at, country=country)
    if score:
        stage, group, marks = score
        r, f, m = marks or (None, None, None)
        segmentation.score(
            shop, customer, stage=stage, stage_since=NOW.date(), stage_reason="", rfm_group=group, r=r, f=f, m=m,
            net_minor=net, recency_days=days or None, clv_minor=days, stake_minor=days,
        )  # fmt: skip


def _order(filters, sort):
    if sort in ("value", "stake"):
        column = {"value": "clv_minor", "stake": "stake_minor"}[sort]
        return [F(f"score__{column}").desc(nulls_last=True), "pk"]
    if filters.asks_scores:
        return ["-score__net_minor" if sort == "spent" else F("score__recency_days").asc(nulls_last=True), "pk"]
    return ["-net_minor" if sort == "spent" else F("last_order_at").desc(nulls_last=True), "pk"]


def _walk(filters, sort, size):
    pages, cursor = [], ""
    while cursor is not None:
        found = customer_list(filters, sort, cursor, page_size=size).page
        pages.append(found.ids)
        cursor = found.next
    backwards, cursor = [found.ids], found.previous
    while cursor is not None:
        found = customer_list(filters, sort, cursor, page_size=size).page
        backwards.insert(0, found.ids)
        cursor = found.previous
    return [pk for page in pages for pk in page], [pk for page in backwards for pk in page]


class NamedAna(CustomerFilters):
    is_ana = django_filters.BooleanFilter(method="by_ana")

    def by_ana(self, rows, name, value):
        return rows.filter(name="Ana") if value else rows


class AnotherTag(CustomerFilters):
    tag = django_filters.CharFilter()
    stage = django_filters.CharFilter()


def test_a_second_app_adds_filters_and_takes_none_away(shop, make_customer):
    ana, _bea = make_customer(shop, "Ana"), make_customer(shop, "Bea")
    both = combined((ScoredFilters, NamedAna))
    with shop_scope(shop):
        assert list(both(QueryDict("is_ana=true"), shop=shop).matching()) == [ana]
        assert both(QueryDict("is_ana=true&stage=new"), shop=shop).asks_scores


def test_two_apps_cannot_have_a_filter_of_the_same_name():
    with pytest.raises(ValueError, match="'stage'"):
        combined((ScoredFilters, AnotherTag))


@pytest.mark.parametrize("name", ["spent_min", "spent_max", "value_min", "value_max"])
@pytest.mark.parametrize("amount", ["-1e30", "1e30", "-99999999999999999999"])
def test_amounts_beyond_reckoning_are_said_to_be_wrong(see, name, amount):
    page = see(f"?{name}={amount}")
    assert (page.status_code, page.context["form"].errors.keys()) == (200, {name})
