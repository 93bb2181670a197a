"""Consents in files of customers: what is read, what it may overturn, what is taken back."""

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.core import mail
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from crm.shops.models import Shop
from crm.tenancy.scope import shop_scope
from customers.consent.actions import add_topic, record_consents, suppress
from customers.consent.presenters import said_rows
from customers.consent.recording import ConsentIn, append, differences
from customers.domain.consent import UNDATED
from customers.imports import lists
from customers.imports.actions import choose_mapping, request_check, request_run, request_undo, upload_import
from customers.imports.presenters import job_page
from customers.imports.questions_page import questions
from customers.models import Consent, ConsentEvent, ConsentText, Customer, DuplicatePair, Identifier, Signup
from customers.sources import Mapping
from customers.tasks import IMPORTS

pytestmark = pytest.mark.django_db
NAUGHTY = json.loads((Path(__file__).parents[2] / "data" / "suites" / "blns.json").read_text(encoding="utf-8"))
MARKETING = "email,consent.email.marketing,consent.email.marketing.at\n"
DAY = timedelta(days=1)
TODAY = f"{timezone.now():%Y-%m-%d}"


def states(shop):
    """E-mail address, channel and purpose → state and day, "-" where nobody knows it."""
    with shop_scope(shop):
        rows = Consent.objects.values_list("customer_id", "channel", "purpose", "state", "at")
        emails = dict(Identifier.objects.filter(kind="email").values_list("customer_id", "value"))
        return {
            (emails[customer_id].partition("@")[0], f"{channel}.{purpose}"): (
                state,
                "-" if at == UNDATED else f"{at:%Y-%m-%d}",
            )
            for customer_id, channel, purpose, state, at in rows
        }


def events(shop):
    with shop_scope(shop):
        rows = ConsentEvent.objects.order_by("pk")
        return [(row.state, row.source, row.text_version, row.evidence, row.ip) for row in rows]


def clean(shop):
    with shop_scope(shop):
        return differences()[1] == []


def undo(shop, job):
    with shop_scope(shop):
        request_undo(job, by=None, now=timezone.now())
    IMPORTS.do_next(shop.pk)
    with shop_scope(shop):
        job.refresh_from_db()
    return job.undone


def test_states_with_dates_are_read_and_counted(bring):
    made = bring(
        MARKETING + "ana@example.com,granted,2026-01-02T10:00:00+00:00\n"
        "bo@example.com,withdrawn,2026-01-03T10:00:00+00:00\n"
        "cy@example.com,pending,2026-01-04T10:00:00+00:00\n"
        "di@example.com,,\n"
    )
    assert (made.job.kind, made.told) == ("customers", set())
    assert states(made.shop) == {
        ("ana", "email.marketing"): ("granted", "2026-01-02"),
        ("bo", "email.marketing"): ("withdrawn", "2026-01-03"),
        ("cy", "email.marketing"): ("pending", "2026-01-04"),
    }
    assert made.counts["consents"] == {
        "email.marketing": {"gained": 1, "lost": 0, "withdrawn": 1, "pending": 1, "kept": 0}
    }
    assert clean(made.shop)


def test_the_same_file_again_adds_nothing(bring):
    text = MARKETING + "ana@example.com,yes,2026-01-02\nbo@example.com,no,\ncy@example.com,yes,\n"
    shop = bring(text).shop
    before = events(shop)
    made = bring(text)
    assert events(shop) == before
    assert (made.counts["customers_changed"], made.counts["consents"]) == (0, {})


@pytest.mark.parametrize("at", [None, datetime(2026, 1, 3, 10, tzinfo=UTC)])
def test_who_says_no_themselves_has_said_it_whatever_becomes_of_the_file(bring, at):
    shop = bring(MARKETING + "ana@example.com,granted,2025-01-02T10:00:00+00:00\n").shop
    made = bring(MARKETING + "ana@example.com,withdrawn,2026-01-03T10:00:00+00:00\n")
    with shop_scope(shop):
        ana = Customer.objects.get()
        for _ in range(2):  # the second time it is no news
            record_consents([ConsentIn(ana.pk, "email", "marketing", "withdrawn", at)], by=None, now=timezone.now())
        assert ConsentEvent.objects.count() == 3
    undo(shop, made.job)
    assert {state for state, _ in states(shop).values()} == {"withdrawn"}


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("yes", "granted"), ("TRUE", "granted"), ("1", "granted"), ("Subscribed", "granted"), ("是", "granted"),
        ("OPTED_IN", "granted"), ("no", "withdrawn"), ("UNSUBSCRIBED", "withdrawn"), ("0", "withdrawn"),
        ("否", "withdrawn"), ("已退订", "withdrawn"), ("Pending", "pending"), ("待确认", "pending"),
        ("NEVER_SUBSCRIBED", None), ("-", None), ("null", None), ("", None),
    ],
)  # fmt: skip
def test_usual_words_are_understood(bring, word, state):
    made = bring(f"email,consent.email.marketing\nana@example.com,{word}\n")
    found = {key: each[0] for key, each in states(made.shop).items()}
    assert found == ({("ana", "email.marketing"): state} if state else {})


@pytest.mark.parametrize(
    ("known", "said", "wanted"),
    [
        ("withdrawn", ("yes", ""), "withdrawn"),  # without a date it overturns nothing
        ("withdrawn", ("yes", -2), "withdrawn"),  # it was said before
        ("withdrawn", ("yes", 0), "withdrawn"),  # at the very same time
        ("withdrawn", ("yes", 2), "granted"),
        ("pending", ("yes", ""), "pending"),
        ("granted", ("no", ""), "withdrawn"),  # said now
        ("granted", ("no", -2), "granted"),  # they have agreed again since
        ("granted", ("pending", ""), "granted"),
        ("granted", ("pending", 2), "pending"),
    ],
)
def test_a_file_overturns_only_what_was_said_before_its_date(bring, known, said, wanted):
    shop = bring("customer_id,email\nC1,ana@example.com\n").shop
    at = timezone.now().replace(microsecond=0) - 10 * DAY
    with shop_scope(shop):
        append([ConsentIn(Customer.objects.get().pk, "email", "marketing", known, at)], now=timezone.now())
    word, days = said
    date = (at + days * DAY).isoformat() if days != "" else ""
    made = bring(MARKETING + f"ana@example.com,{word},{date}\n")
    assert [state for state, _ in states(shop).values()] == [wanted]
    counted = made.counts["consents"]["email.marketing"]
    assert counted["kept"] == int(wanted == known)
    assert counted["lost"] == int(known == "granted" and wanted != known)
    assert clean(shop)


def test_a_withdrawal_that_becomes_known_later_overturns_a_grant_without_a_date(bring):
    shop = bring("email,consent.email.marketing\nana@example.com,yes\n").shop
    assert states(shop) == {("ana", "email.marketing"): ("granted", "-")}
    with shop_scope(shop):
        old = datetime(2001, 1, 1, tzinfo=UTC)
        append([ConsentIn(Customer.objects.get().pk, "email", "marketing", "withdrawn", old)], now=timezone.now())
    assert states(shop) == {("ana", "email.marketing"): ("withdrawn", "2001-01-01")}


def test_of_several_rows_of_one_person_the_strictest_counts_where_nobody_knows_when(bring):
    made = bring(
        "customer_id,email,consent.email.marketing\nC1,ana@example.com,yes\nC1,,no\nC1,,yes\nC2,bo@example.com,yes\nC2,,pending\n"
    )
    assert {key[0]: state for key, (state, _) in states(made.shop).items()} == {"ana": "withdrawn", "bo": "pending"}


def test_of_a_day_alone_a_withdrawal_counts_from_its_last_second(bring):
    shop = bring(
        MARKETING + "ana@example.com,no,2026-01-02\nbo@example.com,yes,2026-01-02\n", zone="Asia/Shanghai"
    ).shop
    with shop_scope(shop):
        found = list(Consent.objects.order_by("state").values_list("state", "at"))
    assert found == [
        ("granted", datetime(2026, 1, 1, 16, tzinfo=UTC)),
        ("withdrawn", datetime(2026, 1, 2, 15, 59, 59, tzinfo=UTC)),
    ]


def test_what_lies_in_the_future_is_no_grant_and_a_withdrawal_now(bring):
    later = (timezone.now() + timedelta(hours=5)).isoformat()
    made = bring(
        MARKETING + f"ana@example.com,yes,{later}\nbo@example.com,no,2099-01-01\ncy@example.com,yes,2099-01-01\n"
    )
    assert {key[0]: state for key, (state, _) in states(made.shop).items()} == {"bo": "withdrawn"}
    assert made.told == {(2, "date_in_future"), (3, "date_in_future"), (4, "date_in_future")}
    with shop_scope(made.shop):
        assert Consent.objects.get().at <= timezone.now()


def test_a_yes_alone_has_the_file_as_its_evidence(bring):
    made = bring("email,Accepts Marketing\nana@example.com,yes\n")
    assert events(made.shop) == [
        ("granted", "import", "", "file file.csv, row 2, column “Accepts Marketing”: yes", None)
    ]
    with shop_scope(made.shop):
        assert [(row.source, row.at) for row in said_rows(Customer.objects.get())] == [
            ("came with an imported file", None)
        ]
        assert "its name, row and column are kept as the evidence" in " ".join(
            job_page(made.job, made.shop)["consent_notes"]
        )


def test_a_shop_may_have_a_yes_alone_confirmed(bring):
    heading = "email,consent.email.marketing,consent.email.marketing.evidence\n"
    made = bring(heading + "ana@example.com,yes,\nbo@example.com,yes,ticket 7\n", consent_grants="pending")
    assert {key[0]: state for key, (state, _) in states(made.shop).items()} == {"ana": "pending", "bo": "granted"}


def test_columns_of_evidence_are_kept(bring):
    shop = bring("email\nx@example.com\n", said={"kind": "customers"}).shop
    with shop_scope(shop):
        text = ConsentText.objects.create(
            shop=shop, version="v2", language="en", body="Yes, mail me.", created_at=timezone.now()
        )
    parts = ("", ".at", ".source", ".text_version", ".evidence", ".ip")
    heading = "email," + ",".join(f"consent.email.marketing{part}" for part in parts)
    made = bring(
        f"{heading}\nana@example.com,yes,2026-01-02,till,v2,receipt 7,2001:DB8::1\nbo@example.com,yes,,,,,no ip\n"
    )
    assert events(shop)[0] == ("granted", "till", "v2", "receipt 7", "2001:db8::1")
    assert made.told == {(3, "invalid_ip")}
    with shop_scope(shop):
        assert ConsentEvent.objects.earliest("pk").text == text


@pytest.mark.parametrize(
    ("heading", "row", "wanted", "evidence"),
    [
        (
            "First Name,Last Name,Email,Accepts Email Marketing,Total Spent,Total Orders",
            "A,L,ana@example.com,yes,1,1",
            {"email.marketing": ("granted", "-")},
            "file file.csv, row 2, column “Accepts Email Marketing”: yes",
        ),
        (
            "Email,Klaviyo ID,First Name,Email Marketing Consent,Email Marketing Consent Timestamp",
            "ana@example.com,k,A,SUBSCRIBED,2026-01-02 10:00:00",
            {"email.marketing": ("granted", "2026-01-02")},
            "file file.csv, row 2, column “Email Marketing Consent”: SUBSCRIBED",
        ),
        (
            "Email Address,First Name,MEMBER_RATING,OPTIN_TIME,OPTIN_IP,CONFIRM_TIME,CONFIRM_IP,LEID",
            "ana@example.com,A,2,2026-01-01 09:00:00,192.0.2.1,2026-01-02 10:00:00,192.0.2.2,1",
            {"email.marketing": ("granted", "2026-01-02")},
            "OPTIN_TIME: 2026-01-01 09:00:00, OPTIN_IP: 192.0.2.1",
        ),
        (
            "ID,user_login,user_email,first_name,last_name,user_registered,newsletter",
            "7,ana,ana@example.com,A,L,2025-01-01,no",
            {"email.marketing": ("withdrawn", TODAY)},
            "file file.csv, row 2, column “newsletter”: no",
        ),
        (
            "邮箱,姓名,接受邮件营销,接受短信营销",
            "ana@example.com,安,是,否",
            {"email.marketing": ("granted", "-"), "sms.marketing": ("withdrawn", TODAY)},
            "file file.csv, row 2, column “接受邮件营销”: 是",
        ),
    ],
)
def test_exports_of_storefronts_and_mailing_services(bring, heading, row, wanted, evidence):
    made = bring(f"{heading}\n{row}\n")
    assert made.job.kind == "customers"
    assert {name: each for (_, name), each in states(made.shop).items()} == wanted
    assert events(made.shop)[0][3] == evidence


SHOPIFY = "First Name,Last Name,Email,Total Spent,Total Orders"


@pytest.mark.parametrize(
    "heading",
    [
        f"{SHOPIFY},Accepts Email Marketing,Accepts Email Marketing Updated At",
        f"{SHOPIFY},Accepts Email Marketing,Email Marketing Consent Updated At",
        "a,b,email,c,d,Accepts Email Marketing,Email Consent Date",
    ],
)
@pytest.mark.parametrize(("own", "said"), [("", "no"), (".withdrawn_at", "2026-02-03")])
def test_a_column_called_as_ours_goes_before_that_of_a_storefront(bring, heading, own, said):
    made = bring(f"{heading},Consent.Email.Marketing{own}\nA,L,ana@example.com,1,1,yes,2026-01-02,{said}\n")
    assert {state for state, _ in states(made.shop).values()} == {"withdrawn"}
    assert [each[3] for each in events(made.shop)] == [
        f"file file.csv, row 2, column “Consent.Email.Marketing{own}”: {said}"
    ]
    with shop_scope(made.shop):
        unread = job_page(made.job, made.shop)["unread"]
    assert "Accepts Email Marketing" in unread.headings
    assert unread.own_consent == f"Consent.Email.Marketing{own}"


def test_a_word_that_cannot_be_read_in_a_column_called_as_ours_is_asked(bring):
    made = bring(f"{SHOPIFY},Accepts Email Marketing,consent.email.marketing\nA,L,ana@example.com,1,1,yes,perhaps\n")
    assert [each.entry for each in made.questions] == ["consent_words.perhaps"]


def test_a_column_called_as_our_evidence_goes_beside_that_of_a_storefront(bring):
    heading = f"{SHOPIFY},Accepts Email Marketing,consent.email.marketing.source,consent.sms.marketing"
    made = bring(f"{heading}\nA,L,ana@example.com,1,1,yes,till,no\n")
    assert [each[:2] for each in events(made.shop)] == [("granted", "till"), ("withdrawn", "import")]


def test_what_the_mapping_names_goes_before_a_column_called_as_ours(bring):
    text = "email,Texts?,consent.email.marketing\nana@example.com,no,yes\n"
    mapping = {"kind": "customers", "columns": {"email": "email"}, "consents": {"consent.email.marketing": "Texts?"}}
    made = bring(text, said=mapping)
    assert [state for state, _ in states(made.shop).values()] == ["withdrawn"]


def test_a_row_of_mailchimp_that_nobody_confirmed_is_no_consent(bring):
    heading = "Email Address,First Name,MEMBER_RATING,OPTIN_TIME,OPTIN_IP,CONFIRM_TIME,CONFIRM_IP,LEID\n"
    made = bring(heading + "ana@example.com,A,2,2026-01-01 09:00:00,192.0.2.1,,,1\nbo@example.com,B,2,,,soon,,2\n")
    assert states(made.shop) == {}
    assert made.told == {(3, "invalid_date")}


def test_unknown_channels_and_topics_are_told_once_and_topics_of_the_shop_are_read(bring):
    shop = bring("email\nx@example.com\n", said={"kind": "customers"}).shop
    with shop_scope(shop):
        add_topic("Tea-news", "Tea", by=None, now=timezone.now())
    names = ("email.topic:tea-news", "email.topic:pots", "pigeon.marketing", "email.service", "email.marketing.mood")
    heading = "email," + ",".join(f"consent.{name}" for name in names)
    made = bring(f"{heading}\nana@example.com,yes,yes,yes,yes,yes\nbo@example.com,yes,yes,yes,yes,yes\n")
    assert {name for _, name in states(shop)} == {"email.topic:Tea-news"}
    assert made.told == {(1, "unknown_consent")}
    with shop_scope(shop):
        told = made.job.rejected_rows.order_by("pk").values_list("params__value", flat=True)
        assert list(told) == list(names[1:])


def test_words_that_are_not_clear_are_asked_once(bring):
    text = "email,consent.email.marketing\nana@example.com,perhaps\nbo@example.com,PERHAPS\ncy@example.com,double opt\n"
    made = bring(text)
    assert [(each.entry, each.samples) for each in made.questions] == [
        ("consent_words.perhaps", ("perhaps",)),
        ("consent_words.double opt", ("double opt",)),
    ]
    assert [each.label for each in questions(made.job, made.shop)] == [
        "What does “perhaps” in “consent.email.marketing” mean?",
        "What does “double opt” in “consent.email.marketing” mean?",
    ]
    made = bring(text, consent_words={"perhaps": "none", "double opt": "granted"})
    assert states(made.shop) == {("cy", "email.marketing"): ("granted", "-")}
    again = bring(text)  # what was said of a file with these headings holds for the next one
    assert (again.questions, again.job.state) == ([], "done")


def test_a_column_of_something_else_is_told_and_says_nothing(bring):
    rows = "".join(f"person{n}@example.com,remark {n}\n" for n in range(20))
    made = bring("email,consent.email.marketing\n" + rows)
    assert (made.people, states(made.shop)) == (20, {})
    assert made.told == {(n + 2, "unknown_consent_word") for n in range(20)}


def test_hostile_words_grant_nothing(bring):
    text = io.StringIO()
    parts = ("", ".at", ".source", ".text_version", ".evidence", ".ip")
    csv.writer(text).writerow(["email", *(f"consent.email.marketing{part}" for part in parts)])
    csv.writer(text).writerows([f"person{n}@example.com", *[each] * len(parts)] for n, each in enumerate(NAUGHTY))
    made = bring(text.getvalue().encode("utf-8", "surrogatepass"))
    assert made.job.state == "done"
    granted = [row for row in events(made.shop) if row[0] == "granted"]
    assert len(granted) == sum(each.strip().casefold() in ("true", "1") for each in NAUGHTY)
    assert clean(made.shop)


def test_a_dry_run_says_consents_conflicts_and_suppressed_addresses(bring, monkeypatch):
    monkeypatch.setattr(lists, "SLICE_ROWS", 2)
    shop = bring(MARKETING + "ana@example.com,yes,2026-01-01\nbo@example.com,yes,2026-01-01\n").shop
    bring("email,phone\nana@example.com,\ncy@example.com,+442079460958\n")
    with shop_scope(shop):
        suppress([("email", "ana@example.com"), ("email", "no@example.com")], "block_list", now=timezone.now())
        text = (
            "customer_id,email,phone,consent.email.marketing,consent.email.marketing.at\n"
            "C1,ana@example.com,+442079460958,no,2026-02-01\nC2,new@example.com,,yes,2026-02-01\nC3,no@example.com,,yes,\n"
        )
        job = upload_import(shop, ContentFile(text.encode(), "list.csv"), by=None, now=timezone.now())
        request_check(job, by=None, now=timezone.now())
    IMPORTS.do_next(shop.pk)
    with shop_scope(shop):
        job.refresh_from_db()
        forecast = job.forecast
        assert (forecast["conflicts"], forecast["suppressed_addresses"]) == (1, 2)
        assert forecast["consents"] == {
            "email.marketing": {"gained": 2, "lost": 1, "withdrawn": 1, "pending": 0, "kept": 0}
        }
        assert (DuplicatePair.objects.count(), ConsentEvent.objects.count()) == (0, 2)
        request_run(job, by=None, now=timezone.now())
    IMPORTS.do_next(shop.pk)
    with shop_scope(shop):
        job.refresh_from_db()
        assert job.counts == forecast
        assert DuplicatePair.objects.count() == 1


def test_undoing_gives_each_what_counted_before_and_keeps_what_they_said_since(bring, capsys):
    shop = bring(MARKETING + "ana@example.com,yes,2026-01-01\nbo@example.com,yes,2026-01-01\n").shop
    before = states(shop)
    made = bring(
        MARKETING + "ana@example.com,no,\nbo@example.com,no,2026-02-01\ncy@example.com,yes,\ndi@example.com,yes,\n"
    )
    with shop_scope(shop):
        di = Identifier.objects.get(value="di@example.com").customer_id
        append([ConsentIn(di, "sms", "marketing", "granted")], now=timezone.now())
    result = undo(shop, made.job)
    assert (result["consents_removed"], result["customers_removed"], result["kept"]) == (4, 1, 1)
    today = f"{timezone.now():%Y-%m-%d}"
    assert states(shop) == before | {("di", "sms.marketing"): ("granted", today)}
    call_command("check_consents", shop.slug)
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["differences"] == 0
    with shop_scope(shop):
        left = ConsentEvent.objects.filter(customer=None).values_list("source", "evidence", "ip")
        assert list(left) == [("", "", None)] * 4


def test_what_a_later_import_has_said_too_stays_when_the_first_is_undone(bring):
    first = bring(MARKETING + "ana@example.com,yes,2026-01-01\nbo@example.com,yes,\n")
    bring(MARKETING + "ana@example.com,yes,2026-01-01\nbo@example.com,yes,\n")
    result = undo(first.shop, first.job)
    assert result["consents_removed"] == 0
    assert {key[0]: state for key, (state, _) in states(first.shop).items()} == {"ana": "granted", "bo": "granted"}


def test_no_import_writes_to_anybody(bring):
    bring("email,suppression reason\nno@example.com,blocked\n")
    made = bring(MARKETING + "ana@example.com,pending,2026-01-01\nbo@example.com,yes,2026-01-01\nno@example.com,yes,\n")
    undo(made.shop, made.job)
    assert mail.outbox == []
    with shop_scope(made.shop):
        assert not Signup.objects.exists()


def test_the_pages_show_consents_and_ask_how_to_take_a_yes_alone(client, shop, owner, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    client.force_login(owner)
    text = MARKETING + "ana@example.com,yes,2026-01-01\n"
    with shop_scope(shop):
        job = upload_import(shop, ContentFile(text.encode(), "list.csv"), by=None, now=timezone.now())
        choose_mapping(job, preset=job.preset, mapping=Mapping.from_dict(job.mapping))
    url = reverse("imports:job", args=[shop.slug, job.pk])
    columns = client.get(f"{url}?columns=1").content.decode()
    assert "without date or proof" in columns
    sent = {
        "kind": "customers",
        "preset": "generic",
        "field_email": "email",
        "match": "auto",
        "consent_grants": "pending",
    }
    assert client.post(url, sent).status_code == 302
    with shop_scope(shop):
        job.refresh_from_db()
    assert job.mapping["consent_grants"] == "pending"
    IMPORTS.do_next(shop.pk)
    page = client.get(url).content.decode()
    assert "E-mail: Marketing" in page
    assert "E-mail: Marketing (said on)" in page
    assert "Bring your block list" in page
    client.post(reverse("imports:run", args=[shop.slug, job.pk]))
    IMPORTS.do_next(shop.pk)
    assert "E-mail: Marketing" in client.get(url).content.decode()
    assert (
        "1 thing that customers said" in client.get(reverse("imports:undo", args=[shop.slug, job.pk])).content.decode()
    )


def test_an_opt_out_column_withdraws_where_it_says_yes_and_says_nothing_where_it_says_no(bring):
    out = ("true", "TRUE", "yes", "1", "Y", "x", "✓", "opted out", "是", "ja", "manual", "2026-01-02")
    not_out = ("false", "no", "0", "", "-", "NULL", "never", "subscribed", "否", "nein", "0000-00-00")
    rows = "".join(f"p{n}@example.com,Ana,{cell}\n" for n, cell in enumerate((*out, *not_out)))
    made = bring("email,name,Email Opt Out\n" + rows)
    found = states(made.shop)
    assert {key[0] for key in found} == {f"p{n}" for n in range(len(out))}
    assert {state for state, _ in found.values()} == {"withdrawn"}
    assert found["p11", "email.marketing"] == ("withdrawn", "2026-01-02")
    assert made.told == {(7, "unclear_opt_out"), (8, "unclear_opt_out")}
    assert made.counts["consents"]["email.marketing"]["gained"] == 0


def test_when_somebody_has_opted_out_is_read_and_words_that_mean_no_are_no_withdrawal(bring):
    cells = ("2026-03-02 10:00:00", "yes", "", "no", "0", "N/A", "soon")
    rows = "".join(f"p{n}@example.com,Ana,{cell}\n" for n, cell in enumerate(cells))
    made = bring("email,name,Unsubscribed at\n" + rows, said={"kind": "customers", "columns": {"email": "email"},
        "consents": {"consent.email.marketing.withdrawn_at": "Unsubscribed at"}})  # fmt: skip
    assert {key[0]: day for key, (_, day) in states(made.shop).items()} == {
        "p0": "2026-03-02",
        "p1": TODAY,
        "p6": TODAY,
    }
    assert made.told == {(8, "invalid_date")}


@pytest.mark.parametrize(
    ("text", "email", "sms"),
    [
        (  # HubSpot and Salesforce
            "First Name,Email,Unsubscribed from all email,Opted out of email: Offers,Email Opt Out\n"
            "Ana,ana@example.com,false,true,FALSE\nBo,bo@example.com,,,TRUE\nCy,cy@example.com,false,,FALSE\n",
            {"ana": "withdrawn", "bo": "withdrawn"},
            {},
        ),
        (
            "CONTACT ID;EMAIL;FIRSTNAME;SMS;OPT_IN;DOUBLE_OPT-IN;ADDED_TIME;Email unsubscribed;Email blocklisted\n"
            "1;ana@example.com;Ana;33612345678;Yes;1;01-03-2026;No;No\n"
            "2;bo@example.com;Bo;33612345679;Yes;1;01-03-2026;No;Yes\n",
            {"ana": "granted", "bo": "withdrawn"},
            {},
        ),
        (
            "uuid,email,name,attributes,status\n1,ana@example.com,Ana,{},enabled\n2,bo@example.com,Bo,{},blocklisted\n"
            "3,cy@example.com,Cy,{},disabled\n",
            {"bo": "withdrawn", "cy": "withdrawn"},
            {},
        ),
        (
            "Email,First Name,Subscription Status,Unsubscribed at\nana@example.com,Ana,Subscribed,\n"
            "bo@example.com,Bo,Unsubscribed,2026-03-02 10:00:00\ncy@example.com,Cy,Non-Subscribed,\n",
            {"ana": "granted", "bo": "withdrawn"},
            {},
        ),
        (
            "email,firstName,emailStatus,emailStatusDate,smsStatus\n"
            "ana@example.com,Ana,subscribed,2026-03-01,nonSubscribed\nbo@example.com,Bo,unsubscribed,2026-03-02,unsubscribed\n",
            {"ana": "granted", "bo": "withdrawn"},
            {"bo": "withdrawn"},
        ),
        (  # what is suppressed now is so, whenever they had agreed
            "Email,Klaviyo ID,Email Marketing Consent,Email Marketing Consent Timestamp,Email Suppressions\n"
            "ana@example.com,1,SUBSCRIBED,2026-03-01,\nbo@example.com,2,SUBSCRIBED,2026-03-01,USER_SUPPRESSED\n"
            "cy@example.com,3,SUBSCRIBED,2026-03-01,\"['SPAM_COMPLAINT', 'HARD_BOUNCE']\"\n",
            {"ana": "granted", "bo": "withdrawn", "cy": "withdrawn"},
            {},
        ),
        (  # a storefront's list with a column of the shop's own, and one called as ours
            "First Name,Last Name,Email,Total Spent,Total Orders,Accepts Email Marketing,Do not email\n"
            "A,L,ana@example.com,1,1,yes,\nB,L,bo@example.com,1,1,yes,yes\n",
            {"ana": "granted", "bo": "withdrawn"},
            {},
        ),
        (
            "email,name,Unsubscribed from all email,consent.email.marketing\nana@example.com,Ana,true,yes\n"
            "bo@example.com,Bo,false,yes\n",
            {"ana": "withdrawn", "bo": "granted"},
            {},
        ),
        (
            "email,name,accepts marketing,accepts sms marketing,已退订,Do Not Contact\n"
            "ana@example.com,Ana,yes,yes,是,\n"
            "bo@example.com,Bo,yes,yes,,1\n",
            {"ana": "withdrawn", "bo": "withdrawn"},
            {"ana": "granted", "bo": "withdrawn"},
        ),
    ],
)  # fmt: skip
def test_who_has_opted_out_is_not_written_to(bring, text, email, sms):
    made = bring(text)
    assert made.job.kind == "customers"
    for name, wanted in (("email.marketing", email), ("sms.marketing", sms)):
        assert {key[0]: state for key, (state, _) in states(made.shop).items() if key[1] == name} == wanted
    assert clean(made.shop)


@pytest.mark.parametrize("name", ["consent.email.marketing", "consent.email.marketing.opt_out"])
@pytest.mark.parametrize("heading", ["Email Opt Out", "Opted out of email: Offers"])
def test_a_column_of_who_has_opted_out_is_read_so_for_whatever_it_is_chosen(bring, name, heading):
    said = {"kind": "customers", "columns": {"email": "email"}, "consents": {name: heading}}
    made = bring(f"email,{heading}\nana@example.com,TRUE\nbo@example.com,FALSE\n", said=said)
    assert {key[0]: state for key, (state, _) in states(made.shop).items()} == {"ana": "withdrawn"}


def test_any_column_can_be_chosen_as_one_of_who_has_opted_out(bring):
    said = {"kind": "customers", "columns": {"email": "email"}, "consents": {"consent.sms.marketing.opt_out": "STOP"}}
    made = bring("email,STOP\nana@example.com,yes\nbo@example.com,no\n", said=said)
    assert {key: state for key, (state, _) in states(made.shop).items()} == {("ana", "sms.marketing"): "withdrawn"}


def test_of_an_opt_out_with_a_date_and_a_later_consent_the_later_counts(bring):
    heading = "email,name,email consent,email consent date,Email opt out date"
    made = bring(
        f"{heading}\nana@example.com,Ana,yes,2026-02-01,2026-01-01\nbo@example.com,Bo,yes,2026-01-01,2026-02-01\n"
    )
    assert {key[0]: state for key, (state, _) in states(made.shop).items()} == {"ana": "granted", "bo": "withdrawn"}


def test_the_command_names_columns_that_may_say_who_can_be_written_to(shop, tmp_path, capsys):
    path = tmp_path / "people.csv"
    path.write_text("email,name,Opt-in,Notes\nana@example.com,Ana,yes,no\n", encoding="utf-8")
    call_command("import_file", shop.slug, str(path), "--dry-run")
    told = capsys.readouterr().err
    assert "The column “Opt-in” may say who can be written to, and is not read." in told
    assert '{"consents": {"consent.email.marketing": "Opt-in"}}' in told
    assert "Notes" not in told


SECOND = "2026-01-02T10:00:00+00:00"


@pytest.mark.parametrize("stricter", ["withdrawn", "pending"])
@pytest.mark.parametrize("is_first", [True, False])
@pytest.mark.parametrize("apart", [True, False])
def test_of_two_words_of_one_second_the_strictest_counts(bring, monkeypatch, stricter, is_first, apart):
    if apart:
        monkeypatch.setattr(lists, "SLICE_ROWS", 1)
    rows = [f"ana@example.com,{state},{SECOND}\n" for state in (stricter, "granted")]
    made = bring(MARKETING + "".join(rows if is_first else reversed(rows)), repeats="each")
    assert [state for state, _ in states(made.shop).values()] == [stricter]
    assert clean(made.shop)


@pytest.mark.parametrize("order", [1, -1])
def test_of_what_nobody_dates_the_strictest_counts_in_whatever_slices(bring, monkeypatch, order):
    monkeypatch.setattr(lists, "SLICE_ROWS", 1)
    rows = ["ana@example.com,yes,\n", "bo@example.com,yes,\n", "ana@example.com,pending,\n"][::order]
    shop = bring(MARKETING + "".join(rows)).shop
    assert {key[0]: state for key, (state, _) in states(shop).items()} == {"ana": "pending", "bo": "granted"}
    again = bring(MARKETING + "bo@example.com,pending,\n")
    assert {state for state, _ in states(shop).values()} == {"pending"}
    assert again.counts["consents"]["email.marketing"]["lost"] == 1
    assert clean(shop)


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "UTC"])
def test_a_no_of_before_all_time_is_later_than_a_yes_that_nobody_dates(bring, zone):
    shop = bring(MARKETING + "ana@example.com,yes,\n", zone=zone).shop
    bring(MARKETING + "ana@example.com,no,1970-01-01T00:00:00\n")
    assert [state for state, _ in states(shop).values()] == ["withdrawn"]
    assert clean(shop)


def test_a_no_without_a_date_is_later_than_a_yes_of_a_clock_that_is_ahead(bring):
    ahead = (timezone.now() + timedelta(minutes=8)).isoformat()
    made = bring(MARKETING + f"ana@example.com,no,\nana@example.com,yes,{ahead}\n", repeats="each")
    assert [state for state, _ in states(made.shop).values()] == ["withdrawn"]
    assert clean(made.shop)


def test_a_row_that_names_two_people_withdraws_for_both_and_grants_for_neither(bring):
    def counting():
        with shop_scope(shop):
            numbers = dict(Identifier.objects.filter(kind="external").values_list("customer_id", "value"))
            return {numbers[pk]: state for pk, state in Consent.objects.values_list("customer_id", "state")}

    head = "customer_id,email,phone,consent.email.marketing\n"
    shop = bring(head + "A,ana@example.com,,\nB,bea@example.com,+442079460958,\nC,cat@example.com,,\n").shop
    made = bring(head + "A,bea@example.com,,yes\nC,,+442079460958,yes\nB,bea@example.com,,yes\n")
    assert counting() == {"B": "granted"}
    assert made.told == {(2, "identifier_taken"), (3, "identifier_taken")}
    rows = "A,bea@example.com,,no\nD,cat@example.com,,no\nE,new@example.com,,yes\nF,new@example.com,,no\n"
    made = bring(head + rows)
    assert counting() == dict.fromkeys("ABCDEF", "withdrawn")
    undo(shop, made.job)
    assert counting() == {"B": "granted"}
    assert clean(shop)


EVERY = {"marketing", "reviews", "surveys", "topic:tea-news"}
ALL = {
    # A heading, and which consents by e-mail a yes takes back
    "Unsubscribed from all email": EVERY,
    "Do Not Email": EVERY,
    "Email blocklisted": EVERY,
    "Unsubscribed from all marketing emails": {"marketing"},
    "Email Opt Out": {"marketing"},
}


@pytest.mark.parametrize("heading", ALL)
def test_who_wants_no_email_at_all_gets_none_of_any_topic(bring, heading):
    bring("Email,Name,Tags\nana@example.com,Ana,vip\n")
    shop = Shop.objects.get(slug="case")
    with shop_scope(shop):
        add_topic("tea-news", "Tea", by=None, now=timezone.now())
    bring(f"Email,Name,{heading}\nana@example.com,Ana,yes\n")
    with shop_scope(shop):
        said = Consent.objects.filter(channel="email").values_list("purpose", "state")
        assert {purpose for purpose, state in said if state == "withdrawn"} == ALL[heading]


def test_a_list_with_a_column_of_consent_keeps_its_names(bring):
    made = bring("Email,Name,Tags,Customer ID,Email Marketing Consent\nana@example.com,Ana Ruiz,vip,C7,SUBSCRIBED\n")
    assert (made.job.preset, made.names) == ("generic", {"Ana Ruiz"})
    with shop_scope(made.shop):
        assert Consent.objects.get().state == "granted"
