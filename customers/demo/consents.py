"""The demo shops have consents with histories, topics, texts, and some addresses that bounce."""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta

from crm.shops.audit.chain import record
from crm.shops.demo_steps import DemoShop, DemoStep, Tell
from crm.tenancy.scope import shop_scope
from customers.consent.actions import add_text, add_topic, suppress
from customers.consent.recording import ConsentIn, append
from customers.domain.consent import COMPLAINT, GRANTED, HARD_BOUNCE, PENDING, WITHDRAWN
from customers.models import ConsentText, Customer, Identifier

CHUNK = 1000
EXAMPLE_NAME = "王小明"  # whom documents and pages give as the example
TOPICS = (("new-teas", "New teas"), ("recipes", "Recipes"), ("workshops", "Workshops"))
TEXTS = (
    ("footer-1-en", "en", "Yes, send me news and offers by e-mail. I can unsubscribe in every mail."),
    (
        "footer-2-en",
        "en",
        "Yes, send me news and offers by e-mail, about once a week. I can unsubscribe in every mail, or write to"
        " hello@example.com.",
    ),
    ("footer-2-zh", "zh-hans", "我同意接收新品和优惠邮件，大约每周一封。每封邮件都可以一键退订。"),
    ("checkout-1-en", "en", "Text me about my orders and, now and then, about offers. Reply STOP to end it."),
)


def _fill(demo: DemoShop, tell: Tell) -> None:
    with shop_scope(demo.shop):
        people = list(Customer.objects.exclude(first_order_at=None).order_by("pk"))
        contacts: dict[int, dict[str, str]] = {}
        for customer_id, kind, value in Identifier.objects.values_list("customer_id", "kind", "value").order_by("pk"):
            contacts.setdefault(customer_id, {})[kind] = value
    source = random.Random("huitou consents")  # noqa: S311  # invented people, no secrets
    with shop_scope(demo.shop):
        for code, name in TOPICS:
            add_topic(code, name, by=None, now=demo.now)
        for version, language, body in TEXTS:
            add_text(version, language, body, by=None, now=demo.now)
        events = 0
        for start in range(0, len(people), CHUNK):
            some = people[start : start + CHUNK]
            said = [
                each
                for person in some
                for each in _said(person, contacts.get(person.pk, {}), demo.now, source)
                if each.at is None or each.at <= demo.now
            ]
            events += len(append(said, now=demo.now).ids)
            tell(min((start + CHUNK) / len(people), 1))
        _suppress(contacts, source, now=demo.now)
        record("demo.consents_invented", by=None, details={"events": events})


def _suppress(contacts: dict[int, dict[str, str]], source: random.Random, *, now: datetime) -> None:
    emails = [("email", known["email"]) for known in contacts.values() if "email" in known]
    for reason, one_in in ((HARD_BOUNCE, 60), (COMPLAINT, 300)):
        suppress(source.sample(emails, len(emails) // one_in), reason, now=now)


def _said(person: Customer, known: dict[str, str], now: datetime, source: random.Random) -> Iterator[ConsentIn]:
    """What one customer said over time: at the check-out, in the footer, and later."""
    first = person.first_order_at or now
    if person.name == EXAMPLE_NAME:
        yield from _example(person, first)
        return
    channel = "email" if "email" in known else "post"
    draw = source.random()
    if draw < 0.6:
        confirmed = first + timedelta(minutes=source.randrange(3, 600))
        version = "" if channel == "post" else source.choice(["footer-1-en", "footer-2-en"])
        asked = ConsentIn(person.pk, channel, "marketing", PENDING, first, "Newsletter form", version)
        if channel == "email":
            yield asked
        if draw < 0.52:
            proof = "Link in the confirmation mail clicked" if channel == "email" else "Box ticked on the order form"
            yield asked._replace(state=GRANTED, at=confirmed, evidence=proof)
            if source.random() < 0.2:
                yield asked._replace(
                    state=WITHDRAWN,
                    at=confirmed + timedelta(days=source.randrange(20, 200)),
                    source="unsubscribe" if channel == "email" else "staff",
                    text_version="",
                )
            if source.random() < 0.25:
                topic = f"topic:{source.choice(TOPICS)[0]}"
                yield ConsentIn(person.pk, channel, topic, GRANTED, confirmed, "preference_centre")
    if "phone" in known and source.random() < 0.5:
        at = first + timedelta(days=source.randrange(0, 30))
        yield ConsentIn(person.pk, "sms", "marketing", GRANTED, at, "Check-out", "checkout-1-en")
    if source.random() < 0.1:
        at = first + timedelta(days=source.randrange(5, 60))
        said = source.choice([GRANTED, WITHDRAWN])
        yield ConsentIn(person.pk, channel, "reviews", said, at, "Check-out")


def _example(person: Customer, first: datetime) -> Iterator[ConsentIn]:
    email = ConsentIn(
        person.pk, "email", "marketing", PENDING, first, "Newsletter form", "footer-2-zh", ip="192.0.2.44"
    )
    yield email
    yield email._replace(state=GRANTED, at=first + timedelta(minutes=7), evidence="确认邮件中的链接已点击")
    yield ConsentIn(
        person.pk, "email", "topic:new-teas", GRANTED, first + timedelta(minutes=9), source="preference_centre"
    )
    called = first + timedelta(days=2)
    yield ConsentIn(person.pk, "wechat", "marketing", GRANTED, called, "staff", evidence="电话中同意加店铺微信")
    yield ConsentIn(person.pk, "sms", "marketing", GRANTED, first, "Check-out", "checkout-1-en")
    yield ConsentIn(person.pk, "sms", "marketing", WITHDRAWN, called, "staff", evidence="来电要求不再发短信")
    yield ConsentIn(person.pk, "email", "surveys", WITHDRAWN, called + timedelta(days=20), "unsubscribe")


def _is_filled() -> bool:
    return ConsentText.objects.exists()


STEP = DemoStep("consents", 60, "Recording consents", _fill, _is_filled)
