"""Files of customers: whom a row means, what becomes of what is known, what is told."""

import json
from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.core.management import CommandError, call_command
from django.db.models.functions import Now
from django.utils import timezone

from crm.shops.models import AuditEntry
from crm.tenancy.jobs import LeaseLost
from crm.tenancy.scope import shop_scope
from customers.domain.search_terms import index_terms
from customers.imports import actions, lists
from customers.imports.actions import cancel_import, request_run, run_job, upload_import
from customers.imports.commands import explained
from customers.models import Customer, CustomerTag, Identifier, ImportChange, ImportJob, Order, SearchDocument, Tag
from customers.personal_data import erase_personal_data
from customers.sources import Mapping, SourceError, describe_error
from customers.sources.fields import ABOUT
from customers.tasks import IMPORTS

pytestmark = pytest.mark.django_db
HEADING = "customer_id,email,phone,name,city,country,tags\n"
COUNTED = ("customers_created", "customers_changed", "customers_unchanged", "rejected")


def people(shop):
    """Each customer: identifiers, name, city, country, tags."""
    with shop_scope(shop):
        rows = []
        for customer in Customer.objects.order_by("pk"):
            values = Identifier.objects.filter(customer=customer).order_by("kind", "value")
            tags = CustomerTag.objects.filter(customer=customer).order_by("tag__name")
            rows.append(
                (
                    [value.value for value in values],
                    customer.name,
                    customer.city,
                    customer.country,
                    [worn.tag.name for worn in tags],
                )
            )
        return sorted(rows)


def counted(made):
    return tuple(made.counts[name] for name in COUNTED)


def test_a_list_of_customers_is_known_by_its_heading_and_makes_them(bring):
    made = bring(
        HEADING
        + "C1,Ana@Example.com,,Ana Lee,Paris,FR,VIP; Press\n"
        + 'C2,,+44 20 7946 0958,Bo,,GB,"vip, ,new  friend"\n'
        + ",cy@example.com,,Cy,,,\n"
    )
    assert (made.job.kind, made.job.state, made.job.preset) == ("customers", "done", "generic")
    assert counted(made) == (3, 0, 0, 0)
    assert people(made.shop) == [
        (["C2", "+442079460958"], "Bo", "", "GB", ["VIP", "new friend"]),
        (["ana@example.com", "C1"], "Ana Lee", "Paris", "FR", ["Press", "VIP"]),
        (["cy@example.com"], "Cy", "", "", []),
    ]
    with shop_scope(made.shop):
        assert sorted(Tag.objects.values_list("name", flat=True)) == ["Press", "VIP", "new friend"]
        assert Order.objects.count() == 0
        ana = Customer.objects.get(name="Ana Lee")
        document = SearchDocument.objects.get(customer=ana)
        wanted = {f"{made.shop.pk}:{term}" for term in index_terms("Ana Lee", ["ana@example.com"], [], ["C1"])}
        assert wanted <= set(document.terms)
        entry = AuditEntry.objects.get(action="import.customers_finished")
        assert (entry.details["customers_created"], "understood" in entry.details) == (3, False)


@pytest.mark.parametrize("country", ["BE", "Belgium", "België", "比利时"])
def test_the_same_digits_in_two_countries_are_two_people(bring, country):
    text = HEADING + f",,0470123456,Ana,,FR,\n,,0470123456; 0470 99 88 77,Bo,,{country},\n,,0470123456,,Lyon,,\n"
    made = bring(text, zone="Europe/Paris")
    assert people(made.shop) == [
        (["+32470123456", "+32470998877"], "Bo", "", country, []),
        (["+33470123456"], "Ana", "Lyon", "FR", []),
    ]


def test_a_phone_that_is_none_in_its_country_is_told_and_not_looked_for_elsewhere(bring):
    made = bring(HEADING + ",,0612345678,Ana,,FR,\nC2,,0612345678,Bo,,BE,\n,,0612345678,Cy,,BE,\n", zone="Europe/Paris")
    assert [row[:2] for row in people(made.shop)] == [(["+33612345678"], "Ana"), (["C2"], "Bo")]
    assert (made.told, made.rejected) == ({(3, "invalid_phone")}, [(4, "invalid_phone")])


def test_the_same_file_again_changes_nothing(bring):
    text = HEADING + "C1,ana@example.com,,Ana,Paris,FR,VIP\n,bo@example.com,,Bo,,,\n"
    bring(text)
    made = bring(text)
    assert counted(made) == (0, 0, 2, 0)
    assert {name: sum(outcomes.values()) for name, outcomes in made.counts["fields"].items()} == dict.fromkeys(
        ("customer_id", "email", "phone", "name", "city", "country", "tags", *ABOUT), 0
    )


@pytest.mark.parametrize(
    ("policy", "name", "counts", "fields"),
    [
        ("fill", "Ana", (0, 1, 0, 0), {"filled": 0, "overwritten": 0, "kept": 1}),
        ("overwrite", "Anna", (0, 1, 0, 0), {"filled": 0, "overwritten": 1, "kept": 0}),
        ("keep", "Ana", (0, 1, 0, 0), {"filled": 0, "overwritten": 0, "kept": 1}),
    ],
)
def test_a_policy_says_what_becomes_of_another_name(bring, policy, name, counts, fields):
    bring(HEADING + "C1,,,Ana,,FR,\n")
    made = bring(HEADING + "C1,,,Anna,Lyon,,\n", policies={"name": policy})
    assert people(made.shop) == [(["C1"], name, "Lyon", "FR", [])]
    assert (counted(made), made.counts["fields"]["name"]) == (counts, fields)
    assert made.counts["fields"]["city"] == {"filled": 1, "overwritten": 0, "kept": 0}
    outcome = "overwritten" if policy == "overwrite" else "kept"
    assert made.counts["examples"] == {"name": {outcome: [["Ana", "Anna"]]}, "city": {"filled": [["", "Lyon"]]}}


def test_what_is_kept_is_not_even_filled_and_new_customers_get_it(bring):
    bring(HEADING + "C1,,,,,,\n")
    kept = dict.fromkeys(("name", "email", "tags"), "keep")
    made = bring(HEADING + "C1,ana@example.com,,Ana,,,VIP\nC2,bo@example.com,,Bo,,,VIP\n", policies=kept)
    assert people(made.shop) == [(["C1"], "", "", "", []), (["bo@example.com", "C2"], "Bo", "", "", ["VIP"])]
    assert counted(made) == (1, 0, 1, 0)
    one_kept = {"filled": 0, "overwritten": 0, "kept": 1}
    assert [made.counts["fields"][name] for name in kept] == [one_kept] * 3


def test_an_empty_cell_never_erases(bring):
    bring(HEADING + "C1,ana@example.com,,Ana,Paris,FR,VIP\n")
    every = dict.fromkeys(("name", "city", "country"), "overwrite")
    made = bring(HEADING + "C1,,, ,,,\n", policies=every)
    assert people(made.shop) == [(["ana@example.com", "C1"], "Ana", "Paris", "FR", ["VIP"])]
    assert counted(made) == (0, 0, 1, 0)


def test_a_row_that_names_two_known_people_goes_to_the_stronger_and_is_told(bring):
    bring(HEADING + "C1,ana@example.com,,Ana,,,\nC2,bo@example.com,+442079460958,Bo,,,\n")
    made = bring(HEADING + "C1,bo@example.com,+442079460958,,Paris,,\n")
    assert people(made.shop) == [
        (["ana@example.com", "C1"], "Ana", "Paris", "", []),
        (["bo@example.com", "C2", "+442079460958"], "Bo", "", "", []),
    ]
    assert made.told == {(2, "identifier_taken")}
    assert (counted(made), made.rejected) == ((0, 1, 0, 0), [])


def test_of_several_rows_of_one_person_the_later_counts_and_is_told(bring):
    text = HEADING + "C1,,,Ana,Paris,,a\n,ana@example.com,,X,,,\nC1,ana@example.com,,Anna,,FR,b\n"
    made = bring(text)
    assert people(made.shop) == [(["ana@example.com", "C1"], "Anna", "Paris", "FR", ["a", "b"])]
    assert (counted(made), made.told) == ((1, 0, 0, 0), {(3, "same_customer"), (4, "same_customer")})


def test_one_address_in_a_thousand_rows_is_one_person(bring):
    rows = "".join(f",same@example.com,,Name {number},,,\n" for number in range(1_000))
    made = bring(HEADING + rows)
    assert people(made.shop) == [(["same@example.com"], "Name 999", "", "", [])]
    assert (counted(made), len(made.told)) == ((1, 0, 0, 0), 999)


@pytest.mark.parametrize(
    ("match", "known", "told"),
    [
        # The address is of somebody without a number, who by the rules of orders would get it.
        ("auto", [(["ana@example.com", "C9", "+442079460958"], "Ana")], set()),
        ("customer_id", [(["ana@example.com", "+442079460958"], "Ana"), (["C9"], "Anna")], {(2, "identifier_taken")}),
        ("email", [(["ana@example.com", "C9", "+442079460958"], "Ana")], set()),
        ("phone", [(["ana@example.com", "C9", "+442079460958"], "Ana")], set()),
    ],
)
def test_customers_are_matched_as_chosen(bring, match, known, told):
    bring(HEADING + ",ana@example.com,+442079460958,Ana,,,\n")
    made = bring(HEADING + "C9,ana@example.com,+442079460958,Anna,,,\n", match=match)
    assert [(identifiers, name) for identifiers, name, *_ in people(made.shop)] == sorted(known)
    assert made.told == told


def test_who_is_matched_by_address_gets_no_second_number(bring):
    bring(HEADING + "C1,ana@example.com,,Ana,,,\n")
    made = bring(HEADING + "C2,ana@example.com,,,Rome,,\n", match="email")
    assert people(made.shop) == [(["ana@example.com", "C1"], "Ana", "Rome", "", [])]
    assert made.told == {(2, "second_number")}


@pytest.mark.parametrize(
    ("match", "rejected"),
    [
        ("customer_id", [(3, "missing_value"), (4, "missing_value"), (5, "names_nobody")]),
        ("email", [(2, "missing_value"), (4, "invalid_email"), (5, "names_nobody")]),
        ("auto", [(5, "names_nobody")]),
    ],
)
def test_rows_without_that_by_which_they_are_matched_are_left_out(bring, match, rejected):
    text = HEADING + "C1,,,,,,\n,bo@example.com,,,,,\n,ana@,+442079460958,,,,\n,Guest,,Nobody,,,\n"
    made = bring(text, match=match)
    assert made.rejected == rejected
    assert made.people == 4 - len(rejected)


def test_several_addresses_in_a_cell(bring):
    bring(HEADING + ",b@example.com,,Bea,,,\n")
    made = bring(
        HEADING
        + "C1,a@example.com; b2@example.com ;broken@,,Ana,,,\n"
        + ",new@example.com;b@example.com,,,Rome,,\n"
        + '"C3","c@example.com, d@example.com",,Cy,,,\n'
    )
    assert people(made.shop) == [
        (["C3"], "Cy", "", "", []),
        (["a@example.com", "b2@example.com", "C1"], "Ana", "", "", []),
        (["b@example.com", "new@example.com"], "Bea", "Rome", "", []),
    ]
    assert made.told == {(2, "invalid_email"), (4, "several_emails")}


def test_words_for_nothing_are_no_city_country_or_tag(bring):
    made = bring(
        HEADING
        + 'C1,,,Ana,NULL,n/a,NULL\nC2,,,Bo,-,None,"nan;vip;None,无"\nC3,,,Cy,无,—,--\n'
        + 'C4,,,NULL,Null,NA,Nan\nC5,,,Eve,Nan,TH,"""NULL"""\n'
    )
    assert people(made.shop) == [
        (["C1"], "Ana", "", "", []),
        (["C2"], "Bo", "", "", ["vip"]),
        (["C3"], "Cy", "", "", []),
        (["C4"], "NULL", "Null", "NA", ["Nan"]),
        (["C5"], "Eve", "Nan", "TH", ["NULL"]),
    ]
    assert (made.told, made.rejected) == (set(), [])


def test_a_file_of_ours_has_no_words_for_nothing(bring):
    heading = "customer_id,city,tags,exported_by,exported_at\n"
    made = bring(heading + "C1,None,NULL; -,Ana,2026-05-11\n")
    assert people(made.shop) == [(["C1"], "", "None", "", ["-", "NULL"])]


NAMES = "email,Billing name,First name,Last name\n"


@pytest.mark.parametrize(
    ("rows", "names"),
    [
        ("a@example.com,,Ana,Lee\nb@example.com,,Bo,\nc@example.com,ACME Ltd,Cy,Dee\n", ["Ana Lee", "Bo", "Cy Dee"]),
        ("a@example.com,Ana Lee,,\nb@example.com,,Bo,\nc@example.com,Cy,Cyd,Dee\n", ["Ana Lee", "Bo", "Cy"]),
        ("a@example.com,NULL,Ana,Lee\nb@example.com,-,Bo,Chen\nc@example.com,None,Cy,\n", ["Ana Lee", "Bo Chen", "Cy"]),
    ],
)
def test_of_several_columns_for_a_name_the_fuller_counts_and_then_the_other(bring, rows, names):
    made = bring(NAMES + rows)
    assert [name for _, name, *_ in people(made.shop)] == names


@pytest.mark.parametrize(
    ("heading", "rows", "found"),
    [
        ("customer_id,email,mail", "C1,,a@example.com\nC2,x@example.com,b@example.com\nC3,,c@example.com\n", "abc"),
        ("customer_id,email,mail", "C1,a@example.com,x@example.com\nC2,b@example.com,\nC3,,c@example.com\n", "abc"),
        ("customer_id,email,mail", "C1,N/A,a@example.com\nC2,-,b@example.com\nC3,c@example.com,\n", "abc"),
    ],
)
def test_of_several_columns_for_an_email_the_fuller_counts_and_then_the_other(bring, heading, rows, found):
    made = bring(f"{heading}\n{rows}")
    assert [values[1] for values, *_ in people(made.shop)] == [f"C{number}" for number in (1, 2, 3)]
    assert [values[0] for values, *_ in people(made.shop)] == [f"{letter}@example.com" for letter in found]


def test_too_many_and_too_long_tags_cost_the_tags_not_the_row(bring):
    many = ";".join(f"t{number}" for number in range(10_000))
    made = bring(HEADING + f"C1,,,Ana,,,{many}\nC2,,,Bo,,,{'x' * 61}\nC3,,,Cy,,,{'x' * 60}\n")
    assert [tags for *_, tags in people(made.shop)] == [[], [], ["x" * 60]]
    assert made.told == {(2, "too_many_tags"), (3, "tag_too_long")}


def test_a_column_of_something_else_is_not_taken_for_tags(bring, monkeypatch):
    monkeypatch.setattr("customers.imports.people.MAX_TAGS", 3)
    made = bring(HEADING + "C1,,,,,,a;b\nC2,,,,,,c;d\n")
    assert (made.job.state, made.job.error["code"], made.people) == ("failed", "too_many_different_tags", 0)


def test_formulas_and_numbers_of_spreadsheets(bring):
    made = bring(
        HEADING
        + '"=""00123""",,,"=HYPERLINK(""x"")",,,\n'
        + "8.2E+17,x@example.com,,,,,\n"
        + "1234567890123450000,y@example.com,,,,,\n1234567890123460000,z@example.com,,,,,\n"
    )
    assert people(made.shop)[0][:2] == (["00123"], '=HYPERLINK("x")')
    assert made.told >= {(3, "scientific_id"), (4, "rounded_customer_numbers")}


def test_masked_contacts_are_told_and_name_nobody(bring):
    made = bring(HEADING + "C1,,138****8001,Ana,,,\n,,138****8001,Bo,,,\n")
    assert (made.told, made.rejected, made.people) == ({(2, "masked_phone")}, [(3, "names_nobody")], 1)


def test_an_empty_column_of_order_numbers_does_not_make_orders_of_customers(bring):
    made = bring("Order number,Date,Email,Name,City\n,2026-05-01,ana@example.com,Ana,Paris\n")
    assert (made.job.kind, made.people, made.rejected) == ("customers", 1, [])


@pytest.mark.parametrize(
    ("heading", "kind"),
    [
        ("order_id,ordered_at,email", "orders"),
        ("order_id,email,name", "orders"),
        ("email,sku,price", "orders"),
        ("E-Mail,Beleg,Stand,Preis", "orders"),
        ("ordered_at,email", "orders"),
        ("email", "customers"),
        ("id,email,created at,total", "orders"),
        ("id,email,created at,city", "customers"),
        ("Email,First name,Last name,Note", "customers"),
        ("手机号,姓名,城市", "customers"),
        ("sku,title", "products"),
        ("SKU,Name,Price", "products"),
        ("商品编码,商品名称", "products"),
        ("order_id,sku,quantity", "orders"),
        ("a,b,c", "orders"),
    ],
)
def test_what_a_file_is_a_list_of_is_seen_in_its_heading(bring, heading, kind):
    made = bring(heading + "\n" + ",".join("x" for _ in heading.split(",")) + "\n")
    assert made.job.kind == kind


def test_other_shops_are_neither_matched_nor_touched(bring, other_shop):
    bring(HEADING + "C1,ana@example.com,,Ana,,,VIP\n", slug="theirs")
    made = bring(HEADING + "C1,ana@example.com,,Anna,,,VIP\n", slug="ours", policies={"name": "overwrite"})
    theirs = bring(HEADING + "C1,,,,,,\n", slug="theirs")
    assert people(made.shop) == [(["ana@example.com", "C1"], "Anna", "", "", ["VIP"])]
    assert people(theirs.shop) == [(["ana@example.com", "C1"], "Ana", "", "", ["VIP"])]
    assert counted(made) == (1, 0, 0, 0)


def test_each_row_of_the_shop_is_in_the_journal(bring):
    bring(HEADING + "C1,ana@example.com,,Ana,,,old\nC3,,,Cy,,,\n")
    made = bring(HEADING + "C1,,+442079460958,Anna,,,new\nC2,,,Bo,,,\nC3,,,,,,\n", policies={"name": "overwrite"})
    with shop_scope(made.shop):
        changes = list(
            ImportChange.objects.filter(job=made.job)
            .order_by("kind", "row_id")
            .values_list("kind", "outcome", "before")
        )
    kinds = [(kind, outcome) for kind, outcome, _ in changes]
    assert sorted(kinds) == [(3, 1), (3, 2), (3, 3), (4, 1), (6, 1), (7, 1)]
    (before,) = [before for _, outcome, before in changes if outcome == 2]
    assert {name: before[name] for name in ("name", "city", "country")} == {"name": "Ana", "city": "", "country": ""}


def queued(shop, text):
    with shop_scope(shop):
        job = upload_import(shop, ContentFile(text.encode(), "list.csv"), by=None, now=timezone.now())
        request_run(job, by=None, now=timezone.now() - timedelta(hours=1))
    return job


def after_one_slice(error):
    def tell(share, step):
        if step == "writing":
            raise error

    return tell


@pytest.fixture
def small_slices(settings, tmp_path, monkeypatch):
    settings.MEDIA_ROOT = tmp_path
    monkeypatch.setattr(lists, "SLICE_ROWS", 1)


FOUR = HEADING + "C1,,,Ana,,,a\nC2,,,Bo,,,a\nC3,C1@example.com,,Cy,,,\n,c1@example.com,,Cyd,,,\n"


def test_a_run_goes_on_behind_the_last_slice(shop, small_slices):
    job = queued(shop, FOUR)
    with shop_scope(shop):
        first = ImportJob.claim_due()
    with pytest.raises(KeyboardInterrupt):
        run_job(first, shop, now=timezone.now(), tell=after_one_slice(KeyboardInterrupt))
    with shop_scope(shop):
        assert Customer.objects.count() == 1
        ImportJob.objects.update(lease_until=Now() - timedelta(seconds=1))
    IMPORTS.do_next(shop.pk)
    with shop_scope(shop):
        job.refresh_from_db()
        assert (job.state, Customer.objects.count(), CustomerTag.objects.count()) == ("done", 3, 2)
    assert [job.counts[name] for name in COUNTED] == [3, 0, 0, 0]
    assert job.counts["fields"]["name"] == {"filled": 0, "overwritten": 0, "kept": 1}


def test_a_cancelled_import_keeps_what_it_wrote(shop, small_slices):
    job = queued(shop, FOUR)
    with shop_scope(shop):
        running = ImportJob.claim_due()

    def cancel_once(share, step):
        if step == "writing":
            with shop_scope(shop):
                cancel_import(job, by=None)

    with pytest.raises(LeaseLost):
        run_job(running, shop, now=timezone.now(), tell=cancel_once)
    with shop_scope(shop):
        job.refresh_from_db()
        assert (job.state, Customer.objects.count()) == ("cancelled", 1)


def test_a_long_run_gives_way_between_slices(shop, other_shop, small_slices, monkeypatch):
    monkeypatch.setattr(actions, "TURN_SECONDS", 0)
    monkeypatch.setattr(actions, "TURN_READINGS", 0)
    job = queued(shop, FOUR)
    queued(other_shop, FOUR)
    IMPORTS.do_next(shop.pk)
    with shop_scope(shop):
        job.refresh_from_db()
        assert (job.state, job.cursor, Customer.objects.count()) == ("queued", 1, 1)


def test_rows_of_one_customer_in_several_slices_count_them_once(bring, small_slices):
    bring(HEADING + "C1,,,Ana,,,\nC2,,,Bo,,,\n")
    rows = "C1,,,,,,\nC1,,,,Paris,,\nC2,,,,,,\nC2,,,,,,\nC3,,,,,,\nC3,,,Cy,,,\n"
    made = bring(HEADING + rows)
    assert counted(made) == (1, 1, 1, 0)
    assert (made.counts["people_new"], made.counts["people_known"]) == (1, 2)


def test_a_run_that_goes_on_counts_no_customer_twice(shop, small_slices, monkeypatch):
    monkeypatch.setattr(actions, "TURN_SECONDS", 0)
    monkeypatch.setattr(actions, "TURN_READINGS", 0)
    monkeypatch.setattr(actions, "others_wait", lambda shop_id: True)
    job = queued(shop, HEADING + "C1,,,,,,\nC1,,,Ana,,,\nC1,,,Ana,,,\nC2,,,,,,\n")
    for _ in range(4):
        IMPORTS.do_next(shop.pk)
    with shop_scope(shop):
        job.refresh_from_db()
    assert (job.state, [job.counts[name] for name in COUNTED]) == ("done", [2, 0, 0, 0])


@pytest.mark.parametrize(
    ("options", "kind", "created"),
    [
        ([], "customers", 1),
        (["--kind", "customers", "--dry-run"], "customers", 1),
        (["--kind", "auto", "--preset", "auto"], "customers", 1),
    ],
)
def test_the_command_reports_lists_with_the_keys_of_orders(shop, settings, tmp_path, capsys, options, kind, created):
    settings.MEDIA_ROOT = tmp_path
    (tmp_path / "list.csv").write_text(HEADING + "C1,ana@example.com,,Ana,,,\n")
    call_command("import_file", shop.slug, str(tmp_path / "list.csv"), *options)
    report = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (report["kind"], report["preset"], report["rows"]) == (kind, "generic", 1)
    names = ("customers_created", "customers_changed", "customers_unchanged", "orders_created", "products_changed")
    assert [report[name] for name in names] == [created, 0, 0, 0, 0]
    assert (report["sums"], report["orders"], report["fields"]["name"]) == (
        {},
        0,
        {"filled": 0, "overwritten": 0, "kept": 0},
    )


@pytest.mark.parametrize("options", [[], ["--dry-run"]])
def test_the_command_names_the_entry_that_explains_a_row(shop, settings, tmp_path, capsys, options):
    settings.MEDIA_ROOT = tmp_path
    path = tmp_path / "orders.csv"
    rows = [("1", "bezahlt"), ("2", "paid"), ("3", "storniert"), ("4", "bezahlt")]
    lines = "".join(f"{number},2026-05-11,c1,3,{word}\n" for number, word in rows)
    path.write_text("order_id,ordered_at,customer_id,unit_price,status\n" + lines)
    call_command("import_file", shop.slug, str(path), *options)
    told = [line for line in capsys.readouterr().err.splitlines() if "In the mapping" in line]
    others = "or another of pending, paid, fulfilled, cancelled, refunded"
    assert told == [
        f"“{word}” is not a status we know. Say in the mapping what it means."
        f' In the mapping: {{"statuses": {{"{word}": "paid"}}}}, {others}'
        for word in ("bezahlt", "storniert")
    ]


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (SourceError("ambiguous_dates"), '{"date_order": "dmy"} or {"date_order": "mdy"} or {"date_order": "ymd"}'),
        (SourceError("encoding_unclear", candidates="gb18030, big5"), '{"encoding": …}'),
    ],
)
def test_what_a_file_leaves_open_names_its_entry(error, said):
    assert explained(error) == f"{describe_error(error)} In the mapping: {said}"
    assert explained(SourceError("empty_file")) == "The file is empty."


def test_the_command_takes_a_file_for_what_it_is_told(shop, settings, tmp_path, capsys):
    settings.MEDIA_ROOT = tmp_path
    path = tmp_path / "list.csv"
    path.write_text("email,name\nana@example.com,Ana\n")
    for kind in ("orders", "products"):
        with pytest.raises(CommandError, match="missing"):
            call_command("import_file", shop.slug, str(path), "--kind", kind)
    with pytest.raises(CommandError, match="missing"):
        call_command("import_orders", shop.slug, str(path))
    with pytest.raises(CommandError, match="not for a list of orders"):
        call_command("import_file", shop.slug, str(path), "--kind", "orders", "--preset", "klaviyo")
    with shop_scope(shop):
        assert Customer.objects.count() == 0
    mapping = tmp_path / "mapping.json"
    mapping.write_text(json.dumps({"match": "email", "policies": {"name": "overwrite"}}))
    call_command("import_file", shop.slug, str(path), "--kind", "customers", "--mapping", str(mapping))
    with shop_scope(shop):
        job = ImportJob.objects.latest("pk")
        assert (job.kind, job.mapping["match"], Customer.objects.get().name) == ("customers", "email", "Ana")


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"kind": "people"}, "kind must be one of"),
        ({"kind": "customers", "columns": {"order_id": "a"}}, "“order_id” is not one of"),
        ({"kind": "customers", "match": "name"}, "customers are not matched by name"),
        ({"kind": "customers", "policies": {"name": "erase"}}, "the policy of name must be one of"),
        ({"kind": "customers", "policies": {"email": "overwrite"}}, "the policy of email must be one of fill, keep"),
        ({"kind": "orders", "policies": {"name": "fill"}}, "no field of orders can have a policy"),
    ],
)
def test_a_mapping_that_cannot_be_says_why(said, reason):
    with pytest.raises(SourceError) as caught:
        Mapping.from_dict(said)
    assert caught.value.code == "mapping_invalid"
    assert reason in str(caught.value.params["reason"])


def test_erasing_a_customer_takes_their_cells_out_of_reports(bring):
    bring(HEADING + "C1,ana@example.com,,Ana,,,\n")
    made = bring(HEADING + "C1,ana@example.com,,Anna,,,\n")
    assert "ana@example.com" in str(made.counts)
    with shop_scope(made.shop):
        erase_personal_data(Customer.objects.get(), now=timezone.now())
        made.job.refresh_from_db()
    assert ("understood" in made.job.counts, "examples" in made.job.counts) == (False, False)
    assert made.job.counts["customers_unchanged"] == 1
