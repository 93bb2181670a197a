"""An identifier is recognised by its normal form and kept as it was given. By the API: tests/api/test_as_given.py."""

import pytest
from hypothesis import example
from hypothesis import given as for_all
from hypothesis import strategies as st

from crm.tenancy.scope import shop_scope
from customers.domain.identity import (
    GIVEN_LENGTH,
    given_of,
    normalise_customer_id,
    normalise_email,
    normalise_phone,
)
from customers.models import Identifier

ORDERS = "order_id,ordered_at,product_id,quantity,unit_price,customer_id,email,phone\n"
PEOPLE = "customer_id,email,phone,name\n"
ROW = '="007", Ana@Example.com ,(020) 7946 0018'
WRITTEN = [
    ("email", "ana@example.com", "Ana@Example.com"),
    ("external", "007", '="007"'),
    ("phone", "+442079460018", "(020) 7946 0018"),
]


@pytest.mark.parametrize(
    ("normalise", "raw", "value", "written"),
    [
        (normalise_email, "Ana@Example.com", "ana@example.com", "Ana@Example.com"),
        (normalise_email, "ana@example.com", "ana@example.com", ""),
        (normalise_email, "  ana@example.com\t", "ana@example.com", ""),
        (normalise_email, "ａｎａ＠example.com", "ana@example.com", "ａｎａ＠example.com"),
        (normalise_email, "\ufeffAna@example.com", "ana@example.com", "Ana@example.com"),
        (normalise_email, "ana@xn--bcher-kva.example", "ana@bücher.example", "ana@xn--bcher-kva.example"),
        (lambda raw: normalise_phone(raw, "GB"), "020\u00a07946 0018", "+442079460018", "020 7946 0018"),
        (lambda raw: normalise_phone(raw, "CN"), "１３８００１３８０００", "+8613800138000", "１３８００１３８０００"),
        (lambda raw: normalise_phone(raw, ""), "+8613800138000", "+8613800138000", ""),
        (normalise_customer_id, "13085.0", "13085", "13085.0"),
        (normalise_customer_id, " 13085", "13085", ""),
    ],
)
def test_normal_form_remembers_what_was_written(normalise, raw, value, written):
    checked = normalise(raw)
    assert (checked.value, given_of(checked.value)) == (value, written)
    assert {checked.value: 1} == {value: 1}


@for_all(st.text(st.sampled_from("aA１1.@ \u00a0\u200b\0\n\u202e+(-)é"), max_size=300))
@example("\0+8613800138000")
@example("Ana@example.com\0")
@example("+86138" + " " * 300 + "00138000")
def test_what_is_remembered_can_be_stored_and_shown_and_means_the_same(raw):
    for normalise in (normalise_email, lambda raw: normalise_phone(raw, "CN"), normalise_customer_id):
        value = normalise(raw).value
        written = given_of(value or "")
        assert len(written) <= GIVEN_LENGTH
        assert written.isprintable()
        if written:
            assert written != value
            assert normalise(written).value == value


def kept(shop):
    with shop_scope(shop):
        return list(Identifier.objects.order_by("kind").values_list("kind", "value", "given"))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"{PEOPLE}{ROW},Ana\n", WRITTEN),
        (f"{PEOPLE}{ROW},Ana\n007,ANA@EXAMPLE.COM,020 79460018,Ana\n", WRITTEN),
        (f"{ORDERS}1,2026-01-02,tea,1,5.00,{ROW}\n", WRITTEN),
        (f"{PEOPLE}1,Ana@Example.com;Ana@Example.org,,Ana\n", [
            ("email", "ana@example.com", "Ana@Example.com"), ("email", "ana@example.org", "Ana@Example.org"),
            ("external", "1", ""),
        ]),
    ],
)  # fmt: skip
def test_files_keep_it(bring, text, expected):
    made = bring(text, currency="GBP", zone="Europe/London", said={"region": "GB"})
    assert made.job.state == "done"
    assert sorted(kept(made.shop)) == expected
