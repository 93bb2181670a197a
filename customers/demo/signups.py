"""The demo shops have sign-up forms, and what was sent with them."""

from datetime import timedelta

from crm.shops.demo_steps import DemoShop, DemoStep, Tell
from crm.tenancy.scope import shop_scope
from customers.demo.consents import TOPICS
from customers.models import ConsentText, Identifier, Signup, SignupForm
from customers.signups.actions import add_form, change_settings, confirm

FORMS = (
    {
        "code": "footer",
        "name": "Footer of the shop",
        "language": "en",
        "heading": "News from our tea table",
        "intro": "New teas, recipes and workshops, about once a week.",
        "asks": ["name"],
        "purposes": ["marketing", *(f"topic:{code}" for code, _ in TOPICS)],
        "thanks": "Welcome! The kettle is on.",
        "text": "footer-2-en",
    },
    {
        "code": "xincha",
        "name": "Chinese footer",
        "language": "zh-hans",
        "heading": "新茶消息",
        "intro": "新茶、食谱和工作坊，大约每周一封。",
        "asks": ["name", "phone"],
        "purposes": ["marketing"],
        "thanks": "欢迎！水已经烧上了。",
        "text": "footer-2-zh",
    },
)
# Name, address (of somebody who buys there where it is empty), days ago, what became of it.
SIGNUPS = (
    ("", "", 9, Signup.State.CONFIRMED, ""),
    ("", "", 6, Signup.State.CONFIRMED, ""),
    ("Jonas Weber", "jonas.weber@example.com", 4, Signup.State.WAITING, ""),
    ("BUY NOW", "offers@example.net", 3, Signup.State.SPAM, Signup.Note.TRAP),
    ("x", "bot@example.net", 3, Signup.State.SPAM, Signup.Note.TOO_FAST),
    ("陈静", "chen.jing@example.com", 1, Signup.State.WAITING, ""),
)


def _fill(demo: DemoShop, tell: Tell) -> None:
    """No mail goes out: those who wait have got theirs. Nobody new comes, so that the figures stay as they are."""
    with shop_scope(demo.shop):
        texts = {text.version: text for text in ConsentText.objects.all()}
        form, chinese = (add_form({**each, "text": texts[str(each["text"])]}, by=None, now=demo.now) for each in FORMS)
        change_settings({"colour": "#2f6f4f"}, by=None)
        emails = Identifier.objects.filter(kind="email").select_related("customer").order_by("pk")
        known = iter(list(emails[20:30]))
        for name, email, days, state, note in SIGNUPS:
            who = None if email else next(known, None)
            if not email and who is None:
                continue
            sent_at = demo.now - timedelta(days=days, minutes=13)
            signup = Signup.objects.create(
                shop=demo.shop,
                form=chinese if name and not name.isascii() else form,
                text=texts["footer-2-zh" if name and not name.isascii() else "footer-2-en"],
                purposes=["marketing"],
                email=who.value if who else email,
                name=who.customer.name if who else name,
                ip="192.0.2.61",
                state=Signup.State.SPAM if state == Signup.State.SPAM else Signup.State.WAITING,
                note=note,
                sent_at=sent_at,
                mailed_at=None if note else sent_at,
            )
            if state == Signup.State.CONFIRMED:
                confirm(signup, ip="192.0.2.61", now=demo.now)
    tell(1)


def _is_filled() -> bool:
    return SignupForm.objects.exists()


STEP = DemoStep("sign-up forms", 61, "Making sign-up forms", _fill, _is_filled)
