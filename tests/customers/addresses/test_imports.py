"""Postal addresses in files of customers: read, judged by their policies, written with a journal, taken back."""

import json

import pytest
from django.core.files.base import ContentFile
from django.db import connections
from django.http import QueryDict
from django.utils import timezone

from crm.tenancy.scope import shop_scope
from customers.addresses import add_address, addresses_of, change_address, version
from customers.domain.addresses import MAX_ADDRESSES, PARTS, AddressIn
from customers.exports import request_export, run_export
from customers.imports.actions import choose_mapping, request_check, request_undo, upload_import
from customers.imports.template import template_csv
from customers.models import Address, Customer, ExportJob, Identifier, ImportChange, ProfileChange, RejectedRow
from customers.sources import Mapping, SourceError
from customers.tasks import IMPORTS
from tests.factories.shops import NOW

pytestmark = pytest.mark.django_db
HEAD = "customer_id,name,address.shipping.line1,address.shipping.city,address.shipping.country,address.shipping.phone\n"
TWO = "customer_id,address.billing.line1,address.shipping.line1\n"
SHIPPING, BILLING = "address.shipping", "address.billing"


def told(shop):
    """Number, else e-mail → addresses, each as type and what it says, the first of its type before the others."""
    with shop_scope(shop):
        own = Identifier.objects.exclude(kind="phone").order_by("kind").values_list("customer_id", "value")
        numbers = dict(own)
        found = addresses_of(numbers)
        return {numbers[pk]: [as_text(each.address) for each in found[pk]] for pk in sorted(found)}


def as_text(address):
    return ": ".join((address.type, ", ".join(filter(None, (getattr(address, part) for part in PARTS)))))


def problems(made):
    with shop_scope(made.shop):
        rows = RejectedRow.objects.filter(job=made.job).order_by("row_no", "column", "code")
        return [(row.row_no, row.column, row.code, row.is_kept) for row in rows]


def undo(made):
    with shop_scope(made.shop):
        request_undo(made.job, by=None, now=timezone.now())
    IMPORTS.do_next(made.shop.pk)


def addresses_as_they_are(shop):
    with shop_scope(shop), connections["default"].cursor() as cursor:
        cursor.execute("SELECT row::text FROM customers_address AS row ORDER BY row.id")
        return cursor.fetchall()


def the_address(shop, **known):
    with shop_scope(shop):
        return Address.objects.get(**known)


def outcomes(made, name=SHIPPING):
    return tuple(made.counts["fields"][name][outcome] for outcome in ("filled", "overwritten", "kept"))


def test_columns_called_so_are_read(bring):
    made = bring(HEAD + "C1,Ana,Mill Road  1,Leeds,GB,020 7946 0958\nC2,Bo,,,,\nC3,Cy,,Lyon,,\n")
    assert made.job.kind == "customers"
    assert told(made.shop) == {"C1": ["shipping: Mill Road 1, Leeds, GB, +442079460958"], "C3": ["shipping: Lyon"]}
    assert problems(made) == []
    assert (made.counts["addresses_created"], made.counts["addresses_changed"]) == (2, 0)


def test_what_is_there_in_another_case_width_and_spaces_is_not_there_twice(bring):
    shop = bring(HEAD + "C1,Ana,Mill Road 1,Leeds,GB,\nC2,Bo,样本路１号,杭州,CN,\n").shop
    before = addresses_as_they_are(shop)
    made = bring(
        HEAD + "C1,Ana,MILL  ROAD 1,ＬＥＥＤＳ,gb,\nC2,Bo,样本路1号,杭州,CN,\n", policies={SHIPPING: "overwrite"}
    )
    assert addresses_as_they_are(shop) == before
    assert made.counts["customers_unchanged"] == 2


def test_one_that_says_less_is_there_and_one_that_says_more_completes_it(bring):
    shop = bring(HEAD + "C1,Ana,Mill Road 1,Leeds,,\n").shop
    assert told(bring(HEAD + "C1,Ana,Mill Road 1,,,\n").shop) == {"C1": ["shipping: Mill Road 1, Leeds"]}
    made = bring(HEAD + "C1,Ana,mill road 1,leeds,GB,+442079460958\n")
    assert told(shop) == {"C1": ["shipping: Mill Road 1, Leeds, GB, +442079460958"]}
    assert (outcomes(made), made.counts["addresses_changed"], made.counts["customers_changed"]) == ((1, 0, 0), 1, 1)


@pytest.mark.parametrize(
    ("policy", "ana", "bo", "counted"),
    [
        ("fill", ["shipping: Old 1"], ["shipping: New 2"], (1, 0, 1)),
        ("overwrite", ["shipping: New 1"], ["shipping: New 2"], (1, 1, 0)),
        ("keep", ["shipping: Old 1"], [], (0, 0, 2)),
    ],
)
def test_the_policy_counts_for_who_is_known(bring, policy, ana, bo, counted):
    bring("customer_id,address.shipping.line1\nC1,Old 1\nC2,\n")
    text = "customer_id,address.shipping.line1\nC1,New 1\nC2,New 2\nC3,New 3\n"
    made = bring(text, policies={SHIPPING: policy})
    expected = {"C1": ana, "C2": bo, "C3": ["shipping: New 3"]}
    assert told(made.shop) == {number: own for number, own in expected.items() if own}
    assert outcomes(made) == counted
    again = bring(text, policies={SHIPPING: policy})
    assert (again.counts["addresses_created"], again.counts["addresses_changed"]) == (0, 0)


def test_each_type_has_a_policy_of_its_own(bring):
    bring(TWO + "C1,Old 1,Old 2\n")
    made = bring(TWO + "C1,New 1,New 2\n", policies={BILLING: "overwrite"})
    assert told(made.shop) == {"C1": ["billing: New 1", "shipping: Old 2"]}
    assert (outcomes(made, BILLING), outcomes(made)) == ((0, 1, 0), (0, 0, 1))


def test_where_the_file_counts_what_is_there_is_put_first(bring):
    shop = bring("customer_id,address.shipping.line1\nC1,First 1\n").shop
    with shop_scope(shop):
        ana = Customer.objects.get()
        add_address(ana, AddressIn("shipping", line1="Second 2", city="Leeds"), by=None, now=NOW)
    made = bring("customer_id,address.shipping.line1\nC1,SECOND 2\n", policies={SHIPPING: "overwrite"})
    assert told(shop) == {"C1": ["shipping: Second 2, Leeds", "shipping: First 1"]}
    assert outcomes(made) == (0, 1, 0)
    more = "customer_id,address.shipping.line1,address.shipping.city\nC1,First 1,Ely\n"
    bring(more, policies={SHIPPING: "overwrite"})
    assert told(shop) == {"C1": ["shipping: First 1, Ely", "shipping: Second 2, Leeds"]}


def test_of_several_rows_the_last_that_says_one_counts(bring):
    made = bring(TWO + "C1,Bill 1,Ship 1\nC1,,Ship 2\nC1,,\n")
    assert told(made.shop) == {"C1": ["billing: Bill 1", "shipping: Ship 2"]}


def test_a_masked_address_is_not_taken_and_told_once(bring):
    text = HEAD + "C1,Ana,文三路***,杭州,CN,138****8000\nC2,Bo,•••,Leeds,GB,\nC3,Cy,Mill Road 1,Leeds,GB,138****8000\n"
    made = bring(text)
    assert told(made.shop) == {"C3": ["shipping: Mill Road 1, Leeds, GB"]}
    assert problems(made) == [(2, "address.shipping.line1", "masked_address", True)]


def test_a_masked_recipient_is_left_out_of_an_address(bring):
    text = "customer_id,address.shipping.recipient,address.shipping.line1\nC1,王**,文三路1号\n"
    assert told(bring(text).shop) == {"C1": ["shipping: 文三路1号"]}


def test_what_is_too_long_or_no_phone_is_told_and_the_row_is_used_without_it(bring):
    made = bring(HEAD + f"C1,Ana,{'x' * 201},Leeds,GB,\nC2,Bo,Mill Road 1,Leeds,GB,12\n")
    assert told(made.shop) == {"C2": ["shipping: Mill Road 1, Leeds, GB"]}
    assert problems(made) == [
        (2, "address.shipping.line1", "address_too_long", True),
        (3, "address.shipping.phone", "invalid_phone", True),
    ]


def test_no_customer_gets_more_addresses_than_one_can_have(bring):
    shop = bring("customer_id\nC1\n").shop
    with shop_scope(shop):
        ana = Customer.objects.get()
        for n in range(MAX_ADDRESSES - 1):
            add_address(ana, AddressIn("other", line1=f"Mill Road {n}"), by=None, now=NOW)
    made = bring(TWO + "C1,Bill 1,Ship 1\n")
    with shop_scope(shop):
        assert Address.objects.count() == MAX_ADDRESSES
        assert RejectedRow.objects.get(job=made.job).params == {"value": "Ship 1", "limit": MAX_ADDRESSES}
    assert problems(made) == [(2, "address.shipping", "too_many_addresses", True)]
    assert made.counts["surplus_values"] == 1


def test_the_check_says_what_the_run_does(bring):
    shop = bring(TWO + "C1,Old 1,Old 2\nC2,,\n").shop
    text = TWO + "C1,New 1,old  2\nC2,New 3,New 4\nC3,New 5,\n"
    made = bring(text, policies={BILLING: "overwrite"})
    other = bring(TWO + "C1,Old 1,Old 2\nC2,,\n", slug="other").shop
    with shop_scope(other):
        job = upload_import(other, ContentFile(text.encode(), "f.csv"), by=None, now=timezone.now())
        choose_mapping(
            job, preset=job.preset, mapping=Mapping.from_dict(job.mapping | {"policies": {BILLING: "overwrite"}})
        )
        request_check(job, by=None, now=timezone.now())
    before = addresses_as_they_are(other)
    IMPORTS.do_next(other.pk)
    assert addresses_as_they_are(other) == before
    with shop_scope(other):
        job.refresh_from_db()
    assert job.forecast == made.counts
    assert shop != other


@pytest.mark.parametrize("policy", ["fill", "overwrite"])
def test_an_undo_gives_back_the_addresses_as_they_were(bring, policy):
    shop = bring(TWO + "C1,Bill 1,\nC2,Bill 2,Ship 2\n").shop
    before = addresses_as_they_are(shop)
    made = bring(
        TWO + "C1,Bill 9,Ship 9\nC2,Bill 2,Ship 8\nC3,Bill 3,\n", policies=dict.fromkeys((SHIPPING, BILLING), policy)
    )
    assert addresses_as_they_are(shop) != before
    with shop_scope(shop):
        assert ProfileChange.objects.filter(field__startswith="address.").exists()
    undo(made)
    assert addresses_as_they_are(shop) == before
    with shop_scope(shop):
        assert not Customer.objects.filter(identifiers__value="C3").exists()
        assert not made.job.changes.exists()
        assert not ProfileChange.objects.filter(field__startswith="address.").exists()
        made.job.refresh_from_db()
    counts = {"fill": (2, 0), "overwrite": (2, 2)}
    assert (made.job.undone["addresses_removed"], made.job.undone["addresses_restored"]) == counts[policy]


def test_an_undo_leaves_what_somebody_changed_since_and_who_has_it(bring):
    made = bring(TWO + "C1,Bill 1,Ship 1\n")
    with shop_scope(made.shop):
        bill = Address.objects.get(type="billing")
        change_address(bill, AddressIn("billing", line1="Bill 7"), seen=version(bill), by=None, now=timezone.now())
    undo(made)
    assert told(made.shop) == {"C1": ["billing: Bill 7"]}
    with shop_scope(made.shop):
        kept = made.job.changes.filter(kind=ImportChange.Kind.ADDRESS).values_list("kept", flat=True)
        assert list(kept) == ["changed"]


def test_an_undo_does_not_make_an_address_that_is_there_by_now(bring):
    shop = bring(TWO + "C1,Bill 1,\n").shop
    made = bring(TWO + "C1,Bill 2,\n", policies={BILLING: "overwrite"})
    with shop_scope(shop):
        add_address(Customer.objects.get(), AddressIn("billing", line1="Bill 1"), by=None, now=timezone.now())
    undo(made)
    assert told(shop) == {"C1": ["billing: Bill 2", "billing: Bill 1"]}
    with shop_scope(shop):
        assert made.job.changes.get(kind=ImportChange.Kind.ADDRESS).kept == "taken"


def test_a_later_import_keeps_what_it_has_changed(bring):
    first = bring(TWO + "C1,Bill 1,\n")
    bring(TWO + "C1,Bill 2,\n", policies={BILLING: "overwrite"})
    undo(first)
    assert told(first.shop) == {"C1": ["billing: Bill 2"]}


def test_a_column_with_another_heading_is_mapped(bring):
    said = {"address.work.line1": "Straße+Nr", "address.work.city": "Ort"}
    columns = {"customer_id": "Nr.", "city": "Ort"}
    made = bring(
        "Nr.,Ort,Straße,Nr\nC1,Köln,Domstraße,7\n", said={"kind": "customers", "columns": columns, "addresses": said}
    )
    assert told(made.shop) == {"C1": ["work: Domstraße 7, Köln"]}
    assert [(each["field"], each["column"]) for each in made.counts["understood"]] == [
        ("customer_id", "Nr."),
        ("city", "Ort"),
        ("address.work.city", "Ort"),
        ("address.work.line1", "Straße"),
    ]


@pytest.mark.parametrize(
    "said",
    [
        {"kind": "products", "addresses": {"address.shipping.line1": "Street"}},
        {"kind": "customers", "addresses": {"address.shipping.street": "Street"}},
        {"kind": "customers", "addresses": {"address.shipping": "Street"}},
        {"kind": "customers", "addresses": ["address.shipping.line1"]},
        {"kind": "customers", "policies": {"address.shipping": "add"}},
    ],
)
def test_a_mapping_of_addresses_that_cannot_be_is_refused(said):
    with pytest.raises(SourceError) as caught:
        Mapping.from_dict(said)
    assert caught.value.code == "mapping_invalid"


def test_headings_in_common_use_are_recognised(bring):
    heading = "email,Name,Street,Zip,City,Country\n"
    made = bring(heading + "ana@example.com,Ana,Mill Road 1,'01067,Dresden,DE\nb@example.com,Bo,,,Leeds,GB\n")
    assert told(made.shop) == {"ana@example.com": ["home: Mill Road 1, Dresden, 01067, DE"]}
    with shop_scope(made.shop):
        assert sorted(Customer.objects.values_list("city", flat=True)) == ["Dresden", "Leeds"]


def test_the_template_brings_addresses(bring):
    made = bring(template_csv("zh-hans", "CNY", "customers"))
    assert told(made.shop) == {
        "C-1": ["shipping: Rue du Bac 1, Paris, 75007, FR"],
        "C-2": ["shipping: 南京东路 1 号, 上海, 200001, CN"],
    }
    assert "address.shipping.line1" in {each["field"] for each in made.counts["understood"]}


@pytest.mark.parametrize("heading", ["Default Address ", ""])
def test_the_default_address_of_shopify_is_taken(bring, heading):
    said = {
        "First Name": "Ana",
        "Last Name": "Lee",
        "Email": "ana@example.com",
        f"{heading}Company": "Lee & Co",
        f"{heading}Address1": '"1 Main St, ""B"""',
        f"{heading}Address2": "Flat 2",
        f"{heading}City": "Paris",
        f"{heading}Country Code": "FR",
        f"{heading}Zip": "'01001",
        "Accepts Marketing": "no",
        "Total Spent": "1.00",
        "Orders Count": "1",
    }
    made = bring(",".join(said) + "\n" + ",".join(said.values()) + "\n")
    assert made.job.preset == "shopify-customers"
    assert told(made.shop) == {"ana@example.com": ['shipping: Lee & Co, 1 Main St, "B", Flat 2, Paris, 01001, FR']}


def test_our_own_file_comes_in_again_without_loss(bring, make_member):
    shop = bring("customer_id,name\nC1,Ana\nC2,Bo\n").shop
    with shop_scope(shop):
        ana, bo = Customer.objects.order_by("name")
        for said in (
            AddressIn("shipping", "Ana", "=1+1", "Mill Road 1", "", "Leeds", "", "LS1 4AP", "GB", "+442079460958"),
            AddressIn("shipping", line1='“Quoted”; "Road" 2'),
            AddressIn("shipping", line1="Put first 3", is_default=True),
            AddressIn("home", line1="-5", country="茶国"),
            AddressIn("other", city="NULL"),
        ):
            add_address(ana, said, by=None, now=NOW)
        add_address(bo, AddressIn("billing", postcode="00123"), by=None, now=NOW)
        request_export(shop, QueryDict(""), by=make_member(shop), now=NOW)
        job = ExportJob.claim_due()
    run_export(job, shop, timezone.now())
    with job.file.open("rb") as file:
        text = file.read().decode("utf-8-sig")
    kept, rows = told(shop), addresses_as_they_are(shop)
    again = bring(text, policies=dict.fromkeys((SHIPPING, BILLING, "address.home", "address.other"), "overwrite"))
    assert addresses_as_they_are(shop) == rows
    assert (again.counts["customers_unchanged"], problems(again)) == (2, [])
    with shop_scope(shop):
        Address.objects.all().delete()
    assert problems(bring(text)) == []
    assert told(shop) == kept


@pytest.mark.parametrize(
    "text", ["nonsense", "{}", '[{"type": "moon"}]', '[{"type": "home", "line1": 1}]', '[{"line1": "x"}]', "[" * 9000]
)
def test_more_addresses_that_are_none_are_told(bring, text):
    bad, good = (cell.replace('"', '""') for cell in (text, json.dumps([{"type": "home", "line1": "x"}])))
    made = bring(f'customer_id,address.more\nC1,"{bad}"\nC2,"{good}"\n')
    assert told(made.shop) == {"C2": ["home: x"]}
    assert problems(made) == [(2, "address.more", "invalid_addresses", True)]


def test_shops_see_nothing_of_each_other(bring):
    bring(TWO + "C1,Bill 1,\n", slug="other")
    made = bring(TWO + "C1,Bill 2,\n")
    assert told(made.shop) == {"C1": ["billing: Bill 2"]}
    assert made.counts["customers_created"] == 1
