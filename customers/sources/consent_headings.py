"""What headings of others say of consents: columns of who has opted out, and columns that may be about consents.

All that look here at a heading take it as mapping.heading_key() has it: "Email Opt-Out" and "email_opt_out" are one.
"""

import re
from collections.abc import Iterable, Sequence

# Parts of a consent. opt_out: a cell that says yes, or anything but no, is a withdrawal, and no other says a thing.
OPT_OUT, WITHDRAWN_AT = "opt_out", "withdrawn_at"

_ANY_CHANNEL = ("email", "sms")  # of which a heading without a channel speaks
_CHANNELS = (
    (("email",), r"emails?|emailings?|newsletters?|邮件|邮箱"),
    (("post",), r"postalmail|directmail|postal|letters?|邮寄"),
    (("sms",), r"sms|textmessages?|texts?|texting|短信"),
    (("whatsapp",), r"whatsapp"),
    (("wechat",), r"wechat|微信"),
    (("phone",), r"phonecalls?|calls?|calling|phones?|telephone|电话"),
    (("email", "post"), r"mails?|mailings?"),  # "Do Not Mail" is said of letters, too
)
# Words that change nothing of what a heading says.
_FILLERS = (
    r"is|has|have|was|been|are|the|from|of|to|all|any|for|by|via|in|my|contacts?|customers?|subscribers?|members?|users?|"
    r"global|globally|status|flag|marketing|advertising|ads|bulk|promotions?|promotional|promo|campaigns?|"
    r"communications?|messages?|messaging|information|info|lists?|reasons?|yesno|yn|是否|已|营销|推广|广告|客户|会员|原因"
)
_DATES = r"at|on|am|le|date|dates|datetime|time|timestamp|when|utc|gmt|时间|日期"
_SAYS_OUT = (
    r"opt(?:ed|ing)?outs?|unsubscribe[ds]?|unsubs?|unsubscription|unsubscribing|"
    r"blocklist(?:ed)?|blacklist(?:ed)?|suppress(?:ed|ions?)|"
    r"do(?:es)?not(?:want|wish|allow|receive|accept|send|market|contact|disturb|(?:bulk)?(?=e?mail|call|phone|text|sms|postal))|"
    r"dont(?:send|contact|(?=e?mail|call|text|sms))|nomarketing|noe?mails?|nosms|notexts?|nonewsletters?|"
    r"spamcomplaints?|complained|markedasspam|reportedspam|"
    r"退订|拒收|拒绝接收|不接收|不接受|取消订阅|黑名单|拉黑|免打扰|"
    r"abgemeldet|abbestellt|désabonnée?|désinscrite?|desuscrit[oa]|dad[oa]debaja|disiscritt[oa]|uitgeschreven|"
    r"wypisan[ya]|отписан[а]?|отписался"
)
_ANY = "|".join((_FILLERS, *(words for _, words in _CHANNELS)))
# "c" ends the names of Salesforce's custom fields; HubSpot says behind "email" of what.
_OPT_OUT = re.compile(
    rf"(?P<first>date|time|when)?(?:{_ANY})*(?:{_SAYS_OUT})(?:{_ANY})*(?P<last>(?:{_DATES})+)?c?\Z|"
    rf"(?:has)?optedoutofemail"
)
_OF_ALL = re.compile(
    r"all(?!ow)|global|donot|doesnot|dont|blocklist|blacklist|suppress|noe?mail|nosms|notexts?|complain|spam|"
    r"全部|所有|黑名单|拉黑|免打扰|拒收|拒绝接收"
)
_OF_MARKETING = re.compile(r"marketing|advertis|promo|newsletter|bulk|campaign|营销|推广|广告")
_MAX_KEY = 100
_SAYS_UNSUBSCRIBED = re.compile(r"unsub|abgemeldet|abbestellt|退订|取消订阅")

_MAY_BE = re.compile(
    r"consent|accepts|opt.?in|opt(?:ed)?.?(?:in|out)|subscri|unsub|newsletter|permission|block.?list|black.?list|"
    r"suppress|do(?:es)?.?no?.?t.?(?:bulk.?)?(?:e.?mail|mail|contact|call|text|sms|send|phone|market)|"
    r"\bno.?(?:e.?mails?|marketing|sms)\b|(?:e.?mail|sms|marketing|contact).?stat(?:us|e)|mailable|"
    r"订阅|同意|退订|拒收|黑名单|拉黑|免打扰",
    re.IGNORECASE,
)
_IS_NONE = re.compile(r"\burl\b|link|token|\brate\b|count\b|fax", re.IGNORECASE)

# Headings of states that are consents only where the cells say so: elsewhere they are the state of something else.
STATE_HEADINGS = {
    "consent.email.marketing": (
        "email marketing status", "email subscription status", "email status", "newsletter status",
        "subscription status", "subscriber status", "marketing status", "email permission status", "contact status",
        "member status", "status", "订阅状态", "邮件订阅状态",
    ),
    "consent.sms.marketing": (
        "sms marketing status", "sms subscription status", "sms status", "短信订阅状态",
    ),
}  # fmt: skip
# What no column holds but one of consents.
_SURE_WORDS = frozenset((
    "subscribed", "unsubscribed", "nonsubscribed", "notsubscribed", "neversubscribed", "optedin", "optedout", "optin",
    "optout", "blocklisted", "blacklisted", "已订阅", "未订阅", "已退订",
))  # fmt: skip


def opt_out_part(key: str) -> str:
    """OPT_OUT or WITHDRAWN_AT if that is what the column holds, "" for any other."""
    found = _OPT_OUT.match(key) if len(key) <= _MAX_KEY else None
    if not found:
        return ""
    return WITHDRAWN_AT if found["first"] or found["last"] else OPT_OUT


def is_of_all(key: str) -> bool:
    """Whether who has opted out by such a column wants nothing of that channel, for whatever purpose."""
    return bool(_OF_ALL.search(key)) and not _OF_MARKETING.search(key)


def _channels(key: str) -> tuple[str, ...]:
    found: dict[str, bool] = {}
    rest = key
    for channels, words in _CHANNELS:
        if re.search(words, rest):
            found |= dict.fromkeys(channels, True)
            rest = re.sub(words, " ", rest)
    return tuple(found) or (("email",) if _SAYS_UNSUBSCRIBED.search(key) else _ANY_CHANNEL)


def opt_outs_in(header: Sequence[str], keys: Sequence[str]) -> dict[str, str]:
    """Columns of who has opted out by what they are, several for one joined with "+"; of headings there twice none."""
    found: dict[str, list[str]] = {}
    for heading, key in zip(header, keys, strict=True):
        part = opt_out_part(key)
        if part and keys.count(key) == 1 and "+" not in heading:
            for channel in _channels(key):
                found.setdefault(f"consent.{channel}.marketing.{part}", []).append(heading)
    return {name: "+".join(headings) for name, headings in found.items()}


def says_consent(keys: Iterable[str]) -> bool:
    """Whether cells, as heading_key() has them, are surely the states of consents."""
    return any(key in _SURE_WORDS for key in keys)


def may_be_consent(heading: str) -> bool:
    """Whether the heading, as the file has it, may be of a column of consents."""
    return bool(_MAY_BE.search(heading)) and not _IS_NONE.search(heading)
