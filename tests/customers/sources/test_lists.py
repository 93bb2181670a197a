"""Lists of customers and of products, as storefronts and mailing services export them."""

import pytest

from crm.tenancy.scope import shop_scope
from customers.models import Customer, CustomerTag, Identifier, Order, Product
from customers.sources.platforms import LIST_PLATFORMS, ORDER_PLATFORMS

NAMED = {platform.name: platform for platform in LIST_PLATFORMS}
# The headings of each export, and one person in it.
SHOPIFY = {
    "Customer ID": "'7001",
    "First Name": "Ana",
    "Last Name": "Lee",
    "Email": "Ana@Example.com",
    "Accepts Email Marketing": "yes",
    "Default Address Company": "",
    "Default Address Address1": "1 Main St",
    "Default Address City": "Paris",
    "Default Address Province Code": "",
    "Default Address Country Code": "FR",
    "Default Address Zip": "75001",
    "Default Address Phone": "'+33140205050",
    "Phone": "",
    "Accepts SMS Marketing": "no",
    "Total Spent": "120.50",
    "Total Orders": "3",
    "Note": "likes tea",
    "Tax Exempt": "no",
    "Tags": "VIP, press",
}
OLD_SHOPIFY = {
    "First Name": "Ana",
    "Last Name": "Lee",
    "Email": "ana@example.com",
    "Company": "",
    "Address1": "1 Main St",
    "City": "Paris",
    "Province": "",
    "Country": "France",
    "Country Code": "FR",
    "Zip": "75001",
    "Phone": "'+33140205050",
    "Accepts Marketing": "yes",
    "Total Spent": "120.50",
    "Total Orders": "3",
    "Tags": "VIP, press",
    "Note": "",
    "Tax Exempt": "no",
}
KLAVIYO = {
    "Email": "ana@example.com",
    "Klaviyo ID": "01HABC",
    "First Name": "Ana",
    "Last Name": "Lee",
    "Phone Number": "+33140205050",
    "Address": "1 Main St",
    "City": "Paris",
    "Country": "FR",
    "Email Marketing Consent": "SUBSCRIBED",
    "Historic Customer Lifetime Value": "120.50",
}
SHORT_KLAVIYO = {
    "First Name": "Ana",
    "Last Name": "Lee",
    "Email": "ana@example.com",
    "Phone Number": "+33140205050",
    "City": "Paris",
    "Country": "FR",
    "Email Marketing Consent": "NEVER_SUBSCRIBED",
    "Email Marketing Consent Timestamp": "",
}
MAILCHIMP = {
    "Email Address": "ana@example.com",
    "First Name": "Ana",
    "Last Name": "Lee",
    "Address": "1 Main St  Paris  75001  FR",
    "Phone Number": "+33140205050",
    "Birthday": "05/11",
    "MEMBER_RATING": "4",
    "OPTIN_TIME": "2026-01-01 10:00:00",
    "OPTIN_IP": "192.0.2.1",
    "CONFIRM_TIME": "2026-01-01 10:05:00",
    "CC": "FR",
    "REGION": "",
    "LAST_CHANGED": "2026-01-01 10:05:00",
    "LEID": "123",
    "EUID": "abc",
    "NOTES": "",
    "TAGS": '"VIP","press"',
}
WOOCOMMERCE = {
    "customer_id": "7001",
    "username": "ana",
    "first_name": "Ana",
    "last_name": "Lee",
    "email": "ana@example.com",
    "date_registered": "2026-01-01 10:00:00",
    "billing_first_name": "Ana",
    "billing_last_name": "Lee",
    "billing_postcode": "75001",
    "billing_city": "Paris",
    "billing_country": "FR",
    "billing_email": "ana@example.com",
    "billing_phone": "+33140205050",
    "total_spent": "120.50",
    "order_count": "3",
}
WORDPRESS = {
    "ID": "7001",
    "user_login": "ana",
    "user_email": "ana@example.com",
    "user_registered": "2026-01-01 10:00:00",
    "first_name": "Ana",
    "last_name": "Lee",
    "billing_city": "Paris",
    "billing_country": "FR",
    "billing_phone": "+33140205050",
}
ANALYTICS = {
    "Name": "Ana Lee",
    "Username": "ana",
    "Last Active": "2026-01-01",
    "Sign Up": "2026-01-01",
    "Email": "ana@example.com",
    "Orders": "3",
    "Total Spend": "120.50",
    "AOV": "40.17",
    "Country / Region": "FR",
    "City": "Paris",
    "Region": "",
    "Postal Code": "75001",
}
EMAIL, PHONE, NUMBER = "ana@example.com", "+33140205050", "7001"
CASES = [
    ("shopify-customers", SHOPIFY, {NUMBER, EMAIL, PHONE}, "Paris", {"VIP", "press"}),
    ("shopify-customers", OLD_SHOPIFY, {EMAIL, PHONE}, "Paris", {"VIP", "press"}),
    ("klaviyo", KLAVIYO, {EMAIL, PHONE}, "Paris", set()),
    ("klaviyo", SHORT_KLAVIYO, {EMAIL, PHONE}, "Paris", set()),
    ("mailchimp", MAILCHIMP, {EMAIL, PHONE}, "", {"VIP", "press"}),
    ("woocommerce-customers", WOOCOMMERCE, {NUMBER, EMAIL, PHONE}, "Paris", set()),
    ("woocommerce-customers", WORDPRESS, {NUMBER, EMAIL, PHONE}, "Paris", set()),
    ("woocommerce-analytics-customers", ANALYTICS, {EMAIL}, "Paris", set()),
]


def a_file(*rows):
    def line(cells):
        return ",".join('"{}"'.format(cell.replace('"', '""')) for cell in cells)

    return "\n".join([line(rows[0]), *(line(row.values()) for row in rows)]) + "\n"


@pytest.mark.django_db
@pytest.mark.parametrize("is_turned", [False, True])
@pytest.mark.parametrize(("preset", "row", "identifiers", "city", "tags"), CASES)
def test_a_list_of_customers_is_recognised_and_taken_without_a_question(
    bring, preset, row, identifiers, city, tags, is_turned
):
    """In whatever sequence its columns stand, and with another beside them; no total makes an order."""
    if is_turned:
        row = dict(reversed([*row.items(), ("Favourite colour", "red")]))
    made = bring(a_file(row))
    assert (made.job.preset, made.job.kind, made.job.state) == (preset, "customers", "done")
    assert (made.rejected, made.told) == ([], set())
    with shop_scope(made.shop):
        customer = Customer.objects.get()
        assert (customer.name, customer.city, customer.country) == ("Ana Lee", city, "FR")
        assert set(Identifier.objects.values_list("value", flat=True)) == identifiers
        assert set(CustomerTag.objects.values_list("tag__name", flat=True)) == tags
        assert Order.objects.count() == 0


@pytest.mark.django_db
def test_variants_of_shopify_products(bring):
    first = {"Handle": "tea", "Title": "Green tea", "Body (HTML)": "", "Variant SKU": "'T-1", "Variant Price": "4.00"}
    second = first | {"Title": "", "Variant SKU": "T-2"}
    picture = dict.fromkeys(first, "") | {"Handle": "tea"}
    made = bring(a_file(first, second, picture))
    assert (made.job.preset, made.job.kind, made.rejected) == ("shopify-products", "products", [(4, "missing_value")])
    with shop_scope(made.shop):
        assert dict(Product.objects.values_list("external_id", "name")) == {"T-1": "Green tea", "T-2": ""}


@pytest.mark.django_db
def test_products_of_woocommerce(bring):
    mug = {"ID": "10", "Type": "simple", "SKU": "MUG", "Name": "Mug", "Short description": "", "Description": "A mug"}
    mug |= {"Tax status": "taxable", "Sale price": "9.50", "Regular price": "12.00", "Brands": "Acme"}
    mug |= {"Categories": "Kitchen > Mugs, Gifts, Salt\\, pepper"}
    without = mug | {"SKU": "", "Name": "No sku"}
    made = bring(a_file(mug, without))
    assert (made.job.preset, made.rejected) == ("woocommerce-products", [(3, "missing_value")])
    with shop_scope(made.shop):
        product = Product.objects.get()
        assert (product.name, product.brand, product.price_minor) == ("Mug", "Acme", 1200)
        assert sorted(each.path for each in product.categories.all()) == ["Gifts", "Kitchen/Mugs", "Salt, pepper"]


@pytest.mark.django_db
@pytest.mark.parametrize("headings", [("Description", "Name"), ("Name", "Description"), ("Title", "Name")])
def test_a_product_is_called_by_its_name_and_not_as_it_is_described(bring, headings):
    cells = {"Name": "Mug", "Description": "A mug", "Title": "The mug for you"}
    made = bring(f"SKU,{','.join(headings)},Retail price\nMUG,{','.join(cells[each] for each in headings)},12.00\n")
    with shop_scope(made.shop):
        assert Product.objects.get().name == "Mug"


@pytest.mark.parametrize("orders", ORDER_PLATFORMS, ids=lambda platform: platform.name)
def test_no_export_of_orders_is_taken_for_a_list(orders):
    """With every heading that it may have, of all versions and languages."""
    assert [platform.name for platform in LIST_PLATFORMS if platform.fits(orders.headings)] == []


@pytest.mark.parametrize(("preset", "row"), [case[:2] for case in CASES])
def test_no_list_is_taken_for_an_export_of_orders_or_another_list(preset, row):
    assert [each.name for each in (*ORDER_PLATFORMS, *LIST_PLATFORMS) if each.fits([*row])] == [preset]


@pytest.mark.parametrize("platform", LIST_PLATFORMS, ids=lambda platform: platform.name)
def test_it_knows_only_fields_of_its_kind(platform):
    assert platform.mapping(platform.headings).list_of == platform.kind
    assert {*platform.columns} == {*platform.mapping(platform.headings).columns}
