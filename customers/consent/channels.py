"""Over which channels and for which purposes customers are contacted: two lists that apps may add to."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from crm.lib.registry import Registry
from customers.models import Topic


@dataclass(frozen=True)
class Channel:
    """One way to reach somebody.

    name: at most 20 characters, lower case. kinds: the kinds of identifiers that are addresses there; none where
    addresses are no identifiers, so that whoever sends has to look for one. icon: of Tabler, outline.
    """

    name: str
    label: Promise
    icon: str
    kinds: tuple[str, ...] = ()


@dataclass(frozen=True)
class Purpose:
    """What somebody is contacted for. needs_consent: else only erased and bounced addresses are left out."""

    name: str
    label: Promise
    needs_consent: bool = True


CHANNELS: Registry[Channel] = Registry("channel")
for _channel in (
    Channel("email", pgettext_lazy("channel", "E-mail"), "mail", ("email",)),
    Channel("sms", pgettext_lazy("channel", "Text message"), "message", ("phone",)),
    Channel("wechat", pgettext_lazy("channel", "WeChat"), "brand-wechat", ("wechat_openid",)),
    Channel("whatsapp", pgettext_lazy("channel", "WhatsApp"), "brand-whatsapp", ("phone",)),
    Channel("phone", pgettext_lazy("channel", "Phone call"), "phone", ("phone",)),
    Channel("post", pgettext_lazy("channel", "Letter post"), "mailbox"),
):
    CHANNELS.register(_channel)

SERVICE, MARKETING = "service", "marketing"
PURPOSES: Registry[Purpose] = Registry("purpose")
for _purpose in (
    Purpose(SERVICE, pgettext_lazy("purpose", "Service"), needs_consent=False),
    Purpose(MARKETING, pgettext_lazy("purpose", "Marketing")),
    Purpose("reviews", pgettext_lazy("purpose", "Asking for reviews")),
    Purpose("surveys", pgettext_lazy("purpose", "Surveys")),
):
    PURPOSES.register(_purpose)

TOPIC = "topic:"


class UnknownChannel(ValueError):
    """No channel of this name is registered."""


class UnknownPurpose(ValueError):
    """Neither a registered purpose nor a topic of the shop."""


def channel(name: str) -> Channel:
    """Raises UnknownChannel."""
    if (known := CHANNELS.get(name)) is None:
        raise UnknownChannel(name)
    return known


def needs_consent(purpose: str) -> bool:
    """Topics always do. Raises UnknownPurpose for one that is neither registered nor a topic by its form."""
    if purpose.startswith(TOPIC):
        return True
    if (known := PURPOSES.get(purpose)) is None:
        raise UnknownPurpose(purpose)
    return known.needs_consent


def purpose_of(topic: Topic) -> str:
    """The purpose that a topic is."""
    return f"{TOPIC}{topic.code}"


def purposes_asked() -> dict[str, str]:
    """Name and label of each purpose that needs consent in the shop in scope: the registered ones, then its topics,
    closed ones too.
    """
    registered = {purpose.name: str(purpose.label) for purpose in PURPOSES if purpose.needs_consent}
    return registered | {purpose_of(topic): topic.name for topic in Topic.objects.order_by("name", "pk")}
