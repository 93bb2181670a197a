"""The pages of lists of customers and products: kind, policies, match, before and after."""

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils.timezone import now

from crm.shops.roles import Role
from crm.tenancy.hiding import contacts_hidden
from crm.tenancy.scope import shop_scope
from customers.imports.actions import run_job
from customers.imports.field_changes import field_changes
from customers.imports.reading_page import made_of
from customers.models import Address, AttributeValue, Consent, Customer, ImportJob
from customers.sources import Mapping
from tests.factories.customers import attribute

pytestmark = pytest.mark.django_db
HEADING = "customer_id,email,phone,name,city,country,tags\n"
FORM = {
    "preset": "generic",
    "kind": "customers",
    "field_customer_id": "customer_id",
    "field_email": "email",
    "field_name": "name",
    "field_tags": "tags",
    "match": "customer_id",
    "policy_name": "overwrite",
    "policy_email": "keep",
}


ABOUT = ("Birthday", "Language", "Time zone", "Company", "Relation", "Minor", "Do not profile")


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def browser(owner, as_person):
    return as_person(owner)


def url(shop, part, *ids):
    return reverse(f"imports:{part}", args=[shop.slug, *ids])


def uploaded(browser, shop, text):
    answer = browser.post(url(shop, "list"), {"file": SimpleUploadedFile("list.csv", text.encode())})
    return int(answer.url.rstrip("/").rpartition("/")[2])


def work(shop):
    with shop_scope(shop):
        job = ImportJob.claim_due()
    run_job(job, shop, now=now())


def saved(shop, pk):
    with shop_scope(shop):
        return ImportJob.objects.get(pk=pk)


def imported(browser, shop, text):
    pk = uploaded(browser, shop, text)
    work(shop)
    browser.post(url(shop, "run", pk))
    work(shop)
    return pk


@pytest.mark.parametrize(
    ("text", "figures"),
    [
        (HEADING + "C1,,,Ana,,,\n", {"Customers removed": "1", "Left as they are": "0"}),
        ("product_id,product_name\np1,Tea\n", {"Products removed": "1", "Left as they are": "0"}),
    ],
)
def test_an_undone_list_is_not_said_to_have_removed_no_orders(shop, browser, text, figures):
    pk = imported(browser, shop, text)
    browser.post(url(shop, "undo", pk))
    work(shop)
    undone = browser.get(url(shop, "job", pk)).context["undone"]
    assert {str(stat.label): stat.figure for stat in undone} == figures


def test_a_list_whose_headings_are_all_known_is_checked_at_once(shop, browser):
    pk = uploaded(browser, shop, HEADING + "C1,ana@example.com,,Ana,Paris,FR,VIP\n")
    work(shop)
    page = browser.get(url(shop, "job", pk))
    assert page.context["page"] == "forecast"
    assert [(str(stat.label), stat.figure) for stat in page.context["figures"]] == [
        ("New customers", "1"),
        ("Changed customers", "0"),
        ("Unchanged customers", "0"),
        ("Rows left out", "0"),
    ]
    browser.post(url(shop, "run", pk))
    work(shop)
    assert browser.get(url(shop, "job", pk)).context["page"] == "report"
    assert '1 <div class="second">customers</div>' in " ".join(browser.get(url(shop, "list")).content.decode().split())
    with shop_scope(shop):
        assert Customer.objects.get().name == "Ana"


def test_what_is_chosen_on_the_page_is_what_the_check_shows(shop, browser):
    imported(browser, shop, HEADING + "C1,,,Ana,,,\nC2,,,Bo,,,\n")
    pk = uploaded(browser, shop, HEADING + "C1,ana@example.com,,Anna,,,VIP\nC2,,,Bo,,,\n")
    work(shop)
    assert browser.post(url(shop, "job", pk), FORM).status_code == 302
    work(shop)
    assert saved(shop, pk).mapping == {
        "kind": "customers",
        "columns": {"customer_id": "customer_id", "email": "email", "name": "name", "tags": "tags"},
        "match": "customer_id",
        "policies": {"email": "keep", "name": "overwrite"},
    }
    page = browser.get(url(shop, "job", pk))
    changes = {str(each.label): each for each in page.context["field_changes"]}
    assert {label: (each.filled, each.overwritten, each.kept) for label, each in changes.items()} == {
        "Customer number": (0, 0, 0),
        "E-mail": (0, 0, 1),
        "Name": (0, 1, 0),
        "Tags": (1, 0, 0),
    }
    assert [(example.before, example.after) for example in changes["Name"].examples] == [("Ana", "Anna")]
    content = page.content.decode()
    assert "Ana → Anna" in content
    assert "Columns that are not read: phone, city, country." in " ".join(content.split())


def test_before_and_after_are_masked_for_those_who_may_not_see_contacts(shop, browser):
    imported(browser, shop, HEADING + "C1,,,ana@example.com,,,\n")
    pk = uploaded(browser, shop, HEADING + "C1,,,+442079460958,,,\n")
    work(shop)
    with shop_scope(shop), contacts_hidden(True):
        job = ImportJob.objects.get(pk=pk)
        shown = str(field_changes(job, job.forecast))
    assert "ana@example.com" not in shown
    assert "442079460958" not in shown
    with shop_scope(shop):
        job = ImportJob.objects.get(pk=pk)
        assert "ana@example.com" in str(field_changes(job, job.forecast))


def test_a_file_that_was_taken_for_another_kind_is_a_click_away_from_right(shop, browser):
    pk = uploaded(browser, shop, "email,name\nana@example.com,Ana\n")
    work(shop)
    assert saved(shop, pk).kind == "customers"
    page = browser.get(url(shop, "job", pk) + "?columns=1&kind=orders")
    assert [(link.url, link.active) for link in page.context["kinds"]] == [
        ("?columns=1&kind=orders", True),
        ("?columns=1&kind=customers", False),
        ("?columns=1&kind=products", False),
        ("?columns=1&kind=suppressions", False),
    ]
    assert "field_order_id" in page.context["form"].fields
    page = browser.get(url(shop, "job", pk) + "?columns=1&kind=products")
    known = ("product_name", "brand", "price", "cost", "categories")
    assert [*page.context["form"].fields] == [
        *(f"field_{name}" for name in ("product_id", *known[:4], "currency", "categories")),
        "match",
        *(f"policy_{name}" for name in known),
    ]
    said = {"preset": "generic", "kind": "products", "field_product_id": "name", "match": "product_id"}
    assert browser.post(url(shop, "job", pk), said).status_code == 302
    work(shop)
    assert (saved(shop, pk).kind, saved(shop, pk).forecast["products_created"]) == ("products", 1)


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"match": "phone"}, "field_phone"),
        ({"match": "auto", "field_customer_id": "", "field_email": ""}, "field_customer_id"),
        ({"policy_tags": "overwrite"}, "policy_tags"),
        ({"match": "product_id"}, "match"),
        ({"field_name": "email"}, "field_name"),
    ],
)
def test_what_cannot_be_is_said_beside_its_field(shop, browser, said, field):
    pk = uploaded(browser, shop, HEADING + "C1,,,Ana,,,\n")
    work(shop)
    answer = browser.post(url(shop, "job", pk), FORM | said)
    assert (answer.status_code, [*answer.context["form"].errors]) == (422, [field])


def test_a_column_that_may_hold_consents_is_named(shop, browser):
    pk = uploaded(
        browser, shop, "Email,Klaviyo ID,First Name,Email Marketing Consent,Opt-in\na@example.com,1,Ana,SUBSCRIBED,x\n"
    )
    work(shop)
    page = browser.get(url(shop, "job", pk))
    assert page.context["unread"].headings == ["Klaviyo ID", "Opt-in"]
    assert "These may say who can be written to: Opt-in." in page.content.decode()


def test_a_column_is_chosen_for_a_consent_and_remembered(shop, browser):
    heading = "customer_id,email,Promo OK,Promo day,consent.sms.marketing\n"
    pk = uploaded(browser, shop, heading + "C1,ana@example.com,yes,2026-03-01,no\nC2,bo@example.com,no,,\n")
    form = browser.get(url(shop, "job", pk) + "?columns=1").context["form"]
    names = {str(field.label): field.value() for field in form.consent_fields()}
    assert (names["E-mail: Marketing"], names["E-mail: Surveys (said on)"]) == ("", "")
    assert names["Text message: Marketing"] == "consent.sms.marketing"
    said = {
        "preset": "generic",
        "kind": "customers",
        "field_customer_id": "customer_id",
        "field_email": "email",
        "match": "auto",
        "field_consent.email.marketing": "Promo OK",
        "field_consent.email.marketing.at": "Promo day",
        "field_consent.sms.marketing": "consent.sms.marketing",
    }
    twice = browser.post(url(shop, "job", pk), said | {"field_consent.email.surveys": "email"})
    assert (twice.status_code, [*twice.context["form"].errors]) == (422, ["field_consent.email.surveys"])
    assert browser.post(url(shop, "job", pk), said).status_code == 302
    work(shop)
    page = browser.get(url(shop, "job", pk))
    assert [str(each.label) for each in page.context["consent_changes"]] == [
        "E-mail: Marketing",
        "Text message: Marketing",
    ]
    browser.post(url(shop, "run", pk))
    work(shop)
    with shop_scope(shop):
        said = Consent.objects.order_by("customer", "channel").values_list("channel", "state")
        assert [*said] == [("email", "granted"), ("sms", "withdrawn"), ("email", "withdrawn")]
        at = Consent.objects.get(state="granted").at
        assert at.astimezone(shop.zone).date() == date(2026, 3, 1)
    again = uploaded(browser, shop, heading + "C3,cy@example.com,yes,2026-03-02,\n")
    work(shop)
    assert saved(shop, again).mapping["consents"] == saved(shop, pk).mapping["consents"]


def test_a_column_called_as_ours_is_not_advised_to_be_called_so(shop, browser):
    heading = "First Name,Last Name,Email,Total Spent,Total Orders,Accepts Email Marketing,consent.email.marketing"
    pk = uploaded(browser, shop, f"{heading}\nA,L,a@example.com,1,1,yes,no\n")
    work(shop)
    page = browser.get(url(shop, "job", pk)).content.decode()
    assert "“consent.email.marketing” is called as our own columns are: that is what counts" in page
    assert "choose it" not in page


def test_match_and_policies_are_remembered_with_the_columns(shop, browser):
    pk = uploaded(browser, shop, HEADING + "C1,,,Ana,,,\n")
    work(shop)
    browser.post(url(shop, "job", pk), FORM)
    work(shop)
    browser.post(url(shop, "run", pk))
    work(shop)
    again = saved(shop, uploaded(browser, shop, HEADING + "C1,,,Anna,,,\n"))
    assert (again.kind, again.mapping) == ("customers", saved(shop, pk).mapping)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize(("kind", "created"), [("customers", 2), ("products", 2)])
def test_a_template_comes_back_without_a_question(shop, browser, language, kind, created):
    answer = browser.get(url(shop, "template") + f"?kind={kind}", headers={"accept-language": language})
    assert answer["Content-Disposition"] == f'attachment; filename="{kind}-template.csv"'
    pk = imported(browser, shop, answer.content.decode())
    job = saved(shop, pk)
    assert (job.kind, job.counts[f"{kind}_created"], job.counts["rejected"]) == (kind, created, 0)


def test_only_who_may_import_gets_a_template(shop, as_person, make_member):
    answer = as_person(make_member(shop, Role.ANALYST)).get(url(shop, "template") + "?kind=customers")
    assert answer.status_code == 403


def test_what_a_list_gave_to_known_customers_is_counted_before_it_is_taken(shop, browser):
    imported(browser, shop, HEADING + "C1,,,Ana,,,\n")
    pk = imported(browser, shop, HEADING + "C1,ana@example.com,,,Paris,,VIP\nC2,bo@example.com,,Bo,,,VIP\n")
    undo = browser.get(url(shop, "undo", pk)).context["undo"]
    assert undo.leaves == [
        "1 customer",
        "1 contact or number of customers who stay",
        "1 tag on a customer who stays",
        "1 tag that it has made",
    ]
    assert undo.as_before == ["1 customer would be as before."]


def mapped(page):
    """Heading of the file, policy and examples of each field of the columns' form."""
    return {
        str(each.column.label): (
            each.column.value(),
            each.policy and each.policy.value(),
            [f"{example.before}→{example.after}" for example in each.examples],
        )
        for group in page.context["form"].groups()
        for each in group.fields
    }


def test_a_policy_and_its_examples_stand_beside_their_column(shop, browser):
    imported(browser, shop, HEADING + "C1,,,Ana,,,\n")
    pk = uploaded(browser, shop, HEADING + "C1,,,Anna,Paris,,\n")
    work(shop)
    page = browser.get(url(shop, "job", pk) + "?columns=1")
    assert mapped(page) == {
        "Customer number": ("customer_id", "fill", []),
        "E-mail": ("email", "fill", []),
        "Phone": ("phone", "fill", []),
        "Name": ("name", "fill", ["Ana→Anna"]),
        "City": ("city", "fill", ["→Paris"]),
        "Country": ("country", "fill", []),
        "Tags": ("tags", "fill", []),
        **{label: ("", "fill", []) for label in ABOUT},
    }
    rows = [" ".join(row.split()) for row in page.text.split("<tr>")]
    (name,) = [row for row in rows if 'for="id_field_name"' in row]
    assert 'id="id_policy_name"' in name
    assert "Ana → Anna (kept, differs)" in name
    # Another kind is another form, of which no check has seen anything.
    page = browser.get(url(shop, "job", pk) + "?columns=1&kind=products")
    assert mapped(page) == {
        "Product number": ("", None, []),
        "Product name": ("name", "fill", []),
        **dict.fromkeys(("Brand", "Price", "Cost", "Categories"), ("", "fill", [])),
        "Currency": ("", None, []),
    }


def test_attributes_are_shown_as_read_and_can_be_chosen_with_their_policy(shop, browser):
    attribute(shop, "shoe_size")
    attribute(shop, "tea", "text")
    pk = uploaded(browser, shop, "customer_id,Schuhgröße,attribute.tea,attribute.gone\nC1,38,Assam,x\n")
    form = browser.get(url(shop, "job", pk)).context["form"]
    group = form.groups()[-1]
    assert [(each.column.html_name, each.column.value(), str(each.column.label)) for each in group.fields] == [
        ("field_attribute.shoe_size", "", "shoe_size"),
        ("field_attribute.tea", "attribute.tea", "tea"),
    ]
    said = {
        "preset": "generic",
        "kind": "customers",
        "match": "auto",
        "field_customer_id": "customer_id",
        "field_attribute.shoe_size": "Schuhgröße",
        "field_attribute.tea": "attribute.tea",
        "policy_attribute.shoe_size": "overwrite",
    }
    assert browser.post(url(shop, "job", pk), said).status_code == 302
    work(shop)
    page = browser.get(url(shop, "job", pk))
    assert saved(shop, pk).mapping["policies"] == {"attribute.shoe_size": "overwrite"}
    assert [(each.heading, each.label, each.field) for each in page.context["columns_read"]] == [
        ("customer_id", "Customer number", "id_field_customer_id"),
        ("Schuhgröße", "shoe_size", "id_field_attribute.shoe_size"),
        ("attribute.tea", "tea", "id_field_attribute.tea"),
    ]
    assert page.context["unread"].headings == ["attribute.gone"]
    browser.post(url(shop, "run", pk))
    work(shop)
    with shop_scope(shop):
        values = AttributeValue.objects.values_list("definition__key", "number_value", "text_value").order_by(
            "definition__key"
        )
        assert list(values) == [("shoe_size", 38.0, None), ("tea", None, "Assam")]


def test_postal_addresses_are_shown_as_read_and_can_be_chosen_with_their_policy(shop, browser):
    pk = uploaded(browser, shop, "customer_id,city,Shipping Street,Strasse,address.more\nC1,Leeds,Ship 1,Work 1,\n")
    page = browser.get(url(shop, "job", pk))
    groups = {str(group.title): group for group in page.context["form"].postal_groups()}
    assert {title: group.is_used for title, group in groups.items()} == {
        "Shipping address": True,
        "Billing address": False,
        "Home address": False,
    }
    assert groups["Shipping address"].fields[2].value() == "Shipping Street"
    said = {
        "preset": "generic",
        "kind": "customers",
        "field_customer_id": "customer_id",
        "field_city": "city",
        "match": "auto",
        "field_address.home.line1": "Strasse",
        "field_address.home.city": "city",
        "policy_address.home": "overwrite",
        "policy_address.shipping": "fill",
    }
    browser.post(url(shop, "job", pk), said)
    work(shop)
    job = saved(shop, pk)
    assert job.mapping["addresses"] == {
        "address.home.line1": "Strasse",
        "address.home.city": "city",
        "address.more": "address.more",
    }
    assert job.mapping["policies"] == {"address.home": "overwrite"}
    page = browser.get(url(shop, "job", pk))
    labels = [(each.heading, str(each.label)) for each in page.context["columns_read"]]
    assert ("Strasse", "Home address: first line") in labels
    browser.post(url(shop, "run", pk))
    work(shop)
    with shop_scope(shop):
        assert [(each.type, each.line1, each.city) for each in Address.objects.all()] == [("home", "Work 1", "Leeds")]
    again = uploaded(browser, shop, "customer_id,city,Shipping Street,Strasse,address.more\nC1,,,Work 2,\n")
    work(shop)
    page = browser.get(url(shop, "job", again))
    changes = {str(each.label): (each.overwritten, each.examples) for each in page.context["field_changes"]}
    assert changes["Home address"] == (1, [])


def test_the_attributes_of_another_shop_are_not_offered(shop, other_shop, browser):
    attribute(other_shop, "shoe_size")
    pk = uploaded(browser, shop, "customer_id,attribute.shoe_size\nC1,38\n")
    page = browser.get(url(shop, "job", pk) + "?columns=1")
    assert not [name for name in page.context["form"].fields if "attribute" in name]
    assert 'name="field_attribute' not in page.text


JOINED = "First Name,Last Name,Email,Recipient\nAna,Lee,ana@example.com,\n,,bo@example.com,Bo Chen\n"


def test_all_columns_that_a_field_is_made_of_are_shown_in_their_sequence(shop, browser):
    pk = uploaded(browser, shop, JOINED)
    with shop_scope(shop):
        job = ImportJob.objects.get(pk=pk)
        job.mapping |= {"columns": {"email": "Email", "name": "First Name+Last Name"}, "also": {"name": ["Recipient"]}}
        job.state = ImportJob.State.DRAFT  # each heading is known, so it is checked at once
        job.save(update_fields=["mapping", "state"])
    page = browser.get(url(shop, "job", pk) + "?columns=1")
    made = {str(each.column.label): each.made for group in page.context["form"].groups() for each in group.fields}
    assert [(str(part.joined), part.heading, list(part.samples)) for part in made["Name"].parts] == [
        ("", "First Name", ["Ana"]),
        ("+", "Last Name", ["Lee"]),
        ("where empty:", "Recipient", ["Bo Chen"]),
    ]
    assert made["Name"].samples == ["Ana Lee", "Bo Chen"]
    assert [(part.heading, list(part.samples)) for part in made["E-mail"].parts] == [
        ("Email", ["ana@example.com", "bo@example.com"])
    ]
    assert made["City"] is None
    assert '<option value="First Name+Last Name" selected>First Name + Last Name</option>' in page.text
    with shop_scope(shop), contacts_hidden(True):
        hidden = made_of(job.facts["header"], job.facts["rows"], Mapping.from_dict(job.mapping))
    assert "ana@example.com" not in str([(each.parts, each.samples) for each in hidden.values()])


def test_a_check_shows_a_joined_column_as_it_is_read(shop, browser):
    pk = uploaded(browser, shop, "First Name,Last Name,Email\nAna,Lee,ana@example.com\n,Bo,bo@example.com\n")
    work(shop)
    read = {
        each.label: (each.heading, each.samples) for each in browser.get(url(shop, "job", pk)).context["columns_read"]
    }
    assert read["Name"] == ("First Name + Last Name", ["Ana Lee", "Bo"])
    assert read["E-mail"] == ("Email", ["ana@example.com", "bo@example.com"])


def test_what_was_said_of_a_column_is_not_shown_of_another(shop, browser):
    pk = uploaded(browser, shop, HEADING + "C1,,,Ana,,,\n")
    work(shop)
    answer = browser.post(url(shop, "job", pk), FORM | {"match": "phone", "field_name": "city"})
    made = {str(each.column.label): each.made for group in answer.context["form"].groups() for each in group.fields}
    assert answer.status_code == 422
    assert (made["Name"], made["E-mail"].parts[0].heading) == (None, "email")
